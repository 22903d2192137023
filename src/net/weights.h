/* Weights made from those of the file, as new constants. */
#pragma once

#include "net/graph.h"

/* Gemm's matrix (K×N, or N×K when transposed) times alpha as convolution weights N×K×1×1, and beta × bias as
 * N numbers. `bias` may be MISSING, and then *made_bias is. */
struct gemm {
    int matrix, bias;
    bool transposed;
    float alpha, beta;
};
bool weights_from_gemm(
    struct graph *graph, const struct gemm *gemm, int *made_matrix, int *made_bias, struct error *err);

/* BatchNormalization's four rows of numbers as one scale and one shift a channel. */
bool weights_from_normalization(
    struct graph *graph, const int rows[static 4], float epsilon, int *scale, int *shift, struct error *err);

/* Convolution weights and bias (which may be MISSING) with a scale and shift a channel after them. */
bool weights_scaled(struct graph *graph, int *weights, int *bias, int scale, int shift, struct error *err);

/* Weights of a convolution in groups written out as one without, zeroes between the groups. */
bool weights_ungrouped(struct graph *graph, int *weights, int groups, struct error *err);

/* One number a channel, zero in the channels beyond, from a constant of one number or one a channel. */
bool weights_padded_row(struct graph *graph, int row, int channels, int padded, int *made, struct error *err);
