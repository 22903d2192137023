#include "net/weights.h"

#include <math.h>
#include <string.h>

static const float *floats_of(const struct graph *graph, int value)
{
    return graph->values[value].data;
}

static float *made_floats(struct graph *graph, int value)
{
    return graph->values[value].data;
}

bool weights_from_gemm(
    struct graph *graph, const struct gemm *gemm, int *made_matrix, int *made_bias, struct error *err)
{
    const struct net_shape *matrix = &graph->values[gemm->matrix].shape;
    int rows = matrix->dims[gemm->transposed ? 0 : 1], columns = matrix->dims[gemm->transposed ? 1 : 0];
    struct net_shape shape = shape_of(4, (int[]){rows, columns, 1, 1}), row = shape_of(1, (int[]){rows});
    int weights, bias = MISSING;
    if (!graph_add_constant(graph, &shape, false, &weights, err))
        return false;
    const float *from = floats_of(graph, gemm->matrix);
    float *to = made_floats(graph, weights);
    size_t row_stride = gemm->transposed ? (size_t)columns : 1,
           column_stride = gemm->transposed ? 1 : (size_t)rows;
    for (size_t r = 0; r < (size_t)rows; r++)
        for (size_t c = 0; c < (size_t)columns; c++)
            to[r * (size_t)columns + c] = gemm->alpha * from[r * row_stride + c * column_stride];
    if (gemm->bias != MISSING) {
        if (!graph_add_constant(graph, &row, false, &bias, err))
            return false;
        bool one = shape_size(&graph->values[gemm->bias].shape) == 1;
        for (int r = 0; r < rows; r++)
            made_floats(graph, bias)[r] = gemm->beta * floats_of(graph, gemm->bias)[one ? 0 : r];
    }
    *made_matrix = weights;
    *made_bias = bias;
    return true;
}

bool weights_from_normalization(
    struct graph *graph, const int rows[static 4], float epsilon, int *scale, int *shift, struct error *err)
{
    struct net_shape shape = graph->values[rows[0]].shape;
    if (!graph_add_constant(graph, &shape, false, scale, err) ||
        !graph_add_constant(graph, &shape, false, shift, err))
        return false;
    const float *gain = floats_of(graph, rows[0]), *bias = floats_of(graph, rows[1]);
    const float *mean = floats_of(graph, rows[2]), *variance = floats_of(graph, rows[3]);
    for (size_t c = 0; c < shape_size(&shape); c++) {
        double factor = (double)gain[c] / sqrt((double)variance[c] + (double)epsilon);
        made_floats(graph, *scale)[c] = (float)factor;
        made_floats(graph, *shift)[c] = (float)((double)bias[c] - (double)mean[c] * factor);
    }
    return true;
}

bool weights_scaled(struct graph *graph, int *weights, int *bias, int scale, int shift, struct error *err)
{
    struct net_shape shape = graph->values[*weights].shape, row = shape_of(1, shape.dims);
    int made_weights, made_bias;
    if (!graph_add_constant(graph, &shape, false, &made_weights, err) ||
        !graph_add_constant(graph, &row, false, &made_bias, err))
        return false;
    size_t channels = (size_t)shape.dims[0], each = (size_t)shape_span(&shape, 1, NET_DIMS);
    const float *gain = floats_of(graph, scale), *offset = floats_of(graph, shift);
    for (size_t c = 0; c < channels; c++) {
        for (size_t i = 0; i < each; i++)
            made_floats(graph, made_weights)[c * each + i] =
                gain[c] * floats_of(graph, *weights)[c * each + i];
        float old = *bias == MISSING ? 0 : floats_of(graph, *bias)[c];
        made_floats(graph, made_bias)[c] = gain[c] * old + offset[c];
    }
    *weights = made_weights;
    *bias = made_bias;
    return true;
}

bool weights_ungrouped(struct graph *graph, int *weights, int groups, struct error *err)
{
    struct net_shape grouped = graph->values[*weights].shape, whole = grouped;
    int made = 0;
    if (grouped.dims[1] > AXIS_LIMIT / groups)
        return fail(err, ERROR_TOO_LARGE, "a convolution in %d groups is too large", groups);
    whole.dims[1] *= groups;
    if (!graph_add_constant(graph, &whole, false, &made, err))
        return false;
    size_t outputs = (size_t)grouped.dims[0], each = (size_t)shape_span(&grouped, 1, NET_DIMS);
    for (size_t o = 0; o < outputs; o++) {
        size_t group = o / (outputs / (size_t)groups);
        memcpy(made_floats(graph, made) + (o * (size_t)groups + group) * each,
            floats_of(graph, *weights) + o * each, each * sizeof(float));
    }
    *weights = made;
    return true;
}

bool weights_padded_row(struct graph *graph, int row, int channels, int padded, int *made, struct error *err)
{
    struct net_shape shape = shape_of(1, &padded);
    if (!graph_add_constant(graph, &shape, false, made, err))
        return false;
    bool one = shape_size(&graph->values[row].shape) == 1;
    for (int c = 0; c < channels; c++)
        made_floats(graph, *made)[c] = floats_of(graph, row)[one ? 0 : c];
    return true;
}
