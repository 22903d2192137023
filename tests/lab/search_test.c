/* Made-up data sets with templates along axes, so that every count is known beforehand. */
#include "lab/search.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PERSONS = 40, PICTURES = 3, LIST = 10 };

static struct sample samples[PERSONS * PICTURES];
static struct dataset dataset = {
    .person_count = PERSONS, .samples = samples, .sample_count = PERSONS * PICTURES};

static struct sample *picture(int person, int number)
{
    return &samples[person * PICTURES + number];
}

/* Everybody looks like himself and like nobody else. */
static int make_people(void **state)
{
    (void)state;
    memset(samples, 0, sizeof samples);
    for (int i = 0; i < PERSONS * PICTURES; i++) {
        samples[i].person = i / PICTURES;
        samples[i].number = i % PICTURES + 1;
        samples[i].template[i / PICTURES] = 1.0f;
    }
    return 0;
}

static struct search_result rated(double threshold)
{
    struct search_terms terms = {LIST, threshold, 1e-3, NULL};
    struct search_result result;
    assert_true(search_evaluate(&dataset, &terms, &result, NULL));
    return result;
}

static void distinct_people_raise_no_false_alert_and_no_miss(void **state)
{
    (void)state;
    struct search_result result = rated(0.5);
    assert_int_equal(result.lists, 4);
    assert_int_equal(result.non_mated, PERSONS * PICTURES * 3);
    assert_int_equal(result.false_alerts, 0);
    assert_int_equal(result.mated, PERSONS * (PICTURES - 1));
    assert_int_equal(result.misses, 0);
    assert_true(fabs(result.fpir_bound - (1.0 - pow(0.05, 1.0 / 360.0))) < 1e-9);
    assert_true(fabs(result.charged_bound - 6.0 * result.fpir_bound) < 1e-12);
}

static void two_look_alikes_alert_on_each_others_list(void **state)
{
    (void)state;
    for (int person = 0; person < PERSONS; person += 39)
        for (int number = 0; number < PICTURES; number++) {
            memset(picture(person, number)->template, 0, sizeof samples->template);
            picture(person, number)->template[100] = 1.0f;
        }
    struct search_result result = rated(0.5);
    assert_int_equal(result.false_alerts, 6);
    assert_true(result.design_effect > 1.5);
    assert_true(result.fpir_bound > exact_upper_bound(6, 360));
}

static void a_failure_to_acquire_is_a_miss_and_no_easy_search(void **state)
{
    (void)state;
    picture(5, 2)->acquired = ACQUIRED_POOR;
    picture(6, 1)->acquired = ACQUIRED_NOTHING;
    struct search_result result = rated(0.5);
    assert_int_equal(result.misses, 2);
    assert_int_equal(result.failures_to_acquire, 2);
    assert_int_equal(result.mated, PERSONS * (PICTURES - 1));
    assert_int_equal(result.non_mated, PERSONS * PICTURES * 3 - 6);
}

static void who_cannot_be_enrolled_is_missed(void **state)
{
    (void)state;
    for (int number = 0; number < PICTURES; number++)
        picture(7, number)->acquired = ACQUIRED_POOR;
    struct search_result result = rated(0.5);
    assert_int_equal(result.misses, PICTURES - 1);
    assert_int_equal(result.mated, PERSONS * (PICTURES - 1));
}

static void a_score_under_the_threshold_is_a_miss(void **state)
{
    (void)state;
    picture(3, 1)->template[3] = 0.6f;
    picture(3, 1)->template[200] = 0.8f;
    assert_int_equal(rated(0.59).misses, 0);
    assert_int_equal(rated(0.61).misses, 1);
}

static void the_chosen_threshold_is_the_least_that_meets_the_bound(void **state)
{
    (void)state;
    for (int person = 0; person < PERSONS; person++)
        for (int number = 0; number < PICTURES; number++)
            picture(person, number)->template[300] = 0.65f;
    struct search_terms terms = {LIST, -1.0, 0.06, NULL};
    struct search_result result;
    assert_true(search_evaluate(&dataset, &terms, &result, NULL));
    assert_true(fabs(result.threshold - 0.43) < 1e-9);
    assert_int_equal(rated(0.42).false_alerts, PERSONS * PICTURES * 3);
}

static void too_little_data_for_the_bound_is_said(void **state)
{
    (void)state;
    struct search_terms terms = {LIST, -1.0, 1e-3, NULL};
    struct search_result result;
    struct error err = {0};
    assert_false(search_evaluate(&dataset, &terms, &result, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    terms.entries = 21;
    assert_false(search_evaluate(&dataset, &terms, &result, &err));
    assert_int_equal(err.code, ERROR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(distinct_people_raise_no_false_alert_and_no_miss, make_people),
        cmocka_unit_test_setup(two_look_alikes_alert_on_each_others_list, make_people),
        cmocka_unit_test_setup(a_failure_to_acquire_is_a_miss_and_no_easy_search, make_people),
        cmocka_unit_test_setup(who_cannot_be_enrolled_is_missed, make_people),
        cmocka_unit_test_setup(a_score_under_the_threshold_is_a_miss, make_people),
        cmocka_unit_test_setup(the_chosen_threshold_is_the_least_that_meets_the_bound, make_people),
        cmocka_unit_test_setup(too_little_data_for_the_bound_is_said, make_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
