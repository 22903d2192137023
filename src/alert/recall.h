/* A recall is told to the crew, which acknowledges it, or the control room hears that it has not
 * (SAFEGUARDS 34). */
#pragma once

#include "alert/row.h"

/* In the caller's transaction: of the alert that ends, or of what it is told, the unit that has it is
 * expected to say that it knows. Told again of something else, it acknowledges again. Nothing without a unit.
 */
bool recall_expect(struct site *site, const struct alert *alert, struct error *err);
/* In the caller's transaction: escalates, once each, what a crew has not acknowledged in a minute. */
bool recall_escalate(struct site *site, int64_t now_us, struct error *err);
/* Whether an escalation is due. */
bool recall_is_due(struct site *site, int64_t now_us);
/* The crew in the stop was told that the entry counts no more. */
bool recall_took_entry_back(const struct alert *alert);
/* The word that a crew reads back over the radio: from the alert, its unit and what it is `about` ("radio",
 * "recall"), so that asking again gives the same. */
const char *radio_word(const struct alert *alert, const char *about);
/* "told", "escalated" or "acknowledged"; "" when the alert's crew was told nothing. */
void recall_state(struct site *site, const struct alert *alert, char out[static 16]);
