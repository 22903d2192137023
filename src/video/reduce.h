/* Pictures that may leave the watch (safeguard 27): outside the matched person's box no face spans more than
 * REDUCE_FACE_PX, whether anybody detected it or not.
 *
 * The picture is cut into square cells so large that a face as tall as half of the picture's shorter side, or
 * as `largest_face_px` when that is more, touches at most REDUCE_FACE_PX of them in each direction; a cell
 * becomes its mean colour. Pass the longer side of the largest box that the detector sees, 0 when it sees
 * none. */
#pragma once

#include "video/image.h"

enum { REDUCE_FACE_PX = 8 };

/* The side of a cell in pixels of the scene. */
int reduce_cell_px(const struct image *scene, float largest_face_px);

/* A copy at full size, inside `person` (clipped) as it is, everything else in cells. `out` is initialised
 * here. */
bool reduce_scene(const struct image *scene, const struct box *person, float largest_face_px,
    struct image *out, struct error *err);

/* The whole picture, one pixel a cell: for previews. `out` is initialised here. */
bool reduce_whole(const struct image *scene, float largest_face_px, struct image *out, struct error *err);
