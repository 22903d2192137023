#include "net/convolution.h"

#include <stdlib.h>
#include <string.h>

enum { ARGUMENT_COUNT = 5 };

/* oneDNN has no fast kernel where the padding is wide; the input is copied into a frame of zeroes there
 * first. */
struct frame {
    bool used;
    size_t planes, row_bytes, rows, framed_row_bytes, framed_rows, left_bytes, top;
    const void *input;
    char *framed;
};

struct convolution {
    bool borrowed; /* kernel and weights are another's */
    dnnl_primitive_desc_t choice;
    dnnl_primitive_t primitive;
    const char *kernel;
    float *weights, *bias; /* own; the weights as the kernel wants them */
    size_t packed_bytes;
    dnnl_memory_desc_t input, output, packed, row, scratch;
    dnnl_exec_arg_t arguments[ARGUMENT_COUNT];
    int argument_count;
    struct frame frame;
};

/* Sizes with channels padded as they lie in memory. */
struct sizes {
    dnnl_dim_t batch, inputs, outputs, real_inputs, real_outputs;
    bool one_each; /* one group a channel */
};

static bool dnn_ok(dnnl_status_t status, const char *what, struct error *err)
{
    if (status == dnnl_success)
        return true;
    enum error_code code = status == dnnl_unimplemented ? ERROR_INVALID : ERROR_SYSTEM;
    return fail(err, code, "oneDNN: %s: status %d", what, (int)status);
}

bool dnn_open(struct dnn *dnn, struct error *err)
{
    return dnn_ok(dnnl_engine_create(&dnn->engine, dnnl_cpu, 0), "engine", err) &&
           dnn_ok(dnnl_stream_create(&dnn->stream, dnn->engine, dnnl_stream_default_flags), "stream", err);
}

bool dnn_share(const struct dnn *first, struct dnn *dnn, struct error *err)
{
    *dnn = (struct dnn){.engine = first->engine, .borrowed = true};
    return dnn_ok(dnnl_stream_create(&dnn->stream, dnn->engine, dnnl_stream_default_flags), "stream", err);
}

void dnn_close(struct dnn *dnn)
{
    if (dnn->stream)
        dnnl_stream_destroy(dnn->stream);
    if (dnn->engine && !dnn->borrowed)
        dnnl_engine_destroy(dnn->engine);
    *dnn = (struct dnn){0};
}

int dnn_block(void)
{
    return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core ? 16 : 8;
}

static dnnl_dim_t padded(int channels, int block)
{
    return block ? (channels + block - 1) / block * block : channels;
}

static struct sizes sizes_of(const struct graph *graph, const struct node *node)
{
    const struct value *x = &graph->values[node->inputs[0]], *y = &graph->values[node->output];
    return (struct sizes){.batch = x->shape.dims[0],
        .inputs = padded(value_channels(x), x->block),
        .outputs = padded(value_channels(y), y->block),
        .real_inputs = value_channels(x),
        .real_outputs = value_channels(y),
        .one_each = node->window.groups > 1};
}

static dnnl_dim_t side(const struct value *value, int axis)
{
    return value->shape.count == NET_DIMS ? value->shape.dims[axis] : 1;
}

static bool describe_picture(dnnl_memory_desc_t *out, const struct value *value, dnnl_dim_t channels,
    const struct window *framed, struct error *err)
{
    dnnl_dims_t dims = {value->shape.dims[0], channels, side(value, 2), side(value, 3)};
    for (int i = 0; framed && i < 2; i++)
        dims[2 + i] += framed->pad_before[i] + framed->pad_after[i];
    dnnl_format_tag_t tag = value->block == 16 ? dnnl_nChw16c : value->block ? dnnl_nChw8c : dnnl_nchw;
    return dnn_ok(dnnl_memory_desc_init_by_tag(out, 4, dims, dnnl_f32, tag), "picture", err);
}

/* The weights as the file has them (padded), and as the kernel reads them. */
static bool describe_weights(dnnl_memory_desc_t *plain, dnnl_memory_desc_t *packed, const struct sizes *sizes,
    const struct window *window, bool blocked, int block, struct error *err)
{
    dnnl_dims_t whole = {sizes->outputs, sizes->inputs, window->kernel[0], window->kernel[1]};
    dnnl_dims_t each = {sizes->outputs, 1, 1, window->kernel[0], window->kernel[1]};
    int count = sizes->one_each ? 5 : 4;
    const dnnl_dim_t *dims = sizes->one_each ? each : whole;
    dnnl_format_tag_t tag;
    if (sizes->one_each)
        tag = block == 16 ? dnnl_Goihw16g : dnnl_Goihw8g;
    else if (blocked)
        tag = block == 16 ? dnnl_OIhw16i16o : dnnl_OIhw8i8o;
    else
        tag = block == 16 ? dnnl_Ohwi16o : dnnl_Ohwi8o;
    return dnn_ok(dnnl_memory_desc_init_by_tag(
                      plain, count, dims, dnnl_f32, sizes->one_each ? dnnl_goihw : dnnl_oihw),
               "weights", err) &&
           dnn_ok(dnnl_memory_desc_init_by_tag(packed, count, dims, dnnl_f32, tag), "packed weights", err);
}

static bool make_attributes(dnnl_primitive_attr_t *attributes, bool relu, struct error *err)
{
    dnnl_post_ops_t after = NULL;
    if (!dnn_ok(dnnl_primitive_attr_create(attributes), "attributes", err))
        return false;
    bool done = dnn_ok(
        dnnl_primitive_attr_set_scratchpad_mode(*attributes, dnnl_scratchpad_mode_user), "scratch", err);
    if (done && relu)
        done = dnn_ok(dnnl_post_ops_create(&after), "post-op", err) &&
               dnn_ok(dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_relu, 0, 0), "relu", err) &&
               dnn_ok(dnnl_primitive_attr_set_post_ops(*attributes, after), "relu", err);
    if (after)
        dnnl_post_ops_destroy(after);
    return done;
}

static bool choose_kernel(
    struct convolution *made, const struct dnn *dnn, const struct window *window, struct error *err)
{
    dnnl_dims_t stride, dilation, before, after;
    dnnl_convolution_desc_t wanted;
    dnnl_primitive_attr_t attributes = NULL;
    for (int i = 0; i < 2; i++) {
        stride[i] = window->stride[i];
        dilation[i] = window->dilation[i] - 1;
        before[i] = made->frame.used ? 0 : window->pad_before[i];
        after[i] = made->frame.used ? 0 : window->pad_after[i];
    }
    bool done = dnn_ok(dnnl_dilated_convolution_forward_desc_init(&wanted, dnnl_forward_inference,
                           dnnl_convolution_direct, &made->input, &made->packed, &made->row, &made->output,
                           stride, dilation, before, after),
                    "convolution", err) &&
                make_attributes(&attributes, window->relu, err) &&
                dnn_ok(dnnl_primitive_desc_create(&made->choice, &wanted, attributes, dnn->engine, NULL),
                    "no kernel for this convolution", err) &&
                dnn_ok(dnnl_primitive_desc_query(made->choice, dnnl_query_impl_info_str, 0, &made->kernel),
                    "name", err) &&
                dnn_ok(dnnl_primitive_create(&made->primitive, made->choice), "kernel", err);
    if (attributes)
        dnnl_primitive_attr_destroy(attributes);
    if (done)
        made->scratch = *dnnl_primitive_desc_query_md(made->choice, dnnl_query_scratchpad_md, 0);
    return done;
}

/* The file's weights with zeroes for the padding channels. */
static float *pad_weights(
    const struct sizes *sizes, const float *from, const struct window *window, size_t *bytes)
{
    size_t each = (size_t)window->kernel[0] * (size_t)window->kernel[1];
    size_t inputs = sizes->one_each ? 1 : (size_t)sizes->inputs;
    size_t real = sizes->one_each ? 1 : (size_t)sizes->real_inputs;
    *bytes = (size_t)sizes->outputs * inputs * each * sizeof(float);
    float *to = memory_allocate_aligned(*bytes);
    for (size_t o = 0; o < (size_t)sizes->real_outputs; o++)
        memcpy(to + o * inputs * each, from + o * real * each, real * each * sizeof(float));
    return to;
}

static bool reorder(const struct dnn *dnn, const dnnl_memory_desc_t *from, float *from_data,
    const dnnl_memory_desc_t *to, float *to_data, struct error *err)
{
    dnnl_primitive_desc_t choice = NULL;
    dnnl_primitive_t primitive = NULL;
    dnnl_memory_t source = NULL, target = NULL;
    bool done = dnn_ok(dnnl_memory_create(&source, from, dnn->engine, from_data), "memory", err) &&
                dnn_ok(dnnl_memory_create(&target, to, dnn->engine, to_data), "memory", err) &&
                dnn_ok(dnnl_reorder_primitive_desc_create(&choice, from, dnn->engine, to, dnn->engine, NULL),
                    "order", err) &&
                dnn_ok(dnnl_primitive_create(&primitive, choice), "order", err);
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, target}};
    done = done && dnn_ok(dnnl_primitive_execute(primitive, dnn->stream, 2, arguments), "order", err) &&
           dnn_ok(dnnl_stream_wait(dnn->stream), "order", err);
    if (primitive)
        dnnl_primitive_destroy(primitive);
    if (choice)
        dnnl_primitive_desc_destroy(choice);
    if (target)
        dnnl_memory_destroy(target);
    if (source)
        dnnl_memory_destroy(source);
    return done;
}

static bool pack(struct convolution *made, const struct dnn *dnn, const struct graph *graph,
    const struct node *node, const dnnl_memory_desc_t *plain, struct error *err)
{
    struct sizes sizes = sizes_of(graph, node);
    size_t bytes;
    float *whole = pad_weights(&sizes, graph->values[node->inputs[1]].data, &node->window, &bytes);
    made->packed_bytes = dnnl_memory_desc_get_size(&made->packed);
    made->weights = memory_allocate_aligned(made->packed_bytes);
    bool done = reorder(dnn, plain, whole, &made->packed, made->weights, err);
    free(whole);
    made->bias = memory_allocate_aligned((size_t)sizes.outputs * sizeof(float));
    if (node->input_count > 2 && node->inputs[2] != MISSING)
        memcpy(made->bias, graph->values[node->inputs[2]].data, (size_t)sizes.real_outputs * sizeof(float));
    return done;
}

static void drop_choice(struct convolution *convolution)
{
    if (convolution->primitive)
        dnnl_primitive_destroy(convolution->primitive);
    if (convolution->choice)
        dnnl_primitive_desc_destroy(convolution->choice);
    convolution->primitive = NULL;
    convolution->choice = NULL;
}

static struct frame frame_of(const struct value *value, dnnl_dim_t channels, const struct window *window)
{
    size_t block = value->block ? (size_t)value->block : 1, pixel = block * sizeof(float);
    size_t high = (size_t)side(value, 2), wide = (size_t)side(value, 3);
    return (struct frame){.used = true,
        .planes = (size_t)value->shape.dims[0] * (size_t)channels / block,
        .row_bytes = wide * pixel,
        .rows = high,
        .framed_row_bytes = (wide + (size_t)window->pad_before[1] + (size_t)window->pad_after[1]) * pixel,
        .framed_rows = high + (size_t)window->pad_before[0] + (size_t)window->pad_after[0],
        .left_bytes = (size_t)window->pad_before[1] * pixel,
        .top = (size_t)window->pad_before[0]};
}

static size_t frame_bytes(const struct frame *frame)
{
    return frame->used ? frame->planes * frame->framed_rows * frame->framed_row_bytes : 0;
}

/* A kernel with oneDNN's padding, or with a frame where that would be the slow one. */
static bool choose_either(struct convolution *made, const struct dnn *dnn, const struct value *x,
    dnnl_dim_t channels, const struct window *window, struct error *err)
{
    const int *before = window->pad_before, *after = window->pad_after;
    if (!choose_kernel(made, dnn, window, err))
        return false;
    if (!strstr(made->kernel, "ref") || !(before[0] | before[1] | after[0] | after[1]))
        return true;
    drop_choice(made);
    made->frame = frame_of(x, channels, window);
    return describe_picture(&made->input, x, channels, window, err) && choose_kernel(made, dnn, window, err);
}

static void fill_frame(const struct frame *frame)
{
    const char *from = frame->input;
    char *plane = frame->framed;
    memset(plane, 0, frame_bytes(frame));
    for (size_t i = 0; i < frame->planes; i++, plane += frame->framed_rows * frame->framed_row_bytes) {
        char *to = plane + frame->top * frame->framed_row_bytes + frame->left_bytes;
        for (size_t row = 0; row < frame->rows; row++) {
            memcpy(to, from, frame->row_bytes);
            from += frame->row_bytes;
            to += frame->framed_row_bytes;
        }
    }
}

/* Weights that only padding makes large are refused before memory is taken for them. */
static bool weights_bounded(const struct sizes *sizes, const struct window *window, struct error *err)
{
    double numbers = (double)sizes->outputs * (sizes->one_each ? 1.0 : (double)sizes->inputs) *
                     window->kernel[0] * window->kernel[1];
    return numbers * sizeof(float) <= CONSTANT_LIMIT ||
           fail(err, ERROR_TOO_LARGE, "the weights are too large");
}

struct convolution *convolution_new(
    const struct dnn *dnn, const struct graph *graph, const struct node *node, struct error *err)
{
    AUTO(convolution) struct convolution *made = memory_allocate(1, sizeof *made);
    const struct value *x = &graph->values[node->inputs[0]], *y = &graph->values[node->output];
    struct sizes sizes = sizes_of(graph, node);
    dnnl_memory_desc_t plain;
    dnnl_dims_t row = {sizes.outputs};
    if (!weights_bounded(&sizes, &node->window, err) ||
        !describe_picture(&made->input, x, sizes.inputs, NULL, err) ||
        !describe_picture(&made->output, y, sizes.outputs, NULL, err) ||
        !describe_weights(&plain, &made->packed, &sizes, &node->window, x->block != 0, graph->block, err) ||
        !dnn_ok(dnnl_memory_desc_init_by_tag(&made->row, 1, row, dnnl_f32, dnnl_a), "bias", err) ||
        !choose_either(made, dnn, x, sizes.inputs, &node->window, err) ||
        !pack(made, dnn, graph, node, &plain, err))
        return NULL;
    return STEAL(made);
}

void convolution_free(struct convolution *convolution)
{
    if (!convolution)
        return;
    for (int i = 0; i < convolution->argument_count; i++)
        dnnl_memory_destroy(convolution->arguments[i].memory);
    if (!convolution->borrowed) {
        drop_choice(convolution);
        free(convolution->weights);
        free(convolution->bias);
    }
    free(convolution);
}

struct convolution *convolution_share(const struct convolution *first)
{
    struct convolution *made = memory_allocate(1, sizeof *made);
    *made = *first;
    made->borrowed = true;
    made->argument_count = 0;
    return made;
}

size_t convolution_packed_bytes(const struct convolution *convolution)
{
    return convolution->packed_bytes;
}

/* oneDNN's part of the scratch; the frame follows it. */
static size_t own_scratch(const struct convolution *convolution)
{
    return (dnnl_memory_desc_get_size(&convolution->scratch) + 63) & ~(size_t)63;
}

size_t convolution_scratch_size(const struct convolution *convolution)
{
    return own_scratch(convolution) + frame_bytes(&convolution->frame);
}

const char *convolution_kernel(const struct convolution *convolution)
{
    return convolution->kernel;
}

static bool add_argument(struct convolution *convolution, const struct dnn *dnn, int kind,
    const dnnl_memory_desc_t *form, void *data, struct error *err)
{
    dnnl_memory_t memory = NULL;
    if (!dnn_ok(dnnl_memory_create(&memory, form, dnn->engine, data), "memory", err))
        return false;
    convolution->arguments[convolution->argument_count++] = (dnnl_exec_arg_t){kind, memory};
    return true;
}

bool convolution_bind(struct convolution *convolution, const struct dnn *dnn, const struct graph *graph,
    const struct node *node, void *scratch, struct error *err)
{
    void *input = graph->values[node->inputs[0]].data, *output = graph->values[node->output].data;
    if (convolution->frame.used) {
        convolution->frame.input = input;
        convolution->frame.framed = (char *)scratch + own_scratch(convolution);
        input = convolution->frame.framed;
    }
    return add_argument(convolution, dnn, DNNL_ARG_SRC, &convolution->input, input, err) &&
           add_argument(convolution, dnn, DNNL_ARG_DST, &convolution->output, output, err) &&
           add_argument(
               convolution, dnn, DNNL_ARG_WEIGHTS, &convolution->packed, convolution->weights, err) &&
           add_argument(convolution, dnn, DNNL_ARG_BIAS, &convolution->row, convolution->bias, err) &&
           (!own_scratch(convolution) ||
               add_argument(convolution, dnn, DNNL_ARG_SCRATCHPAD, &convolution->scratch, scratch, err));
}

bool convolution_run(const struct convolution *convolution, const struct dnn *dnn, struct error *err)
{
    if (convolution->frame.used)
        fill_frame(&convolution->frame);
    return dnn_ok(dnnl_primitive_execute(convolution->primitive, dnn->stream, convolution->argument_count,
                      convolution->arguments),
        "run", err);
}
