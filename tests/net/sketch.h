/* Small ONNX files for tests, written with the format's own packing. */
#pragma once

#include "base/memory.h"

#include "onnx.pb-c.h"

enum { SKETCH_NODES = 64, SKETCH_TENSORS = 48, SKETCH_OUTPUTS = 16 };

struct sketch {
    Onnx__ModelProto model;
    Onnx__GraphProto graph;
    Onnx__OperatorSetIdProto operators;
    Onnx__OperatorSetIdProto *operators_list[1];
    Onnx__NodeProto nodes[SKETCH_NODES];
    Onnx__NodeProto *node_list[SKETCH_NODES];
    Onnx__TensorProto tensors[SKETCH_TENSORS];
    Onnx__TensorProto *tensor_list[SKETCH_TENSORS];
    Onnx__ValueInfoProto infos[1 + SKETCH_OUTPUTS], *input_list[1], *output_list[SKETCH_OUTPUTS];
    void *owned[2048];
    int owned_count, info_count;
};

struct sketch *sketch_new(int opset);
void sketch_free(struct sketch *sketch);
AUTO_FREE(sketch, struct sketch *, sketch_free)

void sketch_input(struct sketch *sketch, const char *name, int count, const int *dims);
void sketch_output(struct sketch *sketch, const char *name);
/* The numbers are copied. */
void sketch_floats(struct sketch *sketch, const char *name, int count, const int *dims, const float *numbers);
void sketch_integers(struct sketch *sketch, const char *name, int count, const int64_t *numbers);

/* `inputs` are names with one space between; "-" leaves one out. The node is named after its operator. */
Onnx__NodeProto *sketch_node(
    struct sketch *sketch, const char *operation, const char *inputs, const char *output);
void sketch_int(struct sketch *sketch, Onnx__NodeProto *node, const char *name, int64_t number);
void sketch_float(struct sketch *sketch, Onnx__NodeProto *node, const char *name, float number);
void sketch_word(struct sketch *sketch, Onnx__NodeProto *node, const char *name, const char *word);
void sketch_ints(
    struct sketch *sketch, Onnx__NodeProto *node, const char *name, int count, const int64_t *numbers);

struct bytes sketch_pack(const struct sketch *sketch);
