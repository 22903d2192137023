#include "video/image.h"

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

/* Which input pixels make one output pixel, along one axis. */
struct tap {
    int first;
    int count;
    size_t weight; /* index of the first weight; weights of one tap sum to 1 */
};

struct axis {
    struct tap *taps;
    float *weights;
};

static void axis_done(struct axis *axis)
{
    free(axis->taps);
    free(axis->weights);
}

static void averaging_tap(const struct axis *axis, int to, double ratio, int from_size)
{
    struct tap *tap = &axis->taps[to];
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
        axis->weights[tap->weight + (size_t)i] = (float)(fmax(high - low, 0.0) / ratio);
    }
}

static void bilinear_tap(const struct axis *axis, int to, double ratio, int from_size)
{
    struct tap *tap = &axis->taps[to];
    double centre = fmin(fmax((to + 0.5) * ratio - 0.5, 0.0), from_size - 1.0);
    tap->first = (int)centre;
    double share = centre - tap->first;
    tap->count = tap->first + 1 < from_size ? 2 : 1;
    axis->weights[tap->weight] = (float)(tap->count == 2 ? 1.0 - share : 1.0);
    if (tap->count == 2)
        axis->weights[tap->weight + 1] = (float)share;
}

static struct axis axis_new(int from_size, int to_size)
{
    double ratio = (double)from_size / to_size;
    size_t room = (size_t)ratio + 3;
    struct axis axis = {memory_allocate((size_t)to_size, sizeof(struct tap)),
        memory_allocate((size_t)to_size * room, sizeof(float))};
    for (int to = 0; to < to_size; to++) {
        axis.taps[to].weight = (size_t)to * room;
        if (to_size < from_size)
            averaging_tap(&axis, to, ratio, from_size);
        else
            bilinear_tap(&axis, to, ratio, from_size);
    }
    return axis;
}

static void add_rows(const struct image *from, const struct axis *axis, int y, float *restrict sums)
{
    const struct tap *tap = &axis->taps[y];
    size_t count = (size_t)from->width * 3;
    for (int i = 0; i < tap->count; i++) {
        float weight = axis->weights[tap->weight + (size_t)i];
        const uint8_t *restrict row = row_at(from, tap->first + i);
        if (i == 0)
            for (size_t x = 0; x < count; x++)
                sums[x] = weight * (float)row[x];
        else
            for (size_t x = 0; x < count; x++)
                sums[x] += weight * (float)row[x];
    }
}

static void gather_row(const float *sums, const struct axis *axis, int width, uint8_t *out)
{
    for (int x = 0; x < width; x++) {
        const struct tap *tap = &axis->taps[x];
        const float *weights = axis->weights + tap->weight;
        const float *at = sums + (size_t)tap->first * 3;
        float red = 0.5f;
        float green = 0.5f;
        float blue = 0.5f;
        for (int i = 0; i < tap->count; i++, at += 3) {
            red += weights[i] * at[0];
            green += weights[i] * at[1];
            blue += weights[i] * at[2];
        }
        *out++ = (uint8_t)fminf(red, 255.0f);
        *out++ = (uint8_t)fminf(green, 255.0f);
        *out++ = (uint8_t)fminf(blue, 255.0f);
    }
}

void image_scale(const struct image *from, struct image *to)
{
    if (from->width == to->width && from->height == to->height) {
        copy_rows(from, 0, 0, to);
        return;
    }
    struct axis rows = axis_new(from->height, to->height);
    struct axis columns = axis_new(from->width, to->width);
    size_t count = (size_t)from->width * 3;
    float *sums = memory_allocate(count, sizeof(float));
    for (int y = 0; y < to->height; y++) {
        add_rows(from, &rows, y, sums);
        gather_row(sums, &columns, to->width, to->rgb + (size_t)y * (size_t)to->stride);
    }
    memory_wipe(sums, count * sizeof(float));
    free(sums);
    axis_done(&rows);
    axis_done(&columns);
}

static void sample_bilinear(const struct image *from, float x, float y, uint8_t out[static 3])
{
    float left = floorf(x);
    float top = floorf(y);
    float share_x = x - left;
    float share_y = y - top;
    float sums[3] = {0.5f, 0.5f, 0.5f};
    for (int corner = 0; corner < 4; corner++) {
        int column = (int)left + (corner & 1);
        int row = (int)top + (corner >> 1);
        if (column < 0 || row < 0 || column >= from->width || row >= from->height)
            continue;
        float weight = ((corner & 1) ? share_x : 1.0f - share_x) * ((corner >> 1) ? share_y : 1.0f - share_y);
        const uint8_t *pixel = row_at(from, row) + (size_t)column * 3;
        for (int c = 0; c < 3; c++)
            sums[c] += weight * (float)pixel[c];
    }
    for (int c = 0; c < 3; c++)
        out[c] = (uint8_t)fminf(sums[c], 255.0f);
}

void image_warp(const struct image *from, const float map[static 4], struct image *to)
{
    float a = map[0];
    float b = map[1];
    float size = a * a + b * b;
    for (int y = 0; y < to->height; y++) {
        uint8_t *out = to->rgb + (size_t)y * (size_t)to->stride;
        for (int x = 0; x < to->width; x++, out += 3) {
            float u = (float)x + 0.5f - map[2];
            float v = (float)y + 0.5f - map[3];
            float from_x = (a * u + b * v) / size - 0.5f;
            float from_y = (a * v - b * u) / size - 0.5f;
            /* The negation also catches the not-a-number of a map without size. */
            if (!(from_x > -1.0f && from_y > -1.0f && from_x < (float)from->width &&
                    from_y < (float)from->height))
                memset(out, 0, 3);
            else
                sample_bilinear(from, from_x, from_y, out);
        }
    }
}
