#include "net/byte_form.h"

#include "net/code.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The end of every refusal here: what helps. */
#define CURE "calibrate again, or leave 'ranges' out of pack.ini to run it in float"

enum { BIAS_MOST = 1 << 24 };

/* Results stay far inside 32 bits, so that rounding them is the same everywhere. */
static const double result_limit = 1 << 30;

/* Where the sums of one output come from, in numbers of the file. */
struct source {
    const float *weights; /* outputs × inputs × taps */
    const float *bias;    /* or NULL */
    const struct code *code;
    size_t inputs; /* real channels that meet in one sum */
    size_t first;  /* the channel of the first of them, for one group a channel */
};

static void measure(struct byte_layer *layer, const struct graph *graph, const struct node *node)
{
    const struct value *x = &graph->values[node->inputs[0]], *y = &graph->values[node->output];
    const struct window *window = &node->window;
    bool picture = x->shape.count == NET_DIMS;
    layer->window = *window;
    layer->each = window->groups > 1;
    layer->in_stride = (size_t)x->code->stride;
    layer->in_high = picture ? (size_t)x->shape.dims[2] : 1;
    layer->in_wide = picture ? (size_t)x->shape.dims[3] : 1;
    layer->out_high = picture ? (size_t)y->shape.dims[2] : 1;
    layer->out_wide = picture ? (size_t)y->shape.dims[3] : 1;
    layer->channels = (size_t)value_channels(y);
    layer->columns = byte_round_up(layer->channels, PANEL);
    layer->out_stride = y->code ? (size_t)y->code->stride : layer->columns;
    layer->taps = (size_t)window->kernel[0] * (size_t)window->kernel[1];
    layer->depth = byte_round_up(layer->taps * layer->in_stride, DEPTH_STEP);
    bool moves = window->stride[0] > 1 || window->stride[1] > 1 || window->pad_before[0] ||
                 window->pad_before[1] || window->pad_after[0] || window->pad_after[1];
    layer->direct = layer->taps == 1 && !moves && layer->depth == layer->in_stride;
}

/* The weight of a channel's tap, in steps of the code instead of numbers. */
static double weight_at(
    const struct byte_layer *layer, const struct source *source, size_t output, size_t input, size_t tap)
{
    return (double)source->weights[(output * source->inputs + input) * layer->taps + tap] *
           (double)source->code->scale[source->first + input];
}

static double largest_weight(const struct byte_layer *layer, const struct source *source, size_t output)
{
    double most = 0;
    for (size_t i = 0; i < source->inputs; i++)
        for (size_t t = 0; t < layer->taps; t++)
            most = fmax(most, fabs(weight_at(layer, source, output, i, t)));
    return most;
}

/* Rounds an output's weights in steps of `step` into `row`, which is `depth` long. */
static void round_row(
    const struct byte_layer *layer, const struct source *source, size_t output, double step, int16_t *row)
{
    memset(row, 0, layer->depth * sizeof *row);
    for (size_t i = 0; i < source->inputs; i++)
        for (size_t t = 0; t < layer->taps; t++)
            row[t * layer->in_stride + i] = (int16_t)lrint(weight_at(layer, source, output, i, t) / step);
}

/* By how much the row's chains go beyond CHAIN_LIMIT; 1 or less where they keep it. */
static double chain_excess(const int16_t *row, size_t depth)
{
    int most = 0;
    for (size_t lane = 0; lane < depth / DEPTH_STEP * 2; lane++) {
        int above = 0, below = 0;
        for (size_t i = lane / 2 * DEPTH_STEP; i < (lane / 2 + 1) * DEPTH_STEP; i++)
            if (byte_lane(i) == lane) {
                above += row[i] > 0 ? row[i] : 0;
                below -= row[i] < 0 ? row[i] : 0;
            }
        most = above > most ? above : most;
        most = below > most ? below : most;
    }
    return (double)most / CHAIN_LIMIT;
}

/* The finest step at which the weights are bytes and their chains keep the limit. */
static double round_weights(
    const struct byte_layer *layer, const struct source *source, size_t output, int16_t *row)
{
    double bias = source->bias ? fabs((double)source->bias[output]) : 0, excess = 1;
    double step = fmax(largest_weight(layer, source, output) / INT8_MAX, bias / BIAS_MOST);
    if (!(step > 0))
        step = 1;
    do {
        step *= excess;
        round_row(layer, source, output, step, row);
        excess = chain_excess(row, layer->depth) * 1.001;
    } while (!layer->each && excess > 1.001);
    return step;
}

static void pack_row(struct byte_layer *layer, size_t output, const int16_t *row)
{
    int8_t *to = layer->weights + output / PANEL * PANEL * layer->depth + output % PANEL * 4;
    for (size_t i = 0; i < layer->depth; i++)
        to[i / 4 * 4 * PANEL + i % 4] = (int8_t)row[i];
}

/* The weights of a channel come one after the other to the front of its row. */
static void pack_taps(struct byte_layer *layer, size_t channel, int16_t *row)
{
    for (size_t t = 0; t < layer->taps; t++)
        row[t] = row[t * layer->in_stride];
    layer->kernels->pack_each(row, layer->taps, channel, layer->each_weights);
}

/* The bias in steps, with what the input's zeroes add taken away. */
static bool make_bias(struct byte_layer *layer, const struct source *source, size_t output, double step,
    const int16_t *row, struct error *err)
{
    double bias = source->bias ? (double)source->bias[output] / step : 0, most = fabs(bias);
    for (size_t i = 0; i < source->inputs; i++)
        for (size_t t = 0; t < layer->taps; t++) {
            int weight = row[t * layer->in_stride + i];
            bias -= weight * source->code->zero[source->first + i];
            most += abs(weight) * 2.0 * CODE_MOST;
        }
    if (!(most < result_limit))
        return fail(err, ERROR_INVALID, "the ranges before it are too narrow for its bias; " CURE);
    layer->bias[output] = (int32_t)lrint(bias);
    return true;
}

static bool make_scales(struct byte_layer *layer, const struct graph *graph, const struct node *node,
    size_t output, double step, struct error *err)
{
    const struct value *y = &graph->values[node->output];
    double slope = 1, scale = step;
    if (node->inputs[CONVOLUTION_SLOPES] != MISSING) {
        const struct value *slopes = &graph->values[node->inputs[CONVOLUTION_SLOPES]];
        slope = (double)((const float *)slopes->data)[shape_size(&slopes->shape) == 1 ? 0 : output];
    }
    if (node->window.relu && node->inputs[CONVOLUTION_SKIP] == MISSING && slope > 0)
        slope = 0;
    if (y->code)
        scale /= (double)y->code->scale[output];
    if (!(scale * result_limit < 1e30 && scale * fabs(slope) * result_limit < 1e30))
        return fail(err, ERROR_INVALID, "its weights are too large for 8 bits; " CURE);
    layer->above[output] = (float)scale;
    layer->below[output] = (float)(scale * slope);
    if (node->inputs[CONVOLUTION_SKIP] != MISSING) {
        const struct code *skip = graph->values[node->inputs[CONVOLUTION_SKIP]].code;
        layer->skip_scale[output] = skip->scale[output] / y->code->scale[output];
        layer->skip_zero[output] = skip->zero[output];
    }
    return true;
}

/* No sum this layer can come to may round to more than 32 bits hold. */
static bool results_bounded(const struct byte_layer *layer, size_t output, const int16_t *row, bool codes)
{
    double sum = fabs((double)layer->bias[output]);
    for (size_t i = 0; i < layer->depth; i++)
        sum += abs(row[i]) * (double)CODE_MOST;
    double scale = fmax(fabs((double)layer->above[output]), fabs((double)layer->below[output]));
    double skip = layer->skip_scale ? (double)layer->skip_scale[output] * 2 * CODE_MOST : 0;
    return !codes || sum * scale + skip < result_limit;
}

static bool make_output(struct byte_layer *layer, const struct graph *graph, const struct node *node,
    struct source *source, size_t output, int16_t *row, struct error *err)
{
    source->first = layer->each ? output : 0;
    double step = round_weights(layer, source, output, row);
    if (!make_bias(layer, source, output, step, row, err) ||
        !make_scales(layer, graph, node, output, step, err))
        return false;
    if (!results_bounded(layer, output, row, graph->values[node->output].code))
        return fail(err, ERROR_INVALID, "the range of its output is too narrow; " CURE);
    if (layer->each)
        pack_taps(layer, output, row);
    else
        pack_row(layer, output, row);
    return true;
}

static bool make_outputs(
    struct byte_layer *layer, const struct graph *graph, const struct node *node, struct error *err)
{
    const struct value *x = &graph->values[node->inputs[0]];
    int bias = node->inputs[CONVOLUTION_BIAS];
    struct source source = {.weights = graph->values[node->inputs[CONVOLUTION_WEIGHTS]].data,
        .bias = bias == MISSING ? NULL : graph->values[bias].data,
        .code = x->code,
        .inputs = layer->each ? 1 : (size_t)value_channels(x)};
    int16_t *row = memory_allocate(layer->depth, sizeof *row);
    bool done = true;
    for (size_t o = 0; done && o < layer->channels; o++)
        done = make_output(layer, graph, node, &source, o, row, err);
    free(row);
    return done;
}

/* Codes of zero for the taps that lie outside the picture. */
static void make_outside(struct byte_layer *layer, const struct code *code)
{
    /* Several columns are taken at once only where all their taps lie inside a row of the picture. */
    size_t pixels = layer->each ? layer->in_wide : 1;
    layer->outside_bytes = pixels * layer->in_stride;
    layer->outside = memory_allocate(layer->outside_bytes + STORE_SLACK, 1);
    for (size_t i = 0; i < layer->outside_bytes; i++)
        layer->outside[i] = (uint8_t)code->zero[i % layer->in_stride];
}

static void make_room(struct byte_layer *layer, bool skips)
{
    size_t columns = layer->columns;
    if (layer->each) {
        layer->packed_bytes = layer->kernels->each_bytes(columns, layer->taps);
        layer->each_weights = memory_allocate_aligned(layer->packed_bytes);
    } else {
        layer->packed_bytes = columns * layer->depth;
        layer->weights = memory_allocate_aligned(layer->packed_bytes);
    }
    layer->bias = memory_allocate_aligned(columns * sizeof *layer->bias);
    layer->above = memory_allocate_aligned(columns * sizeof *layer->above);
    layer->below = memory_allocate_aligned(columns * sizeof *layer->below);
    if (skips) {
        layer->skip_scale = memory_allocate_aligned(columns * sizeof *layer->skip_scale);
        layer->skip_zero = memory_allocate_aligned(columns * sizeof *layer->skip_zero);
    }
}

/* A sum of so many products of codes and bytes stays inside 31 bits. */
static bool sums_bounded(const struct byte_layer *layer, struct error *err)
{
    size_t summed = layer->each ? layer->taps : layer->depth;
    return (double)summed * CODE_MOST * INT8_MAX < result_limit &&
                   (double)layer->depth * (double)layer->columns < CONSTANT_LIMIT
               ? true
               : fail(err, ERROR_TOO_LARGE, "it is too large for 8 bits; " CURE);
}

struct byte_layer *byte_layer_new(
    const struct byte_kernels *kernels, const struct graph *graph, const struct node *node, struct error *err)
{
    AUTO(byte_layer) struct byte_layer *layer = memory_allocate(1, sizeof *layer);
    const struct value *x = &graph->values[node->inputs[0]], *y = &graph->values[node->output];
    if (x->shape.dims[0] != 1) {
        fail(err, ERROR_INVALID, "8 bits take one picture at a time; " CURE);
        return NULL;
    }
    layer->kernels = kernels;
    measure(layer, graph, node);
    if (!sums_bounded(layer, err))
        return NULL;
    make_room(layer, node->inputs[CONVOLUTION_SKIP] != MISSING);
    make_outside(layer, x->code);
    layer->zero = y->code ? y->code->zero : NULL;
    return make_outputs(layer, graph, node, err) ? STEAL(layer) : NULL;
}

void byte_layer_free(struct byte_layer *layer)
{
    if (!layer)
        return;
    free(layer->weights);
    free(layer->each_weights);
    free(layer->bias);
    free(layer->above);
    free(layer->below);
    free(layer->skip_scale);
    free(layer->skip_zero);
    free(layer->outside);
    free(layer);
}

size_t byte_layer_packed_bytes(const struct byte_layer *layer)
{
    return layer->packed_bytes;
}
