/* docs/openapi.json and the table of routes say the same. MIZAN_SOURCE is the source root. */
#include "http/route.h"

#include "base/file.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static json_t *openapi;

static int load(void **state)
{
    (void)state;
    struct error err = {0};
    AUTO(bytes) struct bytes content = {0};
    AUTO(text) char *path = text_format("%s/docs/openapi.json", getenv("MIZAN_SOURCE"));
    if (!file_read(path, 1 << 20, &content, &err))
        fail_msg("%s", err.text);
    openapi = json_read((const char *)content.data, content.size, 1 << 20, &err);
    if (!openapi)
        fail_msg("%s", err.text);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    json_decref(openapi);
    return 0;
}

static json_t *operation_of(const struct route *route)
{
    char method[8] = {0};
    for (size_t i = 0; route->method[i] && i + 1 < sizeof method; i++)
        method[i] = (char)(route->method[i] | 0x20);
    return json_object_get(json_object_get(json_object_get(openapi, "paths"), route->path), method);
}

static void every_route_is_described(void **state)
{
    (void)state;
    for (size_t i = 0; route_at(i); i++) {
        if (!operation_of(route_at(i)))
            fail_msg("%s %s is not in docs/openapi.json", route_at(i)->method, route_at(i)->path);
    }
}

static void nothing_else_is_described(void **state)
{
    (void)state;
    size_t described = 0, routes = 0;
    const char *path;
    json_t *methods;
    while (route_at(routes))
        routes++;
    json_object_foreach (json_object_get(openapi, "paths"), path, methods) {
        described += json_object_size(methods) - (json_object_get(methods, "parameters") ? 1 : 0);
    }
    assert_int_equal(described, routes);
    assert_string_equal(json_string_value(json_object_get(openapi, "openapi")), "3.1.0");
}

static void the_roles_are_those_of_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; route_at(i); i++) {
        const struct route *route = route_at(i);
        const json_t *roles = json_object_get(operation_of(route), "x-roles");
        uint32_t described = 0;
        size_t index;
        const json_t *word;
        json_array_foreach (roles, index, word) {
            enum role role;
            assert_true(role_read(json_string_value(word), &role));
            described |= 1U << role;
        }
        if (described != route->roles)
            fail_msg("%s %s: the roles differ", route->method, route->path);
        bool is_open = json_array_size(json_object_get(operation_of(route), "security")) == 0;
        assert_int_equal(is_open, !route_needs_session(route));
    }
}

static void the_statements_are_those_of_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; route_at(i); i++) {
        const struct route *route = route_at(i);
        const char *described = json_string_value(json_object_get(operation_of(route), "x-statement"));
        if (!described != !route->statement || (described && strcmp(described, route->statement) != 0))
            fail_msg("%s %s: the statements differ", route->method, route->path);
        bool has_body = json_object_get(operation_of(route), "requestBody") != NULL;
        assert_int_equal(has_body, route->body != BODY_NONE);
    }
}

static void every_reference_leads_somewhere(const json_t *value)
{
    const char *key;
    const json_t *item;
    size_t index;
    if (json_is_array(value)) {
        json_array_foreach (value, index, item)
            every_reference_leads_somewhere(item);
    }
    if (!json_is_object(value))
        return;
    json_object_foreach ((json_t *)(uintptr_t)value, key, item) {
        if (strcmp(key, "$ref") != 0) {
            every_reference_leads_somewhere(item);
            continue;
        }
        char kind[32] = {0}, name[64] = {0};
        assert_int_equal(sscanf(json_string_value(item), "#/components/%31[^/]/%63s", kind, name), 2);
        if (!json_object_get(json_object_get(json_object_get(openapi, "components"), kind), name))
            fail_msg("%s leads nowhere", json_string_value(item));
    }
}

static void a_statement_s_room_is_the_desk_s(void **state)
{
    (void)state;
    static const struct {
        const char *schema;
        json_int_t limit;
    } cases[] = {{"Envelope", STATEMENT_LIMIT}, {"RosterEnvelope", ROSTER_LIMIT}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_int_t most = 0;
        json_t *schemas = json_object_get(json_object_get(openapi, "components"), "schemas");
        assert_int_equal(json_unpack(schemas, "{s:{s:{s:{s:I}}}}", cases[i].schema, "properties", "statement",
                             "maxLength", &most),
            0);
        assert_int_equal(most, cases[i].limit);
    }
}

static void references_lead_somewhere(void **state)
{
    (void)state;
    every_reference_leads_somewhere(openapi);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_described),
        cmocka_unit_test(nothing_else_is_described),
        cmocka_unit_test(the_roles_are_those_of_the_table),
        cmocka_unit_test(the_statements_are_those_of_the_table),
        cmocka_unit_test(a_statement_s_room_is_the_desk_s),
        cmocka_unit_test(references_lead_somewhere),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
