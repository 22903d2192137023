#include "net/infer.h"

#include "net/import.h"
#include "net/infer_window.h"
#include "net/kernel.h"
#include "net/weights.h"

#include <string.h>

struct rule {
    const char *name;
    enum operation operation;
    int least_inputs, most_inputs;
    bool (*infer)(struct graph *graph, struct node *node, struct error *err);
};

static struct value *input_of(const struct graph *graph, const struct node *node, int index)
{
    bool given = index < node->input_count && node->inputs[index] != MISSING;
    return given ? &graph->values[node->inputs[index]] : NULL;
}

/* Sizes that come from a file: one to AXIS_LIMIT² numbers a dimension, bounded in all. */
static bool set_shape(
    struct graph *graph, const struct node *node, const int64_t *dims, int count, struct error *err)
{
    struct value *value = &graph->values[node->output];
    int64_t size = 1;
    for (int i = 0; i < count; i++) {
        if (dims[i] < 1 || dims[i] > CONSTANT_LIMIT / 4 || size * dims[i] > CONSTANT_LIMIT / 4)
            return fail(err, ERROR_INVALID, "dimension %d would be %lld", i, (long long)dims[i]);
        size *= dims[i];
        value->shape.dims[i] = (int)dims[i];
    }
    value->shape.count = count;
    value->known = true;
    return true;
}

static bool same_shape(struct graph *graph, const struct node *node)
{
    const struct value *from = input_of(graph, node, 0);
    struct value *to = &graph->values[node->output];
    to->shape = from->shape;
    to->integer = from->integer;
    to->known = true;
    return true;
}

static bool axis_of(int64_t axis, int count, int *out, struct error *err)
{
    if (axis < -count || axis >= count)
        return fail(err, ERROR_INVALID, "axis %lld of %d dimensions", (long long)axis, count);
    *out = (int)(axis < 0 ? axis + count : axis);
    return true;
}

/* Numbers given as an attribute by older operator sets and as a constant input by newer ones. */
static bool listed(const struct graph *graph, const struct node *node, const char *attribute, int input,
    int64_t *out, int *count, struct error *err)
{
    const struct value *value = input_of(graph, node, input);
    if (!value)
        return source_ints(node, attribute, NET_DIMS, out, count, err);
    if (!value->constant || !value->integer || value->shape.count > 1 || shape_size(&value->shape) > NET_DIMS)
        return fail(err, ERROR_INVALID, "%s is not a short constant list of integers", attribute);
    *count = (int)shape_size(&value->shape);
    if (*count)
        memcpy(out, value->data, (size_t)*count * sizeof *out);
    return true;
}

static bool infer_constant(struct graph *graph, struct node *node, struct error *err)
{
    if (!source_constant(graph, node, err))
        return false;
    node->gone = true;
    return true;
}

static bool infer_shape(struct graph *graph, struct node *node, struct error *err)
{
    const struct net_shape from = input_of(graph, node, 0)->shape;
    if (source_has(node, "start") || source_has(node, "end"))
        return fail(err, ERROR_INVALID, "start and end are not supported");
    graph->values[node->output].integer = true;
    if (!set_shape(graph, node, (int64_t[]){from.count}, 1, err) ||
        !graph_make_constant(graph, node->output, err))
        return false;
    for (int i = 0; i < from.count; i++)
        ((int64_t *)graph->values[node->output].data)[i] = from.dims[i];
    node->gone = true;
    return true;
}

static bool infer_same(struct graph *graph, struct node *node, struct error *err)
{
    if (input_of(graph, node, 0)->integer)
        return fail(err, ERROR_INVALID, "integers are not supported here");
    return same_shape(graph, node);
}

/* Numpy's rule: dimensions count from the last, and 1 stretches. PRelu may stretch its slope only. */
static bool infer_binary(struct graph *graph, struct node *node, struct error *err)
{
    const struct value *a = input_of(graph, node, 0), *b = input_of(graph, node, 1);
    int count = a->shape.count > b->shape.count ? a->shape.count : b->shape.count;
    int64_t dims[NET_DIMS];
    if (a->integer || b->integer)
        return fail(err, ERROR_INVALID, "integers are not supported here");
    for (int i = 1; i <= count; i++) {
        int left = i <= a->shape.count ? a->shape.dims[a->shape.count - i] : 1;
        int right = i <= b->shape.count ? b->shape.dims[b->shape.count - i] : 1;
        if (left != right && left != 1 && right != 1)
            return fail(err, ERROR_INVALID, "%d and %d numbers do not fit together", left, right);
        dims[count - i] = left == 1 ? right : left;
    }
    if (!set_shape(graph, node, dims, count, err))
        return false;
    if (node->operation == OPERATION_PRELU && !shape_equal(&graph->values[node->output].shape, &a->shape))
        return fail(err, ERROR_INVALID, "the slope has more numbers than the input");
    return true;
}

static bool infer_gemm(struct graph *graph, struct node *node, struct error *err)
{
    const struct value *a = input_of(graph, node, 0), *b = input_of(graph, node, 1),
                       *c = input_of(graph, node, 2);
    struct gemm gemm = {.matrix = node->inputs[1],
        .bias = c ? node->inputs[2] : MISSING,
        .transposed = source_int(node, "transB", 0) != 0,
        .alpha = source_float(node, "alpha", 1),
        .beta = source_float(node, "beta", 1)};
    if (!b->constant || b->integer || b->shape.count != 2 || (c && (!c->constant || c->integer)))
        return fail(err, ERROR_INVALID, "the matrix and the bias have to be float constants");
    if (source_int(node, "transA", 0) || a->shape.count != 2 ||
        a->shape.dims[1] != b->shape.dims[gemm.transposed ? 1 : 0])
        return fail(err, ERROR_INVALID, "the input does not fit the matrix");
    int outputs = b->shape.dims[gemm.transposed ? 0 : 1], rows = a->shape.dims[0];
    if (c && shape_size(&c->shape) != 1 &&
        (shape_size(&c->shape) != (size_t)outputs || c->shape.dims[c->shape.count - 1] != outputs))
        return fail(err, ERROR_INVALID, "the bias has to be one number or one an output");
    int matrix, bias;
    if (!set_shape(graph, node, (int64_t[]){rows, outputs}, 2, err) ||
        !weights_from_gemm(graph, &gemm, &matrix, &bias, err))
        return false;
    node->inputs = memory_resize(node->inputs, 3, sizeof *node->inputs);
    node->inputs[1] = matrix;
    node->inputs[2] = bias;
    node->input_count = 3;
    node->window = (struct window){{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}, 1, false};
    return true;
}

static bool infer_normalization(struct graph *graph, struct node *node, struct error *err)
{
    const struct value *x = input_of(graph, node, 0);
    int channels = value_channels(x), scale, shift;
    if (x->shape.count < 2 || x->integer || source_int(node, "training_mode", 0))
        return fail(err, ERROR_INVALID, "needs two dimensions or more, and no training mode");
    for (int i = 1; i < 5; i++) {
        const struct value *row = input_of(graph, node, i);
        if (!row || !row->constant || row->integer || row->shape.count != 1 || row->shape.dims[0] != channels)
            return fail(err, ERROR_INVALID, "input %d is not a constant of one number a channel", i);
    }
    same_shape(graph, node);
    if (!weights_from_normalization(
            graph, node->inputs + 1, source_float(node, "epsilon", 1e-5F), &scale, &shift, err))
        return false;
    node->inputs[1] = scale;
    node->inputs[2] = shift;
    node->input_count = 3;
    return true;
}

static bool infer_softmax(struct graph *graph, struct node *node, struct error *err)
{
    const struct net_shape shape = input_of(graph, node, 0)->shape;
    int axis = 0;
    if (!axis_of(source_int(node, "axis", graph->opset < 13 ? 1 : -1), shape.count, &axis, err))
        return false;
    node->rows.outer = shape_span(&shape, 0, axis);
    node->rows.length = graph->opset < 13 ? shape_span(&shape, axis, NET_DIMS) : shape.dims[axis];
    node->rows.inner = graph->opset < 13 ? 1 : shape_span(&shape, axis + 1, NET_DIMS);
    return infer_same(graph, node, err);
}

static bool infer_concat(struct graph *graph, struct node *node, struct error *err)
{
    const struct value *first = input_of(graph, node, 0);
    int64_t dims[NET_DIMS], length = 0;
    int axis = 0, count = first->shape.count;
    if (!axis_of(source_int(node, "axis", 0), count, &axis, err))
        return false;
    for (int k = 0; k < node->input_count; k++) {
        const struct value *value = input_of(graph, node, k);
        if (!value || value->shape.count != count || value->integer != first->integer)
            return fail(err, ERROR_INVALID, "input %d does not fit the first", k);
        for (int i = 0; i < count; i++)
            if (i != axis && value->shape.dims[i] != first->shape.dims[i])
                return fail(err, ERROR_INVALID, "input %d differs in dimension %d", k, i);
        length += value->shape.dims[axis];
    }
    for (int i = 0; i < count; i++)
        dims[i] = i == axis ? length : first->shape.dims[i];
    node->rows.outer = shape_span(&first->shape, 0, axis);
    graph->values[node->output].integer = first->integer;
    return set_shape(graph, node, dims, count, err);
}

static void row_major(const struct net_shape *shape, int64_t stride[NET_DIMS])
{
    int64_t next = 1;
    for (int i = shape->count - 1; i >= 0; i--) {
        stride[i] = next;
        next *= shape->dims[i];
    }
}

static int64_t clamp(int64_t number, int64_t least, int64_t most)
{
    return number < least ? least : number > most ? most : number;
}

/* One axis of Slice: from ONNX's start, end and step to first element and count. */
static int64_t slice_axis(int64_t size, int64_t *start, int64_t end, int64_t step)
{
    if (*start < 0)
        *start = clamp(*start, -size, 0) + size;
    if (end < 0)
        end = clamp(end, -size - 1, 0) + size;
    *start = clamp(*start, 0, step < 0 ? size - 1 : size);
    end = clamp(end, step < 0 ? -1 : 0, size);
    int64_t span = step < 0 ? *start - end : end - *start;
    int64_t pace = step < 0 ? -step : step;
    return span <= 0 ? 0 : (span + pace - 1) / pace;
}

static bool infer_slice(struct graph *graph, struct node *node, struct error *err)
{
    const struct value *from = input_of(graph, node, 0);
    int64_t starts[NET_DIMS], ends[NET_DIMS], axes[NET_DIMS] = {0, 1, 2, 3}, steps[NET_DIMS] = {1, 1, 1, 1};
    int64_t dims[NET_DIMS];
    int start_count, end_count, axis_count, step_count;
    if (!listed(graph, node, "starts", 1, starts, &start_count, err) ||
        !listed(graph, node, "ends", 2, ends, &end_count, err) ||
        !listed(graph, node, "axes", 3, axes, &axis_count, err) ||
        !listed(graph, node, "steps", 4, steps, &step_count, err))
        return false;
    if (start_count != end_count || (axis_count && axis_count != start_count) ||
        (step_count && step_count != start_count) || start_count > from->shape.count)
        return fail(err, ERROR_INVALID, "starts, ends, axes and steps differ in number");
    row_major(&from->shape, node->walk.stride);
    node->walk.base = 0;
    for (int i = 0; i < from->shape.count; i++)
        dims[i] = from->shape.dims[i];
    for (int i = 0, axis = 0; i < start_count; i++) {
        if (!axis_of(axes[i], from->shape.count, &axis, err))
            return false;
        if (steps[i] == 0 || steps[i] < -AXIS_LIMIT || steps[i] > AXIS_LIMIT)
            return fail(err, ERROR_INVALID, "step %lld", (long long)steps[i]);
        int64_t stride = node->walk.stride[axis], start = starts[i];
        if (dims[axis] != from->shape.dims[axis])
            return fail(err, ERROR_INVALID, "axis %d is given twice", axis);
        dims[axis] = slice_axis(dims[axis], &start, ends[i], steps[i]);
        node->walk.base += start * stride;
        node->walk.stride[axis] = stride * steps[i];
    }
    graph->values[node->output].integer = from->integer;
    return set_shape(graph, node, dims, from->shape.count, err);
}

static bool infer_transpose(struct graph *graph, struct node *node, struct error *err)
{
    const struct value *from = input_of(graph, node, 0);
    int64_t order[NET_DIMS], dims[NET_DIMS], stride[NET_DIMS];
    int count = from->shape.count, given, seen = 0;
    if (!source_ints(node, "perm", NET_DIMS, order, &given, err))
        return false;
    if (given && given != count)
        return fail(err, ERROR_INVALID, "perm has %d numbers for %d dimensions", given, count);
    row_major(&from->shape, stride);
    node->walk.base = 0;
    for (int i = 0; i < count; i++) {
        int64_t axis = given ? order[i] : count - 1 - i;
        if (axis < 0 || axis >= count || (seen & 1 << axis))
            return fail(err, ERROR_INVALID, "perm is not a permutation");
        seen |= 1 << axis;
        dims[i] = from->shape.dims[axis];
        node->walk.stride[i] = stride[axis];
    }
    graph->values[node->output].integer = from->integer;
    return set_shape(graph, node, dims, count, err);
}

/* Finishes every operator that only gives the numbers another shape. */
static bool set_reshaped(
    struct graph *graph, const struct node *node, const int64_t *dims, int count, struct error *err)
{
    const struct value *from = input_of(graph, node, 0);
    if (!set_shape(graph, node, dims, count, err))
        return false;
    graph->values[node->output].integer = from->integer;
    size_t size = shape_size(&graph->values[node->output].shape);
    if (size != shape_size(&from->shape))
        return fail(err, ERROR_INVALID, "%zu numbers do not become %zu", shape_size(&from->shape), size);
    return true;
}

static bool infer_reshape(struct graph *graph, struct node *node, struct error *err)
{
    const struct net_shape from = input_of(graph, node, 0)->shape;
    int64_t dims[NET_DIMS], rest = 1;
    int count, open = MISSING;
    if (!listed(graph, node, "shape", 1, dims, &count, err))
        return false;
    for (int i = 0; i < count; i++) {
        if (dims[i] == 0 && i < from.count && !source_int(node, "allowzero", 0))
            dims[i] = from.dims[i];
        if (dims[i] == -1 && open != MISSING)
            return fail(err, ERROR_INVALID, "two dimensions are open");
        if (dims[i] == -1)
            open = i;
        else if (dims[i] < 1 || dims[i] > CONSTANT_LIMIT || rest * dims[i] > CONSTANT_LIMIT)
            return fail(err, ERROR_INVALID, "dimension %d would be %lld", i, (long long)dims[i]);
        else
            rest *= dims[i];
    }
    if (open != MISSING)
        dims[open] = (int64_t)shape_size(&from) / rest;
    return set_reshaped(graph, node, dims, count, err);
}

static bool infer_flatten(struct graph *graph, struct node *node, struct error *err)
{
    const struct net_shape from = input_of(graph, node, 0)->shape;
    int64_t axis = source_int(node, "axis", 1);
    if (axis < -from.count || axis > from.count)
        return fail(err, ERROR_INVALID, "axis %lld of %d dimensions", (long long)axis, from.count);
    int split = (int)(axis < 0 ? axis + from.count : axis);
    return set_reshaped(
        graph, node, (int64_t[]){shape_span(&from, 0, split), shape_span(&from, split, NET_DIMS)}, 2, err);
}

static bool infer_unsqueeze(struct graph *graph, struct node *node, struct error *err)
{
    const struct net_shape from = input_of(graph, node, 0)->shape;
    int64_t axes[NET_DIMS], dims[NET_DIMS];
    int count, marks = 0;
    if (!listed(graph, node, "axes", 1, axes, &count, err))
        return false;
    int total = from.count + count;
    if (total > NET_DIMS)
        return fail(err, ERROR_INVALID, "more than %d dimensions", NET_DIMS);
    for (int i = 0, axis = 0; i < count; i++) {
        if (!axis_of(axes[i], total, &axis, err))
            return false;
        if (marks & 1 << axis)
            return fail(err, ERROR_INVALID, "axis %d is given twice", axis);
        marks |= 1 << axis;
    }
    for (int i = 0, next = 0; i < total; i++)
        dims[i] = marks & 1 << i ? 1 : from.dims[next++];
    return set_reshaped(graph, node, dims, total, err);
}

static bool infer_gather(struct graph *graph, struct node *node, struct error *err)
{
    const struct value *from = input_of(graph, node, 0), *indices = input_of(graph, node, 1);
    int64_t dims[NET_DIMS];
    int axis = 0, total = from->shape.count - 1 + indices->shape.count;
    if (!axis_of(source_int(node, "axis", 0), from->shape.count, &axis, err))
        return false;
    if (!indices->constant || !indices->integer || total > NET_DIMS)
        return fail(err, ERROR_INVALID, "the indices have to be constant integers of few dimensions");
    int64_t *index = indices->data, size = from->shape.dims[axis];
    for (size_t i = 0; i < shape_size(&indices->shape); i++)
        if (index[i] < -size || index[i] >= size)
            return fail(err, ERROR_INVALID, "index %lld of %lld", (long long)index[i], (long long)size);
    for (int i = 0, next = 0; i < from->shape.count; i++) {
        if (i != axis)
            dims[next++] = from->shape.dims[i];
        else
            for (int k = 0; k < indices->shape.count; k++)
                dims[next++] = indices->shape.dims[k];
    }
    node->rows = (struct rows){shape_span(&from->shape, 0, axis), from->shape.dims[axis],
        shape_span(&from->shape, axis + 1, NET_DIMS)};
    graph->values[node->output].integer = from->integer;
    return set_shape(graph, node, dims, total, err);
}

static bool infer_convolution(struct graph *graph, struct node *node, struct error *err)
{
    int64_t dims[NET_DIMS];
    return infer_window(graph, node, dims, err) && set_shape(graph, node, dims, NET_DIMS, err);
}

static const struct rule rules[] = {
    {"Add", OPERATION_ADD, 2, 2, infer_binary},
    {"BatchNormalization", OPERATION_AFFINE, 5, 5, infer_normalization},
    {"Concat", OPERATION_CONCAT, 1, 256, infer_concat},
    {"Constant", OPERATION_CONSTANT, 0, 0, infer_constant},
    {"Conv", OPERATION_CONVOLUTION, 2, 3, infer_convolution},
    {"Div", OPERATION_DIV, 2, 2, infer_binary},
    {"Exp", OPERATION_EXP, 1, 1, infer_same},
    {"Flatten", OPERATION_RESHAPE, 1, 1, infer_flatten},
    {"Gather", OPERATION_GATHER, 2, 2, infer_gather},
    {"Gemm", OPERATION_CONVOLUTION, 2, 3, infer_gemm},
    {"Mul", OPERATION_MUL, 2, 2, infer_binary},
    {"PRelu", OPERATION_PRELU, 2, 2, infer_binary},
    {"Relu", OPERATION_RELU, 1, 1, infer_same},
    {"Reshape", OPERATION_RESHAPE, 2, 2, infer_reshape},
    {"Shape", OPERATION_SHAPE, 1, 1, infer_shape},
    {"Slice", OPERATION_SLICE, 1, 5, infer_slice},
    {"Softmax", OPERATION_SOFTMAX, 1, 1, infer_softmax},
    {"Sub", OPERATION_SUB, 2, 2, infer_binary},
    {"Transpose", OPERATION_TRANSPOSE, 1, 1, infer_transpose},
    {"Unsqueeze", OPERATION_RESHAPE, 1, 2, infer_unsqueeze},
};

static const struct rule *rule_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (strcmp(rules[i].name, name) == 0)
            return &rules[i];
    return NULL;
}

/* A node may need all but its optional inputs, and every input it names has to have a shape by now. */
static bool inputs_ready(
    const struct graph *graph, const struct node *node, const struct rule *rule, struct error *err)
{
    if (node->input_count < rule->least_inputs || node->input_count > rule->most_inputs)
        return fail(err, ERROR_INVALID, "%d inputs", node->input_count);
    for (int i = 0; i < node->input_count; i++) {
        const struct value *value = input_of(graph, node, i);
        if (i < rule->least_inputs && !value)
            return fail(err, ERROR_INVALID, "input %d is left out", i);
        if (value && !value->known)
            return fail(
                err, ERROR_INVALID, "input %d is a further output of its node, which is not supported", i);
        if (value && value->constant && shape_size(&value->shape) == 0 && i == 0)
            return fail(err, ERROR_INVALID, "the input is empty");
    }
    return true;
}

static bool all_constant(const struct graph *graph, const struct node *node)
{
    for (int i = 0; i < node->input_count; i++)
        if (node->inputs[i] != MISSING && !graph->values[node->inputs[i]].constant)
            return false;
    return node->operation != OPERATION_CONVOLUTION;
}

static bool infer_node(struct graph *graph, struct node *node, struct error *err)
{
    const struct rule *rule = rule_find(source_operator(node));
    if (!rule)
        return fail(err, ERROR_INVALID, "operator %.80s is not supported", source_operator(node));
    node->operation = rule->operation;
    if (!inputs_ready(graph, node, rule, err) || !rule->infer(graph, node, err))
        return fail_within(err, "%s", rule->name);
    if (node->gone || !all_constant(graph, node))
        return graph->values[node->output].constant || !graph->values[node->output].integer ||
               fail(err, ERROR_INVALID, "computed integers are not supported");
    if (!graph_make_constant(graph, node->output, err))
        return false;
    kernel_run(graph, node);
    node->gone = true;
    return true;
}

bool infer_graph(struct graph *graph, struct error *err)
{
    for (int i = 0; i < graph->node_count; i++)
        if (!graph->nodes[i].gone && !infer_node(graph, &graph->nodes[i], err))
            return fail_within(err, "node '%.80s'", graph->nodes[i].name);
    for (int i = 0; i < graph->output_count; i++)
        if (graph->values[graph->outputs[i]].constant || !graph->values[graph->outputs[i]].known)
            return fail(err, ERROR_INVALID, "output '%.80s' does not follow from the input",
                graph->values[graph->outputs[i]].name);
    graph_prune(graph);
    return true;
}
