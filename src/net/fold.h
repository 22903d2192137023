/* Melting nodes into the convolutions before them. */
#pragma once

#include "net/graph.h"

/* Puts scale and shift (BatchNormalization) or a constant factor into a convolution's weights, and a Relu
 * into the convolution, where nothing else reads the convolution's output. */
bool fold_graph(struct graph *graph, struct error *err);
