/* Inside face/: boxes and points of detectors without priors, which answer in a grid of cells for each
 * stride.
 *
 * Cell (row, column) of a map lies at (column × stride, row × stride) of the input. What the tensors mean:
 * YuNet (Wu, Peng and Yu, 2023): score = √(class × object); centre = cell + box[0..1], size = e^box[2..3],
 * points = cell + points, all in strides. SCRFD (Guo et al., 2021): the score as it is; box = distances to
 * the left, top, right and bottom; points relative to the cell, all in strides. Several answers a cell follow
 * each other. Both order the points as enum face_point does, seen in the picture. */
#pragma once

#include "face/detect.h"

struct grid_map {
    int stride, columns, rows;
    const float *numbers[GRID_KINDS]; /* NULL where the decoder or the pack has none */
};

/* The maps of an input of this size: what lies over a stride at the right and the bottom has a cell, too. */
struct grid_map grid_map_of(int stride, int width, int height);
size_t grid_answers(const struct grid_map *map, int anchors);

/* ERROR_INVALID naming the tensor that does not have the shape its stride asks for. */
bool grid_check(const struct pack *pack, const struct net *net, int width, int height, struct error *err);

/* The map's answers from `least_score` on, in pixels of the input divided by `scale`; `found` has room for
 * grid_answers. Returns how many. */
size_t grid_collect(enum detect_decoder decoder, const struct grid_map *map, int anchors, float least_score,
    float scale, struct found *found);
/* The points of an answer, in the same pixels; false when one is not a number. */
bool grid_points(
    const struct grid_map *map, int anchors, size_t place, float scale, float points[static POINT_COUNT][2]);
