#include "video/sampler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const int64_t FRAME_US = 40000;

static void five_frames_a_second_are_wanted_whatever_the_frame_rate(void **state)
{
    (void)state;
    static const int rates[] = {5, 6, 10, 12, 15, 25, 30, 50, 60};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct sampler sampler;
        sampler_init(&sampler, SAMPLER_PER_SECOND);
        for (int frame = 0; frame < rates[i] * 10; frame++)
            sampler_wants(&sampler, 1000000LL * frame / rates[i], false);
        assert_in_range(sampler.analysed, 49, 50);
        assert_int_equal(sampler.dropped, 0);
        assert_int_equal(sampler.offered, rates[i] * 10);
    }
}

static void a_slow_camera_is_analysed_in_full(void **state)
{
    (void)state;
    struct sampler sampler;
    sampler_init(&sampler, SAMPLER_PER_SECOND);
    for (int frame = 0; frame < 20; frame++)
        assert_true(sampler_wants(&sampler, 500000LL * frame, false));
    assert_int_equal(sampler.dropped, 0);
}

static void a_frame_with_newer_ones_waiting_is_put_off_without_a_drop_inside_its_turn(void **state)
{
    (void)state;
    struct sampler sampler;
    sampler_init(&sampler, SAMPLER_PER_SECOND);
    assert_true(sampler_wants(&sampler, 0, false));
    assert_false(sampler_wants(&sampler, 5 * FRAME_US, true));
    assert_false(sampler_wants(&sampler, 6 * FRAME_US, true));
    assert_true(sampler_wants(&sampler, 7 * FRAME_US, false));
    assert_int_equal(sampler.dropped, 0);
    assert_false(sampler_wants(&sampler, 9 * FRAME_US, false));
    assert_true(sampler_wants(&sampler, 10 * FRAME_US, false));
}

static void every_turn_that_passes_while_behind_is_counted(void **state)
{
    (void)state;
    struct sampler sampler;
    sampler_init(&sampler, SAMPLER_PER_SECOND);
    assert_true(sampler_wants(&sampler, 0, false));
    for (int frame = 1; frame < 22; frame++)
        assert_false(sampler_wants(&sampler, frame * FRAME_US, true));
    assert_true(sampler_wants(&sampler, 22 * FRAME_US, false));
    /* Turns at 200, 400 and 600 ms went by; the one at 800 ms is analysed at 880 ms. */
    assert_int_equal(sampler.dropped, 3);
    assert_int_equal(sampler.analysed, 2);
}

static void a_machine_that_is_always_behind_still_analyses_once_a_second(void **state)
{
    (void)state;
    struct sampler sampler;
    sampler_init(&sampler, SAMPLER_PER_SECOND);
    for (int frame = 0; frame < 251; frame++)
        sampler_wants(&sampler, frame * FRAME_US, true);
    assert_int_equal(sampler.analysed, 10);
    assert_int_equal(sampler.analysed + sampler.dropped, 51);
}

static void a_gap_without_frames_drops_nothing(void **state)
{
    (void)state;
    struct sampler sampler;
    sampler_init(&sampler, SAMPLER_PER_SECOND);
    assert_true(sampler_wants(&sampler, 0, false));
    assert_true(sampler_wants(&sampler, 3010000, false));
    assert_false(sampler_wants(&sampler, 3190000, false));
    assert_true(sampler_wants(&sampler, 3200000, false));
    assert_int_equal(sampler.dropped, 0);
}

static void stamps_that_jump_begin_a_new_grid(void **state)
{
    (void)state;
    static const int64_t jumps[][2] = {
        {90000000, 0}, {0, 90000000}, {INT64_MAX, INT64_MIN}, {INT64_MIN, INT64_MAX}};
    for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
        struct sampler sampler;
        sampler_init(&sampler, SAMPLER_PER_SECOND);
        sampler_wants(&sampler, jumps[i][0], false);
        assert_true(sampler_wants(&sampler, jumps[i][1], false));
        assert_int_equal(sampler.dropped, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_frames_a_second_are_wanted_whatever_the_frame_rate),
        cmocka_unit_test(a_slow_camera_is_analysed_in_full),
        cmocka_unit_test(a_frame_with_newer_ones_waiting_is_put_off_without_a_drop_inside_its_turn),
        cmocka_unit_test(every_turn_that_passes_while_behind_is_counted),
        cmocka_unit_test(a_machine_that_is_always_behind_still_analyses_once_a_second),
        cmocka_unit_test(a_gap_without_frames_drops_nothing),
        cmocka_unit_test(stamps_that_jump_begin_a_new_grid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
