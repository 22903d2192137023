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

/* That a verified export goes on from what was kept earlier: a checkpoint's signed note, or an older export
 * of the same log. ERROR_CORRUPT says that the log was rolled back and from which record on it is missing, or
 * that it was forked: an older export names the record, a note alone the record before which it happened.
 * *records gets how many were kept then. */
bool audit_goes_on(const void *bytes, size_t size, const void *earlier, size_t earlier_size,
    const uint8_t log_key[static PUBLIC_KEY_SIZE], int64_t *records, struct error *err);
