#include "net/arena.h"

#include "net/layout.h"

#include <stdlib.h>

enum { ARENA_LIMIT = 1 << 30, ALIGNMENT = 64 };

/* A piece of the arena: the bytes of a root value over the nodes first to last. */
struct piece {
    int value;
    int first, last;
    size_t size, offset;
};

static bool is_view(const struct graph *graph, const struct node *node)
{
    const struct value *from = &graph->values[node->inputs[0]];
    if (from->constant)
        return false;
    return node->operation == OPERATION_RESHAPE ||
           (node->operation == OPERATION_REORDER && layout_is_plain(graph, from));
}

static bool is_elementwise(enum operation operation)
{
    return operation >= OPERATION_RELU && operation <= OPERATION_AFFINE;
}

/* Whether the node may write over its input `k`: nobody reads those bytes later, nor does the node through
 * another shape of them. */
static bool can_overwrite(const struct graph *graph, const struct node *node, int at, int k)
{
    const struct value *from = &graph->values[node->inputs[k]], *to = &graph->values[node->output];
    if (!is_elementwise(node->operation) || from->constant || from->block != to->block ||
        !shape_equal(&from->shape, &to->shape) || graph->values[from->root].last != at)
        return false;
    for (int i = 0; i < node->input_count; i++)
        if (graph->values[node->inputs[i]].root == from->root && node->inputs[i] != node->inputs[k])
            return false;
    return true;
}

static void share_root(struct graph *graph, int value, int with)
{
    int root = graph->values[with].root;
    graph->values[value].root = root;
    if (graph->values[value].last > graph->values[root].last)
        graph->values[root].last = graph->values[value].last;
}

static void find_lives(struct graph *graph)
{
    int end = graph->node_count;
    for (int i = 0; i < end; i++)
        for (int k = 0; k < graph->nodes[i].input_count; k++)
            if (graph->nodes[i].inputs[k] != MISSING)
                graph->values[graph->nodes[i].inputs[k]].last = i;
    graph->values[graph->input].last = end;
    for (int i = 0; i < graph->output_count; i++)
        graph->values[graph->outputs[i]].last = end;
}

static void find_roots(struct graph *graph)
{
    for (int i = 0; i < graph->node_count; i++) {
        const struct node *node = &graph->nodes[i];
        if (is_view(graph, node) || can_overwrite(graph, node, i, 0))
            share_root(graph, node->output, node->inputs[0]);
        else if (node->input_count > 1 && node->operation != OPERATION_AFFINE &&
                 can_overwrite(graph, node, i, 1))
            share_root(graph, node->output, node->inputs[1]);
    }
}

static size_t round_up(size_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static int larger_first(const void *left, const void *right)
{
    const struct piece *a = left, *b = right;
    if (a->size != b->size)
        return a->size < b->size ? 1 : -1;
    return a->value - b->value;
}

/* The lowest place where the piece overlaps no placed one that lives at the same time. */
static void place(struct piece *pieces, int placed)
{
    struct piece *piece = &pieces[placed];
    bool moved = true;
    while (moved) {
        moved = false;
        for (int i = 0; i < placed; i++) {
            const struct piece *other = &pieces[i];
            bool together = piece->first <= other->last && other->first <= piece->last;
            if (together && piece->offset < other->offset + other->size &&
                other->offset < piece->offset + piece->size) {
                piece->offset = other->offset + other->size;
                moved = true;
            }
        }
    }
}

static int gather_pieces(const struct graph *graph, struct piece *pieces)
{
    int count = 0;
    pieces[count++] = (struct piece){
        graph->input, 0, graph->node_count, round_up(value_bytes(&graph->values[graph->input])), 0};
    for (int i = 0; i < graph->node_count; i++) {
        int output = graph->nodes[i].output;
        const struct value *value = &graph->values[output];
        if (value->root == output)
            pieces[count++] =
                (struct piece){output, i, value->last < i ? i : value->last, round_up(value_bytes(value)), 0};
    }
    qsort(pieces, (size_t)count, sizeof *pieces, larger_first);
    return count;
}

static size_t place_all(struct graph *graph, struct piece *pieces, int count)
{
    size_t end = 0;
    for (int i = 0; i < count; i++) {
        place(pieces, i);
        graph->values[pieces[i].value].offset = pieces[i].offset;
        if (pieces[i].offset + pieces[i].size > end)
            end = pieces[i].offset + pieces[i].size;
    }
    return end;
}

static void bind(struct graph *graph, char *base)
{
    graph->values[graph->input].data = base + graph->values[graph->input].offset;
    for (int i = 0; i < graph->node_count; i++) {
        struct value *value = &graph->values[graph->nodes[i].output];
        value->data = base + graph->values[value->root].offset;
    }
}

static bool take_memory(
    struct arena *arena, size_t values_size, size_t size, struct graph *graph, struct error *err)
{
    arena->size = size;
    arena->memory = memory_try_allocate(arena->size + ALIGNMENT, ARENA_LIMIT, "the network's memory", err);
    if (!arena->memory)
        return false;
    size_t past = (size_t)((uintptr_t)arena->memory % ALIGNMENT);
    arena->base = (char *)arena->memory + (past ? ALIGNMENT - past : 0);
    arena->scratch = (char *)arena->base + values_size;
    bind(graph, arena->base);
    return true;
}

bool arena_plan(struct arena *arena, struct graph *graph, size_t scratch_size, struct error *err)
{
    find_lives(graph);
    find_roots(graph);
    struct piece *pieces = memory_allocate((size_t)graph->node_count + 1, sizeof *pieces);
    int count = gather_pieces(graph, pieces);
    size_t values_size = place_all(graph, pieces, count);
    free(pieces);
    if (scratch_size > ARENA_LIMIT || values_size > ARENA_LIMIT)
        return fail(err, ERROR_TOO_LARGE, "the network needs over %d MB", ARENA_LIMIT >> 20);
    return take_memory(arena, values_size, values_size + round_up(scratch_size), graph, err);
}

bool arena_repeat(const struct arena *first, struct arena *arena, struct graph *graph, struct error *err)
{
    size_t values_size = (size_t)((char *)first->scratch - (char *)first->base);
    return take_memory(arena, values_size, first->size, graph, err);
}

void arena_done(struct arena *arena)
{
    free(arena->memory);
    *arena = (struct arena){0};
}
