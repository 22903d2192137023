#include "net/byte_form.h"

#include "net/code.h"

#include <emmintrin.h>

enum { CHUNK_BYTES = 8192, CHUNK_LEAST = 48 };

/* Rows that stay in the first-level cache while all panels pass over them. */
static size_t chunk_rows(const struct byte_layer *layer)
{
    size_t rows = CHUNK_BYTES / layer->depth / CHUNK_LEAST * CHUNK_LEAST;
    return rows < CHUNK_LEAST ? CHUNK_LEAST : rows;
}

static size_t gathered_bytes(const struct byte_layer *layer)
{
    return layer->direct ? 0 : byte_round_up(chunk_rows(layer) * layer->depth + STORE_SLACK, 64);
}

size_t byte_layer_scratch_size(const struct byte_layer *layer)
{
    if (layer->each)
        return layer->taps * sizeof(uint8_t *);
    size_t floats = layer->zero ? 0 : chunk_rows(layer) * layer->columns * sizeof(float);
    return gathered_bytes(layer) + floats;
}

/* Whole vectors: what is written beyond `size` is overwritten or meets zero weights. */
static inline void copy_codes(uint8_t *to, const uint8_t *from, size_t size)
{
    for (size_t i = 0; i < size; i += 16)
        _mm_storeu_si128((void *)(to + i), _mm_loadu_si128((const void *)(from + i)));
}

/* The codes that one output pixel sums, tap after tap. */
static void gather_pixel(const struct byte_layer *layer, const uint8_t *x, size_t pixel, uint8_t *to)
{
    const struct window *window = &layer->window;
    size_t stride = layer->in_stride;
    ptrdiff_t top = (ptrdiff_t)(pixel / layer->out_wide) * window->stride[0] - window->pad_before[0];
    ptrdiff_t left = (ptrdiff_t)(pixel % layer->out_wide) * window->stride[1] - window->pad_before[1];
    ptrdiff_t right = left + (ptrdiff_t)(window->kernel[1] - 1) * window->dilation[1];
    bool together = window->dilation[1] == 1 && left >= 0 && right < (ptrdiff_t)layer->in_wide;
    for (int row = 0; row < window->kernel[0]; row++) {
        ptrdiff_t y = top + (ptrdiff_t)row * window->dilation[0];
        bool inside = y >= 0 && y < (ptrdiff_t)layer->in_high;
        const uint8_t *line = x + (inside ? y : 0) * (ptrdiff_t)(layer->in_wide * stride);
        if (inside && together) {
            copy_codes(to, line + left * (ptrdiff_t)stride, (size_t)window->kernel[1] * stride);
            to += (size_t)window->kernel[1] * stride;
            continue;
        }
        for (int column = 0; column < window->kernel[1]; column++, to += stride) {
            ptrdiff_t at = left + (ptrdiff_t)column * window->dilation[1];
            bool seen = inside && at >= 0 && at < (ptrdiff_t)layer->in_wide;
            copy_codes(to, seen ? line + at * (ptrdiff_t)stride : layer->outside, stride);
        }
    }
}

static struct byte_finish finish_of(
    const struct byte_layer *layer, const struct graph *graph, const struct node *node)
{
    struct byte_finish finish = {
        .bias = layer->bias, .above = layer->above, .below = layer->below, .zero = layer->zero};
    if (node->inputs[CONVOLUTION_SKIP] != MISSING) {
        const struct value *skip = &graph->values[node->inputs[CONVOLUTION_SKIP]];
        finish.skip = skip->data;
        finish.skip_stride = (size_t)skip->code->stride;
        finish.skip_scale = layer->skip_scale;
        finish.skip_zero = layer->skip_zero;
    }
    return finish;
}

static void spread_floats(
    const struct byte_layer *layer, const float *from, size_t first, size_t count, float *to)
{
    size_t pixels = layer->out_high * layer->out_wide;
    for (size_t p = 0; p < count; p++, from += layer->columns)
        for (size_t c = 0; c < layer->channels; c++)
            to[c * pixels + first + p] = from[c];
}

static void run_product(
    const struct byte_layer *layer, const struct graph *graph, const struct node *node, uint8_t *scratch)
{
    const uint8_t *x = graph->values[node->inputs[0]].data;
    size_t pixels = layer->out_high * layer->out_wide, chunk = chunk_rows(layer);
    struct byte_finish finish = finish_of(layer, graph, node);
    struct byte_product job = {.depth = layer->depth,
        .row_stride = layer->depth,
        .weights = layer->weights,
        .columns = layer->columns,
        .out_stride = layer->out_stride};
    for (size_t first = 0; first < pixels; first += job.count) {
        job.count = pixels - first < chunk ? pixels - first : chunk;
        job.rows = layer->direct ? x + first * layer->depth : scratch;
        for (size_t p = 0; !layer->direct && p < job.count; p++)
            gather_pixel(layer, x, first + p, scratch + p * layer->depth);
        job.finish = finish;
        if (finish.skip)
            job.finish.skip += first * finish.skip_stride;
        if (layer->zero) {
            job.codes = (uint8_t *)graph->values[node->output].data + first * layer->out_stride;
        } else
            job.floats = (float *)(void *)(scratch + gathered_bytes(layer));
        layer->kernels->product(&job);
        if (!layer->zero)
            spread_floats(layer, job.floats, first, job.count, graph->values[node->output].data);
    }
}

/* Ties every tap to where it reads for the output pixel (row, column). */
static void tie_taps(
    const struct byte_layer *layer, const uint8_t *x, size_t row, size_t column, const uint8_t **taps)
{
    const struct window *window = &layer->window;
    ptrdiff_t top = (ptrdiff_t)row * window->stride[0] - window->pad_before[0];
    ptrdiff_t left = (ptrdiff_t)column * window->stride[1] - window->pad_before[1];
    for (int i = 0; i < window->kernel[0]; i++)
        for (int k = 0; k < window->kernel[1]; k++) {
            ptrdiff_t y = top + (ptrdiff_t)i * window->dilation[0];
            ptrdiff_t at = left + (ptrdiff_t)k * window->dilation[1];
            bool seen = y >= 0 && y < (ptrdiff_t)layer->in_high && at >= 0 && at < (ptrdiff_t)layer->in_wide;
            *taps++ =
                seen ? x + ((size_t)y * layer->in_wide + (size_t)at) * layer->in_stride : layer->outside;
        }
}

/* The output columns whose taps all lie inside the width: from *first up to but without the result. */
static size_t inner_columns(const struct byte_layer *layer, size_t *first)
{
    const struct window *window = &layer->window;
    size_t step = (size_t)window->stride[1], before = (size_t)window->pad_before[1];
    size_t reach = (size_t)(window->kernel[1] - 1) * (size_t)window->dilation[1];
    *first = (before + step - 1) / step;
    if (layer->in_wide + before <= reach)
        return *first;
    size_t end = (layer->in_wide + before - reach - 1) / step + 1;
    end = end < layer->out_wide ? end : layer->out_wide;
    return end > *first ? end : *first;
}

static void run_each(
    const struct byte_layer *layer, const struct graph *graph, const struct node *node, const uint8_t **taps)
{
    const uint8_t *x = graph->values[node->inputs[0]].data;
    uint8_t *codes = graph->values[node->output].data;
    size_t first, end = inner_columns(layer, &first);
    struct byte_each job = {.taps = taps,
        .tap_count = layer->taps,
        .channels = layer->columns,
        .step = (size_t)layer->window.stride[1] * layer->in_stride,
        .weights = layer->each_weights,
        .finish = finish_of(layer, graph, node),
        .out_stride = layer->out_stride};
    for (size_t row = 0; row < layer->out_high; row++)
        for (size_t column = 0; column < layer->out_wide; column += job.count) {
            job.count = column == first && end > first ? end - first : 1;
            job.codes = codes + (row * layer->out_wide + column) * layer->out_stride;
            tie_taps(layer, x, row, column, taps);
            layer->kernels->each(&job);
        }
}

void byte_layer_run(
    const struct byte_layer *layer, const struct graph *graph, const struct node *node, void *scratch)
{
    if (layer->each)
        run_each(layer, graph, node, scratch);
    else
        run_product(layer, graph, node, scratch);
}
