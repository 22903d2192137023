/* Change of shift: what somebody leaves open goes to a named person who may have it, is there, and accepts it
 * by signature. Reviews are no part of it: an answer that is not given is drawn again by the system as soon
 * as its reviewer is away (alert/review.c), so that nobody chooses who judges. */
#pragma once

#include "alert/charge.h"

enum { SHIFT_ITEMS = 64, SHIFT_OFFERS = 32, SHIFT_OFFER_S = 10 * 60 };

/* What is open and the officer's, each with who may take it: a list of {"item", "kind", "state", "takers"}.
 */
json_t *shift_items(struct site *site, const struct officer *officer, struct error *err);
/* Whether `taker` may have charge of it: open, of a role for it, no party to its entry, not its reviewer,
 * present where the work needs presence. ERROR_FORBIDDEN or ERROR_CONFLICT otherwise. */
bool shift_may_take(struct site *site, const char *item, const struct officer *giver,
    const struct officer *taker, struct error *err);
/* Whether it is `giver`'s to hand on. */
bool shift_is_theirs(
    struct site *site, const char *item, const struct officer *giver, bool *out, struct error *err);

/* {"items", "offers": [{"shift", "giver", "taker", "items", "handover_hash", "handover", "at"}],
 * "unattended": [items]} */
json_t *shift_show(struct site *site, const struct officer *viewer, struct error *err);
/* A statement `shift_handover`, and its taker's `shift_acceptance`. */
json_t *shift_hand(struct site *site, const struct envelope *envelope, struct error *err);
json_t *shift_answer(struct site *site, const struct envelope *envelope, struct error *err);

/* ERROR_CONFLICT while the officer has something open that somebody who is there could take, or is the only
 * crew of a unit with an alert. */
bool shift_may_leave(struct site *site, const char *officer, struct error *err);
/* Each second, in the caller's transaction: an open alert whose dispatcher or crew is away is said to be,
 * once. */
bool shift_note_left(struct site *site, const struct alert *alert, struct error *err);
/* In its own transaction: what was handed over a month ago; the log tells it. */
bool shifts_expire(struct site *site, int64_t now_us, struct error *err);
