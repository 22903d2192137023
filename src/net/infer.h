/* The meaning of the operators: shapes, limits, and computing what is constant. */
#pragma once

#include "net/graph.h"

/* Reads every living node's attributes, in order: gives its output a shape, turns Gemm into a convolution and
 * BatchNormalization into scale and shift, and computes nodes whose inputs are all constant at once. Fails
 * with the operator and the node when one is unknown, or its inputs do not fit together. */
bool infer_graph(struct graph *graph, struct error *err);
