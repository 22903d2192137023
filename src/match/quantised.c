#include "match/quantised.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

enum { LEVELS = 256, CODE_LIMIT = 127, HALF_BITS = 4, HALF_LEVELS = 16, HALF_MASK = 15, TOGETHER = 4 };

static const double spare = 1 + 0x1p-16;
static const double row_length_limit = 1.002;
static const double least_length = 0x1p-40;
static const double largest_length = 0x1p20;

static int byte_of(float number, float per_step)
{
    float level = number * per_step + (float)LEVELS / 2;
    return level <= 0 ? 0 : level >= LEVELS - 1 ? LEVELS - 1 : (int)level;
}

static float largest_of(const float *numbers)
{
    float largest = 0;
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++)
        largest = fabsf(numbers[i]) > largest ? fabsf(numbers[i]) : largest;
    return largest;
}

void quantise_template(const float template[static GALLERY_TEMPLATE], struct quantised_planes *planes,
    struct quantised_measure *measure)
{
    double squares = 0, upper_squares = 0;
    float step = largest_of(template) / ((float)LEVELS / 2), per_step = step > 0 ? 1 / step : 0;
    memset(planes, 0, sizeof *planes);
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++) {
        int byte = byte_of(template[i], per_step), upper = byte / HALF_LEVELS, lower = byte % HALF_LEVELS;
        double error = (double)template[i] - (double)step * (byte - 127.5);
        double upper_error = (double)template[i] - (double)step * (HALF_LEVELS * upper - 120);
        unsigned shift = i < QUANTISED_HALF ? 0 : HALF_BITS;
        planes->upper[i % QUANTISED_HALF] |= (uint8_t)(upper << shift);
        planes->lower[i % QUANTISED_HALF] |= (uint8_t)(lower << shift);
        squares += error * error;
        upper_squares += upper_error * upper_error;
    }
    *measure = (struct quantised_measure){
        step, (float)(sqrt(squares) * spare), (float)(sqrt(upper_squares) * spare)};
}

bool quantise_query(const float query[static GALLERY_TEMPLATE], struct quantised_query *out)
{
    double squares = 0, code_squares = 0, error_squares = 0;
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++)
        squares += (double)query[i] * (double)query[i];
    double length = sqrt(squares);
    /* Written so that what is no number fails, too. */
    if (!(length >= least_length && length <= largest_length))
        return false;
    out->scale = largest_of(query) / CODE_LIMIT;
    out->code_sum = 0;
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++) {
        int code = (int)lrintf(query[i] / out->scale);
        code = code > CODE_LIMIT ? CODE_LIMIT : code < -CODE_LIMIT ? -CODE_LIMIT : code;
        double error = (double)query[i] - (double)out->scale * code;
        out->codes[i] = (int8_t)code;
        out->code_sum += code;
        code_squares += (double)code * code;
        error_squares += error * error;
    }
    out->length = (float)((double)out->scale * sqrt(code_squares) * spare);
    out->slack = (float)(sqrt(error_squares) * row_length_limit * spare + length * 0x1p-16);
    return true;
}

static void sums_plain(
    const int8_t codes[static GALLERY_TEMPLATE], const uint8_t *halves, size_t count, int32_t *sums)
{
    for (size_t row = 0; row < count; row++, halves += QUANTISED_HALF) {
        sums[row] = 0;
        for (size_t i = 0; i < QUANTISED_HALF; i++)
            sums[row] +=
                codes[i] * (halves[i] & HALF_MASK) + codes[i + QUANTISED_HALF] * (halves[i] >> HALF_BITS);
    }
}

/* Pairs of products are at most 2 × 15 × 127 = 3,810, and eight of them 30,480: no 16-bit lane saturates. */
__attribute__((target("avx2"))) static __m256i row_avx2(const int8_t *codes, const uint8_t *halves)
{
    const __m256i mask = _mm256_set1_epi8(HALF_MASK), ones = _mm256_set1_epi16(1);
    __m256i first = _mm256_setzero_si256(), second = first;
    for (size_t i = 0; i < QUANTISED_HALF; i += sizeof(__m256i)) {
        __m256i both = _mm256_loadu_si256((const __m256i *)(halves + i));
        __m256i low = _mm256_and_si256(both, mask);
        __m256i high = _mm256_and_si256(_mm256_srli_epi16(both, HALF_BITS), mask);
        __m256i low_codes = _mm256_loadu_si256((const __m256i *)(codes + i));
        __m256i high_codes = _mm256_loadu_si256((const __m256i *)(codes + QUANTISED_HALF + i));
        first = _mm256_add_epi16(first, _mm256_maddubs_epi16(low, low_codes));
        second = _mm256_add_epi16(second, _mm256_maddubs_epi16(high, high_codes));
    }
    return _mm256_add_epi32(_mm256_madd_epi16(first, ones), _mm256_madd_epi16(second, ones));
}

__attribute__((target("avx2"))) static __m128i fold_avx2(__m256i eight)
{
    return _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
}

__attribute__((target("avx2"))) static void sums_avx2(
    const int8_t codes[static GALLERY_TEMPLATE], const uint8_t *halves, size_t count, int32_t *sums)
{
    size_t row = 0;
    for (; row + TOGETHER <= count; row += TOGETHER) {
        __m256i parts[TOGETHER];
        /* Not interleaved: read in order, the plane comes from memory twice as fast. */
#pragma GCC unroll 1
        for (size_t k = 0; k < TOGETHER; k++, halves += QUANTISED_HALF)
            parts[k] = row_avx2(codes, halves);
        __m256i pairs = _mm256_hadd_epi32(parts[0], parts[1]);
        __m256i others = _mm256_hadd_epi32(parts[2], parts[3]);
        _mm_storeu_si128((__m128i *)(sums + row), fold_avx2(_mm256_hadd_epi32(pairs, others)));
    }
    for (; row < count; row++, halves += QUANTISED_HALF) {
        __m128i four = fold_avx2(row_avx2(codes, halves));
        four = _mm_hadd_epi32(four, four);
        sums[row] = _mm_cvtsi128_si32(_mm_hadd_epi32(four, four));
    }
}

__attribute__((target("avx512f,avx512bw,avx512vnni"))) static void sums_vnni(
    const int8_t codes[static GALLERY_TEMPLATE], const uint8_t *halves, size_t count, int32_t *sums)
{
    const __m512i mask = _mm512_set1_epi8(HALF_MASK);
    for (size_t row = 0; row < count; row++, halves += QUANTISED_HALF) {
        __m512i first = _mm512_setzero_si512(), second = first;
        for (size_t i = 0; i < QUANTISED_HALF; i += sizeof(__m512i)) {
            __m512i both = _mm512_loadu_si512(halves + i);
            __m512i low = _mm512_and_si512(both, mask);
            __m512i high = _mm512_and_si512(_mm512_srli_epi16(both, HALF_BITS), mask);
            first = _mm512_dpbusd_epi32(first, low, _mm512_loadu_si512(codes + i));
            second = _mm512_dpbusd_epi32(second, high, _mm512_loadu_si512(codes + QUANTISED_HALF + i));
        }
        sums[row] = _mm512_reduce_add_epi32(_mm512_add_epi32(first, second));
    }
}

static bool runs_everywhere(void)
{
    return true;
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

static bool has_vnni(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vnni");
}

static const struct half_kernel kernels[] = {
    {"avx512-vnni", has_vnni, sums_vnni},
    {"avx2", has_avx2, sums_avx2},
    {"plain", runs_everywhere, sums_plain},
};

const struct half_kernel *half_kernel_at(size_t index)
{
    return index < COUNT_OF(kernels) ? &kernels[index] : NULL;
}

const struct half_kernel *half_kernel_best(void)
{
    const struct half_kernel *kernel = kernels;
    while (!kernel->runs_here())
        kernel++;
    return kernel;
}
