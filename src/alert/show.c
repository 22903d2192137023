#include "alert/amend.h"
#include "alert/identity.h"
#include "alert/packet.h"
#include "alert/passage.h"
#include "alert/person.h"
#include "alert/recall.h"
#include "alert/review.h"
#include "alert/slip.h"
#include "alert/waiting.h"
#include "alert/evidence.h"
#include "base/clock.h"
#include "list/entry.h"
#include "list/entry_answer.h"
#include "list/position.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_LIMIT = 200 }; /* units of one alert, the nearest */

static const int64_t second_us = 1000000;

static bool is_drawn(const struct asked *asked)
{
    return asked && !asked->passed;
}

/* Nothing here depends on what anybody else answered, or whether. An alert whose camera's record counts no
 * more has no place to show, and is not hidden for that. */
static json_t *show_reviewer(
    struct site *site, const struct alert *alert, const struct asked *asked, struct error *err)
{
    AUTO(json) json_t *place = place_json(site, alert->camera, NULL);
    AUTO(json) json_t *facts = passage_facts(site, alert->id, alert->passage, err);
    if (!facts)
        return NULL;
    bool answered = asked->answer != ANSWER_NONE;
    return json_pack("{s:s, s:s, s:s, s:O, s:O*, s:I, s:I, s:b, s:b, s:o*}", "alert", alert->id, "state",
        alert_state_word(alert->state), "passage", alert->passage, "pictures_hash",
        json_object_get(facts, "pictures_hash"), "place", place, "raised_at",
        json_integer_value(json_object_get(facts, "raised_at_us")) / second_us, "look_s",
        (json_int_t)site->look_s, "answered", answered, "near_pair",
        json_is_true(json_object_get(facts, "near_pair")), "answer_by",
        answered ? NULL : json_integer(asked->drawn_us / second_us + LIMIT_REVIEW_S));
}

static bool is_drawn_for(struct site *site, const char *officer, const char *alert)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT 1 FROM alert_draw AS d JOIN alert_passage AS p ON p.passage = d.passage"
        " JOIN alert AS a ON a.alert = p.alert WHERE a.alert = :alert AND d.officer = :officer"
        " AND (d.state = 'asked' OR (d.state = 'passed' AND a.state = 'raised'))",
        NULL);
    query_text(query, ":alert", alert);
    query_text(query, ":officer", officer);
    return query_next(query);
}

static bool is_at_station_of(struct site *site, const char *officer, const char *id)
{
    struct alert alert;
    const struct officer *known = roster_officer(site->roster, officer);
    return known && officer_has(known, ROLE_STATION) && alert_load(site, id, &alert, NULL) &&
           station_has_alert(site, known, &alert);
}

static bool amends_only(struct site *site, const char *officer)
{
    const struct officer *known = roster_officer(site->roster, officer);
    return known && officer_has(known, ROLE_AUTHORISER) && !officer_has(known, ROLE_REVIEWER);
}

bool alert_event_is_for(struct site *site, const char *officer, const char *alert, const char *state)
{
    static const char *const to_drawn[] = {"raised", "closed"};
    static const char *const to_station[] = {"handed_over", "received", "amended"};
    static const char *const to_authoriser[] = {"closed", "handed_over", "received", "amended"};
    return (word_is_in(state, to_drawn, COUNT_OF(to_drawn)) && is_drawn_for(site, officer, alert)) ||
           (word_is_in(state, to_station, COUNT_OF(to_station)) && is_at_station_of(site, officer, alert)) ||
           (word_is_in(state, to_authoriser, COUNT_OF(to_authoriser)) && amends_only(site, officer));
}

static json_t *times_json(const struct alert *alert, const json_t *facts)
{
    const struct {
        const char *name;
        int64_t us;
    } times[] = {{"raised", alert->raised_us}, {"agreed", alert->agreed_us},
        {"dispatched", alert->dispatched_us}, {"accepted", alert->accepted_us},
        {"arrived", alert->arrived_us}, {"stopped", alert->stopped_us}, {"closed", alert->closed_us}};
    json_t *json = json_object();
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        if (times[i].us)
            json_object_set_new(json, times[i].name, json_integer(times[i].us));
    }
    json_object_set(json, "captured", json_object_get(facts, "captured_us"));
    json_object_set(json, "decided", json_object_get(facts, "decided_us"));
    return json;
}

struct free_unit { /* borrowed from roster and site */
    const char *id;
    const struct unit_position *at; /* NULL: it did not say where it is */
    int64_t metres;                 /* to the alert's place, where that is known */
};

/* The nearest first, those of unknown place last. */
static int nearer(const void *left, const void *right)
{
    const struct free_unit *a = left, *b = right;
    if (!a->at != !b->at)
        return a->at ? -1 : 1;
    if (a->at && a->metres != b->metres)
        return a->metres < b->metres ? -1 : 1;
    return strcmp(a->id, b->id);
}

/* Who is free is the same for every alert of one answer, and costs questions for each unit: asked when it is
 * first needed, then kept until the answer is made. */
struct units {
    bool known;
    size_t count;
    struct free_unit free[ROSTER_UNITS];
};

static void units_know(struct site *site, struct units *units)
{
    const struct device *unit = NULL;
    if (units->known)
        return;
    units->known = true;
    for (size_t i = 0; units->count < ROSTER_UNITS && (unit = roster_unit_at(site->roster, i)); i++) {
        if (unit_is_free(site, unit->id, NULL))
            units->free[units->count++] =
                (struct free_unit){.id = unit->id, .at = position_find(site, unit->id)};
    }
}

/* Sorted before it is cut: the nearest is never left out. */
static json_t *free_units(struct site *site, struct units *known, const json_t *place)
{
    units_know(site, known);
    for (size_t i = 0; i < known->count; i++) {
        struct free_unit *unit = &known->free[i];
        if (unit->at)
            unit->metres = distance_m(unit->at->latitude_e7, unit->at->longitude_e7,
                json_integer_value(json_object_get(place, "latitude_e7")),
                json_integer_value(json_object_get(place, "longitude_e7")));
    }
    qsort(known->free, known->count, sizeof *known->free, nearer);
    json_t *units = json_array();
    for (size_t i = 0; i < known->count && i < LIST_LIMIT; i++) {
        json_t *shown = json_pack("{s:s}", "unit", known->free[i].id);
        if (known->free[i].at)
            json_object_set_new(shown, "distance_m", json_integer(known->free[i].metres));
        json_array_append_new(units, shown);
    }
    return units;
}

/* What somebody signs for is read as its signer signed it: nothing beside it says the same in other words. */
static void add_pending(struct site *site, const struct alert *alert, json_t *shown)
{
    if (!alert->pending[0])
        return;
    AUTO(envelope) struct envelope *pending = statement_find(site, alert, alert->pending, ROLE_CREW, NULL);
    if (!pending)
        return;
    json_object_set(shown, "concurrence_asked", json_object_get(pending->fields, "outcome"));
    json_object_set_new(shown, "asked_by", json_string(pending->by));
    json_object_set_new(shown, "outcome_hash", json_string(alert->pending));
    json_object_set_new(shown, "outcome_statement", envelope_json(pending));
}

/* The name and the cases; who looks is recorded once for each alert. */
static bool add_person(struct site *site, const struct officer *viewer, const struct alert *alert,
    json_t *shown, struct error *err)
{
    AUTO(json) json_t *person = NULL;
    AUTO(json) json_t *cases = NULL;
    if (!entry_open(site, alert->entry, &person, &cases, err))
        return false;
    json_object_set_new(shown, "person", json_pack("{s:O?}", "name", json_object_get(person, "name")));
    json_object_set(shown, "cases", cases);
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR IGNORE INTO alert_seen (alert, officer) VALUES (:alert, :officer)", err);
    query_text(query, ":alert", alert->id);
    query_text(query, ":officer", viewer->id);
    if (!query_done(query, err))
        return false;
    return store_changes(site->ledger->store) == 0 ||
           alert_record(site, alert, "alert_looked_at", viewer->id, NULL, err);
}

/* Whether the newest dispatch still names where the unit was sent before. */
static bool awaits_steering(struct site *site, const struct alert *alert)
{
    AUTO(statements) struct statements sent = {0};
    if (!alert->unit[0] || !statements_load(site, alert, "dispatch", ROLE_DISPATCHER, &sent, NULL) ||
        sent.count == 0)
        return false;
    const char *passage = json_string_value(json_object_get(sent.list[sent.count - 1]->fields, "passage"));
    return passage && strcmp(passage, alert->passage) != 0;
}

/* Whether what was taken back is known to the crew: "told", "escalated" or "acknowledged"; and whose crew.
 * For a dispatcher the word that it reads back over the radio. */
static void add_recall(
    struct site *site, const struct officer *viewer, const struct alert *alert, json_t *shown)
{
    char state[16];
    recall_state(site, alert, state);
    if (!state[0])
        return;
    json_object_set_new(shown, "recall", json_string(state));
    json_object_set_new(shown, "unit", json_string(alert->unit));
    if (officer_has(viewer, ROLE_DISPATCHER) && strcmp(state, "acknowledged") != 0)
        json_object_set_new(shown, "recall_word", json_string(radio_word(alert, "recall")));
}

/* "minor", or "adult", who is not stopped; the crew is offered ends that nobody else has. */
static void add_missing(struct site *site, const struct alert *alert, json_t *shown)
{
    bool missing = false, adult = false;
    if (entry_is_missing(site, alert->entry, &missing, &adult, NULL) && missing)
        json_object_set_new(shown, "missing", json_string(adult ? "adult" : "minor"));
}

static json_t *show_dispatcher(struct site *site, const struct officer *viewer, const struct alert *alert,
    struct units *units, struct error *err)
{
    AUTO(json) json_t *place = place_json(site, alert->camera, NULL);
    AUTO(json) json_t *facts = passage_facts(site, alert->id, alert->passage, err);
    int64_t waiting = 0;
    if (!facts || !passages_waiting(site, alert, &waiting, err))
        return NULL;
    json_int_t until_s =
        json_integer_value(json_object_get(facts, "captured_us")) / second_us + LIMIT_DISPATCH_S;
    AUTO(json)
    json_t *shown = json_pack("{s:s, s:s, s:s, s:O, s:O*, s:I, s:s, s:I, s:I, s:I, s:s, s:s, s:o, s:o}",
        "alert", alert->id, "state", alert_state_word(alert->state), "passage", alert->passage,
        "pictures_hash", json_object_get(facts, "pictures_hash"), "place", place, "raised_at",
        (json_int_t)(alert->raised_us / second_us), "entry", alert->entry, "agreed_at",
        (json_int_t)(alert->agreed_us / second_us), "dispatch_until", until_s, "unreviewed",
        (json_int_t)waiting, "unit", alert->unit, "statement", "two officers say same, not identified",
        "units", free_units(site, units, place), "times_us", times_json(alert, facts));
    if (alert->state == ALERT_ON_SCENE) /* at a stop the crew's own second officer is asked */
        add_pending(site, alert, shown);
    if (alert->told[0])
        json_object_set_new(shown, "told", json_string(alert->told));
    add_missing(site, alert, shown);
    add_recall(site, viewer, alert, shown);
    json_object_set(shown, "near_pair", json_object_get(facts, "near_pair"));
    json_object_set_new(shown, "newer_place", json_boolean(awaits_steering(site, alert)));
    return add_person(site, viewer, alert, shown, err) ? STEAL(shown) : NULL;
}

/* Which packet it is, so that a device that has opened another one fetches this one. */
static void add_packet(struct site *site, const struct alert *alert, json_t *shown)
{
    struct packet_stand stand;
    if (!packet_stands(site, alert, &stand))
        return;
    json_object_set_new(shown, "packet", json_string(stand.which));
    json_object_set_new(shown, "dies_at", json_integer(stand.dies_us / second_us));
    if (stand.steered)
        json_object_set_new(shown, "steered", json_true());
}

/* However the answer to the stop, the page or the device got lost: the person has a slip, and the ten minutes
 * run since the stop. */
static void add_slip(struct site *site, const struct alert *alert, json_t *shown)
{
    if (alert->state != ALERT_STOPPED)
        return;
    json_object_set_new(shown, "stopped_at", json_integer(alert->stopped_us / second_us));
    json_object_set_new(shown, "register", json_boolean(site->ports != NULL));
    AUTO(json) json_t *slip = slip_show(site, alert, NULL);
    if (slip)
        json_object_update(shown, slip);
    struct identity identity;
    if (identity_load(site, alert, &identity, NULL) && identity.is_cleared)
        json_object_set_new(shown, "earlier_slip", json_string(NOT_THE_PERSON));
}

static json_t *show_crew(struct site *site, const struct officer *viewer, const struct alert *alert)
{
    json_t *shown = alert_reply(alert);
    add_packet(site, alert, shown);
    add_missing(site, alert, shown);
    add_slip(site, alert, shown);
    if (alert->told[0])
        json_object_set_new(shown, "told", json_string(alert->told));
    add_pending(site, alert, shown);
    add_recall(site, viewer, alert, shown);
    return shown;
}

static json_t *show_end(struct site *site, const struct officer *viewer, const struct alert *alert)
{
    json_t *shown = alert_reply(alert);
    json_object_set_new(shown, "outcome", json_string(alert->outcome));
    char holds[40];
    if (amended_outcome(site, alert, holds, NULL) && strcmp(holds, alert->outcome) != 0)
        json_object_set_new(shown, "amended", json_string(holds));
    add_recall(site, viewer, alert, shown);
    return shown;
}

/* A stop whose crew recorded nothing for a day: two authorisers may close it. */
static json_t *show_unrecorded(const struct alert *alert)
{
    json_t *shown = alert_reply(alert);
    json_object_set_new(shown, "outcome", json_string(NOT_RECORDED));
    return shown;
}

/* NULL without an error when the alert is none of the viewer's business. */
static json_t *show(struct site *site, const struct officer *viewer, const struct alert *given,
    struct units *units, struct error *err)
{
    struct alert seen = *given;
    const struct alert *alert = &seen;
    if (!waiting_for(site, viewer, &seen, err))
        return NULL;
    if (alert->state == ALERT_RAISED) {
        struct panel panel;
        if (!officer_has(viewer, ROLE_REVIEWER) || !panel_load(site, alert, &panel, err))
            return NULL;
        const struct asked *asked = panel_find(&panel, viewer->id);
        return is_drawn(asked) ? show_reviewer(site, alert, asked, err) : NULL;
    }
    if (officer_has(viewer, ROLE_CREW) && crew_has_alert(site, viewer->id, alert, NULL))
        return alert_state_is_open(alert->state) ? show_crew(site, viewer, alert)
                                                 : show_end(site, viewer, alert);
    if (station_has_alert(site, viewer, alert))
        return show_end(site, viewer, alert);
    /* Two authorisers may amend an outcome: they see ends, nothing else. */
    if (officer_has(viewer, ROLE_AUTHORISER) && !alert_state_is_open(alert->state))
        return show_end(site, viewer, alert);
    if (officer_has(viewer, ROLE_AUTHORISER) && outcome_is_overdue(alert))
        return show_unrecorded(alert);
    if (officer_has(viewer, ROLE_DISPATCHER))
        return alert_state_is_open(alert->state) ? show_dispatcher(site, viewer, alert, units, err)
                                                 : show_end(site, viewer, alert);
    return NULL;
}

/* How long an end is shown: who may amend it learns of most errors after the day. */
static int64_t ends_shown_s(const struct officer *viewer)
{
    return (officer_has(viewer, ROLE_AUTHORISER) ? 31 : 1) * (int64_t)86400;
}

/* All that somebody still has to do with, and the newest ends. */
static bool list_ids(struct site *site, const struct officer *viewer, json_t *ids, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT alert FROM alert WHERE state NOT IN ('closed', 'received')"
        " OR (:crew AND state = 'closed' AND outcome = 'custody' AND erased = 0) OR alert IN"
        " (SELECT alert FROM alert WHERE state IN ('closed', 'received') AND raised_us > :since"
        " ORDER BY raised_us DESC LIMIT 200) ORDER BY raised_us DESC",
        err);
    query_integer(query, ":since", clock_now_us() - ends_shown_s(viewer) * second_us);
    query_integer(query, ":crew", officer_has(viewer, ROLE_CREW));
    while (query_next(query))
        json_array_append_new(ids, json_string(query_get_text(query, 0)));
    return query_ok(query, err);
}

/* One that cannot be shown (its key is gone, its row was edited) is left out and does not hide the others. */
static json_t *list_shown(struct site *site, const struct officer *viewer, struct error *err)
{
    AUTO(json) json_t *ids = json_array();
    if (!list_ids(site, viewer, ids, err))
        return NULL;
    json_t *alerts = json_array();
    struct units units = {.known = false};
    for (size_t i = 0; i < json_array_size(ids); i++) {
        struct alert alert;
        if (!alert_load(site, json_string_value(json_array_get(ids, i)), &alert, NULL))
            continue;
        json_t *shown = show(site, viewer, &alert, &units, NULL);
        if (shown)
            json_array_append_new(alerts, shown);
    }
    return json_pack("{s:o}", "alerts", alerts);
}

static json_t *finish(struct site *site, json_t *reply, int64_t changes, struct error *err)
{
    AUTO(json) json_t *kept = reply;
    if (!kept || changes == 0) {
        ledger_abort(site->ledger);
        return STEAL(kept);
    }
    return ledger_commit(site->ledger, err) ? STEAL(kept) : NULL;
}

static int64_t looks(struct site *site)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store, "SELECT COUNT(*) FROM alert_seen", NULL);
    return query_next(query) ? query_get_integer(query, 0) : 0;
}

json_t *alert_list(struct site *site, const struct officer *viewer, struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return NULL;
    int64_t before = looks(site);
    json_t *reply = list_shown(site, viewer, err);
    return finish(site, reply, looks(site) - before, err);
}

static json_t *show_one(struct site *site, const struct officer *viewer, const char *id, struct error *err)
{
    struct alert alert;
    struct error wrong = {0};
    struct units units = {.known = false};
    if (!alert_load(site, id, &alert, err))
        return NULL;
    json_t *shown = show(site, viewer, &alert, &units, &wrong);
    if (!shown && wrong.code != ERROR_NONE && err)
        *err = wrong;
    else if (!shown)
        fail(err, ERROR_FORBIDDEN, "alert %s is not shown to %s", id, viewer->id);
    return shown;
}

json_t *alert_show(struct site *site, const struct officer *viewer, const char *alert, struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return NULL;
    int64_t before = looks(site);
    json_t *reply = show_one(site, viewer, alert, err);
    return finish(site, reply, looks(site) - before, err);
}
