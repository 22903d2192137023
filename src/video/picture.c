#include "video/picture.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

enum { WIDE = 8, CHANNELS = 3 };

static void add_rows_plain(
    const uint8_t *rows, size_t stride, const float *weights, int row_count, size_t count, float *sums)
{
    for (size_t x = 0; x < count; x++)
        sums[x] = weights[0] * (float)rows[x];
    for (int i = 1; i < row_count; i++)
        for (size_t x = 0; x < count; x++)
            sums[x] += weights[i] * (float)rows[(size_t)i * stride + x];
}

static void gather_pixel(
    const float *sums, const struct tap *tap, const float *weights, uint8_t out[static CHANNELS])
{
    for (int channel = 0; channel < CHANNELS; channel++) {
        const float *at = sums + (size_t)tap->first * CHANNELS + channel;
        float sum = 0.5F;
        for (int i = 0; i < tap->count; i++)
            sum += weights[i] * at[(size_t)i * CHANNELS];
        out[channel] = (uint8_t)fminf(sum, 255.0F);
    }
}

static void gather_row_plain(const float *sums, const struct axis *axis, int width, uint8_t *out)
{
    for (int x = 0; x < width; x++, out += CHANNELS)
        gather_pixel(sums, &axis->taps[x], axis->weights + (size_t)x * (size_t)axis->room, out);
}

static void sample_bilinear(const struct image *from, float x, float y, uint8_t out[static CHANNELS])
{
    float left = floorf(x), top = floorf(y);
    float share_x = x - left, share_y = y - top;
    float sums[CHANNELS] = {0.5F, 0.5F, 0.5F};
    for (int corner = 0; corner < 4; corner++) {
        int column = (int)left + (corner & 1);
        int row = (int)top + (corner >> 1);
        if (column < 0 || row < 0 || column >= from->width || row >= from->height)
            continue;
        float weight = ((corner & 1) ? share_x : 1.0F - share_x) * ((corner >> 1) ? share_y : 1.0F - share_y);
        const uint8_t *pixel = from->rgb + (size_t)row * (size_t)from->stride + (size_t)column * CHANNELS;
        for (int c = 0; c < CHANNELS; c++)
            sums[c] += weight * (float)pixel[c];
    }
    for (int c = 0; c < CHANNELS; c++)
        out[c] = (uint8_t)fminf(sums[c], 255.0F);
}

static void warp_pixel(
    const struct image *from, const float map[static 4], int x, int y, uint8_t out[static CHANNELS])
{
    float a = map[0], b = map[1], size = a * a + b * b;
    float u = (float)x + 0.5F - map[2], v = (float)y + 0.5F - map[3];
    float from_x = (a * u + b * v) / size - 0.5F, from_y = (a * v - b * u) / size - 0.5F;
    /* The negation also catches the not-a-number of a map without size. */
    if (!(from_x > -1.0F && from_y > -1.0F && from_x < (float)from->width && from_y < (float)from->height))
        memset(out, 0, CHANNELS);
    else
        sample_bilinear(from, from_x, from_y, out);
}

static void warp_row_plain(
    const struct image *from, const float map[static 4], int y, int width, uint8_t *out)
{
    for (int x = 0; x < width; x++)
        warp_pixel(from, map, x, y, out + (size_t)x * CHANNELS);
}

static void split_row_plain(
    const uint8_t *rgb, size_t count, float mean, float divisor, ptrdiff_t plane, float *out)
{
    for (size_t x = 0; x < count; x++)
        for (size_t channel = 0; channel < CHANNELS; channel++)
            out[(ptrdiff_t)channel * plane + (ptrdiff_t)x] =
                ((float)rgb[x * CHANNELS + channel] - mean) / divisor;
}

/* All rows of eight columns before the next eight: sums are written once and never read back. */
__attribute__((target("avx2"))) static void add_rows_avx2(
    const uint8_t *rows, size_t stride, const float *weights, int row_count, size_t count, float *sums)
{
    size_t x = 0;
    for (; x + WIDE <= count; x += WIDE) {
        __m256 sum = _mm256_setzero_ps();
        for (int i = 0; i < row_count; i++) {
            __m128i bytes = _mm_loadl_epi64((const __m128i *)(rows + (size_t)i * stride + x));
            __m256 product =
                _mm256_mul_ps(_mm256_set1_ps(weights[i]), _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)));
            sum = i ? _mm256_add_ps(sum, product) : product;
        }
        _mm256_storeu_ps(sums + x, sum);
    }
    add_rows_plain(rows + x, stride, weights, row_count, count - x, sums + x);
}

/* A pixel's three channels in one register. */
__attribute__((target("avx2"))) static void gather_row_avx2(
    const float *sums, const struct axis *axis, int width, uint8_t *out)
{
    const __m128 half = _mm_set1_ps(0.5F), white = _mm_set1_ps(255.0F);
    for (int x = 0; x < width; x++, out += CHANNELS) {
        const float *weights = axis->weights + (size_t)x * (size_t)axis->room;
        const float *at = sums + (size_t)axis->taps[x].first * CHANNELS;
        __m128 sum = half;
        for (int i = 0; i < axis->most; i++, at += CHANNELS)
            sum = _mm_add_ps(sum, _mm_mul_ps(_mm_set1_ps(weights[i]), _mm_loadu_ps(at)));
        __m128i words = _mm_cvttps_epi32(_mm_min_ps(sum, white));
        words = _mm_packus_epi16(_mm_packus_epi32(words, words), words);
        int pixel = _mm_cvtsi128_si32(words);
        memcpy(out, &pixel, CHANNELS);
    }
}

struct eight { /* points in the picture, and the pixels to the left and top of them */
    __m256 x, y, left, top;
};

/* The same expressions as warp_pixel's, eight at a time. */
__attribute__((target("avx2"))) static struct eight eight_at(const float map[static 4], int x, int y)
{
    __m256 a = _mm256_set1_ps(map[0]), b = _mm256_set1_ps(map[1]);
    __m256 size = _mm256_set1_ps(map[0] * map[0] + map[1] * map[1]), half = _mm256_set1_ps(0.5F);
    __m256i columns = _mm256_add_epi32(_mm256_set1_epi32(x), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    __m256 u = _mm256_sub_ps(_mm256_add_ps(_mm256_cvtepi32_ps(columns), half), _mm256_set1_ps(map[2]));
    __m256 v = _mm256_set1_ps((float)y + 0.5F - map[3]);
    struct eight eight;
    eight.x =
        _mm256_sub_ps(_mm256_div_ps(_mm256_add_ps(_mm256_mul_ps(a, u), _mm256_mul_ps(b, v)), size), half);
    eight.y =
        _mm256_sub_ps(_mm256_div_ps(_mm256_sub_ps(_mm256_mul_ps(a, v), _mm256_mul_ps(b, u)), size), half);
    eight.left = _mm256_floor_ps(eight.x);
    eight.top = _mm256_floor_ps(eight.y);
    return eight;
}

/* All four corners inside, and the byte behind each pixel too, which is read with it. */
__attribute__((target("avx2"))) static bool all_inside(const struct eight *eight, const struct image *from)
{
    __m256 nought = _mm256_setzero_ps();
    __m256 right = _mm256_set1_ps((float)from->width - 3), bottom = _mm256_set1_ps((float)from->height - 2);
    __m256 inside = _mm256_and_ps(
        _mm256_cmp_ps(eight->left, nought, _CMP_GE_OQ), _mm256_cmp_ps(eight->top, nought, _CMP_GE_OQ));
    inside = _mm256_and_ps(inside, _mm256_cmp_ps(eight->left, right, _CMP_LE_OQ));
    inside = _mm256_and_ps(inside, _mm256_cmp_ps(eight->top, bottom, _CMP_LE_OQ));
    return _mm256_movemask_ps(inside) == 255;
}

__attribute__((target("avx2"))) static __m256 channel_of(__m256i pixels, int shift)
{
    return _mm256_cvtepi32_ps(_mm256_and_si256(_mm256_srli_epi32(pixels, shift), _mm256_set1_epi32(255)));
}

__attribute__((target("avx2"))) static void store_eight(const __m256 sums[static CHANNELS], uint8_t *out)
{
    __m256i pixels = _mm256_setzero_si256();
    for (int channel = CHANNELS - 1; channel >= 0; channel--)
        pixels = _mm256_or_si256(_mm256_slli_epi32(pixels, 8),
            _mm256_cvttps_epi32(_mm256_min_ps(sums[channel], _mm256_set1_ps(255.0F))));
    const __m256i packing = _mm256_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1, 0, 1, 2,
        4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    uint8_t packed[sizeof pixels];
    _mm256_storeu_si256((__m256i *)packed, _mm256_shuffle_epi8(pixels, packing));
    memcpy(out, packed, 12);
    memcpy(out + 12, packed + 16, 12);
}

__attribute__((target("avx2"))) static void sample_eight(
    const struct image *from, const struct eight *eight, uint8_t *out)
{
    const __m256 one = _mm256_set1_ps(1.0F);
    __m256 share_x = _mm256_sub_ps(eight->x, eight->left), share_y = _mm256_sub_ps(eight->y, eight->top);
    __m256 sums[CHANNELS] = {_mm256_set1_ps(0.5F), _mm256_set1_ps(0.5F), _mm256_set1_ps(0.5F)};
    __m256i offsets =
        _mm256_add_epi32(_mm256_mullo_epi32(_mm256_cvttps_epi32(eight->top), _mm256_set1_epi32(from->stride)),
            _mm256_mullo_epi32(_mm256_cvttps_epi32(eight->left), _mm256_set1_epi32(CHANNELS)));
    for (int corner = 0; corner < 4; corner++) {
        const uint8_t *base =
            from->rgb + (corner >> 1) * (ptrdiff_t)from->stride + (ptrdiff_t)(corner & 1) * CHANNELS;
        __m256 weight = _mm256_mul_ps((corner & 1) ? share_x : _mm256_sub_ps(one, share_x),
            (corner >> 1) ? share_y : _mm256_sub_ps(one, share_y));
        __m256i pixels = _mm256_i32gather_epi32((const int *)(const void *)base, offsets, 1);
        for (int channel = 0; channel < CHANNELS; channel++)
            sums[channel] =
                _mm256_add_ps(sums[channel], _mm256_mul_ps(weight, channel_of(pixels, 8 * channel)));
    }
    store_eight(sums, out);
}

__attribute__((target("avx2"))) static void warp_row_avx2(
    const struct image *from, const float map[static 4], int y, int width, uint8_t *out)
{
    int x = 0;
    for (; x + WIDE <= width; x += WIDE, out += (size_t)WIDE * CHANNELS) {
        struct eight eight = eight_at(map, x, y);
        if (all_inside(&eight, from))
            sample_eight(from, &eight, out);
        else
            for (int i = 0; i < WIDE; i++)
                warp_pixel(from, map, x + i, y, out + (size_t)i * CHANNELS);
    }
    for (; x < width; x++, out += CHANNELS)
        warp_pixel(from, map, x, y, out);
}

/* Sixteen bytes hold five pixels: four are taken. The last pixels, behind which fewer bytes lie, go singly.
 */
__attribute__((target("avx2"))) static void split_row_avx2(
    const uint8_t *rgb, size_t count, float mean, float divisor, ptrdiff_t plane, float *out)
{
    const __m128i picks[CHANNELS] = {
        _mm_setr_epi8(0, -1, -1, -1, 3, -1, -1, -1, 6, -1, -1, -1, 9, -1, -1, -1),
        _mm_setr_epi8(1, -1, -1, -1, 4, -1, -1, -1, 7, -1, -1, -1, 10, -1, -1, -1),
        _mm_setr_epi8(2, -1, -1, -1, 5, -1, -1, -1, 8, -1, -1, -1, 11, -1, -1, -1)};
    const __m256 means = _mm256_set1_ps(mean), divisors = _mm256_set1_ps(divisor);
    size_t x = 0;
    for (; x + WIDE + 2 <= count; x += WIDE) {
        __m128i first = _mm_loadu_si128((const __m128i *)(rgb + x * CHANNELS));
        __m128i second = _mm_loadu_si128((const __m128i *)(rgb + (x + 4) * CHANNELS));
        for (size_t channel = 0; channel < CHANNELS; channel++) {
            __m256i numbers = _mm256_set_m128i(
                _mm_shuffle_epi8(second, picks[channel]), _mm_shuffle_epi8(first, picks[channel]));
            _mm256_storeu_ps(out + (ptrdiff_t)channel * plane + x,
                _mm256_div_ps(_mm256_sub_ps(_mm256_cvtepi32_ps(numbers), means), divisors));
        }
    }
    split_row_plain(rgb + x * CHANNELS, count - x, mean, divisor, plane, out + x);
}

static bool runs_everywhere(void)
{
    return true;
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

static const struct picture_kernel kernels[] = {
    {"avx2", has_avx2, add_rows_avx2, gather_row_avx2, warp_row_avx2, split_row_avx2},
    {"plain", runs_everywhere, add_rows_plain, gather_row_plain, warp_row_plain, split_row_plain},
};

const struct picture_kernel *picture_kernel_at(size_t index)
{
    return index < COUNT_OF(kernels) ? &kernels[index] : NULL;
}

const struct picture_kernel *picture_kernel_best(void)
{
    const struct picture_kernel *kernel = kernels;
    while (!kernel->runs_here())
        kernel++;
    return kernel;
}
