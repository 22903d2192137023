/* Marks on rows that decide something (SAFEGUARDS 50): HMAC-SHA-256 over the row's canonical fields under a
 * key from the keyring, so that a row edited in SQL is found when it is read. The signed statements behind a
 * row are verified again besides. */
#pragma once

#include "list/site.h"

bool row_mark(struct site *site, const char *noun, const json_t *fields, uint8_t out[static HASH_SIZE],
    struct error *err);
/* ERROR_CORRUPT naming the noun and `id` when the mark is not this row's. */
bool row_check(struct site *site, const char *noun, const char *id, const json_t *fields, struct bytes mark,
    struct error *err);
/* Copies text of a row into a field of `room` bytes; NULL becomes "". Longer text is cut, and then the mark
 * does not hold. */
void row_text(char *out, size_t room, const char *text);
