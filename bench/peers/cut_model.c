/* cut_model IN.onnx OUT.onnx HEIGHT WIDTH [OUTPUT...]: the copy the other runtimes get, so that the
 * comparison is fair: subnormal weights are zero (they slow down whoever does not flush them), the input has
 * the wanted size (0: the file's), and of the graph only what the wanted tensors need is left. */
#include "base/file.h"
#include "net/net.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onnx.pb-c.h"

static size_t zero_subnormals(float *numbers, size_t count)
{
    size_t zeroed = 0;
    for (size_t i = 0; i < count; i++)
        if (fpclassify(numbers[i]) == FP_SUBNORMAL) {
            numbers[i] = 0;
            zeroed++;
        }
    return zeroed;
}

static size_t zero_weights(const Onnx__GraphProto *graph)
{
    size_t zeroed = 0;
    for (size_t i = 0; i < graph->n_initializer; i++) {
        Onnx__TensorProto *tensor = graph->initializer[i];
        if (tensor->data_type != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT)
            continue;
        zeroed += zero_subnormals(tensor->float_data, tensor->n_float_data);
        /* protobuf-c allocates the raw bytes, so they are aligned. */
        zeroed +=
            zero_subnormals((float *)(void *)tensor->raw_data.data, tensor->raw_data.len / sizeof(float));
    }
    return zeroed;
}

static bool set_size(const Onnx__GraphProto *graph, int height, int width, struct error *err)
{
    Onnx__TensorShapeProto *shape =
        graph->n_input && graph->input[0]->type && graph->input[0]->type->tensor_type
            ? graph->input[0]->type->tensor_type->shape
            : NULL;
    if (!height)
        return true;
    if (!shape || shape->n_dim != 4)
        return fail(err, ERROR_INVALID, "the input has no four dimensions");
    for (size_t i = 2; i < 4; i++) {
        shape->dim[i]->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        shape->dim[i]->dim_value = i == 2 ? height : width;
    }
    return true;
}

static bool makes(const Onnx__NodeProto *node, const char *name)
{
    for (size_t i = 0; i < node->n_output; i++)
        if (!strcmp(node->output[i], name))
            return true;
    return false;
}

/* Keeps the nodes behind the tensor; they stand in an order in which each comes after those it needs. */
static void mark(const Onnx__GraphProto *graph, const char *name, bool *kept)
{
    for (size_t i = 0; i < graph->n_node; i++) {
        if (kept[i] || !makes(graph->node[i], name))
            continue;
        kept[i] = true;
        for (size_t k = 0; k < graph->node[i]->n_input; k++)
            mark(graph, graph->node[i]->input[k], kept);
    }
}

static bool is_read(const Onnx__GraphProto *graph, const char *name)
{
    for (size_t i = 0; i < graph->n_node; i++)
        for (size_t k = 0; k < graph->node[i]->n_input; k++)
            if (!strcmp(graph->node[i]->input[k], name))
                return true;
    return false;
}

static void prune(Onnx__GraphProto *graph, char **outputs, size_t count)
{
    bool *kept = memory_allocate(graph->n_node + 1, sizeof *kept);
    size_t left = 0;
    for (size_t i = 0; i < count; i++)
        mark(graph, outputs[i], kept);
    for (size_t i = 0; i < graph->n_node; i++)
        if (kept[i])
            graph->node[left++] = graph->node[i];
    graph->n_node = left;
    left = 0;
    for (size_t i = 0; i < graph->n_initializer; i++)
        if (is_read(graph, graph->initializer[i]->name))
            graph->initializer[left++] = graph->initializer[i];
    graph->n_initializer = left;
    memory_release(kept);
}

static void forget_sizes(const Onnx__TensorShapeProto *shape)
{
    for (size_t i = 0; shape && i < shape->n_dim; i++)
        shape->dim[i]->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE__NOT_SET;
}

static bool cut(Onnx__GraphProto *graph, char **words, int count, struct error *err)
{
    size_t wanted = (size_t)(count - 2);
    if (!set_size(graph, atoi(words[0]), atoi(words[1]), err))
        return false;
    printf("%zu subnormal weights zeroed\n", zero_weights(graph));
    if (!wanted)
        return true;
    if (wanted > graph->n_output)
        return fail(err, ERROR_INVALID, "more outputs than the graph has");
    prune(graph, words + 2, wanted);
    graph->n_value_info = 0;
    graph->n_output = wanted;
    for (size_t i = 0; i < wanted; i++) {
        graph->output[i]->name = words[2 + i];
        forget_sizes(graph->output[i]->type->tensor_type->shape);
    }
    return true;
}

/* The unpacked model is not freed: what was cut off is no longer reachable from it, and the program ends
 * here. */
static bool run(char **words, int count, struct error *err)
{
    __attribute__((cleanup(bytes_auto))) struct bytes file = {0}, made = {0};
    if (!file_read(words[1], NET_FILE_LIMIT, &file, err))
        return false;
    Onnx__ModelProto *model = onnx__model_proto__unpack(NULL, file.size, file.data);
    if (!model || !model->graph)
        return fail(err, ERROR_INVALID, "%s is no ONNX model", words[1]);
    if (!cut(model->graph, words + 3, count - 3, err))
        return false;
    size_t size = onnx__model_proto__get_packed_size(model);
    made = (struct bytes){.data = memory_allocate(size, 1), .size = size};
    onnx__model_proto__pack(model, made.data);
    return file_write(words[2], 0644, made.data, size, err);
}

int main(int count, char **words)
{
    struct error err = {0};
    if (count < 5) {
        fputs("cut_model IN.onnx OUT.onnx HEIGHT WIDTH [OUTPUT...]\n", stderr);
        return 64;
    }
    if (run(words, count, &err))
        return 0;
    fprintf(stderr, "cut_model: %s\n", err.text);
    return error_exit_status(err.code);
}
