/* The shape of convolutions and pools. */
#pragma once

#include "net/graph.h"

/* Reads a Conv node's attributes into node->window and gives the output's four dimensions. */
bool infer_window(struct graph *graph, struct node *node, int64_t dims[static NET_DIMS], struct error *err);
/* The same for a MaxPool, AveragePool or GlobalAveragePool node and node->pool. */
bool infer_pool(struct graph *graph, struct node *node, int64_t dims[static NET_DIMS], struct error *err);
