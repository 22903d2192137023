/* Inside byte_layer.c, which makes a layer, and byte_run.c, which runs it. */
#pragma once

#include "net/byte_layer.h"

/* Sizes of the picture that goes in and out, in pixels and bytes. */
struct byte_layer {
    bool each;   /* one group a channel */
    bool direct; /* a pixel's codes are the row of its sums */
    size_t in_stride, in_high, in_wide, out_stride, out_high, out_wide;
    size_t taps, depth, columns, channels; /* of the output */
    struct window window;
    const struct byte_kernels *kernels;
    int8_t *weights; /* own, as all below */
    void *each_weights;
    size_t packed_bytes;
    int32_t *bias;
    float *above, *below, *skip_scale;
    int32_t *skip_zero;
    uint8_t *outside; /* codes of zero, a row of pixels of them */
    size_t outside_bytes;
    const int16_t *zero; /* borrows */
};

static inline size_t byte_round_up(size_t size, size_t to)
{
    return (size + to - 1) / to * to;
}
