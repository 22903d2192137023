#include "alert/handover_packet.h"

#include "alert/evidence.h"
#include "alert/passage.h"
#include "base/text.h"
#include "govern/ledger_proof.h"
#include "list/entry.h"
#include "list/operation.h"

#include <stdio.h>
#include <string.h>

void receivers_done(struct receivers *receivers)
{
    json_decref(receivers->without_key);
    json_decref(receivers->person);
    json_decref(receivers->cases);
    *receivers = (struct receivers){.count = 0};
}

static bool is_known(const struct receivers *receivers, const char *station)
{
    size_t i = 0;
    while (i < receivers->count && strcmp(receivers->station[i], station) != 0)
        i++;
    return i < receivers->count;
}

static bool add_case_stations(struct act *act, struct receivers *receivers, struct error *err)
{
    size_t index;
    const json_t *legal_case;
    json_array_foreach (receivers->cases, index, legal_case) {
        const char *station = json_string_value(json_object_get(legal_case, "station"));
        if (!station || is_known(receivers, station))
            continue;
        if (!roster_station(act->site->roster, station))
            json_array_append_new(receivers->without_key, json_string(station));
        else if (receivers->count == HANDOVER_STATIONS)
            return fail(err, ERROR_TOO_LARGE, "more than %d stations", HANDOVER_STATIONS);
        else
            receivers->station[receivers->count++] = station;
    }
    return true;
}

bool receivers_find(struct act *act, const char *custody, struct receivers *out, struct error *err)
{
    if (!roster_station(act->site->roster, custody))
        return fail(err, ERROR_MISSING, "no station %s in the roster", custody);
    out->station[out->count++] = custody;
    out->without_key = json_array();
    return entry_open(act->site, act->alert.entry, &out->person, &out->cases, err) &&
           add_case_stations(act, out, err);
}

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

/* By which what was signed before somebody left verifies, each once. */
static void add_former(const struct roster *former, json_t *packet)
{
    json_t *rosters = json_object_get(packet, "former_rosters");
    AUTO(json) json_t *roster = envelope_json(roster_envelope(former));
    for (size_t i = 0; i < json_array_size(rosters); i++) {
        if (json_equal(json_array_get(rosters, i), roster))
            return;
    }
    if (!json_equal(json_object_get(packet, "roster"), roster))
        json_array_append(rosters, roster);
}

static bool add_envelopes(struct site *site, const struct alert *alert, json_t *packet, const char *type,
    enum role role, struct error *err)
{
    AUTO(statements) struct statements all = {0};
    if (!statements_load(site, alert, type, role, &all, err))
        return false;
    AUTO(text) char *name = text_format("%ss", type);
    json_t *list = json_array();
    for (size_t i = 0; i < all.count; i++) {
        json_array_append_new(list, envelope_json(all.list[i]));
        if (all.by[i].former)
            add_former(all.by[i].former, packet);
    }
    return json_object_set_new(packet, name, list) == 0;
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

/* Every answer of every reviewer, and how often this entry was said to be somebody else before. */
static bool add_legal(struct site *site, const struct alert *alert, json_t *packet, struct error *err)
{
    int64_t rejections = 0;
    json_object_set_new(packet, "former_rosters", json_array());
    if (!add_envelopes(site, alert, packet, "review", ROLE_REVIEWER, err) ||
        !add_envelopes(site, alert, packet, "outcome", ROLE_CREW, err) ||
        !add_envelopes(site, alert, packet, "concurrence", ROLE_CREW, err) ||
        !count_rejections(site, alert, &rejections, err))
        return false;
    return json_object_set_new(packet, "earlier_rejections", json_integer(rejections)) == 0;
}

static bool add_measured(struct site *site, const struct alert *alert, json_t *packet, struct error *err)
{
    int64_t list_size = 0;
    if (!operation_list_size(site, alert->operation, &list_size, err))
        return false;
    AUTO(json) json_t *facts = passage_facts(site, alert->id, alert->passage, err);
    json_t *pictures = facts ? pictures_json(site, alert, facts, err) : NULL;
    if (!pictures)
        return false;
    json_object_set_new(packet, "pictures", pictures);
    json_object_set(packet, "sighting", facts); /* scores, the best others, times, threshold */
    /* Those of then, whatever the site uses now; alerts of before do not say. */
    char pack[HEX_HASH_SIZE];
    const char *then = json_string_value(json_object_get(facts, "pack_hash"));
    hex_write(site->pack_hash, HASH_SIZE, pack);
    json_object_set_new(packet, "pack_hash", json_string(then ? then : pack));
    json_object_set_new(packet, "list_size", json_integer(list_size));
    json_t *report = passage_report(site, facts, err);
    return report && json_object_set_new(packet, "report", report) == 0;
}

static json_t *answers_json(const json_t *reviews)
{
    static const char *const names[] = {"passage", "pictures_hash", "answer", "likenesses", "differences"};
    json_t *answers = json_array();
    size_t index;
    const json_t *review;
    json_array_foreach (reviews, index, review) {
        AUTO(envelope) struct envelope *envelope = envelope_read(review, NULL);
        json_t *answer = json_object();
        for (size_t i = 0; envelope && i < COUNT_OF(names); i++)
            json_object_set(answer, names[i], json_object_get(envelope->fields, names[i]));
        json_array_append_new(answers, answer);
    }
    return answers;
}

static json_t *other_scores(const json_t *sighting)
{
    json_t *scores = json_array();
    size_t index;
    const json_t *other;
    json_array_foreach (json_object_get(sighting, "others"), index, other) {
        json_array_append(scores, json_object_get(other, "score_e6"));
    }
    return scores;
}

/* For the defence: how the person was found and how sure that is, without other persons' entries and without
 * officers' names. The packet's `pictures` go with it. */
static bool add_disclosure(json_t *packet, char hash[static HEX_HASH_SIZE], struct error *err)
{
    static const char *const shared[] = {"alert", "face_recognition_used", "pack_hash", "list_size", "report",
        "earlier_rejections", "checkpoint"};
    static const char *const measured[] = {
        "score_e6", "threshold_e6", "captured_us", "shots_us", "pictures_hash", "enrolled_hash"};
    const json_t *sighting = json_object_get(packet, "sighting");
    json_t *disclosure = json_pack("{s:o, s:o}", "answers", answers_json(json_object_get(packet, "reviews")),
        "other_scores_e6", other_scores(sighting));
    for (size_t i = 0; i < COUNT_OF(shared); i++)
        json_object_set(disclosure, shared[i], json_object_get(packet, shared[i]));
    for (size_t i = 0; i < COUNT_OF(measured); i++)
        json_object_set(disclosure, measured[i], json_object_get(sighting, measured[i]));
    json_object_set_new(packet, "disclosure", disclosure);
    AUTO(text) char *text = json_canonical(disclosure, err);
    uint8_t digest[HASH_SIZE];
    if (!text)
        return false;
    hash_bytes(text, strlen(text), digest);
    hex_write(digest, HASH_SIZE, hash);
    return true;
}

static json_t *station_list(const struct receivers *receivers)
{
    json_t *stations = json_array();
    for (size_t i = 0; i < receivers->count; i++)
        json_array_append_new(stations, json_string(receivers->station[i]));
    return stations;
}

json_t *handover_packet(struct act *act, const struct receivers *receivers,
    char disclosure_hash[static HEX_HASH_SIZE], struct error *err)
{
    /* Anybody on duty looks and asks as often as they like, and who waits under a camera is seen again and
     * again: that must not keep a custody from its hand-over. */
    static const char *const counted[] = {
        "picture_shown", "packet_opened", "radio_script_shown", "passage_waits", NULL};
    struct site *site = act->site;
    const struct proof_subject subject = {"alert", act->alert.id, counted, "case_status_asked", "case"};
    AUTO(json) json_t *proofs = ledger_prove_about(site->ledger, &subject, err);
    if (!proofs)
        return NULL;
    AUTO(json)
    json_t *packet = json_pack("{s:s, s:b, s:O, s:O, s:O, s:o, s:s, s:o, s:o, s:O, s:O, s:O}", "alert",
        act->alert.id, "face_recognition_used", 1, "checkpoint", json_object_get(proofs, "checkpoint"),
        "records", json_object_get(proofs, "records"), "counted", json_object_get(proofs, "counted"),
        "handover", envelope_json(act->envelope), "marking", site->kind == SITE_DEMO ? DEMO_MARKING : "",
        "roster", envelope_json(roster_envelope(site->roster)), "stations", station_list(receivers),
        "stations_without_key", receivers->without_key, "person", receivers->person, "cases",
        receivers->cases);
    if (!add_measured(site, &act->alert, packet, err) || !add_legal(site, &act->alert, packet, err) ||
        !add_disclosure(packet, disclosure_hash, err))
        return NULL;
    return STEAL(packet);
}
