/* The inner loops of 8-bit networks: sums of products of bytes, brought back to bytes.
 *
 * Activations are codes 0 to CODE_MOST, channels last; weights are signed bytes. A sum is exact in 32 bits
 * and comes back to a code by one rule:
 *     real = sum × (sum < 0 ? below : above)                  (float, rounded to nearest even)
 *     real = real + (skip code − skip zero) × skip scale      (float; where something is added)
 *     code = zero + real rounded to nearest even, cut to 0 … CODE_MOST
 * One set of kernels a kind of machine; all give the same bits, the plain one being the definition.
 *
 * AVX2 adds products in 16 bits before it widens them. That is exact because byte_layer scales the weights so
 * that CHAIN_LIMIT holds: among the weights whose products meet in one 16-bit lane neither the positive nor
 * the negative ones add up to more, and CODE_MOST × CHAIN_LIMIT ≤ 32767. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CODE_MOST = 255,
    CHAIN_LIMIT = 32767 / CODE_MOST,
    PANEL = 16,       /* outputs that are computed together */
    DEPTH_STEP = 8,   /* inputs of a sum come in multiples of this */
    STORE_SLACK = 64, /* kernels read and write up to so many bytes past the last code of a value */
};

/* How sums become codes; a number a channel, as many as a multiple of PANEL. */
struct byte_finish {
    const int32_t *bias;
    const float *above, *below;
    const int16_t *zero;
    const uint8_t *skip; /* codes to be added, or NULL; a row of `skip_stride` a pixel */
    size_t skip_stride;
    const float *skip_scale;
    const int32_t *skip_zero;
};

/* count rows of `depth` codes times weights of `columns` outputs. Weights lie in panels of PANEL outputs:
 * for each four inputs, PANEL times four. */
struct byte_product {
    const uint8_t *rows;
    size_t row_stride, count, depth;
    const int8_t *weights;
    size_t columns;
    struct byte_finish finish;
    uint8_t *codes; /* the result: codes, or (NULL) floats without zero and skip */
    float *floats;
    size_t out_stride; /* in codes or floats, a row */
};

/* Which inputs of a sum meet in one 16-bit lane: i and k do when lane_of(i) equals lane_of(k). */
static inline size_t byte_lane(size_t input)
{
    return input / DEPTH_STEP * 2 + input % 4 / 2;
}

/* Each channel by itself: `count` pixels beside each other. taps[t] is where tap t reads for the first pixel;
 * the next pixel reads `step` bytes further. The weights are as the set of kernels packed them. */
struct byte_each {
    const uint8_t *const *taps;
    size_t tap_count, step, count, channels;
    const void *weights;
    struct byte_finish finish; /* in channel order too */
    uint8_t *codes;
    size_t out_stride;
};

struct byte_kernels {
    const char *name;
    bool (*runs_here)(void);
    void (*product)(const struct byte_product *job);
    /* Bytes that the weights of single channels take, and where those of one channel go (all others zero). */
    size_t (*each_bytes)(size_t channels, size_t taps);
    void (*pack_each)(const int16_t *taps, size_t tap_count, size_t channel, void *weights);
    void (*each)(const struct byte_each *job);
    /* Planes of floats to codes, four channels a pixel (those beyond `channels`, 1 to 4, are 0). */
    void (*encode)(const float *planes, size_t pixels, size_t channels, const float *scale,
        const int16_t *zero, uint8_t *codes);
};

/* Best first; the last set runs everywhere. NULL past the end. */
const struct byte_kernels *byte_kernels_at(size_t index);
const struct byte_kernels *byte_kernels_best(void);

extern const struct byte_kernels byte_kernels_plain, byte_kernels_avx2, byte_kernels_vnni, byte_kernels_amx;
