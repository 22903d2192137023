/* Plain loops for everything but convolutions; they also compute constants while loading. */
#pragma once

#include "net/graph.h"

/* Computes the node's output from its inputs' data. All shapes fit; net/infer and net/layout saw to it. */
void kernel_run(const struct graph *graph, const struct node *node);
