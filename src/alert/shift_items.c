/* What is open, whose it is, and who may take it. */
#include "alert/person.h"
#include "alert/redress_row.h"
#include "alert/shift.h"
#include "list/entry_row.h"
#include "list/operation_row.h"
#include "list/presence.h"

#include <string.h>

enum { TAKERS_SHOWN = 50 };

enum item_kind { ITEM_ALERT, ITEM_REDRESS, ITEM_ENTRY, ITEM_OPERATION };

static const char *const kind_words[] = {[ITEM_ALERT] = "alert",
    [ITEM_REDRESS] = "redress",
    [ITEM_ENTRY] = "entry",
    [ITEM_OPERATION] = "operation"};

static enum item_kind kind_of(const char *item)
{
    if (strncmp(item, "a-", 2) == 0)
        return ITEM_ALERT;
    if (strncmp(item, "q-", 2) == 0)
        return ITEM_REDRESS;
    return strncmp(item, "e-", 2) == 0 ? ITEM_ENTRY : ITEM_OPERATION;
}

/* An alert is somebody's work from the second "same" to its outcome; before it is the reviewers' alone. */
static bool load_open_alert(struct site *site, const char *item, struct alert *out, struct error *err)
{
    if (!alert_load(site, item, out, err))
        return false;
    return (out->state >= ALERT_AGREED && alert_state_is_open(out->state)) ||
           fail(err, ERROR_CONFLICT, "alert %s is %s: nobody has charge of it", item,
               alert_state_word(out->state));
}

static bool is_its_crew(struct site *site, const struct officer *officer, const struct alert *alert)
{
    return crew_has_alert(site, officer->id, alert, NULL);
}

static bool reviewed_it(struct site *site, const struct alert *alert, const char *officer, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT 1 FROM alert_draw JOIN alert_passage USING (passage)"
        " WHERE alert = :alert AND officer = :officer",
        err);
    query_text(query, ":alert", alert->id);
    query_text(query, ":officer", officer);
    return query_next(query) || !query_ok(query, err);
}

static bool dispatcher_may_take(
    struct site *site, const struct alert *alert, const struct officer *taker, struct error *err)
{
    if (!officer_has(taker, ROLE_DISPATCHER) || !presence_is_here(site, taker->id, "dispatcher"))
        return fail(err, ERROR_FORBIDDEN, "%s is not present as dispatcher", taker->id);
    if (!person_is_no_party(site, taker->id, alert, err))
        return false;
    return !reviewed_it(site, alert, taker->id, err) ||
           fail(err, ERROR_FORBIDDEN, "%s was drawn to review alert %s", taker->id, alert->id);
}

static bool may_take_alert(struct site *site, const char *item, const struct officer *giver,
    const struct officer *taker, struct error *err)
{
    struct alert alert;
    if (!load_open_alert(site, item, &alert, err))
        return false;
    return giver != taker && is_its_crew(site, giver, &alert) ? crew_has_alert(site, taker->id, &alert, err)
                                                              : dispatcher_may_take(site, &alert, taker, err);
}

static bool has_one_of(const struct officer *officer, uint32_t roles, const char *item, struct error *err)
{
    return (officer->roles & roles) || fail(err, ERROR_FORBIDDEN, "%s has no role for %s", officer->id, item);
}

static bool may_take_redress(
    struct site *site, const char *item, const struct officer *taker, struct error *err)
{
    AUTO(redress) struct redress redress = {.statements = NULL};
    if (!redress_load(site, item, &redress, err))
        return false;
    if (strcmp(redress.state, "told") == 0)
        return fail(err, ERROR_CONFLICT, "the request %s is over", item);
    return has_one_of(taker, 1U << ROLE_STATION | 1U << ROLE_AUTHORISER, item, err);
}

static bool may_take_entry(
    struct site *site, const char *item, const struct officer *taker, struct error *err)
{
    struct entry_row row;
    if (!entry_load(site, item, &row, err))
        return false;
    if (row.state != ENTRY_PROPOSED)
        return fail(err, ERROR_CONFLICT, "entry %s waits for no approval", item);
    if (strcmp(row.proposer, taker->id) == 0)
        return fail(err, ERROR_FORBIDDEN, "%s proposed entry %s", taker->id, item);
    return has_one_of(taker, 1U << ROLE_AUTHORISER, item, err);
}

static bool may_take_operation(
    struct site *site, const char *item, const struct officer *taker, struct error *err)
{
    struct operation_row row;
    if (!operation_load(site, item, &row, err))
        return false;
    if (row.phase != OPERATION_REQUESTED)
        return fail(err, ERROR_CONFLICT, "operation %s waits for no authorisation", item);
    if (strcmp(row.requester, taker->id) == 0)
        return fail(err, ERROR_FORBIDDEN, "%s requested operation %s", taker->id, item);
    return has_one_of(taker, 1U << ROLE_AUTHORISER | 1U << ROLE_OUTSIDE_SIGNER, item, err);
}

bool shift_may_take(struct site *site, const char *item, const struct officer *giver,
    const struct officer *taker, struct error *err)
{
    switch (kind_of(item)) {
    case ITEM_ALERT:
        return may_take_alert(site, item, giver, taker, err);
    case ITEM_REDRESS:
        return may_take_redress(site, item, taker, err);
    case ITEM_ENTRY:
        return may_take_entry(site, item, taker, err);
    case ITEM_OPERATION:
        break;
    }
    return may_take_operation(site, item, taker, err);
}

/* Ids in the first column, appended when they are not there yet. */
static bool add_ids(struct site *site, const char *sql, const char *value, json_t *items, struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":value", value);
    while (query_next(query))
        json_array_append_new(items, json_string(query_get_text(query, 0)));
    return query_ok(query, err);
}

/* What is theirs without having been handed to them, and was not handed to somebody else. */
static json_t *own_items(struct site *site, const struct officer *officer, struct error *err)
{
    static const struct {
        enum role role;
        const char *sql;
    } made[] = {{ROLE_STATION, "SELECT request FROM redress WHERE officer = :value AND state <> 'told'"
                               " AND request NOT IN (SELECT item FROM charge)"},
        {ROLE_WATCH_OFFICER, "SELECT entry FROM entry WHERE proposer = :value AND state = 'proposed'"
                             " AND entry NOT IN (SELECT item FROM charge)"},
        {ROLE_WATCH_OFFICER,
            "SELECT operation FROM operation WHERE requester = :value AND state = 'requested'"
            " AND operation NOT IN (SELECT item FROM charge)"}};
    AUTO(json) json_t *items = charges_of(site, officer->id, err);
    if (!items)
        return NULL;
    for (size_t i = 0; i < COUNT_OF(made); i++)
        if (officer_has(officer, made[i].role) && !add_ids(site, made[i].sql, officer->id, items, err))
            return NULL;
    const char *unit = officer_has(officer, ROLE_CREW) ? presence_unit_of(site, officer->id) : NULL;
    if (unit && !add_ids(site,
                    "SELECT alert FROM alert WHERE unit = :value AND state IN"
                    " ('dispatched', 'accepted', 'on_scene', 'stopped')",
                    unit, items, err))
        return NULL;
    return STEAL(items);
}

bool shift_is_theirs(
    struct site *site, const char *item, const struct officer *giver, bool *out, struct error *err)
{
    AUTO(json) json_t *items = own_items(site, giver, err);
    if (!items)
        return false;
    *out = false;
    for (size_t i = 0; i < json_array_size(items) && !*out; i++)
        *out = strcmp(json_string_value(json_array_get(items, i)), item) == 0;
    return true;
}

static json_t *takers_of(struct site *site, const char *item, const struct officer *giver)
{
    json_t *takers = json_array();
    for (size_t i = 0; i < roster_officers(site->roster) && json_array_size(takers) < TAKERS_SHOWN; i++) {
        const struct officer *officer = roster_officer_at(site->roster, i);
        if (officer != giver && !officer->suspended && shift_may_take(site, item, giver, officer, NULL))
            json_array_append_new(takers, json_string(officer->id));
    }
    return takers;
}

static bool still_open(struct site *site, const char *item)
{
    struct alert alert;
    AUTO(redress) struct redress redress = {.statements = NULL};
    struct entry_row entry;
    struct operation_row operation;
    switch (kind_of(item)) {
    case ITEM_ALERT:
        return load_open_alert(site, item, &alert, NULL);
    case ITEM_REDRESS:
        return redress_load(site, item, &redress, NULL) && strcmp(redress.state, "told") != 0;
    case ITEM_ENTRY:
        return entry_load(site, item, &entry, NULL) && entry.state == ENTRY_PROPOSED;
    case ITEM_OPERATION:
        break;
    }
    return operation_load(site, item, &operation, NULL) && operation.phase == OPERATION_REQUESTED;
}

json_t *shift_items(struct site *site, const struct officer *officer, struct error *err)
{
    AUTO(json) json_t *own = own_items(site, officer, err);
    AUTO(json) json_t *shown = json_array();
    for (size_t i = 0; i < json_array_size(own) && json_array_size(shown) < SHIFT_ITEMS; i++) {
        const char *item = json_string_value(json_array_get(own, i));
        if (still_open(site, item))
            json_array_append_new(
                shown, json_pack("{s:s, s:s, s:o}", "item", item, "kind", kind_words[kind_of(item)], "takers",
                           takers_of(site, item, officer)));
    }
    return own ? STEAL(shown) : NULL;
}
