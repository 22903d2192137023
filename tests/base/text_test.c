#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void text_grows_byte_by_byte_and_stays_ended(void **state)
{
    (void)state;
    AUTO(text_buffer) struct text text = {0};
    for (size_t i = 0; i < 1 << 20; i++) {
        char letter = (char)('a' + i % 26);
        text_add_bytes(&text, &letter, 1);
    }
    assert_int_equal(text.size, 1 << 20);
    assert_int_equal(strlen(text.data), text.size);
    assert_int_equal(text.data[25], 'z');
}

static void text_of_any_size_is_kept_whole(void **state)
{
    (void)state;
    for (size_t size = 0; size < 300; size++) {
        AUTO(text_buffer) struct text text = {0};
        char piece[300];
        memset(piece, 'x', sizeof piece);
        text_add_bytes(&text, piece, size);
        text_add(&text, "%zu", size);
        AUTO(text) char *tail = text_format("%zu", size);
        assert_string_equal(text.data + size, tail);
    }
}

static void broken_utf8_is_told_from_good(void **state)
{
    (void)state;
    const struct {
        const char *bytes;
        bool good;
    } known[] = {
        {"", true},
        {"ميزان", true},
        {"\xF0\x9F\x98\x80", true},
        {"\xC3\x28", false},         /* a broken second byte */
        {"\xC0\xAF", false},         /* longer than needed */
        {"\xED\xA0\x80", false},     /* a surrogate */
        {"\xF4\x90\x80\x80", false}, /* beyond Unicode */
        {"\xE2\x82", false},         /* cut */
        {"\x80", false},
    };
    for (size_t i = 0; i < COUNT_OF(known); i++)
        assert_int_equal(text_is_utf8(known[i].bytes, strlen(known[i].bytes)), known[i].good);
}

static void an_error_is_one_line_of_utf8_whatever_is_put_into_it(void **state)
{
    (void)state;
    static const struct {
        const char *name, *shown;
    } rows[] = {{"plain", "plain"}, {"two\nlines", "two?lines"}, {"\x1B[31mred\x7F", "?[31mred?"},
        {"\xFFx\xC3", "?x?"}, {"\xC2\x9B", "??"}, {"ميزان", "ميزان"}};
    struct error err;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_false((fail)(&err, ERROR_INVALID, "%s", rows[i].name));
        assert_string_equal(err.text, rows[i].shown);
        assert_false(fail_within(&err, "%s", rows[i].name));
        assert_memory_equal(err.text, rows[i].shown, strlen(rows[i].shown));
    }
    char letters[600];
    for (size_t i = 0; i + 2 < sizeof letters; i += 2)
        memcpy(letters + i, "م", 2);
    letters[sizeof letters - 2] = '\0';
    assert_false((fail)(&err, ERROR_INVALID, "%s", letters));
    assert_true(text_is_utf8(err.text, strlen(err.text)));
}

static void base64_reaches_its_limit_and_no_further(void **state)
{
    (void)state;
    uint8_t bytes[96] = {1, 2, 3};
    for (size_t size = 0; size < sizeof bytes; size++) {
        AUTO(text) char *text = base64_write(bytes, size);
        AUTO(bytes) struct bytes read = {NULL, 0};
        struct error err = {0};
        assert_true(base64_read(text, size, &read, &err));
        assert_int_equal(read.size, size);
        AUTO(bytes) struct bytes refused = {NULL, 0};
        assert_true(size == 0 || !base64_read(text, size - 1, &refused, &err));
    }
    struct bytes none = {NULL, 0};
    assert_false(base64_read("no base64!", 100, &none, NULL));
}

static void hex_is_read_only_whole(void **state)
{
    (void)state;
    uint8_t bytes[2];
    assert_true(hex_read("0aff", bytes, 2));
    assert_int_equal(bytes[1], 0xFF);
    assert_false(hex_read("0af", bytes, 2));
    assert_false(hex_read("0aff0", bytes, 2));
    assert_false(hex_read("0agg", bytes, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_grows_byte_by_byte_and_stays_ended),
        cmocka_unit_test(text_of_any_size_is_kept_whole),
        cmocka_unit_test(broken_utf8_is_told_from_good),
        cmocka_unit_test(an_error_is_one_line_of_utf8_whatever_is_put_into_it),
        cmocka_unit_test(base64_reaches_its_limit_and_no_further),
        cmocka_unit_test(hex_is_read_only_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
