/* Whether cases are still live (SAFEGUARDS 3): the status source's answer now, and feeds that the cases'
 * stations sign. A feed refreshes what is known, or suspends entries in bulk; it never adds or reinstates. */
#pragma once

#include "list/ports.h"
#include "list/site.h"

extern const char status_sql[];

/* Closed when the source or the newest feed says so; live when one of them, the feed within
 * LIMIT_STATUS_AGE_S, says that; else unavailable. A site without a source has the feeds. */
enum status_answer case_status_now(struct site *site, const char *case_id);
/* Sets since when that is known, for whoever asks: the source's answer is of now. */
bool case_is_live(struct site *site, const char *case_id, int64_t *known_s);
/* "Live" or "closed", by the source now or by a feed that was taken not before then. */
bool case_has_answer_since(struct site *site, const char *case_id, int64_t since_s);
/* An action as in list/entry.h: a station's officer brings its cases' statuses. */
json_t *status_feed(struct site *site, const struct envelope *envelope, struct error *err);
/* At a start: adds what a `status_fed` record says was closed, or reopened, to what older ones said; what
 * holds of all of them is put back where the row is gone or older. */
void status_note(json_t *said, const json_t *leaf);
bool status_put_back(struct site *site, const json_t *said, struct error *err);
/* In a transaction of its own: forgets that a case was live after LIMIT_STATUS_AGE_S, that it was closed
 * after a year, once no entry that may arm names it. */
bool status_expire(struct site *site, int64_t now_s, struct error *err);
