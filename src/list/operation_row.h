/* An operation's row, its entries, cameras and signed statements: loaded with the mark checked, written with
 * a new mark. */
#pragma once

#include "list/operation_lives.h"
#include "list/site.h"

extern const char operation_sql[];
extern const char operation_ratify_sql[];
extern const char operation_status_sql[];

struct operation_row {
    char operation[24];
    enum operation_phase phase;
    char requester[24]; /* of the draft, then of the request */
    char why[32];       /* why it waits, paused or stopped; "" */
    char request_hash[HEX_HASH_SIZE];
    char list_hash[HEX_HASH_SIZE];
    int64_t drafted_s, starts_s, ends_s, started_s, ended_s, changed_s;
    int64_t list_size;
    int64_t ratify_s; /* of an urgent one: when everything of it is destroyed; 0 when nothing is owed */
    int64_t passages; /* counted by its watches, on a live site */
    bool wiped;       /* its key was destroyed, or nothing was sealed under it */
};

/* ERROR_MISSING, or ERROR_CORRUPT for a row that was edited. */
bool operation_load(struct site *site, const char *operation, struct operation_row *out, struct error *err);
/* In the caller's transaction; inserts or replaces. */
bool operation_save(struct site *site, const struct operation_row *row, struct error *err);
/* The move with its record and event, in the caller's transaction: asks the table, sets phase, why and
 * changed_s. `officer` NULL: by a rule. */
bool operation_move(struct site *site, struct operation_row *row, enum operation_phase to,
    const struct officer *officer, const char *why, struct error *err);

/* Ids of operations for which `where` (a constant of the code) holds, oldest first: a new reference. */
json_t *operation_ids(struct site *site, const char *where, struct error *err);

/* The parts as lists of ids: new references. `part` is "entry" or "camera" (keys in hex, sorted). */
json_t *operation_parts(struct site *site, const char *operation, const char *part, struct error *err);
/* Those of its entries to which something happened since, or that may not be armed: a new reference. */
json_t *operation_entries_changed(
    struct site *site, const char *operation, int64_t since_s, struct error *err);
/* In the caller's transaction: what the draft names. */
bool operation_set_parts(struct site *site, const char *operation, const json_t *entries,
    const struct camera *cameras, size_t camera_count, struct error *err);
/* An entry that may not be armed in this operation any more. In the caller's transaction. */
bool operation_withhold(struct site *site, const char *operation, const char *entry, struct error *err);
/* Since when a case of the entry is known to be live. In the caller's transaction. */
bool operation_know_live(
    struct site *site, const char *operation, const char *entry, int64_t known_s, struct error *err);
bool operation_withholds(
    struct site *site, const char *operation, const char *entry, bool *out, struct error *err);

/* Statements, sealed under "operation/<id>". `step`: "request", "authorisation", "urgency",
 * "ratification", "halt", "resume", "end". */
bool operation_keep_statement(struct site *site, const char *operation, const char *step,
    const struct officer *officer, const struct envelope *envelope, struct error *err);
/* Up to `room` envelopes of the step, the caller's; false when one does not open or there are more. */
bool operation_statements(struct site *site, const char *operation, const char *step, struct envelope **out,
    size_t room, size_t *count, struct error *err);
void operation_key_name(const char *operation, char out[static 40]);
