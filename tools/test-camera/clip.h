/* A recorded H.264 clip as an endless stream: Annex B pictures whose stamps go on rising when the clip begins
 * again. Nothing is decoded or encoded. One thread per clip. */
#pragma once

#include "base/memory.h"

struct clip;

/* ERROR_INVALID for a file without H.264 video. */
struct clip *clip_open(const char *path, struct error *err);
void clip_close(struct clip *clip);
AUTO_FREE(clip, struct clip *, clip_close)

struct clip_picture {
    const uint8_t *data; /* borrowed until the next clip_next */
    size_t size;
    int64_t pts_ns; /* from 0 */
    int64_t dts_ns;
    int64_t duration_ns;
    bool key;
};

bool clip_next(struct clip *clip, struct clip_picture *picture, struct error *err);
