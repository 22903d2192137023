#include "list/camera_recorded.h"

#include "base/log.h"

#include <string.h>

static const char rows_and_records[] =
    "SELECT camera.camera, camera.key, envelope, said.key, said.hash FROM camera LEFT JOIN"
    " (SELECT json_extract(leaf, '$.camera') AS camera, json_extract(leaf, '$.camera_key') AS key,"
    "  json_extract(leaf, '$.record_hash') AS hash, max(seq) FROM ledger_leaf"
    "  WHERE leaf LIKE '%\"kind\":\"camera_registered\"%' GROUP BY 1) AS said ON said.camera = camera.camera";

/* Records of before name the key alone. */
static bool is_as_recorded(struct query *row)
{
    const char *key = query_get_text(row, 3), *hash = query_get_text(row, 4), *text = query_get_text(row, 2);
    char own[HEX_HASH_SIZE] = "";
    if (!key || strcmp(query_get_text(row, 1), key) != 0)
        return false;
    AUTO(envelope) struct envelope *envelope = envelope_parse(text, strlen(text), NULL);
    if (envelope)
        envelope_hash_hex(envelope, own);
    return envelope && (!hash || strcmp(own, hash) == 0);
}

static json_t *differing_rows(struct site *site, struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, rows_and_records, err);
    AUTO(json) json_t *cameras = json_array();
    while (query_next(query)) {
        if (!is_as_recorded(query))
            json_array_append_new(cameras, json_string(query_get_text(query, 0)));
    }
    return query_ok(query, err) ? STEAL(cameras) : NULL;
}

/* A key that is none: nothing finds the camera by it, and it is not that of the envelope. */
static bool spoil_key(struct site *site, const char *camera, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "UPDATE camera SET key = 'not as recorded: ' || camera WHERE camera = :camera", err);
    query_text(query, ":camera", camera);
    return query_done(query, err);
}

bool camera_rows_hold_to_log(struct site *site, struct error *err)
{
    AUTO(json) json_t *cameras = differing_rows(site, err);
    size_t index;
    const json_t *camera;
    json_array_foreach (cameras, index, camera) {
        const char *id = json_string_value(camera);
        log_write(LOG_ERROR, "camera_not_as_recorded", "the row of camera %s is not what the log says", id);
        if (!spoil_key(site, id, err))
            return false;
    }
    return cameras != NULL;
}
