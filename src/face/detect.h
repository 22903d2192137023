/* Inside face/: boxes of faces, and points where the network gives them, at one letterboxed size. */
#pragma once

#include "face/face.h"
#include "face/model.h"

struct detector;

struct detector *detector_new(
    const struct pack *pack, int width, int height, float least_score, struct error *err);
void detector_free(struct detector *detector);
AUTO_FREE(detector, struct detector *, detector_free)

/* Best score first; boxes may reach out of the picture. Points are noughts where the network gives none. */
int detector_run(struct detector *detector, const struct image *image, struct face *faces);
void detector_wipe(struct detector *detector);

/* A box of the family's decoder before and after: centre and size, in shares of the input. */
struct anchor {
    float x, y, width, height;
};

/* Anchors in the network's order: stride, row, column, box size. Returns how many; `out` may be NULL to
 * count. */
size_t rfb_anchors(const struct rfb *rfb, int width, int height, struct anchor *out);
/* centre = anchor + regression × centre variance × size; size = anchor × exp(regression × size variance)
 * (Liu et al., SSD, 2016, §2.2). In shares of the input. */
struct box rfb_decode(const struct rfb *rfb, const struct anchor *anchor, const float regression[static 4]);
/* Written so that what is no number, or has no finite area, is no box. */
bool box_has_area(const struct box *box);
/* Shared area over joined area. */
float box_overlap(const struct box *a, const struct box *b);

/* An answer of the network that is good enough: its box in pixels of the picture, and where it comes from. */
struct found {
    struct box box;
    float score;
    int map;      /* which stride, for decoders of grids */
    size_t place; /* which answer of it */
};

/* What a network of the RFB family put out: for each anchor two scores, of which the second is a face's, and
 * four regressions. */
struct rfb_answers {
    const struct rfb *rfb;
    const struct anchor *anchors;
    size_t count;
    const float *scores, *regressions;
};

/* The answers from `least_score` on, in pixels of a picture of this size; `found` has room for all. Returns
 * how many. */
size_t rfb_collect(
    const struct rfb_answers *answers, float width, float height, float least_score, struct found *found);

/* Sorts, best first, and drops those that share too much with a better one. Returns how many are left, at
 * most FACE_LIMIT. */
size_t found_sift(struct found *found, size_t count, float overlap);
