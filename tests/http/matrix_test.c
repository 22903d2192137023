/* Every route by every role, generated from the table: a new route or role is tested without further work. */
#include "desk.h"
#include "example.h"
#include "schema.h"

#include "base/clock.h"
#include "base/text.h"
#include "http/route.h"

#include <stdlib.h>

static json_t *openapi;

static int setup(void **state)
{
    openapi = schema_load();
    assert_non_null(openapi);
    desk_setup(state);
    struct desk *desk = *state;
    desk->service.sessions.burst = desk->service.addresses.burst = INT32_MAX;
    desk->service.sessions.a_second = desk->service.addresses.a_second = 1000000;
    return 0;
}

static int teardown(void **state)
{
    json_decref(openapi);
    return desk_teardown(state);
}

/* Ids of the example statements, so that path and statement speak of the same thing. */
static void fill_path(const struct route *route, char out[static 128])
{
    static const struct {
        const char *name, *value;
    } values[] = {{"{entry}", "e-000000000000000z"}, {"{operation}", "op-000000000000000z"},
        {"{alert}", "a-000000000000000z"}};
    size_t used = 0;
    for (const char *at = route->path; *at && used + 32 < 128;) {
        const char *value = NULL;
        size_t length = *at == '{' ? strcspn(at, "}") + 1 : 1;
        for (size_t i = 0; *at == '{' && i < COUNT_OF(values); i++) {
            if (strncmp(at, values[i].name, length) == 0)
                value = values[i].value;
        }
        if (*at == '{')
            used += (size_t)snprintf(out + used, 128 - used, "%s", value ? value : "probe");
        else
            out[used++] = *at;
        at += length;
    }
    out[used] = '\0';
}

static char *statement_by(struct desk *desk, enum person person, const char *name, json_t *fields)
{
    return desk_statement(desk, person, name, fields);
}

/* A body that has the route's form. */
static char *body_of(struct desk *desk, enum person person, const struct route *route)
{
    if (route->body == BODY_ENVELOPE)
        return statement_by(
            desk, person, route->statement, example_fields(statement_type_find(route->statement)));
    return route->body == BODY_JSON ? memory_copy_text("{}") : NULL;
}

static bool may(enum person person, const struct route *route)
{
    const uint32_t roles = 1U << person_role(person);
    return route->access != ACCESS_SIGNED_IN || route->roles == 0 || (route->roles & roles);
}

static void ask(
    struct desk *desk, enum person person, const struct route *route, const char *body, struct reply *reply)
{
    char path[128];
    fill_path(route, path);
    const struct ask asked = {
        .method = route->method, .path = path, .token = desk->token[person], .body = body};
    desk_ask(desk, &asked, reply);
}

static bool is_role_refusal(const struct reply *reply)
{
    return reply->status == 403 &&
           memmem(reply->body.data, reply->body.size, "has no role that may do this", 28);
}

/* Leaving would end the sessions that the rest of the test needs; pictures go to a process that does not run
 * here. */
static bool is_left_out(const struct route *route)
{
    return strcmp(route->path, "/api/v1/sessions/current") == 0 || route->body == BODY_PHOTO;
}

static void each_route_answers_each_role_as_the_table_says_and_in_the_described_form(void **state)
{
    struct desk *desk = *state;
    size_t asked = 0, refused = 0;
    for (size_t i = 0; route_at(i); i++) {
        const struct route *route = route_at(i);
        for (enum person person = 0; person < PEOPLE; person++) {
            if (is_left_out(route) && may(person, route))
                continue;
            AUTO(reply) struct reply reply = {0};
            AUTO(text) char *body = body_of(desk, person, route);
            char why[512];
            ask(desk, person, route, body, &reply);
            if (is_role_refusal(&reply) == may(person, route) ||
                (reply.status == 401 && route->access == ACCESS_SIGNED_IN))
                fail_msg("%s %s by %s: %d", route->method, route->path, person_id(person), reply.status);
            if (reply.status >= 500 && reply.status != 503)
                fail_msg("%s %s by %s: %d", route->method, route->path, person_id(person), reply.status);
            if (!schema_allows(openapi, route, &reply, why, sizeof why))
                fail_msg("%s", why);
            asked++;
            refused += !may(person, route);
        }
    }
    assert_true(asked > 400 && refused > 200);
}

static int64_t records(struct desk *desk)
{
    AUTO(text) char *note = ledger_checkpoint(desk->site.ledger, NULL);
    return note ? strtoll(strchr(note, '\n') + 1, NULL, 10) : -1;
}

static enum person person_for(const struct route *route)
{
    for (enum person person = 0; person < PEOPLE; person++) {
        if (may(person, route))
            return person;
    }
    return PEOPLE;
}

/* A statement of this type but for what `fields` say otherwise. */
static char *forge(struct desk *desk, enum person person, const char *type, json_t *fields)
{
    AUTO(json)
    json_t *all = json_pack("{s:s, s:s, s:s, s:I}", "type", type, "site", desk->site.name, "by",
        person_id(person), "at", (json_int_t)clock_now_s());
    json_object_update_missing(fields, all);
    return desk_forge(desk, person, fields);
}

/* The statement that a route takes, and what stands around it in the body. */
struct signed_body {
    const char *statement, *before, *after;
};

static struct signed_body signed_body_of(const struct route *route)
{
    static const struct {
        const char *path;
        struct signed_body body;
    } inside[] = {{"/api/v1/roster", {"roster_adoption", "{\"roster\":{},\"adoption\":", "}"}},
        {"/api/v1/imports/proposals", {"entry_proposal", "", ""}},
        {"/api/v1/cameras", {"camera", "{\"credentials\":\"\",\"envelope\":", "}"}}};
    for (size_t i = 0; i < COUNT_OF(inside); i++) {
        if (strcmp(route->method, "POST") == 0 && strcmp(route->path, inside[i].path) == 0)
            return inside[i].body;
    }
    bool is_action = route->body == BODY_ENVELOPE && route->access == ACCESS_SIGNED_IN;
    return (struct signed_body){is_action ? route->statement : NULL, "", ""};
}

/* Of many lines each is refused by itself. */
static bool is_form_refusal(const struct route *route, const struct reply *reply)
{
    static const char invalid[] = "\"code\":\"invalid\"";
    if (route->body == BODY_LINES)
        return reply->status == 200 && memmem(reply->body.data, reply->body.size, invalid, strlen(invalid));
    return reply->status == 400 || reply->status == 413;
}

static void expect_refusal(
    struct desk *desk, enum person person, const struct route *route, json_t *fields, const char *what)
{
    AUTO(reply) struct reply reply = {0};
    const struct signed_body form = signed_body_of(route);
    AUTO(text) char *statement = forge(desk, person, form.statement, fields);
    AUTO(text) char *body = text_format("%s%s%s", form.before, statement, form.after);
    ask(desk, person, route, body, &reply);
    if (!is_form_refusal(route, &reply))
        fail_msg("%s %s with %s: %d", route->method, route->path, what, reply.status);
}

static size_t try_field(struct desk *desk, enum person person, const struct route *route,
    const struct statement_type *type, const struct form *field)
{
    size_t tried = 0;
    for (json_t *wrong; (wrong = example_wrong(field, tried)); tried++) {
        AUTO(json) json_t *fields = example_fields(type);
        json_object_set_new(fields, field->name, wrong);
        AUTO(text) char *what = text_format("wrong value %zu of '%s'", tried, field->name);
        expect_refusal(desk, person, route, fields, what);
    }
    if (field->may_lack || field->former)
        return tried;
    AUTO(json) json_t *without = example_fields(type);
    json_object_del(without, field->name);
    expect_refusal(desk, person, route, without, field->name);
    return tried + 1;
}

static void every_field_of_every_signed_action_is_held_to_its_form_and_nothing_is_recorded(void **state)
{
    struct desk *desk = *state;
    int64_t before = records(desk);
    size_t tried = 0;
    for (size_t i = 0; route_at(i); i++) {
        const struct route *route = route_at(i);
        const char *statement = signed_body_of(route).statement;
        if (!statement)
            continue;
        enum person person = person_for(route);
        const struct statement_type *type = statement_type_find(statement);
        for (const struct form *field = type->fields; field->name; field++)
            tried += try_field(desk, person, route, type, field);
        AUTO(json) json_t *more = example_fields(type);
        json_object_set_new(more, "unheard_of", json_true());
        expect_refusal(desk, person, route, more, "a field more");
    }
    assert_true(tried > 400);
    assert_int_equal(records(desk), before);
}

/* 413: of a table a single line can be too long. Signed lines are answered one by one, each with its reason.
 */
static bool is_body_refusal(const struct route *route, const struct reply *reply)
{
    static const char none[] = "\"good\":0";
    if (reply->status == 200)
        return route->body == BODY_LINES && memmem(reply->body.data, reply->body.size, none, strlen(none));
    return reply->status == 400 || (route->body == BODY_CSV && reply->status == 413);
}

static void every_body_that_is_a_bomb_or_broken_is_refused_by_every_route_that_takes_one(void **state)
{
    struct desk *desk = *state;
    int64_t before = records(desk);
    static char nest[60001], wide[60001], number[20001], escaped[60001];
    memset(nest, '[', sizeof nest - 1);
    for (size_t i = 0; i + 6 < sizeof nest; i += 6)
        memcpy(nest + i, "{\"a\":[", 6);
    size_t used = (size_t)snprintf(wide, sizeof wide, "{");
    for (size_t i = 0; used + 16 < sizeof wide; i++)
        used += (size_t)snprintf(wide + used, sizeof wide - used, "\"%zx\":0,", i);
    snprintf(wide + used - 1, sizeof wide - used + 1, "}");
    memset(number, '9', sizeof number - 1);
    memcpy(number, "{\"a\":", 5);
    number[sizeof number - 2] = '}';
    memset(escaped, 0, sizeof escaped);
    strcpy(escaped, "{\"as\":\"");
    for (size_t i = 7; i + 10 < sizeof escaped; i += 6)
        memcpy(escaped + i, "\\uD800", 6);
    const char *const bodies[] = {nest, wide, number, escaped, "", "{", "[]", "null", "\"x\"",
        "{\"a\":1e9999}", "{\"a\":1,\"a\":2}", "{\"\\u0000\":1}", "\xef\xbb\xbf{}", "{}{}",
        "{\"statement\":\"{}\",\"key\":\"\",\"signature\":\"\"}"};
    for (size_t i = 0; route_at(i); i++) {
        const struct route *route = route_at(i);
        if (route->body == BODY_NONE || route->body == BODY_PHOTO)
            continue;
        for (size_t body = 0; body < COUNT_OF(bodies); body++) {
            AUTO(reply) struct reply reply = {0};
            ask(desk, person_for(route), route, bodies[body], &reply);
            if (!is_body_refusal(route, &reply))
                fail_msg("%s %s, body %zu: %d", route->method, route->path, body, reply.status);
        }
    }
    assert_int_equal(records(desk), before);
}

/* Of '[': nothing of that size is read as anything. */
static void ask_of_size(struct desk *desk, const struct route *route, size_t size, struct reply *reply)
{
    AUTO(text) char *body = memory_allocate(size + 1, 1);
    char path[128], length[24];
    memset(body, '[', size);
    fill_path(route, path);
    snprintf(length, sizeof length, "%zu", size);
    const struct ask asked = {.method = route->method,
        .path = path,
        .token = desk->token[person_for(route)],
        .body = size <= route_body_limit(route) ? body : NULL,
        .head = {.content_length = length}};
    desk_ask(desk, &asked, reply);
}

static void no_route_reads_more_than_its_limit_and_nonsense_up_to_it_is_refused(void **state)
{
    struct desk *desk = *state;
    int64_t before = records(desk);
    for (size_t i = 0; route_at(i); i++) {
        const struct route *route = route_at(i);
        AUTO(reply) struct reply over = {0};
        AUTO(reply) struct reply full = {0};
        ask_of_size(desk, route, route_body_limit(route) + 1, &over);
        if (over.status != 413)
            fail_msg("%s %s reads more than its limit: %d", route->method, route->path, over.status);
        if (route->body == BODY_NONE || route->body == BODY_PHOTO)
            continue;
        ask_of_size(desk, route, route_body_limit(route), &full);
        if (!is_body_refusal(route, &full))
            fail_msg("%s %s, full of nonsense: %d", route->method, route->path, full.status);
    }
    assert_int_equal(records(desk), before);
}

static void no_parameter_climbs_or_carries_more_than_an_id(void **state)
{
    struct desk *desk = *state;
    static const char *const parts[] = {"..", ".", "%2e%2e", "a/b", "a\\b", "a b", "a\r\nSet-Cookie: x=y",
        "a\n", "A", "a'--", "a;b", "a?b", "a#b", "é", "a\x01", "",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; route_at(i); i++) {
        const struct route *route = route_at(i);
        const char *brace = strchr(route->path, '{');
        for (size_t part = 0; brace && part < COUNT_OF(parts); part++) {
            AUTO(text)
            char *path = text_format(
                "%.*s%s%s", (int)(brace - route->path), route->path, parts[part], strchr(brace, '}') + 1);
            const struct ask asked = {
                .method = route->method, .path = path, .token = desk->token[person_for(route)]};
            int status = desk_status(desk, &asked, NULL);
            if (status != 404)
                fail_msg("%s %s: %d", route->method, path, status);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_route_answers_each_role_as_the_table_says_and_in_the_described_form),
        cmocka_unit_test(every_field_of_every_signed_action_is_held_to_its_form_and_nothing_is_recorded),
        cmocka_unit_test(every_body_that_is_a_bomb_or_broken_is_refused_by_every_route_that_takes_one),
        cmocka_unit_test(no_route_reads_more_than_its_limit_and_nonsense_up_to_it_is_refused),
        cmocka_unit_test(no_parameter_climbs_or_carries_more_than_an_id),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
