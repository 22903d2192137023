/* How well a face continues a passage: constant velocity, overlap and size. */
#pragma once

#include "track/passage.h"

static const float MOTION_IMPOSSIBLE = 1e9f;

/* Where the passage is expected at that time. */
struct box motion_expect(const struct passage *passage, int64_t captured_us);

/* 0 is a perfect continuation; MOTION_IMPOSSIBLE when it cannot be the same face: too far from where it is
 * expected (further is allowed after a gap, and while the velocity is not known), or of another size. */
float motion_cost(const struct passage *passage, const struct box *box, int64_t captured_us);

/* The passage was seen in this box. */
void motion_follow(struct passage *passage, const struct box *box, int64_t captured_us);

/* Intersection over union. */
float motion_overlap(const struct box *a, const struct box *b);
