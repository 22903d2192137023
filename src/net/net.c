#include "net/net.h"

#include "base/text.h"
#include "net/arena.h"
#include "net/byte_layer.h"
#include "net/convolution.h"
#include "net/fold.h"
#include "net/fuse.h"
#include "net/import.h"
#include "net/infer.h"
#include "net/kernel.h"
#include "net/layout.h"
#include "net/ranges.h"
#include "net/tile_layer.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xmmintrin.h>

/* From OpenMP's runtime, which Debian's oneDNN uses. */
void omp_set_num_threads(int count);

enum {
    FLUSH_SUBNORMALS = 0x8040
}; /* MXCSR: results (FTZ) and inputs (DAZ) below the normal range count as zero */

struct net {
    atomic_int instances; /* of the first one: itself, until it is freed, and those that share with it */
    struct net *first;    /* whose weights, kernels and names these are; NULL for itself */
    struct graph graph;
    struct arena arena;
    struct dnn dnn;
    const char *names[NET_TENSORS]; /* of the outputs; the values own them */
    const struct byte_kernels *byte_kernels;
    struct observed *observed; /* or NULL */
    bool warm;
};

/* OpenMP keeps this number for each thread; with one, oneDNN works on the calling thread and starts no other.
 */
static void stay_on_this_thread(void)
{
    omp_set_num_threads(1);
}

static void drop_arena(struct net *net)
{
    if (net->arena.memory)
        memory_wipe(net->arena.base, net->arena.size);
    arena_done(&net->arena);
}

/* When the last instance is gone. */
static void free_first(struct net *net)
{
    for (int i = 0; i < net->graph.node_count; i++) {
        convolution_free(net->graph.nodes[i].convolution);
        byte_layer_free(net->graph.nodes[i].byte_layer);
        tile_layer_free(net->graph.nodes[i].tile_layer);
    }
    observed_free(net->observed);
    dnn_close(&net->dnn);
    graph_done(&net->graph);
    free(net);
}

/* What an instance that shares has of its own. */
static void free_sharing(struct net *net)
{
    for (int i = 0; i < net->graph.node_count; i++)
        convolution_free(net->graph.nodes[i].convolution);
    dnn_close(&net->dnn);
    free(net->graph.nodes);
    free(net->graph.values);
    free(net);
}

void net_free(struct net *net)
{
    if (!net)
        return;
    struct net *shared = net->first, *first = shared ? shared : net;
    drop_arena(net);
    if (shared)
        free_sharing(net);
    if (atomic_fetch_sub(&first->instances, 1) == 1)
        free_first(first);
}

/* Adds the size of the node's packed weights and takes over the larger scratch. */
static bool make_convolution(
    struct net *net, struct node *node, size_t *packed, size_t *scratch_size, struct error *err)
{
    size_t scratch;
    if (net->graph.block == BYTES) {
        node->byte_layer = byte_layer_new(net->byte_kernels, &net->graph, node, err);
        if (!node->byte_layer)
            return false;
        *packed += byte_layer_packed_bytes(node->byte_layer);
        scratch = byte_layer_scratch_size(node->byte_layer);
    } else if (tile_layer_fits(&net->graph, node)) {
        node->tile_layer = tile_layer_new(&net->graph, node);
        *packed += tile_layer_packed_bytes(node->tile_layer);
        scratch = tile_layer_scratch_size(node->tile_layer);
    } else {
        node->convolution = convolution_new(&net->dnn, &net->graph, node, err);
        if (!node->convolution)
            return false;
        *packed += convolution_packed_bytes(node->convolution);
        scratch = convolution_scratch_size(node->convolution);
    }
    *scratch_size = scratch > *scratch_size ? scratch : *scratch_size;
    return *packed <= CONSTANT_LIMIT ||
           fail(err, ERROR_TOO_LARGE, "the weights are over %d MB", CONSTANT_LIMIT >> 20);
}

static bool make_convolutions(struct net *net, size_t *scratch_size, struct error *err)
{
    size_t packed = 0;
    for (int i = 0; i < net->graph.node_count; i++) {
        struct node *node = &net->graph.nodes[i];
        if (node->operation == OPERATION_CONVOLUTION &&
            !make_convolution(net, node, &packed, scratch_size, err))
            return fail_within(err, "node '%.80s'", node->name);
    }
    return true;
}

/* The kernels have packed copies of their own. */
static void drop_weights(struct graph *graph)
{
    for (int i = 0; i < graph->value_count; i++) {
        struct value *value = &graph->values[i];
        bool read = false;
        for (int n = 0; value->constant && !read && n < graph->node_count; n++)
            for (int k = 0; k < graph->nodes[n].input_count; k++)
                read = read || (graph->nodes[n].inputs[k] == i &&
                                   (k == 0 || graph->nodes[n].operation != OPERATION_CONVOLUTION));
        if (value->constant && !read) {
            free(value->data);
            value->data = NULL;
        }
    }
}

static bool bind_convolutions(struct net *net, struct error *err)
{
    struct graph *graph = &net->graph;
    for (int i = 0; i < graph->node_count; i++)
        if (graph->nodes[i].convolution && !convolution_bind(graph->nodes[i].convolution, &net->dnn, graph,
                                               &graph->nodes[i], net->arena.scratch, err))
            return false;
    return true;
}

static bool prepare(struct net *net, struct error *err)
{
    struct graph *graph = &net->graph;
    size_t scratch_size = 0;
    if (!infer_graph(graph, err) || !fold_graph(graph, err))
        return false;
    for (int i = 0; i < graph->output_count; i++)
        net->names[i] = graph->values[graph->outputs[i]].name;
    if (graph->block == BYTES)
        fuse_graph(graph);
    if (!layout_graph(graph, err) || (graph->block != BYTES && !dnn_open(&net->dnn, err)) ||
        !make_convolutions(net, &scratch_size, err) || !arena_plan(&net->arena, graph, scratch_size, err))
        return false;
    if (!bind_convolutions(net, err))
        return false;
    drop_weights(graph);
    return true;
}

static bool read_options(struct net *net, const struct net_options *options, struct error *err)
{
    net->graph.block = dnn_block();
    if (!options || !options->ranges.size)
        return true;
    net->graph.block = BYTES;
    net->graph.ranges = ranges_parse((const char *)options->ranges.data, options->ranges.size, err);
    return net->graph.ranges;
}

struct net *net_load(const void *onnx, size_t size, const struct net_options *options, struct error *err)
{
    AUTO(net) struct net *net = memory_allocate(1, sizeof *net);
    __attribute__((cleanup(onnx_file_auto))) struct onnx_file file = {0};
    stay_on_this_thread();
    atomic_init(&net->instances, 1);
    graph_init(&net->graph);
    net->byte_kernels = options && options->byte_kernels ? options->byte_kernels : byte_kernels_best();
    if (!read_options(net, options, err))
        return NULL;
    if (!import_onnx(onnx, size, options, &file, &net->graph, err) || !prepare(net, err)) {
        fail_within(err, "ONNX");
        return NULL;
    }
    if (options && options->observed)
        net->observed = observed_new(&net->graph);
    for (int i = 0; i < net->graph.node_count; i++)
        net->graph.nodes[i].source = NULL;
    return STEAL(net);
}

/* Values and nodes of its own, as they point into its arena; what those point to besides is the first one's.
 */
static void share_graph(const struct graph *first, struct graph *graph)
{
    *graph = *first;
    graph->values = memory_allocate((size_t)first->value_count, sizeof *graph->values);
    graph->nodes = memory_allocate((size_t)first->node_count, sizeof *graph->nodes);
    memcpy(graph->values, first->values, (size_t)first->value_count * sizeof *graph->values);
    memcpy(graph->nodes, first->nodes, (size_t)first->node_count * sizeof *graph->nodes);
    for (int i = 0; i < graph->node_count; i++)
        if (graph->nodes[i].convolution)
            graph->nodes[i].convolution = convolution_share(first->nodes[i].convolution);
}

struct net *net_share(struct net *net, struct error *err)
{
    struct net *first = net->first ? net->first : net;
    AUTO(net) struct net *made = memory_allocate(1, sizeof *made);
    made->first = first;
    atomic_fetch_add(&first->instances, 1);
    share_graph(&net->graph, &made->graph);
    memcpy(made->names, first->names, sizeof made->names);
    made->byte_kernels = first->byte_kernels;
    made->warm = net->warm;
    bool done = arena_repeat(&net->arena, &made->arena, &made->graph, err) &&
                (!first->dnn.engine || dnn_share(&first->dnn, &made->dnn, err)) &&
                bind_convolutions(made, err);
    return done ? STEAL(made) : NULL;
}

const struct net_shape *net_input_shape(const struct net *net)
{
    return &net->graph.values[net->graph.input].shape;
}

int net_output_count(const struct net *net)
{
    return net->graph.output_count;
}

const char *net_output_name(const struct net *net, int index)
{
    return net->names[index];
}

const struct net_shape *net_output_shape(const struct net *net, int index)
{
    return &net->graph.values[net->graph.outputs[index]].shape;
}

float *net_input(struct net *net)
{
    return net->graph.values[net->graph.input].data;
}

const float *net_output(const struct net *net, int index)
{
    return net->graph.values[net->graph.outputs[index]].data;
}

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static bool run_node(const struct net *net, const struct node *node, struct error *err)
{
    if (node->convolution)
        return convolution_run(node->convolution, &net->dnn, err);
    if (node->byte_layer) {
        byte_layer_run(node->byte_layer, &net->graph, node, net->arena.scratch);
        return true;
    }
    if (node->tile_layer)
        tile_layer_run(node->tile_layer, &net->graph, node, net->arena.scratch);
    else
        kernel_run(&net->graph, node);
    return true;
}

static bool run_all(struct net *net, bool timed, struct error *err)
{
    unsigned before = _mm_getcsr();
    bool done = true;
    stay_on_this_thread();
    _mm_setcsr(before | FLUSH_SUBNORMALS);
    if (net->observed)
        observed_add(net->observed, &net->graph, net->graph.input);
    for (int i = 0; done && i < net->graph.node_count; i++) {
        struct node *node = &net->graph.nodes[i];
        double start_ms = timed ? now_ms() : 0;
        done = run_node(net, node, err);
        double took_ms = timed ? now_ms() - start_ms : 0;
        if (timed && (!net->warm || took_ms < node->run_ms))
            node->run_ms = took_ms;
        if (net->observed)
            observed_add(net->observed, &net->graph, node->output);
    }
    _mm_setcsr(before);
    return done;
}

bool net_warm_up(struct net *net, struct error *err)
{
    for (int i = 0; i < net->graph.node_count; i++) {
        const struct node *node = &net->graph.nodes[i];
        if (node->convolution && strstr(convolution_kernel(node->convolution), "ref"))
            return fail(err, ERROR_UNAVAILABLE,
                "node '%.80s' fell on the slow kernel %s; take a processor with AVX2, or a network without "
                "such a layer",
                node->name, convolution_kernel(node->convolution));
    }
    struct observed *observed = net->observed;
    net->observed = NULL;
    net->warm = run_all(net, false, err) && run_all(net, true, err);
    net->observed = observed;
    return net->warm;
}

void net_run(struct net *net)
{
    struct error unexpected;
    if (!run_all(net, false, &unexpected))
        abort();
}

void net_wipe(struct net *net)
{
    memory_wipe(net->arena.base, net->arena.size);
}

char *net_ranges(const struct net *net)
{
    struct text text = {0};
    if (net->observed)
        observed_write(net->observed, &net->graph, &text);
    return text.data ? text.data : memory_copy_text("");
}

static void describe_convolution(
    struct text *text, const struct graph *graph, const struct node *node, const char *kernel)
{
    const struct window *window = &node->window;
    text_add(text, " %dx%d %d->%d", window->kernel[0], window->kernel[1],
        value_channels(&graph->values[node->inputs[0]]), value_channels(&graph->values[node->output]));
    if (window->groups > 1)
        text_add(text, " each");
    if (window->stride[0] > 1)
        text_add(text, " /%d", window->stride[0]);
    if (window->relu)
        text_add(text, " relu");
    if (node->byte_layer && node->inputs[CONVOLUTION_SLOPES] != MISSING)
        text_add(text, " prelu");
    if (node->byte_layer && node->inputs[CONVOLUTION_SKIP] != MISSING)
        text_add(text, " add");
    text_add(text, " %s", kernel);
}

char *net_describe(const struct net *net)
{
    struct text text = {0};
    double sum_ms = 0;
    for (int i = 0; i < net->graph.node_count; i++) {
        const struct node *node = &net->graph.nodes[i];
        __attribute__((cleanup(text_auto))) char *shape = shape_text(&net->graph.values[node->output].shape);
        text_add(&text, "%s", operation_word(node->operation));
        __attribute__((cleanup(text_auto))) char *bytes = text_format("bytes:%s", net->byte_kernels->name);
        if (node->operation == OPERATION_CONVOLUTION)
            describe_convolution(&text, &net->graph, node,
                node->byte_layer   ? bytes
                : node->tile_layer ? "tiles:bf16x3"
                                   : convolution_kernel(node->convolution));
        text_add(&text, " %s %.3f ms\n", shape, node->run_ms);
        sum_ms += node->run_ms;
    }
    text_add(&text, "total %.3f ms, arena %zu bytes\n", sum_ms, net->arena.size);
    return text.data;
}
