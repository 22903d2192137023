/* The shape of Resize and Upsample. */
#pragma once

#include "net/graph.h"

/* Fills node->resize. Height and width only, to the nearest pixel or linearly, by constant scales or sizes.
 */
bool infer_resize(struct graph *graph, struct node *node, struct error *err);
