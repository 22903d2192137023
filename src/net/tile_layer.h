/* A convolution of 1×1 in float by tiles of bfloat16.
 *
 * Every number x is split in two: h = bfloat16(x) and l = bfloat16(x − h), so that x = h + l up to 2^-17 of
 * it. Of the product of two such sums three parts are added up in float (h·h, h·l, l·h); the fourth is below
 * 2^-18 of the whole. So results are float's within about 2^-16 of the sum of the products' sizes, at a fifth
 * of the time. */
#pragma once

#include "net/graph.h"

struct tile_layer;

/* Whether the node can run so, here: a processor with tiles (and oneDNN not told to be an older one), blocks
 * of 16 channels on both sides, 1×1 of more than 16 inputs without stride, padding and groups. */
bool tile_layer_fits(const struct graph *graph, const struct node *node);

/* Splits and packs the weights. */
struct tile_layer *tile_layer_new(const struct graph *graph, const struct node *node);
void tile_layer_free(struct tile_layer *layer);

size_t tile_layer_packed_bytes(const struct tile_layer *layer);
size_t tile_layer_scratch_size(const struct tile_layer *layer);

void tile_layer_run(
    const struct tile_layer *layer, const struct graph *graph, const struct node *node, void *scratch);
