#include "net/kernel.h"

#include "net/kernel_picture.h"
#include "net/pass.h"

#include <math.h>
#include <string.h>

static const struct value *input_of(const struct graph *graph, const struct node *node, int index)
{
    return &graph->values[node->inputs[index]];
}

static void run_exp(const float *x, float *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = expf(x[i]);
}

static void run_sigmoid(const float *x, float *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = 1 / (1 + expf(-x[i]));
}

static void run_clip(const float bounds[static 2], const float *x, float *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] < bounds[0] ? bounds[0] : x[i] > bounds[1] ? bounds[1] : x[i];
}

/* One row of a binary operation; `a_step` and `b_step` are 0 where that side is one number. */
static void run_row(enum operation operation, const float *a, size_t a_step, const float *b, size_t b_step,
    float *y, size_t count)
{
    switch (operation) {
    case OPERATION_ADD:
        for (size_t i = 0; i < count; i++)
            y[i] = a[i * a_step] + b[i * b_step];
        break;
    case OPERATION_SUB:
        for (size_t i = 0; i < count; i++)
            y[i] = a[i * a_step] - b[i * b_step];
        break;
    case OPERATION_MUL:
        for (size_t i = 0; i < count; i++)
            y[i] = a[i * a_step] * b[i * b_step];
        break;
    case OPERATION_DIV:
        for (size_t i = 0; i < count; i++)
            y[i] = a[i * a_step] / b[i * b_step];
        break;
    default: /* PRelu */
        for (size_t i = 0; i < count; i++)
            y[i] = a[i * a_step] > 0 ? a[i * a_step] : a[i * a_step] * b[i * b_step];
        break;
    }
}

/* The input's strides under the output's dimensions, right-aligned in four; 0 where it stretches. */
static void stretch(const struct net_shape *input, size_t stride[NET_DIMS])
{
    size_t next = 1;
    memset(stride, 0, NET_DIMS * sizeof *stride);
    for (int i = 1; i <= input->count; i++) {
        size_t size = (size_t)input->dims[input->count - i];
        stride[NET_DIMS - i] = size == 1 ? 0 : next;
        next *= size;
    }
}

static void run_binary(const struct graph *graph, const struct node *node)
{
    const struct value *a = input_of(graph, node, 0), *b = input_of(graph, node, 1);
    const struct value *out = &graph->values[node->output];
    const float *a_data = a->data, *b_data = b->data;
    float *y = out->data;
    size_t sa[NET_DIMS], sb[NET_DIMS], dims[NET_DIMS] = {1, 1, 1, 1};
    stretch(&a->shape, sa);
    stretch(&b->shape, sb);
    for (int i = 1; i <= out->shape.count; i++)
        dims[NET_DIMS - i] = (size_t)out->shape.dims[out->shape.count - i];
    for (size_t n = 0; n < dims[0]; n++)
        for (size_t c = 0; c < dims[1]; c++)
            for (size_t h = 0; h < dims[2]; h++, y += dims[3])
                run_row(node->operation, a_data + n * sa[0] + c * sa[1] + h * sa[2], sa[3],
                    b_data + n * sb[0] + c * sb[1] + h * sb[2], sb[3], y, dims[3]);
}

static size_t padded_channels(const struct value *value)
{
    size_t block = (size_t)value->block;
    return ((size_t)value_channels(value) + block - 1) / block * block;
}

/* Blocked values: the other side is as large, or a padded row of one number a channel. */
static void run_blocked_binary(const struct graph *graph, const struct node *node)
{
    const struct value *a = input_of(graph, node, 0), *b = input_of(graph, node, 1);
    const struct value *out = &graph->values[node->output];
    const float *x = a->data, *row = b->data;
    float *y = out->data;
    size_t count = value_bytes(out) / sizeof(float), block = (size_t)out->block;
    const struct pass_kernels *pass = pass_kernels_best();
    if (!b->constant) {
        if (node->operation == OPERATION_ADD)
            pass->add(x, row, y, count);
        else
            run_row(node->operation, x, 1, row, 1, y, count);
        return;
    }
    size_t pixels = (size_t)value_pixels(out), blocks = padded_channels(out) / block;
    for (size_t i = 0; i < (size_t)out->shape.dims[0] * blocks;
         i++, x += pixels * block, y += pixels * block) {
        const float *numbers = row + i % blocks * block;
        if (node->operation == OPERATION_PRELU)
            pass->prelu(x, numbers, y, pixels, block);
        for (size_t p = 0; node->operation != OPERATION_PRELU && p < pixels; p++)
            run_row(node->operation, x + p * block, 1, numbers, 1, y + p * block, block);
    }
}

static void run_affine(const struct graph *graph, const struct node *node)
{
    const struct value *from = input_of(graph, node, 0);
    const float *scale = input_of(graph, node, 1)->data, *shift = input_of(graph, node, 2)->data;
    const float *x = from->data;
    float *y = graph->values[node->output].data;
    size_t channels = (size_t)value_channels(from), pixels = (size_t)value_pixels(from);
    for (size_t row = 0; row < (size_t)from->shape.dims[0] * channels; row++, x += pixels, y += pixels)
        for (size_t i = 0; i < pixels; i++)
            y[i] = x[i] * scale[row % channels] + shift[row % channels];
}

/* expf, at hand for what the largest of a row asks for. */
static float exp_below(float x)
{
    return x == 0 ? 1 : expf(x);
}

static void run_softmax_row(const float *x, float *y, size_t length, size_t stride)
{
    float most = x[0], sum = 0;
    for (size_t i = 1; i < length; i++)
        most = x[i * stride] > most ? x[i * stride] : most;
    for (size_t i = 0; i < length; i++)
        sum += y[i * stride] = exp_below(x[i * stride] - most);
    for (size_t i = 0; i < length; i++)
        y[i * stride] /= sum;
}

static void run_softmax(const struct rows *rows, const float *x, float *y)
{
    size_t length = (size_t)rows->length, inner = (size_t)rows->inner;
    for (size_t o = 0; o < (size_t)rows->outer; o++)
        for (size_t i = 0; i < inner; i++)
            run_softmax_row(x + o * length * inner + i, y + o * length * inner + i, length, inner);
}

static size_t number_size(const struct value *value)
{
    return value->integer ? sizeof(int64_t) : sizeof(float);
}

static void run_concat(const struct graph *graph, const struct node *node)
{
    size_t outer = (size_t)node->rows.outer;
    for (size_t o = 0; o < outer; o++) {
        char *y = graph->values[node->output].data;
        y += value_bytes(&graph->values[node->output]) / outer * o;
        for (int k = 0; k < node->input_count; k++) {
            const struct value *from = input_of(graph, node, k);
            size_t chunk = value_bytes(from) / outer;
            if (chunk)
                memcpy(y, (const char *)from->data + chunk * o, chunk);
            y += chunk;
        }
    }
}

static void copy_run(char *to, const char *from, int64_t stride, size_t count, size_t size)
{
    for (size_t i = 0; i < count; i++, from += stride * (int64_t)size, to += size)
        memcpy(to, from, size);
}

static void copy_floats(float *to, const float *from, int64_t stride, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = from[(int64_t)i * stride];
}

/* Slice and Transpose: the output in order, the input at its strides. */
static void run_walk(const struct graph *graph, const struct node *node)
{
    const struct value *from = input_of(graph, node, 0), *out = &graph->values[node->output];
    int64_t stride[NET_DIMS] = {0}, dims[NET_DIMS] = {1, 1, 1, 1}, size = (int64_t)number_size(from);
    for (int i = 0; i < out->shape.count; i++) {
        dims[NET_DIMS - out->shape.count + i] = out->shape.dims[i];
        stride[NET_DIMS - out->shape.count + i] = node->walk.stride[i];
    }
    const char *x = (const char *)from->data + node->walk.base * size;
    char *y = out->data;
    for (int64_t n = 0; n < dims[0]; n++)
        for (int64_t c = 0; c < dims[1]; c++)
            for (int64_t h = 0; h < dims[2]; h++, y += dims[3] * size) {
                const char *row = x + (n * stride[0] + c * stride[1] + h * stride[2]) * size;
                if (from->integer)
                    copy_run(y, row, stride[3], (size_t)dims[3], (size_t)size);
                else
                    copy_floats(
                        (float *)(void *)y, (const float *)(const void *)row, stride[3], (size_t)dims[3]);
            }
}

static void run_gather(const struct graph *graph, const struct node *node)
{
    const struct value *from = input_of(graph, node, 0), *indices = input_of(graph, node, 1);
    const int64_t *index = indices->data;
    size_t count = shape_size(&indices->shape), length = (size_t)node->rows.length;
    size_t chunk = (size_t)node->rows.inner * number_size(from);
    char *y = graph->values[node->output].data;
    for (size_t o = 0; o < (size_t)node->rows.outer; o++)
        for (size_t i = 0; i < count; i++, y += chunk) {
            size_t at = (size_t)(index[i] < 0 ? index[i] + (int64_t)length : index[i]);
            memcpy(y, (const char *)from->data + (o * length + at) * chunk, chunk);
        }
}

static void to_blocks(const struct value *from, const struct value *to)
{
    size_t channels = (size_t)value_channels(from), pixels = (size_t)value_pixels(from);
    size_t padded = padded_channels(to), block = (size_t)to->block;
    const float *x = from->data;
    float *y = to->data;
    for (size_t n = 0; n < (size_t)from->shape.dims[0]; n++, x += channels * pixels, y += padded * pixels)
        for (size_t c = 0; c < padded; c++) {
            float *row = y + c / block * block * pixels + c % block;
            for (size_t p = 0; p < pixels; p++)
                row[p * block] = c < channels ? x[c * pixels + p] : 0;
        }
}

static void from_blocks(const struct value *from, const struct value *to)
{
    size_t channels = (size_t)value_channels(from), pixels = (size_t)value_pixels(from);
    size_t padded = padded_channels(from), block = (size_t)from->block;
    const float *x = from->data;
    float *y = to->data;
    for (size_t n = 0; n < (size_t)from->shape.dims[0]; n++, x += padded * pixels, y += channels * pixels)
        for (size_t c = 0; c < channels; c++) {
            const float *row = x + c / block * block * pixels + c % block;
            for (size_t p = 0; p < pixels; p++)
                y[c * pixels + p] = row[p * block];
        }
}

static void run_reorder(const struct graph *graph, const struct node *node)
{
    const struct value *from = input_of(graph, node, 0), *to = &graph->values[node->output];
    if (to->data == from->data)
        return;
    if (to->block)
        to_blocks(from, to);
    else
        from_blocks(from, to);
}

static void run_copy(const struct value *from, const struct value *to)
{
    if (to->data != from->data)
        memcpy(to->data, from->data, value_bytes(to));
}

void kernel_run(const struct graph *graph, const struct node *node)
{
    const struct value *from = input_of(graph, node, 0), *to = &graph->values[node->output];
    switch (node->operation) {
    case OPERATION_RELU:
        pass_kernels_best()->relu(from->data, to->data, value_bytes(to) / sizeof(float));
        break;
    case OPERATION_EXP:
        run_exp(from->data, to->data, value_bytes(to) / sizeof(float));
        break;
    case OPERATION_SIGMOID:
        run_sigmoid(from->data, to->data, value_bytes(to) / sizeof(float));
        break;
    case OPERATION_CLIP:
        run_clip(node->bounds, from->data, to->data, value_bytes(to) / sizeof(float));
        break;
    case OPERATION_POOL:
        run_pool(&node->pool, from, to);
        break;
    case OPERATION_RESIZE:
        run_resize(&node->resize, from, to);
        break;
    case OPERATION_ADD:
    case OPERATION_SUB:
    case OPERATION_MUL:
    case OPERATION_DIV:
    case OPERATION_PRELU:
        (to->block ? run_blocked_binary : run_binary)(graph, node);
        break;
    case OPERATION_AFFINE:
        run_affine(graph, node);
        break;
    case OPERATION_SOFTMAX:
        run_softmax(&node->rows, from->data, to->data);
        break;
    case OPERATION_CONCAT:
        run_concat(graph, node);
        break;
    case OPERATION_SLICE:
    case OPERATION_TRANSPOSE:
        run_walk(graph, node);
        break;
    case OPERATION_GATHER:
        run_gather(graph, node);
        break;
    case OPERATION_REORDER:
        run_reorder(graph, node);
        break;
    default: /* Reshape */
        run_copy(from, to);
        break;
    }
}
