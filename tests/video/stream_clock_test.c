#include "video/stream_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const int64_t FRAME_US = 40000;

static void pictures_that_arrive_in_a_burst_keep_their_distances(void **state)
{
    (void)state;
    struct stream_clock clock = {0};
    assert_int_equal(stream_clock_captured_us(&clock, 0, 5000000), 5000000);
    int64_t last_us = 5000000;
    for (int i = 1; i < 50; i++) {
        /* Held up for half a second, then all at once. */
        int64_t arrived_us = 5000000 + (i >= 20 && i < 32 ? 32 : i) * FRAME_US;
        int64_t captured_us = stream_clock_captured_us(&clock, i * FRAME_US, arrived_us);
        assert_true(captured_us <= arrived_us);
        assert_in_range(captured_us - last_us, FRAME_US - 1000, FRAME_US + 100);
        last_us = captured_us;
    }
}

static void a_first_picture_that_came_late_is_corrected_by_the_next(void **state)
{
    (void)state;
    struct stream_clock clock = {0};
    stream_clock_captured_us(&clock, 0, 1300000);
    assert_int_equal(stream_clock_captured_us(&clock, FRAME_US, 1000000 + FRAME_US), 1000000 + FRAME_US);
    assert_in_range(stream_clock_captured_us(&clock, 2 * FRAME_US, 1300000), 1000000 + 2 * FRAME_US,
        1000200 + 2 * FRAME_US);
}

static void a_camera_with_a_slow_clock_is_followed(void **state)
{
    (void)state;
    struct stream_clock clock = {0};
    for (int64_t i = 0; i < 100000; i++) {
        int64_t arrived_us = i * (FRAME_US + 40);
        assert_in_range(arrived_us - stream_clock_captured_us(&clock, i * FRAME_US, arrived_us), 0, 1000);
    }
}

static void pictures_coded_out_of_order_keep_their_distances(void **state)
{
    (void)state;
    static const int shown[] = {0, 4, 2, 1, 3}; /* the order of coding; the rest as the last four */
    struct stream_clock clock = {0};
    int64_t origin_us = 0;
    for (int i = 0; i < 100; i++) {
        int at = i < 5 ? shown[i] : shown[1 + (i - 1) % 4] + (i - 1) / 4 * 4;
        int64_t arrived_us = 5000000 + i * FRAME_US;
        int64_t captured_us = stream_clock_captured_us(&clock, at * FRAME_US, arrived_us);
        assert_true(captured_us <= arrived_us);
        if (i == 4) /* what is coded first of a group has come before its turn: all others lie behind it */
            origin_us = captured_us - at * FRAME_US;
        if (i > 4)
            assert_in_range(captured_us - at * FRAME_US - origin_us + 20000, 19000, 21000);
    }
}

static void stamps_that_jump_begin_anew(void **state)
{
    (void)state;
    static const int64_t stamps[] = {0, 90000000, 40000, INT64_MAX, INT64_MIN, -5, INT64_MIN + 1, 7};
    struct stream_clock clock = {0};
    for (size_t i = 0; i < sizeof stamps / sizeof stamps[0]; i++) {
        int64_t arrived_us = 1000000 + (int64_t)i * FRAME_US;
        assert_int_equal(stream_clock_captured_us(&clock, stamps[i], arrived_us), arrived_us);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_that_arrive_in_a_burst_keep_their_distances),
        cmocka_unit_test(a_first_picture_that_came_late_is_corrected_by_the_next),
        cmocka_unit_test(a_camera_with_a_slow_clock_is_followed),
        cmocka_unit_test(pictures_coded_out_of_order_keep_their_distances),
        cmocka_unit_test(stamps_that_jump_begin_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
