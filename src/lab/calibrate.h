/* The ranges of a pack's network over pictures, for running it in 8 bits (docs/pack.md). */
#pragma once

#include "face/face.h"

/* Runs the network of the section ("detect" or "embed") in float over every JPEG picture of the folder, in
 * the order of their names, and over its mirror image: whole pictures at `width` × `height` for "detect",
 * every face that is large enough for "embed". Heap text as net_ranges gives it. ERROR_MISSING when there was
 * nothing to run over. */
char *calibrate(const struct pack *pack, const char *section, const char *folder, int width, int height,
    struct error *err);
