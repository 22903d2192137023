/* Arming again after a halt, in two halves around the caller's commit. */
#pragma once

#include "list/operation_proof.h"
#include "list/operation_row.h"

struct rearming { /* owned */
    struct armament armament;
    json_t *withheld;
};
void rearming_done(struct rearming *rearming);
static inline void rearming_auto(struct rearming *rearming)
{
    rearming_done(rearming);
}

/* In the caller's transaction: all that a start asks (proof, presence, clock, room, a live case), asked again
 * and recorded. ERROR_CONFLICT says what is missing. */
bool operation_rearm_prepare(
    struct site *site, const struct operation_row *row, struct rearming *out, struct error *err);
/* After the commit. */
void operation_rearm(struct site *site, const struct operation_row *row, const struct rearming *rearming);
