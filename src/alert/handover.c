#include "alert/action.h"
#include "alert/erase.h"
#include "alert/evidence.h"
#include "alert/handover_packet.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static bool keep_packet(struct act *act, const char *station, size_t ordinal, struct bytes sealed,
    const char *disclosure_hash, struct error *err)
{
    uint8_t digest[HASH_SIZE];
    char hash[HEX_HASH_SIZE];
    hash_bytes(sealed.data, sealed.size, digest);
    hex_write(digest, HASH_SIZE, hash);
    AUTO(query)
    struct query *query = query_new(act->site->ledger->store,
        "INSERT INTO alert_handover (alert, station, ordinal, hash, sealed)"
        " VALUES (:alert, :station, :ordinal, :hash, :sealed)",
        err);
    query_text(query, ":alert", act->alert.id);
    query_text(query, ":station", station);
    query_integer(query, ":ordinal", (int64_t)ordinal);
    query_text(query, ":hash", hash);
    query_bytes(query, ":sealed", sealed.data, sealed.size);
    return query_done(query, err) && alert_record(act->site, &act->alert, "handover_sealed", act->officer->id,
                                         json_pack("{s:s, s:s, s:s}", "station", station, "handover_hash",
                                             hash, "disclosure_hash", disclosure_hash),
                                         err);
}

static bool seal_for(struct act *act, json_t *packet, const char *station, size_t ordinal,
    const char *disclosure_hash, struct error *err)
{
    char context[48];
    AUTO(bytes) struct bytes sealed = {0};
    snprintf(context, sizeof context, "handover:%s", act->alert.id);
    json_object_set_new(packet, "station", json_string(station));
    AUTO(text) char *text = json_canonical(packet, err);
    if (!text)
        return false;
    bool is_sealed = packet_seal(
        roster_station(act->site->roster, station)->key, context, text, strlen(text), &sealed, err);
    memory_wipe(text, strlen(text));
    return is_sealed && keep_packet(act, station, ordinal, sealed, disclosure_hash, err);
}

static bool seal_packets(struct act *act, const char *custody, struct error *err)
{
    char disclosure_hash[HEX_HASH_SIZE];
    AUTO(receivers) struct receivers receivers = {.count = 0};
    if (!receivers_find(act, custody, &receivers, err))
        return false;
    AUTO(json) json_t *packet = handover_packet(act, &receivers, disclosure_hash, err);
    for (size_t i = 0; packet && i < receivers.count; i++) {
        if (!seal_for(act, packet, receivers.station[i], i, disclosure_hash, err))
            return false;
    }
    return packet != NULL;
}

/* Over all packets in their order: a row that is gone or changed is one that nobody signs for. */
static bool hash_packets(
    struct site *site, const char *alert, char out[static HEX_HASH_SIZE], struct error *err)
{
    uint8_t digest[HASH_SIZE];
    AUTO(text_buffer) struct text all = {0};
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT station, hash FROM alert_handover WHERE alert = :alert ORDER BY ordinal", err);
    query_text(query, ":alert", alert);
    while (query_next(query))
        text_add(&all, "%s %s\n", query_get_text(query, 0), query_get_text(query, 1));
    hash_bytes(all.data ? all.data : "", all.size, digest);
    hex_write(digest, HASH_SIZE, out);
    return query_ok(query, err);
}

static bool packets_are_whole(struct site *site, const struct alert *alert, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    if (!hash_packets(site, alert->id, hash, err))
        return false;
    return strcmp(hash, alert->packets) == 0 ||
           fail(err, ERROR_CORRUPT, "the packets of alert %s are not those it was handed over with",
               alert->id);
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
    struct alert *alert = &act->alert;
    if (!crew_has_alert(act->site, act->officer->id, alert, err) ||
        !lives_allow(alert->state, ALERT_HANDED_OVER, BY_CREW, alert->outcome, err) ||
        !json_need_text(act->envelope->fields, "station", &station, err) ||
        !evidence_carries(act->site, alert, err) || !custody_was_signed(act, err) ||
        !seal_packets(act, station, err) || !hash_packets(act->site, alert->id, alert->packets, err) ||
        !alert_move(act->site, alert, ALERT_HANDED_OVER, "custody", BY_CREW, act->officer->id, err))
        return NULL;
    return alert_reply(alert);
}

/* The packets of the stations where the roster posts the officer: nobody else opens them or signs for them.
 */
static json_t *read_handovers(
    struct site *site, const struct officer *officer, const char *alert, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT sealed, hash, station FROM alert_handover WHERE alert = :alert ORDER BY ordinal", err);
    query_text(query, ":alert", alert);
    AUTO(json) json_t *packets = json_array();
    while (query_next(query)) {
        struct bytes sealed = query_get_bytes(query, 0);
        if (!officer_is_posted(officer, query_get_text(query, 2)))
            continue;
        AUTO(text) char *base64 = base64_write(sealed.data, sealed.size);
        json_array_append_new(packets, json_pack("{s:s, s:s, s:s}", "packet", base64, "handover_hash",
                                           query_get_text(query, 1), "station", query_get_text(query, 2)));
    }
    if (!query_ok(query, err))
        return NULL;
    if (json_array_size(packets) > 0)
        return STEAL(packets);
    fail(err, ERROR_FORBIDDEN, "alert %s waits at no station where %s is posted", alert, officer->id);
    return NULL;
}

static const char *hash_in(const json_t *packet)
{
    return json_string_value(json_object_get(packet, "handover_hash"));
}

static const char *find_station(const json_t *packets, const char *hash)
{
    size_t index;
    const json_t *packet;
    json_array_foreach (packets, index, packet) {
        if (strcmp(hash_in(packet), hash) == 0)
            return json_string_value(json_object_get(packet, "station"));
    }
    return NULL;
}

/* Whether an officer posted to the station has signed for this packet. */
static bool is_received(const struct statements *receipts, const char *station, const char *hash)
{
    for (size_t i = 0; i < receipts->count; i++) {
        const char *of = json_string_value(json_object_get(receipts->list[i]->fields, "handover_hash"));
        if (of && strcmp(of, hash) == 0 && officer_is_posted(receipts->by[i].officer, station))
            return true;
    }
    return false;
}

/* The signed receipts decide, not the rows; the one for `now_received` is being signed. */
static bool all_received(struct act *act, const char *now_received, bool *all, struct error *err)
{
    AUTO(statements) struct statements receipts = {0};
    if (!packets_are_whole(act->site, &act->alert, err) ||
        !statements_load(act->site, &act->alert, "receipt", ROLE_STATION, &receipts, err))
        return false;
    AUTO(query)
    struct query *query = query_new(
        act->site->ledger->store, "SELECT station, hash FROM alert_handover WHERE alert = :alert", err);
    query_text(query, ":alert", act->alert.id);
    *all = true;
    while (query_next(query))
        *all = *all && (strcmp(query_get_text(query, 0), now_received) == 0 ||
                           is_received(&receipts, query_get_text(query, 0), query_get_text(query, 1)));
    return query_ok(query, err);
}

static json_t *receive(struct act *act, struct error *err)
{
    const char *hash = NULL;
    bool all = false;
    struct alert *alert = &act->alert;
    AUTO(json) json_t *packets = read_handovers(act->site, act->officer, alert->id, err);
    if (!packets || !lives_allow(alert->state, ALERT_RECEIVED, BY_STATION, alert->outcome, err) ||
        !json_need_text(act->envelope->fields, "handover_hash", &hash, err))
        return NULL;
    const char *station = find_station(packets, hash);
    if (!station) {
        fail(err, ERROR_CONFLICT, "the receipt is for another packet than that of alert %s", alert->id);
        return NULL;
    }
    if (!alert_record(act->site, alert, "handover_receipt", act->officer->id,
            json_pack("{s:s, s:s}", "station", station, "handover_hash", hash), err) ||
        !all_received(act, station, &all, err))
        return NULL;
    if (all && (!alert_move(act->site, alert, ALERT_RECEIVED, "custody", BY_STATION, act->officer->id, err) ||
                   !erase_now(act->site, alert->id, err)))
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
    json_t *packets = alert_load(site, id, &alert, err) ? read_handovers(site, officer, id, err) : NULL;
    if (!packets || !alert_record(site, &alert, "handover_opened", officer->id, NULL, err))
        return NULL;
    const json_t *first = json_array_get(packets, 0);
    return json_pack("{s:O, s:O, s:O}", "packet", json_object_get(first, "packet"), "handover_hash",
        json_object_get(first, "handover_hash"), "packets", packets);
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
