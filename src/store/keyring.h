/* Data keys per noun ("entry/e-…", "operation/op-…", "alert/a-…"), in a file beside the database, each
 * wrapped under a wrapping key that is sealed with the site key. Destroying a key rewraps the survivors under
 * a new wrapping key and writes the file anew (epoch + 1): the old file no longer opens what was destroyed
 * once it is gone, and an older epoch than the one in the signed checkpoint is refused. */
#pragma once

#include "base/crypto.h"

struct keyring;

/* Makes the file when it is missing and least_epoch is 0. ERROR_CORRUPT for a wrong site key or an edited
 * file, ERROR_CONFLICT when the file's epoch lies under least_epoch. */
struct keyring *keyring_open(
    const char *path, const uint8_t site_key[static DATA_KEY_SIZE], int64_t least_epoch, struct error *err);
void keyring_close(struct keyring *keyring);
AUTO_FREE(keyring, struct keyring *, keyring_close)

int64_t keyring_epoch(const struct keyring *keyring);
/* The key for the name; makes it (and writes the file first) when `make`. NULL with ERROR_MISSING when it was
 * destroyed or never made. Borrowed until the next call. ERROR_UNAVAILABLE, and nothing changed, when the
 * file cannot be written. */
const uint8_t *keyring_key(struct keyring *keyring, const char *name, bool make, struct error *err);
/* Destroying what is not there is well. */
bool keyring_destroy(struct keyring *keyring, const char *const *names, size_t count, struct error *err);
/* A key for look-ups by keyed hash, for the life of the site: "lookup/cnic". */
const uint8_t *keyring_site_key(struct keyring *keyring, const char *purpose, struct error *err);

/* Seals under the key of `name` (made when it is missing: the key is on disk before the row that needs it)
 * with context "<name>/<field>". */
bool keyring_seal(struct keyring *keyring, const char *name, const char *field, const void *bytes,
    size_t size, struct bytes *out, struct error *err);
bool keyring_unseal(struct keyring *keyring, const char *name, const char *field, const void *sealed,
    size_t size, struct bytes *out, struct error *err);
