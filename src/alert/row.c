#include "alert/row.h"

#include "alert/erase.h"
#include "alert/oversight.h"
#include "alert/packet.h"
#include "base/clock.h"
#include "base/text.h"
#include "list/presence.h"

#include <stdio.h>
#include <string.h>

static const char *const time_columns[ALERT_STATE_COUNT] = {"raised_us", "agreed_us", "dispatched_us",
    "accepted_us", "arrived_us", "stopped_us", "closed_us", "handed_us", "received_us"};

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
    const char *value = query_get_text(query, column);
    snprintf(out, room, "%s", value ? value : "");
}

static bool read_row(struct query *query, struct alert *out)
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
    return alert_state_read(query_get_text(query, 6), &out->state);
}

bool alert_load(struct site *site, const char *id, struct alert *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT alert, entry, operation, camera, passage, unit, state, outcome, told, pending, raised_us,"
        " agreed_us, dispatched_us, accepted_us, arrived_us, stopped_us, closed_us"
        " FROM alert WHERE alert = :alert",
        err);
    query_text(query, ":alert", id);
    struct alert read = {0};
    bool found = query_next(query);
    bool known = found && read_row(query, &read);
    if (!query_ok(query, err))
        return false;
    if (!found)
        return fail(err, ERROR_MISSING, "no alert %s", id);
    if (!known)
        return fail(err, ERROR_CORRUPT, "alert %s has a state that is none", id);
    *out = read;
    return true;
}

bool alert_open_ids(
    struct site *site, const char *column, const char *value, struct alert_ids *out, struct error *err)
{
    AUTO(text)
    char *sql =
        text_format("SELECT alert FROM alert WHERE state IN ('raised', 'agreed', 'dispatched',"
                    " 'accepted', 'on_scene', 'stopped') AND %s = :value ORDER BY raised_us DESC LIMIT %d",
            column ? column : "''", ALERT_OPEN_LIMIT);
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":value", column ? value : "");
    out->count = 0;
    while (out->count < ALERT_OPEN_LIMIT && query_next(query)) {
        copy_column(query, 0, out->id[out->count], ALERT_ID_SIZE);
        out->count++;
    }
    return query_ok(query, err);
}

bool alert_record(struct site *site, const struct alert *alert, const char *kind, const char *by,
    json_t *more, struct error *err)
{
    AUTO(json) json_t *fields = more ? more : json_object();
    json_object_set_new(fields, "alert", json_string(alert->id));
    const struct record record = {.kind = kind, .by = by, .public_fields = fields};
    return ledger_record(site->ledger, &record, err);
}

static bool write_state(struct site *site, struct alert *alert, enum alert_state to, const char *outcome,
    int64_t now_us, struct error *err)
{
    AUTO(text)
    char *sql = text_format("UPDATE alert SET state = :state, outcome = :outcome, %s = :now"
                            " WHERE alert = :alert AND state = :from",
        time_columns[to]);
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":state", alert_state_word(to));
    query_text(query, ":outcome", outcome);
    query_integer(query, ":now", now_us);
    query_text(query, ":alert", alert->id);
    query_text(query, ":from", alert_state_word(alert->state));
    if (!query_done(query, err))
        return false;
    if (store_changes(site->ledger->store) != 1)
        return fail(err, ERROR_CONFLICT, "alert %s has moved on", alert->id);
    return true;
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
    if (!lives_allow(alert->state, to, by, outcome, err) ||
        !write_state(site, alert, to, outcome, now_us, err))
        return false;
    alert->state = to;
    snprintf(alert->outcome, sizeof alert->outcome, "%s", outcome);
    remember_time(alert, to, now_us);
    char kind[40];
    snprintf(kind, sizeof kind, "alert_%s", alert_state_word(to));
    json_t *more = json_object();
    if (outcome[0])
        json_object_set_new(more, "outcome", json_string(outcome));
    if (alert->unit[0])
        json_object_set_new(more, "unit", json_string(alert->unit));
    return alert_record(site, alert, kind, officer, more, err) &&
           ledger_event(site->ledger, "alert", alert->id, alert_state_word(to), err);
}

bool alert_close(struct site *site, struct alert *alert, const char *outcome, enum alert_actor by,
    const char *officer, struct error *err)
{
    if (!lives_allow(alert->state, ALERT_CLOSED, by, outcome, err))
        return false;
    /* Before the move, because the copy says what the alert was until now. */
    if (alert->dispatched_us && !oversight_keep(site, alert, outcome, err))
        return false;
    return packet_erase(site, alert, officer, err) &&
           (!alert->unit[0] || presence_set_busy(site, alert->unit, false, err)) &&
           alert_move(site, alert, ALERT_CLOSED, outcome, by, officer, err) &&
           erase_at_outcome(site, alert, err);
}

bool alert_set_text(
    struct site *site, const struct alert *alert, const char *column, const char *value, struct error *err)
{
    AUTO(text) char *sql = text_format("UPDATE alert SET %s = :value WHERE alert = :alert", column);
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":value", value);
    query_text(query, ":alert", alert->id);
    return query_done(query, err);
}

json_t *alert_reply(const struct alert *alert)
{
    return json_pack("{s:s, s:s}", "alert", alert->id, "state", alert_state_word(alert->state));
}
