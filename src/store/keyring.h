/* Data keys per noun ("entry/e-…", "operation/op-…", "alert/a-…"), in a file beside the database, each
 * wrapped under a wrapping key that is sealed with the site key and the secret of the keyring's epoch
 * (keyring_epoch.h). Destroying a key rewraps the survivors under a new wrapping key, writes the file anew
 * (epoch + 1) and replaces the secret: an old copy of the file opens nothing any more, and an older epoch
 * than the one in the signed checkpoint is refused besides. */
#pragma once

#include "base/crypto.h"

struct keyring;

/* Makes the file when it is missing and least_epoch is 0. ERROR_CORRUPT for a wrong site key, an edited file
 * or one of an epoch whose secret is gone, ERROR_CONFLICT when the file's epoch lies under least_epoch. */
struct keyring *keyring_open(
    const char *path, const uint8_t site_key[static DATA_KEY_SIZE], int64_t least_epoch, struct error *err);
void keyring_close(struct keyring *keyring);
AUTO_FREE(keyring, struct keyring *, keyring_close)

int64_t keyring_epoch(const struct keyring *keyring);
/* The names of its keys, sorted; NULL behind the last. Borrowed until a key is made or destroyed. */
const char *keyring_name(const struct keyring *keyring, size_t index);
/* The key for the name; makes it when `make`, and writes the file first unless a transaction is open. NULL
 * with ERROR_MISSING when it was destroyed or never made. Borrowed until the next call. ERROR_UNAVAILABLE,
 * and nothing changed, when the file cannot be written. */
const uint8_t *keyring_key(struct keyring *keyring, const char *name, bool make, struct error *err);
/* A transaction: what it makes is in memory only until keyring_write, which comes before the rows that need
 * the keys are durable; what was not written is gone at its end. So what is refused leaves no key and writes
 * nothing. */
void keyring_begin(struct keyring *keyring);
bool keyring_write(struct keyring *keyring, struct error *err);
void keyring_end(struct keyring *keyring);
/* Outside a transaction. Destroying what is not there is well. A destruction is done when the old secret is
 * gone and the keyring's backup was replaced: ERROR_UNAVAILABLE says that it was not, and the next call
 * finishes it. */
bool keyring_destroy(struct keyring *keyring, const char *const *names, size_t count, struct error *err);
/* A key for look-ups by keyed hash, for the life of the site: "lookup/cnic". */
const uint8_t *keyring_site_key(struct keyring *keyring, const char *purpose, struct error *err);

/* Seals under the key of `name` (made when it is missing: the key is on disk before the row that needs it)
 * with context "<name>/<field>". */
bool keyring_seal(struct keyring *keyring, const char *name, const char *field, const void *bytes,
    size_t size, struct bytes *out, struct error *err);
bool keyring_unseal(struct keyring *keyring, const char *name, const char *field, const void *sealed,
    size_t size, struct bytes *out, struct error *err);

/* The one backup of the keyring, FOLDER/keyring-backup, with the secret of its epoch: written now and by
 * every destruction from now on. Of the database there may be many backups, of this there is one; nothing
 * else makes an old database readable again, and it opens no more than the keyring does today. */
bool keyring_back_up(struct keyring *keyring, const char *folder, struct error *err);
/* Writes the keyring and its secret to `path` from FOLDER/keyring-backup. ERROR_CONFLICT when the backup's
 * epoch lies under least_epoch or there is a keyring at `path`. */
bool keyring_restore(const char *path, const char *folder, const uint8_t site_key[static DATA_KEY_SIZE],
    int64_t least_epoch, struct error *err);
