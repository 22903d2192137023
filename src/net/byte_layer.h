/* A convolution on codes, with its activation and what is added to it. */
#pragma once

#include "net/byte_kernels.h"
#include "net/graph.h"

struct byte_layer;

/* Rounds the weights and packs them for `kernels`, which have to outlive the layer. The node's input, output
 * and skip have their layouts and codes; the output may be plain. */
struct byte_layer *byte_layer_new(const struct byte_kernels *kernels, const struct graph *graph,
    const struct node *node, struct error *err);
void byte_layer_free(struct byte_layer *layer);
AUTO_FREE(byte_layer, struct byte_layer *, byte_layer_free)

size_t byte_layer_packed_bytes(const struct byte_layer *layer);
size_t byte_layer_scratch_size(const struct byte_layer *layer);

void byte_layer_run(
    const struct byte_layer *layer, const struct graph *graph, const struct node *node, void *scratch);
