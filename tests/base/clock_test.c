#include "base/clock.h"

#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static void iso_times_are_those_of_the_c_library(void **state)
{
    (void)state;
    setenv("TZ", "UTC0", 1);
    srand(1);
    for (int i = 0; i < 200000; i++) {
        int64_t seconds = (int64_t)rand() * 3 + rand() % 100000;
        time_t when = (time_t)seconds;
        struct tm parts;
        char expected[21], written[21];
        gmtime_r(&when, &parts);
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &parts);
        clock_write_iso(seconds, written);
        assert_string_equal(written, expected);
    }
}

static void edges_of_the_calendar_are_right(void **state)
{
    (void)state;
    const struct {
        int64_t seconds;
        const char *text;
    } known[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {951782400, "2000-02-29T00:00:00Z"},
        {4107542400, "2100-03-01T00:00:00Z"},
        {1795370707, "2026-11-22T18:05:07Z"},
    };
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        char written[21];
        clock_write_iso(known[i].seconds, written);
        assert_string_equal(written, known[i].text);
    }
}

static void time_does_not_run_backwards(void **state)
{
    (void)state;
    clock_start();
    int64_t before = clock_now_us();
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_now_us();
        assert_true(now >= before);
        before = now;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iso_times_are_those_of_the_c_library),
        cmocka_unit_test(edges_of_the_calendar_are_right),
        cmocka_unit_test(time_does_not_run_backwards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
