#include "net/pass.h"

#include "base/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <xmmintrin.h>

#include <cmocka.h>

enum { FLUSH_SUBNORMALS = 0x8040, LARGEST = 16 * 67 };

static const float awkward[] = {0.0F, -0.0F, 0x1p-140F, -0x1p-140F, 0x1p-126F, -0x1p-126F, INFINITY,
    -INFINITY, NAN, 0x1.fffffep127F, -0x1.fffffep127F, 1, -1};

/* Ordinary numbers with every awkward one among them. */
static void fill(float *to, size_t count, uint32_t seed)
{
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525U + 1013904223U;
        to[i] = (seed >> 8) % 7 == 0 ? awkward[(seed >> 12) % COUNT_OF(awkward)]
                                     : (float)(int32_t)seed / 2147483648.0F;
    }
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The same bits, or NaN on both sides. */
static void assert_same(const float *got, const float *expected, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bits_of(got[i]) != bits_of(expected[i]) && !(isnan(got[i]) && isnan(expected[i])))
            fail_msg("number %zu of %zu is %a instead of %a", i, count, (double)got[i], (double)expected[i]);
}

static const struct pass_kernels *plain_set(void)
{
    size_t last = 0;
    while (pass_kernels_at(last + 1))
        last++;
    return pass_kernels_at(last);
}

static void compare_rows(const struct pass_kernels *set, size_t count)
{
    float a[LARGEST], b[LARGEST], got[LARGEST], expected[LARGEST];
    fill(a, count, (uint32_t)count);
    fill(b, count, (uint32_t)count + 77);
    set->relu(a, got, count);
    plain_set()->relu(a, expected, count);
    assert_same(got, expected, count);
    set->add(a, b, got, count);
    plain_set()->add(a, b, expected, count);
    assert_same(got, expected, count);
    set->add(a, b, a, count);
    assert_same(a, expected, count);
}

static void compare_prelu(const struct pass_kernels *set, size_t pixels, size_t block)
{
    float x[LARGEST], slopes[16], got[LARGEST], expected[LARGEST];
    fill(x, pixels * block, (uint32_t)pixels);
    fill(slopes, block, (uint32_t)pixels + 5);
    set->prelu(x, slopes, got, pixels, block);
    plain_set()->prelu(x, slopes, expected, pixels, block);
    assert_same(got, expected, pixels * block);
    set->prelu(x, slopes, x, pixels, block);
    assert_same(x, expected, pixels * block);
}

static void every_set_gives_the_plain_set_s_bits(void **state)
{
    (void)state;
    unsigned before = _mm_getcsr();
    for (unsigned mode = 0; mode < 2; mode++) {
        _mm_setcsr(before | (mode ? FLUSH_SUBNORMALS : 0));
        for (size_t k = 0; pass_kernels_at(k); k++) {
            const struct pass_kernels *set = pass_kernels_at(k);
            for (size_t count = 0; set->runs_here() && count < 67; count++) {
                compare_rows(set, count);
                compare_prelu(set, count, 8);
                compare_prelu(set, count, 16);
            }
        }
    }
    _mm_setcsr(before);
}

static void the_plain_set_is_the_definition(void **state)
{
    (void)state;
    const float x[8] = {2, -2, 0, -0.0F, NAN, -8, 4, -INFINITY},
                slopes[8] = {3, 3, 3, 3, 3, 0.25F, 0.25F, 0.5F};
    float y[8];
    plain_set()->relu(x, y, 8);
    assert_same(y, (const float[8]){2, 0, 0, 0, 0, 0, 4, 0}, 8);
    plain_set()->prelu(x, slopes, y, 1, 8);
    assert_same(y, (const float[8]){2, -6, 0, -0.0F, NAN, -2, 4, -INFINITY}, 8);
}

static void the_best_set_runs_here(void **state)
{
    (void)state;
    assert_true(pass_kernels_best()->runs_here());
    assert_true(plain_set()->runs_here());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_set_gives_the_plain_set_s_bits),
        cmocka_unit_test(the_plain_set_is_the_definition),
        cmocka_unit_test(the_best_set_runs_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
