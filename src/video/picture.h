/* Inside video/ and face/: the inner loops over pictures, one plain and others for wider machines. All give
 * the same bits: each adds and multiplies the same numbers in the same order, without fusing. */
#pragma once

#include "video/image.h"

/* Which input pixels make one output pixel, along one axis. */
struct tap {
    int first;
    int count;
};

struct axis {
    struct tap *taps;
    float *weights; /* `room` for each tap: `count` that sum to 1, then noughts */
    int room;
    int most; /* the largest count */
};

/* Floats that have to be readable behind a row's sums: taps with weights of nought reach there. */
static inline size_t axis_reach(const struct axis *axis)
{
    return 3 * (size_t)axis->room + 4;
}

struct picture_kernel {
    const char *name;
    bool (*runs_here)(void);
    /* sums[x] = weights[0] × rows[0][x] + weights[1] × rows[1][x] + …, from the first on; `rows` of `count`
     * bytes lie `stride` apart. */
    void (*add_rows)(
        const uint8_t *rows, size_t stride, const float *weights, int row_count, size_t count, float *sums);
    /* One row of `width` pixels from sums of three channels. */
    void (*gather_row)(const float *sums, const struct axis *axis, int width, uint8_t *out);
    /* One row of image_warp. */
    void (*warp_row)(const struct image *from, const float map[static 4], int y, int width, uint8_t *out);
    /* out[x] = (channel of pixel x − mean) / divisor, for `count` pixels; three planes `plane` floats apart
     * (below nought: backwards), the first of red. */
    void (*split_row)(
        const uint8_t *rgb, size_t count, float mean, float divisor, ptrdiff_t plane, float *out);
};

/* Best first; the last one runs everywhere. */
const struct picture_kernel *picture_kernel_at(size_t index); /* NULL past the end */
const struct picture_kernel *picture_kernel_best(void);
