/* A camera or a recording to be measured, picture by picture, and what its stream is like. Recordings are
 * decoded as fast as they can be. One thread. */
#pragma once

#include "video/packet.h"
#include "video/image.h"

#include <sys/types.h>

struct view_facts {
    char codec[STREAM_CODEC_SIZE];
    int width, height; /* of the newest picture */
    int size_changes;
    int64_t packets, frames, errors, keys, bytes;
    int64_t first_us, last_us; /* stamps of pictures */
    int64_t longest_gap_us;    /* between two pictures */
    bool reorders;             /* pictures come in another order than they are shown in */
};

struct view;

/* A URL of video/source.h with a numeric host, or a file. `user` and `password` are NULL without.
 * ERROR_MISSING when there is no such file, ERROR_INVALID when it holds no video; for cameras as source_open
 * says. */
struct view *view_open(const char *place, const char *user, const char *password, struct error *err);
void view_close(struct view *view);
AUTO_FREE(view, struct view *, view_close)

/* Whether the place is a network address. */
bool view_is_url(const char *place);

/* Takes the next coded picture; *pictures says how many came out of it, `view_image` converts the newest.
 * False at the end of a recording, with ERROR_MISSING, or when the camera fails. */
bool view_next(struct view *view, int *pictures, struct error *err);
int64_t view_stamp_us(const struct view *view); /* of the newest picture */
bool view_image(struct view *view, struct image *image, struct error *err);
const struct view_facts *view_facts(const struct view *view); /* borrowed */
