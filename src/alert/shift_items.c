/* What is open, whose it is, and who may take it. */
#include "alert/person.h"
#include "alert/redress_row.h"
#include "alert/shift.h"
#include "list/entry_row.h"
#include "list/operation_row.h"
#include "list/presence.h"
#include "list/row.h"

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

struct item {       /* one that is open, read once for all who may take it */
    const char *id; /* borrowed */
    enum item_kind kind;
    struct alert alert;        /* the alert */
    char maker[ENTRY_ID_SIZE]; /* who proposed the entry or requested the operation */
};

/* An alert is somebody's work from the second "same" to its outcome; before it is the reviewers' alone. */
static bool load_alert(struct site *site, struct item *item, struct error *err)
{
    return alert_load(site, item->id, &item->alert, err) &&
           ((item->alert.state >= ALERT_AGREED && alert_state_is_open(item->alert.state)) ||
               fail(err, ERROR_CONFLICT, "alert %s is %s: nobody has charge of it", item->id,
                   alert_state_word(item->alert.state)));
}

static bool load_redress(struct site *site, const struct item *item, struct error *err)
{
    AUTO(redress) struct redress redress = {.statements = NULL};
    return redress_load(site, item->id, &redress, err) &&
           (strcmp(redress.state, "told") != 0 ||
               fail(err, ERROR_CONFLICT, "the request %s is over", item->id));
}

static bool load_entry(struct site *site, struct item *item, struct error *err)
{
    struct entry_row row;
    if (!entry_load(site, item->id, &row, err))
        return false;
    row_text(item->maker, sizeof item->maker, row.proposer);
    return row.state == ENTRY_PROPOSED ||
           fail(err, ERROR_CONFLICT, "entry %s waits for no approval", item->id);
}

static bool load_operation(struct site *site, struct item *item, struct error *err)
{
    struct operation_row row;
    if (!operation_load(site, item->id, &row, err))
        return false;
    row_text(item->maker, sizeof item->maker, row.requester);
    return row.phase == OPERATION_REQUESTED ||
           fail(err, ERROR_CONFLICT, "operation %s waits for no authorisation", item->id);
}

/* Fails for what is not open. */
static bool load_item(struct site *site, const char *id, struct item *out, struct error *err)
{
    *out = (struct item){.id = id, .kind = kind_of(id)};
    switch (out->kind) {
    case ITEM_ALERT:
        return load_alert(site, out, err);
    case ITEM_REDRESS:
        return load_redress(site, out, err);
    case ITEM_ENTRY:
        return load_entry(site, out, err);
    case ITEM_OPERATION:
        break;
    }
    return load_operation(site, out, err);
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

static bool may_take_alert(struct site *site, const struct alert *alert, const struct officer *giver,
    const struct officer *taker, struct error *err)
{
    return giver != taker && is_its_crew(site, giver, alert) ? crew_has_alert(site, taker->id, alert, err)
                                                             : dispatcher_may_take(site, alert, taker, err);
}

static bool has_one_of(const struct officer *officer, uint32_t roles, const char *item, struct error *err)
{
    return (officer->roles & roles) || fail(err, ERROR_FORBIDDEN, "%s has no role for %s", officer->id, item);
}

static bool may_take(struct site *site, const struct item *item, const struct officer *giver,
    const struct officer *taker, struct error *err)
{
    bool is_maker = strcmp(item->maker, taker->id) == 0;
    switch (item->kind) {
    case ITEM_ALERT:
        return may_take_alert(site, &item->alert, giver, taker, err);
    case ITEM_REDRESS:
        return has_one_of(taker, 1U << ROLE_STATION | 1U << ROLE_AUTHORISER, item->id, err);
    case ITEM_ENTRY:
        return is_maker ? fail(err, ERROR_FORBIDDEN, "%s proposed entry %s", taker->id, item->id)
                        : has_one_of(taker, 1U << ROLE_AUTHORISER, item->id, err);
    case ITEM_OPERATION:
        break;
    }
    return is_maker ? fail(err, ERROR_FORBIDDEN, "%s requested operation %s", taker->id, item->id)
                    : has_one_of(taker, 1U << ROLE_AUTHORISER | 1U << ROLE_OUTSIDE_SIGNER, item->id, err);
}

bool shift_may_take(struct site *site, const char *item, const struct officer *giver,
    const struct officer *taker, struct error *err)
{
    struct item loaded;
    return load_item(site, item, &loaded, err) && may_take(site, &loaded, giver, taker, err);
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

static json_t *takers_of(struct site *site, const struct item *item, const struct officer *giver)
{
    json_t *takers = json_array();
    for (size_t i = 0; i < roster_officers(site->roster) && json_array_size(takers) < TAKERS_SHOWN; i++) {
        const struct officer *officer = roster_officer_at(site->roster, i);
        if (officer != giver && !officer->suspended && may_take(site, item, giver, officer, NULL))
            json_array_append_new(takers, json_string(officer->id));
    }
    return takers;
}

json_t *shift_items(struct site *site, const struct officer *officer, struct error *err)
{
    AUTO(json) json_t *own = own_items(site, officer, err);
    AUTO(json) json_t *shown = json_array();
    for (size_t i = 0; i < json_array_size(own) && json_array_size(shown) < SHIFT_ITEMS; i++) {
        struct item item;
        if (load_item(site, json_string_value(json_array_get(own, i)), &item, NULL))
            json_array_append_new(
                shown, json_pack("{s:s, s:s, s:o}", "item", item.id, "kind", kind_words[item.kind], "takers",
                           takers_of(site, &item, officer)));
    }
    return own ? STEAL(shown) : NULL;
}
