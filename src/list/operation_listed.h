/* "Was I listed?" (SAFEGUARDS 40): when an operation starts, each person of its list leaves a tag, a keyed
 * hash of the identity number. The key is sealed to oversight and kept nowhere else, so that the desk cannot
 * tell from the tags who was meant, and oversight can answer for a year although list and keys are destroyed.
 * The hashes of tags and sealed key are in the log: nobody adds or drops one later, or puts a key in its
 * place under which nobody was listed. */
#pragma once

#include "list/operation_row.h"
#include "list/operation_terms.h"

enum { LISTED_KEPT_DAYS = 365 };

extern const char operation_listed_sql[];

/* In the caller's transaction, at the start. Nothing when it is there already. */
bool operation_commit_listed(
    struct site *site, const struct operation_row *row, const struct operation_list *list, struct error *err);
/* In its own transaction, when something is due. */
bool operation_listed_expire(struct site *site, int64_t now_s, struct error *err);

/* The tag that this number has under an opened key; `text` is the number as it is written on the card. */
void listed_tag(const uint8_t key[static DATA_KEY_SIZE], const char *text, uint8_t out[static HASH_SIZE]);
