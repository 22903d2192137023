#include "list/camera.h"

#include "base/clock.h"
#include "base/text.h"
#include "list/action.h"
#include "list/camera_seen.h"
#include "list/row.h"
#include "sign/limits.h"

#include <stdio.h>
#include <string.h>

const struct migration camera_migrations[] = {
    {"list-0001-camera", "CREATE TABLE camera ("
                         " camera TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, envelope TEXT NOT NULL,"
                         " credentials BLOB NOT NULL, registered_at INTEGER NOT NULL) STRICT"},
    {"list-0002-camera-set-up",
        "CREATE TABLE camera_set_up (camera TEXT NOT NULL, at INTEGER NOT NULL) STRICT;"
        "CREATE INDEX camera_set_up_of ON camera_set_up (camera, at);"},
    {"list-0028-set-up-place", "ALTER TABLE camera_set_up ADD COLUMN address TEXT; ALTER TABLE camera_set_up "
                               "ADD COLUMN latitude_e7 INTEGER;"
                               "ALTER TABLE camera_set_up ADD COLUMN longitude_e7 INTEGER;"
                               "ALTER TABLE camera_set_up ADD COLUMN heading_deg INTEGER"},
};
const size_t camera_migration_count = COUNT_OF(camera_migrations);

enum { CREDENTIALS_SIZE = 128 };

static void key_hex_of(const struct camera *camera, char out[static HEX_HASH_SIZE])
{
    uint8_t key[HASH_SIZE];
    camera_key(camera, key);
    hex_write(key, HASH_SIZE, out);
}

static void seal_name(const char *id, char out[static 40])
{
    snprintf(out, 40, "camera/%.24s", id);
}

static bool check_signs(const struct camera *camera, int64_t checked_s, int64_t at_s, struct error *err)
{
    return at_s - checked_s <= LIMIT_SIGN_CHECK_AGE_S ||
           fail(err, ERROR_CONFLICT,
               "camera %s (%s): the check of its notice is over %d days old; check it on the spot, then an "
               "administrator signs the camera's record anew",
               camera->id, camera->name, LIMIT_SIGN_CHECK_AGE_S / 86400);
}

static bool check_camera(
    const struct site *site, const struct envelope *envelope, struct camera *camera, struct error *err)
{
    if (!camera_read(envelope->fields, camera, err) || !camera_fits_site(camera, site->kind, err))
        return false;
    int64_t checked = 0;
    if (!json_need_integer(envelope->fields, "sign_checked_at", &checked, err))
        return false;
    if (checked <= 0 || checked > clock_now_s())
        return fail(err, ERROR_INVALID, "camera %s: the notice's check has to lie in the past", camera->id);
    return check_signs(camera, checked, clock_now_s(), err);
}

static bool keep_camera(struct site *site, const struct envelope *envelope, const struct camera *camera,
    const char *credentials, struct error *err)
{
    char name[40], key[HEX_HASH_SIZE];
    seal_name(camera->id, name);
    key_hex_of(camera, key);
    AUTO(bytes) struct bytes sealed = {0};
    if (!keyring_seal(
            site->ledger->keyring, name, "credentials", credentials, strlen(credentials), &sealed, err))
        return false;
    AUTO(json) json_t *json = envelope_json(envelope);
    AUTO(text) char *text = json_canonical(json, err);
    if (!text)
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO camera (camera, key, envelope, credentials, registered_at)"
        " VALUES (:camera, :key, :envelope, :credentials, :at) ON CONFLICT (camera) DO UPDATE SET"
        " key = :key, envelope = :envelope, credentials = :credentials, registered_at = :at",
        err);
    query_text(query, ":camera", camera->id);
    query_text(query, ":key", key);
    query_text(query, ":envelope", text);
    query_bytes(query, ":credentials", sealed.data, sealed.size);
    query_integer(query, ":at", clock_now_s());
    return query_done(query, err);
}

static bool record_camera(
    struct site *site, const struct envelope *envelope, const struct camera *camera, struct error *err)
{
    char key[HEX_HASH_SIZE], hash[HEX_HASH_SIZE];
    key_hex_of(camera, key);
    envelope_hash_hex(envelope, hash);
    AUTO(json)
    json_t *fields =
        json_pack("{s:s, s:s, s:s}", "camera", camera->id, "camera_key", key, "record_hash", hash);
    struct record record = {.kind = "camera_registered", .by = envelope->by, .public_fields = fields};
    return ledger_record(site->ledger, &record, err) &&
           ledger_event(site->ledger, "camera", camera->id, "registered", err);
}

static enum camera_standing signer_standing(const struct roster *roster, const struct envelope *envelope)
{
    if (roster_check(roster, envelope, ROLE_ADMIN, NULL))
        return CAMERA_COUNTS;
    for (size_t i = 0; i < roster_officers(roster); i++) {
        const struct officer *officer = roster_officer_at(roster, i);
        if (officer->suspended && strcmp(officer->id, envelope->by) == 0 &&
            bytes_equal(officer->key, envelope->key, PUBLIC_KEY_SIZE))
            return CAMERA_SIGNER_SUSPENDED;
    }
    return CAMERA_SIGNER_UNKNOWN;
}

/* A stored record is only as good as its signature: an edited row is found here. */
static void read_row(struct site *site, struct query *query, struct camera_row *out)
{
    const char *id = query_get_text(query, 0), *key = query_get_text(query, 1),
               *text = query_get_text(query, 2);
    char signed_key[HEX_HASH_SIZE];
    AUTO(envelope) struct envelope *envelope = envelope_parse(text, strlen(text), NULL);
    struct camera_row row = {.standing = CAMERA_ROW_CHANGED};
    *out = row;
    if (!envelope || !envelope_is(envelope, "camera", NULL) || strcmp(envelope->site, site->name) != 0 ||
        !camera_read(envelope->fields, &row.camera, NULL))
        return;
    key_hex_of(&row.camera, signed_key);
    if (strcmp(row.camera.id, id) != 0 || strcmp(signed_key, key) != 0)
        return;
    row_text(row.signer, sizeof row.signer, envelope->by);
    row.signs_checked_s = json_integer_value(json_object_get(envelope->fields, "sign_checked_at"));
    envelope_hash_hex(envelope, row.hash);
    row.standing = signer_standing(site->roster, envelope);
    *out = row;
}

/* Two administrators who changed one record do not undo each other unseen: who signs a record names the one
 * it takes the place of. One that does not count is signed anew without. */
static bool may_replace(struct site *site, const struct envelope *envelope, const char *id, struct error *err)
{
    const char *replaces = json_string_value(json_object_get(envelope->fields, "replaces"));
    struct camera_row row = {.standing = CAMERA_ROW_CHANGED};
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "SELECT camera, key, envelope FROM camera WHERE camera = :camera", err);
    query_text(query, ":camera", id);
    if (query_next(query))
        read_row(site, query, &row);
    if (!query_ok(query, err))
        return false;
    if (!replaces && row.standing != CAMERA_COUNTS)
        return true;
    return strcmp(replaces ? replaces : "", row.hash) == 0 ||
           fail(err, ERROR_CONFLICT,
               "camera %s: its record is another one by now; look at it again and sign the change anew", id);
}

json_t *camera_register(
    struct site *site, const struct envelope *envelope, const char *credentials, struct error *err)
{
    struct action action;
    struct camera camera;
    if (!action_check(site, envelope, "camera", ROLE_BIT(ROLE_ADMIN), &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    if (!check_camera(site, envelope, &camera, err) || !may_replace(site, envelope, camera.id, err))
        return NULL;
    if (!credentials || strlen(credentials) >= CREDENTIALS_SIZE) {
        fail(err, ERROR_INVALID, "the credentials have to be text under %d bytes", CREDENTIALS_SIZE);
        return NULL;
    }
    char key[HEX_HASH_SIZE];
    key_hex_of(&camera, key);
    if (!ledger_begin(site->ledger, err))
        return NULL;
    bool done =
        keep_camera(site, envelope, &camera, credentials, err) && record_camera(site, envelope, &camera, err);
    return action_commit(site, envelope, done, json_pack("{s:s, s:s}", "camera", camera.id, "key", key), err);
}

static bool check_standing(const struct camera_row *row, const char *id, struct error *err)
{
    switch (row->standing) {
    case CAMERA_COUNTS:
        return true;
    case CAMERA_SIGNER_SUSPENDED:
        return fail(err, ERROR_CONFLICT,
            "camera %s: %s, who signed its record, is suspended; another administrator has to sign it anew",
            id, row->signer);
    case CAMERA_SIGNER_UNKNOWN:
        return fail(err, ERROR_CONFLICT,
            "camera %s: no administrator of the roster in force has signed its record; one has to sign it "
            "anew",
            id);
    case CAMERA_ROW_CHANGED:
        break;
    }
    return fail(err, ERROR_CORRUPT, "the row of camera %s was changed outside the desk", id);
}

static bool read_stored(
    struct site *site, struct query *query, struct camera *out, char *credentials, struct error *err)
{
    const char *id = query_get_text(query, 0);
    struct camera_row row;
    read_row(site, query, &row);
    if (!check_standing(&row, id, err))
        return false;
    if (credentials) {
        char name[40];
        seal_name(id, name);
        struct bytes sealed = query_get_bytes(query, 3);
        AUTO(bytes) struct bytes plain = {0};
        if (!keyring_unseal(
                site->ledger->keyring, name, "credentials", sealed.data, sealed.size, &plain, err))
            return false;
        snprintf(credentials, CREDENTIALS_SIZE, "%.*s", (int)plain.size, (const char *)plain.data);
    }
    *out = row.camera;
    return true;
}

static bool find_by(struct site *site, const char *sql, const char *value, struct camera *out,
    char *credentials, struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":value", value);
    if (query_next(query))
        return read_stored(site, query, out, credentials, err);
    if (!query_ok(query, err))
        return false;
    return fail(err, ERROR_MISSING, "there is no camera %.64s", value);
}

bool camera_find(
    struct site *site, const char *id, struct camera *out, char credentials[static 128], struct error *err)
{
    return find_by(site, "SELECT camera, key, envelope, credentials FROM camera WHERE camera = :value", id,
        out, credentials, err);
}

bool camera_find_by_key(struct site *site, const char *key_hex, struct camera *out, struct error *err)
{
    return find_by(site, "SELECT camera, key, envelope, credentials FROM camera WHERE key = :value", key_hex,
        out, NULL, err);
}

bool camera_signs_hold(struct site *site, const char *id, int64_t at_s, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "SELECT camera, key, envelope FROM camera WHERE camera = :camera", err);
    query_text(query, ":camera", id);
    struct camera_row row;
    if (!query_next(query))
        return query_ok(query, err) && fail(err, ERROR_MISSING, "there is no camera %.64s", id);
    read_row(site, query, &row);
    return check_standing(&row, id, err) && check_signs(&row.camera, row.signs_checked_s, at_s, err);
}

static json_t *health_json(const struct watch_health *health)
{
    if (!health)
        return json_null();
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "decoded",
        (json_int_t)health->decoded, "analysed", (json_int_t)health->analysed, "dropped",
        (json_int_t)health->dropped, "faces", (json_int_t)health->faces, "failures_to_acquire",
        (json_int_t)health->failures_to_acquire, "templates_computed", (json_int_t)health->templates_computed,
        "passages", (json_int_t)health->passages, "decode_us", (json_int_t)health->decode_us, "detect_us",
        (json_int_t)health->detect_us, "embed_us", (json_int_t)health->embed_us);
}

json_t *camera_health(struct site *site, const char *id)
{
    enum camera_state state = CAMERA_OFF;
    const char *reason = NULL;
    const struct watch_health *health =
        site->supervisor ? supervisor_health(site->supervisor, id, &state, &reason) : NULL;
    const char *word = health ? camera_state_word(state) : "off";
    return json_pack("{s:s, s:s, s:s, s:o}", "camera", id, "state", word, "reason",
        reason && health ? reason : "", "health", health_json(health));
}

static void read_listed(struct site *site, struct query *query, struct camera_row *out)
{
    const char *id = query_get_text(query, 0), *key = query_get_text(query, 1),
               *envelope = query_get_text(query, 2);
    const struct camera_row *seen = camera_seen_find(site, id, key, envelope);
    if (seen) {
        *out = *seen;
        return;
    }
    read_row(site, query, out);
    if (out->standing != CAMERA_ROW_CHANGED)
        camera_seen_keep(site, id, key, envelope, out);
}

static json_t *place_of(const struct camera *camera)
{
    return json_pack("{s:s, s:I, s:I, s:I}", "name", camera->name, "latitude_e7",
        (json_int_t)camera->latitude_e7, "longitude_e7", (json_int_t)camera->longitude_e7, "heading_deg",
        (json_int_t)camera->heading_deg);
}

/* What an administrator signs again when the record is changed: where the stream is, and whose certificate.
 */
static json_t *record_of(const struct camera *camera)
{
    json_t *record = place_of(camera);
    json_object_set_new(record, "address", json_string(camera->address));
    json_object_set_new(record, "tls", json_string(camera->tls));
    return record;
}

static json_t *show_counted(
    struct site *site, const struct camera_row *row, const char *key, bool to_administrator)
{
    json_t *shown = camera_health(site, row->camera.id);
    AUTO(json) json_t *known = to_administrator ? record_of(&row->camera) : place_of(&row->camera);
    json_object_update(shown, known);
    json_object_set_new(shown, "key", json_string(key));
    json_object_set_new(shown, "record_hash", json_string(row->hash));
    return shown;
}

/* Nothing of a record that does not count is said as if it did: what it says is for who may sign it anew, and
 * only where the roster knows the signer's key, so that nobody is handed a stranger's record to sign. */
static json_t *show_refused(const struct camera_row *row, const char *id, bool to_administrator)
{
    static const char *const words[] = {[CAMERA_SIGNER_SUSPENDED] = "signer_suspended",
        [CAMERA_SIGNER_UNKNOWN] = "signer_unknown",
        [CAMERA_ROW_CHANGED] = "row_changed"};
    struct error why = {0};
    if (!check_standing(row, id, &why) && why.code == ERROR_CORRUPT)
        fail(&why, ERROR_CONFLICT,
            "camera %s: its record was changed outside the desk; an administrator has to register it anew",
            id);
    json_t *record =
        to_administrator && row->standing == CAMERA_SIGNER_SUSPENDED ? record_of(&row->camera) : NULL;
    return json_pack("{s:s, s:s, s:s, s:n, s:{s:s, s:o}, s:o*}", "camera", id, "state", "refused", "reason",
        words[row->standing], "health", "refusal", "detail", why.text, "says", wording_json(&why.wording),
        "record", record);
}

json_t *camera_list(struct site *site, const struct officer *viewer, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "SELECT camera, key, envelope, credentials FROM camera ORDER BY camera", err);
    AUTO(json) json_t *cameras = json_array();
    bool to_administrator = viewer && officer_has(viewer, ROLE_ADMIN);
    while (query_next(query)) {
        struct camera_row row;
        read_listed(site, query, &row);
        json_array_append_new(
            cameras, row.standing == CAMERA_COUNTS
                         ? show_counted(site, &row, query_get_text(query, 1), to_administrator)
                         : show_refused(&row, query_get_text(query, 0), to_administrator));
    }
    if (!query_ok(query, err))
        return NULL;
    return json_pack("{s:O}", "cameras", cameras);
}
