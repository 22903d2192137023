#include "net/infer_move.h"

#include "net/import.h"

#include <string.h>

struct value *infer_input(const struct graph *graph, const struct node *node, int index)
{
    bool given = index < node->input_count && node->inputs[index] != MISSING;
    return given ? &graph->values[node->inputs[index]] : NULL;
}

bool infer_set_shape(
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

bool infer_axis(int64_t axis, int count, int *out, struct error *err)
{
    if (axis < -count || axis >= count)
        return fail(err, ERROR_INVALID, "axis %lld of %d dimensions", (long long)axis, count);
    *out = (int)(axis < 0 ? axis + count : axis);
    return true;
}

bool infer_list(const struct graph *graph, const struct node *node, const char *attribute, int input,
    int64_t *out, int *count, struct error *err)
{
    const struct value *value = infer_input(graph, node, input);
    if (!value)
        return source_ints(node, attribute, NET_DIMS, out, count, err);
    if (!value->constant || !value->integer || value->shape.count > 1 || shape_size(&value->shape) > NET_DIMS)
        return fail(err, ERROR_INVALID, "%s is not a short constant list of integers", attribute);
    *count = (int)shape_size(&value->shape);
    if (*count)
        memcpy(out, value->data, (size_t)*count * sizeof *out);
    return true;
}

bool infer_concat(struct graph *graph, struct node *node, struct error *err)
{
    const struct value *first = infer_input(graph, node, 0);
    int64_t dims[NET_DIMS] = {0}, length = 0;
    int axis = 0, count = first->shape.count;
    if (!infer_axis(source_int(node, "axis", 0), count, &axis, err))
        return false;
    for (int k = 0; k < node->input_count; k++) {
        const struct value *value = infer_input(graph, node, k);
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
    return infer_set_shape(graph, node, dims, count, err);
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

bool infer_slice(struct graph *graph, struct node *node, struct error *err)
{
    const struct value *from = infer_input(graph, node, 0);
    int64_t starts[NET_DIMS], ends[NET_DIMS], axes[NET_DIMS] = {0, 1, 2, 3}, steps[NET_DIMS] = {1, 1, 1, 1};
    int64_t dims[NET_DIMS] = {0};
    int start_count = 0, end_count = 0, axis_count = 0, step_count = 0;
    if (!infer_list(graph, node, "starts", 1, starts, &start_count, err) ||
        !infer_list(graph, node, "ends", 2, ends, &end_count, err) ||
        !infer_list(graph, node, "axes", 3, axes, &axis_count, err) ||
        !infer_list(graph, node, "steps", 4, steps, &step_count, err))
        return false;
    if (start_count != end_count || (axis_count && axis_count != start_count) ||
        (step_count && step_count != start_count) || start_count > from->shape.count)
        return fail(err, ERROR_INVALID, "starts, ends, axes and steps differ in number");
    row_major(&from->shape, node->walk.stride);
    node->walk.base = 0;
    for (int i = 0; i < from->shape.count; i++)
        dims[i] = from->shape.dims[i];
    for (int i = 0, axis = 0; i < start_count; i++) {
        if (!infer_axis(axes[i], from->shape.count, &axis, err))
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
    return infer_set_shape(graph, node, dims, from->shape.count, err);
}

bool infer_transpose(struct graph *graph, struct node *node, struct error *err)
{
    const struct value *from = infer_input(graph, node, 0);
    int64_t order[NET_DIMS] = {0}, dims[NET_DIMS] = {0}, stride[NET_DIMS];
    int count = from->shape.count, given = 0, seen = 0;
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
    return infer_set_shape(graph, node, dims, count, err);
}

/* Finishes every operator that only gives the numbers another shape. */
static bool set_reshaped(
    struct graph *graph, const struct node *node, const int64_t *dims, int count, struct error *err)
{
    const struct value *from = infer_input(graph, node, 0);
    if (!infer_set_shape(graph, node, dims, count, err))
        return false;
    graph->values[node->output].integer = from->integer;
    size_t size = shape_size(&graph->values[node->output].shape);
    if (size != shape_size(&from->shape))
        return fail(err, ERROR_INVALID, "%zu numbers do not become %zu", shape_size(&from->shape), size);
    return true;
}

bool infer_reshape(struct graph *graph, struct node *node, struct error *err)
{
    const struct net_shape from = infer_input(graph, node, 0)->shape;
    int64_t dims[NET_DIMS] = {0}, rest = 1;
    int count = 0, open = MISSING;
    if (!infer_list(graph, node, "shape", 1, dims, &count, err))
        return false;
    for (int i = 0; i < count; i++) {
        if (i < from.count && dims[i] == 0 && !source_int(node, "allowzero", 0))
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

bool infer_flatten(struct graph *graph, struct node *node, struct error *err)
{
    const struct net_shape from = infer_input(graph, node, 0)->shape;
    int64_t axis = source_int(node, "axis", 1);
    if (axis < -from.count || axis > from.count)
        return fail(err, ERROR_INVALID, "axis %lld of %d dimensions", (long long)axis, from.count);
    int split = (int)(axis < 0 ? axis + from.count : axis);
    return set_reshaped(
        graph, node, (int64_t[]){shape_span(&from, 0, split), shape_span(&from, split, NET_DIMS)}, 2, err);
}

bool infer_unsqueeze(struct graph *graph, struct node *node, struct error *err)
{
    const struct net_shape from = infer_input(graph, node, 0)->shape;
    int64_t axes[NET_DIMS] = {0}, dims[NET_DIMS] = {0};
    int count = 0, marks = 0;
    if (!infer_list(graph, node, "axes", 1, axes, &count, err))
        return false;
    int total = from.count + count;
    if (total > NET_DIMS)
        return fail(err, ERROR_INVALID, "more than %d dimensions", NET_DIMS);
    for (int i = 0, axis = 0; i < count; i++) {
        if (!infer_axis(axes[i], total, &axis, err))
            return false;
        if (marks & 1 << axis)
            return fail(err, ERROR_INVALID, "axis %d is given twice", axis);
        marks |= 1 << axis;
    }
    for (int i = 0, next = 0; i < total; i++)
        dims[i] = marks & 1 << i ? 1 : from.dims[next++];
    return set_reshaped(graph, node, dims, total, err);
}

/* Without axes, all dimensions of 1 go. */
bool infer_squeeze(struct graph *graph, struct node *node, struct error *err)
{
    const struct net_shape from = infer_input(graph, node, 0)->shape;
    int64_t axes[NET_DIMS] = {0}, dims[NET_DIMS] = {0};
    int count = 0, marks = 0, total = 0;
    if (!infer_list(graph, node, "axes", 1, axes, &count, err))
        return false;
    for (int i = 0, axis = 0; i < count; i++) {
        if (!infer_axis(axes[i], from.count, &axis, err))
            return false;
        if (from.dims[axis] != 1)
            return fail(err, ERROR_INVALID, "dimension %d is %d", axis, from.dims[axis]);
        marks |= 1 << axis;
    }
    for (int i = 0; i < from.count; i++)
        if (count ? !(marks & 1 << i) : from.dims[i] != 1)
            dims[total++] = from.dims[i];
    return set_reshaped(graph, node, dims, total, err);
}

bool infer_gather(struct graph *graph, struct node *node, struct error *err)
{
    const struct value *from = infer_input(graph, node, 0), *indices = infer_input(graph, node, 1);
    int64_t dims[NET_DIMS] = {0};
    int axis = 0, total = from->shape.count - 1 + indices->shape.count;
    if (!infer_axis(source_int(node, "axis", 0), from->shape.count, &axis, err))
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
    return infer_set_shape(graph, node, dims, total, err);
}
