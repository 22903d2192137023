/* The slip that the person who was stopped gets before anything closes (SAFEGUARDS 35). */
#pragma once

#include "alert/identity.h"

/* Draws the code and keeps it sealed, and nowhere else: a stolen disk does not tell it (SAFEGUARDS 49). */
bool slip_make(struct site *site, const struct alert *alert, struct error *err);
/* Of the stop that is on, for its crew, as often as a device may have lost it: {"slip", "slip_text",
 * "slip_proof"}, a new reference. NULL when there is none. */
json_t *slip_show(struct site *site, const struct alert *alert, struct error *err);
/* That `proof` is the one of this stop's slip, which only who has the slip was shown. ERROR_CONFLICT
 * otherwise.
 */
bool slip_check(struct site *site, const struct alert *alert, const char *proof, struct error *err);

/* In the caller's transaction, while the stop's notes can still be read: what stays of the slip for a year,
 * so that its code and the person's number find the alert. Neither of the two is kept. */
bool slip_remember(struct site *site, const struct alert *alert, struct error *err);
/* What a slip is bound with is made of the person's number and the slip's code, slowly (passphrase_key): who
 * has the database, the site key and a code still has to try ten thousand million numbers at a tenth of a
 * second each. That is nothing for the desk's loop, so the caller has it made before a transaction. */
struct slip_question {
    char digits[CNIC_DIGITS + 1];
    uint8_t salt[PASSPHRASE_SALT_SIZE];
};
/* ERROR_INVALID when the number has not the form of one. */
bool slip_question(
    struct site *site, const char *code, const char *cnic, struct slip_question *out, struct error *err);
/* Of the slip of the stop that is on. */
bool slip_question_of(struct site *site, const struct alert *alert, const char *cnic,
    struct slip_question *out, struct error *err);
/* What is kept of the answer `slow`, as hex. */
bool slip_binding(struct site *site, const uint8_t slow[static DATA_KEY_SIZE], char out[static HEX_HASH_SIZE],
    struct error *err);
struct slip_found {
    char alert[ALERT_ID_SIZE];
    bool bound; /* to the number, which the register verified in the stop; else any number finds it */
};
/* The alert of the slip; `slow` answers slip_question. ERROR_MISSING for an unknown code, ERROR_FORBIDDEN for
 * a number that is not the one verified in the stop. */
bool slip_find(struct site *site, const char *code, const uint8_t slow[static DATA_KEY_SIZE],
    struct slip_found *out, struct error *err);
/* Whether the slip, with the number it was given to, is of an earlier stop for the same entry that ended, as
 * it stands now, as the wrong person: who shows it is not stopped a second time (SAFEGUARDS 35). */
bool slip_clears(struct site *site, const struct alert *alert, const char *code,
    const uint8_t slow[static DATA_KEY_SIZE], bool *out, struct error *err);
/* Whether the slip of this code is kept, is this alert's, and is bound to a number: quick, and says nothing
 * of which. For a request that was let in by slip_find already. */
bool slip_is_bound(struct site *site, const char *code, const char *alert);
/* In the caller's transaction, at a start: rows from before there were marks get theirs, the first time only.
 */
bool slips_mark_once(struct site *site, struct error *err);
/* In the caller's transaction. */
bool slips_expire(struct site *site, int64_t now_us, struct error *err);
