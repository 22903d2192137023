/* Composed walk-bys: a person's photograph comes nearer over a background, frame by frame, and goes through
 * the watch's own chain of detection, passages, shots and decision. Where the face is in each frame is known
 * exactly.
 *
 * One photograph a walk-by changes in size, place, light and grain, not in expression or pose: shots agree
 * more than those of a living face, so these rates stay charged as images are. */
#pragma once

#include "lab/backdrop.h"
#include "lab/search.h"
#include "match/decide.h"

enum { WALK_FRAMES = 15, WALK_PERIOD_US = 200000, WALK_WIDTH = 640, WALK_HEIGHT = 480 };

/* Draws frame 0 ≤ `frame` < WALK_FRAMES into `out` (initialised by the caller, WALK_WIDTH × WALK_HEIGHT, as
 * is the background) and returns where the face is. */
struct box walk_draw(const struct image *background, const struct image *portrait, const struct face *face,
    int frame, struct image *out);

/* What the chain took of one walk-by: each embedded shot, and which shots the passage held after it. */
struct walk_shot {
    int64_t captured_us;
    uint32_t held; /* bits of walk.shots */
    uint64_t passage;
    float template[TEMPLATE_LENGTH];
};

struct walk {
    int passages; /* 1 when the tracker lost nothing */
    int shot_count;
    enum quality_verdict verdict; /* of the last face measured */
    struct walk_shot shots[WALK_FRAMES];
};

/* `number` says where in the backdrop it walks. */
bool walk_follow(struct analyser *analyser, const struct backdrop *backdrop, int number,
    const struct image *portrait, const struct face *face, struct walk *out, struct error *err);

/* The largest threshold at which passage_decide matches these shots, for one entry or (NULL) for any; −1 when
 * there is none. */
float passage_score(const struct shot_scores *shots, size_t count, const char *entry);

struct walk_terms {
    const char *folder;
    const struct backdrop *backdrop; /* of WALK_WIDTH × WALK_HEIGHT */
    int entries;
    int walks; /* at most so many people walk; 0: all */
};

/* Each person's last picture walks by the cameras of all lists. A picture in which nobody is found is a
 * failure to acquire, as is a walk of which no shot was taken. */
bool walk_trials(const struct dataset *dataset, struct analyser *analyser, const struct walk_terms *terms,
    progress_report *progress, struct trials *out, struct error *err);
