/* A recorded clip of H.264, H.265 or JPEGs as an endless stream: Annex B pictures, or JPEGs, whose stamps go
 * on rising when the clip begins again. Nothing is decoded or encoded. One thread per clip. */
#pragma once

#include "base/memory.h"

struct clip;

enum clip_codec { CLIP_H264, CLIP_H265, CLIP_JPEG, CLIP_CODECS };

/* The first picture's stamp is `begin_ns`. ERROR_INVALID for a file without such video. */
struct clip *clip_open(const char *path, int64_t begin_ns, struct error *err);
enum clip_codec clip_codec(const struct clip *clip);
/* Where the newest picture ends. */
int64_t clip_end_ns(const struct clip *clip);
void clip_close(struct clip *clip);
AUTO_FREE(clip, struct clip *, clip_close)

struct clip_picture {
    const uint8_t *data; /* borrowed until the next clip_next */
    size_t size;
    int64_t pts_ns;
    int64_t dts_ns;
    int64_t duration_ns;
    bool key;
};

bool clip_next(struct clip *clip, struct clip_picture *picture, struct error *err);
