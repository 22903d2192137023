#include "net/kernel_picture.h"

#include <math.h>

struct side {
    int first, end; /* the taps that lie in the picture */
    int start;      /* the pixel of tap 0, perhaps outside */
};

static struct side side_at(const struct window *window, int axis, int size, int out)
{
    int start = out * window->stride[axis] - window->pad_before[axis], step = window->dilation[axis];
    struct side side = {0, window->kernel[axis], start};
    while (side.first < side.end && start + side.first * step < 0)
        side.first++;
    while (side.end > side.first && start + (side.end - 1) * step >= size)
        side.end--;
    return side;
}

/* Taps of an average that lie in the picture or its padding, but not behind the padding. */
static int padded_taps(const struct window *window, int axis, int size, int start)
{
    int count = 0;
    for (int tap = 0; tap < window->kernel[axis]; tap++)
        count += start + tap * window->dilation[axis] < size + window->pad_after[axis];
    return count;
}

static float pool_point(const struct pool *pool, const float *plane, const int size[static 2],
    const struct side *rows, const struct side *columns)
{
    const struct window *window = &pool->window;
    float most = -INFINITY, sum = 0;
    for (int a = rows->first; a < rows->end; a++) {
        const float *row = plane + (ptrdiff_t)(rows->start + a * window->dilation[0]) * size[1];
        for (int b = columns->first; b < columns->end; b++) {
            float number = row[columns->start + b * window->dilation[1]];
            most = number > most ? number : most;
            sum += number;
        }
    }
    if (!pool->average)
        return most;
    int count = (rows->end - rows->first) * (columns->end - columns->first);
    if (pool->counts_padding)
        count =
            padded_taps(window, 0, size[0], rows->start) * padded_taps(window, 1, size[1], columns->start);
    return count ? sum / (float)count : 0;
}

void run_pool(const struct pool *pool, const struct value *from, const struct value *to)
{
    const int size[2] = {from->shape.dims[2], from->shape.dims[3]};
    const float *plane = from->data;
    float *y = to->data;
    for (int p = 0; p < from->shape.dims[0] * from->shape.dims[1]; p++, plane += (ptrdiff_t)size[0] * size[1])
        for (int h = 0; h < to->shape.dims[2]; h++) {
            struct side rows = side_at(&pool->window, 0, size[0], h);
            for (int w = 0; w < to->shape.dims[3]; w++) {
                struct side columns = side_at(&pool->window, 1, size[1], w);
                *y++ = pool_point(pool, plane, size, &rows, &columns);
            }
        }
}

/* The pixels before and behind a place, and how far it lies behind the first. */
struct between {
    int first, second;
    float share;
};

static struct between between_at(const struct resize *resize, int axis, int size, int out)
{
    float step = resize->step[axis];
    float place = resize->centred ? ((float)out + 0.5F) * step - 0.5F : (float)out * step;
    if (!resize->linear) {
        float nearest = resize->floored ? floorf(place) : ceilf(place - 0.5F);
        int pixel = nearest < 0 ? 0 : nearest >= (float)size ? size - 1 : (int)nearest;
        return (struct between){pixel, pixel, 0};
    }
    place = place < 0 ? 0 : place > (float)size - 1 ? (float)size - 1 : place;
    int first = (int)place, second = first + 1 < size ? first + 1 : first;
    return (struct between){first, second, place - (float)first};
}

void run_resize(const struct resize *resize, const struct value *from, const struct value *to)
{
    int height = from->shape.dims[2], width = from->shape.dims[3];
    const float *plane = from->data;
    float *y = to->data;
    for (int p = 0; p < from->shape.dims[0] * from->shape.dims[1]; p++, plane += (ptrdiff_t)height * width)
        for (int h = 0; h < to->shape.dims[2]; h++) {
            struct between rows = between_at(resize, 0, height, h);
            const float *top = plane + (ptrdiff_t)rows.first * width;
            const float *bottom = plane + (ptrdiff_t)rows.second * width;
            for (int w = 0; w < to->shape.dims[3]; w++) {
                struct between columns = between_at(resize, 1, width, w);
                float above = top[columns.first] + columns.share * (top[columns.second] - top[columns.first]);
                float below =
                    bottom[columns.first] + columns.share * (bottom[columns.second] - bottom[columns.first]);
                *y++ = above + rows.share * (below - above);
            }
        }
}
