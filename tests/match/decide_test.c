#include "match/decide.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void add(struct shot_scores *shot, const char *entry, float score)
{
    struct candidate *candidate = &shot->best[shot->count++];
    snprintf(candidate->entry, sizeof candidate->entry, "%s", entry);
    candidate->score = score;
}

static struct decision decide(const struct shot_scores *shots, size_t count)
{
    struct decision decision;
    passage_decide(shots, count, 0.5F, &decision);
    return decision;
}

static void two_shots_of_different_moments_make_a_match(void **state)
{
    (void)state;
    struct shot_scores shots[3] = {
        {.captured_us = 0}, {.captured_us = 400000}, {.captured_us = DECISION_GAP_US}};
    add(&shots[0], "e-a", 0.6F);
    add(&shots[1], "e-a", 0.4F);
    add(&shots[2], "e-b", 0.7F);
    add(&shots[2], "e-a", 0.8F);
    struct decision decision = decide(shots, 3);
    assert_true(decision.matched);
    assert_string_equal(decision.entry, "e-a");
    assert_int_equal(decision.agreeing, 2);
    assert_true(decision.agrees[0] && !decision.agrees[1] && decision.agrees[2]);
    assert_true(fabsf(decision.fused_score - 0.7F) < 1e-6F);
    assert_int_equal(decision.other_count, 1);
    assert_string_equal(decision.others[0].entry, "e-b");
}

static void one_shot_is_not_enough_however_good(void **state)
{
    (void)state;
    struct shot_scores shots[2] = {{.captured_us = 0}, {.captured_us = 900000}};
    add(&shots[0], "e-a", 0.99F);
    add(&shots[1], "e-a", 0.49F);
    assert_false(decide(shots, 2).matched);
    assert_false(decide(shots, 1).matched);
    assert_false(decide(shots, 0).matched);
}

static void two_shots_of_one_moment_are_not_enough(void **state)
{
    (void)state;
    struct shot_scores shots[2] = {{.captured_us = 1000}, {.captured_us = 1000 + DECISION_GAP_US - 1}};
    add(&shots[0], "e-a", 0.9F);
    add(&shots[1], "e-a", 0.9F);
    assert_false(decide(shots, 2).matched);
    shots[1].captured_us++;
    assert_true(decide(shots, 2).matched);
}

static void two_shots_for_different_entries_are_no_match(void **state)
{
    (void)state;
    struct shot_scores shots[2] = {{.captured_us = 0}, {.captured_us = 900000}};
    add(&shots[0], "e-a", 0.9F);
    add(&shots[1], "e-b", 0.9F);
    struct decision decision = decide(shots, 2);
    assert_false(decision.matched);
    assert_string_equal(decision.entry, "");
    assert_int_equal(decision.other_count, 2);
    assert_string_equal(decision.others[0].entry, "e-a");
}

static void a_score_at_the_threshold_passes_and_one_that_is_no_number_does_not(void **state)
{
    (void)state;
    struct shot_scores shots[2] = {{.captured_us = 0}, {.captured_us = 900000}};
    add(&shots[0], "e-a", 0.5F);
    add(&shots[1], "e-a", 0.5F);
    assert_true(decide(shots, 2).matched);
    shots[1].best[0].score = NAN;
    assert_false(decide(shots, 2).matched);
    shots[1].best[0].score = nextafterf(0.5F, 0);
    assert_false(decide(shots, 2).matched);
}

static void of_two_entries_that_match_the_one_with_the_better_fused_score_wins(void **state)
{
    (void)state;
    struct shot_scores shots[2] = {{.captured_us = 0}, {.captured_us = 900000}};
    for (size_t i = 0; i < 2; i++) {
        add(&shots[i], "e-a", 0.6F);
        add(&shots[i], "e-b", 0.7F);
    }
    struct decision decision = decide(shots, 2);
    assert_string_equal(decision.entry, "e-b");
    assert_string_equal(decision.others[0].entry, "e-a");
    for (size_t i = 0; i < 2; i++)
        shots[i].best[1].score = 0.6F;
    assert_string_equal(decide(shots, 2).entry, "e-a");
}

static void the_three_best_other_entries_are_named_best_first(void **state)
{
    (void)state;
    struct shot_scores shots[2] = {{.captured_us = 0}, {.captured_us = 900000}};
    add(&shots[0], "e-a", 0.9F);
    add(&shots[0], "e-d", 0.1F);
    add(&shots[0], "e-c", 0.2F);
    add(&shots[1], "e-a", 0.9F);
    add(&shots[1], "e-f", 0.05F);
    add(&shots[1], "e-e", 0.3F);
    add(&shots[1], "e-d", 0.4F);
    struct decision decision = decide(shots, 2);
    assert_int_equal(decision.other_count, 3);
    assert_string_equal(decision.others[0].entry, "e-d");
    assert_string_equal(decision.others[1].entry, "e-e");
    assert_string_equal(decision.others[2].entry, "e-c");
}

static void an_entry_named_twice_in_one_shot_counts_once(void **state)
{
    (void)state;
    struct shot_scores shots[1] = {{.captured_us = 0}};
    add(&shots[0], "e-a", 0.9F);
    add(&shots[0], "e-a", 0.9F);
    assert_false(decide(shots, 1).matched);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_shots_of_different_moments_make_a_match),
        cmocka_unit_test(one_shot_is_not_enough_however_good),
        cmocka_unit_test(two_shots_of_one_moment_are_not_enough),
        cmocka_unit_test(two_shots_for_different_entries_are_no_match),
        cmocka_unit_test(a_score_at_the_threshold_passes_and_one_that_is_no_number_does_not),
        cmocka_unit_test(of_two_entries_that_match_the_one_with_the_better_fused_score_wins),
        cmocka_unit_test(the_three_best_other_entries_are_named_best_first),
        cmocka_unit_test(an_entry_named_twice_in_one_shot_counts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
