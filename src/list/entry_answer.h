/* What may be said of the list to somebody who asks about themselves (SAFEGUARDS 43), and to alerts about the
 * ground. */
#pragma once

#include "list/site.h"

/* Whether an open entry (proposed ones are none yet) has this number. */
bool entry_number_is_listed(struct site *site, const char *cnic, bool *out, struct error *err);
/* Why the entry is listed and what became of it: codes, never the person. */
bool entry_ground_of(
    struct site *site, const char *entry, char ground[static 32], char state[static 16], struct error *err);
/* Listed as missing or at risk; and an adult, whom nobody may stop for that (SAFEGUARDS 7). */
bool entry_is_missing(struct site *site, const char *entry, bool *missing, bool *adult, struct error *err);
