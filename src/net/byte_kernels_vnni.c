#include "net/byte_wide.h"

#include <string.h>

enum { TILE = 8, WIDE_TILE = 4, TAPS_AT_ONCE = 4, CHANNELS_AT_ONCE = PANELS * PANEL };

WIDE_INLINE __m512i four_codes(const uint8_t *from)
{
    int32_t codes;
    memcpy(&codes, from, sizeof codes);
    return _mm512_set1_epi32(codes);
}

WIDE_INLINE void tile(const struct byte_product *job, size_t row, size_t column, const int rows)
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
        wide_finish_panel(job, row + (size_t)r, column, sums[r]);
}

/* Four panels at once, so that the loads of codes do not bound it. By itself: what else would be in its
 * registers does not fit. */
WIDE __attribute__((noinline)) static void multiply(
    const struct byte_product *job, size_t row, size_t column, int32_t *to)
{
    const int8_t *weights = job->weights + column * job->depth;
    const uint8_t *x = job->rows + row * job->row_stride;
    __m512i sums[WIDE_TILE][PANELS], four[PANELS];
#pragma GCC unroll 8
    for (size_t r = 0; r < WIDE_TILE; r++)
#pragma GCC unroll 4
        for (size_t p = 0; p < PANELS; p++)
            sums[r][p] = _mm512_loadu_si512(job->finish.bias + column + p * PANEL);
    for (size_t i = 0; i < job->depth; i += 4, weights += (size_t)4 * PANEL) {
#pragma GCC unroll 4
        for (size_t p = 0; p < PANELS; p++)
            four[p] = _mm512_loadu_si512(weights + p * PANEL * job->depth);
#pragma GCC unroll 8
        for (size_t r = 0; r < WIDE_TILE; r++) {
            __m512i codes = four_codes(x + r * job->row_stride + i);
#pragma GCC unroll 4
            for (size_t p = 0; p < PANELS; p++)
                sums[r][p] = _mm512_dpbusd_epi32(sums[r][p], codes, four[p]);
        }
    }
#pragma GCC unroll 8
    for (size_t r = 0; r < WIDE_TILE; r++)
#pragma GCC unroll 4
        for (size_t p = 0; p < PANELS; p++)
            _mm512_store_si512(to + (r * PANELS + p) * PANEL, sums[r][p]);
}

/* The last rows are done twice rather than by themselves. */
WIDE static void four_panels(const struct byte_product *job, size_t column)
{
    _Alignas(64) int32_t sums[WIDE_TILE * PANELS * PANEL];
    for (size_t row = 0; row < job->count; row += WIDE_TILE) {
        size_t first = row + WIDE_TILE <= job->count ? row : job->count - WIDE_TILE;
        multiply(job, first, column, sums);
        wide_finish_rows(job, first, column, sums, WIDE_TILE);
    }
}

WIDE static void product_vnni(const struct byte_product *job)
{
    size_t column = 0;
    for (; column + CHANNELS_AT_ONCE <= job->columns && job->count >= WIDE_TILE; column += CHANNELS_AT_ONCE)
        four_panels(job, column);
    for (; column < job->columns; column += PANEL) {
        size_t row = 0;
        for (; row + TILE <= job->count; row += TILE)
            tile(job, row, column, TILE);
        for (; row < job->count; row++)
            tile(job, row, column, 1);
    }
}

/* Weights of single channels: for each 64 channels, for each four taps, 64 times four bytes, the channels in
 * the order that unpacking leaves: four of each sixteen by turns. */
static size_t each_bytes_vnni(size_t channels, size_t taps)
{
    size_t blocks = (channels + CHANNELS_AT_ONCE - 1) / CHANNELS_AT_ONCE;
    return blocks * ((taps + TAPS_AT_ONCE - 1) / TAPS_AT_ONCE) * CHANNELS_AT_ONCE * TAPS_AT_ONCE;
}

static void pack_each_vnni(const int16_t *taps, size_t tap_count, size_t channel, void *weights)
{
    size_t groups = (tap_count + TAPS_AT_ONCE - 1) / TAPS_AT_ONCE, within = channel % CHANNELS_AT_ONCE;
    size_t place = within % PANEL / 4 * PANEL + within / PANEL * 4 + within % 4;
    int8_t *to = (int8_t *)weights + channel / CHANNELS_AT_ONCE * groups * CHANNELS_AT_ONCE * TAPS_AT_ONCE;
    for (size_t t = 0; t < tap_count; t++)
        to[(t / TAPS_AT_ONCE * CHANNELS_AT_ONCE + place) * TAPS_AT_ONCE + t % TAPS_AT_ONCE] = (int8_t)taps[t];
}

/* Of 64 channels, in the order of their weights. */
struct each_block {
    __m512i bias[PANELS], skip_zero[PANELS], zero[2];
    __m512 above[PANELS], below[PANELS], skip_scale[PANELS];
    __mmask64 seen; /* those that exist */
};

/* Four numbers of each of four vectors by turns. */
WIDE_INLINE void take_turns(__m512i v[PANELS])
{
    __m512i a = _mm512_shuffle_i32x4(v[0], v[1], 0x44), b = _mm512_shuffle_i32x4(v[2], v[3], 0x44);
    __m512i c = _mm512_shuffle_i32x4(v[0], v[1], 0xee), d = _mm512_shuffle_i32x4(v[2], v[3], 0xee);
    v[0] = _mm512_shuffle_i32x4(a, b, 0x88);
    v[1] = _mm512_shuffle_i32x4(a, b, 0xdd);
    v[2] = _mm512_shuffle_i32x4(c, d, 0x88);
    v[3] = _mm512_shuffle_i32x4(c, d, 0xdd);
}

WIDE_INLINE void load_turns(const int32_t *from, __mmask64 seen, __m512i to[PANELS])
{
    for (size_t p = 0; p < PANELS; p++)
        to[p] = _mm512_maskz_loadu_epi32((__mmask16)(seen >> p * PANEL), from + p * PANEL);
    take_turns(to);
}

WIDE_INLINE void load_real_turns(const float *from, __mmask64 seen, __m512 to[PANELS])
{
    __m512i bits[PANELS];
    for (size_t p = 0; p < PANELS; p++)
        bits[p] =
            _mm512_castps_si512(_mm512_maskz_loadu_ps((__mmask16)(seen >> p * PANEL), from + p * PANEL));
    take_turns(bits);
    for (size_t p = 0; p < PANELS; p++)
        to[p] = _mm512_castsi512_ps(bits[p]);
}

WIDE_INLINE void load_block(const struct byte_finish *finish, size_t channel, struct each_block *block)
{
    const int16_t *zero = finish->zero + channel;
    __m512i low = _mm512_maskz_loadu_epi16((__mmask32)block->seen, zero);
    __m512i high = _mm512_maskz_loadu_epi16((__mmask32)(block->seen >> 32), zero + 32);
    block->zero[0] = _mm512_permutex2var_epi64(low, _mm512_setr_epi64(0, 1, 4, 5, 8, 9, 12, 13), high);
    block->zero[1] = _mm512_permutex2var_epi64(low, _mm512_setr_epi64(2, 3, 6, 7, 10, 11, 14, 15), high);
    load_turns(finish->bias + channel, block->seen, block->bias);
    load_real_turns(finish->above + channel, block->seen, block->above);
    load_real_turns(finish->below + channel, block->seen, block->below);
    if (!finish->skip)
        return;
    load_turns(finish->skip_zero + channel, block->seen, block->skip_zero);
    load_real_turns(finish->skip_scale + channel, block->seen, block->skip_scale);
}

/* The codes of four taps beside each other, a channel after the other. */
WIDE_INLINE void unpack_taps(const __m512i taps[TAPS_AT_ONCE], __m512i out[PANELS])
{
    __m512i a = _mm512_unpacklo_epi8(taps[0], taps[1]), b = _mm512_unpackhi_epi8(taps[0], taps[1]);
    __m512i c = _mm512_unpacklo_epi8(taps[2], taps[3]), d = _mm512_unpackhi_epi8(taps[2], taps[3]);
    out[0] = _mm512_unpacklo_epi16(a, c);
    out[1] = _mm512_unpackhi_epi16(a, c);
    out[2] = _mm512_unpacklo_epi16(b, d);
    out[3] = _mm512_unpackhi_epi16(b, d);
}

WIDE_INLINE void add_taps(const struct byte_each *job, size_t at, __mmask64 seen, const int8_t *weights,
    const size_t taps, __m512i sums[PANELS])
{
    __m512i codes[PANELS];
#pragma GCC unroll 3
    for (size_t t = 0; t < taps; t += TAPS_AT_ONCE) {
        __m512i four[TAPS_AT_ONCE];
#pragma GCC unroll 4
        for (size_t k = 0; k < TAPS_AT_ONCE; k++)
            four[k] =
                t + k < taps ? _mm512_maskz_loadu_epi8(seen, job->taps[t + k] + at) : _mm512_setzero_si512();
        unpack_taps(four, codes);
#pragma GCC unroll 4
        for (size_t p = 0; p < PANELS; p++, weights += CHANNELS_AT_ONCE)
            sums[p] = _mm512_dpbusd_epi32(sums[p], codes[p], _mm512_loadu_si512(weights));
    }
}

WIDE_INLINE void add_skips(const uint8_t *from, const struct each_block *block, __m512 real[PANELS])
{
    const __m512i nothing = _mm512_setzero_si512();
    const __m512i taps[TAPS_AT_ONCE] = {
        _mm512_maskz_loadu_epi8(block->seen, from), nothing, nothing, nothing};
    __m512i codes[PANELS];
    unpack_taps(taps, codes);
    for (size_t p = 0; p < PANELS; p++) {
        __m512 skip = _mm512_cvtepi32_ps(_mm512_sub_epi32(codes[p], block->skip_zero[p]));
        real[p] = _mm512_add_ps(real[p], _mm512_mul_ps(skip, block->skip_scale[p]));
    }
}

WIDE_INLINE void each_pixel(const struct byte_each *job, const struct each_block *block,
    const int8_t *weights, size_t pixel, size_t channel, const size_t taps)
{
    __m512i sums[PANELS] = {block->bias[0], block->bias[1], block->bias[2], block->bias[3]}, numbers[PANELS];
    __m512 real[PANELS];
    add_taps(job, pixel * job->step + channel, block->seen, weights, taps, sums);
    for (size_t p = 0; p < PANELS; p++)
        real[p] = wide_scale(sums[p], block->above[p], block->below[p]);
    if (job->finish.skip)
        add_skips(job->finish.skip + pixel * job->finish.skip_stride + channel, block, real);
    for (size_t p = 0; p < PANELS; p++)
        numbers[p] = _mm512_cvtps_epi32(real[p]);
    __m512i low = _mm512_adds_epi16(_mm512_packs_epi32(numbers[0], numbers[1]), block->zero[0]);
    __m512i high = _mm512_adds_epi16(_mm512_packs_epi32(numbers[2], numbers[3]), block->zero[1]);
    _mm512_mask_storeu_epi8(
        job->codes + pixel * job->out_stride + channel, block->seen, _mm512_packus_epi16(low, high));
}

WIDE_INLINE void each_group(const struct byte_each *job, size_t channel, const size_t taps)
{
    size_t left = job->channels - channel;
    struct each_block block = {.seen = left < CHANNELS_AT_ONCE ? ((__mmask64)1 << left) - 1 : ~(__mmask64)0};
    const int8_t *weights = (const int8_t *)job->weights + each_bytes_vnni(channel, taps);
    load_block(&job->finish, channel, &block);
    for (size_t pixel = 0; pixel < job->count; pixel++)
        each_pixel(job, &block, weights, pixel, channel, taps);
}

WIDE static void each_vnni(const struct byte_each *job)
{
    for (size_t channel = 0; channel < job->channels; channel += CHANNELS_AT_ONCE) {
        if (job->tap_count == 9)
            each_group(job, channel, 9);
        else
            each_group(job, channel, job->tap_count);
    }
}

/* The input is a small part: AVX2's loop does for it. */
static void encode_vnni(const float *planes, size_t pixels, size_t channels, const float *scale,
    const int16_t *zero, uint8_t *codes)
{
    byte_kernels_avx2.encode(planes, pixels, channels, scale, zero, codes);
}

static bool has_vnni(void)
{
    return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

const struct byte_kernels byte_kernels_vnni = {
    "vnni", has_vnni, product_vnni, each_bytes_vnni, pack_each_vnni, each_vnni, encode_vnni};
