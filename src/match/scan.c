#include "match/scan.h"

#include "match/gallery.h"

#include <immintrin.h>

enum { LANES = 16, TOGETHER = 4, FLUSH_TO_ZERO = 0x8000 };

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

static void rows_plain(const float *query, const float *rows, size_t count, size_t length, float *scores)
{
    for (size_t i = 0; i < count; i++)
        scores[i] = score_plain(query, rows + i * length, length);
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

/* add_lanes in registers. */
__attribute__((target("avx2"))) static float add_halves(__m256 low, __m256 high)
{
    __m256 eight = _mm256_add_ps(low, high);
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

/* Several templates at once: a lane's additions wait for each other, those of different templates do not. */
__attribute__((target("avx2,fma"))) static void four_avx2(
    const float *query, const float *rows, size_t length, float *scores)
{
    __m256 low[TOGETHER], high[TOGETHER];
    for (size_t k = 0; k < TOGETHER; k++)
        low[k] = high[k] = _mm256_setzero_ps();
    for (size_t i = 0; i < length; i += LANES) {
        __m256 first = _mm256_loadu_ps(query + i), second = _mm256_loadu_ps(query + i + 8);
        for (size_t k = 0; k < TOGETHER; k++) {
            const float *row = rows + k * length + i;
            _mm_prefetch((const char *)(row + TOGETHER * length), _MM_HINT_T0);
            low[k] = _mm256_fmadd_ps(first, _mm256_loadu_ps(row), low[k]);
            high[k] = _mm256_fmadd_ps(second, _mm256_loadu_ps(row + 8), high[k]);
        }
    }
    for (size_t k = 0; k < TOGETHER; k++)
        scores[k] = add_halves(low[k], high[k]);
}

static void rows_avx2(const float *query, const float *rows, size_t count, size_t length, float *scores)
{
    size_t i = 0;
    for (; length % LANES == 0 && i + TOGETHER <= count; i += TOGETHER)
        four_avx2(query, rows + i * length, length, scores + i);
    for (; i < count; i++)
        scores[i] = score_avx2(query, rows + i * length, length);
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

__attribute__((target("avx512f,fma"))) static void four_avx512(
    const float *query, const float *rows, size_t length, float *scores)
{
    __m512 sum[TOGETHER];
    float lanes[LANES];
    for (size_t k = 0; k < TOGETHER; k++)
        sum[k] = _mm512_setzero_ps();
    for (size_t i = 0; i < length; i += LANES) {
        __m512 part = _mm512_loadu_ps(query + i);
        for (size_t k = 0; k < TOGETHER; k++) {
            const float *row = rows + k * length + i;
            _mm_prefetch((const char *)(row + TOGETHER * length), _MM_HINT_T0);
            sum[k] = _mm512_fmadd_ps(part, _mm512_loadu_ps(row), sum[k]);
        }
    }
    for (size_t k = 0; k < TOGETHER; k++) {
        _mm512_storeu_ps(lanes, sum[k]);
        scores[k] = add_lanes(lanes);
    }
}

static void rows_avx512(const float *query, const float *rows, size_t count, size_t length, float *scores)
{
    size_t i = 0;
    for (; length % LANES == 0 && i + TOGETHER <= count; i += TOGETHER)
        four_avx512(query, rows + i * length, length, scores + i);
    for (; i < count; i++)
        scores[i] = score_avx512(query, rows + i * length, length);
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
    {"avx512", has_avx512, score_avx512, rows_avx512},
    {"avx2", has_avx2, score_avx2, rows_avx2},
    {"plain", runs_everywhere, score_plain, rows_plain},
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
