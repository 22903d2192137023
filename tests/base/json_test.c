#include "base/json.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static json_t *read_text(const char *text, struct error *err)
{
    return json_read(text, strlen(text), 1 << 20, err);
}

static void canonical_json_is_sorted_tight_and_whole(void **state)
{
    (void)state;
    AUTO(json) json_t *value = read_text("{ \"b\" : [1, true, null], \"a\" : \"\\u0645\\/\" }", NULL);
    AUTO(text) char *text = json_canonical(value, NULL);
    assert_string_equal(text, "{\"a\":\"م/\",\"b\":[1,true,null]}");
    AUTO(json) json_t *real = read_text("{\"a\":[{\"b\":0.5}]}", NULL);
    struct error err = {0};
    assert_null(json_canonical(real, &err));
    assert_int_equal(err.code, ERROR_INVALID);
}

static void hostile_json_is_refused_with_its_reason(void **state)
{
    (void)state;
    AUTO(text_buffer) struct text deep = {0};
    for (int i = 0; i < 100000; i++)
        text_add(&deep, "[");
    const struct {
        const char *text;
        const char *word;
    } cases[] = {
        {deep.data, "deeper"},
        {"{\"a\":1,\"a\":2}", "duplicate"},
        {"{\"a\":\"\xC3\x28\"}", "not JSON"},
        {"{\"a\":1} x", "not JSON"},
        {"", "not JSON"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        assert_null(read_text(cases[i].text, &err));
        assert_non_null(strstr(err.text, cases[i].word));
    }
    struct error err = {0};
    assert_null(json_read("[1,2,3]", 7, 6, &err));
    assert_int_equal(err.code, ERROR_TOO_LARGE);
}

static void fields_are_asked_for_by_name_and_type(void **state)
{
    (void)state;
    AUTO(json) json_t *object = read_text("{\"number\":7,\"hex\":\"0aff\"}", NULL);
    json_object_set_new(object, "text", json_stringn("a\0b", 3));
    const char *text = NULL;
    int64_t number = 0;
    uint8_t bytes[2];
    struct error err = {0};
    assert_false(json_need_text(object, "text", &text, &err)); /* a zero byte would cut it in C */
    assert_true(json_need_integer(object, "number", &number, &err));
    assert_int_equal(number, 7);
    assert_true(json_need_hex(object, "hex", bytes, 2, &err));
    assert_false(json_need_integer(object, "absent", &number, &err));
    assert_non_null(strstr(err.text, "'absent'"));
    const char *const known[] = {"text", "number", NULL};
    assert_false(json_only_fields(object, known, &err));
    assert_non_null(strstr(err.text, "'hex'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_json_is_sorted_tight_and_whole),
        cmocka_unit_test(hostile_json_is_refused_with_its_reason),
        cmocka_unit_test(fields_are_asked_for_by_name_and_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
