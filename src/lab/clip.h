/* A recording, decoded: for measuring only. Containers and codecs are those of a short list; pictures over
 * image.h's limits are damage. One thread per clip. */
#pragma once

#include "video/image.h"
#include "video/packet.h"

struct clip;

/* ERROR_MISSING when there is no such file, ERROR_INVALID without video of a known kind. */
struct clip *clip_open(const char *path, struct error *err);
void clip_close(struct clip *clip);
AUTO_FREE(clip, struct clip *, clip_close)

const char *clip_codec(const struct clip *clip); /* "h264" */

struct clip_step {
    int64_t coded_us; /* stamp of the coded picture that was taken */
    size_t size;
    bool key;
    bool damaged;
    int pictures; /* that came out; of the newest: */
    int64_t shown_us;
    int width, height;
};

/* Takes the next coded picture. ERROR_MISSING at the end. */
bool clip_step(struct clip *clip, struct clip_step *step, struct error *err);
/* The newest picture; `image` is zeroed or an earlier one. */
bool clip_image(struct clip *clip, struct image *image, struct error *err);

/* The first coded pictures of a recording, for a decoder of video/decoder.h. */
struct clip_pictures {
    struct stream stream;
    struct bytes *pictures; /* owned */
    size_t count;
};

/* ERROR_INVALID when it is not in a codec of stream_codec_known. */
bool clip_read_pictures(const char *path, size_t most, struct clip_pictures *out, struct error *err);
void clip_pictures_done(struct clip_pictures *pictures);
