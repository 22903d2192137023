/* What operation_tick is made of: what stands in the way now, arming, arming again after a halt, the wipe. */
#pragma once

#include "list/operation_proof.h"
#include "list/operation_row.h"
#include "list/turn.h"

struct moment { /* what a tick decides by */
    int64_t now_s;
    const char *hindrance; /* why nothing may match now; NULL when it may */
    bool retries;          /* cameras that are not armed are tried again in this tick */
};
bool moment_look(struct site *site, struct moment *out, struct error *err);

/* One camera works for one operation, and all running ones together stay under the ceiling; otherwise *why
 * says which. */
bool operation_find_room(
    struct site *site, const struct operation_row *row, const char **why, struct error *err);
/* Which entries of the list that is handed over may not be armed now: a new reference. Asked of that list and
 * not of the rows beside it: whose row is gone is withheld. Fills the object `armed` with those that may →
 * since when a case of theirs is known to be live. */
json_t *operation_withheld_now(
    struct site *site, const struct operation_row *row, const struct operation_list *list, json_t *armed);
/* The proof of an operation's list on its way to its watches, in as many turns as it takes (list/turn.h): one
 * at a time, the site's. Whatever happens to its operation meanwhile ends it. */
struct arming {               /* owned by the site */
    struct operation_row row; /* as it was when it began */
    struct armament armament;
    json_t *entries, *said, *armed, *withheld;
    size_t next;
    int64_t begun_s;
    struct standing standing;
    bool is_wanted; /* its operation asked for it in this turn */
};
void arming_free(struct arming *arming);
AUTO_FREE(arming, struct arming *, arming_free)
void arming_drop(struct site *site);
bool arming_is_of(const struct arming *arming, const struct operation_row *row);
/* A turn of the site's arming, begun for the row when there is none; `done` once it is complete, and
 * everything in it as of now. False when the operation is not proved. */
bool arming_step(struct site *site, const struct operation_row *row, bool *done, struct error *err);
/* In the caller's transaction: who is handed over, and who is withheld for good. */
bool operation_record_arming(struct site *site, const struct operation_row *row, const json_t *withheld,
    json_t *armed, struct error *err);
/* After the commit. */
void operation_arm(struct site *site, const struct operation_row *row, const struct armament *armament,
    const json_t *withheld);
/* Records and hands over what was proved, after a restart or to cameras that did not arm. */
bool operation_arm_again(
    struct site *site, const struct operation_row *row, const struct armament *armament, struct error *err);
/* A camera that did not arm is handed everything again, proved again. */
bool operation_retry_cameras(struct site *site, const struct operation_row *row, struct error *err);

/* In the caller's transaction, once a signature was kept: requested → authorised when all are there. */
bool operation_settle_signatures(
    struct site *site, struct operation_row *row, const struct officer *officer, struct error *err);
/* Before the move to running: sets when the outside signature is due, when it is owed. */
bool operation_owe_ratification(struct site *site, struct operation_row *row, struct error *err);
/* Each second: destroys what was not ratified in time, or was refused. */
bool operation_destroy_unratified(struct site *site, struct error *err);

/* In the caller's transaction: queues the operation's key with everything sealed under it for destruction. */
bool operation_wipe_now(struct site *site, struct operation_row *row, struct error *err);
/* Destroys the operation's key with everything sealed under it, in its own transaction. */
bool operation_wipe(struct site *site, struct operation_row *row, struct error *err);
/* Once an hour: in which wiped operations an entry was is forgotten when no ceiling counts it any more
 * (OPERATION_MONTH_S after the start), and what else in list/ has an age at which it goes. */
bool operation_forget_lists(struct site *site, int64_t now_s, struct error *err);

struct rearming { /* owned */
    struct armament armament;
    json_t *withheld;
};
void rearming_done(struct rearming *rearming);
static inline void rearming_auto(struct rearming *rearming)
{
    rearming_done(rearming);
}

/* Presence, clock, log, time and room, asked again as at a start; ERROR_CONFLICT says what is missing. Never
 * in a transaction: it has transactions of its own. */
bool operation_may_run_now(struct site *site, const struct operation_row *row, struct error *err);
/* In the caller's transaction: the rest that a start asks (proof, a live case), asked again and recorded.
 * ERROR_CONFLICT says what is missing. */
bool operation_rearm_prepare(
    struct site *site, const struct operation_row *row, struct rearming *out, struct error *err);
/* After the commit. */
void operation_rearm(struct site *site, const struct operation_row *row, const struct rearming *rearming);
