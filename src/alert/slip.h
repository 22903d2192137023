/* The slip that the person who was stopped gets before anything closes (SAFEGUARDS 35). */
#pragma once

#include "alert/row.h"

/* Draws the code and keeps it sealed. {"slip", "slip_text"}; a new reference. */
json_t *slip_make(struct site *site, const struct alert *alert, struct error *err);
/* That `code` is the code of this stop's slip. ERROR_CONFLICT otherwise. */
bool slip_check(struct site *site, const struct alert *alert, const char *code, struct error *err);
