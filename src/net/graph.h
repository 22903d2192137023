/* The network between file and run: values (tensors) and the nodes that make them, in the order they run.
 *
 * net/import fills it, net/infer gives every value its shape and computes what is constant, net/fold melts
 * nodes into convolutions, net/layout chooses how values lie in memory, net/arena gives them their place. */
#pragma once

#include "net/net.h"

enum operation {
    OPERATION_CONSTANT,
    OPERATION_CONVOLUTION, /* Conv, and Gemm as a convolution of 1×1 pictures */
    OPERATION_RELU,
    OPERATION_EXP,
    OPERATION_SIGMOID,
    OPERATION_CLIP,
    OPERATION_PRELU,
    OPERATION_ADD,
    OPERATION_SUB,
    OPERATION_MUL,
    OPERATION_DIV,
    OPERATION_AFFINE, /* BatchNormalization: inputs x, scale, shift */
    OPERATION_SOFTMAX,
    OPERATION_CONCAT,
    OPERATION_SLICE,
    OPERATION_TRANSPOSE,
    OPERATION_RESHAPE, /* Reshape, Flatten, Unsqueeze, Identity, ...: the same numbers, perhaps in another
                          shape */
    OPERATION_GATHER,
    OPERATION_SHAPE,
    OPERATION_REORDER, /* between plain and blocked */
    OPERATION_POOL,    /* MaxPool, AveragePool, GlobalAveragePool */
    OPERATION_RESIZE,  /* Resize, Upsample: of height and width */
};

enum {
    MISSING = -1,
    CONSTANT_LIMIT = 1 << 28,
    VALUE_LIMIT = 1 << 16,
    NODE_LIMIT = 1 << 12,
    AXIS_LIMIT = 1 << 15,
    BYTES = 1, /* a value's block where it is codes of 8 bits (code.h), channels last */
};

/* A convolution's inputs; in 8-bit networks all of them, MISSING where there is none. */
enum {
    CONVOLUTION_WEIGHTS = 1,
    CONVOLUTION_BIAS,
    CONVOLUTION_SLOPES, /* of a PRelu on the sums: a number a channel, or one */
    CONVOLUTION_SKIP,   /* what is added then, before window.relu */
    CONVOLUTION_INPUTS
};

/* Values lie plain (row-major) or in blocks of channels: N, ceil(C / block), H, W, block, with zeroes in the
 * channels beyond C. A value of two dimensions counts as N, C, 1, 1 then. In 8-bit networks they are plain or
 * BYTES: N, H, W, C in bytes that mean numbers by the value's code. */
struct code;
struct value {
    char *name;
    struct net_shape shape;
    bool known;   /* shape is set */
    bool integer; /* int64_t instead of float; constants only */
    bool constant;
    bool output;
    int block;               /* 0: plain */
    const struct code *code; /* of BYTES; the graph owns it */
    int twin;                /* the same value in the other layout, or MISSING */
    int root;                /* the value whose bytes these are; itself unless a view */
    int last;                /* the last node that reads it */
    size_t offset;
    void *data; /* constants own theirs, the others borrow from the arena */
};

struct window {
    int kernel[2], stride[2], dilation[2], pad_before[2], pad_after[2];
    int groups;
    bool relu; /* a Relu that was folded in */
};

struct pool {
    struct window window;
    bool average;
    bool counts_padding; /* in an average */
};

/* Output pixel i lies at i × step of the input, or at (i + ½) × step − ½ when `centred`. */
struct resize {
    float step[2];
    bool linear, centred, floored; /* floored: the nearest pixel is the one before */
};

/* Numbers in `count` dimensions at source strides, for Slice and Transpose. */
struct walk {
    int64_t base;
    int64_t stride[NET_DIMS];
};

struct rows {
    int outer, length, inner;
};

struct convolution;
struct byte_layer;
struct tile_layer;
struct ranges;

struct node {
    enum operation operation;
    char *name;
    int *inputs; /* indices of values, or MISSING */
    int input_count;
    int output;
    const void *source; /* the file's node, while loading */
    bool gone;
    union {
        struct window window;
        struct walk walk;
        struct rows rows; /* Softmax, Gather, Concat */
        struct pool pool;
        struct resize resize;
        float bounds[2]; /* Clip */
    };
    struct convolution *convolution;
    struct byte_layer *byte_layer;
    struct tile_layer *tile_layer;
    double run_ms;
};

struct graph {
    struct value *values;
    int value_count;
    struct node *nodes;
    int node_count;
    int input;
    int outputs[NET_TENSORS];
    int output_count;
    int opset;
    int block;             /* channels in a block on this machine: 8 or 16; BYTES in an 8-bit network */
    struct ranges *ranges; /* owns; of an 8-bit network */
    struct code **codes;   /* owns */
    int code_count;
    size_t constant_bytes; /* of all constants, bounded by CONSTANT_LIMIT */
    int *name_slots;       /* open hash from name to value */
    size_t name_slot_count;
};

void graph_init(struct graph *graph);
void graph_done(struct graph *graph);

/* The index of a new value; `name` may be NULL. The value has no shape yet. */
bool graph_add_value(struct graph *graph, const char *name, int *index, struct error *err);
int graph_find(const struct graph *graph, const char *name);

/* A new node after all others, its inputs copied. The pointer is valid until the next one is added. */
struct node *graph_add_node(struct graph *graph, enum operation operation, const char *name,
    const int *inputs, int input_count, int output);

/* A new constant without name, zeroed, within the bound on all constants. */
bool graph_add_constant(
    struct graph *graph, const struct net_shape *shape, bool integer, int *index, struct error *err);

/* Gives a value that has its shape memory of its own and makes it constant. */
bool graph_make_constant(struct graph *graph, int index, struct error *err);

/* Marks as gone what no output needs. */
void graph_prune(struct graph *graph);

/* How many living nodes read the value; an output counts as one more. */
int graph_reader_count(const struct graph *graph, int value);
/* The living node that makes the value, or NULL. */
struct node *graph_producer(const struct graph *graph, int value);

struct net_shape shape_of(int count, const int *dims);
bool shape_equal(const struct net_shape *a, const struct net_shape *b);
/* Numbers in it; 1 for no dimensions. */
size_t shape_size(const struct net_shape *shape);
/* The product of the dimensions from `first` up to but without `end`. */
int shape_span(const struct net_shape *shape, int first, int end);
/* "1x3x240x320". Heap text. */
char *shape_text(const struct net_shape *shape);

/* Bytes of the value as it lies in memory. */
size_t value_bytes(const struct value *value);
int value_channels(const struct value *value);
int value_pixels(const struct value *value);

const char *operation_word(enum operation operation);
