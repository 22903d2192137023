/* Inside face/: is a face good enough to be compared? */
#pragma once

#include "face/face.h"

/* Rates the face by its box, points and picture. */
struct quality quality_rate(const struct image *image, const struct face *face);
