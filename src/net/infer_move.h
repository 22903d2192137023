/* What the rules of the operators share, and the rules of those that only move numbers. */
#pragma once

#include "net/graph.h"

/* The node's input, or NULL where it is left out. */
struct value *infer_input(const struct graph *graph, const struct node *node, int index);

/* Sets the shape of the node's output; every size is at least 1, and their product is bounded. */
bool infer_set_shape(
    struct graph *graph, const struct node *node, const int64_t *dims, int count, struct error *err);

/* From ONNX's axis, which may count from the end. */
bool infer_axis(int64_t axis, int count, int *out, struct error *err);

/* At most NET_DIMS numbers, given as an attribute by older operator sets and as a constant input by newer
 * ones. */
bool infer_list(const struct graph *graph, const struct node *node, const char *attribute, int input,
    int64_t *out, int *count, struct error *err);

bool infer_concat(struct graph *graph, struct node *node, struct error *err);
bool infer_slice(struct graph *graph, struct node *node, struct error *err);
bool infer_transpose(struct graph *graph, struct node *node, struct error *err);
bool infer_reshape(struct graph *graph, struct node *node, struct error *err);
bool infer_flatten(struct graph *graph, struct node *node, struct error *err);
bool infer_squeeze(struct graph *graph, struct node *node, struct error *err);
bool infer_unsqueeze(struct graph *graph, struct node *node, struct error *err);
bool infer_gather(struct graph *graph, struct node *node, struct error *err);
