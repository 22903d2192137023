/* Inside face/: where the five points belong in an aligned face, and the similarity that brings them there.
 */
#pragma once

#include "face/face.h"

/* Least squares over the five points (Umeyama 1991, without reflection): {a, b, tx, ty} of image_warp; zeros
 * when the points coincide. `side` is the aligned picture's. */
void align_map(const float points[static POINT_COUNT][2], int side, float map[static 4]);
/* The 136 numbers of the 68-point network, in shares of `box`, as the five points in pixels. */
void points_from_68(const float *numbers, const struct box *box, float points[static POINT_COUNT][2]);
