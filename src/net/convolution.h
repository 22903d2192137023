/* A convolution on oneDNN with every layout fixed. */
#pragma once

#include "net/graph.h"

#include <dnnl.h>

/* oneDNN's engine and stream on the calling thread. */
struct dnn {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    bool borrowed; /* the engine is another's */
};
bool dnn_open(struct dnn *dnn, struct error *err);
/* A stream of its own on the engine of `first`, which has to outlive it. */
bool dnn_share(const struct dnn *first, struct dnn *dnn, struct error *err);
void dnn_close(struct dnn *dnn);

/* Channels in a block on this processor. */
int dnn_block(void);

/* Chooses the kernel and packs the weights. The node's input and output have their layouts. */
struct convolution *convolution_new(
    const struct dnn *dnn, const struct graph *graph, const struct node *node, struct error *err);
void convolution_free(struct convolution *convolution);
AUTO_FREE(convolution, struct convolution *, convolution_free)

/* Another one with the same kernel and weights, not yet bound; `first` has to outlive it. */
struct convolution *convolution_share(const struct convolution *first);

size_t convolution_packed_bytes(const struct convolution *convolution);
size_t convolution_scratch_size(const struct convolution *convolution);
/* "jit:avx2": oneDNN's name of the kernel; "ref" in it means one that is far too slow. */
const char *convolution_kernel(const struct convolution *convolution);

/* Ties the convolution to its input's and output's bytes. */
bool convolution_bind(struct convolution *convolution, const struct dnn *dnn, const struct graph *graph,
    const struct node *node, void *scratch, struct error *err);
bool convolution_run(const struct convolution *convolution, const struct dnn *dnn, struct error *err);
