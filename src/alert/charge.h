/* Who has charge of what is open: an alert (the dispatcher who sent a unit, then whom it was handed to), a
 * request for redress, a proposal or an operation that waits for a signature. It says whose it is, not who
 * may: whoever may act on it still may, so that nothing waits for somebody who left. */
#pragma once

#include "alert/row.h"

extern const char charge_sql[];

/* In the caller's transaction. */
bool charge_take(struct site *site, const char *item, const char *officer, struct error *err);
/* It is closed. */
bool charge_drop(struct site *site, const char *item, struct error *err);
/* "" when nobody has, or the row was edited. */
bool charge_of(struct site *site, const char *item, char officer[static ALERT_ID_SIZE], struct error *err);
/* The items that the officer has charge of, open or not: a list of ids. */
json_t *charges_of(struct site *site, const char *officer, struct error *err);
