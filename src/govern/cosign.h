/* The witness's side of the log, after the C2SP tlog-witness and tlog-cosignature forms.
 *
 * A request is "old <size>", the consistency proof from that size (a base64 hash a line), an empty line and
 * the signed checkpoint. A witness that has seen `size` records with `root` co-signs a checkpoint only when
 * the old log is its beginning: never a fork, never a log that became shorter. */
#pragma once

#include "govern/note.h"
#include "govern/tree.h"

enum { WITNESS_REQUEST_LIMIT = 16 * 1024, WITNESS_NAME_SIZE = 64 };

struct witness {
    char name[WITNESS_NAME_SIZE];
    uint8_t key[SECRET_KEY_SIZE];
    uint8_t log_key[PUBLIC_KEY_SIZE];
    struct checkpoint seen; /* what it signed last; size 0 for nothing yet */
};

/* Heap text. */
char *witness_request(const struct tree_proof *proof, int64_t old_size, const char *note);

/* The cosignature's line (heap text), and `seen` moves on; the caller keeps `seen` on disk before it answers.
 * NULL with ERROR_CONFLICT when the request starts from another size than `seen` (which the answer tells),
 * ERROR_CORRUPT for a fork or a shorter log, ERROR_UNSIGNED for another key. */
char *witness_sign(
    struct witness *witness, const char *request, size_t size, int64_t now_s, struct error *err);

/* Whether the line co-signs this note, and when. */
bool cosignature_check(const char *line, const char *name, const uint8_t key[static PUBLIC_KEY_SIZE],
    const char *note, int64_t *at_s, struct error *err);
/* The same of a note with cosignatures below it: whether one of them is this witness's. */
bool cosigned_note_check(const char *note, const char *name, const uint8_t key[static PUBLIC_KEY_SIZE],
    int64_t *at_s, struct error *err);

/* The note that was cosigned last, cosigned anew: that the witness has none newer, it says as of now. Heap
 * text; NULL with ERROR_MISSING when nothing was cosigned yet, otherwise the errors of note_read. */
char *witness_newest(const struct witness *witness, const char *note, int64_t now_s, struct error *err);
