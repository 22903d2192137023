/* Passages that wait beside an alert's reviewed one (SAFEGUARDS 30). From `agreed` until the stop the newest
 * is reviewed by two of its own; only when both say "same" does it become the alert's passage, and only a
 * dispatch that names it sends the unit there. What was reviewed before stays kept beside it. */
#pragma once

#include "alert/row.h"

/* Draws for the newest that waits, passes on, decides. In the caller's transaction. `halted` is set when the
 * breaker halted the operation: then the alert is recalled. */
bool waiting_continue(
    struct site *site, struct alert *alert, int64_t now_us, bool *halted, struct error *err);
/* The alert as the reviewers of the passage beside see it: that passage, its camera, and a state that does
 * not tell how far the alert is. *found is false when none is under review. */
bool waiting_beside(
    struct site *site, const struct alert *alert, struct alert *out, bool *found, struct error *err);
/* Puts that in the alert's place when the viewer was drawn for it. */
bool waiting_for(struct site *site, const struct officer *viewer, struct alert *alert, struct error *err);
