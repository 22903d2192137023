/* The shape of convolutions. */
#pragma once

#include "net/graph.h"

/* Reads a Conv node's attributes into node->window and gives the output's four dimensions. */
bool infer_window(struct graph *graph, struct node *node, int64_t dims[static NET_DIMS], struct error *err);
