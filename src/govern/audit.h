/* Verifying an exported log with the public key only (no database, no desk). */
#pragma once

#include "base/crypto.h"

struct audit_result {
    int64_t records;
    char site[64];
    char root_hex[65];
    int64_t newest_s;
};

/* Checks every leaf's form and sequence, the tree's root, the note's signature and size. The error names the
 * record (or the checkpoint) that is wrong. A single flipped byte anywhere in the export is found. */
bool audit_verify(const void *bytes, size_t size, const uint8_t log_key[static PUBLIC_KEY_SIZE],
    struct audit_result *out, struct error *err);
