#include "alert/shift.h"

#include "alert/person.h"
#include "base/clock.h"
#include "base/text.h"
#include "list/action.h"
#include "list/presence.h"
#include "list/row.h"

#include <string.h>

static const uint32_t anybody = (1U << ROLE_COUNT) - 1;

enum { SHIFT_STATE = 16, SHIFT_KEPT_S = 31 * 86400 };

static const char *text_in(const struct envelope *envelope, const char *field)
{
    const char *text = json_string_value(json_object_get(envelope->fields, field));
    return text ? text : "";
}

static const char *item_at(const json_t *items, size_t index)
{
    return json_string_value(json_array_get(items, index));
}

static bool holder_is_away(struct site *site, const char *item, bool *away, struct error *err)
{
    char holder[ALERT_ID_SIZE];
    if (!charge_of(site, item, holder, err))
        return false;
    *away = !holder[0] || !presence_is_here(site, holder, "dispatcher");
    return true;
}

/* Handing on wants that it is theirs; taking for oneself that nobody who is there has it. */
static bool check_item(struct site *site, const char *item, const struct officer *giver,
    const struct officer *taker, struct error *err)
{
    bool fits = false;
    if (giver == taker) {
        if (strncmp(item, "a-", 2) != 0)
            return fail(err, ERROR_INVALID, "only an alert is taken without being handed over");
        if (!holder_is_away(site, item, &fits, err))
            return false;
        if (!fits)
            return fail(err, ERROR_CONFLICT, "somebody who is there has charge of %s", item);
    } else {
        if (!shift_is_theirs(site, item, giver, &fits, err))
            return false;
        if (!fits)
            return fail(err, ERROR_FORBIDDEN, "%s is not %s's to hand over", item, giver->id);
    }
    return shift_may_take(site, item, giver, taker, err);
}

static bool check_items(struct site *site, const json_t *items, const struct officer *giver,
    const struct officer *taker, struct error *err)
{
    for (size_t i = 0; i < json_array_size(items); i++)
        if (!check_item(site, item_at(items, i), giver, taker, err))
            return false;
    return true;
}

static const struct officer *find_officer(struct site *site, const char *id, struct error *err)
{
    const struct officer *officer = roster_officer(site->roster, id);
    if (!officer)
        fail(err, ERROR_MISSING, "the roster in force has no %s", id);
    return officer;
}

/* Who has charge has seen the name: the reviews to come of the same alert are others'. */
static bool no_reviewer_any_more(struct site *site, const char *item, const char *officer, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR IGNORE INTO alert_seen (alert, officer) VALUES (:alert, :officer)", err);
    query_text(query, ":alert", item);
    query_text(query, ":officer", officer);
    return strncmp(item, "a-", 2) != 0 || query_done(query, err);
}

/* A crew that hands its stop on is told like a dispatcher. */
static bool tell_item(struct site *site, const char *item, struct error *err)
{
    struct alert alert;
    if (strncmp(item, "a-", 2) != 0)
        return true;
    return alert_load(site, item, &alert, err) && alert_event(site, &alert, "alert", "handed", err);
}

static bool record_item(struct site *site, const char *kind, const char *by, const char *item,
    const char *from, const char *to, struct error *err)
{
    AUTO(json) json_t *fields = json_pack("{s:s, s:s}", "item", item, "from", from);
    if (to)
        json_object_set_new(fields, "to", json_string(to));
    const struct record record = {.kind = kind, .by = by, .public_fields = fields};
    return ledger_record(site->ledger, &record, err) && tell_item(site, item, err);
}

/* A crew's stop is its unit's: the crew that stays has it, and nothing is written but that it was handed. */
static bool give_item(struct site *site, const char *item, const struct officer *giver,
    const struct officer *taker, struct error *err)
{
    bool crew = officer_has(taker, ROLE_CREW) && presence_unit_of(site, taker->id);
    return (crew || (charge_take(site, item, taker->id, err) &&
                        no_reviewer_any_more(site, item, taker->id, err))) &&
           record_item(site, "item_handed_over", taker->id, item, giver->id, taker->id, err);
}

static bool give_all(struct site *site, const json_t *items, const struct officer *giver,
    const struct officer *taker, struct error *err)
{
    for (size_t i = 0; i < json_array_size(items); i++)
        if (!give_item(site, item_at(items, i), giver, taker, err))
            return false;
    return true;
}

static bool keep_shift(
    struct site *site, const struct envelope *envelope, const char *state, struct error *err)
{
    AUTO(json) json_t *json = envelope_json(envelope);
    AUTO(text) char *text = json_canonical(json, err);
    if (!text)
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO shift (shift, giver, taker, envelope, state, at)"
        " VALUES (:shift, :giver, :taker, :envelope, :state, :at)",
        err);
    query_text(query, ":shift", text_in(envelope, "shift"));
    query_text(query, ":giver", envelope->by);
    query_text(query, ":taker", text_in(envelope, "to"));
    query_text(query, ":envelope", text);
    query_text(query, ":state", state);
    query_integer(query, ":at", envelope->at_s);
    return query_done(query, err);
}

static bool record_offer(struct site *site, const struct envelope *envelope, struct error *err)
{
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:s, s:O}", "shift", text_in(envelope, "shift"), "to",
        text_in(envelope, "to"), "items", json_object_get(envelope->fields, "items"));
    const struct record record = {.kind = "shift_offered", .by = envelope->by, .public_fields = fields};
    return ledger_record(site->ledger, &record, err) &&
           ledger_event(site->ledger, "presence", text_in(envelope, "to"), "offered", err);
}

json_t *shift_hand(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    if (!action_check(site, envelope, "shift_handover", anybody, &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    const json_t *items = json_object_get(envelope->fields, "items");
    const struct officer *taker = find_officer(site, text_in(envelope, "to"), err);
    if (!taker || !check_items(site, items, action.officer, taker, err) || !ledger_begin(site->ledger, err))
        return NULL;
    bool takes = taker == action.officer;
    const char *state = takes ? "accepted" : "offered";
    bool done = keep_shift(site, envelope, state, err) && record_offer(site, envelope, err) &&
                (!takes || give_all(site, items, action.officer, taker, err));
    return action_commit(site, envelope, done,
        json_pack("{s:s, s:s}", "shift", text_in(envelope, "shift"), "state", state), err);
}

/* As it was signed: the row only says where it stands. */
static struct envelope *load_shift(
    struct site *site, const char *id, char state[static SHIFT_STATE], struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT envelope, state FROM shift WHERE shift = :shift", err);
    query_text(query, ":shift", id);
    if (!query_next(query)) {
        if (query_ok(query, err))
            fail(err, ERROR_MISSING, "there is no handing over %s", id);
        return NULL;
    }
    const char *text = query_get_text(query, 0);
    struct envelope *envelope = text ? envelope_parse(text, strlen(text), err) : NULL;
    if (!envelope)
        return NULL;
    row_text(state, SHIFT_STATE, query_get_text(query, 1));
    bool same = strcmp(text_in(envelope, "shift"), id) == 0 ||
                fail(err, ERROR_CORRUPT, "the row of %s was changed outside the desk", id);
    if (same && envelope_is(envelope, "shift_handover", err) && roster_check_any(site->roster, envelope, err))
        return envelope;
    envelope_free(envelope);
    return NULL;
}

static bool may_answer(const struct envelope *offer, const char *state, const struct envelope *answer,
    const struct officer *officer, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    const char *id = text_in(offer, "shift");
    envelope_hash_hex(offer, hash);
    if (strcmp(text_in(offer, "to"), officer->id) != 0)
        return fail(err, ERROR_FORBIDDEN, "%s was not handed to %s", id, officer->id);
    if (strcmp(hash, text_in(answer, "handover_hash")) != 0)
        return fail(err, ERROR_CONFLICT, "this answers another handing over than %s", id);
    if (strcmp(state, "offered") != 0)
        return fail(err, ERROR_CONFLICT, "%s was answered", id);
    return clock_now_s() - offer->at_s <= SHIFT_OFFER_S ||
           fail(err, ERROR_CONFLICT, "%s was offered more than %d min ago; it is offered anew", id,
               SHIFT_OFFER_S / 60);
}

static bool set_state(struct site *site, const char *id, const char *state, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "UPDATE shift SET state = :state WHERE shift = :shift", err);
    query_text(query, ":state", state);
    query_text(query, ":shift", id);
    return query_done(query, err);
}

static bool record_answer(
    struct site *site, const struct envelope *answer, const char *state, struct error *err)
{
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:s}", "shift", text_in(answer, "shift"), "answer", state);
    const struct record record = {.kind = "shift_answered", .by = answer->by, .public_fields = fields};
    return ledger_record(site->ledger, &record, err);
}

json_t *shift_answer(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    char state[SHIFT_STATE];
    if (!action_check(site, envelope, "shift_acceptance", anybody, &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    const char *id = text_in(envelope, "shift"), *answer = text_in(envelope, "answer");
    AUTO(envelope) struct envelope *offer = load_shift(site, id, state, err);
    if (!offer || !may_answer(offer, state, envelope, action.officer, err))
        return NULL;
    const struct officer *giver = find_officer(site, offer->by, err);
    const json_t *items = json_object_get(offer->fields, "items");
    bool accepts = strcmp(answer, "accepted") == 0;
    /* Between the two somebody may have left, reviewed or closed it. */
    if (!giver || (accepts && !check_items(site, items, giver, action.officer, err)) ||
        !ledger_begin(site->ledger, err))
        return NULL;
    bool done = set_state(site, id, answer, err) && record_answer(site, envelope, answer, err) &&
                (!accepts || give_all(site, items, giver, action.officer, err));
    return action_commit(site, envelope, done, json_pack("{s:s, s:s}", "shift", id, "state", answer), err);
}

static json_t *offer_json(const struct envelope *offer)
{
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(offer, hash);
    return json_pack("{s:s, s:s, s:s, s:O, s:s, s:o, s:I}", "shift", text_in(offer, "shift"), "giver",
        offer->by, "taker", text_in(offer, "to"), "items", json_object_get(offer->fields, "items"),
        "handover_hash", hash, "handover", envelope_json(offer), "at", (json_int_t)offer->at_s);
}

static json_t *offers_json(struct site *site, const char *officer, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT shift FROM shift WHERE state = 'offered' AND at > :since"
        " AND (taker = :officer OR giver = :officer) ORDER BY at DESC LIMIT :most",
        err);
    query_integer(query, ":since", clock_now_s() - SHIFT_OFFER_S);
    query_text(query, ":officer", officer);
    query_integer(query, ":most", SHIFT_OFFERS);
    AUTO(json) json_t *offers = json_array();
    while (query_next(query)) {
        char state[SHIFT_STATE];
        AUTO(envelope) struct envelope *offer = load_shift(site, query_get_text(query, 0), state, NULL);
        if (offer)
            json_array_append_new(offers, offer_json(offer));
    }
    return query_ok(query, err) ? STEAL(offers) : NULL;
}

/* Somebody had charge, and nobody has now. What was agreed and waits for its first unit is everybody's who
 * may send one. */
static bool is_left(struct site *site, const char *item, bool *left, struct error *err)
{
    struct alert alert;
    char holder[ALERT_ID_SIZE];
    if (!holder_is_away(site, item, left, err) || !charge_of(site, item, holder, err))
        return false;
    if (!holder[0] && alert_load(site, item, &alert, NULL) && alert.state == ALERT_AGREED)
        *left = false;
    return true;
}

static json_t *unattended(struct site *site, const struct officer *viewer, struct error *err)
{
    AUTO(json) json_t *items = json_array();
    AUTO(json) json_t *open = alert_open_ids(site, NULL, NULL, err);
    if (!open)
        return NULL;
    for (size_t i = 0; i < json_array_size(open); i++) {
        const char *id = json_string_value(json_array_get(open, i));
        bool left = false;
        if (!is_left(site, id, &left, err))
            return NULL;
        if (left && shift_may_take(site, id, viewer, viewer, NULL))
            json_array_append_new(items, json_string(id));
    }
    return STEAL(items);
}

json_t *shift_show(struct site *site, const struct officer *viewer, struct error *err)
{
    AUTO(json) json_t *items = shift_items(site, viewer, err);
    AUTO(json) json_t *offers = items ? offers_json(site, viewer->id, err) : NULL;
    AUTO(json) json_t *alone = offers ? unattended(site, viewer, err) : NULL;
    return alone ? json_pack("{s:O, s:O, s:O}", "items", items, "offers", offers, "unattended", alone) : NULL;
}

/* Only what needs somebody present: alerts. */
static bool blocks(struct site *site, const json_t *shown, const char *officer, struct error *err)
{
    const char *item = json_string_value(json_object_get(shown, "item"));
    struct alert alert;
    if (strncmp(item, "a-", 2) != 0 || !alert_load(site, item, &alert, NULL))
        return false;
    bool crew = crew_has_alert(site, officer, &alert, NULL);
    bool taken = json_array_size(json_object_get(shown, "takers")) > 0;
    if (crew && presence_crew_of(site, alert.unit) > 1)
        return false;
    if (crew)
        return !fail(err, ERROR_CONFLICT,
            "unit %s has alert %s and no other crew is present: decline or close it", alert.unit, item);
    return taken &&
           !fail(err, ERROR_CONFLICT, "you have charge of alert %s: hand it to somebody who is there", item);
}

bool shift_may_leave(struct site *site, const char *officer, struct error *err)
{
    const struct officer *leaving = roster_officer(site->roster, officer);
    AUTO(json) json_t *items = leaving ? shift_items(site, leaving, err) : NULL;
    if (!items)
        return leaving == NULL;
    for (size_t i = 0; i < json_array_size(items); i++)
        if (blocks(site, json_array_get(items, i), officer, err))
            return false;
    return true;
}

static bool mark_left(struct site *site, const char *item, bool away, bool *changed, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        away ? "INSERT OR IGNORE INTO left_open (item) VALUES (:item)"
             : "DELETE FROM left_open WHERE item = :item",
        err);
    query_text(query, ":item", item);
    if (!query_done(query, err))
        return false;
    *changed = store_changes(site->ledger->store) > 0;
    return true;
}

bool shift_note_left(struct site *site, const struct alert *alert, struct error *err)
{
    char holder[ALERT_ID_SIZE];
    bool changed = false;
    if (!charge_of(site, alert->id, holder, err))
        return false;
    bool crewless = alert->unit[0] && presence_crew_of(site, alert->unit) == 0;
    bool away = crewless || (holder[0] && !presence_is_here(site, holder, "dispatcher"));
    if (!mark_left(site, alert->id, away, &changed, err))
        return false;
    return !changed || !away ||
           record_item(site, "item_left_open", "site", alert->id, crewless ? alert->unit : holder, NULL, err);
}

static bool run_until(struct site *site, const char *sql, int64_t until_s, bool *found, struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_integer(query, ":until", until_s);
    *found = query_next(query);
    return query_ok(query, err);
}

bool shifts_expire(struct site *site, int64_t now_us, struct error *err)
{
    bool found = false;
    const int64_t until_s = now_us / 1000000 - SHIFT_KEPT_S;
    if (!run_until(site, "SELECT 1 FROM shift WHERE at <= :until LIMIT 1", until_s, &found, err))
        return false;
    if (!found)
        return true;
    if (!ledger_begin(site->ledger, err))
        return false;
    if (run_until(site, "DELETE FROM shift WHERE at <= :until", until_s, &found, err) &&
        ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}
