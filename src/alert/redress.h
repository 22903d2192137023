/* Somebody asks about themselves at a police station's counter: was I listed, why was I stopped, who looked,
 * and was it right (SAFEGUARDS 43). The slip's code and the identity card together open the answer; without a
 * slip two officers of different offices release it, so that the counter is no way to look people up. A
 * refusal has a reason and two officers of different offices. What is corrected afterwards has to be told.
 *
 * asked → answered | refused (→ to_tell → told): the signed answers decide, the row says what holds. */
#pragma once

#include "alert/slip.h"

enum {
    REDRESS_ASKED_AN_HOUR = 20, /* by one officer */
    REDRESS_WRONG_AN_HOUR = 5,  /* codes that do not fit, by one officer */
    REDRESS_KEPT_DAYS = 365,
};

/* Whether this may be asked now, before anything slow is done for it; with a slip, what the key `slow` of the
 * next is made of, else no digits. */
bool redress_ask_begin(
    struct site *site, const struct envelope *envelope, struct slip_question *out, struct error *err);
/* A signed `redress_request` by an officer of a station → {"request", "state"} and, with a slip, "answer".
 * `slow` is NULL without a slip. */
json_t *redress_ask(
    struct site *site, const struct envelope *envelope, const uint8_t *slow, struct error *err);
/* A signed `redress_answer`: given, or refused with a reason → {"request", "state"}. */
json_t *redress_answer(struct site *site, const struct envelope *envelope, struct error *err);
/* A signed `redress_finding` by an inspector, of a complaint. */
json_t *redress_find(struct site *site, const struct envelope *envelope, struct error *err);
/* A signed `redress_told`: the person knows what was corrected or found. */
json_t *redress_tell(struct site *site, const struct envelope *envelope, struct error *err);

/* {"requests": [{"request", "kind", "state", "made_at"}]}, without anything about the person. */
json_t *redress_list(struct site *site, const struct officer *officer, struct error *err);
/* One of them; with the answer once it was given, recorded. */
json_t *redress_show(
    struct site *site, const struct officer *officer, const char *request, struct error *err);

/* In the caller's transaction: this officer asked at this time. */
bool redress_keep_try(struct site *site, const char *officer, int64_t at_s, bool fitted, struct error *err);
bool redress_has_complaint(struct site *site, const char *alert);
/* In the caller's transaction: what was answered about this alert (or entry's alerts) is not right any more.
 */
bool redress_alert_changed(struct site *site, const char *alert, struct error *err);
bool redress_entry_changed(struct site *site, const char *entry, struct error *err);
/* In the caller's transaction: the request with its key. */
bool redress_forget(struct site *site, const char *request, struct error *err);
/* In its own transaction: requests and slips whose time is over, with their keys. */
bool redress_expire(struct site *site, int64_t now_us, struct error *err);
