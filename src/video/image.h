/* A picture in memory: interleaved 8-bit RGB. Points and boxes are in pixels with the origin at the outer
 * corner of the top left pixel, so the middle of the first pixel is (0.5, 0.5). */
#pragma once

#include "base/memory.h"

enum { IMAGE_SIDE_LIMIT = 8192, IMAGE_PIXEL_LIMIT = 40 * 1000 * 1000 };

struct image {
    uint8_t *rgb;
    int width;
    int height;
    int stride; /* bytes from row to row, at least 3 × width */
};

struct box {
    float left, top, right, bottom;
};

/* ERROR_TOO_LARGE beyond the limits above, ERROR_INVALID for sides below 1. */
bool image_init(struct image *image, int width, int height, struct error *err);
/* Wipes the pixels, then frees them. */
void image_done(struct image *image);
static inline void image_auto(struct image *slot)
{
    image_done(slot);
}
struct image image_copy(const struct image *from);
/* The part of the picture inside the box, rounded outwards and clipped; an own copy. */
bool image_crop(const struct image *from, const struct box *box, struct image *out, struct error *err);
/* Area-averaging when smaller, bilinear when larger. `to` is initialised by the caller and gives the size. */
void image_scale(const struct image *from, struct image *to);
/* Warps by the similarity that maps `from` coordinates to `to` coordinates:
 *   x' = a x − b y + tx,  y' = b x + a y + ty   (map = {a, b, tx, ty}); bilinear, black outside. */
void image_warp(const struct image *from, const float map[static 4], struct image *to);
