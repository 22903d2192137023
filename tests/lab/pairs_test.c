#include "lab/pairs.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char names[3][DATASET_NAME_SIZE] = {"Ann", "Bob", "Cem"};
static struct sample samples[6];
static struct dataset dataset = {.names = names, .person_count = 3, .samples = samples, .sample_count = 6};

static const char two_folds[] = "2\t2\n"
                                "Ann\t1\t2\nBob\t1\t2\nAnn\t1\tBob\t1\nAnn\t2\tCem\t1\n"
                                "Cem\t1\t2\nAnn\t2\t1\nBob\t2\tCem\t2\nAnn\t1\tCem\t2\n";

static int make_people(void **state)
{
    (void)state;
    memset(samples, 0, sizeof samples);
    for (int i = 0; i < 6; i++) {
        samples[i] = (struct sample){.person = i / 2, .number = i % 2 + 1};
        samples[i].template[i / 2] = 1.0f;
    }
    return 0;
}

static bool parse(const char *text, struct pairs *out, struct error *err)
{
    const struct bytes bytes = {(uint8_t *)text, strlen(text)};
    return pairs_parse(&bytes, "pairs.txt", &dataset, out, err);
}

static struct pairs_result evaluated(void)
{
    AUTO(pairs) struct pairs pairs = {NULL, 0, 0};
    struct pairs_result result;
    assert_true(parse(two_folds, &pairs, NULL));
    assert_true(pairs_evaluate(&pairs, &result, NULL));
    return result;
}

static void people_who_differ_are_told_apart(void **state)
{
    (void)state;
    struct pairs_result result = evaluated();
    assert_int_equal(result.pairs, 8);
    assert_int_equal(result.folds, 2);
    assert_true(fabs(result.accuracy - 1.0) < 1e-12);
    assert_true(fabs(result.tar_at_1_percent - 1.0) < 1e-12);
}

/* Bob's second picture without a face: his matched pair in fold 1 is lost, 3 of 4 and 4 of 4. */
static void a_face_that_was_not_found_counts_as_different(void **state)
{
    (void)state;
    samples[3].acquired = ACQUIRED_NOTHING;
    struct pairs_result result = evaluated();
    assert_true(fabs(result.accuracy - 0.875) < 1e-12);
    assert_true(fabs(result.deviation - 0.125) < 1e-12);
    assert_true(fabs(result.tar_at_1_percent - 0.75) < 1e-12);
}

static void a_fold_is_judged_by_the_threshold_of_the_others(void **state)
{
    (void)state;
    /* Cem's pictures agree by 0.45 only. The threshold of fold 1, learned on fold 2, is the middle of 0 and
     * 0.45 and right; that of fold 2, learned on fold 1, is the middle of 0 and 1 and loses Cem's pair: 1 and
     * 3 of 4. */
    samples[5].template[2] = 0.45f;
    samples[5].template[9] = 0.893f;
    struct pairs_result result = evaluated();
    assert_true(fabs(result.accuracy - 0.875) < 1e-12);
    assert_true(fabs(result.threshold - (0.225 + 0.5) / 2.0) < 2e-3);
}

/* Ann and Bob match by 1, Cem by 0.45, nobody else by anything: at 0 everything is accepted, then all true
 * ones, from 0.46 on three of four. */
static void the_curve_of_accepts_follows_from_the_scores(void **state)
{
    (void)state;
    AUTO(pairs) struct pairs pairs = {NULL, 0, 0};
    AUTO(trials) struct trials trials = {NULL, 0, 0, 0, 0};
    struct curve_point points[CURVE_POINTS];
    samples[5].template[2] = 0.45f;
    samples[5].template[9] = 0.893f;
    assert_true(parse(two_folds, &pairs, NULL));
    pairs_trials(&pairs, &trials);
    assert_int_equal(trials.count, 8);
    trials_curve(&trials, points);
    static const struct {
        int at;
        double far, tar;
    } rows[] = {{0, 1.0, 1.0}, {1, 0.0, 1.0}, {44, 0.0, 1.0}, {46, 0.0, 0.75}, {100, 0.0, 0.75}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(fabs(points[rows[i].at].fpir - rows[i].far) < 1e-12);
        assert_true(fabs(1.0 - points[rows[i].at].fnir - rows[i].tar) < 1e-12);
    }
}

static void broken_lists_are_refused_with_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum error_code code;
        const char *says;
    } rows[] = {
        {"", ERROR_INVALID, "first line"},
        {"1 3\n", ERROR_INVALID, "first line"},
        {"10 900000000\n", ERROR_INVALID, "first line"},
        {"2 1\nAnn 1\n", ERROR_INVALID, "line 2"},
        {"2 1\nAnn 1 2\nAnn 1 2\n", ERROR_INVALID, "line 3"},
        {"2 1\nAnn 1 7\n", ERROR_MISSING, "line 2"},
        {"2 1\nAnn 1 2\nAnn 1 Dan 1\n", ERROR_MISSING, "line 3"},
        {"2 1\nAnn 1 2\nAnn 1 Bob 1\n", ERROR_INVALID, "2 pairs, and the first line says 4"},
        {"2 1\nAnn 1 2\nAnn 1 Bob 1\nBob 1 2\nAnn 1 Cem 1\nAnn 1 2\n", ERROR_INVALID, "line 6"},
        {"2 1 7\nAnn 1 2\n", ERROR_INVALID, "first line"},
        {"2 1\nAnn 1 2 3\n", ERROR_INVALID, "line 2"},
        {"2 1\nAnn 1 99999999999999999999\n", ERROR_INVALID, "line 2"},
        {"2 1\n\xC0\n", ERROR_INVALID, "line 2"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pairs pairs = {NULL, 0, 0};
        struct error err = {0};
        assert_false(parse(rows[i].text, &pairs, &err));
        assert_int_equal(err.code, rows[i].code);
        assert_non_null(strstr(err.text, rows[i].says));
        assert_null(pairs.items);
        assert_null(strstr(err.text, "Ann"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(people_who_differ_are_told_apart, make_people),
        cmocka_unit_test_setup(a_face_that_was_not_found_counts_as_different, make_people),
        cmocka_unit_test_setup(a_fold_is_judged_by_the_threshold_of_the_others, make_people),
        cmocka_unit_test_setup(the_curve_of_accepts_follows_from_the_scores, make_people),
        cmocka_unit_test_setup(broken_lists_are_refused_with_the_line, make_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
