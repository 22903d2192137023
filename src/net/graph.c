#include "net/graph.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

void graph_init(struct graph *graph)
{
    memset(graph, 0, sizeof *graph);
    graph->input = MISSING;
}

static void nodes_done(struct graph *graph)
{
    for (int i = 0; i < graph->node_count; i++) {
        free(graph->nodes[i].name);
        free(graph->nodes[i].inputs);
    }
    free(graph->nodes);
}

void graph_done(struct graph *graph)
{
    for (int i = 0; i < graph->value_count; i++) {
        free(graph->values[i].name);
        if (graph->values[i].constant && graph->values[i].root == i)
            free(graph->values[i].data);
    }
    free(graph->values);
    nodes_done(graph);
    free(graph->name_slots);
    graph_init(graph);
}

static size_t name_hash(const char *name)
{
    size_t hash = 14695981039346656037u;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 1099511628211u;
    return hash;
}

/* The slot that holds the name, or the free one where it belongs. */
static size_t name_slot(const struct graph *graph, const char *name)
{
    size_t slot = name_hash(name) % graph->name_slot_count;
    while (graph->name_slots[slot] && strcmp(graph->values[graph->name_slots[slot] - 1].name, name) != 0)
        slot = (slot + 1) % graph->name_slot_count;
    return slot;
}

int graph_find(const struct graph *graph, const char *name)
{
    if (!graph->name_slot_count)
        return MISSING;
    return graph->name_slots[name_slot(graph, name)] - 1;
}

static void names_grow(struct graph *graph)
{
    if ((size_t)graph->value_count * 2 < graph->name_slot_count)
        return;
    free(graph->name_slots);
    graph->name_slot_count = graph->name_slot_count ? graph->name_slot_count * 2 : 1024;
    graph->name_slots = memory_allocate(graph->name_slot_count, sizeof *graph->name_slots);
    for (int i = 0; i < graph->value_count; i++)
        if (graph->values[i].name)
            graph->name_slots[name_slot(graph, graph->values[i].name)] = i + 1;
}

bool graph_add_value(struct graph *graph, const char *name, int *index, struct error *err)
{
    if (graph->value_count >= VALUE_LIMIT)
        return fail(err, ERROR_TOO_LARGE, "more than %d tensors", VALUE_LIMIT);
    if (name && graph_find(graph, name) != MISSING)
        return fail(err, ERROR_INVALID, "tensor '%.80s' is made twice", name);
    if ((graph->value_count & (graph->value_count - 1)) == 0) {
        size_t room = graph->value_count ? (size_t)graph->value_count * 2 : 1;
        graph->values = memory_resize(graph->values, room, sizeof *graph->values);
    }
    names_grow(graph);
    int made = graph->value_count;
    graph->values[made] = (struct value){.twin = MISSING, .root = made, .last = MISSING};
    if (name) {
        graph->name_slots[name_slot(graph, name)] = made + 1;
        graph->values[made].name = memory_copy_text(name);
    }
    graph->value_count++;
    *index = made;
    return true;
}

struct node *graph_add_node(struct graph *graph, enum operation operation, const char *name,
    const int *inputs, int input_count, int output)
{
    if ((graph->node_count & (graph->node_count - 1)) == 0) {
        size_t room = graph->node_count ? (size_t)graph->node_count * 2 : 1;
        graph->nodes = memory_resize(graph->nodes, room, sizeof *graph->nodes);
    }
    struct node *node = &graph->nodes[graph->node_count++];
    *node = (struct node){.operation = operation, .input_count = input_count, .output = output};
    node->name = memory_copy_text(name);
    node->inputs = memory_allocate((size_t)input_count + 1, sizeof *node->inputs);
    if (input_count)
        memcpy(node->inputs, inputs, (size_t)input_count * sizeof *inputs);
    return node;
}

bool graph_make_constant(struct graph *graph, int index, struct error *err)
{
    struct value *value = &graph->values[index];
    size_t bytes = value_bytes(value);
    if (bytes > CONSTANT_LIMIT - graph->constant_bytes)
        return fail(err, ERROR_TOO_LARGE, "the constants are over %d MB", CONSTANT_LIMIT >> 20);
    graph->constant_bytes += bytes;
    value->data = memory_allocate_aligned(bytes + 64);
    value->constant = true;
    return true;
}

bool graph_add_constant(
    struct graph *graph, const struct net_shape *shape, bool integer, int *index, struct error *err)
{
    int made = 0;
    if (!graph_add_value(graph, NULL, &made, err))
        return false;
    graph->values[made].shape = *shape;
    graph->values[made].known = true;
    graph->values[made].integer = integer;
    if (!graph_make_constant(graph, made, err))
        return false;
    *index = made;
    return true;
}

void graph_prune(struct graph *graph)
{
    bool *needed = memory_allocate((size_t)graph->value_count + 1, sizeof *needed);
    for (int i = 0; i < graph->output_count; i++)
        needed[graph->outputs[i]] = true;
    for (int i = graph->node_count - 1; i >= 0; i--) {
        struct node *node = &graph->nodes[i];
        node->gone = node->gone || !needed[node->output];
        for (int k = 0; !node->gone && k < node->input_count; k++)
            if (node->inputs[k] != MISSING)
                needed[node->inputs[k]] = true;
    }
    free(needed);
}

int graph_reader_count(const struct graph *graph, int value)
{
    int count = graph->values[value].output;
    for (int i = 0; i < graph->node_count; i++)
        for (int k = 0; !graph->nodes[i].gone && k < graph->nodes[i].input_count; k++)
            count += graph->nodes[i].inputs[k] == value;
    return count;
}

struct node *graph_producer(const struct graph *graph, int value)
{
    for (int i = 0; i < graph->node_count; i++)
        if (!graph->nodes[i].gone && graph->nodes[i].output == value)
            return &graph->nodes[i];
    return NULL;
}

struct net_shape shape_of(int count, const int *dims)
{
    struct net_shape shape = {.count = count};
    for (int i = 0; i < count; i++)
        shape.dims[i] = dims[i];
    return shape;
}

bool shape_equal(const struct net_shape *a, const struct net_shape *b)
{
    return a->count == b->count && memcmp(a->dims, b->dims, (size_t)a->count * sizeof a->dims[0]) == 0;
}

size_t shape_size(const struct net_shape *shape)
{
    size_t size = 1;
    for (int i = 0; i < shape->count; i++)
        size *= (size_t)shape->dims[i];
    return size;
}

int shape_span(const struct net_shape *shape, int first, int end)
{
    int span = 1;
    for (int i = first; i < end && i < shape->count; i++)
        span *= shape->dims[i];
    return span;
}

char *shape_text(const struct net_shape *shape)
{
    struct text text = {0};
    text_add(&text, "%s", shape->count ? "" : "scalar");
    for (int i = 0; i < shape->count; i++)
        text_add(&text, "%s%d", i ? "x" : "", shape->dims[i]);
    return text.data;
}

int value_channels(const struct value *value)
{
    return value->shape.count > 1 ? value->shape.dims[1] : 1;
}

int value_pixels(const struct value *value)
{
    return shape_span(&value->shape, 2, NET_DIMS);
}

size_t value_bytes(const struct value *value)
{
    size_t numbers = shape_size(&value->shape);
    if (value->block) {
        size_t blocks = ((size_t)value_channels(value) + (size_t)value->block - 1) / (size_t)value->block;
        numbers = (size_t)value->shape.dims[0] * blocks * (size_t)value->block * (size_t)value_pixels(value);
    }
    return numbers * (value->integer ? sizeof(int64_t) : sizeof(float));
}

const char *operation_word(enum operation operation)
{
    static const char *const words[] = {"constant", "conv", "relu", "exp", "sigmoid", "clip", "prelu", "add",
        "sub", "mul", "div", "affine", "softmax", "concat", "slice", "transpose", "reshape", "gather",
        "shape", "reorder", "pool", "resize"};
    return words[operation];
}
