/* At a start the tables may have been edited while no desk held them. The log was verified when it was
 * opened: what it says of muted entries, halted cameras, alerts and the number of their statements is held
 * against the rows, and what was asked at a counter; who was drawn to review, who has seen a name, what was
 * amended, which device answered, what was tried at a counter and which public record is owed is read from it
 * anew. */
#include "alert/alert.h"
#include "alert/redress.h"
#include "alert/redress_recorded.h"
#include "alert/row.h"
#include "alert/slip.h"
#include "base/clock.h"
#include "base/log.h"
#include "list/operation.h"

#include <stdio.h>
#include <string.h>

static const int64_t day_us = 86400LL * 1000000;

static const char *word(const json_t *leaf, const char *field)
{
    const char *value = json_string_value(json_object_get(leaf, field));
    return value ? value : "";
}

struct told { /* by the log, of alerts and of public records; borrowed */
    json_t *alerts, *published;
};

static bool may_go_on(struct site *site, const char *operation)
{
    const char *state = operation_state(site, operation, NULL);
    return state && (strcmp(state, "running") == 0 || strcmp(state, "paused") == 0);
}

static bool is_wiped(struct site *site, const char *operation)
{
    const char *state = operation_state(site, operation, NULL);
    return state && strcmp(state, "wiped") == 0;
}

static bool put_back_halt(struct site *site, const json_t *leaf, struct error *err)
{
    if (is_wiped(site, word(leaf, "operation")))
        return true;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR IGNORE INTO alert_camera_halt (operation, camera) VALUES (:operation, :camera)", err);
    query_text(query, ":operation", word(leaf, "operation"));
    query_text(query, ":camera", word(leaf, "camera"));
    return query_done(query, err);
}

static bool insert_mute(struct site *site, const char *operation, const json_t *said, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR IGNORE INTO alert_mute (operation, camera, entry) VALUES (:operation, :camera, :entry)",
        err);
    query_text(query, ":operation", operation);
    query_text(query, ":camera", word(said, "camera"));
    query_text(query, ":entry", word(said, "entry"));
    return query_done(query, err);
}

/* What a record hides lies beside it until the operation's wipe; records of before say it themselves. What is
 * gone sooner was taken away, and nobody can say any more whom it mutes: the operation halts. *out NULL:
 * gone. */
static bool read_hidden(
    struct site *site, const json_t *leaf, const char *operation, json_t **out, struct error *err)
{
    *out = word(leaf, "commitment")[0]
               ? ledger_private(site->ledger, json_integer_value(json_object_get(leaf, "seq")), NULL)
               : json_incref((json_t *)(uintptr_t)leaf);
    if (*out || !may_go_on(site, operation))
        return true;
    log_write(LOG_ERROR, "mute_lost", "whom operation %s mutes on a camera was taken away", operation);
    return operation_halt_by_rule(site, operation, "not_as_signed", err);
}

static bool put_back_mute(struct site *site, const json_t *leaf, struct error *err)
{
    const char *operation = word(leaf, "operation");
    AUTO(json) json_t *hidden = NULL;
    if (is_wiped(site, operation))
        return true;
    return read_hidden(site, leaf, operation, &hidden, err) &&
           (!hidden || insert_mute(site, operation, hidden, err));
}

/* Who has seen the name reviews nothing of the alert any more (SAFEGUARDS 29). */
static bool note_look(struct site *site, const char *alert, const char *officer, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR IGNORE INTO alert_seen (alert, officer) VALUES (:alert, :officer)", err);
    query_text(query, ":alert", alert);
    query_text(query, ":officer", officer);
    return strncmp(alert, "a-", 2) != 0 || query_done(query, err);
}

/* Two officers on one device are no two answers (SAFEGUARDS 29). Of pictures that are erased nobody asks. */
static bool note_device(struct site *site, const json_t *leaf, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR REPLACE INTO alert_device (passage, officer, device) SELECT :passage, :officer, :device"
        " WHERE EXISTS (SELECT 1 FROM alert_passage WHERE passage = :passage)",
        err);
    query_text(query, ":passage", word(leaf, "passage"));
    query_text(query, ":officer", word(leaf, "by"));
    query_text(query, ":device", word(leaf, "device"));
    return !word(leaf, "device")[0] || query_done(query, err);
}

/* How often an officer tried in this hour (SAFEGUARDS 43). */
static bool note_try(struct site *site, const json_t *leaf, bool fitted, struct error *err)
{
    int64_t at_s = json_integer_value(json_object_get(leaf, "at"));
    return at_s < clock_now_s() - 3600 || redress_keep_try(site, word(leaf, "by"), at_s, fitted, err);
}

/* Who reviews is drawn by the desk: nobody is put into the table, or in another's place (SAFEGUARDS 12, 29).
 * Of a passage that is still kept. */
static bool note_draw(struct site *site, const json_t *leaf, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR IGNORE INTO alert_draw (passage, officer, drawn_us, state) SELECT passage, :officer,"
        " :drawn, 'asked' FROM alert_passage WHERE passage = :passage AND alert = :alert",
        err);
    query_text(query, ":officer", word(leaf, "officer"));
    query_integer(query, ":drawn", json_integer_value(json_object_get(leaf, "at")) * 1000000);
    query_text(query, ":passage", word(leaf, "passage"));
    query_text(query, ":alert", word(leaf, "alert"));
    return query_done(query, err);
}

/* Records of before did not say which passage was passed on. */
static bool note_drawn(
    struct site *site, const json_t *leaf, const char *officer, const char *state, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "UPDATE alert_draw SET state = :state WHERE officer = :officer AND (passage = :passage OR"
        " (:passage = '' AND passage IN (SELECT passage FROM alert_passage WHERE alert = :alert)))",
        err);
    query_text(query, ":state", state);
    query_text(query, ":officer", officer);
    query_text(query, ":passage", word(leaf, "passage"));
    query_text(query, ":alert", word(leaf, "alert"));
    return query_done(query, err);
}

/* Mutes and breaker count a later passage that was rejected; an operation is shorter than a day (SAFEGUARDS
 * 31, 32). Which it was lies beside the record until the operation's wipe. */
static bool note_passage(struct site *site, const json_t *leaf, struct error *err)
{
    const char *operation = word(leaf, "operation");
    int64_t rejected_us = json_integer_value(json_object_get(leaf, "at")) * 1000000;
    if (strcmp(word(leaf, "answer"), "different") != 0 || !*operation ||
        clock_now_us() - rejected_us > day_us)
        return true;
    AUTO(json) json_t *hidden = NULL;
    if (!read_hidden(site, leaf, operation, &hidden, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR IGNORE INTO alert_rejection (passage, operation, camera, entry, rejected_us)"
        " VALUES (:passage, :operation, :camera, :entry, :rejected)",
        err);
    query_text(query, ":passage", word(hidden, "passage"));
    query_text(query, ":operation", operation);
    query_text(query, ":camera", word(hidden, "camera"));
    query_text(query, ":entry", word(hidden, "entry"));
    query_integer(query, ":rejected", rejected_us);
    return !hidden || query_done(query, err);
}

static bool note_review(struct site *site, const char *kind, const json_t *leaf, struct error *err)
{
    if (strcmp(kind, "reviewer_drawn") == 0)
        return note_draw(site, leaf, err);
    if (strcmp(kind, "passage_reviewed") == 0)
        return note_passage(site, leaf, err);
    if (strcmp(kind, "review_passed_on") == 0)
        return note_drawn(site, leaf, word(leaf, "officer"), "passed", err);
    return strcmp(kind, "review_received") != 0 || note_drawn(site, leaf, word(leaf, "by"), "answered", err);
}

/* Two wrong stops are counted by what holds (SAFEGUARDS 32). */
static bool note_amendment(struct site *site, const json_t *leaf, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "UPDATE alert SET amended = :outcome WHERE alert = :alert", err);
    query_text(query, ":outcome", word(leaf, "outcome"));
    query_text(query, ":alert", word(leaf, "alert"));
    return query_done(query, err);
}

/* published: operation → whether its record holds still, as nothing of it was amended since. */
static void note_record(json_t *published, const char *operation, bool holds)
{
    if (holds || json_object_get(published, operation))
        json_object_set_new(published, operation, json_boolean(holds));
}

/* A publication from before an amendment, put back, would say that nothing is owed (SAFEGUARDS 20). */
static bool owe_what_was_amended(struct site *site, const json_t *published, struct error *err)
{
    const char *operation;
    const json_t *holds;
    json_object_foreach ((json_t *)(uintptr_t)published, operation, holds) {
        if (!json_is_true(holds) && !operation_owe_record(site, operation, err))
            return false;
    }
    return true;
}

/* Records about an alert say how many signed statements there are about it: the newest one taken away leaves
 * no other trace. */
static void note_statements(json_t *alerts, const json_t *leaf)
{
    json_t *alert = json_object_get(alerts, word(leaf, "alert"));
    const json_t *said = json_object_get(leaf, "statements");
    json_int_t count = json_integer_value(said);
    if (alert && said && count >= json_integer_value(json_object_get(alert, "statements")))
        json_object_set_new(alert, "statements", json_integer(count));
}

/* alerts: id → {"operation", "state", "outcome", "unit", "closed_at", "statements"} as the records leave it.
 */
static void note_alert(json_t *alerts, const char *kind, const json_t *leaf)
{
    static const char prefix[] = "alert_";
    enum alert_state state;
    json_t *alert = json_object_get(alerts, word(leaf, "alert"));
    if (strcmp(kind, "pair_planted") == 0)
        kind = "alert_raised";
    if (strncmp(kind, prefix, sizeof prefix - 1) != 0 || !alert_state_read(kind + sizeof prefix - 1, &state))
        return;
    if (!alert) {
        alert = json_pack("{s:s}", "operation", word(leaf, "operation"));
        json_object_set_new(alerts, word(leaf, "alert"), alert);
    }
    json_object_set_new(alert, "state", json_string(alert_state_word(state)));
    json_object_set_new(alert, "outcome", json_string(word(leaf, "outcome")));
    json_object_set_new(alert, "unit", json_string(word(leaf, "unit")));
    if (state == ALERT_CLOSED)
        json_object_set(alert, "closed_at", json_object_get(leaf, "at"));
}

/* What was recorded of the alert's operation since it was published. */
static void note_publication(struct told *told, const char *kind, const json_t *leaf)
{
    const json_t *alert = json_object_get(told->alerts, word(leaf, "alert"));
    if (strcmp(kind, "record_published") == 0)
        note_record(told->published, word(leaf, "operation"), true);
    else if (strcmp(kind, "outcome_amended") == 0)
        note_record(told->published, word(alert, "operation"), false);
}

static bool read_leaf(struct site *site, struct told *told, const json_t *leaf, struct error *err)
{
    const char *kind = word(leaf, "kind");
    if (strcmp(kind, "entry_muted") == 0)
        return put_back_mute(site, leaf, err);
    if (strcmp(kind, "camera_halted") == 0)
        return put_back_halt(site, leaf, err);
    if (strcmp(kind, "alert_looked_at") == 0 && !note_look(site, word(leaf, "alert"), word(leaf, "by"), err))
        return false;
    if (strcmp(kind, "outcome_amended") == 0 && !note_amendment(site, leaf, err))
        return false;
    if (strcmp(kind, "item_handed_over") == 0)
        return note_look(site, word(leaf, "item"), word(leaf, "to"), err);
    if (strcmp(kind, "review_received") == 0 && !note_device(site, leaf, err))
        return false;
    bool misfit = strcmp(kind, "redress_misfit") == 0;
    if (misfit || strcmp(kind, "redress_asked") == 0)
        return note_try(site, leaf, !misfit, err);
    note_publication(told, kind, leaf);
    note_alert(told->alerts, kind, leaf);
    note_statements(told->alerts, leaf);
    return note_review(site, kind, leaf, err);
}

static bool read_log(struct site *site, struct told *told, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT leaf FROM ledger_leaf WHERE leaf LIKE '%\"kind\":\"alert%' OR leaf LIKE "
        "'%\"kind\":\"pair_planted\"%'"
        " OR leaf LIKE '%\"kind\":\"entry_muted\"%' OR leaf LIKE '%\"kind\":\"camera_halted\"%'"
        " OR leaf LIKE '%\"kind\":\"item_handed_over\"%' OR leaf LIKE '%\"statements\":%'"
        " OR leaf LIKE '%\"kind\":\"record_published\"%' OR leaf LIKE '%\"kind\":\"redress_misfit\"%'"
        " OR leaf LIKE '%\"kind\":\"review%' OR leaf LIKE '%\"kind\":\"redress_asked\"%' ORDER BY seq",
        err);
    while (query_next(query)) {
        struct bytes text = query_get_bytes(query, 0);
        AUTO(json) json_t *leaf = json_read((const char *)text.data, text.size, text.size, err);
        if (!leaf || !read_leaf(site, told, leaf, err))
            return false;
    }
    return query_ok(query, err);
}

/* Records of before said nothing of statements. */
static bool statements_are_as_recorded(const struct alert *alert, const json_t *recorded)
{
    const json_t *count = json_object_get(recorded, "statements");
    return !count || json_integer_value(count) == alert->statements;
}

static bool row_is_as_recorded(struct site *site, const char *id, const json_t *recorded)
{
    struct alert alert;
    return alert_load(site, id, &alert, NULL) && strcmp(alert.operation, word(recorded, "operation")) == 0 &&
           strcmp(alert_state_word(alert.state), word(recorded, "state")) == 0 &&
           strcmp(alert.outcome, word(recorded, "outcome")) == 0 &&
           strcmp(alert.unit, word(recorded, "unit")) == 0 && statements_are_as_recorded(&alert, recorded);
}

/* A row from before its end, put back, would be open for good, and keep the pictures for as long. */
static bool put_right(struct site *site, const char *id, const json_t *recorded, struct error *err)
{
    struct alert alert;
    enum alert_state state;
    if (!alert_state_read(word(recorded, "state"), &state) || alert_state_is_open(state) ||
        !alert_load(site, id, &alert, NULL) || !alert_state_is_open(alert.state))
        return true;
    alert.state = state;
    alert.closed_us = json_integer_value(json_object_get(recorded, "closed_at")) * 1000000;
    snprintf(alert.outcome, sizeof alert.outcome, "%s", word(recorded, "outcome"));
    return alert_save(site, &alert, err);
}

/* Rates and breaker are counted from these rows, so an operation with one that was edited, taken away or put
 * back from before does not go on without people. Where nothing goes on, the log of the desk says it. */
static bool halt_where_rows_differ(struct site *site, const json_t *alerts, struct error *err)
{
    const char *id;
    const json_t *recorded;
    json_object_foreach ((json_t *)(uintptr_t)alerts, id, recorded) {
        const char *operation = word(recorded, "operation");
        if (row_is_as_recorded(site, id, recorded))
            continue;
        log_write(
            LOG_ERROR, "alert_corrupt", "alert %s of operation %s is not what the log says", id, operation);
        if (!put_right(site, id, recorded, err) ||
            (may_go_on(site, operation) && !operation_halt_by_rule(site, operation, "not_as_signed", err)))
            return false;
    }
    return true;
}

/* A unit that is under way is not free (SAFEGUARDS 21). */
static const char busy_sql[] =
    "INSERT OR IGNORE INTO busy_unit (unit) SELECT unit FROM alert WHERE unit <> ''"
    " AND state IN ('dispatched', 'accepted', 'on_scene', 'stopped')";

/* What the log says again as it is read. */
static const char forget_sql[] =
    "DELETE FROM alert_seen; DELETE FROM redress_try; DELETE FROM alert_draw; DELETE FROM alert_rejection;"
    "UPDATE alert SET amended = '' WHERE amended <> ''";

bool alert_begin(struct site *site, struct error *err)
{
    AUTO(json) json_t *alerts = json_object();
    AUTO(json) json_t *published = json_object();
    struct told told = {alerts, published};
    if (!ledger_begin(site->ledger, err))
        return false;
    if (store_run(site->ledger->store, forget_sql, err) && slips_mark_once(site, err) &&
        read_log(site, &told, err) && halt_where_rows_differ(site, alerts, err) &&
        redress_rows_hold_to_log(site, err) && store_run(site->ledger->store, busy_sql, err) &&
        owe_what_was_amended(site, published, err) && ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}
