/* Inside face/: is the aligned face covered by a mask, a scarf, a visor, dark glasses or a hand?
 *
 * Told from what a bare face shows and cloth or dark glass does not: the mouth makes horizontal lines, the
 * lids around the eyes are about as light as the cheeks, the lower face has the colour of the upper, and
 * between the two there is contrast. Nothing is learned from anybody's face. A covering of the colour of skin
 * with lines of its own, such as a hand with its fingers across the mouth, can pass, and more of them where
 * the pack has no network for the points. */
#pragma once

#include "face/face.h"
#include "video/image.h"

struct cover_signs {
    float
        eyes; /* the lighter eye's surroundings against the lighter part of the face: dark glasses are dark */
    float eye_detail;  /* the larger of the eyes' ranges of light, against the same */
    float mouth_line;  /* the strongest bend of light down the middle of the lower face, against the same */
    float mouth_lines; /* the mean of all bends there */
    float lower_light; /* the lower face against the same */
    float redder;      /* how much redder the lower face is than the nose, in grey levels */
    float bluer;
    float contrast; /* of the face's middle, 0..1 */
};

/* `aligned` is FACE_SIDE × FACE_SIDE. */
struct cover_signs cover_look(const struct image *aligned);
bool cover_is_likely(const struct cover_signs *signs);

/* A network that finds points guesses what it cannot see, from the box: it is asked again with the box moved
 * down, and points that followed the box instead of staying on the face stand for something covered. */
struct box cover_moved(const struct box *box);
bool cover_points_follow(
    float points[static POINT_COUNT][2], float again[static POINT_COUNT][2], float eye_distance_px);
