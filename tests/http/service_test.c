#include "base/clock.h"
#include "desk.h"

#include "base/file.h"
#include "base/text.h"
#include "http/page_file.h"
#include "http/route.h"
#include "list/presence.h"
#include "list/succession.h"

#include <sys/stat.h>
#include <unistd.h>

static void nobody_gets_anywhere_without_a_session(void **state)
{
    struct desk *desk = *state;
    char path[128];
    for (size_t i = 0; route_at(i); i++) {
        const struct route *route = route_at(i);
        if (!route_needs_session(route))
            continue;
        char *brace = NULL;
        snprintf(path, sizeof path, "%s", route->path);
        while ((brace = strchr(path, '{'))) {
            char rest[128];
            snprintf(rest, sizeof rest, "%s", strchr(brace, '}') + 1);
            snprintf(brace, sizeof path - (size_t)(brace - path), "x%s", rest);
        }
        const struct ask ask = {.method = route->method, .path = path};
        if (desk_status(desk, &ask, NULL) != 401)
            fail_msg("%s %s answers without a session", route->method, route->path);
    }
}

static void the_open_routes_answer_everybody(void **state)
{
    struct desk *desk = *state;
    static const char *const paths[] = {"/", "/page.js", "/page.css", "/urdu-400.woff2", "/api/v1/site",
        "/api/v1/health", "/api/v1/log/checkpoint"};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        const struct ask ask = {.method = "GET", .path = paths[i], .from_elsewhere = true};
        assert_int_equal(desk_status(desk, &ask, NULL), 200);
    }
}

static void unknown_paths_and_wrong_methods_get_their_status(void **state)
{
    struct desk *desk = *state;
    static const struct {
        const char *method, *path;
        int status;
    } cases[] = {{"GET", "/api/v1/nowhere", 404}, {"GET", "/api/v1/search", 404}, {"GET", "/site-key", 404},
        {"GET", "/api/v1/entries/../../etc/passwd", 404}, {"GET", "/../../etc/passwd", 404},
        {"GET", "/api/v1/entries/", 404}, {"GET", "/api/v1/entries/a.b", 404}, {"GET", "", 404},
        {"GET", "/api/v1/alerts/a-1/pictures/probe/x", 404}, {"PATCH", "/api/v1/entries", 405},
        {"DELETE", "/api/v1/site", 405}, {"GET", "/api/v1/challenges", 405}, {"", "/", 405}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct ask ask = {
            .method = cases[i].method, .path = cases[i].path, .token = desk->token[WATCH_OFFICER]};
        int status = desk_status(desk, &ask, NULL);
        if (status != cases[i].status)
            fail_msg("%s %s: %d", cases[i].method, cases[i].path, status);
    }
    AUTO(reply) struct reply reply = {0};
    const struct ask ask = {.method = "PATCH", .path = "/api/v1/presence"};
    desk_ask(desk, &ask, &reply);
    assert_string_equal(reply.allow, "PUT, DELETE, GET");
}

static void a_path_longer_than_the_limit_is_refused(void **state)
{
    struct desk *desk = *state;
    char path[URI_LIMIT + 2];
    memset(path, '/', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    const struct ask ask = {.method = "GET", .path = path};
    assert_int_equal(desk_status(desk, &ask, NULL), 414);
}

static void a_problem_says_what_is_wrong_in_the_shape_of_rfc_9457(void **state)
{
    struct desk *desk = *state;
    AUTO(reply) struct reply reply = {0};
    const struct ask ask = {.method = "GET", .path = "/api/v1/entries"};
    desk_ask(desk, &ask, &reply);
    assert_string_equal(reply.type, "application/problem+json");
    AUTO(json) json_t *problem = json_loadb((const char *)reply.body.data, reply.body.size, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(problem, "type")), "about:blank");
    assert_string_equal(json_string_value(json_object_get(problem, "title")), "Unauthorized");
    assert_int_equal(json_integer_value(json_object_get(problem, "status")), 401);
    assert_string_equal(json_string_value(json_object_get(problem, "code")), "unsigned");
    assert_string_equal(json_string_value(json_object_get(problem, "detail")), "sign in first");
}

static void a_foreign_page_cannot_act_with_somebody_s_session(void **state)
{
    struct desk *desk = *state;
    static const char *const values[] = {"", "0", "11", "1 "};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        const struct ask ask = {.method = "PUT",
            .path = "/api/v1/presence",
            .token = desk->token[REVIEWER],
            .body = "{\"as\":\"reviewer\"}",
            .head = {.mizan = values[i]}};
        assert_int_equal(desk_status(desk, &ask, NULL), 403);
    }
}

static void roles_are_closed(void **state)
{
    struct desk *desk = *state;
    static const struct {
        enum person person;
        const char *method, *path;
        int status;
    } cases[] = {
        {REVIEWER, "GET", "/api/v1/entries", 403},
        {AUDITOR, "GET", "/api/v1/entries", 403},
        {CREW, "GET", "/api/v1/log", 403},
        {WATCH_OFFICER, "GET", "/api/v1/log", 403},
        {AUDITOR, "GET", "/api/v1/log", 200},
        {INSPECTOR, "GET", "/api/v1/log", 200},
        {AUDITOR, "GET", "/api/v1/alerts", 403},
        {DISPATCHER, "POST", "/api/v1/photos", 403},
        {ADMIN, "POST", "/api/v1/entries", 403},
        {WATCH_OFFICER, "POST", "/api/v1/cameras", 403},
        {REVIEWER, "POST", "/api/v1/drafts", 403},
        {REVIEWER, "GET", "/api/v1/packets/a-0000000000000001", 403},
        {WATCH_OFFICER, "GET", "/api/v1/entries", 200},
        {CREW, "GET", "/api/v1/roster", 200},
        {CREW, "GET", "/api/v1/cameras", 200},
        {AUTHORISER, "GET", "/api/v1/operations", 200},
        {REVIEWER, "GET", "/api/v1/alerts", 200},
        {AUDITOR, "GET", "/api/v1/presence", 200},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct ask ask = {
            .method = cases[i].method, .path = cases[i].path, .token = desk->token[cases[i].person]};
        int status = desk_status(desk, &ask, NULL);
        if (status != cases[i].status)
            fail_msg("%s %s by %s: %d", cases[i].method, cases[i].path, person_id(cases[i].person), status);
    }
}

static int send_end(struct desk *desk, enum person session, const char *path, const char *body)
{
    const struct ask ask = {.method = "POST", .path = path, .token = desk->token[session], .body = body};
    return desk_status(desk, &ask, NULL);
}

static void s10_an_action_needs_the_signed_in_officer_s_own_statement_about_that_thing(void **state)
{
    struct desk *desk = *state;
    const char path[] = "/api/v1/operations/op-0000000000000001/end";
    AUTO(text)
    char *own = desk_statement(
        desk, WATCH_OFFICER, "operation_end", json_pack("{s:s}", "operation", "op-0000000000000001"));
    AUTO(text)
    char *theirs = desk_statement(
        desk, AUTHORISER, "operation_end", json_pack("{s:s}", "operation", "op-0000000000000001"));
    AUTO(text)
    char *halt = desk_statement(desk, WATCH_OFFICER, "halt",
        json_pack("{s:s, s:s}", "operation", "op-0000000000000001", "reason", "safety"));
    assert_int_equal(send_end(desk, WATCH_OFFICER, path, own), 404);
    assert_int_equal(send_end(desk, WATCH_OFFICER, path, theirs), 401);
    assert_int_equal(send_end(desk, WATCH_OFFICER, path, halt), 400);
    assert_int_equal(send_end(desk, WATCH_OFFICER, "/api/v1/operations/op-0000000000000002/end", own), 400);
    assert_int_equal(send_end(desk, WATCH_OFFICER, path, "{}"), 400);
    char *signature = strstr(own, "\"signature\":\"") + strlen("\"signature\":\"");
    signature[5] = signature[5] == '0' ? '1' : '0';
    assert_int_equal(send_end(desk, WATCH_OFFICER, path, own), 401);
}

static void broken_bodies_are_told_so(void **state)
{
    struct desk *desk = *state;
    char nest[5001];
    memset(nest, '[', sizeof nest - 1);
    nest[sizeof nest - 1] = '\0';
    const char *const bodies[] = {"", "hello", "[]", "null", "{\"as\":1}",
        "{\"as\":\"reviewer\",\"as\":\"x\"}", "{\"\xc3\x28\":1}", "{\"as\":\"reviewer\",\"more\":1}",
        "{\"as\":\"king\"}", nest, "{\"as\":\"\\u0000\"}"};
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        const struct ask ask = {
            .method = "PUT", .path = "/api/v1/presence", .token = desk->token[REVIEWER], .body = bodies[i]};
        int status = desk_status(desk, &ask, NULL);
        if (status != 400)
            fail_msg("'%.20s': %d", bodies[i], status);
    }
}

static void a_body_is_judged_by_its_stated_length_before_it_is_read(void **state)
{
    struct desk *desk = *state;
    static const struct {
        const char *method, *path, *length, *encoding;
        int status;
    } cases[] = {
        {"PUT", "/api/v1/presence", "65537", NULL, 413},
        {"PUT", "/api/v1/presence", "10485760", NULL, 413},
        {"POST", "/api/v1/challenges", "65537", NULL, 413},
        {"GET", "/api/v1/site", "1", NULL, 413},
        {"PUT", "/api/v1/presence", "-1", NULL, 400},
        {"PUT", "/api/v1/presence", "1x", NULL, 400},
        {"PUT", "/api/v1/presence", "", NULL, 400},
        {"PUT", "/api/v1/presence", "99999999999999999999999", NULL, 400},
        {"PUT", "/api/v1/presence", "10", "chunked", 400},
        {"PUT", "/api/v1/presence", NULL, "identity", 400},
        {"PUT", "/api/v1/presence", NULL, "gzip, chunked", 400},
        {"PUT", "/api/v1/presence", NULL, "", 400},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct ask ask = {.method = cases[i].method,
            .path = cases[i].path,
            .token = desk->token[REVIEWER],
            .head = {.content_length = cases[i].length, .transfer_encoding = cases[i].encoding}};
        int status = desk_status(desk, &ask, NULL);
        if (status != cases[i].status)
            fail_msg("%s of %s: %d", cases[i].path, cases[i].length, status);
    }
    const struct ask photo = {.method = "POST",
        .path = "/api/v1/photos",
        .token = desk->token[WATCH_OFFICER],
        .head = {.content_length = "8388609"}};
    assert_int_equal(desk_status(desk, &photo, NULL), 413);
}

static int ask_often(struct desk *desk, const struct ask *ask, int times)
{
    int refused = 0;
    for (int i = 0; i < times; i++)
        refused += desk_status(desk, ask, NULL) == 429;
    return refused;
}

static void who_asks_too_often_waits_and_keeps_nobody_else_from_asking(void **state)
{
    struct desk *desk = *state;
    struct ask guest = {.method = "GET", .path = "/api/v1/nowhere"},
               officer = {.method = "GET", .path = "/api/v1/roster"};
    officer.token = desk->token[AUDITOR];
    assert_true(ask_often(desk, &guest, REQUESTS_BURST + 200) > 0);
    assert_int_equal(ask_often(desk, &officer, 20), 0);
    assert_true(ask_often(desk, &officer, REQUESTS_BURST + 200) > 0);
    officer.token = desk->token[REVIEWER];
    assert_int_equal(ask_often(desk, &officer, 20), 0);
    guest.head.address[3] = 1;
    assert_int_equal(ask_often(desk, &guest, 20), 0);
    service_init(&desk->service, &desk->site);
}

static void presence_is_confirmed_and_left(void **state)
{
    struct desk *desk = *state;
    const struct ask come = {
        .method = "PUT", .path = "/api/v1/presence", .token = desk->token[CREW], .body = "{\"as\":\"crew\"}"};
    const struct ask look = {.method = "GET", .path = "/api/v1/presence", .token = desk->token[REVIEWER]};
    const struct ask leave = {.method = "DELETE", .path = "/api/v1/presence", .token = desk->token[CREW]};
    json_t *shown = NULL;
    assert_int_equal(desk_status(desk, &come, NULL), 200);
    assert_int_equal(desk_status(desk, &look, &shown), 200);
    assert_int_equal(json_integer_value(json_object_get(shown, "units_free")), 1);
    json_decref(shown);
    assert_int_equal(desk_status(desk, &leave, NULL), 200);
    assert_int_equal(desk_status(desk, &look, &shown), 200);
    assert_int_equal(json_integer_value(json_object_get(shown, "units_free")), 0);
    json_decref(shown);
}

static void the_site_tells_its_public_keys(void **state)
{
    struct desk *desk = *state;
    json_t *shown = NULL;
    char root_key[65];
    hex_write(desk->site.root_key, 32, root_key);
    const struct ask ask = {.method = "GET", .path = "/api/v1/site"};
    assert_int_equal(desk_status(desk, &ask, &shown), 200);
    assert_string_equal(json_string_value(json_object_get(shown, "site")), "demo-one");
    assert_string_equal(json_string_value(json_object_get(shown, "kind")), "demo");
    assert_string_equal(json_string_value(json_object_get(shown, "root_key")), root_key);
    assert_int_equal(strlen(json_string_value(json_object_get(shown, "log_key"))), 64);
    assert_int_equal(json_integer_value(json_object_get(shown, "roster_number")), 1);
    json_decref(shown);
}

static void a_desk_whose_log_cannot_be_written_is_not_ready(void **state)
{
    struct desk *desk = *state;
    const struct ask ask = {.method = "GET", .path = "/api/v1/health"};
    assert_int_equal(desk_status(desk, &ask, NULL), 200);
    desk->site.log_is_down = true;
    assert_int_equal(desk_status(desk, &ask, NULL), 503);
    AUTO(reply) struct reply reply = {0};
    desk_ask(desk, &(struct ask){.method = "GET", .path = "/metrics"}, &reply);
    assert_non_null(memmem(reply.body.data, reply.body.size, "mizan_ready 0\n", 14));
    desk->site.log_is_down = false;
    assert_int_equal(desk_status(desk, &ask, NULL), 200);
}

static void metrics_are_for_this_machine_only(void **state)
{
    struct desk *desk = *state;
    AUTO(reply) struct reply reply = {0};
    struct ask ask = {.method = "GET", .path = "/metrics"};
    desk_ask(desk, &ask, &reply);
    assert_int_equal(reply.status, 200);
    AUTO(text) char *text = text_format("%.*s", (int)reply.body.size, (const char *)reply.body.data);
    assert_non_null(strstr(text, "mizan_replies_total{status=\"2xx\"} "));
    assert_non_null(strstr(text, "mizan_roster_number 1\n"));
    assert_non_null(strstr(text, "mizan_sightings_refused_total 0\n"));
    assert_non_null(strstr(text, "mizan_ready 1\n"));
    assert_non_null(strstr(text, "mizan_connections_ended_total{why=\"late\"} "));
    ask.from_elsewhere = true;
    assert_int_equal(desk_status(desk, &ask, NULL), 403);
}

static void the_page_is_served_from_the_binary_with_its_etag(void **state)
{
    struct desk *desk = *state;
    for (size_t i = 0; i < page_file_count; i++) {
        AUTO(reply) struct reply reply = {0};
        struct ask ask = {.method = "GET", .path = page_files[i].path};
        desk_ask(desk, &ask, &reply);
        assert_int_equal(reply.body.size, page_files[i].size);
        assert_true(reply.stays);
        assert_string_equal(reply.etag, page_files[i].etag);
        ask.head.if_none_match = page_files[i].etag;
        assert_int_equal(desk_status(desk, &ask, NULL), 304);
        ask.head.if_none_match = "\"other\"";
        assert_int_equal(desk_status(desk, &ask, NULL), 200);
        ask.head.build = page_build;
        assert_int_equal(desk_status(desk, &ask, NULL), 200);
        ask.head.build = "of before";
        assert_int_equal(desk_status(desk, &ask, NULL), 404);
    }
    assert_non_null(page_file_find("/"));
}

static void a_picture_of_the_documentation_is_a_png_of_the_site_s_folder_and_nothing_else(void **state)
{
    static const uint8_t png[] = {0x89, 'P', 'N', 'G', 1, 2, 3};
    struct desk *desk = *state;
    struct error err = {0};
    AUTO(text) char *folder = text_format("%s/pictures", desk->folder);
    AUTO(text) char *good = text_format("%s/cast.png", folder);
    AUTO(text) char *key = text_format("%s/key.png", folder);
    desk->site.folder = desk->folder;
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_true(file_write(good, 0600, png, sizeof png, &err));
    assert_true(file_write(key, 0600, "secret", 6, &err));
    AUTO(reply) struct reply reply = {0};
    struct ask ask = {.method = "GET", .path = "/docs/pictures/cast", .from_elsewhere = true};
    desk_ask(desk, &ask, &reply);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.type, "image/png");
    assert_int_equal(reply.body.size, sizeof png);
    static const struct {
        const char *path;
        int status;
    } others[] = {{"/docs/pictures/key", 500}, {"/docs/pictures/other", 404}, {"/docs/pictures/..", 404},
        {"/docs/pictures/cast.png", 404}, {"/docs/pictures/..%2fsite-key", 404}};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        ask.path = others[i].path;
        assert_int_equal(desk_status(desk, &ask, NULL), others[i].status);
    }
    desk->site.folder = NULL;
    unlink(good);
    unlink(key);
    rmdir(folder);
}

static bool never_leaves(struct site *site, const char *officer, struct error *err)
{
    (void)site;
    return (fail)(err, ERROR_CONFLICT, "%s has something open", officer);
}

static void s21_who_signs_out_is_gone_whatever_is_open_and_is_there_no_more(void **state)
{
    struct desk *desk = *state;
    char token[SESSION_TOKEN_SIZE];
    desk_sign_in(desk, DISPATCHER, "", token);
    const struct ask here = {
        .method = "PUT", .path = "/api/v1/presence", .token = token, .body = "{\"as\":\"dispatcher\"}"};
    const struct ask leave = {.method = "DELETE", .path = "/api/v1/presence", .token = token};
    const struct ask sign_out = {.method = "DELETE", .path = "/api/v1/sessions/current", .token = token};
    assert_int_equal(desk_status(desk, &here, NULL), 200);
    desk->site.may_leave = never_leaves;
    assert_int_equal(desk_status(desk, &leave, NULL), 409);
    assert_int_equal(desk_status(desk, &sign_out, NULL), 200);
    assert_int_equal(desk_status(desk, &here, NULL), 401);
    assert_false(presence_is_here(&desk->site, person_id(DISPATCHER), "dispatcher"));
    desk->site.may_leave = NULL;
}

static void a_camera_is_registered_by_the_admin_s_own_statement(void **state)
{
    struct desk *desk = *state;
    AUTO(json) json_t *body = json_pack("{s:s}", "credentials", "");
    AUTO(envelope)
    struct envelope *envelope = desk_sign(desk, ADMIN, "camera",
        json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:i}", "camera", "c-0000000000000001", "name", "Gate",
            "address", "rtsp://127.0.0.1:8554/gate", "latitude_e7", 1, "longitude_e7", 2, "heading_deg", 3,
            "tls", "", "sign_checked_at", (int)clock_now_s()));
    json_object_set_new(body, "envelope", envelope_json(envelope));
    AUTO(text) char *text = json_dumps(body, JSON_COMPACT);
    const struct ask ask = {
        .method = "POST", .path = "/api/v1/cameras", .token = desk->token[ADMIN], .body = text};
    json_t *shown = NULL;
    assert_int_equal(desk_status(desk, &ask, &shown), 200);
    assert_string_equal(json_string_value(json_object_get(shown, "camera")), "c-0000000000000001");
    json_decref(shown);
    const struct ask list = {.method = "GET", .path = "/api/v1/cameras", .token = desk->token[CREW]};
    assert_int_equal(desk_status(desk, &list, &shown), 200);
    assert_int_equal(json_array_size(json_object_get(shown, "cameras")), 1);
    json_decref(shown);
}

/* Puts the same roster in force anew: pointers into the one before are over. */
static void renew_roster(struct desk *desk)
{
    struct error err = {0};
    AUTO(json) json_t *json = envelope_json(roster_envelope(desk->site.roster));
    AUTO(envelope) struct envelope *envelope = envelope_read(json, &err);
    roster_free(desk->site.roster);
    desk->site.roster = roster_read(envelope, desk->site.root_key, desk->site.name, &err);
    assert_non_null(desk->site.roster);
    desk->site.ledger->roster = desk->site.roster;
    assert_true(suspension_load(&desk->site, &err));
}

static void begin_presence(struct desk *desk, struct request *request, const char *bearer)
{
    AUTO(reply) struct reply reply = {0};
    const struct request_head head = {.method = "PUT",
        .path = "/api/v1/presence",
        .authorization = bearer,
        .mizan = "1",
        .content_length = "17"};
    assert_true(service_begin(&desk->service, &head, request, &reply));
}

static int finish_presence(struct request *request)
{
    static uint8_t text[] = "{\"as\":\"reviewer\"}";
    AUTO(reply) struct reply reply = {0};
    service_finish(request, (struct bytes){text, sizeof text - 1}, &reply);
    request_done(request);
    return reply.status;
}

static void s10_who_is_suspended_while_the_body_comes_is_nobody(void **state)
{
    struct desk *desk = *state;
    struct request request;
    AUTO(text) char *bearer = text_format("Bearer %s", desk->token[REVIEWER]);
    begin_presence(desk, &request, bearer);
    renew_roster(desk);
    assert_int_equal(finish_presence(&request), 200);
    begin_presence(desk, &request, bearer);
    AUTO(text)
    char *statement = desk_statement(desk, ADMIN, "suspension",
        json_pack("{s:s, s:s}", "subject", person_id(REVIEWER), "reason", "lost_device"));
    const struct ask ask = {
        .method = "POST", .path = "/api/v1/suspensions", .token = desk->token[ADMIN], .body = statement};
    assert_int_equal(desk_status(desk, &ask, NULL), 200);
    renew_roster(desk);
    assert_int_equal(finish_presence(&request), 401);
}

/* A table of many lines, begun by this person; it waits for its turns. */
static void begin_table(struct desk *desk, enum person person, char bearer[static 96],
    struct request *request, struct reply *reply)
{
    static char table[64 * 1024];
    size_t used = (size_t)snprintf(table, sizeof table,
        "ground,name,father,cnic,born,gender,description,case_kind,case_number,case_section,case_station,"
        "case_dated,case_officer,photo,photo_source,photo_record,photo_dated,expires\n");
    while (used + 40 < sizeof table)
        used += (size_t)snprintf(table + used, sizeof table - used, "too,few\n");
    snprintf(bearer, 96, "Bearer %s", desk->token[person]);
    const struct request_head head = {.method = "POST",
        .path = "/api/v1/imports/csv",
        .mizan = "1",
        .authorization = bearer,
        .from_loopback = true};
    assert_true(service_begin(&desk->service, &head, request, reply));
    service_finish(request, (struct bytes){(uint8_t *)table, used}, reply);
}

static void s3_what_takes_long_is_done_in_turns_between_those_of_the_others(void **state)
{
    struct desk *desk = *state;
    struct request first, second;
    AUTO(reply) struct reply reply = {0};
    AUTO(reply) struct reply refused = {0};
    char bearer[2][96];
    desk->site.turn_us = -1; /* one line a turn */
    begin_table(desk, WATCH_OFFICER, bearer[0], &first, &reply);
    assert_true(reply.waits);
    assert_int_equal(desk_get(desk, REVIEWER, "/api/v1/alerts"), 200);
    assert_false(first.is_answered);
    begin_table(desk, WATCH_OFFICER, bearer[1], &second, &refused);
    assert_false(refused.waits);
    assert_int_equal(refused.status, 503);
    request_done(&second);
    size_t turns = 0;
    for (; reply.waits; turns++) {
        assert_true(service_give_turn(&desk->service));
        if (turns < 2) { /* who has the turn is not driven out of it, either */
            AUTO(reply) struct reply later = {0};
            begin_table(desk, WATCH_OFFICER, bearer[1], &second, &later);
            assert_int_equal(later.status, 503);
            request_done(&second);
        }
        service_go_on(&first, &reply);
    }
    assert_false(service_give_turn(&desk->service));
    assert_true(turns > 1000);
    assert_int_equal(reply.status, 413); /* at last: it has too many lines */
    request_done(&first);
}

static void s3_who_leaves_or_is_signed_out_gives_the_turn_back(void **state)
{
    struct desk *desk = *state;
    struct request left, last;
    AUTO(reply) struct reply reply = {0};
    AUTO(reply) struct reply again = {0};
    char bearer[2][96];
    desk->site.turn_us = -1;
    begin_table(desk, WATCH_OFFICER, bearer[0], &left, &reply);
    assert_true(reply.waits);
    request_done(&left);
    begin_table(desk, WATCH_OFFICER, bearer[1], &last, &again);
    assert_true(again.waits);
    const struct ask sign_out = {
        .method = "DELETE", .path = "/api/v1/sessions/current", .token = desk->token[WATCH_OFFICER]};
    assert_int_equal(desk_status(desk, &sign_out, NULL), 200);
    assert_true(service_give_turn(&desk->service));
    service_go_on(&last, &again);
    assert_int_equal(again.status, 401);
    request_done(&last);
    assert_false(service_give_turn(&desk->service));
}

static void s3_each_line_of_an_import_counts_as_a_request(void **state)
{
    struct desk *desk = *state;
    char lines[2 * 180 + 1]; /* so many that waiting between two of them does not make room for the third */
    for (size_t i = 0; i < sizeof lines - 1; i += 2)
        memcpy(lines + i, "x\n", 2);
    lines[sizeof lines - 1] = '\0';
    const struct ask ask = {.method = "POST",
        .path = "/api/v1/imports/proposals",
        .token = desk->token[WATCH_OFFICER],
        .body = lines};
    assert_int_equal(desk_status(desk, &ask, NULL), 200);
    assert_int_equal(desk_status(desk, &ask, NULL), 200);
    assert_int_equal(desk_status(desk, &ask, NULL), 503);
    assert_int_equal(desk_get(desk, REVIEWER, "/api/v1/alerts"), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_gets_anywhere_without_a_session),
        cmocka_unit_test(the_open_routes_answer_everybody),
        cmocka_unit_test(unknown_paths_and_wrong_methods_get_their_status),
        cmocka_unit_test(a_path_longer_than_the_limit_is_refused),
        cmocka_unit_test(a_problem_says_what_is_wrong_in_the_shape_of_rfc_9457),
        cmocka_unit_test(a_foreign_page_cannot_act_with_somebody_s_session),
        cmocka_unit_test(roles_are_closed),
        cmocka_unit_test(s10_an_action_needs_the_signed_in_officer_s_own_statement_about_that_thing),
        cmocka_unit_test(broken_bodies_are_told_so),
        cmocka_unit_test(a_body_is_judged_by_its_stated_length_before_it_is_read),
        cmocka_unit_test(who_asks_too_often_waits_and_keeps_nobody_else_from_asking),
        cmocka_unit_test_setup_teardown(
            s3_what_takes_long_is_done_in_turns_between_those_of_the_others, desk_setup, desk_teardown),
        cmocka_unit_test_setup_teardown(
            s3_who_leaves_or_is_signed_out_gives_the_turn_back, desk_setup, desk_teardown),
        cmocka_unit_test_setup_teardown(
            s3_each_line_of_an_import_counts_as_a_request, desk_setup, desk_teardown),
        cmocka_unit_test(presence_is_confirmed_and_left),
        cmocka_unit_test(the_site_tells_its_public_keys),
        cmocka_unit_test(a_desk_whose_log_cannot_be_written_is_not_ready),
        cmocka_unit_test(metrics_are_for_this_machine_only),
        cmocka_unit_test(the_page_is_served_from_the_binary_with_its_etag),
        cmocka_unit_test(a_picture_of_the_documentation_is_a_png_of_the_site_s_folder_and_nothing_else),
        cmocka_unit_test(s21_who_signs_out_is_gone_whatever_is_open_and_is_there_no_more),
        cmocka_unit_test(a_camera_is_registered_by_the_admin_s_own_statement),
        cmocka_unit_test(s10_who_is_suspended_while_the_body_comes_is_nobody),
    };
    return cmocka_run_group_tests(tests, desk_setup, desk_teardown);
}
