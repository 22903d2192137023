#include "net/fuse.h"

#include "net/layout.h"

#include <stdlib.h>
#include <string.h>

/* The convolution whose result only this node reads. */
static struct node *convolution_behind(const struct graph *graph, int value)
{
    struct node *before = graph_producer(graph, value);
    if (!before || before->operation != OPERATION_CONVOLUTION || graph_reader_count(graph, value) != 1)
        return NULL;
    return before;
}

static bool has(const struct node *convolution, int part)
{
    return convolution->inputs[part] != MISSING;
}

static void widen(struct node *node)
{
    node->inputs = memory_resize(node->inputs, CONVOLUTION_INPUTS, sizeof *node->inputs);
    for (; node->input_count < CONVOLUTION_INPUTS; node->input_count++)
        node->inputs[node->input_count] = MISSING;
}

/* The node does the convolution's work too, in its own place. */
static void take_over(struct node *node, struct node *convolution)
{
    int *inputs = node->inputs;
    node->operation = OPERATION_CONVOLUTION;
    node->window = convolution->window;
    node->inputs = convolution->inputs;
    node->input_count = convolution->input_count;
    convolution->inputs = inputs;
    convolution->input_count = 0;
    convolution->gone = true;
}

static void fuse_slopes(struct graph *graph, struct node *node)
{
    int slopes = node->inputs[1];
    struct node *before = convolution_behind(graph, node->inputs[0]);
    if (!before || before->window.relu || has(before, CONVOLUTION_SLOPES) || has(before, CONVOLUTION_SKIP) ||
        !layout_is_row(&graph->values[slopes], &graph->values[node->inputs[0]]))
        return;
    take_over(node, before);
    node->inputs[CONVOLUTION_SLOPES] = slopes;
}

static void fuse_relu(struct graph *graph, struct node *node)
{
    struct node *before = convolution_behind(graph, node->inputs[0]);
    if (!before || before->window.relu)
        return;
    take_over(node, before);
    node->window.relu = true;
}

static void fuse_sum(struct graph *graph, struct node *node)
{
    const struct value *a = &graph->values[node->inputs[0]], *b = &graph->values[node->inputs[1]];
    if (a->constant || b->constant || a->shape.count != NET_DIMS || !shape_equal(&a->shape, &b->shape))
        return;
    for (int k = 1; k >= 0; k--) {
        int skip = node->inputs[1 - k];
        struct node *before = convolution_behind(graph, node->inputs[k]);
        if (!before || before->window.relu || before->window.groups > 1 || has(before, CONVOLUTION_SKIP))
            continue;
        take_over(node, before);
        node->inputs[CONVOLUTION_SKIP] = skip;
        return;
    }
}

void fuse_graph(struct graph *graph)
{
    for (int i = 0; i < graph->node_count; i++) {
        struct node *node = &graph->nodes[i];
        if (node->gone)
            continue;
        if (node->operation == OPERATION_CONVOLUTION)
            widen(node);
        else if (node->operation == OPERATION_PRELU)
            fuse_slopes(graph, node);
        else if (node->operation == OPERATION_RELU)
            fuse_relu(graph, node);
        else if (node->operation == OPERATION_ADD)
            fuse_sum(graph, node);
    }
}
