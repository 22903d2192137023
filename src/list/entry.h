/* Entries: one person on a list, with cases and photographs (DESIGN §4, SAFEGUARDS 1–9).
 *
 * An action takes the statement as it came; the callers have checked its form and that its signer is the
 * signed-in officer, the function checks everything else (roster_check with the role, the lives table, the
 * rules). A reply is a new reference in the shape of docs/api.md; NULL on failure. The same statement again
 * gives the same reply. */
#pragma once

#include "list/site.h"

struct look_alikes;

/* Also makes the table of accepted statements (list/action.h). */
extern const struct migration entry_migrations[];
extern const size_t entry_migration_count;

json_t *entry_propose(struct site *site, const struct envelope *envelope, struct error *err);
/* The approver fetched a source picture again by its record number: it shows the same person (SAFEGUARDS 4).
 */
json_t *entry_fetch(struct site *site, const struct envelope *envelope, struct error *err);
/* How many proposals the officer may still make today. */
bool entry_room_today(struct site *site, const char *proposer, int64_t *out, struct error *err);
/* What entry_show and entry_approve need for this viewer (list/look_alike.h), to be made in turns before;
 * NULL when they need nothing, or will say what is wrong. With NULL they make it at once. */
struct look_alikes *entry_search(
    struct site *site, const char *entry, const struct officer *viewer, struct error *err);
json_t *entry_approve(
    struct site *site, const struct envelope *envelope, struct look_alikes *search, struct error *err);
/* Another authoriser lets it live on (SAFEGUARDS 8); also the new approval after which its operations are
 * counted anew (SAFEGUARDS 9). */
json_t *entry_renew(struct site *site, const struct envelope *envelope, struct error *err);
json_t *entry_withdraw(struct site *site, const struct envelope *envelope, struct error *err);
/* Looking at a single entry is recorded; the list shows no names. Whatever is proposed, approved, suspended
 * or armed, and what was withdrawn or expired lately; "older" begins the rest. */
json_t *entry_list(struct site *site, const struct officer *viewer, struct error *err);
/* A page of the withdrawn and expired: this one and what ended before it. */
json_t *entry_older(struct site *site, const struct officer *viewer, const char *entry, struct error *err);
json_t *entry_show(struct site *site, const struct officer *viewer, const char *entry,
    struct look_alikes *search, struct error *err);

/* For alerts: the people who may not review or dispatch this entry's alerts. True also when it cannot be
 * told, with the error filled. */
bool entry_is_party(struct site *site, const char *entry, const char *officer, struct error *err);
/* Another open entry looks like this one: its alerts carry a mark (SAFEGUARDS 6). */
bool entry_has_look_alike(struct site *site, const char *entry, bool *out, struct error *err);
/* In the caller's transaction: custody and found_safe withdraw the entry. Tells the watches after
 * ledger_commit, by entry_tell_watches. */
bool entry_withdraw_by_outcome(struct site *site, const char *entry, const char *reason, struct error *err);
void entry_tell_watches(struct site *site, const char *entry);
/* In the caller's transaction: wrong_person suspends it everywhere, until two officers who had no part in it
 * sign an approval again. Nothing happens to an entry that is not approved. Call entry_tell_watches after the
 * commit. */
bool entry_suspend(struct site *site, const char *entry, const char *reason, struct error *err);
/* {"name", "father", "cnic", "born", "gender", "description"} and the cases: new references. */
bool entry_open(struct site *site, const char *entry, json_t **person, json_t **cases, struct error *err);
/* A photograph of the entry that is not the one shown beside `other`'s alerts; owned by the caller. */
bool entry_photo(struct site *site, const char *entry, const char *photo, const char *other,
    struct bytes *out, struct error *err);
/* The enrolled picture (JPEG) shown beside the probe; owned by the caller. */
bool entry_picture(struct site *site, const char *entry, struct bytes *out, struct error *err);
/* Timers: entries past expires_at; the data of entries that are over for a day, and unused photos, are
 * erased; while an alert holds the entry (site.h) not before LIMIT_EVIDENCE_S. */
bool entry_expire(struct site *site, struct error *err);
