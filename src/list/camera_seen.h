/* The camera records that were verified before, and whether their signer counts, so that a list of thousands
 * is not verified anew each time it is shown. Kept by the hash of the whole row: an edited row is another
 * one, and is verified. All are forgotten when the roster changes or a key is suspended. What arms a camera
 * never asks here. */
#pragma once

#include "list/site.h"
#include "sign/camera.h"

enum { CAMERAS_SEEN = 16384 }; /* beyond, all are forgotten and seen again */

enum camera_standing { CAMERA_COUNTS, CAMERA_SIGNER_SUSPENDED, CAMERA_SIGNER_UNKNOWN, CAMERA_ROW_CHANGED };

struct camera_row {
    struct camera camera; /* as it was signed; empty when the row was changed */
    char signer[24];
    int64_t signs_checked_s;
    char hash[HEX_HASH_SIZE]; /* of the statement */
    enum camera_standing standing;
};

/* NULL when this very row was not seen under the roster in force. Borrowed until the next call. */
const struct camera_row *camera_seen_find(
    struct site *site, const char *id, const char *key, const char *envelope);
void camera_seen_keep(
    struct site *site, const char *id, const char *key, const char *envelope, const struct camera_row *row);
void camera_seen_free(struct camera_seen *seen);
