#include "net/layout.h"

#include "net/code.h"
#include "net/weights.h"

#include <stdlib.h>
#include <string.h>

enum { FEW_CHANNELS = 3 };

bool layout_is_plain(const struct graph *graph, const struct value *value)
{
    return value->block != BYTES && graph->block != BYTES && value_pixels(value) == 1 &&
           value_channels(value) % graph->block == 0;
}

/* The value in the wanted layout, through a new REORDER node where there is none yet. */
static bool want_layout(struct graph *graph, int *value, int block, struct error *err)
{
    const struct value *from = &graph->values[*value];
    int made = 0;
    if (from->block == block)
        return true;
    if (from->twin == MISSING) {
        if (!graph_add_value(graph, NULL, &made, err))
            return false;
        struct value *twin = &graph->values[made], *old = &graph->values[*value];
        twin->shape = old->shape;
        twin->known = true;
        twin->block = block;
        old->twin = made;
        if (block == BYTES) {
            if (!code_from_ranges(graph, *value, false, err))
                return false;
            graph->values[made].code = graph->values[*value].code;
        }
        graph_add_node(graph, OPERATION_REORDER, "reorder", value, 1, made);
    }
    *value = graph->values[*value].twin;
    return true;
}

/* Whether somebody takes codes: a convolution, or a concatenation whose output one wants. Backwards, so that
 * each node is looked at once, however concatenations nest. */
static bool codes_wanted(const struct graph *graph, const struct node *nodes, int count, int value)
{
    bool *wanted = memory_allocate((size_t)graph->value_count, sizeof *wanted);
    for (int i = count - 1; i >= 0; i--) {
        const struct node *node = &nodes[i];
        bool wants = node->operation == OPERATION_CONVOLUTION ||
                     (node->operation == OPERATION_CONCAT && node->rows.outer == 1 && wanted[node->output]);
        for (int k = 0; wants && !node->gone && k < node->input_count; k++)
            if (node->inputs[k] != MISSING)
                wanted[node->inputs[k]] = true;
    }
    bool found = wanted[value];
    free(wanted);
    return found;
}

/* Only a convolution without a skip, and not of one group a channel, can leave plain numbers. */
static bool layout_bytes(
    struct graph *graph, struct node *node, const struct node *later, int later_count, struct error *err)
{
    int *skip = &node->inputs[CONVOLUTION_SKIP];
    struct value *to = &graph->values[node->output];
    bool codes =
        node->window.groups > 1 || *skip != MISSING || codes_wanted(graph, later, later_count, node->output);
    to->block = codes ? BYTES : 0;
    if (codes && !code_from_ranges(graph, node->output, node->window.relu, err))
        return false;
    return want_layout(graph, &node->inputs[0], BYTES, err) &&
           (*skip == MISSING || want_layout(graph, skip, BYTES, err));
}

static bool layout_convolution(
    struct graph *graph, struct node *node, const struct node *later, int later_count, struct error *err)
{
    int channels = value_channels(&graph->values[node->inputs[0]]), groups = node->window.groups;
    bool one_each = groups == channels && value_channels(&graph->values[node->output]) == channels;
    if (groups > 1 && !one_each) {
        if (!weights_ungrouped(graph, &node->inputs[1], groups, err))
            return false;
        node->window.groups = 1;
    }
    if (graph->block == BYTES)
        return layout_bytes(graph, node, later, later_count, err);
    bool plain = node->window.groups == 1 && channels <= FEW_CHANNELS &&
                 graph->values[node->inputs[0]].block == 0 &&
                 graph->values[node->inputs[0]].shape.count == NET_DIMS;
    graph->values[node->output].block = graph->block;
    return want_layout(graph, &node->inputs[0], plain ? 0 : graph->block, err);
}

/* One number, or one a channel: what can be a padded row. */
bool layout_is_row(const struct value *value, const struct value *beside)
{
    const struct net_shape *shape = &value->shape;
    if (!value->constant)
        return false;
    if (shape_size(shape) == 1)
        return true;
    int from_end = beside->shape.count - 1, axis = shape->count - from_end;
    return axis >= 0 && axis <= 1 && shape->dims[axis] == value_channels(beside) &&
           (int)shape_size(shape) == shape->dims[axis];
}

/* Binary nodes stay blocked beside an equal value or a row; division does not, as 0 / 0 would enter the
 * padding. */
static bool layout_binary(struct graph *graph, struct node *node, bool *blocked, struct error *err)
{
    struct value *a = &graph->values[node->inputs[0]], *b = &graph->values[node->inputs[1]];
    bool turns = node->operation == OPERATION_ADD || node->operation == OPERATION_MUL;
    if (turns && a->constant && !b->constant) {
        int first = node->inputs[0];
        node->inputs[0] = node->inputs[1];
        node->inputs[1] = first;
        a = &graph->values[node->inputs[0]];
        b = &graph->values[node->inputs[1]];
    }
    bool equal = shape_equal(&a->shape, &b->shape) && !b->constant && !a->constant;
    bool worth = a->block || (equal && b->block);
    *blocked = worth && graph->block != BYTES && node->operation != OPERATION_DIV &&
               shape_equal(&a->shape, &graph->values[node->output].shape) && (equal || layout_is_row(b, a));
    if (!*blocked)
        return true;
    int channels = value_channels(a), padded = (channels + graph->block - 1) / graph->block * graph->block;
    if (!want_layout(graph, &node->inputs[0], graph->block, err))
        return false;
    if (equal)
        return want_layout(graph, &node->inputs[1], graph->block, err);
    return weights_padded_row(graph, node->inputs[1], channels, padded, &node->inputs[1], err);
}

/* Channels can be joined in blocks when none of the parts is padded; in bytes always. */
static bool concat_in_blocks(const struct graph *graph, const struct node *node)
{
    for (int k = 0; k < node->input_count; k++) {
        const struct value *value = &graph->values[node->inputs[k]];
        if (!value->block || value_channels(value) % graph->block || value->shape.count < 2 ||
            (value->block == BYTES && value->shape.dims[0] != 1) || node->rows.outer != value->shape.dims[0])
            return false;
    }
    return value_channels(&graph->values[node->output]) != value_channels(&graph->values[node->inputs[0]]);
}

/* `later` are the nodes after it. */
static bool layout_node(
    struct graph *graph, struct node *node, const struct node *later, int later_count, struct error *err)
{
    bool blocked = false;
    switch (node->operation) {
    case OPERATION_CONVOLUTION:
        return layout_convolution(graph, node, later, later_count, err);
    case OPERATION_RELU:
        blocked = graph->block != BYTES && graph->values[node->inputs[0]].block;
        break;
    case OPERATION_ADD:
    case OPERATION_SUB:
    case OPERATION_MUL:
    case OPERATION_DIV:
    case OPERATION_PRELU:
        if (!layout_binary(graph, node, &blocked, err))
            return false;
        break;
    case OPERATION_CONCAT:
        blocked = concat_in_blocks(graph, node);
        if (blocked && graph->block == BYTES)
            code_join(graph, node->output, node->inputs, node->input_count);
        break;
    default:
        break;
    }
    graph->values[node->output].block = blocked ? graph->block : 0;
    for (int k = 0; !blocked && k < node->input_count; k++)
        if (node->inputs[k] != MISSING && !want_layout(graph, &node->inputs[k], 0, err))
            return false;
    return true;
}

/* Moves the node to the end of the graph's list, after the reorders it asked for. */
static bool layout_next(struct graph *graph, struct node *node, const struct node *end, struct error *err)
{
    struct error cause = {0};
    if (!layout_node(graph, node, node + 1, (int)(end - node) - 1, &cause)) {
        if (err)
            *err = cause;
        return fail_within(err, "node '%.80s'", node->name);
    }
    struct node *kept = graph_add_node(graph, node->operation, node->name, NULL, 0, node->output);
    free(kept->name);
    free(kept->inputs);
    *kept = *node;
    node->name = NULL;
    node->inputs = NULL;
    return true;
}

bool layout_graph(struct graph *graph, struct error *err)
{
    struct node *nodes = graph->nodes;
    int count = graph->node_count;
    bool done = true;
    graph->nodes = NULL;
    graph->node_count = 0;
    for (int i = 0; done && i < count; i++)
        done = nodes[i].gone || layout_next(graph, &nodes[i], nodes + count, err);
    for (int i = 0; i < count; i++) {
        free(nodes[i].name);
        free(nodes[i].inputs);
    }
    free(nodes);
    for (int i = 0; done && i < graph->output_count; i++)
        done = want_layout(graph, &graph->outputs[i], 0, err);
    return done;
}
