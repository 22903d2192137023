#include "alert/passage.h"

#include "base/clock.h"
#include "base/text.h"
#include "list/entry.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    PASSAGES_WAITING = 3,
    CLOCK_SKEW_US = 5 * 1000000, /* watch and desk read the wall clock at different starts */
    FACTS_LIMIT = 16 * 1024,
    SIGHTING_LEAST_CROPS = 2,
};

void pictures_hash(const char *passage, const struct bytes *crops, size_t crop_count, struct bytes face,
    char out[static HEX_HASH_SIZE])
{
    __attribute__((cleanup(text_buffer_auto))) struct text text = {0};
    text_add(&text, "%s\n", passage);
    for (size_t i = 0; i <= crop_count; i++) {
        struct bytes picture = i < crop_count ? crops[i] : face;
        uint8_t hash[HASH_SIZE];
        char hex[HEX_HASH_SIZE];
        hash_bytes(picture.data, picture.size, hash);
        hex_write(hash, HASH_SIZE, hex);
        text_add(&text, "%s\n", hex);
    }
    uint8_t all[HASH_SIZE];
    hash_bytes(text.data, text.size, all);
    hex_write(all, HASH_SIZE, out);
}

static bool is_id(const char id[static ALERT_ID_SIZE])
{
    size_t length = strnlen(id, ALERT_ID_SIZE);
    return length > 2 && length < ALERT_ID_SIZE &&
           strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static bool is_score(float score)
{
    return isfinite(score) && score >= -1.0f && score <= 1.0f;
}

static bool is_jpeg(struct bytes bytes, size_t limit)
{
    return bytes.data && bytes.size > 4 && bytes.size <= limit && memcmp(bytes.data, "\xff\xd8\xff", 3) == 0;
}

static bool others_are_well(const struct sighting *sighting)
{
    if (sighting->other_count > DECISION_OTHERS)
        return false;
    for (size_t i = 0; i < sighting->other_count; i++) {
        const struct candidate *other = &sighting->others[i];
        if (!is_id(other->entry) || strcmp(other->entry, sighting->entry) == 0 || !is_score(other->score))
            return false;
    }
    return true;
}

static int64_t newest_shot(const struct sighting *sighting)
{
    int64_t newest = sighting->captured_us[0];
    for (size_t i = 1; i < sighting->crop_count; i++)
        newest = sighting->captured_us[i] > newest ? sighting->captured_us[i] : newest;
    return newest;
}

static bool times_are_well(const struct sighting *sighting, int64_t now_us)
{
    int64_t newest = newest_shot(sighting);
    int64_t oldest = newest;
    for (size_t i = 0; i < sighting->crop_count; i++)
        oldest = sighting->captured_us[i] < oldest ? sighting->captured_us[i] : oldest;
    return oldest > now_us - (int64_t)LIMIT_ALERT_S * 1000000 && newest - oldest >= DECISION_GAP_US &&
           sighting->decided_us >= newest && sighting->decided_us <= now_us + CLOCK_SKEW_US;
}

bool passage_check_ids(const struct sighting *sighting, struct error *err)
{
    return (is_id(sighting->camera) && is_id(sighting->operation) && is_id(sighting->passage) &&
               is_id(sighting->entry)) ||
           fail(err, ERROR_INVALID, "a sighting with an id that is none");
}

bool passage_check_form(const struct sighting *sighting, int64_t now_us, struct error *err)
{
    if (sighting->crop_count < SIGHTING_LEAST_CROPS || sighting->crop_count > SIGHTING_CROPS)
        return fail(err, ERROR_INVALID, "sighting %s has %zu crops", sighting->passage, sighting->crop_count);
    for (size_t i = 0; i < sighting->crop_count; i++) {
        if (!sighting->crops[i])
            return fail(err, ERROR_INVALID, "sighting %s misses a crop", sighting->passage);
    }
    if (!is_score(sighting->fused_score) || !others_are_well(sighting))
        return fail(err, ERROR_INVALID, "sighting %s has scores that are none", sighting->passage);
    if (!times_are_well(sighting, now_us))
        return fail(err, ERROR_INVALID, "sighting %s has times that cannot be", sighting->passage);
    if (!is_jpeg(sighting->face, SIGHTING_FACE_LIMIT) || !is_jpeg(sighting->scene, SIGHTING_SCENE_LIMIT))
        return fail(err, ERROR_INVALID, "sighting %s has pictures that are none", sighting->passage);
    return true;
}

static int64_t score_e6(float score)
{
    return (int64_t)lrintf(score * 1e6f);
}

static json_t *others_json(const struct sighting *sighting)
{
    json_t *others = json_array();
    for (size_t i = 0; i < sighting->other_count; i++)
        json_array_append_new(others, json_pack("{s:s, s:I}", "entry", sighting->others[i].entry, "score_e6",
                                          (json_int_t)score_e6(sighting->others[i].score)));
    return others;
}

static json_t *shots_json(const struct sighting *sighting)
{
    json_t *shots = json_array();
    for (size_t i = 0; i < sighting->crop_count; i++)
        json_array_append_new(shots, json_integer(sighting->captured_us[i]));
    return shots;
}

static bool enrolled_hash(
    struct site *site, const char *entry, char out[static HEX_HASH_SIZE], struct error *err)
{
    AUTO(bytes) struct bytes picture = {0};
    if (!entry_picture(site, entry, &picture, err))
        return false;
    uint8_t hash[HASH_SIZE];
    hash_bytes(picture.data, picture.size, hash);
    hex_write(hash, HASH_SIZE, out);
    return true;
}

/* The report in force, for as long as somebody asks by which one a passage was found. */
static bool keep_report(struct site *site, char hash[static HEX_HASH_SIZE], struct error *err)
{
    if (!site->report)
        return true;
    envelope_hash_hex(site->report, hash);
    AUTO(json) json_t *json = envelope_json(site->report);
    AUTO(text) char *text = json_canonical(json, err);
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR IGNORE INTO alert_report (hash, report) VALUES (:hash, :report)", err);
    query_text(query, ":hash", hash);
    query_text(query, ":report", text);
    return text && query_done(query, err);
}

json_t *passage_report(struct site *site, const json_t *facts, struct error *err)
{
    const char *hash = json_string_value(json_object_get(facts, "report_hash"));
    char found[HEX_HASH_SIZE] = "";
    if (!hash) /* raised before the facts said so */
        return site->report ? envelope_json(site->report) : json_null();
    if (!hash[0])
        return json_null();
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT report FROM alert_report WHERE hash = :hash", err);
    query_text(query, ":hash", hash);
    const char *text = query_next(query) ? query_get_text(query, 0) : NULL;
    AUTO(envelope) struct envelope *report = text ? envelope_parse(text, strlen(text), NULL) : NULL;
    if (report)
        envelope_hash_hex(report, found);
    if (strcmp(found, hash) == 0)
        return envelope_json(report);
    fail(err, ERROR_CORRUPT, "the report by which a passage was found is not kept as it was");
    return NULL;
}

static json_t *facts_json(struct site *site, const char *alert, const struct sighting *sighting,
    int64_t threshold_e6, struct error *err)
{
    struct bytes crops[SIGHTING_CROPS];
    for (size_t i = 0; i < sighting->crop_count; i++)
        crops[i] = (struct bytes){sighting->crops[i], CROP_BYTES};
    char hash[HEX_HASH_SIZE];
    char enrolled[HEX_HASH_SIZE];
    char pack[HEX_HASH_SIZE];
    char report[HEX_HASH_SIZE] = "";
    bool near_pair = false;
    hex_write(site->pack_hash, HASH_SIZE, pack);
    pictures_hash(sighting->passage, crops, sighting->crop_count, sighting->face, hash);
    if (!enrolled_hash(site, sighting->entry, enrolled, err) ||
        !entry_has_look_alike(site, sighting->entry, &near_pair, err) || !keep_report(site, report, err))
        return NULL;
    return json_pack(
        "{s:b, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}",
        "near_pair", near_pair, "pack_hash", pack, "report_hash", report, "alert", alert, "passage",
        sighting->passage, "entry", sighting->entry, "operation", sighting->operation, "camera",
        sighting->camera, "pictures_hash", hash, "enrolled_hash", enrolled, "captured_us",
        (json_int_t)newest_shot(sighting), "decided_us", (json_int_t)sighting->decided_us, "raised_at_us",
        (json_int_t)clock_now_us(), "threshold_e6", (json_int_t)threshold_e6, "score_e6",
        (json_int_t)score_e6(sighting->fused_score), "crops", (json_int_t)sighting->crop_count, "others",
        others_json(sighting), "shots_us", shots_json(sighting));
}

static bool seal_picture(struct site *site, const char *alert, const char *passage, const char *picture,
    struct bytes bytes, struct error *err)
{
    char name[40];
    char context[64];
    alert_key_name(alert, name);
    snprintf(context, sizeof context, "picture/%s/%s", passage, picture);
    AUTO(bytes) struct bytes sealed = {0};
    if (!keyring_seal(site->ledger->keyring, name, context, bytes.data, bytes.size, &sealed, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO alert_picture (passage, name, sealed) VALUES (:passage, :name, :sealed)", err);
    query_text(query, ":passage", passage);
    query_text(query, ":name", picture);
    query_bytes(query, ":sealed", sealed.data, sealed.size);
    return query_done(query, err);
}

static bool seal_pictures(
    struct site *site, const char *alert, const struct sighting *sighting, struct error *err)
{
    for (size_t i = 0; i < sighting->crop_count; i++) {
        char picture[32];
        snprintf(picture, sizeof picture, "crop_%zu", i);
        if (!seal_picture(
                site, alert, sighting->passage, picture, (struct bytes){sighting->crops[i], CROP_BYTES}, err))
            return false;
    }
    return seal_picture(site, alert, sighting->passage, "probe", sighting->face, err) &&
           seal_picture(site, alert, sighting->passage, "scene", sighting->scene, err);
}

bool passage_keep(struct site *site, const char *alert, const struct sighting *sighting, int64_t threshold_e6,
    struct error *err)
{
    AUTO(json) json_t *facts = facts_json(site, alert, sighting, threshold_e6, err);
    AUTO(text) char *text = facts ? json_canonical(facts, err) : NULL;
    if (!text)
        return false;
    char name[40];
    char context[64];
    alert_key_name(alert, name);
    snprintf(context, sizeof context, "facts/%s", sighting->passage);
    AUTO(bytes) struct bytes sealed = {0};
    if (!keyring_seal(site->ledger->keyring, name, context, text, strlen(text), &sealed, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO alert_passage (passage, alert, arrived_us, facts) VALUES (:passage, :alert, :now, "
        ":facts)",
        err);
    query_text(query, ":passage", sighting->passage);
    query_text(query, ":alert", alert);
    query_integer(query, ":now", clock_now_us());
    query_bytes(query, ":facts", sealed.data, sealed.size);
    return query_done(query, err) && seal_pictures(site, alert, sighting, err);
}

json_t *passage_facts(struct site *site, const char *alert, const char *passage, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT facts FROM alert_passage WHERE passage = :passage", err);
    query_text(query, ":passage", passage);
    if (!query_next(query)) {
        if (query_ok(query, err))
            fail(err, ERROR_MISSING, "passage %s is not kept any more", passage);
        return NULL;
    }
    char name[40];
    char context[64];
    alert_key_name(alert, name);
    snprintf(context, sizeof context, "facts/%s", passage);
    struct bytes sealed = query_get_bytes(query, 0);
    AUTO(bytes) struct bytes text = {0};
    if (!keyring_unseal(site->ledger->keyring, name, context, sealed.data, sealed.size, &text, err))
        return NULL;
    return json_read((const char *)text.data, text.size, FACTS_LIMIT, err);
}

bool passage_picture(struct site *site, const char *alert, const char *passage, const char *picture,
    struct bytes *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT sealed FROM alert_picture WHERE passage = :passage AND name = :name", err);
    query_text(query, ":passage", passage);
    query_text(query, ":name", picture);
    if (!query_next(query))
        return query_ok(query, err) &&
               fail(err, ERROR_MISSING, "passage %s has no picture %s", passage, picture);
    char name[40];
    char context[64];
    alert_key_name(alert, name);
    snprintf(context, sizeof context, "picture/%s/%s", passage, picture);
    struct bytes sealed = query_get_bytes(query, 0);
    return keyring_unseal(site->ledger->keyring, name, context, sealed.data, sealed.size, out, err);
}

static bool says(const json_t *facts, const char *field, const char *value)
{
    const char *said = json_string_value(json_object_get(facts, field));
    return said && strcmp(said, value) == 0;
}

static bool row_matches(const struct alert *alert, const json_t *facts)
{
    return says(facts, "alert", alert->id) && says(facts, "passage", alert->passage) &&
           says(facts, "entry", alert->entry) && says(facts, "operation", alert->operation) &&
           says(facts, "camera", alert->camera);
}

static bool hash_again(struct site *site, const struct alert *alert, size_t crop_count,
    char out[static HEX_HASH_SIZE], struct error *err)
{
    struct bytes crops[SIGHTING_CROPS] = {0};
    struct bytes face = {0};
    bool read = crop_count <= SIGHTING_CROPS;
    for (size_t i = 0; read && i < crop_count; i++) {
        char picture[32];
        snprintf(picture, sizeof picture, "crop_%zu", i);
        read = passage_picture(site, alert->id, alert->passage, picture, &crops[i], err);
    }
    read = read && passage_picture(site, alert->id, alert->passage, "probe", &face, err);
    if (read)
        pictures_hash(alert->passage, crops, crop_count, face, out);
    for (size_t i = 0; i < SIGHTING_CROPS; i++)
        bytes_free(&crops[i]);
    bytes_free(&face);
    return read;
}

bool passage_verify(
    struct site *site, const struct alert *alert, char out[static HEX_HASH_SIZE], struct error *err)
{
    AUTO(json) json_t *facts = passage_facts(site, alert->id, alert->passage, err);
    char hash[HEX_HASH_SIZE];
    char enrolled[HEX_HASH_SIZE];
    if (!facts)
        return false;
    if (!row_matches(alert, facts))
        return fail(err, ERROR_CORRUPT, "alert %s is not what was raised", alert->id);
    size_t crop_count = (size_t)json_integer_value(json_object_get(facts, "crops"));
    if (!hash_again(site, alert, crop_count, hash, err) || !enrolled_hash(site, alert->entry, enrolled, err))
        return false;
    if (!says(facts, "pictures_hash", hash) || !says(facts, "enrolled_hash", enrolled))
        return fail(err, ERROR_CORRUPT, "the pictures of alert %s are not those that were shown", alert->id);
    memcpy(out, hash, HEX_HASH_SIZE);
    return true;
}

bool passage_captured(struct site *site, const struct alert *alert, int64_t *captured_us, struct error *err)
{
    AUTO(json) json_t *facts = passage_facts(site, alert->id, alert->passage, err);
    return facts && json_need_integer(facts, "captured_us", captured_us, err);
}

bool passages_waiting(struct site *site, const struct alert *alert, int64_t *count, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT COUNT(*) FROM alert_passage WHERE alert = :alert AND passage <> :passage"
        " AND review IN ('waiting', 'asked')",
        err);
    query_text(query, ":alert", alert->id);
    query_text(query, ":passage", alert->passage);
    if (query_next(query))
        *count = query_get_integer(query, 0);
    return query_ok(query, err);
}

static bool forget_old(struct site *site, const struct alert *alert, const char *sql, struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":alert", alert->id);
    query_text(query, ":passage", alert->passage);
    query_integer(query, ":kept", PASSAGES_WAITING);
    return query_done(query, err);
}

bool passages_bound(struct site *site, const struct alert *alert, struct error *err)
{
    return forget_old(site, alert,
               "DELETE FROM alert_picture WHERE passage IN (SELECT passage FROM alert_passage"
               " WHERE alert = :alert AND passage <> :passage AND review = 'waiting' ORDER BY arrived_us "
               "DESC, rowid DESC"
               " LIMIT -1 OFFSET :kept)",
               err) &&
           forget_old(site, alert,
               "DELETE FROM alert_passage WHERE passage IN (SELECT passage FROM alert_passage"
               " WHERE alert = :alert AND passage <> :passage AND review = 'waiting' ORDER BY arrived_us "
               "DESC, rowid DESC"
               " LIMIT -1 OFFSET :kept)",
               err);
}

bool passage_is_known(struct site *site, const char *passage, bool *known, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT 1 FROM alert_passage WHERE passage = :passage", err);
    query_text(query, ":passage", passage);
    bool found = query_next(query);
    if (!query_ok(query, err))
        return false;
    *known = found;
    return true;
}
