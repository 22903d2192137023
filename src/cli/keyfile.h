/* An offline key in a file, sealed under a passphrase with Argon2id: JSON {format, public, salt, sealed}. For
 * the root key and for evaluation reports; officers' keys are made in the browser (web/statement.js). */
#pragma once

#include "base/crypto.h"

/* ERROR_CONFLICT when the file is there already: a key is never overwritten. */
bool keyfile_make(
    const char *path, const char *passphrase, uint8_t public_key[static PUBLIC_KEY_SIZE], struct error *err);
bool keyfile_open(
    const char *path, const char *passphrase, uint8_t secret_key[static SECRET_KEY_SIZE], struct error *err);
/* MIZAN_PASSPHRASE when it is set (scripts), else asked for at the terminal without echo; heap text. */
char *keyfile_ask_passphrase(const char *path, struct error *err);
