#include "net/fold.h"

#include "net/weights.h"

/* The convolution that makes the value and nothing else needs, or NULL. */
static struct node *convolution_before(const struct graph *graph, int value)
{
    struct node *before = graph_producer(graph, value);
    if (!before || before->operation != OPERATION_CONVOLUTION || before->window.relu ||
        graph_reader_count(graph, value) != 1)
        return NULL;
    return before;
}

static bool fold_scale(struct graph *graph, struct node *convolution, int scale, int shift, struct error *err)
{
    int bias = convolution->input_count > 2 ? convolution->inputs[2] : MISSING;
    if (!weights_scaled(graph, &convolution->inputs[1], &bias, scale, shift, err))
        return false;
    convolution->inputs = memory_resize(convolution->inputs, 3, sizeof *convolution->inputs);
    convolution->inputs[2] = bias;
    convolution->input_count = 3;
    return true;
}

/* One constant number that the node multiplies its other input with, or MISSING. */
static int factor_of(const struct graph *graph, const struct node *node)
{
    for (int k = 0; node->operation == OPERATION_MUL && k < 2; k++) {
        const struct value *factor = &graph->values[node->inputs[k]];
        const struct value *other = &graph->values[node->inputs[1 - k]];
        if (factor->constant && shape_size(&factor->shape) == 1 &&
            shape_equal(&other->shape, &graph->values[node->output].shape))
            return k;
    }
    return MISSING;
}

static bool fold_factor(struct graph *graph, struct node *convolution, int factor, struct error *err)
{
    int channels = graph->values[convolution->inputs[1]].shape.dims[0], scale, zeroes;
    struct net_shape row = shape_of(1, &channels);
    return weights_padded_row(graph, factor, channels, channels, &scale, err) &&
           graph_add_constant(graph, &row, false, &zeroes, err) &&
           fold_scale(graph, convolution, scale, zeroes, err);
}

static bool fold_node(struct graph *graph, struct node *node, struct error *err)
{
    int factor = factor_of(graph, node);
    if (node->operation != OPERATION_AFFINE && node->operation != OPERATION_RELU && factor == MISSING)
        return true;
    struct node *before = convolution_before(graph, node->inputs[factor == 0 ? 1 : 0]);
    if (!before)
        return true;
    if (node->operation == OPERATION_AFFINE &&
        !fold_scale(graph, before, node->inputs[1], node->inputs[2], err))
        return false;
    if (factor != MISSING && !fold_factor(graph, before, node->inputs[factor], err))
        return false;
    if (node->operation == OPERATION_RELU)
        before->window.relu = true;
    before->output = node->output;
    node->gone = true;
    return true;
}

bool fold_graph(struct graph *graph, struct error *err)
{
    for (int i = 0; i < graph->node_count; i++)
        if (!graph->nodes[i].gone && !fold_node(graph, &graph->nodes[i], err))
            return fail_within(err, "node '%.80s'", graph->nodes[i].name);
    return true;
}
