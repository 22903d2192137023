/* The two pictures of a sighting: the matched face, and the scene reduced outside the matched person. */
#pragma once

#include "track/passage.h"

struct portrayal {
    struct bytes face;
    struct bytes scene;
};

/* The face alone, as reviewers see it beside another: a square around it with the same margin for enrolment
 * and sighting, at most 400 px. `out` is the caller's. */
bool portrayal_face(const struct image *image, const struct box *box, struct bytes *out, struct error *err);

bool portrayal_make(struct portrayal *out, const struct image *image, const struct passage *matched,
    struct passages *passages, struct error *err);
void portrayal_done(struct portrayal *portrayal);
static inline void portrayal_auto(struct portrayal *slot)
{
    portrayal_done(slot);
}

/* Once before the lock-up: whatever the JPEG library does at first use. */
bool portrayal_warm_up(struct error *err);
