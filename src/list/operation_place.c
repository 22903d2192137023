/* Where an operation watches, against the list of protected places. */
#include "list/camera.h"
#include "list/operation.h"
#include "list/operation_proof.h"
#include "list/place.h"

/* A camera whose record does not count, or is not there any more, may stand anywhere. */
static bool may_stand_in(struct site *site, const struct operation_row *row, const char *key,
    const json_t *parts, bool *out, struct error *err)
{
    struct camera camera;
    struct error why = {0};
    bool known = camera_find_by_key(site, key, &camera, &why);
    if (!known && why.code != ERROR_CONFLICT && why.code != ERROR_CORRUPT && why.code != ERROR_MISSING)
        return fail_as(err, &why);
    *out = !known || places_cover(parts, camera.latitude_e7, camera.longitude_e7, row->starts_s, row->ends_s);
    return true;
}

bool operation_is_protected(struct site *site, const struct operation_row *row, bool *out, struct error *err)
{
    AUTO(json) json_t *parts = places_signed(site, err);
    AUTO(json) json_t *keys = parts ? operation_parts(site, row->operation, "camera", err) : NULL;
    if (!keys)
        return false;
    bool found = false;
    *out = false;
    if (json_array_size(parts) == 0)
        return true;
    size_t index;
    const json_t *key;
    json_array_foreach (keys, index, key) {
        bool covered = false;
        if (!may_stand_in(site, row, json_string_value(key), parts, &covered, err))
            return false;
        found = found || covered;
    }
    *out = found;
    return true;
}

static bool halt_one(struct site *site, const char *operation, json_t *halted, struct error *err)
{
    struct operation_row row;
    struct signatures found = {.urgent = false};
    bool is_protected = true;
    if (!operation_load(site, operation, &row, err) ||
        !operation_is_protected(site, &row, &is_protected, err) ||
        !operation_signatures(site, &row, &found, err))
        return false;
    if (!is_protected || found.outside)
        return true;
    json_array_append_new(halted, json_string(operation));
    return operation_halt_by_rule(site, operation, "protected_place", err);
}

bool operation_halt_protected(struct site *site, json_t *halted, struct error *err)
{
    AUTO(json) json_t *ids = operation_ids(site, "state IN ('running', 'paused')", err);
    if (!ids)
        return false;
    size_t index;
    const json_t *id;
    json_array_foreach (ids, index, id) {
        struct error why = {0};
        if (halt_one(site, json_string_value(id), halted, &why))
            continue;
        /* An edited row runs nothing any more, and must not keep a list from counting. */
        if (why.code != ERROR_CORRUPT)
            return fail_as(err, &why);
    }
    return true;
}
