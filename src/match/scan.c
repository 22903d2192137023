#include "match/scan.h"

#include "match/gallery.h"

#include <immintrin.h>

enum { LANES = 16, FLUSH_TO_ZERO = 0x8000 };

unsigned flush_to_zero_begin(void)
{
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | FLUSH_TO_ZERO);
    return before;
}

void flush_to_zero_end(unsigned before)
{
    _mm_setcsr(before);
}

static float add_lanes(float lanes[static LANES])
{
    for (size_t half = LANES / 2; half > 0; half /= 2) {
        for (size_t lane = 0; lane < half; lane++)
            lanes[lane] += lanes[lane + half];
    }
    return lanes[0];
}

/* Correct without FMA instructions, through the C library's fmaf. */
static float score_plain(const float *a, const float *b, size_t length)
{
    float lanes[LANES] = {0};
    for (size_t i = 0; i < length; i++)
        lanes[i % LANES] = __builtin_fmaf(a[i], b[i], lanes[i % LANES]);
    return add_lanes(lanes);
}

__attribute__((target("fma"))) static void add_rest(
    const float *a, const float *b, size_t length, float lanes[static LANES])
{
    for (size_t i = length - length % LANES; i < length; i++)
        lanes[i % LANES] = __builtin_fmaf(a[i], b[i], lanes[i % LANES]);
}

__attribute__((target("avx2,fma"))) static float score_avx2(const float *a, const float *b, size_t length)
{
    __m256 low = _mm256_setzero_ps(), high = _mm256_setzero_ps();
    for (size_t i = 0; i + LANES <= length; i += LANES) {
        low = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), low);
        high = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), high);
    }
    float lanes[LANES];
    _mm256_storeu_ps(lanes, low);
    _mm256_storeu_ps(lanes + 8, high);
    add_rest(a, b, length, lanes);
    return add_lanes(lanes);
}

__attribute__((target("avx512f,fma"))) static float score_avx512(
    const float *a, const float *b, size_t length)
{
    __m512 sum = _mm512_setzero_ps();
    for (size_t i = 0; i + LANES <= length; i += LANES)
        sum = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), sum);
    float lanes[LANES];
    _mm512_storeu_ps(lanes, sum);
    add_rest(a, b, length, lanes);
    return add_lanes(lanes);
}

static bool runs_everywhere(void)
{
    return true;
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("fma");
}

static const struct score_kernel kernels[] = {
    {"avx512", has_avx512, score_avx512},
    {"avx2", has_avx2, score_avx2},
    {"plain", runs_everywhere, score_plain},
};

const struct score_kernel *score_kernel_at(size_t index)
{
    return index < COUNT_OF(kernels) ? &kernels[index] : NULL;
}

const struct score_kernel *score_kernel_best(void)
{
    const struct score_kernel *kernel = kernels;
    while (!kernel->runs_here())
        kernel++;
    return kernel;
}

float score_canonical(const float *a, const float *b, size_t length)
{
    unsigned before = flush_to_zero_begin();
    float score = score_kernel_best()->score(a, b, length);
    flush_to_zero_end(before);
    return score;
}
