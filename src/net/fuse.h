/* Melting activations and sums into the convolutions of an 8-bit network. */
#pragma once

#include "net/graph.h"

/* Where nothing else reads a convolution's result, the node after it becomes that convolution:
 * PRelu with a slope a channel, an Add of another result, a Relu after that. */
void fuse_graph(struct graph *graph);
