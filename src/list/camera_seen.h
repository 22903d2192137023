/* The camera records that were found well signed before, so that a list of thousands is not verified anew
 * each time it is shown. Kept by the hash of the whole row: an edited row is another one, and is verified.
 * All are forgotten when the roster changes or a key is suspended. What arms a camera never asks here. */
#pragma once

#include "list/site.h"
#include "sign/camera.h"

enum { CAMERAS_SEEN = 16384 }; /* beyond, all are forgotten and seen again */

/* NULL when this very row was not seen under the roster in force. Borrowed until the next call. */
const struct camera *camera_seen_find(
    struct site *site, const char *id, const char *key, const char *envelope);
void camera_seen_keep(
    struct site *site, const char *id, const char *key, const char *envelope, const struct camera *camera);
void camera_seen_free(struct camera_seen *seen);
