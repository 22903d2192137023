/* Passages: one face crossing one camera's view, followed by motion and overlap. A passage keeps its best
 * shots, spread out in time, and is wiped when it ends; nothing of it is kept. One thread.
 *
 * Per analysis:
 *     passages_update(passages, captured_us, faces, count, of_face);
 *     for each face i with of_face[i]:
 *         struct shot *shot = passage_wants(of_face[i], &faces[i], captured_us);
 *         if (shot) { face_align(image, &faces[i], &shot->aligned); analyser_embed(…, shot->template);
 *                     shot->embedded = true; decide over of_face[i]'s shots }
 * Faces need analyser_measure (points and quality) before passage_wants, not before passages_update. */
#pragma once

#include "face/face.h"

enum {
    PASSAGE_LIMIT = FACE_LIMIT, /* followed at a time */
    PASSAGE_SHOTS = 6,
    PASSAGE_SHOT_GAP_US = 180 * 1000, /* two shots are never closer: one turn of the sampler, less jitter */
    PASSAGE_LOST_US = 1200 * 1000,    /* unseen for longer: the passage ended */
};

struct shot {
    int64_t captured_us;
    struct box box;
    struct quality quality;
    struct image aligned; /* FACE_SIDE × FACE_SIDE; borrows `pixels`, so never image_done it */
    float template[TEMPLATE_LENGTH];
    bool embedded; /* the caller filled aligned and template */
    uint8_t pixels[FACE_SIDE * FACE_SIDE * 3];
};

struct passage {
    uint64_t id;      /* 1, 2, … since passages_new; means nothing outside this camera */
    int64_t began_us; /* captured_us of the first and of the last face in it */
    int64_t seen_us;
    int seen_count;               /* analyses that saw it; 1 is often a false detection */
    struct box box;               /* where it was last seen */
    float velocity[2];            /* of the middle, px a second */
    int measured_count;           /* faces put to passage_wants */
    float best_overall;           /* quality of the best of them, wanted or not */
    enum quality_verdict verdict; /* of that one: why a passage without shots could not be acquired */
    bool settled;                 /* the caller's mark: a sighting was sent, no more shots are wanted */
    int shot_count;
    struct shot *shots[PASSAGE_SHOTS]; /* owned, oldest first */
};

struct passages;

struct passages_options {
    /* Called once for each passage just before it is wiped; may be NULL. */
    void (*ended)(void *context, const struct passage *passage);
    void *context;
};

struct passages *passages_new(const struct passages_options *options);
/* Ends every passage, then frees. */
void passages_free(struct passages *passages);
AUTO_FREE(passages, struct passages *, passages_free)

/* Assigns the faces of one analysis (at most FACE_LIMIT, any order) to passages, starts new ones, ends lost
 * ones. of_face[i] is borrowed until the next update, and NULL only when PASSAGE_LIMIT are followed already.
 * Call it with count 0 too: time passes. A captured_us before the last one's ends every passage first. */
void passages_update(struct passages *passages, int64_t captured_us, const struct face *faces, int count,
    struct passage *of_face[]);

/* Room for a shot when this face is worth embedding: good enough, and better than or apart from what is
 * there; else NULL. The shot comes with captured_us, box and quality filled, aligned black, embedded false; a
 * shot that it replaces is wiped. */
struct shot *passage_wants(struct passage *passage, const struct face *face, int64_t captured_us);

int passages_count(const struct passages *passages);
/* The followed passages, 0 ≤ at < passages_count; borrowed until the next update. */
struct passage *passages_at(struct passages *passages, int at);
/* Ends every passage now: a pause, a halt, a reconnect. */
void passages_end_all(struct passages *passages);
