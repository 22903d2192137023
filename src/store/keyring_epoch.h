/* The secret of the keyring's epoch, in a file of its own beside the keyring. Each destruction replaces it,
 * so that a keyring copied before does not open any more, not even with the site key. This file is in no
 * backup of the site; while it is being replaced it holds the old secret and the new one. */
#pragma once

#include "base/crypto.h"

enum { EPOCH_SECRET_SIZE = 32, EPOCH_SECRETS = 2 };

struct epoch_secrets {
    uint8_t secret[EPOCH_SECRETS][EPOCH_SECRET_SIZE];
    size_t count;
};

bool epoch_secrets_read(const char *path, struct epoch_secrets *out, struct error *err);
/* Overwrites the bytes of the file that it replaces. */
bool epoch_secrets_write(const char *path, const struct epoch_secrets *secrets, struct error *err);
/* The key that seals the keyring's wrapping key: needs both. */
void epoch_key(const uint8_t site_key[static DATA_KEY_SIZE], const uint8_t secret[static EPOCH_SECRET_SIZE],
    uint8_t out[static DATA_KEY_SIZE]);

/* Best effort: overwrites a file that has lost its name, because its blocks still hold what was in it. A
 * journalling file system or flash may keep copies. */
void scrub(int descriptor);
