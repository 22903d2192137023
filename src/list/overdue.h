/* What is over: by which time, and keys whose own rows do not bring them to their end any more. */
#pragma once

#include "govern/ledger_find.h"
#include "list/site.h"

/* The time for what nobody can take back: entries expire and things are destroyed by this one. It is the
 * earlier of the desk's own and the wall clock, so that a clock that goes ahead, or went ahead when the desk
 * started and was set right since, destroys nothing; 0, when nothing is over, while `time_is_unproven`. */
int64_t overdue_time_us(const struct site *site);
int64_t overdue_time_s(const struct site *site);

/* What has keys of its own in the keyring, and how its end is known from the log alone. */
struct overdue_noun {
    const char *key;     /* the beginning of its key's name: "alert" of "alert/a-…" */
    enum find_by by;     /* how its records are found, */
    const char *field;   /* and the public field of them that names it */
    const char *ends[4]; /* the records that begin its end; the newest counts */
    const char *until;   /* the public field that says when it is over in any case, or NULL */
    int64_t lives_s;     /* without such a record: since the newest one */
    /* How long it is kept after that record, or that time. */
    int64_t (*kept_s)(const char *kind, const json_t *fields);
    /* Whether the row brings it to its end; then the log is not asked. */
    bool (*row_rules)(struct site *site, const char *id);
    /* In the caller's transaction: the key, what is sealed under it, and the record that the row's own end
     * would have left. NULL: no record names it, and its rows alone use its key. */
    bool (*destroy)(struct site *site, const char *id, struct error *err);
};

/* Each hour, and first at a start (*next_s, the caller's): a row that was edited, is gone, or says that its
 * key was destroyed when it was not, keeps nothing. What the log says of the noun decides when its time is
 * over (SAFEGUARDS 40, 41, 50). A key that no row uses and no record names goes at once. Transactions of its
 * own. */
bool overdue_look(
    struct site *site, const struct overdue_noun *nouns, size_t count, int64_t *next_s, struct error *err);
/* The same of operations and entries. */
bool overdue_tick(struct site *site, struct error *err);
