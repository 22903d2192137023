#include "cli/command_fields.h"

#include "base/clock.h"
#include "sign/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static json_t *fields_of(const char *type, int count, const char *const *words, struct error *err)
{
    struct command_options options;
    json_t *fields = json_object();
    if (!command_options_read(count, (char **)(uintptr_t)words, &options, err) ||
        !command_fields_read(&options, statement_type_find(type)->fields, fields, err)) {
        json_decref(fields);
        return NULL;
    }
    return fields;
}

static void options_become_fields_of_their_kind(void **state)
{
    (void)state;
    static const char *const words[] = {
        "a-1", "--pictures-hash", "ab", "--answer", "same", "--likenesses", "nose,eyes", "--differences", ""};
    struct error err = {0};
    AUTO(json) json_t *fields = fields_of("review", COUNT_OF(words), words, &err);
    AUTO(text) char *text = fields ? json_dumps(fields, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    assert_non_null(text);
    assert_string_equal(text, "{\"answer\":\"same\",\"differences\":[],\"likenesses\":[\"nose\",\"eyes\"],"
                              "\"pictures_hash\":\"ab\"}");
}

static void a_rising_list_is_sorted_and_objects_come_as_json(void **state)
{
    (void)state;
    static const char *const words[] = {
        "--cameras", "bb,aa,cc", "--notice-confirmed", "yes", "--list-size", "12"};
    static const char *const person[] = {"--person", "{\"name\":\"N\"}", "--photos", "[]"};
    struct error err = {0};
    AUTO(json) json_t *fields = fields_of("operation_request", COUNT_OF(words), words, &err);
    AUTO(text) char *text = json_dumps(fields, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(
        text, "{\"cameras\":[\"aa\",\"bb\",\"cc\"],\"list_size\":12,\"notice_confirmed\":true}");
    AUTO(json) json_t *entry = fields_of("entry_proposal", COUNT_OF(person), person, &err);
    assert_string_equal(json_string_value(json_object_get(json_object_get(entry, "person"), "name")), "N");
    assert_int_equal(json_array_size(json_object_get(entry, "photos")), 0);
}

/* Otherwise an officer could not say it at the command line. */
static void every_field_of_every_statement_can_be_typed(void **state)
{
    (void)state;
    for (size_t i = 0; statement_type_at(i); i++) {
        const struct statement_type *type = statement_type_at(i);
        if (type->by) /* signed offline, from a file */
            continue;
        for (const struct form *form = type->fields; form->name; form++) {
            struct command_options options;
            struct error err = {0};
            char option[64];
            snprintf(option, sizeof option, "--%s", form->name);
            for (char *at = option; *at; at++)
                *at = *at == '_' ? '-' : *at;
            char value[] = "x", *words[] = {option, value};
            assert_true(command_options_read(2, words, &options, &err));
            command_options_yield(&options, type->fields);
            if (options.field_count != 1 || options.to)
                fail_msg("%s of %s is taken for an option of the command", option, type->name);
        }
    }
}

static void what_cannot_be_read_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *type, *words[2], *named;
    } cases[] = {
        {"review", {"--passages", "x"}, "--passages"},
        {"operation_request", {"--list-size", "many"}, "--list-size"},
        {"operation_request", {"--starts-at", "tomorrow"}, "tomorrow"},
        {"operation_request", {"--notice-confirmed", "perhaps"}, "perhaps"},
        {"entry_proposal", {"--person", "{"}, "--person"},
        {"entry_proposal", {"--person", "@/nowhere/person.json"}, "/nowhere/person.json"},
        {"review", {"--answer", "\xff"}, "--answer"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        assert_null(fields_of(cases[i].type, 2, cases[i].words, &err));
        if (!strstr(err.text, cases[i].named))
            fail_msg("case %zu: %s", i, err.text);
    }
    struct error err = {0};
    static const char *const hanging[] = {"--answer"};
    assert_null(fields_of("review", 1, hanging, &err));
    assert_int_equal(err.code, ERROR_USAGE);
}

static void times_are_said_as_people_say_them(void **state)
{
    (void)state;
    int64_t got = 0, now = clock_now_s();
    static const struct {
        const char *text;
        int64_t seconds;
    } fixed[] = {
        {"1700000000", 1700000000}, {"2026-12-31", 1798675200}, {"2026-12-31T08:00:00Z", 1798704000}};
    for (size_t i = 0; i < COUNT_OF(fixed); i++) {
        assert_true(command_time_read(fixed[i].text, &got, NULL));
        assert_int_equal(got, fixed[i].seconds);
    }
    static const struct {
        const char *text;
        int64_t seconds;
    } spans[] = {{"now", 0}, {"+7d", 7 * 86400}, {"-30m", -1800}, {"+12h", 43200}, {"+5s", 5}};
    for (size_t i = 0; i < COUNT_OF(spans); i++) {
        assert_true(command_time_read(spans[i].text, &got, NULL));
        assert_true(llabs(got - now - spans[i].seconds) <= 1);
    }
    static const char *const wrong[] = {
        "", "+", "+d", "7d", "2026-13-01", "2026-12-31T25:00:00Z", "+7 d", "12x"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(command_time_read(wrong[i], &got, NULL));
}

static void a_body_without_a_form_is_text_or_json(void **state)
{
    (void)state;
    static const char *const words[] = {"--as", "reviewer", "--entries", "=[\"e-1\"]"};
    struct command_options options;
    struct error err = {0};
    AUTO(json) json_t *body = json_object();
    assert_true(command_options_read(COUNT_OF(words), (char **)(uintptr_t)words, &options, &err));
    assert_true(command_body_read(&options, body, &err));
    AUTO(text) char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, "{\"as\":\"reviewer\",\"entries\":[\"e-1\"]}");
}

static int start(void **state)
{
    (void)state;
    clock_start();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_become_fields_of_their_kind),
        cmocka_unit_test(a_rising_list_is_sorted_and_objects_come_as_json),
        cmocka_unit_test(every_field_of_every_statement_can_be_typed),
        cmocka_unit_test(what_cannot_be_read_is_named),
        cmocka_unit_test(times_are_said_as_people_say_them),
        cmocka_unit_test(a_body_without_a_form_is_text_or_json),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
