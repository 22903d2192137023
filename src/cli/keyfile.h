/* A key in a file, sealed under a passphrase with Argon2id: JSON {format, officer, public, salt, sealed}.
 * Without an officer it is an offline key: of the root, or for evaluation reports. With one it is that
 * officer's key for the command line; the browser makes its own (web/statement.js). A device's key is X25519:
 * it signs nothing and opens what was sealed to a station or to oversight. */
#pragma once

#include "base/crypto.h"

/* ERROR_CONFLICT when the file is there already: a key is never overwritten. */
bool keyfile_make(
    const char *path, const char *passphrase, uint8_t public_key[static PUBLIC_KEY_SIZE], struct error *err);
bool keyfile_make_officer(const char *path, const char *passphrase, const char *officer,
    uint8_t public_key[static PUBLIC_KEY_SIZE], struct error *err);
bool keyfile_make_device(
    const char *path, const char *passphrase, uint8_t public_key[static PUBLIC_KEY_SIZE], struct error *err);
/* What stands in the file unsealed; `officer` is "" in an offline and a device's key. */
bool keyfile_read_public(
    const char *path, uint8_t public_key[static PUBLIC_KEY_SIZE], char officer[static 24], struct error *err);
bool keyfile_open(
    const char *path, const char *passphrase, uint8_t secret_key[static SECRET_KEY_SIZE], struct error *err);
bool keyfile_open_device(
    const char *path, const char *passphrase, uint8_t secret[static SEED_SIZE], struct error *err);
/* MIZAN_PASSPHRASE when it is set (scripts), else asked for at the terminal without echo; heap text. */
char *keyfile_ask_passphrase(const char *path, struct error *err);
