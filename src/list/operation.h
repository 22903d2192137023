/* Operations: from the draft's terms to the wipe (DESIGN §4, SAFEGUARDS 13–21). Conventions as in entry.h. */
#pragma once

#include "list/site.h"

struct list_build;

extern const struct migration operation_migrations[];
extern const size_t operation_migration_count;

/* Both with the list that was made before, in turns, or NULL: then it is made at once. */
json_t *operation_draft(struct site *site, const struct officer *officer, const json_t *body,
    struct list_build *build, struct error *err);
json_t *operation_request(
    struct site *site, const struct envelope *envelope, struct list_build *build, struct error *err);
/* What is to be made for them (list/operation_build.h). No draft: NULL, and operation_request says why. */
struct list_build *operation_draft_build(struct site *site, const json_t *body, struct error *err);
struct list_build *operation_request_build(struct site *site, const struct envelope *envelope);
json_t *operation_authorise(struct site *site, const struct envelope *envelope, struct error *err);
json_t *operation_halt(struct site *site, const struct envelope *envelope, struct error *err);
/* The second of two offices sets a halted operation running again. */
json_t *operation_resume(struct site *site, const struct envelope *envelope, struct error *err);
json_t *operation_end(struct site *site, const struct envelope *envelope, struct error *err);
/* Whatever is not over or owes its record, and what closed lately; "older" begins the rest. */
json_t *operation_list(struct site *site, const struct officer *viewer, struct error *err);
/* A page of what is over: this one and what closed before it. */
json_t *operation_older(
    struct site *site, const struct officer *viewer, const char *operation, struct error *err);
json_t *operation_show(
    struct site *site, const struct officer *viewer, const char *operation, struct error *err);

/* An authoriser declares the request urgent: it starts without the outside signer, who signs within
 * LIMIT_RATIFY_S of the start, or everything of it is destroyed (SAFEGUARDS 18). */
json_t *operation_declare_urgent(struct site *site, const struct envelope *envelope, struct error *err);
json_t *operation_ratify(struct site *site, const struct envelope *envelope, struct error *err);

struct public_record; /* list/operation_publish.h */
/* For an auditor: {"operation", "through" (its last record), "record_hash", "record"}, of one that is over.
 * `made`: list/operation_publish.h. */
json_t *operation_record(const struct officer *viewer, const struct public_record *made, struct error *err);
/* An auditor signs that this record was published; before, no other operation arms (SAFEGUARDS 20). */
json_t *operation_publish(
    struct site *site, const struct envelope *envelope, const struct public_record *made, struct error *err);
/* In the caller's transaction, after an outcome was amended: what was published says something else than what
 * holds, so the record has to be published anew (SAFEGUARDS 20, 46). */
bool operation_owe_record(struct site *site, const char *operation, struct error *err);

/* For an inspector: {"operation", "tags", "listed_hash", "context", "sealed_key"}; recorded. Whose tag it is,
 * only oversight's key tells. */
json_t *operation_listed(
    struct site *site, const struct officer *officer, const char *operation, struct error *err);

/* Once at start: arms the watches of what was running; nothing at all while a row of any operation is not
 * what the log says (list/operation_recorded.h). */
bool operation_resume_all(struct site *site, struct error *err);
/* Each second: starts what is due, pauses and resumes by presence, ends and wipes what is over. */
bool operation_tick(struct site *site, struct error *err);
/* Whether an operation is on its way to its watches, which takes turns (list/turn.h), and the next one of it.
 */
bool operation_is_arming(const struct site *site);
bool operation_go_on(struct site *site, struct error *err);
void operation_stop_arming(struct site *site);
/* In the caller's transaction, by a rule (harm, breaker): running → halted. operation_disarm_halted after the
 * commit. */
bool operation_halt_by_rule(struct site *site, const char *operation, const char *reason, struct error *err);
void operation_disarm_halted(struct site *site);
/* "running" and the like; borrowed constant. NULL when unknown. */
const char *operation_state(struct site *site, const char *operation, struct error *err);
/* How many entries its list has. */
bool operation_list_size(struct site *site, const char *operation, int64_t *out, struct error *err);
/* Whether it was requested as a trial. */
bool operation_is_trial(struct site *site, const char *operation, bool *out, struct error *err);
/* For alerts: the operation runs, the camera is in its request, the entry is in its list and approved. Gives
 * the request's threshold. ERROR_CONFLICT says what does not hold; `why` is the reason in a word:
 * "not_running", "not_listed", "entry_out", "not_proved". */
bool operation_allows(struct site *site, const char *operation, const char *camera, const char *entry,
    int64_t *threshold_e6, const char **why, struct error *err);
