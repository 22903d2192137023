/* From a picture to faces and templates: detect → landmarks → quality → align → embed.
 *
 * One struct analyser per thread. analyser_new loads and warms every network, so that a locked-up process
 * only runs them: afterwards nothing here allocates more than a bounded scratch, opens a file or makes code.
 */
#pragma once

#include "face/pack.h"
#include "video/image.h"

enum { FACE_LIMIT = 64 }; /* faces a frame; the best by score are kept */

enum face_point {
    POINT_LEFT_EYE,
    POINT_RIGHT_EYE,
    POINT_NOSE,
    POINT_MOUTH_LEFT,
    POINT_MOUTH_RIGHT,
    POINT_COUNT
};

/* Why a face is not good enough; QUALITY_OK when it is. The words are quality_word(). */
enum quality_verdict {
    QUALITY_OK,
    QUALITY_TOO_SMALL, /* less than 24 px between the eyes */
    QUALITY_BLURRED,
    QUALITY_TOO_DARK,
    QUALITY_TOO_BRIGHT,
    QUALITY_TURNED,   /* pose too far from frontal */
    QUALITY_OCCLUDED, /* covered: never embedded */
    QUALITY_CUT,      /* reaches out of the picture */
};

struct quality {
    enum quality_verdict verdict;
    float eye_distance_px;
    float sharpness; /* 0..1, larger is sharper */
    float exposure;  /* mean luma of the face, 0..1 */
    float yaw;       /* −1..1: the nose's offset from the middle of the eyes in eye distances */
    float overall;   /* 0..1, orders the shots of one passage: sharp, large, frontal first */
};

struct face {
    struct box box;
    float score; /* of the detector, 0..1 */
    float points[POINT_COUNT][2];
    struct quality quality;
};

struct analyser_options {
    int detect_width; /* letterboxed detection size; 0 means 320 × 240 */
    int detect_height;
    float least_score; /* 0 means 0.7 */
};

struct analyser;

struct analyser *analyser_new(
    const struct pack *pack, const struct analyser_options *options, struct error *err);
void analyser_free(struct analyser *analyser);
AUTO_FREE(analyser, struct analyser *, analyser_free)

/* Boxes, and points where the pack's detector gives them; best score first; returns how many of `faces` (room
 * for FACE_LIMIT) were filled. */
int analyser_detect(struct analyser *analyser, const struct image *image, struct face *faces);

/* Fills quality and, where the pack has a network for them, points from the box of a face that
 * analyser_detect gave. */
void analyser_measure(struct analyser *analyser, const struct image *image, struct face *face);

/* Warps the face to FACE_SIDE × FACE_SIDE by its points (image_init by the caller). */
void face_align(const struct image *image, const struct face *face, struct image *aligned);

/* The template of an aligned face: TEMPLATE_LENGTH floats of unit length. Counted by
 * analyser_templates_computed. */
void analyser_embed(
    struct analyser *analyser, const struct image *aligned, float template[static TEMPLATE_LENGTH]);

uint64_t analyser_templates_computed(const struct analyser *analyser);

/* Zeroes what the last pictures left in the networks' memory. */
void analyser_wipe(struct analyser *analyser);

const char *quality_word(enum quality_verdict verdict);   /* "too_small" */
const char *quality_advice(enum quality_verdict verdict); /* what to do about it, one sentence */
