#include "net/infer.h"

#include "net/import.h"
#include "net/infer_move.h"
#include "net/infer_resize.h"
#include "net/infer_window.h"
#include "net/kernel.h"
#include "net/weights.h"

#include <float.h>
#include <string.h>

struct rule {
    const char *name;
    enum operation operation;
    int least_inputs, most_inputs;
    bool (*infer)(struct graph *graph, struct node *node, struct error *err);
};

static bool same_shape(struct graph *graph, const struct node *node)
{
    const struct value *from = infer_input(graph, node, 0);
    struct value *to = &graph->values[node->output];
    to->shape = from->shape;
    to->integer = from->integer;
    to->known = true;
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
    const struct net_shape from = infer_input(graph, node, 0)->shape;
    if (source_has(node, "start") || source_has(node, "end"))
        return fail(err, ERROR_INVALID, "start and end are not supported");
    graph->values[node->output].integer = true;
    if (!infer_set_shape(graph, node, (int64_t[]){from.count}, 1, err) ||
        !graph_make_constant(graph, node->output, err))
        return false;
    for (int i = 0; i < from.count; i++)
        ((int64_t *)graph->values[node->output].data)[i] = from.dims[i];
    node->gone = true;
    return true;
}

static bool infer_same(struct graph *graph, struct node *node, struct error *err)
{
    if (infer_input(graph, node, 0)->integer)
        return fail(err, ERROR_INVALID, "integers are not supported here");
    return same_shape(graph, node);
}

/* Numpy's rule: dimensions count from the last, and 1 stretches. PRelu may stretch its slope only. */
static bool infer_binary(struct graph *graph, struct node *node, struct error *err)
{
    const struct value *a = infer_input(graph, node, 0), *b = infer_input(graph, node, 1);
    int count = a->shape.count > b->shape.count ? a->shape.count : b->shape.count;
    int64_t dims[NET_DIMS] = {0};
    if (a->integer || b->integer)
        return fail(err, ERROR_INVALID, "integers are not supported here");
    for (int i = 1; i <= count; i++) {
        int left = i <= a->shape.count ? a->shape.dims[a->shape.count - i] : 1;
        int right = i <= b->shape.count ? b->shape.dims[b->shape.count - i] : 1;
        if (left != right && left != 1 && right != 1)
            return fail(err, ERROR_INVALID, "%d and %d numbers do not fit together", left, right);
        dims[count - i] = left == 1 ? right : left;
    }
    if (!infer_set_shape(graph, node, dims, count, err))
        return false;
    if (node->operation == OPERATION_PRELU && !shape_equal(&graph->values[node->output].shape, &a->shape))
        return fail(err, ERROR_INVALID, "the slope has more numbers than the input");
    return true;
}

static bool infer_gemm(struct graph *graph, struct node *node, struct error *err)
{
    const struct value *a = infer_input(graph, node, 0), *b = infer_input(graph, node, 1),
                       *c = infer_input(graph, node, 2);
    struct gemm gemm = {.matrix = node->inputs[1],
        .bias = c ? node->inputs[2] : MISSING,
        .transposed = source_int(node, "transB", 0) != 0,
        .alpha = source_float(node, "alpha", 1),
        .beta = source_float(node, "beta", 1)};
    if (!a || !b || !b->constant || b->integer || b->shape.count != 2 || (c && (!c->constant || c->integer)))
        return fail(err, ERROR_INVALID, "the matrix and the bias have to be float constants");
    if (source_int(node, "transA", 0) || a->shape.count != 2 ||
        a->shape.dims[1] != b->shape.dims[gemm.transposed ? 1 : 0])
        return fail(err, ERROR_INVALID, "the input does not fit the matrix");
    int outputs = b->shape.dims[gemm.transposed ? 0 : 1], rows = a->shape.dims[0];
    if (c && shape_size(&c->shape) != 1 &&
        (shape_size(&c->shape) != (size_t)outputs || c->shape.dims[c->shape.count - 1] != outputs))
        return fail(err, ERROR_INVALID, "the bias has to be one number or one an output");
    int matrix, bias;
    if (!infer_set_shape(graph, node, (int64_t[]){rows, outputs}, 2, err) ||
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
    const struct value *x = infer_input(graph, node, 0);
    int channels = value_channels(x), scale, shift;
    if (x->shape.count < 2 || x->integer || source_int(node, "training_mode", 0))
        return fail(err, ERROR_INVALID, "needs two dimensions or more, and no training mode");
    for (int i = 1; i < 5; i++) {
        const struct value *row = infer_input(graph, node, i);
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
    const struct net_shape shape = infer_input(graph, node, 0)->shape;
    int axis = 0;
    if (!infer_axis(source_int(node, "axis", graph->opset < 13 ? 1 : -1), shape.count, &axis, err))
        return false;
    node->rows.outer = shape_span(&shape, 0, axis);
    node->rows.length = graph->opset < 13 ? shape_span(&shape, axis, NET_DIMS) : shape.dims[axis];
    node->rows.inner = graph->opset < 13 ? 1 : shape_span(&shape, axis + 1, NET_DIMS);
    return infer_same(graph, node, err);
}

/* The same numbers: also Dropout, which drops nothing once trained, and Cast between kinds that are kept
 * alike. */
static bool infer_identity(struct graph *graph, struct node *node, struct error *err)
{
    enum { ONNX_FLOAT = 1, ONNX_INT32 = 6, ONNX_INT64 = 7 };
    int64_t to = source_int(node, "to", infer_input(graph, node, 0)->integer ? ONNX_INT64 : ONNX_FLOAT);
    bool integer = to == ONNX_INT64 || to == ONNX_INT32;
    if (integer != infer_input(graph, node, 0)->integer || (!integer && to != ONNX_FLOAT))
        return fail(err, ERROR_INVALID, "a change to type %lld is not supported", (long long)to);
    node->input_count = 1;
    return same_shape(graph, node);
}

/* As a PRelu with one slope. */
static bool infer_leaky(struct graph *graph, struct node *node, struct error *err)
{
    const struct net_shape one = {{1}, 1};
    int slope = MISSING;
    if (!graph_add_constant(graph, &one, false, &slope, err))
        return false;
    *(float *)graph->values[slope].data = source_float(node, "alpha", 0.01F);
    node->inputs = memory_resize(node->inputs, 2, sizeof *node->inputs);
    node->inputs[1] = slope;
    node->input_count = 2;
    return infer_binary(graph, node, err);
}

static bool bound_of(const struct graph *graph, const struct node *node, int input, const char *attribute,
    float *bound, struct error *err)
{
    const struct value *value = infer_input(graph, node, input);
    *bound = source_float(node, attribute, *bound);
    if (value && (!value->constant || value->integer || shape_size(&value->shape) != 1))
        return fail(err, ERROR_INVALID, "%s is not one constant number", attribute);
    if (value)
        *bound = *(const float *)value->data;
    return true;
}

static bool infer_clip(struct graph *graph, struct node *node, struct error *err)
{
    float bounds[2] = {-FLT_MAX, FLT_MAX};
    if (!bound_of(graph, node, 1, "min", &bounds[0], err) ||
        !bound_of(graph, node, 2, "max", &bounds[1], err))
        return false;
    memcpy(node->bounds, bounds, sizeof bounds);
    node->input_count = 1;
    return infer_same(graph, node, err);
}

static bool infer_pooling(struct graph *graph, struct node *node, struct error *err)
{
    int64_t dims[NET_DIMS] = {0};
    return infer_pool(graph, node, dims, err) && infer_set_shape(graph, node, dims, NET_DIMS, err);
}

static bool infer_convolution(struct graph *graph, struct node *node, struct error *err)
{
    int64_t dims[NET_DIMS] = {0};
    return infer_window(graph, node, dims, err) && infer_set_shape(graph, node, dims, NET_DIMS, err);
}

static const struct rule rules[] = {
    {"Add", OPERATION_ADD, 2, 2, infer_binary},
    {"AveragePool", OPERATION_POOL, 1, 1, infer_pooling},
    {"BatchNormalization", OPERATION_AFFINE, 5, 5, infer_normalization},
    {"Cast", OPERATION_RESHAPE, 1, 1, infer_identity},
    {"Clip", OPERATION_CLIP, 1, 3, infer_clip},
    {"Concat", OPERATION_CONCAT, 1, 256, infer_concat},
    {"Constant", OPERATION_CONSTANT, 0, 0, infer_constant},
    {"Conv", OPERATION_CONVOLUTION, 2, 3, infer_convolution},
    {"Div", OPERATION_DIV, 2, 2, infer_binary},
    {"Dropout", OPERATION_RESHAPE, 1, 3, infer_identity},
    {"Exp", OPERATION_EXP, 1, 1, infer_same},
    {"Flatten", OPERATION_RESHAPE, 1, 1, infer_flatten},
    {"Gather", OPERATION_GATHER, 2, 2, infer_gather},
    {"Gemm", OPERATION_CONVOLUTION, 2, 3, infer_gemm},
    {"GlobalAveragePool", OPERATION_POOL, 1, 1, infer_pooling},
    {"Identity", OPERATION_RESHAPE, 1, 1, infer_identity},
    {"LeakyRelu", OPERATION_PRELU, 1, 1, infer_leaky},
    {"MaxPool", OPERATION_POOL, 1, 1, infer_pooling},
    {"Mul", OPERATION_MUL, 2, 2, infer_binary},
    {"PRelu", OPERATION_PRELU, 2, 2, infer_binary},
    {"Relu", OPERATION_RELU, 1, 1, infer_same},
    {"Reshape", OPERATION_RESHAPE, 2, 2, infer_reshape},
    {"Resize", OPERATION_RESIZE, 1, 4, infer_resize},
    {"Shape", OPERATION_SHAPE, 1, 1, infer_shape},
    {"Sigmoid", OPERATION_SIGMOID, 1, 1, infer_same},
    {"Slice", OPERATION_SLICE, 1, 5, infer_slice},
    {"Softmax", OPERATION_SOFTMAX, 1, 1, infer_softmax},
    {"Squeeze", OPERATION_RESHAPE, 1, 2, infer_squeeze},
    {"Sub", OPERATION_SUB, 2, 2, infer_binary},
    {"Transpose", OPERATION_TRANSPOSE, 1, 1, infer_transpose},
    {"Unsqueeze", OPERATION_RESHAPE, 1, 2, infer_unsqueeze},
    {"Upsample", OPERATION_RESIZE, 1, 2, infer_resize},
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
        const struct value *value = infer_input(graph, node, i);
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
