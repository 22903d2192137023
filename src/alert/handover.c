#include "alert/action.h"
#include "alert/erase.h"
#include "alert/evidence.h"
#include "alert/passage.h"
#include "base/text.h"
#include "list/entry.h"

#include <stdio.h>
#include <string.h>

static json_t *crop_json(struct site *site, const struct alert *alert, size_t index, struct error *err)
{
    char name[32];
    snprintf(name, sizeof name, "crop_%zu", index);
    AUTO(bytes) struct bytes crop = {0};
    if (!passage_picture(site, alert->id, alert->passage, name, &crop, err))
        return NULL;
    AUTO(text) char *base64 = base64_write(crop.data, crop.size);
    return json_pack("{s:s, s:i, s:i, s:s}", "format", "rgb", "width", 112, "height", 112, "pixels", base64);
}

static json_t *crops_json(
    struct site *site, const struct alert *alert, const json_t *facts, struct error *err)
{
    json_int_t count = json_integer_value(json_object_get(facts, "crops"));
    AUTO(json) json_t *crops = json_array();
    for (json_int_t i = 0; i < count; i++) {
        json_t *crop = crop_json(site, alert, (size_t)i, err);
        if (!crop)
            return NULL;
        json_array_append_new(crops, crop);
    }
    return STEAL(crops);
}

static json_t *pictures_json(
    struct site *site, const struct alert *alert, const json_t *facts, struct error *err)
{
    AUTO(json) json_t *crops = crops_json(site, alert, facts, err);
    AUTO(bytes) struct bytes face = {0};
    AUTO(bytes) struct bytes enrolled = {0};
    if (!crops || !passage_picture(site, alert->id, alert->passage, "probe", &face, err) ||
        !entry_picture(site, alert->entry, &enrolled, err))
        return NULL;
    AUTO(text) char *face_text = base64_write(face.data, face.size);
    AUTO(text) char *enrolled_text = base64_write(enrolled.data, enrolled.size);
    return json_pack("{s:O, s:s, s:s}", "crops", crops, "face", face_text, "enrolled", enrolled_text);
}

static json_t *envelopes_json(
    struct site *site, const struct alert *alert, const char *type, enum role role, struct error *err)
{
    AUTO(statements) struct statements all = {0};
    if (!statements_load(site, alert, type, role, &all, err))
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < all.count; i++)
        json_array_append_new(list, envelope_json(all.list[i]));
    return list;
}

static bool count_rejections(struct site *site, const struct alert *alert, int64_t *count, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "SELECT COUNT(*) FROM alert WHERE entry = :entry AND outcome = 'rejected'", err);
    query_text(query, ":entry", alert->entry);
    if (query_next(query))
        *count = query_get_integer(query, 0);
    return query_ok(query, err);
}

static bool add_legal(struct site *site, const struct alert *alert, json_t *packet, struct error *err)
{
    AUTO(json) json_t *person = NULL;
    AUTO(json) json_t *cases = NULL;
    int64_t rejections = 0;
    json_t *reviews = envelopes_json(site, alert, "review", ROLE_REVIEWER, err);
    if (!reviews)
        return false;
    json_object_set_new(packet, "reviews", reviews);
    json_t *outcomes = envelopes_json(site, alert, "outcome", ROLE_CREW, err);
    if (!outcomes)
        return false;
    json_object_set_new(packet, "outcomes", outcomes);
    if (!entry_open(site, alert->entry, &person, &cases, err) ||
        !count_rejections(site, alert, &rejections, err))
        return false;
    json_object_set(packet, "person", person);
    json_object_set(packet, "cases", cases);
    return json_object_set_new(packet, "earlier_rejections", json_integer(rejections)) == 0;
}

static bool add_measured(struct site *site, const struct alert *alert, json_t *packet, struct error *err)
{
    AUTO(json) json_t *facts = passage_facts(site, alert->id, alert->passage, err);
    json_t *pictures = facts ? pictures_json(site, alert, facts, err) : NULL;
    if (!pictures)
        return false;
    json_object_set_new(packet, "pictures", pictures);
    json_object_set(packet, "sighting", facts); /* scores, the best others, times, threshold */
    char pack[HEX_HASH_SIZE];
    hex_write(site->pack_hash, HASH_SIZE, pack);
    json_object_set_new(packet, "pack_hash", json_string(pack));
    json_object_set_new(packet, "report", site->report ? envelope_json(site->report) : json_null());
    return true;
}

static char *packet_text(struct act *act, const char *station, struct error *err)
{
    struct site *site = act->site;
    AUTO(text) char *checkpoint = ledger_checkpoint(site->ledger, err);
    if (!checkpoint)
        return NULL;
    AUTO(json)
    json_t *packet = json_pack("{s:s, s:s, s:b, s:s, s:o, s:s, s:o}", "alert", act->alert.id, "station",
        station, "face_recognition_used", 1, "checkpoint", checkpoint, "handover",
        envelope_json(act->envelope), "marking", site->kind == SITE_DEMO ? DEMO_MARKING : "", "roster",
        envelope_json(roster_envelope(site->roster)));
    if (!add_measured(site, &act->alert, packet, err) || !add_legal(site, &act->alert, packet, err))
        return NULL;
    return json_canonical(packet, err);
}

static bool keep_packet(struct act *act, const char *station, struct bytes sealed,
    char hash[static HEX_HASH_SIZE], struct error *err)
{
    uint8_t digest[HASH_SIZE];
    hash_bytes(sealed.data, sealed.size, digest);
    hex_write(digest, HASH_SIZE, hash);
    AUTO(query)
    struct query *query = query_new(act->site->ledger->store,
        "INSERT INTO alert_handover (alert, station, hash, sealed) VALUES (:alert, :station, :hash, :sealed)",
        err);
    query_text(query, ":alert", act->alert.id);
    query_text(query, ":station", station);
    query_text(query, ":hash", hash);
    query_bytes(query, ":sealed", sealed.data, sealed.size);
    return query_done(query, err) &&
           alert_record(act->site, &act->alert, "handover_sealed", act->officer->id,
               json_pack("{s:s, s:s}", "station", station, "handover_hash", hash), err);
}

static bool seal_packet(
    struct act *act, const char *station, char hash[static HEX_HASH_SIZE], struct error *err)
{
    const struct device *device = roster_station(act->site->roster, station);
    if (!device)
        return fail(err, ERROR_MISSING, "no station %s in the roster", station);
    AUTO(text) char *text = packet_text(act, station, err);
    if (!text)
        return false;
    char context[48];
    snprintf(context, sizeof context, "handover:%s", act->alert.id);
    AUTO(bytes) struct bytes sealed = {0};
    bool is_sealed = packet_seal(device->key, context, text, strlen(text), &sealed, err);
    memory_wipe(text, strlen(text));
    return is_sealed && keep_packet(act, station, sealed, hash, err);
}

static bool custody_was_signed(struct act *act, struct error *err)
{
    AUTO(statements) struct statements outcomes = {0};
    if (!statements_load(act->site, &act->alert, "outcome", ROLE_CREW, &outcomes, err))
        return false;
    const char *word =
        outcomes.count
            ? json_string_value(json_object_get(outcomes.list[outcomes.count - 1]->fields, "outcome"))
            : NULL;
    if (!word || strcmp(word, "custody") != 0)
        return fail(err, ERROR_CORRUPT, "alert %s is in custody without its outcome", act->alert.id);
    return true;
}

static json_t *hand_over(struct act *act, struct error *err)
{
    const char *station = NULL;
    char hash[HEX_HASH_SIZE];
    struct alert *alert = &act->alert;
    if (!lives_allow(alert->state, ALERT_HANDED_OVER, BY_CREW, alert->outcome, err) ||
        !json_need_text(act->envelope->fields, "station", &station, err) ||
        !crew_has_alert(act->site, act->officer->id, alert, err) ||
        !evidence_carries(act->site, alert, err) || !custody_was_signed(act, err) ||
        !seal_packet(act, station, hash, err) ||
        !alert_move(act->site, alert, ALERT_HANDED_OVER, "custody", BY_CREW, act->officer->id, err))
        return NULL;
    return alert_reply(alert);
}

/* Only officers whom the roster posts to the receiving station open the packet and sign for it. */
static json_t *read_handover(
    struct site *site, const struct officer *officer, const char *alert, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "SELECT sealed, hash, station FROM alert_handover WHERE alert = :alert", err);
    query_text(query, ":alert", alert);
    if (!query_next(query)) {
        if (query_ok(query, err))
            fail(err, ERROR_MISSING, "alert %s has no handover packet", alert);
        return NULL;
    }
    const char *station = query_get_text(query, 2);
    if (!officer_is_posted(officer, station)) {
        fail(err, ERROR_FORBIDDEN, "alert %s was handed over to %s, where %s is not posted", alert, station,
            officer->id);
        return NULL;
    }
    struct bytes sealed = query_get_bytes(query, 0);
    AUTO(text) char *base64 = base64_write(sealed.data, sealed.size);
    return json_pack("{s:s, s:s}", "packet", base64, "handover_hash", query_get_text(query, 1));
}

static json_t *receive(struct act *act, struct error *err)
{
    const char *hash = NULL;
    struct alert *alert = &act->alert;
    if (!lives_allow(alert->state, ALERT_RECEIVED, BY_STATION, alert->outcome, err) ||
        !json_need_text(act->envelope->fields, "handover_hash", &hash, err))
        return NULL;
    AUTO(json) json_t *handover = read_handover(act->site, act->officer, alert->id, err);
    if (!handover)
        return NULL;
    if (strcmp(json_string_value(json_object_get(handover, "handover_hash")), hash) != 0) {
        fail(err, ERROR_CONFLICT, "the receipt is for another packet than that of alert %s", alert->id);
        return NULL;
    }
    if (!alert_move(act->site, alert, ALERT_RECEIVED, "custody", BY_STATION, act->officer->id, err) ||
        !erase_now(act->site, alert->id, err))
        return NULL;
    return alert_reply(alert);
}

json_t *alert_hand_over(struct site *site, const struct envelope *envelope, struct error *err)
{
    static const struct action action = {"handover", ROLE_CREW, hand_over};
    return act_on(site, envelope, &action, err);
}

json_t *alert_receive(struct site *site, const struct envelope *envelope, struct error *err)
{
    static const struct action action = {"receipt", ROLE_STATION, receive};
    return act_on(site, envelope, &action, err);
}

static json_t *open_handover(
    struct site *site, const struct officer *officer, const char *id, struct error *err)
{
    struct alert alert;
    if (!officer_has(officer, ROLE_STATION)) {
        fail(err, ERROR_FORBIDDEN, "%s is at no station", officer->id);
        return NULL;
    }
    AUTO(json)
    json_t *reply = alert_load(site, id, &alert, err) ? read_handover(site, officer, id, err) : NULL;
    if (!reply || !alert_record(site, &alert, "handover_opened", officer->id, NULL, err))
        return NULL;
    return STEAL(reply);
}

json_t *alert_handover_packet(
    struct site *site, const struct officer *officer, const char *alert, struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return NULL;
    AUTO(json) json_t *reply = open_handover(site, officer, alert, err);
    if (!reply) {
        ledger_abort(site->ledger);
        return NULL;
    }
    return ledger_commit(site->ledger, err) ? STEAL(reply) : NULL;
}
