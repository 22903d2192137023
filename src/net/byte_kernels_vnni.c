#include "net/byte_kernels.h"

#include <immintrin.h>
#include <string.h>

#define VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
#define VNNI_INLINE                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"), always_inline)) static inline

enum { TILE = 8 };

VNNI_INLINE __m512 scale_sums(const struct byte_finish *finish, size_t channel, __m512i sums)
{
    __m512 above = _mm512_loadu_ps(finish->above + channel), below = _mm512_loadu_ps(finish->below + channel);
    __mmask16 negative = _mm512_cmplt_epi32_mask(sums, _mm512_setzero_si512());
    return _mm512_mul_ps(_mm512_cvtepi32_ps(sums), _mm512_mask_blend_ps(negative, above, below));
}

VNNI_INLINE __m512 add_skip(const struct byte_finish *finish, size_t row, size_t channel, __m512 real)
{
    const void *from = finish->skip + row * finish->skip_stride + channel;
    __m512i codes = _mm512_cvtepu8_epi32(_mm_loadu_si128(from));
    __m512 skip =
        _mm512_cvtepi32_ps(_mm512_sub_epi32(codes, _mm512_loadu_si512(finish->skip_zero + channel)));
    return _mm512_add_ps(real, _mm512_mul_ps(skip, _mm512_loadu_ps(finish->skip_scale + channel)));
}

VNNI_INLINE void finish_sums(const struct byte_product *job, size_t row, size_t column, __m512i sums)
{
    __m512 real = scale_sums(&job->finish, column, sums);
    size_t at = row * job->out_stride + column;
    if (!job->codes) {
        _mm512_storeu_ps(job->floats + at, real);
        return;
    }
    if (job->finish.skip)
        real = add_skip(&job->finish, row, column, real);
    __m256i numbers = _mm512_cvtsepi32_epi16(_mm512_cvtps_epi32(real));
    numbers = _mm256_adds_epi16(numbers, _mm256_loadu_si256((const void *)(job->finish.zero + column)));
    __m128i codes = _mm_packus_epi16(_mm256_castsi256_si128(numbers), _mm256_extracti128_si256(numbers, 1));
    _mm_storeu_si128((void *)(job->codes + at), _mm_min_epu8(codes, _mm_set1_epi8((char)CODE_MOST)));
}

VNNI_INLINE __m512i four_codes(const uint8_t *from)
{
    int32_t codes;
    memcpy(&codes, from, sizeof codes);
    return _mm512_set1_epi32(codes);
}

VNNI_INLINE void tile(const struct byte_product *job, size_t row, size_t column, const int rows)
{
    const int8_t *weights = job->weights + column * job->depth;
    const uint8_t *x = job->rows + row * job->row_stride;
    __m512i sums[TILE];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
        sums[r] = _mm512_loadu_si512(job->finish.bias + column);
    for (size_t i = 0; i < job->depth; i += 4, weights += (size_t)4 * PANEL) {
        __m512i four = _mm512_loadu_si512(weights);
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++)
            sums[r] = _mm512_dpbusd_epi32(sums[r], four_codes(x + (size_t)r * job->row_stride + i), four);
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
        finish_sums(job, row + (size_t)r, column, sums[r]);
}

VNNI static void product_vnni(const struct byte_product *job)
{
    for (size_t column = 0; column < job->columns; column += PANEL) {
        size_t row = 0;
        for (; row + TILE <= job->count; row += TILE)
            tile(job, row, column, TILE);
        for (; row < job->count; row++)
            tile(job, row, column, 1);
    }
}

/* Depthwise layers and the input are a small part: AVX2's loops do for them. */
static void each_vnni(const struct byte_each *job)
{
    byte_kernels_avx2.each(job);
}

static void encode_vnni(const float *planes, size_t pixels, size_t channels, const float *scale,
    const int16_t *zero, uint8_t *codes)
{
    byte_kernels_avx2.encode(planes, pixels, channels, scale, zero, codes);
}

static bool has_vnni(void)
{
    return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl");
}

const struct byte_kernels byte_kernels_vnni = {"vnni", has_vnni, product_vnni, each_vnni, encode_vnni};
