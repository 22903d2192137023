#include "video/image.h"

#include "video/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool image_init(struct image *image, int width, int height, struct error *err)
{
    if (width < 1 || height < 1)
        return fail(err, ERROR_INVALID, "a picture of %d × %d pixels is empty", width, height);
    if (width > IMAGE_SIDE_LIMIT || height > IMAGE_SIDE_LIMIT || width > IMAGE_PIXEL_LIMIT / height)
        return fail(err, ERROR_TOO_LARGE, "a picture of %d × %d pixels; the limit is %d a side and %d pixels",
            width, height, IMAGE_SIDE_LIMIT, IMAGE_PIXEL_LIMIT);
    int stride = 3 * width;
    *image = (struct image){memory_allocate((size_t)height, (size_t)stride), width, height, stride};
    return true;
}

void image_done(struct image *image)
{
    if (image->rgb)
        memory_wipe(image->rgb, (size_t)image->stride * (size_t)image->height);
    free(image->rgb);
    *image = (struct image){NULL, 0, 0, 0};
}

static const uint8_t *row_at(const struct image *image, int y)
{
    return image->rgb + (size_t)y * (size_t)image->stride;
}

static void copy_rows(const struct image *from, int left, int top, struct image *to)
{
    for (int y = 0; y < to->height; y++)
        memcpy(to->rgb + (size_t)y * (size_t)to->stride, row_at(from, top + y) + (size_t)left * 3,
            (size_t)to->width * 3);
}

struct image image_copy(const struct image *from)
{
    size_t stride = (size_t)from->width * 3;
    struct image copy = {
        memory_allocate((size_t)from->height, stride), from->width, from->height, (int)stride};
    copy_rows(from, 0, 0, &copy);
    return copy;
}

/* A side of a box as a whole pixel inside 0..limit; what is not a number counts as 0. */
static int clip_side(float side, int limit)
{
    if (!(side > 0.0f))
        return 0;
    return side < (float)limit ? (int)side : limit;
}

bool image_crop(const struct image *from, const struct box *box, struct image *out, struct error *err)
{
    int left = clip_side(floorf(box->left), from->width);
    int top = clip_side(floorf(box->top), from->height);
    int right = clip_side(ceilf(box->right), from->width);
    int bottom = clip_side(ceilf(box->bottom), from->height);
    if (right <= left || bottom <= top)
        return fail(err, ERROR_INVALID, "the box lies outside the picture");
    struct image part;
    if (!image_init(&part, right - left, bottom - top, err))
        return false;
    copy_rows(from, left, top, &part);
    *out = part;
    return true;
}

static void axis_done(struct axis *axis)
{
    free(axis->taps);
    free(axis->weights);
}

static void averaging_tap(const struct axis *axis, int to, double ratio, int from_size)
{
    struct tap *tap = &axis->taps[to];
    float *weights = axis->weights + (size_t)to * (size_t)axis->room;
    double start = to * ratio;
    double end = start + ratio;
    tap->first = (int)start;
    int last = (int)ceil(end);
    if (last > from_size)
        last = from_size;
    tap->count = last - tap->first;
    for (int i = 0; i < tap->count; i++) {
        double low = fmax(start, tap->first + i);
        double high = fmin(end, tap->first + i + 1);
        weights[i] = (float)(fmax(high - low, 0.0) / ratio);
    }
}

static void bilinear_tap(const struct axis *axis, int to, double ratio, int from_size)
{
    struct tap *tap = &axis->taps[to];
    float *weights = axis->weights + (size_t)to * (size_t)axis->room;
    double centre = fmin(fmax((to + 0.5) * ratio - 0.5, 0.0), from_size - 1.0);
    tap->first = (int)centre;
    double share = centre - tap->first;
    tap->count = tap->first + 1 < from_size ? 2 : 1;
    weights[0] = (float)(tap->count == 2 ? 1.0 - share : 1.0);
    if (tap->count == 2)
        weights[1] = (float)share;
}

static struct axis axis_new(int from_size, int to_size)
{
    double ratio = (double)from_size / to_size;
    int room = (int)ratio + 3;
    struct axis axis = {memory_allocate((size_t)to_size, sizeof(struct tap)),
        memory_allocate((size_t)to_size * (size_t)room, sizeof(float)), room, 0};
    for (int to = 0; to < to_size; to++) {
        if (to_size < from_size)
            averaging_tap(&axis, to, ratio, from_size);
        else
            bilinear_tap(&axis, to, ratio, from_size);
        axis.most = axis.taps[to].count > axis.most ? axis.taps[to].count : axis.most;
    }
    return axis;
}

void image_scale(const struct image *from, struct image *to)
{
    if (from->width == to->width && from->height == to->height) {
        copy_rows(from, 0, 0, to);
        return;
    }
    const struct picture_kernel *kernel = picture_kernel_best();
    struct axis rows = axis_new(from->height, to->height);
    struct axis columns = axis_new(from->width, to->width);
    size_t count = (size_t)from->width * 3;
    float *sums = memory_allocate(count + axis_reach(&columns), sizeof(float));
    for (int y = 0; y < to->height; y++) {
        const struct tap *tap = &rows.taps[y];
        kernel->add_rows(row_at(from, tap->first), (size_t)from->stride,
            rows.weights + (size_t)y * (size_t)rows.room, tap->count, count, sums);
        kernel->gather_row(sums, &columns, to->width, to->rgb + (size_t)y * (size_t)to->stride);
    }
    memory_wipe(sums, count * sizeof(float));
    free(sums);
    axis_done(&rows);
    axis_done(&columns);
}

void image_warp(const struct image *from, const float map[static 4], struct image *to)
{
    const struct picture_kernel *kernel = picture_kernel_best();
    for (int y = 0; y < to->height; y++)
        kernel->warp_row(from, map, y, to->width, to->rgb + (size_t)y * (size_t)to->stride);
}
