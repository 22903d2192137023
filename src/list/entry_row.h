/* An entry's row and its stored statements: loaded with the mark checked, written with a new mark. */
#pragma once

#include "list/entry_lives.h"
#include "list/site.h"

extern const char entry_sql[];
extern const char entry_renewal_sql[];

struct entry_row {
    char entry[24];
    enum entry_state state;
    char ground[32];
    char proposer[24];
    char approver[24];   /* "" until approved */
    char reinstater[24]; /* the first of the two who reinstate a suspended entry, "" while nobody has */
    char reason[32];     /* why it is suspended or over */
    char proposal_hash[HEX_HASH_SIZE];
    char approval_hash[HEX_HASH_SIZE];
    char renewal_hash[HEX_HASH_SIZE]; /* of the newest renewal, whose expiry counts then; "" for none */
    int64_t renewed_s;
    int64_t proposed_s, expires_s, changed_s;
    int64_t suspensions;
    bool wiped;                     /* its key was destroyed */
    uint8_t cnic_lookup[HASH_SIZE]; /* the number's keyed hash; zeros once it is wiped */
};

/* ERROR_MISSING, or ERROR_CORRUPT for a row that was edited. */
bool entry_load(struct site *site, const char *entry, struct entry_row *out, struct error *err);
/* In the caller's transaction. */
bool entry_insert(struct site *site, const struct entry_row *row, struct error *err);
bool entry_save(struct site *site, const struct entry_row *row, struct error *err);

/* Nobody tries numbers on an entry that is wiped. */
void entry_forget_number(struct entry_row *row);
/* At a start, in the caller's transaction: rows from before the number was under the mark get it there, once.
 */
bool entry_rows_mark_once(struct site *site, struct error *err);

/* The ids of entries for which `where` (a constant of the code) holds, in order; calls `each` until it is
 * false. `each` may change rows. */
bool entry_each(struct site *site, const char *where,
    bool (*each)(struct site *, const char *, struct error *), struct error *err);

/* Statements about an entry, sealed under its key, found by their hash. `step` is "proposal", "approval",
 * "renewal", "reinstatement", "withdrawal"; `round` counts suspensions. */
bool entry_keep_statement(struct site *site, const char *entry, const char *step, int64_t round,
    const struct envelope *envelope, struct error *err);
struct envelope *entry_statement(struct site *site, const char *entry, const char *hash, struct error *err);
/* Whether this officer proposed, approved or reinstated the entry; to fetch the source of a suspended one is
 * no part in it yet. */
bool entry_has_signed(
    struct site *site, const struct entry_row *row, const char *officer, bool *out, struct error *err);
