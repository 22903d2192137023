#include "net/fold.h"

#include "net/weights.h"

/* The convolution that makes the node's input and nothing else needs, or NULL. */
static struct node *convolution_before(const struct graph *graph, const struct node *node)
{
    struct node *before = graph_producer(graph, node->inputs[0]);
    if (!before || before->operation != OPERATION_CONVOLUTION || before->window.relu ||
        graph_reader_count(graph, node->inputs[0]) != 1)
        return NULL;
    return before;
}

static bool fold_affine(
    struct graph *graph, struct node *convolution, const struct node *affine, struct error *err)
{
    int bias = convolution->input_count > 2 ? convolution->inputs[2] : MISSING;
    if (!weights_scaled(graph, &convolution->inputs[1], &bias, affine->inputs[1], affine->inputs[2], err))
        return false;
    convolution->inputs = memory_resize(convolution->inputs, 3, sizeof *convolution->inputs);
    convolution->inputs[2] = bias;
    convolution->input_count = 3;
    return true;
}

static bool fold_node(struct graph *graph, struct node *node, struct error *err)
{
    bool affine = node->operation == OPERATION_AFFINE;
    if (!affine && node->operation != OPERATION_RELU)
        return true;
    struct node *before = convolution_before(graph, node);
    if (!before)
        return true;
    if (affine && !fold_affine(graph, before, node, err))
        return false;
    if (!affine)
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
