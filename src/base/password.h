/* Passwords with Argon2id, by libsodium. Slow and hungry on purpose: the desk has a process for it
 * (watch/hash_link.h). */
#pragma once

#include "base/crypto.h"

enum { PASSWORD_MOST = 128, PASSWORD_HASH_SIZE = 128 };

/* The hash with its salt and costs, as text that ends in NUL. */
bool password_hash(const char *password, char out[static PASSWORD_HASH_SIZE], struct error *err);
bool password_fits(const char *password, const char *hash);
