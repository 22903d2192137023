#include "base/clock.h"
#include "base/text.h"
#include "list/camera.h"
#include "list/entry_proof.h"
#include "list/operation.h"
#include "list/operation_row.h"

#include <string.h>

static bool is_part(
    struct site *site, const char *operation, const char *part, const char *id, struct error *err)
{
    AUTO(json) json_t *parts = operation_parts(site, operation, part, err);
    if (!parts)
        return false;
    for (size_t i = 0; i < json_array_size(parts); i++) {
        const char *found = json_string_value(json_array_get(parts, i));
        if (found && strcmp(found, id) == 0)
            return true;
    }
    return fail(err, ERROR_CONFLICT, "%s %s is not in operation %s", part, id, operation);
}

static bool camera_is_in(struct site *site, const char *operation, const char *id, struct error *err)
{
    struct camera camera;
    char credentials[128];
    uint8_t key[HASH_SIZE];
    char hex[HEX_HASH_SIZE];
    if (!camera_find(site, id, &camera, credentials, err))
        return false;
    memory_wipe(credentials, sizeof credentials);
    camera_key(&camera, key);
    hex_write(key, HASH_SIZE, hex);
    return is_part(site, operation, "camera", hex, err);
}

/* Its watches were told to match it no more; what they reported before comes late. */
static bool entry_is_out(
    struct site *site, const char *operation, const char *entry, bool *out, struct error *err)
{
    struct entry_row row;
    bool withheld = true;
    if (!operation_withholds(site, operation, entry, &withheld, err) || !entry_load(site, entry, &row, err))
        return false;
    *out = withheld || row.state != ENTRY_APPROVED || row.expires_s <= clock_now_s();
    return true;
}

static bool entry_is_in(
    struct site *site, const char *operation, const char *entry, const char **why, struct error *err)
{
    bool out = true;
    if (!is_part(site, operation, "entry", entry, err))
        return false;
    *why = "not_proved";
    if (!entry_is_out(site, operation, entry, &out, err))
        return false;
    if (out) {
        *why = "entry_out";
        return fail(err, ERROR_CONFLICT,
            "entry %s is out of operation %s: withheld from it, or approved no more", entry, operation);
    }
    return entry_is_proved(site, entry, NULL, NULL, err);
}

static struct envelope *request_of(struct site *site, const struct operation_row *row, struct error *err)
{
    AUTO(envelope) struct envelope *request = NULL;
    size_t count = 0;
    char hash[HEX_HASH_SIZE];
    if (!operation_statements(site, row->operation, "request", &request, 1, &count, err))
        return NULL;
    if (count != 1) {
        fail(err, ERROR_CORRUPT, "operation %s has lost its request", row->operation);
        return NULL;
    }
    envelope_hash_hex(request, hash);
    if (strcmp(hash, row->request_hash) != 0) {
        fail(err, ERROR_CORRUPT, "operation %s is not as requested", row->operation);
        return NULL;
    }
    return STEAL(request);
}

static bool read_threshold(
    struct site *site, const struct operation_row *row, int64_t *threshold_e6, struct error *err)
{
    AUTO(envelope) struct envelope *request = request_of(site, row, err);
    return request && json_need_integer(request->fields, "threshold_e6", threshold_e6, err);
}

bool operation_is_trial(struct site *site, const char *operation, bool *out, struct error *err)
{
    struct operation_row row;
    const char *purpose = NULL;
    if (!operation_load(site, operation, &row, err))
        return false;
    AUTO(envelope) struct envelope *request = request_of(site, &row, err);
    if (!request || !json_need_text(request->fields, "purpose", &purpose, err))
        return false;
    *out = strcmp(purpose, "trial") == 0;
    return true;
}

bool operation_allows(struct site *site, const char *operation, const char *camera, const char *entry,
    int64_t *threshold_e6, const char **why, struct error *err)
{
    struct operation_row row;
    *why = "not_running";
    if (!operation_load(site, operation, &row, err))
        return false;
    if (row.phase != OPERATION_RUNNING)
        return fail(err, ERROR_CONFLICT, "operation %s is %s", operation, operation_phase_word(row.phase));
    *why = "not_listed";
    return camera_is_in(site, operation, camera, err) && entry_is_in(site, operation, entry, why, err) &&
           read_threshold(site, &row, threshold_e6, err);
}

bool operation_list_size(struct site *site, const char *operation, int64_t *out, struct error *err)
{
    struct operation_row row;
    if (!operation_load(site, operation, &row, err))
        return false;
    *out = row.list_size;
    return true;
}
