#include "base/json.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#undef fail

static void says(const struct error *err, const char *wanted)
{
    AUTO(json) json_t *forms = wording_json(&err->wording);
    char *text = json_dumps(forms, JSON_COMPACT);
    assert_string_equal(text, wanted);
    free(text);
}

static void an_error_says_its_form_and_its_values(void **state)
{
    (void)state;
    struct error err = {0};
    fail(&err, ERROR_CONFLICT,
        "photo %.3s… of %s: %d of %zu, %lld, %" PRId64 " or %u (%lx), %c, %.1f; at most %d %%", "abcdef",
        "e-1", -2, (size_t)3, -4LL, (int64_t)5, 6U, 255UL, 'x', 1.5, 10);
    says(&err, "[{\"form\":\"photo {1}… of {2}: {3} of {4}, {5}, {6} or {7} ({8}), {9}, {10}; at most {11} "
               "%\",\"values\":"
               "[\"abc\",\"e-1\",\"-2\",\"3\",\"-4\",\"5\",\"6\",\"ff\",\"x\",\"1.5\",\"10\"]}]");
    assert_string_equal(err.text, "photo abc… of e-1: -2 of 3, -4, 5 or 6 (ff), x, 1.5; at most 10 %");
    fail(&err, ERROR_CONFLICT, "that is the outcome already");
    says(&err, "[{\"form\":\"that is the outcome already\",\"values\":[]}]");
}

static void words_put_before_come_first(void **state)
{
    (void)state;
    struct error err = {0}, passed = {0};
    fail(&err, ERROR_INVALID, "its date has to lie in the past");
    fail_within(&err, "case %s", "k-1");
    fail_within(&err, "item %zu", (size_t)7);
    fail_as(&passed, &err);
    assert_int_equal(passed.code, ERROR_INVALID);
    assert_string_equal(passed.text, "item 7: case k-1: its date has to lie in the past");
    says(&passed, "[{\"form\":\"item {1}\",\"values\":[\"7\"]},{\"form\":\"case {1}\",\"values\":[\"k-1\"]},"
                  "{\"form\":\"its date has to lie in the past\",\"values\":[]}]");
    for (int i = 0; i < 20; i++)
        fail_within(&passed, "again %d", i);
    assert_int_equal(passed.wording.count, WORDING_FORMS);
}

static void a_value_without_room_or_not_utf8_does_no_harm(void **state)
{
    (void)state;
    char longest[3000];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    struct error err = {0};
    fail(&err, ERROR_INVALID, "%s and %s and %s", "two\nlines", longest, "\xff\xfe");
    AUTO(json) json_t *forms = wording_json(&err.wording);
    json_t *values = json_object_get(json_array_get(forms, 0), "values");
    assert_int_equal(json_array_size(values), 3);
    assert_string_equal(json_string_value(json_array_get(values, 0)), "two?lines");
    assert_string_equal(json_string_value(json_array_get(values, 2)), "");
    fail_within(&err, "a %s", longest);
    fail_within(&err, "b %s", longest);
    fail(&err, ERROR_INVALID, "%s", "\xff");
    says(&err, "[{\"form\":\"{1}\",\"values\":[\"?\"]}]");
    errno = ENOENT;
    fail_errno(&err, "%s", "the file");
    says(&err, "[{\"form\":\"{1}\",\"values\":[\"the file\"]}]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_says_its_form_and_its_values),
        cmocka_unit_test(words_put_before_come_first),
        cmocka_unit_test(a_value_without_room_or_not_utf8_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
