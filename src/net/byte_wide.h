/* Inside byte_kernels_vnni.c and byte_kernels_amx.c: sums back to codes, sixteen or sixty-four at a time. */
#pragma once

#include "net/byte_kernels.h"

#include <immintrin.h>

#define WIDE __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define WIDE_INLINE                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"), always_inline)) static inline

enum { PANELS = 4 }; /* what fills a vector with codes */

WIDE_INLINE __m512 wide_scale(__m512i sums, __m512 above, __m512 below)
{
    __m512 numbers = _mm512_cvtepi32_ps(sums);
    return _mm512_mask_mul_ps(_mm512_mul_ps(numbers, above), _mm512_movepi32_mask(sums), numbers, below);
}

WIDE_INLINE __m512 wide_skip(const struct byte_finish *finish, size_t row, size_t channel, __m512 real)
{
    const void *from = finish->skip + row * finish->skip_stride + channel;
    __m512i codes = _mm512_cvtepu8_epi32(_mm_loadu_si128(from));
    __m512 skip =
        _mm512_cvtepi32_ps(_mm512_sub_epi32(codes, _mm512_loadu_si512(finish->skip_zero + channel)));
    return _mm512_add_ps(real, _mm512_mul_ps(skip, _mm512_loadu_ps(finish->skip_scale + channel)));
}

WIDE_INLINE __m512 wide_real(const struct byte_finish *finish, size_t row, size_t channel, __m512i sums)
{
    __m512 real =
        wide_scale(sums, _mm512_loadu_ps(finish->above + channel), _mm512_loadu_ps(finish->below + channel));
    return finish->skip ? wide_skip(finish, row, channel, real) : real;
}

/* One panel of a row. */
WIDE_INLINE void wide_finish_panel(const struct byte_product *job, size_t row, size_t column, __m512i sums)
{
    __m512 real = wide_real(&job->finish, row, column, sums);
    size_t at = row * job->out_stride + column;
    if (!job->codes) {
        _mm512_storeu_ps(job->floats + at, real);
        return;
    }
    __m256i numbers = _mm512_cvtsepi32_epi16(_mm512_cvtps_epi32(real));
    numbers = _mm256_adds_epi16(numbers, _mm256_loadu_si256((const void *)(job->finish.zero + column)));
    __m128i codes = _mm_packus_epi16(_mm256_castsi256_si128(numbers), _mm256_extracti128_si256(numbers, 1));
    _mm_storeu_si128((void *)(job->codes + at), codes);
}

/* The zeroes of 64 channels in the order that packing four panels leaves: four of each panel by turns. */
WIDE_INLINE void wide_load_zeroes(const int16_t *zero, __m512i zeroes[2])
{
    for (size_t half = 0; half < 2; half++) {
        __m512i two = _mm512_loadu_si512(zero + half * 2 * PANEL);
        zeroes[half] = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7), two);
    }
}

/* Four panels of a row. */
WIDE_INLINE void wide_finish_panels(const struct byte_product *job, size_t row, size_t column,
    const __m512i sums[PANELS], const __m512i zeroes[2])
{
    const __m512i panel_by_panel = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    __m512i numbers[PANELS];
    if (!job->codes) {
        for (size_t p = 0; p < PANELS; p++)
            wide_finish_panel(job, row, column + p * PANEL, sums[p]);
        return;
    }
#pragma GCC unroll 4
    for (size_t p = 0; p < PANELS; p++)
        numbers[p] = _mm512_cvtps_epi32(wide_real(&job->finish, row, column + p * PANEL, sums[p]));
    __m512i low = _mm512_adds_epi16(_mm512_packs_epi32(numbers[0], numbers[1]), zeroes[0]);
    __m512i high = _mm512_adds_epi16(_mm512_packs_epi32(numbers[2], numbers[3]), zeroes[1]);
    __m512i codes = _mm512_permutexvar_epi32(panel_by_panel, _mm512_packus_epi16(low, high));
    _mm512_storeu_si512(job->codes + row * job->out_stride + column, codes);
}

/* Rows of four panels' sums, one after the other. */
WIDE_INLINE void wide_finish_rows(
    const struct byte_product *job, size_t row, size_t column, const int32_t *sums, size_t rows)
{
    __m512i zeroes[2] = {0}, four[PANELS];
    if (job->codes)
        wide_load_zeroes(job->finish.zero + column, zeroes);
    for (size_t r = 0; r < rows; r++) {
#pragma GCC unroll 4
        for (size_t p = 0; p < PANELS; p++, sums += PANEL)
            four[p] = _mm512_load_si512(sums);
        wide_finish_panels(job, row + r, column, four, zeroes);
    }
}
