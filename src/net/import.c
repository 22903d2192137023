#include "net/import.h"

#include "net/wire.h"

#include <string.h>

#include "onnx.pb-c.h"

void onnx_file_close(struct onnx_file *file)
{
    if (file->model)
        onnx__model_proto__free_unpacked(file->model, NULL);
    file->model = NULL;
}

static void copy_numbers(const Onnx__TensorProto *tensor, struct value *value, size_t count)
{
    int64_t *integers = value->data;
    if (!count)
        return;
    if (tensor->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__INT32) {
        for (size_t i = 0; i < count; i++) {
            int32_t number = 0;
            if (tensor->raw_data.len)
                memcpy(&number, tensor->raw_data.data + 4 * i, sizeof number);
            else
                number = tensor->int32_data[i];
            integers[i] = number;
        }
    } else if (tensor->raw_data.len) {
        memcpy(value->data, tensor->raw_data.data, tensor->raw_data.len);
    } else if (value->integer) {
        memcpy(value->data, tensor->int64_data, count * sizeof(int64_t));
    } else {
        memcpy(value->data, tensor->float_data, count * sizeof(float));
    }
}

/* The wire check did this for each tensor it saw; protobuf may have merged two of them since. */
static bool tensor_fits(const Onnx__TensorProto *tensor, size_t count)
{
    size_t bytes = tensor->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__INT64 ? 8 : 4;
    if (tensor->raw_data.len)
        return tensor->raw_data.len == count * bytes;
    if (tensor->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT)
        return tensor->n_float_data == count;
    return (bytes == 8 ? tensor->n_int64_data : tensor->n_int32_data) == count;
}

static bool tensor_shape(const Onnx__TensorProto *tensor, struct net_shape *shape)
{
    int64_t size = 1;
    if (tensor->n_dims > NET_DIMS)
        return false;
    shape->count = (int)tensor->n_dims;
    for (size_t i = 0; i < tensor->n_dims; i++) {
        if (tensor->dims[i] < (tensor->n_dims > 1) || tensor->dims[i] > CONSTANT_LIMIT ||
            size * tensor->dims[i] > CONSTANT_LIMIT)
            return false;
        size *= tensor->dims[i];
        shape->dims[i] = (int)tensor->dims[i];
    }
    return true;
}

static bool import_tensor(struct graph *graph, const Onnx__TensorProto *tensor, int index, struct error *err)
{
    const char *name = graph->values[index].name;
    struct net_shape shape = {0};
    int type = tensor->data_type;
    if (type != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT && type != ONNX__TENSOR_PROTO__DATA_TYPE__INT64 &&
        type != ONNX__TENSOR_PROTO__DATA_TYPE__INT32)
        return fail(err, ERROR_INVALID, "tensor '%.80s' is of type %d; float, int32 and int64 are supported",
            name, type);
    if (!tensor_shape(tensor, &shape))
        return fail(err, ERROR_INVALID, "tensor '%.80s' has more than %d dimensions, or too large ones", name,
            NET_DIMS);
    if (!tensor_fits(tensor, shape_size(&shape)))
        return fail(err, ERROR_CORRUPT, "tensor '%.80s' does not carry what its dimensions say", name);
    graph->values[index].shape = shape;
    graph->values[index].known = true;
    graph->values[index].integer = type != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    if (!graph_make_constant(graph, index, err))
        return false;
    copy_numbers(tensor, &graph->values[index], shape_size(&shape));
    return true;
}

static bool import_initializers(struct graph *graph, const Onnx__GraphProto *source, struct error *err)
{
    for (size_t i = 0; i < source->n_initializer; i++) {
        const Onnx__TensorProto *tensor = source->initializer[i];
        int index;
        if (!tensor->name || !*tensor->name)
            return fail(err, ERROR_INVALID, "an initializer has no name");
        if (!graph_add_value(graph, tensor->name, &index, err) || !import_tensor(graph, tensor, index, err))
            return false;
    }
    return true;
}

/* A dimension without number counts as `otherwise`; 0 where there is none. */
static int64_t dimension_size(const Onnx__TensorShapeProto__Dimension *dimension, int64_t otherwise)
{
    bool number = dimension->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
    return number && dimension->dim_value > 0 ? dimension->dim_value : otherwise;
}

static bool input_shape(const Onnx__ValueInfoProto *info, const struct net_options *options,
    struct net_shape *shape, struct error *err)
{
    const Onnx__TypeProto *type = info->type;
    if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !type->tensor_type ||
        type->tensor_type->elem_type != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT || !type->tensor_type->shape)
        return fail(err, ERROR_INVALID, "input '%.80s' is not a float tensor with a shape", info->name);
    const Onnx__TensorShapeProto *source = type->tensor_type->shape;
    if (source->n_dim < 1 || source->n_dim > NET_DIMS)
        return fail(err, ERROR_INVALID, "input '%.80s' does not have one to four dimensions", info->name);
    int64_t wanted[NET_DIMS] = {1, 0, 0, 0};
    bool picture = options && source->n_dim == NET_DIMS;
    shape->count = (int)source->n_dim;
    for (size_t i = 0; i < source->n_dim; i++) {
        int64_t size = dimension_size(source->dim[i], wanted[i]);
        if (picture && i == 2 && options->height)
            size = options->height;
        if (picture && i == 3 && options->width)
            size = options->width;
        if (size < 1 || size > AXIS_LIMIT || (i == 0 && size != 1))
            return fail(
                err, ERROR_INVALID, "input '%.80s': dimension %zu is open or not possible", info->name, i);
        shape->dims[i] = (int)size;
    }
    if (shape_size(shape) > CONSTANT_LIMIT / sizeof(float))
        return fail(err, ERROR_TOO_LARGE, "input '%.80s' is too large", info->name);
    return true;
}

static bool import_input(
    struct graph *graph, const Onnx__GraphProto *source, const struct net_options *options, struct error *err)
{
    for (size_t i = 0; i < source->n_input; i++) {
        const Onnx__ValueInfoProto *info = source->input[i];
        struct net_shape shape = {0};
        if (!info->name || !*info->name)
            return fail(err, ERROR_INVALID, "an input has no name");
        if (graph_find(graph, info->name) != MISSING)
            continue;
        if (graph->input != MISSING)
            return fail(err, ERROR_INVALID, "more than one input: '%.80s'", info->name);
        if (!input_shape(info, options, &shape, err) ||
            !graph_add_value(graph, info->name, &graph->input, err))
            return false;
        graph->values[graph->input].shape = shape;
        graph->values[graph->input].known = true;
    }
    return graph->input != MISSING || fail(err, ERROR_INVALID, "no input");
}

static bool import_node(struct graph *graph, const Onnx__NodeProto *source, struct error *err)
{
    const char *name = source->name && *source->name ? source->name : "(without name)";
    if (!source->op_type || source->n_output < 1 || !source->output[0][0] || source->n_input > 256)
        return fail(err, ERROR_INVALID, "node '%.80s' has no operator, no output or too many inputs", name);
    int inputs[256];
    for (size_t i = 0; i < source->n_input; i++) {
        inputs[i] = source->input[i][0] ? graph_find(graph, source->input[i]) : MISSING;
        if (source->input[i][0] && inputs[i] == MISSING)
            return fail(err, ERROR_INVALID,
                "node '%.80s' reads '%.80s', which nothing before it makes (a cycle, or a missing tensor)",
                name, source->input[i]);
    }
    int output = MISSING;
    for (size_t i = 0; i < source->n_output; i++) {
        int index;
        if (source->output[i][0] && !graph_add_value(graph, source->output[i], &index, err))
            return false;
        if (i == 0)
            output = index;
    }
    struct node *node = graph_add_node(graph, OPERATION_CONSTANT, name, inputs, (int)source->n_input, output);
    node->source = source;
    return true;
}

static bool add_output(struct graph *graph, const char *name, struct error *err)
{
    int index = name ? graph_find(graph, name) : MISSING;
    if (index == MISSING)
        return fail(err, ERROR_INVALID, "no tensor '%.80s' to put out", name ? name : "");
    if (graph->output_count == NET_TENSORS || graph->values[index].output)
        return fail(
            err, ERROR_INVALID, "output '%.80s' is given twice, or over %d outputs", name, NET_TENSORS);
    graph->values[index].output = true;
    graph->outputs[graph->output_count++] = index;
    return true;
}

static bool import_outputs(
    struct graph *graph, const Onnx__GraphProto *source, const struct net_options *options, struct error *err)
{
    if (options && options->outputs) {
        for (const char *const *name = options->outputs; *name; name++)
            if (!add_output(graph, *name, err))
                return false;
    } else {
        for (size_t i = 0; i < source->n_output; i++)
            if (!add_output(graph, source->output[i]->name, err))
                return false;
    }
    return graph->output_count > 0 || fail(err, ERROR_INVALID, "no outputs");
}

static bool import_version(struct graph *graph, const Onnx__ModelProto *model, struct error *err)
{
    for (size_t i = 0; i < model->n_opset_import; i++) {
        const Onnx__OperatorSetIdProto *set = model->opset_import[i];
        bool standard = !set->domain || !*set->domain || strcmp(set->domain, "ai.onnx") == 0;
        if (standard && (set->version < 7 || set->version > 20))
            return fail(
                err, ERROR_INVALID, "operator set %lld; 7 to 20 are supported", (long long)set->version);
        if (standard)
            graph->opset = (int)set->version;
    }
    return graph->opset > 0 || fail(err, ERROR_INVALID, "the file names no operator set");
}

bool import_onnx(const void *onnx, size_t size, const struct net_options *options, struct onnx_file *file,
    struct graph *graph, struct error *err)
{
    if (size > NET_FILE_LIMIT)
        return fail(err, ERROR_TOO_LARGE, "over %d MB", NET_FILE_LIMIT >> 20);
    if (!wire_check_onnx(onnx, size, err))
        return false;
    file->model = onnx__model_proto__unpack(NULL, size, onnx);
    if (!file->model || !file->model->graph)
        return fail(err, ERROR_CORRUPT, "not an ONNX model");
    const Onnx__GraphProto *source = file->model->graph;
    if (source->n_node > NODE_LIMIT)
        return fail(err, ERROR_TOO_LARGE, "more than %d nodes", NODE_LIMIT);
    if (!import_version(graph, file->model, err) || !import_initializers(graph, source, err) ||
        !import_input(graph, source, options, err))
        return false;
    for (size_t i = 0; i < source->n_node; i++)
        if (!import_node(graph, source->node[i], err))
            return false;
    if (!import_outputs(graph, source, options, err))
        return false;
    graph_prune(graph);
    return true;
}

const char *source_operator(const struct node *node)
{
    const Onnx__NodeProto *source = node->source;
    bool standard = !source->domain || !*source->domain || strcmp(source->domain, "ai.onnx") == 0;
    return standard ? source->op_type : source->domain;
}

static const Onnx__AttributeProto *source_find(const struct node *node, const char *attribute)
{
    const Onnx__NodeProto *source = node->source;
    for (size_t i = 0; i < source->n_attribute; i++)
        if (source->attribute[i]->name && strcmp(source->attribute[i]->name, attribute) == 0)
            return source->attribute[i];
    return NULL;
}

bool source_has(const struct node *node, const char *attribute)
{
    return source_find(node, attribute) != NULL;
}

int64_t source_int(const struct node *node, const char *attribute, int64_t otherwise)
{
    const Onnx__AttributeProto *found = source_find(node, attribute);
    return found && found->has_i ? found->i : otherwise;
}

float source_float(const struct node *node, const char *attribute, float otherwise)
{
    const Onnx__AttributeProto *found = source_find(node, attribute);
    return found && found->has_f ? found->f : otherwise;
}

bool source_ints(
    const struct node *node, const char *attribute, int limit, int64_t *out, int *count, struct error *err)
{
    const Onnx__AttributeProto *found = source_find(node, attribute);
    size_t numbers = found ? found->n_ints : 0;
    if (numbers > (size_t)limit)
        return fail(err, ERROR_INVALID, "attribute %s has %zu numbers, at most %d are possible", attribute,
            numbers, limit);
    if (numbers)
        memcpy(out, found->ints, numbers * sizeof *out);
    *count = (int)numbers;
    return true;
}

bool source_is(const struct node *node, const char *attribute, const char *word)
{
    const Onnx__AttributeProto *found = source_find(node, attribute);
    return found && found->s.len == strlen(word) && memcmp(found->s.data, word, found->s.len) == 0;
}

bool source_constant(struct graph *graph, const struct node *node, struct error *err)
{
    const Onnx__AttributeProto *found = source_find(node, "value");
    if (!found || !found->t)
        return fail(err, ERROR_INVALID, "only constants with a tensor are supported");
    return import_tensor(graph, found->t, node->output, err);
}
