#include "match/rows.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t seed = 1;

static float random_float(void)
{
    seed = seed * 1664525U + 1013904223U;
    return (float)(seed >> 8) / 8388608.0F - 1;
}

static void fill_template(float out[static GALLERY_TEMPLATE])
{
    double squares = 0;
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++) {
        out[i] = random_float() + random_float() + random_float();
        squares += (double)out[i] * (double)out[i];
    }
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++)
        out[i] = (float)((double)out[i] / sqrt(squares));
}

static void compare_sums(
    const struct half_kernel *kernel, const int8_t *codes, const uint8_t *halves, size_t count)
{
    int32_t sums[9];
    kernel->sums(codes, halves, count, sums);
    for (size_t row = 0; row < count; row++) {
        int32_t expected = 0;
        const uint8_t *plane = halves + row * QUANTISED_HALF;
        for (size_t i = 0; i < QUANTISED_HALF; i++)
            expected += codes[i] * (plane[i] % 16) + codes[QUANTISED_HALF + i] * (plane[i] / 16);
        assert_int_equal(sums[row], expected);
    }
}

/* With all halves at 15 and all codes at ±127 a sum of 16 bits would saturate. */
static void every_kernel_gives_the_same_sums_even_the_largest(void **state)
{
    (void)state;
    int8_t codes[GALLERY_TEMPLATE];
    uint8_t halves[9 * QUANTISED_HALF];
    for (size_t k = 0; half_kernel_at(k); k++) {
        if (!half_kernel_at(k)->runs_here())
            continue;
        for (int code = -127; code <= 127; code += 254) {
            memset(codes, code, sizeof codes);
            memset(halves, 255, sizeof halves);
            compare_sums(half_kernel_at(k), codes, halves, 9);
        }
        for (size_t i = 0; i < sizeof codes; i++)
            codes[i] = (int8_t)(127 * random_float());
        for (size_t i = 0; i < sizeof halves; i++)
            halves[i] = (uint8_t)(127.5F + 127.5F * random_float());
        for (size_t count = 0; count <= 9; count++)
            compare_sums(half_kernel_at(k), codes, halves, count);
    }
}

static void the_bound_is_close_for_ordinary_templates(void **state)
{
    (void)state;
    float template[GALLERY_TEMPLATE], other[GALLERY_TEMPLATE];
    struct quantised_planes planes;
    struct quantised_measure measure;
    struct quantised_query query;
    for (int round = 0; round < 100; round++) {
        int32_t upper = 0, lower = 0;
        fill_template(template);
        fill_template(other);
        quantise_template(template, &planes, &measure);
        assert_true(quantise_query(other, &query));
        half_kernel_best()->sums(query.codes, planes.upper, 1, &upper);
        half_kernel_best()->sums(query.codes, planes.lower, 1, &lower);
        float score = score_canonical(other, template, GALLERY_TEMPLATE);
        float coarse =
            quantised_most(&query, measure.step, measure.upper_error, quantised_upper_product(&query, upper));
        float fine =
            quantised_most(&query, measure.step, measure.error, quantised_product(&query, upper, lower));
        assert_true(score <= fine && fine < score + 0.03F);
        assert_true(score <= coarse && coarse < score + 0.2F);
    }
}

static void a_query_that_the_bound_does_not_cover_is_left_to_the_exact_scan(void **state)
{
    (void)state;
    static const float outside[] = {0, 0x1p-42F, 0x1p22F, INFINITY, NAN};
    struct quantised_query query;
    float numbers[GALLERY_TEMPLATE] = {0.5F};
    assert_true(quantise_query(numbers, &query));
    for (size_t i = 0; i < COUNT_OF(outside); i++) {
        numbers[0] = outside[i];
        assert_false(quantise_query(numbers, &query));
    }
}

struct taken {
    size_t count;
    float best;
};

static float take_best(void *context, size_t row, float score)
{
    (void)row;
    struct taken *taken = context;
    taken->count++;
    taken->best = score > taken->best ? score : taken->best;
    return taken->best;
}

/* The longest list of a watch: what is left to the canonical score, and that it is the best. */
static void few_templates_of_a_long_list_are_scored(void **state)
{
    (void)state;
    enum { ROWS = 6000, QUERIES = 20 };
    AUTO(rows) struct rows *rows = rows_new(ROWS);
    float(*templates)[GALLERY_TEMPLATE] = malloc(ROWS * sizeof *templates);
    assert_non_null(templates);
    for (size_t i = 0; i < ROWS; i++) {
        fill_template(templates[i]);
        rows_set(rows, i, templates[i]);
    }
    for (int i = 0; i < QUERIES; i++) {
        float query[GALLERY_TEMPLATE], best = -2;
        struct taken taken = {0, -2};
        fill_template(query);
        for (size_t row = 0; row < ROWS; row++)
            best = fmaxf(best, score_canonical(query, templates[row], GALLERY_TEMPLATE));
        rows_search(rows, query, take_best, &taken);
        assert_true(taken.best == best);
        assert_in_range(taken.count, 1, ROWS / 50);
    }
    free(templates);
}

static void a_wiped_template_is_passed_over(void **state)
{
    (void)state;
    enum { ROWS = 8 };
    float templates[ROWS][GALLERY_TEMPLATE];
    AUTO(rows) struct rows *rows = rows_new(ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        fill_template(templates[i]);
        rows_set(rows, i, templates[i]);
    }
    struct taken before = {0, -2}, after = {0, -2};
    rows_search(rows, templates[3], take_best, &before);
    assert_true(before.best > 0.99F);
    rows_wipe(rows, 3, 1);
    rows_search(rows, templates[3], take_best, &after);
    assert_true(after.best < 0.5F);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_gives_the_same_sums_even_the_largest),
        cmocka_unit_test(the_bound_is_close_for_ordinary_templates),
        cmocka_unit_test(a_query_that_the_bound_does_not_cover_is_left_to_the_exact_scan),
        cmocka_unit_test(few_templates_of_a_long_list_are_scored),
        cmocka_unit_test(a_wiped_template_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
