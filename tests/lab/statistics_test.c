#include "lab/statistics.h"

#include "base/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void assert_near(double value, double expected, double tolerance)
{
    if (fabs(value - expected) > tolerance)
        fail_msg("%.9g is not %.9g", value, expected);
}

/* Worked by hand from the formula: p = 0.1, z² = 3.8415. */
static void wilson_gives_the_known_interval(void **state)
{
    (void)state;
    struct interval ten = wilson_interval(10, 100);
    assert_near(ten.low, 0.0552291, 1e-6);
    assert_near(ten.high, 0.1743657, 1e-6);
    struct interval none = wilson_interval(0, 100);
    assert_near(none.low, 0.0, 1e-12);
    assert_near(none.high, 0.0369935, 1e-6);
    struct interval all = wilson_interval(100, 100);
    assert_near(all.high, 1.0, 1e-12);
    assert_near(all.low, 1.0 - 0.0369935, 1e-6);
}

static void nothing_tried_is_nothing_known(void **state)
{
    (void)state;
    struct interval interval = wilson_interval(0, 0);
    assert_near(interval.low, 0.0, 0.0);
    assert_near(interval.high, 1.0, 0.0);
    assert_near(exact_upper_bound(0, 0), 1.0, 0.0);
}

static void without_hits_the_bound_follows_the_rule_of_three(void **state)
{
    (void)state;
    assert_near(exact_upper_bound(0, 10), 1.0 - pow(0.05, 0.1), 1e-10);
    assert_near(exact_upper_bound(0, 1000), 1.0 - pow(0.05, 0.001), 1e-12);
    assert_near(exact_upper_bound(0, 17972), 2.9957 / 17972, 1e-7);
}

/* At the bound, the chance of so few hits is 5 % by direct summation. */
static void at_the_bound_so_few_hits_have_a_chance_of_five_percent(void **state)
{
    (void)state;
    static const struct {
        int hits, trials;
    } rows[] = {{0, 3}, {1, 10}, {2, 50}, {5, 141}, {40, 60}, {12, 4000}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        double p = exact_upper_bound(rows[i].hits, rows[i].trials);
        double term = pow(1.0 - p, rows[i].trials);
        double sum = term;
        for (int k = 1; k <= rows[i].hits; k++) {
            term *= (rows[i].trials - k + 1.0) / k * p / (1.0 - p);
            sum += term;
        }
        assert_near(sum, 0.05, 1e-8);
    }
    assert_near(exact_upper_bound(4, 4), 1.0, 0.0);
}

static void the_incomplete_beta_function_has_its_known_values(void **state)
{
    (void)state;
    assert_near(incomplete_beta(1, 1, 0.3), 0.3, 1e-12);
    assert_near(incomplete_beta(2, 1, 0.3), 0.09, 1e-12);
    assert_near(incomplete_beta(0.5, 0.5, 0.5), 0.5, 1e-12);
    assert_near(incomplete_beta(2, 3, 0.4), 0.5248, 1e-12);
}

static void a_threshold_lets_no_more_through_than_the_rate(void **state)
{
    (void)state;
    float scores[] = {0.1f, 0.9f, 0.3f, 0.7f, 0.5f, 0.5f, 0.2f, 0.4f, 0.6f, 0.8f};
    float threshold = threshold_at_rate(scores, 10, 0.2);
    assert_true(threshold > 0.7f && threshold <= 0.8f);
    assert_near(share_at_least(scores, 10, threshold), 0.2, 1e-12);
    threshold = threshold_at_rate(scores, 10, 0.0);
    assert_near(share_at_least(scores, 10, threshold), 0.0, 0.0);
    threshold = threshold_at_rate(scores, 10, 0.45);
    assert_near(share_at_least(scores, 10, threshold), 0.4, 1e-12);
    threshold = threshold_at_rate(scores, 10, 0.5);
    assert_near(share_at_least(scores, 10, threshold), 0.4, 1e-12);
}

static void independent_searches_have_no_design_effect(void **state)
{
    (void)state;
    struct search_cell cells[100];
    for (int i = 0; i < 100; i++)
        cells[i] = (struct search_cell){i / 10, i % 10, 1, i % 11 == 0};
    assert_near(design_effect(cells, 100, 10, 10), 1.0, 1e-9);
}

/* One person of ten makes all the hits, the same in every gallery: persons' sum 0.9² × 10² + 9 × 0.1² × 10² =
 * 90, × 10/9 = 100; galleries' sum 0; cells' 10 × 0.81 + 90 × 0.01 = 9; (100 − 9) / (100 × 0.09) = 10.11. */
static void hits_of_one_person_count_as_one(void **state)
{
    (void)state;
    struct search_cell cells[100];
    for (int i = 0; i < 100; i++)
        cells[i] = (struct search_cell){i / 10, i % 10, 1, i / 10 == 3};
    assert_near(design_effect(cells, 100, 10, 10), 91.0 / 9.0, 1e-9);
}

static void without_hits_there_is_no_design_effect(void **state)
{
    (void)state;
    struct search_cell cells[2] = {{0, 0, 5, 0}, {1, 0, 5, 0}};
    assert_near(design_effect(cells, 2, 2, 1), 1.0, 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wilson_gives_the_known_interval),
        cmocka_unit_test(nothing_tried_is_nothing_known),
        cmocka_unit_test(without_hits_the_bound_follows_the_rule_of_three),
        cmocka_unit_test(at_the_bound_so_few_hits_have_a_chance_of_five_percent),
        cmocka_unit_test(the_incomplete_beta_function_has_its_known_values),
        cmocka_unit_test(a_threshold_lets_no_more_through_than_the_rate),
        cmocka_unit_test(independent_searches_have_no_design_effect),
        cmocka_unit_test(hits_of_one_person_count_as_one),
        cmocka_unit_test(without_hits_there_is_no_design_effect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
