#include "match/scan.h"

#include "match/gallery.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { LONGEST = 600 };

static float random_float(uint32_t *seed, int exponents)
{
    *seed = *seed * 1664525U + 1013904223U;
    float mantissa = (float)(*seed >> 8) / 8388608.0F - 1;
    *seed = *seed * 1664525U + 1013904223U;
    return ldexpf(mantissa, -(int)((*seed >> 8) % (unsigned)exponents));
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The header's definition, written down once more. */
static float score_by_definition(const float *a, const float *b, size_t length)
{
    float lanes[16] = {0};
    for (size_t i = 0; i < length; i++)
        lanes[i % 16] = fmaf(a[i], b[i], lanes[i % 16]);
    for (size_t half = 8; half > 0; half /= 2) {
        for (size_t lane = 0; lane < half; lane++)
            lanes[lane] = lanes[lane] + lanes[lane + half];
    }
    return lanes[0];
}

static void compare_kernels(const float *a, const float *b, size_t length)
{
    unsigned before = flush_to_zero_begin();
    uint32_t expected = bits_of(score_by_definition(a, b, length));
    for (size_t k = 0; score_kernel_at(k); k++) {
        if (score_kernel_at(k)->runs_here())
            assert_int_equal(bits_of(score_kernel_at(k)->score(a, b, length)), expected);
    }
    flush_to_zero_end(before);
    assert_int_equal(bits_of(score_canonical(a, b, length)), expected);
}

static void every_kernel_gives_the_same_bits_at_every_length(void **state)
{
    (void)state;
    float a[LONGEST] = {0}, b[LONGEST] = {0};
    uint32_t seed = 1;
    for (size_t length = 0; length < LONGEST; length += length < 70 ? 1 : 37) {
        for (size_t i = 0; i < length; i++) {
            a[i] = random_float(&seed, 12);
            b[i] = random_float(&seed, 12);
        }
        compare_kernels(a, b, length);
        compare_kernels(a + length % 4, b, length - length % 4);
    }
}

static void compare_rows(size_t count, size_t length)
{
    float query[LONGEST], rows[9 * LONGEST], scores[9];
    uint32_t seed = (uint32_t)(count + length);
    for (size_t i = 0; i < length; i++)
        query[i] = random_float(&seed, 12);
    for (size_t i = 0; i < count * length; i++)
        rows[i] = random_float(&seed, 12);
    for (size_t k = 0; score_kernel_at(k); k++) {
        unsigned before = flush_to_zero_begin();
        if (score_kernel_at(k)->runs_here())
            score_kernel_at(k)->score_rows(query, rows, count, length, scores);
        for (size_t i = 0; score_kernel_at(k)->runs_here() && i < count; i++)
            assert_int_equal(
                bits_of(scores[i]), bits_of(score_by_definition(query, rows + i * length, length)));
        flush_to_zero_end(before);
    }
}

static void every_kernel_gives_the_same_bits_over_many_templates(void **state)
{
    (void)state;
    for (size_t count = 0; count <= 9; count++) {
        compare_rows(count, GALLERY_TEMPLATE);
        compare_rows(count, 48);
        compare_rows(count, 37);
    }
}

static void every_kernel_gives_the_same_bits_where_products_vanish(void **state)
{
    (void)state;
    float a[GALLERY_TEMPLATE], b[GALLERY_TEMPLATE];
    uint32_t seed = 7;
    for (size_t round = 0; round < 50; round++) {
        for (size_t i = 0; i < GALLERY_TEMPLATE; i++) {
            a[i] = random_float(&seed, 140);
            b[i] = random_float(&seed, 140);
        }
        compare_kernels(a, b, GALLERY_TEMPLATE);
    }
}

static void a_result_under_the_smallest_normal_number_is_nought(void **state)
{
    (void)state;
    float a[16] = {ldexpf(1, -100)}, b[16] = {ldexpf(1, -30)};
    assert_int_equal(bits_of(score_canonical(a, b, 16)), 0);
    b[0] = ldexpf(1, -26);
    assert_true(score_canonical(a, b, 16) == ldexpf(1, -126));
}

static void the_fused_product_is_rounded_once(void **state)
{
    (void)state;
    float a[32] = {0}, b[32] = {0};
    a[0] = 1, b[0] = -1;
    a[16] = 1 + ldexpf(1, -12), b[16] = 1 + ldexpf(1, -12);
    assert_true(score_canonical(a, b, 32) == ldexpf(1, -11) + ldexpf(1, -24));
}

static void the_mode_of_the_thread_comes_back(void **state)
{
    (void)state;
    unsigned before = flush_to_zero_begin();
    flush_to_zero_end(before);
    float a[1] = {1};
    score_canonical(a, a, 1);
    assert_int_equal(flush_to_zero_begin() & ~0x3fU, before & ~0x3fU);
    flush_to_zero_end(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_gives_the_same_bits_at_every_length),
        cmocka_unit_test(every_kernel_gives_the_same_bits_over_many_templates),
        cmocka_unit_test(every_kernel_gives_the_same_bits_where_products_vanish),
        cmocka_unit_test(a_result_under_the_smallest_normal_number_is_nought),
        cmocka_unit_test(the_fused_product_is_rounded_once),
        cmocka_unit_test(the_mode_of_the_thread_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
