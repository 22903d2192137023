/* What the signed answers to a request come to. */
#pragma once

#include "alert/redress_row.h"

enum redress_decision {
    REDRESS_UNDECIDED,
    REDRESS_GIVEN,
    REDRESS_REFUSED,
};

/* Whether the answer counts, with those that were signed before: a refusal, and an answer without a slip,
 * need the same from another office. */
bool redress_counts(struct site *site, const struct redress *redress, const struct envelope *answer);
/* The newest answer that counted. An officer who has left the roster since counts as of another office: a
 * refusal does not open because somebody was posted away. */
enum redress_decision redress_decided(struct site *site, const struct redress *redress);
