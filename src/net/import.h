/* From an ONNX file's bytes to nodes and values, not yet understood: net/infer reads each node's attributes.
 */
#pragma once

#include "net/graph.h"

struct Onnx__ModelProto;
struct Onnx__TensorProto;

struct onnx_file {
    struct Onnx__ModelProto *model; /* owns; nodes borrow their source from it */
};

/* Checks and unpacks the bytes and fills the graph: initializers, the one input, the nodes in the file's
 * order (which has to be one they can run in; a cycle has none) and the wanted outputs. What no output needs
 * is gone. */
bool import_onnx(const void *onnx, size_t size, const struct net_options *options, struct onnx_file *file,
    struct graph *graph, struct error *err);
void onnx_file_close(struct onnx_file *file);
static inline void onnx_file_auto(struct onnx_file *slot)
{
    onnx_file_close(slot);
}

/* The node's operator as the file names it, "domain.Name" for operators outside the standard. */
const char *source_operator(const struct node *node);
bool source_has(const struct node *node, const char *attribute);
int64_t source_int(const struct node *node, const char *attribute, int64_t otherwise);
float source_float(const struct node *node, const char *attribute, float otherwise);
/* At most `limit` numbers; *count is 0 where the attribute is absent. */
bool source_ints(
    const struct node *node, const char *attribute, int limit, int64_t *out, int *count, struct error *err);
/* Whether a text attribute is one of these words; absent counts as the first. */
bool source_is(const struct node *node, const char *attribute, const char *word);
/* Makes the node's output the constant of attribute `value`. */
bool source_constant(struct graph *graph, const struct node *node, struct error *err);
