#include "alert/packet.h"

#include "alert/passage.h"
#include "alert/person.h"
#include "alert/picture.h"
#include "base/clock.h"
#include "base/text.h"
#include "list/camera.h"
#include "list/entry.h"
#include "list/presence.h"

#include <stdio.h>
#include <string.h>

static const int64_t second_us = 1000000;

/* Which crew looks is not known before the unit opens it: the mark says which unit, and for what. */
static json_t *marked_json(
    struct site *site, const struct alert *alert, struct bytes picture, struct error *err)
{
    char viewer[2 * ALERT_ID_SIZE];
    AUTO(bytes) struct bytes marked = {0};
    snprintf(viewer, sizeof viewer, "%s %s", alert->unit, alert->id);
    if (!picture_mark(site, viewer, picture, &marked, err))
        return NULL;
    AUTO(text) char *text = base64_write(marked.data, marked.size);
    return json_string(text);
}

static json_t *pictures_json(struct site *site, const struct alert *alert, struct error *err)
{
    AUTO(bytes) struct bytes face = {0};
    AUTO(bytes) struct bytes enrolled = {0};
    if (!passage_picture(site, alert->id, alert->passage, "probe", &face, err) ||
        !entry_picture(site, alert->entry, &enrolled, err))
        return NULL;
    AUTO(json) json_t *marked_face = marked_json(site, alert, face, err);
    AUTO(json) json_t *marked_enrolled = marked_face ? marked_json(site, alert, enrolled, err) : NULL;
    if (!marked_enrolled)
        return NULL;
    return json_pack("{s:O, s:O}", "face", marked_face, "enrolled", marked_enrolled);
}

static json_t *crew_fields(const struct envelope *dispatch)
{
    static const char *const names[] = {"travel", "colour", "clothing", "pillion", "heading"};
    json_t *fields = json_object();
    for (size_t i = 0; i < COUNT_OF(names); i++)
        json_object_set(fields, names[i], json_object_get(dispatch->fields, names[i]));
    return fields;
}

static json_t *packet_json(struct site *site, const struct alert *alert, const struct envelope *dispatch,
    struct envelope *const reviews[static 2], int64_t dies_us, struct error *err)
{
    AUTO(json) json_t *person = NULL;
    AUTO(json) json_t *cases = NULL;
    AUTO(json) json_t *place = place_json(site, alert->camera, err);
    AUTO(json) json_t *pictures = place ? pictures_json(site, alert, err) : NULL;
    if (!pictures || !entry_open(site, alert->entry, &person, &cases, err))
        return NULL;
    const char *marking = site->kind == SITE_DEMO ? DEMO_MARKING : "";
    json_t *endorsement = site->endorsement ? envelope_json(site->endorsement) : NULL;
    return json_pack("{s:s, s:s, s:I, s:O, s:{s:O?, s:O?}, s:O, s:O, s:o, s:o, s:[o, o], s:o, s:o*, s:s}",
        "alert", alert->id, "unit", alert->unit, "dies_at", (json_int_t)(dies_us / second_us), "place", place,
        "person", "name", json_object_get(person, "name"), "description",
        json_object_get(person, "description"), "cases", cases, "pictures", pictures, "crew_fields",
        crew_fields(dispatch), "dispatch", envelope_json(dispatch), "reviews", envelope_json(reviews[0]),
        envelope_json(reviews[1]), "roster", envelope_json(roster_envelope(site->roster)), "endorsement",
        endorsement, "marking", marking);
}

static bool keep(
    struct site *site, const struct alert *alert, int64_t dies_us, struct bytes sealed, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO alert_packet (alert, unit, dies_us, sealed) VALUES (:alert, :unit, :dies, :sealed)",
        err);
    query_text(query, ":alert", alert->id);
    query_text(query, ":unit", alert->unit);
    query_integer(query, ":dies", dies_us);
    query_bytes(query, ":sealed", sealed.data, sealed.size);
    return query_done(query, err) && alert_event(site, alert, "packet", "sealed", err);
}

bool packet_make(struct site *site, const struct alert *alert, const struct envelope *dispatch,
    struct envelope *const reviews[static 2], int64_t captured_us, struct error *err)
{
    const struct device *device = roster_unit(site->roster, alert->unit);
    if (!device)
        return fail(err, ERROR_MISSING, "no unit %s in the roster", alert->unit);
    int64_t dies_us = captured_us + LIMIT_PACKET_S * second_us;
    AUTO(json) json_t *packet = packet_json(site, alert, dispatch, reviews, dies_us, err);
    AUTO(text) char *text = packet ? json_canonical(packet, err) : NULL;
    if (!text)
        return false;
    char context[48];
    snprintf(context, sizeof context, "packet:%s", alert->id);
    AUTO(bytes) struct bytes sealed = {0};
    bool is_sealed = packet_seal(device->key, context, text, strlen(text), &sealed, err);
    memory_wipe(text, strlen(text));
    return is_sealed && keep(site, alert, dies_us, sealed, err);
}

static bool change_packet(
    struct site *site, const char *alert, const char *sql, const char *officer, struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":alert", alert);
    if (officer)
        query_text(query, ":officer", officer);
    return query_done(query, err);
}

static json_t *seen_by(struct site *site, const char *alert, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT officer FROM alert_packet_seen WHERE alert = :alert ORDER BY officer", err);
    query_text(query, ":alert", alert);
    AUTO(json) json_t *officers = json_array();
    while (query_next(query))
        json_array_append_new(officers, json_string(query_get_text(query, 0)));
    return query_ok(query, err) ? STEAL(officers) : NULL;
}

static bool read_seen(
    struct site *site, const char *alert, bool *there, int64_t *seen, char unit[static 24], struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT seen, unit FROM alert_packet WHERE alert = :alert", err);
    query_text(query, ":alert", alert);
    *there = query_next(query);
    if (*there) {
        *seen = query_get_integer(query, 0);
        snprintf(unit, 24, "%s", query_get_text(query, 1));
    }
    return query_ok(query, err);
}

bool packet_erase(struct site *site, const struct alert *alert, const char *officer, struct error *err)
{
    bool there = false;
    int64_t seen = 0;
    char unit[24];
    if (!read_seen(site, alert->id, &there, &seen, unit, err))
        return false;
    if (!there)
        return true;
    json_t *officers = seen_by(site, alert->id, err);
    if (!officers)
        return false;
    json_t *more = json_pack("{s:s, s:I, s:o}", "unit", unit, "seen", (json_int_t)seen, "seen_by", officers);
    return alert_record(site, alert, "packet_erased", officer, more, err) &&
           change_packet(site, alert->id, "DELETE FROM alert_packet WHERE alert = :alert", NULL, err) &&
           change_packet(site, alert->id, "DELETE FROM alert_packet_seen WHERE alert = :alert", NULL, err) &&
           alert_event(site, alert, "packet", "erased", err);
}

bool packet_prolong(struct site *site, const struct alert *alert, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "UPDATE alert_packet SET dies_us = :dies WHERE alert = :alert", err);
    query_text(query, ":alert", alert->id);
    query_integer(query, ":dies", alert->raised_us + LIMIT_ALERT_S * second_us);
    return query_done(query, err);
}

bool packet_steers(struct site *site, const struct alert *alert, struct error *err)
{
    return change_packet(
        site, alert->id, "UPDATE alert_packet SET steered = 1 WHERE alert = :alert", NULL, err);
}

bool packet_stands(struct site *site, const struct alert *alert, struct packet_stand *out)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT substr(sealed, 1, 32), dies_us, steered FROM alert_packet WHERE alert = :alert", NULL);
    query_text(query, ":alert", alert->id);
    if (!query_next(query))
        return false;
    struct bytes key = query_get_bytes(query, 0);
    if (key.size != PACKET_KEY_SIZE)
        return false;
    hex_write(key.data, key.size, out->which);
    out->dies_us = query_get_integer(query, 1);
    out->steered = query_get_integer(query, 2) != 0;
    return true;
}

static json_t *read_packet(struct site *site, const char *alert, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT sealed, dies_us FROM alert_packet WHERE alert = :alert", err);
    query_text(query, ":alert", alert);
    if (!query_next(query)) {
        if (query_ok(query, err))
            fail(err, ERROR_MISSING, "alert %s has no packet", alert);
        return NULL;
    }
    int64_t dies_us = query_get_integer(query, 1);
    if (dies_us <= clock_now_us()) {
        fail(err, ERROR_MISSING, "the packet of alert %s has died", alert);
        return NULL;
    }
    struct bytes sealed = query_get_bytes(query, 0);
    AUTO(text) char *base64 = base64_write(sealed.data, sealed.size);
    return json_pack("{s:s, s:I}", "packet", base64, "dies_at", (json_int_t)(dies_us / second_us));
}

static json_t *open_packet(
    struct site *site, const struct officer *officer, const char *id, struct error *err)
{
    struct alert alert;
    if (!alert_load(site, id, &alert, err) || !crew_has_alert(site, officer->id, &alert, err))
        return NULL;
    AUTO(json) json_t *reply = read_packet(site, id, err);
    if (!reply ||
        !change_packet(site, id, "UPDATE alert_packet SET seen = seen + 1 WHERE alert = :alert", NULL, err) ||
        !change_packet(site, id,
            "INSERT OR IGNORE INTO alert_packet_seen (alert, officer) VALUES (:alert, :officer)", officer->id,
            err) ||
        !alert_record(
            site, &alert, "packet_opened", officer->id, json_pack("{s:s}", "unit", alert.unit), err))
        return NULL;
    return STEAL(reply);
}

json_t *alert_packet(struct site *site, const struct officer *officer, const char *alert, struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return NULL;
    AUTO(json) json_t *reply = open_packet(site, officer, alert, err);
    if (!reply) {
        ledger_abort(site->ledger);
        return NULL;
    }
    return ledger_commit(site->ledger, err) ? STEAL(reply) : NULL;
}
