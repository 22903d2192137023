/* One piece of memory for all values, planned once from when each is made and last read. */
#pragma once

#include "net/graph.h"

struct arena {
    void *memory; /* owns */
    void *base;   /* aligned to 64 bytes */
    size_t size;
    void *scratch;
};

/* Decides which nodes work in place or only rename bytes, packs the values that live at the same time beside
 * each other, and gives every value its data pointer. The input and the outputs keep their bytes between
 * runs. `scratch_size` bytes more are for the convolutions. */
bool arena_plan(struct arena *arena, struct graph *graph, size_t scratch_size, struct error *err);
/* Memory of the same size for another instance of the plan, its values bound to it. */
bool arena_repeat(const struct arena *first, struct arena *arena, struct graph *graph, struct error *err);
void arena_done(struct arena *arena);
