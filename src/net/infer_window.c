#include "net/infer_window.h"

#include "net/import.h"

#include <string.h>

static const double pool_work_limit = 0x1p32;

/* Two numbers of an attribute, or the default for both. */
static bool pair(
    const struct node *node, const char *attribute, int otherwise, int out[static 2], struct error *err)
{
    int64_t numbers[2] = {otherwise, otherwise};
    int count;
    if (!source_ints(node, attribute, 2, numbers, &count, err))
        return false;
    if (count == 1 || numbers[0] < 1 || numbers[1] < 1 || numbers[0] > AXIS_LIMIT || numbers[1] > AXIS_LIMIT)
        return fail(err, ERROR_INVALID, "attribute %s does not hold two sizes", attribute);
    out[0] = (int)numbers[0];
    out[1] = (int)numbers[1];
    return true;
}

static bool read_pads(const struct node *node, struct window *window, struct error *err)
{
    int64_t pads[4] = {0};
    int count;
    if (!source_ints(node, "pads", 4, pads, &count, err))
        return false;
    for (int i = 0; i < 4; i++)
        if (pads[i] < 0 || pads[i] > AXIS_LIMIT || (count && count != 4))
            return fail(err, ERROR_INVALID, "pads are not four sizes");
    for (int i = 0; i < 2; i++) {
        window->pad_before[i] = (int)pads[i];
        window->pad_after[i] = (int)pads[i + 2];
    }
    return true;
}

static int reach(const struct window *window, int axis)
{
    return (window->kernel[axis] - 1) * window->dilation[axis] + 1;
}

/* auto_pad SAME: as many outputs as strides start in the input, the odd pixel before or after. */
static void pad_to_same(struct window *window, const struct net_shape *input, bool upper)
{
    for (int i = 0; i < 2; i++) {
        int size = input->dims[i + 2], stride = window->stride[i];
        int outputs = (size + stride - 1) / stride;
        int pad = (outputs - 1) * stride + reach(window, i) - size;
        pad = pad < 0 ? 0 : pad;
        window->pad_before[i] = upper ? pad / 2 : pad - pad / 2;
        window->pad_after[i] = pad - window->pad_before[i];
    }
}

static bool read_window(const struct node *node, const struct net_shape *weights,
    const struct net_shape *input, struct window *window, struct error *err)
{
    int kernel[2] = {0};
    for (int i = 0; i < 2; i++)
        window->kernel[i] = weights->dims[i + 2];
    int64_t groups = source_int(node, "group", 1);
    if (groups < 1 || groups > AXIS_LIMIT)
        return fail(err, ERROR_INVALID, "%lld groups", (long long)groups);
    window->groups = (int)groups;
    if (!pair(node, "strides", 1, window->stride, err) ||
        !pair(node, "dilations", 1, window->dilation, err) || !read_pads(node, window, err))
        return false;
    if (source_has(node, "kernel_shape") &&
        (!pair(node, "kernel_shape", 1, kernel, err) || kernel[0] != window->kernel[0] ||
            kernel[1] != window->kernel[1]))
        return fail(err, ERROR_INVALID, "kernel_shape is not that of the weights");
    for (int i = 0; i < 2; i++)
        if ((int64_t)window->kernel[i] * window->dilation[i] > AXIS_LIMIT)
            return fail(err, ERROR_INVALID, "the kernel is too large");
    bool upper = source_is(node, "auto_pad", "SAME_UPPER");
    if (upper || source_is(node, "auto_pad", "SAME_LOWER"))
        pad_to_same(window, input, upper);
    return true;
}

bool infer_window(struct graph *graph, struct node *node, int64_t dims[static NET_DIMS], struct error *err)
{
    const struct value *x = &graph->values[node->inputs[0]], *w = &graph->values[node->inputs[1]];
    struct window window = {.stride = {1, 1}, .groups = 1};
    if (!w->constant || w->integer || w->shape.count != NET_DIMS || x->integer || x->shape.count != NET_DIMS)
        return fail(
            err, ERROR_INVALID, "needs a picture of four dimensions and constant float weights of four");
    if (!read_window(node, &w->shape, &x->shape, &window, err))
        return false;
    int outputs = w->shape.dims[0];
    if (outputs % window.groups || (int64_t)w->shape.dims[1] * window.groups != x->shape.dims[1])
        return fail(err, ERROR_INVALID, "%d channels in %d groups do not fit the weights", x->shape.dims[1],
            window.groups);
    if (node->input_count == 3 && node->inputs[2] != MISSING) {
        const struct value *bias = &graph->values[node->inputs[2]];
        if (!bias->constant || bias->integer || bias->shape.count != 1 || bias->shape.dims[0] != outputs)
            return fail(err, ERROR_INVALID, "the bias is not a constant of one number a channel");
    }
    dims[0] = x->shape.dims[0];
    dims[1] = outputs;
    for (int i = 0; i < 2; i++) {
        int64_t room =
            (int64_t)x->shape.dims[i + 2] + window.pad_before[i] + window.pad_after[i] - reach(&window, i);
        dims[i + 2] = room < 0 ? 0 : room / window.stride[i] + 1;
    }
    node->window = window;
    return true;
}

static bool read_pool(
    const struct node *node, const struct net_shape *input, struct pool *pool, struct error *err)
{
    struct window *window = &pool->window;
    if (!source_has(node, "kernel_shape"))
        return fail(err, ERROR_INVALID, "kernel_shape is missing");
    if (!pair(node, "kernel_shape", 1, window->kernel, err) ||
        !pair(node, "strides", 1, window->stride, err) ||
        !pair(node, "dilations", 1, window->dilation, err) || !read_pads(node, window, err))
        return false;
    for (int i = 0; i < 2; i++)
        if ((int64_t)window->kernel[i] * window->dilation[i] > AXIS_LIMIT)
            return fail(err, ERROR_INVALID, "the kernel is too large");
    bool upper = source_is(node, "auto_pad", "SAME_UPPER");
    if (upper || source_is(node, "auto_pad", "SAME_LOWER"))
        pad_to_same(window, input, upper);
    for (int i = 0; i < 2; i++)
        if (window->pad_before[i] >= reach(window, i) || window->pad_after[i] >= reach(window, i))
            return fail(err, ERROR_INVALID, "the padding is as large as the kernel");
    pool->counts_padding = source_int(node, "count_include_pad", 0) != 0;
    return true;
}

/* Rounded up, the last window still has to start before the padding behind. */
static int64_t pooled_side(const struct window *window, int axis, int64_t size, bool rounds_up)
{
    int64_t room = size + window->pad_before[axis] + window->pad_after[axis] - reach(window, axis);
    int64_t stride = window->stride[axis];
    if (room < 0)
        return 0;
    int64_t side = (room + (rounds_up ? stride - 1 : 0)) / stride + 1;
    return (side - 1) * stride >= size + window->pad_before[axis] ? side - 1 : side;
}

static double window_area(const struct window *window)
{
    return (double)window->kernel[0] * (double)window->kernel[1];
}

bool infer_pool(struct graph *graph, struct node *node, int64_t dims[static NET_DIMS], struct error *err)
{
    const struct value *x = &graph->values[node->inputs[0]];
    struct pool pool = {.window = {.stride = {1, 1}, .dilation = {1, 1}, .groups = 1},
        .average = strcmp(source_operator(node), "MaxPool") != 0};
    if (x->integer || x->shape.count != NET_DIMS)
        return fail(err, ERROR_INVALID, "needs a picture of four dimensions");
    if (strcmp(source_operator(node), "GlobalAveragePool") == 0) {
        pool.window.kernel[0] = x->shape.dims[2];
        pool.window.kernel[1] = x->shape.dims[3];
    } else if (!read_pool(node, &x->shape, &pool, err)) {
        return false;
    }
    dims[0] = x->shape.dims[0];
    dims[1] = x->shape.dims[1];
    for (int i = 0; i < 2; i++)
        dims[i + 2] =
            pooled_side(&pool.window, i, x->shape.dims[i + 2], source_int(node, "ceil_mode", 0) != 0);
    if ((double)dims[0] * (double)dims[1] * (double)dims[2] * (double)dims[3] * window_area(&pool.window) >
        pool_work_limit)
        return fail(err, ERROR_TOO_LARGE, "the kernel is too large for its picture");
    node->pool = pool;
    return true;
}
