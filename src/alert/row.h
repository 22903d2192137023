/* An alert's row and the change of it: the table's answer, the row, the log's record and the event together.
 *
 * What decides anything is not believed from the row alone: who said what is read from the stored statements
 * (evidence.h), what was seen from the sealed facts (passage.h). All functions but alert_load need the
 * caller's open ledger transaction. */
#pragma once

#include "alert/alert.h"
#include "alert/lives.h"
#include "list/operation_reason.h"
#include "sign/limits.h"

enum {
    ALERT_ID_SIZE = 24,
    PASSAGES_RECORDED = 50, /* that wait beside an alert, each in a record; more are counted in one */
};

struct alert {
    char id[ALERT_ID_SIZE];
    char entry[ALERT_ID_SIZE];
    char operation[ALERT_ID_SIZE];
    char camera[ALERT_ID_SIZE];
    char passage[ALERT_ID_SIZE]; /* the one under review */
    char unit[ALERT_ID_SIZE];    /* "" when none has it */
    enum alert_state state;
    char outcome[40];
    bool planted;                /* a pair that measures reviewers: never anything but raised, then closed */
    char told[40];               /* why the crew was told after `stopped`; "" */
    char pending[HEX_HASH_SIZE]; /* the crew's outcome that waits for another's word; "" */
    char packets[HEX_HASH_SIZE]; /* of all hand-over packets, once there are any; "" */
    char why_here[REASON_WORD_SIZE]; /* why the operation looked there, as it stood at the stop; "" before */
    int64_t why_dated_s;
    int64_t waited;     /* passages beside the first, reviewed or not */
    int64_t statements; /* officers' about it, with the one that is being accepted; not in the row */
    char accepting[HEX_HASH_SIZE]; /* that one's name in the log (list/former_roster.h); not in the row */
    int64_t raised_us, agreed_us, dispatched_us, accepted_us, arrived_us, stopped_us, closed_us;
};

/* ERROR_MISSING for an unknown alert, ERROR_CORRUPT for a row that does not carry the desk's mark. */
bool alert_load(struct site *site, const char *id, struct alert *out, struct error *err);
/* Writes the row with its mark. States are changed by alert_move only. */
bool alert_save(struct site *site, const struct alert *alert, struct error *err);
/* Ids of all open alerts, newest first: a new reference; `column` is NULL, "entry", "operation" or "unit". */
json_t *alert_open_ids(struct site *site, const char *column, const char *value, struct error *err);

/* Asks the table, then writes row, record (`alert_<state>`) and event. The outcome of a move that closes,
 * "custody" after it, "" otherwise. `officer` is "site" for timers and rules. */
bool alert_move(struct site *site, struct alert *alert, enum alert_state to, const char *outcome,
    enum alert_actor by, const char *officer, struct error *err);
/* The move to closed with what belongs to every end: the packet erased, oversight's sealed copy, the hour at
 * which the pictures go. */
bool alert_close(struct site *site, struct alert *alert, const char *outcome, enum alert_actor by,
    const char *officer, struct error *err);
/* A record about this alert; takes `more` (an object or NULL). */
bool alert_record(struct site *site, const struct alert *alert, const char *kind, const char *by,
    json_t *more, struct error *err);
/* The same; `hidden` (an object, taken) lies beside the log under the keyring's `key` until that is
 * destroyed. Who was seen where is never in a leaf: leaves stay for ever, and many of them are a route
 * (SAFEGUARDS 26).
 */
bool alert_record_hiding(struct site *site, const struct alert *alert, const char *kind, const char *by,
    json_t *more, const char *key, json_t *hidden, struct error *err);
/* With the alert's passage and camera hidden, until its pictures go. */
bool alert_record_place(struct site *site, const struct alert *alert, const char *kind, const char *by,
    json_t *more, struct error *err);
/* An event about this alert, or its "packet": the crew of the unit that has it is told, too. */
bool alert_event(
    struct site *site, const struct alert *alert, const char *noun, const char *state, struct error *err);
/* "alert/a-…": the keyring's name for what is sealed about it. */
void alert_key_name(const char *alert, char out[static 40]);

/* {"alert", "state"}: a new reference. */
json_t *alert_reply(const struct alert *alert);

bool word_is_in(const char *word, const char *const *words, size_t count);
