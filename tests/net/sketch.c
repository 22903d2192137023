#include "sketch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void *own(struct sketch *sketch, void *made)
{
    assert(sketch->owned_count < (int)COUNT_OF(sketch->owned));
    sketch->owned[sketch->owned_count++] = made;
    return made;
}

static char *own_text(struct sketch *sketch, const char *text)
{
    return own(sketch, memory_copy_text(text));
}

struct sketch *sketch_new(int opset)
{
    struct sketch *sketch = memory_allocate(1, sizeof *sketch);
    onnx__model_proto__init(&sketch->model);
    onnx__graph_proto__init(&sketch->graph);
    onnx__operator_set_id_proto__init(&sketch->operators);
    sketch->operators.has_version = 1;
    sketch->operators.version = opset;
    sketch->operators_list[0] = &sketch->operators;
    sketch->model.n_opset_import = 1;
    sketch->model.opset_import = sketch->operators_list;
    sketch->model.graph = &sketch->graph;
    sketch->graph.node = sketch->node_list;
    sketch->graph.initializer = sketch->tensor_list;
    sketch->graph.input = sketch->input_list;
    sketch->graph.output = sketch->output_list;
    return sketch;
}

void sketch_free(struct sketch *sketch)
{
    for (int i = 0; i < sketch->owned_count; i++)
        free(sketch->owned[i]);
    free(sketch);
}

static Onnx__ValueInfoProto *add_info(struct sketch *sketch, const char *name)
{
    assert(sketch->info_count < (int)COUNT_OF(sketch->infos));
    Onnx__ValueInfoProto *info = &sketch->infos[sketch->info_count++];
    onnx__value_info_proto__init(info);
    info->name = own_text(sketch, name);
    return info;
}

void sketch_input(struct sketch *sketch, const char *name, int count, const int *dims)
{
    Onnx__ValueInfoProto *info = add_info(sketch, name);
    Onnx__TypeProto *type = own(sketch, memory_allocate(1, sizeof *type));
    Onnx__TypeProto__Tensor *tensor = own(sketch, memory_allocate(1, sizeof *tensor));
    Onnx__TensorShapeProto *shape = own(sketch, memory_allocate(1, sizeof *shape));
    onnx__type_proto__init(type);
    onnx__type_proto__tensor__init(tensor);
    onnx__tensor_shape_proto__init(shape);
    shape->dim = own(sketch, memory_allocate((size_t)count, sizeof(void *)));
    for (int i = 0; i < count; i++) {
        Onnx__TensorShapeProto__Dimension *dimension = own(sketch, memory_allocate(1, sizeof *dimension));
        onnx__tensor_shape_proto__dimension__init(dimension);
        dimension->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        dimension->dim_value = dims[i];
        shape->dim[shape->n_dim++] = dimension;
    }
    tensor->has_elem_type = 1;
    tensor->elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    tensor->shape = shape;
    type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    type->tensor_type = tensor;
    info->type = type;
    sketch->input_list[sketch->graph.n_input++] = info;
}

void sketch_output(struct sketch *sketch, const char *name)
{
    sketch->output_list[sketch->graph.n_output++] = add_info(sketch, name);
}

static Onnx__TensorProto *add_tensor(
    struct sketch *sketch, const char *name, int type, const void *raw, size_t size)
{
    assert(sketch->graph.n_initializer < SKETCH_TENSORS);
    Onnx__TensorProto *tensor = &sketch->tensors[sketch->graph.n_initializer];
    onnx__tensor_proto__init(tensor);
    tensor->name = own_text(sketch, name);
    tensor->has_data_type = 1;
    tensor->data_type = type;
    tensor->dims = own(sketch, memory_allocate(4, sizeof *tensor->dims));
    tensor->has_raw_data = 1;
    tensor->raw_data.data = own(sketch, memory_allocate(size, 1));
    tensor->raw_data.len = size;
    if (size)
        memcpy(tensor->raw_data.data, raw, size);
    sketch->tensor_list[sketch->graph.n_initializer++] = tensor;
    return tensor;
}

void sketch_floats(struct sketch *sketch, const char *name, int count, const int *dims, const float *numbers)
{
    size_t size = sizeof *numbers;
    for (int i = 0; i < count; i++)
        size *= (size_t)dims[i];
    Onnx__TensorProto *tensor = add_tensor(sketch, name, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, numbers, size);
    for (int i = 0; i < count; i++)
        tensor->dims[tensor->n_dims++] = dims[i];
}

void sketch_integers(struct sketch *sketch, const char *name, int count, const int64_t *numbers)
{
    Onnx__TensorProto *tensor = add_tensor(
        sketch, name, ONNX__TENSOR_PROTO__DATA_TYPE__INT64, numbers, (size_t)count * sizeof *numbers);
    tensor->n_dims = 1;
    tensor->dims[0] = count;
}

Onnx__NodeProto *sketch_node(
    struct sketch *sketch, const char *operation, const char *inputs, const char *output)
{
    assert(sketch->graph.n_node < SKETCH_NODES);
    Onnx__NodeProto *node = &sketch->nodes[sketch->graph.n_node];
    onnx__node_proto__init(node);
    node->name = own_text(sketch, operation);
    node->op_type = own_text(sketch, operation);
    node->input = own(sketch, memory_allocate(8, sizeof *node->input));
    node->output = own(sketch, memory_allocate(1, sizeof *node->output));
    node->attribute = own(sketch, memory_allocate(8, sizeof(void *)));
    char *rest = own_text(sketch, inputs);
    for (char *name = strtok_r(rest, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
        node->input[node->n_input++] = strcmp(name, "-") == 0 ? own_text(sketch, "") : name;
    node->output[node->n_output++] = own_text(sketch, output);
    sketch->node_list[sketch->graph.n_node++] = node;
    return node;
}

static Onnx__AttributeProto *add_attribute(struct sketch *sketch, Onnx__NodeProto *node, const char *name)
{
    Onnx__AttributeProto *attribute = own(sketch, memory_allocate(1, sizeof *attribute));
    onnx__attribute_proto__init(attribute);
    attribute->name = own_text(sketch, name);
    node->attribute[node->n_attribute++] = attribute;
    return attribute;
}

void sketch_int(struct sketch *sketch, Onnx__NodeProto *node, const char *name, int64_t number)
{
    Onnx__AttributeProto *attribute = add_attribute(sketch, node, name);
    attribute->has_i = 1;
    attribute->i = number;
}

void sketch_float(struct sketch *sketch, Onnx__NodeProto *node, const char *name, float number)
{
    Onnx__AttributeProto *attribute = add_attribute(sketch, node, name);
    attribute->has_f = 1;
    attribute->f = number;
}

void sketch_word(struct sketch *sketch, Onnx__NodeProto *node, const char *name, const char *word)
{
    Onnx__AttributeProto *attribute = add_attribute(sketch, node, name);
    attribute->has_s = 1;
    attribute->s.len = strlen(word);
    attribute->s.data = (uint8_t *)own_text(sketch, word);
}

void sketch_ints(
    struct sketch *sketch, Onnx__NodeProto *node, const char *name, int count, const int64_t *numbers)
{
    Onnx__AttributeProto *attribute = add_attribute(sketch, node, name);
    attribute->n_ints = (size_t)count;
    attribute->ints = own(sketch, memory_allocate((size_t)count, sizeof *numbers));
    memcpy(attribute->ints, numbers, (size_t)count * sizeof *numbers);
}

struct bytes sketch_pack(const struct sketch *sketch)
{
    struct bytes packed = {.size = onnx__model_proto__get_packed_size(&sketch->model)};
    packed.data = memory_allocate(packed.size, 1);
    onnx__model_proto__pack(&sketch->model, packed.data);
    return packed;
}
