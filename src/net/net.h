/* A neural network from an ONNX file, planned once and run without allocation.
 *
 * net_load parses hostile bytes: the raw protobuf is bounded before it is believed, every tensor's size is
 * checked against the file, unknown operators are named. After net_warm_up a run makes no system call,
 * so a locked-up process can run it, and no allocation but for the lists of arguments that oneDNN makes and
 * drops for each of its layers. One net is used by one thread at a time; flush-to-zero is on during a run. */
#pragma once

#include "base/memory.h"

enum { NET_DIMS = 4, NET_TENSORS = 16, NET_FILE_LIMIT = 512 << 20 };

/* Row-major shape; the first dimension is the batch and is 1: more at once took longer a face
 * (bench/RESULTS.md). */
struct net_shape {
    int dims[NET_DIMS];
    int count;
};

struct byte_kernels;
struct net_options {
    /* The input's height and width; 0 keeps those of the file. Other sizes need a network whose wanted
     * outputs are convolutional. */
    int height;
    int width;
    /* NULL-ended names of the tensors to compute; NULL means the graph's outputs. Naming an inner tensor
     * leaves out what lies behind it. */
    const char *const *outputs;
    /* Text as net_ranges gives it: the network runs in 8 bits, with codes of these ranges. Empty means float.
     * Borrowed until net_load returns. */
    struct bytes ranges;
    /* Another set of 8-bit kernels (net/byte_kernels.h) than the best of this machine; they all give the same
     * bits. */
    const struct byte_kernels *byte_kernels;
    /* Keep the least and most number every tensor takes, for net_ranges. Of float networks. */
    bool observed;
};

struct net;

struct net *net_load(const void *onnx, size_t size, const struct net_options *options, struct error *err);
void net_free(struct net *net);
AUTO_FREE(net, struct net *, net_free)

/* Another instance of a warm network: it shares weights, generated code and plan, has memory of its own and
 * may run at the same time on another thread. Instances and the first one may be freed in any order. NULL
 * when there is no memory. */
struct net *net_share(struct net *net, struct error *err);

const struct net_shape *net_input_shape(const struct net *net);
int net_output_count(const struct net *net);
const char *net_output_name(const struct net *net, int index);
const struct net_shape *net_output_shape(const struct net *net, int index);

/* The input, planar float (NCHW, contiguous), to be filled before each run; borrowed. */
float *net_input(struct net *net);

/* Runs every layer once, so that all code is generated. Fails when a layer fell on a reference kernel. */
bool net_warm_up(struct net *net, struct error *err);

/* Computes the outputs from net_input. Cannot fail once warm. */
void net_run(struct net *net);

/* Contiguous row-major floats of net_output_shape, valid until the next run; borrowed. */
const float *net_output(const struct net *net, int index);

/* Zeroes the arena (inputs, activations, outputs); weights stay. */
void net_wipe(struct net *net);

/* The ranges seen by an observed network since net_warm_up (net/ranges.h says how they are written). Heap
 * text. */
char *net_ranges(const struct net *net);

/* For the self-test and for benchmark reports: one line a layer, "conv 3x3 64->64 brgconv:avx2 0.21 ms", with
 * the least time among all warm-ups. Heap text. */
char *net_describe(const struct net *net);
