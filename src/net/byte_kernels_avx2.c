#include "net/byte_kernels.h"

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))
#define AVX2_INLINE __attribute__((target("avx2"), always_inline)) static inline

enum { TILE = 3, STEPS = DEPTH_STEP / 4 };

AVX2_INLINE __m256i load(const void *from)
{
    return _mm256_loadu_si256(from);
}

AVX2_INLINE __m256i four_codes(const uint8_t *from)
{
    int32_t codes;
    memcpy(&codes, from, sizeof codes);
    return _mm256_set1_epi32(codes);
}

AVX2_INLINE __m256 scale_sums(const struct byte_finish *finish, size_t channel, __m256i sums)
{
    __m256 above = _mm256_loadu_ps(finish->above + channel), below = _mm256_loadu_ps(finish->below + channel);
    return _mm256_mul_ps(_mm256_cvtepi32_ps(sums), _mm256_blendv_ps(above, below, _mm256_castsi256_ps(sums)));
}

AVX2_INLINE __m256 add_skip(const struct byte_finish *finish, size_t row, size_t channel, __m256 real)
{
    const void *from = finish->skip + row * finish->skip_stride + channel;
    __m256i codes = _mm256_cvtepu8_epi32(_mm_loadl_epi64(from));
    __m256 skip = _mm256_cvtepi32_ps(_mm256_sub_epi32(codes, load(finish->skip_zero + channel)));
    return _mm256_add_ps(real, _mm256_mul_ps(skip, _mm256_loadu_ps(finish->skip_scale + channel)));
}

/* Sixteen 16-bit numbers to codes. */
AVX2_INLINE void store_codes(__m256i numbers, const int16_t *zero, uint8_t *to)
{
    numbers = _mm256_adds_epi16(numbers, load(zero));
    __m128i codes = _mm_packus_epi16(_mm256_castsi256_si128(numbers), _mm256_extracti128_si256(numbers, 1));
    _mm_storeu_si128((void *)to, _mm_min_epu8(codes, _mm_set1_epi8((char)CODE_MOST)));
}

AVX2_INLINE void finish_codes(
    const struct byte_finish *finish, size_t row, size_t channel, const __m256i sums[2], uint8_t *to)
{
    __m256 low = scale_sums(finish, channel, sums[0]), high = scale_sums(finish, channel + 8, sums[1]);
    if (finish->skip) {
        low = add_skip(finish, row, channel, low);
        high = add_skip(finish, row, channel + 8, high);
    }
    __m256i numbers = _mm256_packs_epi32(_mm256_cvtps_epi32(low), _mm256_cvtps_epi32(high));
    store_codes(_mm256_permute4x64_epi64(numbers, 0xd8), finish->zero + channel, to);
}

AVX2_INLINE void finish_sums(const struct byte_product *job, size_t row, size_t column, const __m256i sums[2])
{
    size_t at = row * job->out_stride + column;
    if (job->codes) {
        finish_codes(&job->finish, row, column, sums, job->codes + at);
        return;
    }
    _mm256_storeu_ps(job->floats + at, scale_sums(&job->finish, column, sums[0]));
    _mm256_storeu_ps(job->floats + at + 8, scale_sums(&job->finish, column + 8, sums[1]));
}

/* Adds DEPTH_STEP products for each of sixteen outputs: in 16 bits within the chain, then in 32. */
AVX2_INLINE void add_products(const uint8_t *x, const int8_t *weights, __m256i sums[2])
{
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i codes = four_codes(x);
    __m256i low = _mm256_maddubs_epi16(codes, load(weights));
    __m256i high = _mm256_maddubs_epi16(codes, load(weights + 32));
#pragma GCC unroll 8
    for (size_t step = 1; step < STEPS; step++) {
        codes = four_codes(x + 4 * step);
        low = _mm256_add_epi16(low, _mm256_maddubs_epi16(codes, load(weights + 64 * step)));
        high = _mm256_add_epi16(high, _mm256_maddubs_epi16(codes, load(weights + 64 * step + 32)));
    }
    sums[0] = _mm256_add_epi32(sums[0], _mm256_madd_epi16(low, ones));
    sums[1] = _mm256_add_epi32(sums[1], _mm256_madd_epi16(high, ones));
}

AVX2_INLINE void tile(const struct byte_product *job, size_t row, size_t column, const int rows)
{
    const int8_t *weights = job->weights + column * job->depth;
    const uint8_t *x = job->rows + row * job->row_stride;
    __m256i sums[TILE][2];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
        sums[r][0] = load(job->finish.bias + column);
        sums[r][1] = load(job->finish.bias + column + 8);
    }
    for (size_t i = 0; i < job->depth; i += DEPTH_STEP, weights += (size_t)PANEL * DEPTH_STEP) {
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++)
            add_products(x + (size_t)r * job->row_stride + i, weights, sums[r]);
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
        finish_sums(job, row + (size_t)r, column, sums[r]);
}

AVX2 static void product_avx2(const struct byte_product *job)
{
    for (size_t column = 0; column < job->columns; column += PANEL) {
        size_t row = 0;
        for (; row + TILE <= job->count; row += TILE)
            tile(job, row, column, TILE);
        for (; row < job->count; row++)
            tile(job, row, column, 1);
    }
}

/* Weights of single channels: for each PANEL channels, for each pair of taps, PANEL times two, as 16 bits; an
 * odd last tap is paired with zeroes. */
static size_t each_bytes_avx2(size_t channels, size_t taps)
{
    return channels * 2 * ((taps + 1) / 2) * sizeof(int16_t);
}

/* Where a channel of a panel lies: as unpacking leaves the codes. */
static size_t each_place(size_t channel)
{
    size_t quarter = channel % PANEL / 4, middle = quarter == 1 || quarter == 2;
    return (middle ? 3 - quarter : quarter) * 4 + channel % 4;
}

static void pack_each_avx2(const int16_t *taps, size_t tap_count, size_t channel, void *weights)
{
    size_t pairs = (tap_count + 1) / 2;
    int16_t *to = (int16_t *)weights + (channel / PANEL * pairs * PANEL + each_place(channel)) * 2;
    for (size_t t = 0; t < tap_count; t++)
        to[t / 2 * PANEL * 2 + t % 2] = taps[t];
}

AVX2_INLINE __m256i sixteen_codes(const uint8_t *from)
{
    return _mm256_cvtepu8_epi16(_mm_loadu_si128((const void *)from));
}

/* One pixel, sixteen channels: taps in pairs. Unpacking leaves channels 0-3, 8-11 and 4-7, 12-15 together. */
AVX2_INLINE void each_pixel(
    const struct byte_each *job, const int16_t *weights, size_t pixel, size_t channel, const size_t taps)
{
    __m256i low = _mm256_setzero_si256(), high = low, sums[2];
    size_t at = pixel * job->step + channel;
#pragma GCC unroll 8
    for (size_t t = 0; t < taps; t += 2, weights += (size_t)2 * PANEL) {
        __m256i a = sixteen_codes(job->taps[t] + at), b = _mm256_setzero_si256();
        if (t + 1 < taps)
            b = sixteen_codes(job->taps[t + 1] + at);
        low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), load(weights)));
        high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), load(weights + PANEL)));
    }
    sums[0] = _mm256_add_epi32(_mm256_permute2x128_si256(low, high, 0x20), load(job->finish.bias + channel));
    sums[1] =
        _mm256_add_epi32(_mm256_permute2x128_si256(low, high, 0x31), load(job->finish.bias + channel + 8));
    finish_codes(&job->finish, pixel, channel, sums, job->codes + pixel * job->out_stride + channel);
}

AVX2_INLINE void each_group(const struct byte_each *job, size_t channel, const size_t taps)
{
    const int16_t *weights = (const int16_t *)job->weights + channel * 2 * ((taps + 1) / 2);
    for (size_t pixel = 0; pixel < job->count; pixel++)
        each_pixel(job, weights, pixel, channel, taps);
}

AVX2 static void each_avx2(const struct byte_each *job)
{
    for (size_t channel = 0; channel < job->channels; channel += PANEL) {
        if (job->tap_count == 9)
            each_group(job, channel, 9);
        else
            each_group(job, channel, job->tap_count);
    }
}

AVX2_INLINE __m256i encode_eight(const float *from, float scale, int16_t zero)
{
    const __m256 far = _mm256_set1_ps(1024);
    __m256 real = _mm256_mul_ps(_mm256_loadu_ps(from), _mm256_set1_ps(scale));
    real = _mm256_max_ps(real, _mm256_sub_ps(_mm256_setzero_ps(), far));
    real = _mm256_min_ps(real, far);
    __m256i code = _mm256_add_epi32(_mm256_cvtps_epi32(real), _mm256_set1_epi32(zero));
    return _mm256_max_epi32(_mm256_min_epi32(code, _mm256_set1_epi32(CODE_MOST)), _mm256_setzero_si256());
}

AVX2 static void encode_avx2(const float *planes, size_t pixels, size_t channels, const float *scale,
    const int16_t *zero, uint8_t *codes)
{
    size_t p = 0;
    for (; p + 8 <= pixels; p += 8) {
        __m256i four = _mm256_setzero_si256();
        for (size_t c = channels; c-- > 0;)
            four = _mm256_or_si256(
                _mm256_slli_epi32(four, 8), encode_eight(planes + c * pixels + p, scale[c], zero[c]));
        _mm256_storeu_si256((void *)(codes + 4 * p), four);
    }
    float rest[4 * 8] = {0};
    uint8_t made[4 * 8];
    if (p == pixels)
        return;
    for (size_t c = 0; c < channels; c++)
        memcpy(rest + c * (pixels - p), planes + c * pixels + p, (pixels - p) * sizeof *rest);
    byte_kernels_plain.encode(rest, pixels - p, channels, scale, zero, made);
    memcpy(codes + 4 * p, made, (pixels - p) * 4);
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

const struct byte_kernels byte_kernels_avx2 = {
    "avx2", has_avx2, product_avx2, each_bytes_avx2, pack_each_avx2, each_avx2, encode_avx2};
