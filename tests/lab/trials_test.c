/* Rates of made-up trials, so that every answer is known beforehand. */
#include "lab/trials.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { PERSONS = 2000, FEW = 100, LISTS = 10 };

static struct trial items[PERSONS * LISTS];
static int group_of[PERSONS];
static const struct groups groups = {.words = {"most", "few"}, .count = 2, .of = group_of};

/* Everybody searches ten lists in vain. Each of the few finds a look-alike at 0.6 in one of them. */
static struct trials biased(void)
{
    for (int i = 0; i < PERSONS * LISTS; i++) {
        int person = i / LISTS;
        bool alike = person < FEW && i % LISTS == person % LISTS;
        items[i] = (struct trial){person, i % LISTS, alike ? 0.6f : 0.1f, false, true, false};
        group_of[person] = person < FEW;
    }
    return (struct trials){items, COUNT_OF(items), PERSONS, LISTS, 20};
}

static void s48_the_worst_group_sets_the_threshold(void **state)
{
    (void)state;
    struct trials trials = biased();
    struct search_terms terms = {20, -1.0, 0.06, NULL};
    struct search_result together;
    struct search_result by_group;
    assert_true(trials_rate(&trials, &terms, &together, NULL));
    assert_true(fabs(together.threshold - 0.11) < 1e-9);
    terms.groups = &groups;
    assert_true(trials_rate(&trials, &terms, &by_group, NULL));
    assert_true(fabs(by_group.threshold - 0.61) < 1e-9);
    assert_int_equal(by_group.false_alerts, 0);
}

static void s48_the_worst_groups_bound_is_the_one_reported(void **state)
{
    (void)state;
    struct trials trials = biased();
    struct search_terms terms = {20, 0.5, 0.06, &groups};
    struct search_result result;
    assert_true(trials_rate(&trials, &terms, &result, NULL));
    assert_int_equal(result.worst_group, 1);
    assert_int_equal(result.false_alerts, FEW);
    assert_true(fabs(result.worst_bound - 6.0 * exact_upper_bound(FEW, FEW * LISTS)) < 1e-9);
    struct search_result few = trials_rate_group(&trials, &groups, 1, 0.5);
    assert_int_equal(few.false_alerts, FEW);
    assert_int_equal(few.non_mated, FEW * LISTS);
    assert_int_equal(trials_rate_group(&trials, &groups, 0, 0.5).false_alerts, 0);
}

static void s48_a_group_too_small_to_be_told_about_is_named(void **state)
{
    (void)state;
    struct trials trials = biased();
    struct search_terms terms = {20, -1.0, 0.004, &groups};
    struct search_result result;
    struct error err = {0};
    assert_false(trials_rate(&trials, &terms, &result, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    assert_non_null(strstr(err.text, "'few'"));
}

/* Persons who are all alike leave nothing to chance. */
static void the_bootstrap_of_equal_persons_has_no_width(void **state)
{
    (void)state;
    struct trials trials = biased();
    trials.count = (size_t)FEW * LISTS;
    trials.persons = FEW;
    struct interval fpir;
    struct interval fnir;
    trials_bootstrap(&trials, 0.5, &fpir, &fnir);
    assert_true(fabs(fpir.low - 0.1) < 1e-12 && fabs(fpir.high - 0.1) < 1e-12);
    assert_true(fnir.low == 0.0 && fnir.high == 0.0);
}

/* Each person one search, 100 of 2,000 hit: the number of hits among 2,000 drawn is binomial, its deviation
 * √(2,000 × 0.05 × 0.95) = 9.75, so 95 % lie within 100 ± 19.1. */
static void the_bootstrap_of_independent_searches_is_binomial(void **state)
{
    (void)state;
    for (int i = 0; i < PERSONS; i++)
        items[i] = (struct trial){i, 0, i < FEW ? 0.6f : 0.1f, false, true, false};
    struct trials trials = {items, PERSONS, PERSONS, 1, 20};
    struct interval fpir;
    struct interval fnir;
    trials_bootstrap(&trials, 0.5, &fpir, &fnir);
    assert_true(fabs(fpir.low * PERSONS - 80.9) < 2.5);
    assert_true(fabs(fpir.high * PERSONS - 119.1) < 2.5);
}

static void s47_failures_to_acquire_are_misses_and_covered_faces_are_told_apart(void **state)
{
    (void)state;
    static struct trial mated[4] = {{0, 0, 0.9f, true, true, false}, {1, 0, 0.3f, true, true, false},
        {2, 0, -1.0f, true, false, false}, {3, 0, -1.0f, true, false, true}};
    struct trials trials = {mated, 4, 4, 1, 4};
    struct search_terms terms = {4, 0.5, 1.0, NULL};
    struct search_result result;
    assert_true(trials_rate(&trials, &terms, &result, NULL));
    assert_int_equal(result.mated, 4);
    assert_int_equal(result.misses, 3);
    assert_int_equal(result.failures_to_acquire, 2);
    assert_int_equal(result.covered, 1);
}

static void the_curve_falls_in_false_alerts_and_rises_in_misses(void **state)
{
    (void)state;
    static struct trial few[4] = {{0, 0, 0.2f, false, true, false}, {1, 0, 0.4f, false, true, false},
        {2, 0, 0.5f, true, true, false}, {3, 0, 0.8f, true, true, false}};
    struct trials trials = {few, 4, 4, 1, 4};
    struct curve_point points[CURVE_POINTS];
    trials_curve(&trials, points);
    static const struct {
        int at;
        double fpir, fnir;
    } rows[] = {{0, 1.0, 0.0}, {30, 0.5, 0.0}, {45, 0.0, 0.0}, {60, 0.0, 0.5}, {100, 0.0, 1.0}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(fabs(points[rows[i].at].threshold - rows[i].at / 100.0) < 1e-12);
        assert_true(fabs(points[rows[i].at].fpir - rows[i].fpir) < 1e-12);
        assert_true(fabs(points[rows[i].at].fnir - rows[i].fnir) < 1e-12);
    }
}

static char names[3][DATASET_NAME_SIZE] = {"Ann", "Bob", "Cem"};
static const struct dataset three = {.names = names, .person_count = 3};

static bool read_labels(const char *text, size_t size, struct groups *out, struct error *err)
{
    const struct bytes bytes = {(uint8_t *)text, size};
    return groups_parse(&bytes, "groups.txt", &three, out, err);
}

static void labels_are_read_whoever_wrote_the_line_ends(void **state)
{
    (void)state;
    static const char *const texts[] = {"Cem x\n\nAnn y\nDan x\nDan z\n",
        "\xEF\xBB\xBF"
        "Cem\tx\r\n\r\nAnn y\r\nDan x\r\nDan z"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        AUTO(groups) struct groups read = {.of = NULL};
        assert_true(read_labels(texts[i], strlen(texts[i]), &read, NULL));
        assert_int_equal(read.count, 2);
        assert_int_equal(read.of[0], 1);
        assert_int_equal(read.of[1], -1);
        assert_int_equal(read.of[2], 0);
        assert_int_equal(read.labelled, 2);
        assert_int_equal(read.strangers, 2);
    }
}

/* The second group is of nobody here: it would have a bound of 1 and forbid every threshold. */
static void a_group_of_nobody_is_left_out(void **state)
{
    (void)state;
    static const char text[] = "Ann x\nDan ghost\nBob z\nCem z\n";
    AUTO(groups) struct groups read = {.of = NULL};
    assert_true(read_labels(text, sizeof text - 1, &read, NULL));
    assert_int_equal(read.count, 2);
    assert_string_equal(read.words[1], "z");
    assert_int_equal(read.of[2], 1);
}

static void broken_labels_are_named_by_line(void **state)
{
    (void)state;
    static char many[33 * 16], longline[2000];
    char *at = many;
    for (int i = 0; i < 33; i++)
        at += snprintf(at, 16, "Dan g%d\n", i);
    memset(longline, 'a', sizeof longline - 1);
    const struct {
        const char *text, *says;
    } rows[] = {{"nobody x\n", "names anybody"}, {"Ann x\nBob\n", "line 2"}, {"Ann x y\n", "line 1"},
        {"Ann x\nCem x\n\nAnn y\n", "line 4"}, {"Ann x\nBob \xFF\n", "line 2"}, {"Ann \x1B[31m\n", "line 1"},
        {many, "line 33"}, {longline, "line 1"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct groups none = {.of = NULL};
        struct error err = {0};
        assert_false(read_labels(rows[i].text, strlen(rows[i].text), &none, &err));
        assert_int_equal(err.code, ERROR_INVALID);
        if (!strstr(err.text, rows[i].says))
            fail_msg("'%s' does not say '%s'", err.text, rows[i].says);
        assert_null(strstr(err.text, "Ann"));
    }
    struct groups none = {.of = NULL};
    assert_false(read_labels("Ann x\0y\n", 8, &none, NULL));
    assert_false(read_labels("", 0, &none, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s48_the_worst_group_sets_the_threshold),
        cmocka_unit_test(s48_the_worst_groups_bound_is_the_one_reported),
        cmocka_unit_test(s48_a_group_too_small_to_be_told_about_is_named),
        cmocka_unit_test(s47_failures_to_acquire_are_misses_and_covered_faces_are_told_apart),
        cmocka_unit_test(the_bootstrap_of_equal_persons_has_no_width),
        cmocka_unit_test(the_bootstrap_of_independent_searches_is_binomial),
        cmocka_unit_test(the_curve_falls_in_false_alerts_and_rises_in_misses),
        cmocka_unit_test(labels_are_read_whoever_wrote_the_line_ends),
        cmocka_unit_test(a_group_of_nobody_is_left_out),
        cmocka_unit_test(broken_labels_are_named_by_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
