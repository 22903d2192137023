/* The log's checkpoint: a C2SP tlog-checkpoint in a signed note.
 *
 *   mizan/<site>
 *   <size>
 *   <base64 of the root>
 *   keyring <epoch> time <seconds since 1970>
 *
 *   — mizan/<site> <base64 of key hash (4) ‖ signature (64)>
 *
 * The signature covers the text above the empty line with its last newline; the key hash is the first four
 * bytes of SHA-256(name ‖ newline ‖ 1 ‖ public key). */
#pragma once

#include "base/crypto.h"

enum { SITE_NAME_SIZE = 64, NOTE_LIMIT = 1024 };

struct checkpoint {
    char site[SITE_NAME_SIZE];
    int64_t size;
    uint8_t root[HASH_SIZE];
    int64_t keyring_epoch;
    int64_t at_s;
};

/* Small letters, digits and '-', 1 to 63 of them. */
bool site_name_is_valid(const char *name);

/* Heap text; the caller owns it. */
char *note_write(const struct checkpoint *checkpoint, const uint8_t log_key[static SECRET_KEY_SIZE]);
/* How many bytes of the text are the note itself: cosignatures may stand below it. */
size_t note_size(const char *text);
/* Exactly the bytes that note_write gives, or ERROR_INVALID for the form and ERROR_UNSIGNED for the
 * signature. */
bool note_read(const char *bytes, size_t size, const uint8_t log_key[static PUBLIC_KEY_SIZE],
    struct checkpoint *out, struct error *err);
