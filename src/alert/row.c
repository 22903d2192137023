#include "alert/row.h"

#include "alert/charge.h"
#include "alert/erase.h"
#include "alert/oversight.h"
#include "alert/packet.h"
#include "base/clock.h"
#include "base/text.h"
#include "list/presence.h"
#include "list/row.h"

#include <stdio.h>
#include <string.h>

bool word_is_in(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, words[i]) == 0)
            return true;
    }
    return false;
}

void alert_key_name(const char *alert, char out[static 40])
{
    snprintf(out, 40, "alert/%s", alert);
}

static void copy_column(struct query *query, int column, char *out, size_t room)
{
    row_text(out, room, query_get_text(query, column));
}

static json_t *marked_fields(const struct alert *alert)
{
    json_t *fields =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
            "alert", alert->id, "entry", alert->entry, "operation", alert->operation, "camera", alert->camera,
            "passage", alert->passage, "unit", alert->unit, "state", alert_state_word(alert->state),
            "outcome", alert->outcome, "told", alert->told, "pending", alert->pending, "raised_us",
            (json_int_t)alert->raised_us, "agreed_us", (json_int_t)alert->agreed_us, "dispatched_us",
            (json_int_t)alert->dispatched_us, "accepted_us", (json_int_t)alert->accepted_us, "arrived_us",
            (json_int_t)alert->arrived_us, "stopped_us", (json_int_t)alert->stopped_us, "closed_us",
            (json_int_t)alert->closed_us);
    if (alert->planted)
        json_object_set_new(fields, "planted", json_true());
    if (alert->why_here[0]) {
        json_object_set_new(fields, "why_here", json_string(alert->why_here));
        json_object_set_new(fields, "why_dated", json_integer(alert->why_dated_s));
    }
    if (alert->waited)
        json_object_set_new(fields, "waited", json_integer(alert->waited));
    if (alert->packets[0])
        json_object_set_new(fields, "packets", json_string(alert->packets));
    return fields;
}

static bool read_row(struct site *site, struct query *query, struct alert *out, struct error *err)
{
    copy_column(query, 0, out->id, sizeof out->id);
    copy_column(query, 1, out->entry, sizeof out->entry);
    copy_column(query, 2, out->operation, sizeof out->operation);
    copy_column(query, 3, out->camera, sizeof out->camera);
    copy_column(query, 4, out->passage, sizeof out->passage);
    copy_column(query, 5, out->unit, sizeof out->unit);
    copy_column(query, 7, out->outcome, sizeof out->outcome);
    copy_column(query, 8, out->told, sizeof out->told);
    copy_column(query, 9, out->pending, sizeof out->pending);
    int64_t *times[] = {&out->raised_us, &out->agreed_us, &out->dispatched_us, &out->accepted_us,
        &out->arrived_us, &out->stopped_us, &out->closed_us};
    for (size_t i = 0; i < COUNT_OF(times); i++)
        *times[i] = query_get_integer(query, 10 + (int)i);
    copy_column(query, 17, out->packets, sizeof out->packets);
    out->planted = query_get_integer(query, 19) != 0;
    out->waited = query_get_integer(query, 20);
    copy_column(query, 21, out->why_here, sizeof out->why_here);
    out->why_dated_s = query_get_integer(query, 22);
    out->statements = query_get_integer(query, 23);
    if (!alert_state_read(query_get_text(query, 6), &out->state))
        return fail(err, ERROR_CORRUPT, "alert %s has a state that is none", out->id);
    AUTO(json) json_t *fields = marked_fields(out);
    return row_check(site, "alert", out->id, fields, query_get_bytes(query, 18), err);
}

bool alert_load(struct site *site, const char *id, struct alert *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT alert, entry, operation, camera, passage, unit, state, outcome, told, pending, raised_us,"
        " agreed_us, dispatched_us, accepted_us, arrived_us, stopped_us, closed_us, packets, mark,"
        " planted, waited, why_here, why_dated, (SELECT COUNT(*) FROM alert_statement AS s WHERE s.alert = "
        "alert.alert)"
        " FROM alert WHERE alert = :alert",
        err);
    query_text(query, ":alert", id);
    struct alert read = {0};
    if (!query_next(query))
        return query_ok(query, err) && fail(err, ERROR_MISSING, "no alert %s", id);
    if (!read_row(site, query, &read, err) || !query_ok(query, err))
        return false;
    *out = read;
    return true;
}

static void bind_row(struct query *query, const struct alert *alert)
{
    query_text(query, ":alert", alert->id);
    query_text(query, ":entry", alert->entry);
    query_text(query, ":operation", alert->operation);
    query_text(query, ":camera", alert->camera);
    query_text(query, ":passage", alert->passage);
    query_text(query, ":unit", alert->unit);
    query_text(query, ":state", alert_state_word(alert->state));
    query_text(query, ":outcome", alert->outcome);
    query_text(query, ":told", alert->told);
    query_text(query, ":pending", alert->pending);
    query_integer(query, ":raised", alert->raised_us);
    query_integer(query, ":agreed", alert->agreed_us);
    query_integer(query, ":dispatched", alert->dispatched_us);
    query_integer(query, ":accepted", alert->accepted_us);
    query_integer(query, ":arrived", alert->arrived_us);
    query_integer(query, ":stopped", alert->stopped_us);
    query_integer(query, ":closed", alert->closed_us);
    query_text(query, ":packets", alert->packets);
    query_integer(query, ":planted", alert->planted);
    query_integer(query, ":waited", alert->waited);
    query_text(query, ":why_here", alert->why_here);
    query_integer(query, ":why_dated", alert->why_dated_s);
}

bool alert_save(struct site *site, const struct alert *alert, struct error *err)
{
    uint8_t mark[HASH_SIZE];
    AUTO(json) json_t *fields = marked_fields(alert);
    if (!row_mark(site, "alert", fields, mark, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO alert (alert, entry, operation, camera, passage, unit, state, outcome, told, pending,"
        " raised_us, agreed_us, dispatched_us, accepted_us, arrived_us, stopped_us, closed_us, packets, mark,"
        " planted, waited, why_here, why_dated)"
        " VALUES (:alert, :entry, :operation, :camera, :passage, :unit, :state, :outcome, :told, :pending,"
        " :raised, :agreed, :dispatched, :accepted, :arrived, :stopped, :closed, :packets, :mark, :planted,"
        " :waited, :why_here, :why_dated)"
        " ON CONFLICT (alert) DO UPDATE SET entry = :entry, camera = :camera, passage = :passage,"
        " unit = :unit, state = :state, outcome = :outcome, told = :told,"
        " pending = :pending, agreed_us = :agreed, dispatched_us = :dispatched, accepted_us = :accepted,"
        " arrived_us = :arrived, stopped_us = :stopped, closed_us = :closed, packets = :packets, mark = "
        ":mark, waited = :waited, why_here = :why_here, why_dated = :why_dated",
        err);
    bind_row(query, alert);
    query_bytes(query, ":mark", mark, sizeof mark);
    return query_done(query, err);
}

json_t *alert_open_ids(struct site *site, const char *column, const char *value, struct error *err)
{
    AUTO(text)
    char *sql = text_format("SELECT alert FROM alert WHERE state IN ('raised', 'agreed', 'dispatched',"
                            " 'accepted', 'on_scene', 'stopped') AND %s = :value ORDER BY raised_us DESC",
        column ? column : "''");
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":value", column ? value : "");
    AUTO(json) json_t *ids = json_array();
    while (query_next(query))
        json_array_append_new(ids, json_string(query_get_text(query, 0)));
    return query_ok(query, err) ? STEAL(ids) : NULL;
}

bool alert_record_hiding(struct site *site, const struct alert *alert, const char *kind, const char *by,
    json_t *more, const char *key, json_t *hidden, struct error *err)
{
    AUTO(json) json_t *fields = more ? more : json_object();
    AUTO(json) json_t *beside = hidden;
    json_object_set_new(fields, "alert", json_string(alert->id));
    json_object_set_new(fields, "statements", json_integer(alert->statements));
    if (alert->accepting[0])
        json_object_set_new(fields, "signed", json_string(alert->accepting));
    const struct record record = {
        .kind = kind, .by = by, .public_fields = fields, .private_fields = beside, .private_key = key};
    return ledger_record(site->ledger, &record, err);
}

bool alert_record(struct site *site, const struct alert *alert, const char *kind, const char *by,
    json_t *more, struct error *err)
{
    return alert_record_hiding(site, alert, kind, by, more, NULL, NULL, err);
}

bool alert_record_place(struct site *site, const struct alert *alert, const char *kind, const char *by,
    json_t *more, struct error *err)
{
    char key[40];
    alert_key_name(alert->id, key);
    return alert_record_hiding(site, alert, kind, by, more, key,
        json_pack("{s:s, s:s}", "passage", alert->passage, "camera", alert->camera), err);
}

bool alert_event(
    struct site *site, const struct alert *alert, const char *noun, const char *state, struct error *err)
{
    return ledger_event_at_unit(site->ledger, noun, alert->id, state, alert->unit, err);
}

static void remember_time(struct alert *alert, enum alert_state state, int64_t now_us)
{
    int64_t *times[] = {&alert->raised_us, &alert->agreed_us, &alert->dispatched_us, &alert->accepted_us,
        &alert->arrived_us, &alert->stopped_us, &alert->closed_us};
    if ((size_t)state < COUNT_OF(times))
        *times[state] = now_us;
}

bool alert_move(struct site *site, struct alert *alert, enum alert_state to, const char *outcome,
    enum alert_actor by, const char *officer, struct error *err)
{
    int64_t now_us = clock_now_us();
    if (alert->planted && to != ALERT_CLOSED)
        return fail(err, ERROR_FORBIDDEN, "alert %s was planted: nobody is sent", alert->id);
    if (!lives_allow(alert->state, to, by, outcome, err))
        return false;
    alert->state = to;
    snprintf(alert->outcome, sizeof alert->outcome, "%s", outcome);
    remember_time(alert, to, now_us);
    if (!alert_save(site, alert, err))
        return false;
    char kind[40];
    snprintf(kind, sizeof kind, "alert_%s", alert_state_word(to));
    json_t *more = json_object();
    if (outcome[0])
        json_object_set_new(more, "outcome", json_string(outcome));
    if (alert->unit[0])
        json_object_set_new(more, "unit", json_string(alert->unit));
    return alert_record(site, alert, kind, officer, more, err) &&
           alert_event(site, alert, "alert", alert_state_word(to), err);
}

static bool record_more_passages(struct site *site, const struct alert *alert, struct error *err)
{
    int64_t more = alert->waited - PASSAGES_RECORDED;
    return more <= 0 || alert_record(site, alert, "more_passages_waited", "site",
                            json_pack("{s:I}", "passages", (json_int_t)more), err);
}

bool alert_close(struct site *site, struct alert *alert, const char *outcome, enum alert_actor by,
    const char *officer, struct error *err)
{
    if (alert->planted) { /* however it ends */
        outcome = "planted";
        by = BY_RULE;
    }
    if (!lives_allow(alert->state, ALERT_CLOSED, by, outcome, err))
        return false;
    /* Before the move, because the copy says what the alert was until now. */
    if (oversight_wants(alert, outcome) && !oversight_keep(site, alert, outcome, err))
        return false;
    return packet_erase(site, alert, officer, err) &&
           (!alert->unit[0] || presence_set_busy(site, alert->unit, false, err)) &&
           alert_move(site, alert, ALERT_CLOSED, outcome, by, officer, err) &&
           record_more_passages(site, alert, err) && charge_drop(site, alert->id, err) &&
           erase_at_outcome(site, alert, err);
}

json_t *alert_reply(const struct alert *alert)
{
    return json_pack("{s:s, s:s}", "alert", alert->id, "state", alert_state_word(alert->state));
}
