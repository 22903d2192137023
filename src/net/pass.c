#include "net/pass.h"

#include "base/memory.h"

#include <immintrin.h>

static void relu_plain(const float *x, float *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] > 0 ? x[i] : 0;
}

static void add_plain(const float *a, const float *b, float *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = a[i] + b[i];
}

static void prelu_plain(const float *x, const float *slopes, float *y, size_t pixels, size_t block)
{
    for (size_t i = 0; i < pixels * block; i++)
        y[i] = x[i] > 0 ? x[i] : x[i] * slopes[i % block];
}

__attribute__((target("avx2"))) static void relu_avx2(const float *x, float *y, size_t count)
{
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        _mm256_storeu_ps(y + i, _mm256_max_ps(_mm256_loadu_ps(x + i), _mm256_setzero_ps()));
    relu_plain(x + i, y + i, count - i);
}

__attribute__((target("avx2"))) static void add_avx2(const float *a, const float *b, float *y, size_t count)
{
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        _mm256_storeu_ps(y + i, _mm256_add_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i)));
    add_plain(a + i, b + i, y + i, count - i);
}

/* Not fused and not by max and min: the plain loop's single product and its treatment of NaN and -0. */
__attribute__((target("avx2"))) static void prelu_avx2(
    const float *x, const float *slopes, float *y, size_t pixels, size_t block)
{
    for (size_t c = 0; c < block; c += 8) {
        __m256 slope = _mm256_loadu_ps(slopes + c);
        for (size_t i = c; i < pixels * block; i += block) {
            __m256 in = _mm256_loadu_ps(x + i);
            __m256 above = _mm256_cmp_ps(in, _mm256_setzero_ps(), _CMP_GT_OQ);
            _mm256_storeu_ps(y + i, _mm256_blendv_ps(_mm256_mul_ps(in, slope), in, above));
        }
    }
}

__attribute__((target("avx512f"))) static void relu_avx512(const float *x, float *y, size_t count)
{
    size_t i = 0;
    for (; i + 16 <= count; i += 16)
        _mm512_storeu_ps(y + i, _mm512_max_ps(_mm512_loadu_ps(x + i), _mm512_setzero_ps()));
    relu_plain(x + i, y + i, count - i);
}

__attribute__((target("avx512f"))) static void add_avx512(
    const float *a, const float *b, float *y, size_t count)
{
    size_t i = 0;
    for (; i + 16 <= count; i += 16)
        _mm512_storeu_ps(y + i, _mm512_add_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i)));
    add_plain(a + i, b + i, y + i, count - i);
}

__attribute__((target("avx512f"))) static __m512 repeat_avx512(const float *slopes, size_t block)
{
    float whole[16];
    for (size_t i = 0; i < COUNT_OF(whole); i++)
        whole[i] = slopes[i % block];
    return _mm512_loadu_ps(whole);
}

__attribute__((target("avx512f"))) static void prelu_avx512(
    const float *x, const float *slopes, float *y, size_t pixels, size_t block)
{
    __m512 slope = repeat_avx512(slopes, block);
    size_t i = 0, count = pixels * block;
    for (; i + 16 <= count; i += 16) {
        __m512 in = _mm512_loadu_ps(x + i);
        __mmask16 others = _mm512_cmp_ps_mask(in, _mm512_setzero_ps(), _CMP_NGT_UQ);
        _mm512_storeu_ps(y + i, _mm512_mask_mul_ps(in, others, in, slope));
    }
    prelu_plain(x + i, slopes, y + i, (count - i) / block, block);
}

static bool runs_everywhere(void)
{
    return true;
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f");
}

static const struct pass_kernels sets[] = {
    {"avx512", has_avx512, relu_avx512, add_avx512, prelu_avx512},
    {"avx2", has_avx2, relu_avx2, add_avx2, prelu_avx2},
    {"plain", runs_everywhere, relu_plain, add_plain, prelu_plain},
};

const struct pass_kernels *pass_kernels_at(size_t index)
{
    return index < COUNT_OF(sets) ? &sets[index] : NULL;
}

const struct pass_kernels *pass_kernels_best(void)
{
    const struct pass_kernels *set = sets;
    while (!set->runs_here())
        set++;
    return set;
}
