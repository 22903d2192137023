/* What people walk before: a grey wall, a picture of the place, or a recording of it with its own life. */
#pragma once

#include "video/image.h"

enum { BACKDROP_LIMIT = 75 }; /* pictures of a recording, five a second: fifteen seconds */

struct backdrop {
    struct image *pictures; /* owned, all of one size */
    int count;
};

/* `path` is a JPEG, a recording, or NULL for the wall. ERROR_MISSING when it is not there, ERROR_INVALID when
 * it is neither. */
bool backdrop_load(struct backdrop *backdrop, const char *path, int width, int height, struct error *err);
void backdrop_done(struct backdrop *backdrop);
static inline void backdrop_auto(struct backdrop *slot)
{
    backdrop_done(slot);
}

/* The picture behind frame `frame` of a walk of `frames`; which part of a recording that is differs from
 * `walk` to walk and is the same on every run. */
const struct image *backdrop_at(const struct backdrop *backdrop, int walk, int frame, int frames);
