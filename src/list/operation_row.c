#include "list/operation_row.h"

#include "base/clock.h"
#include "base/text.h"
#include "list/row.h"

#include <stdio.h>
#include <string.h>

const char operation_sql[] =
    "CREATE TABLE operation ("
    " operation TEXT PRIMARY KEY, state TEXT NOT NULL, requester TEXT NOT NULL, why TEXT NOT NULL,"
    " request_hash TEXT NOT NULL, list_hash TEXT NOT NULL, drafted_at INTEGER NOT NULL,"
    " starts_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, started_at INTEGER NOT NULL,"
    " ended_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, list_size INTEGER NOT NULL,"
    " wiped INTEGER NOT NULL, mark BLOB NOT NULL) STRICT;"
    "CREATE TABLE operation_entry ("
    " operation TEXT NOT NULL, entry TEXT NOT NULL, withheld INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY (operation, entry)) STRICT;"
    "CREATE INDEX operation_by_entry ON operation_entry (entry);"
    "CREATE TABLE operation_camera ("
    " operation TEXT NOT NULL, key TEXT NOT NULL, camera TEXT NOT NULL, latitude_e7 INTEGER NOT NULL,"
    " longitude_e7 INTEGER NOT NULL, PRIMARY KEY (operation, key)) STRICT;"
    "CREATE TABLE operation_gallery (operation TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT;"
    "CREATE TABLE operation_statement ("
    " operation TEXT NOT NULL, hash TEXT NOT NULL, step TEXT NOT NULL, officer TEXT NOT NULL,"
    " office TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (operation, hash)) STRICT";

const char operation_ratify_sql[] = "ALTER TABLE operation ADD COLUMN ratify_at INTEGER NOT NULL DEFAULT 0";

/* Shown, and decides nothing. */
const char operation_status_sql[] =
    "ALTER TABLE operation_entry ADD COLUMN status_at INTEGER NOT NULL DEFAULT 0";

/* What nobody owes and nobody counted is not in the mark, so that rows from before there was such a thing
 * keep theirs. */
static json_t *marked_fields(const struct operation_row *row)
{
    json_t *fields = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}",
        "operation", row->operation, "state", operation_phase_word(row->phase), "requester", row->requester,
        "request_hash", row->request_hash, "list_hash", row->list_hash, "drafted_at",
        (json_int_t)row->drafted_s, "starts_at", (json_int_t)row->starts_s, "ends_at",
        (json_int_t)row->ends_s, "started_at", (json_int_t)row->started_s, "ended_at",
        (json_int_t)row->ended_s, "changed_at", (json_int_t)row->changed_s, "list_size",
        (json_int_t)row->list_size, "wiped", row->wiped);
    if (row->ratify_s)
        json_object_set_new(fields, "ratify_at", json_integer(row->ratify_s));
    if (row->passages)
        json_object_set_new(fields, "passages", json_integer(row->passages));
    return fields;
}

static bool read_row(struct site *site, struct query *query, struct operation_row *out, struct error *err)
{
    struct operation_row row = {
        .drafted_s = query_get_integer(query, 6),
        .starts_s = query_get_integer(query, 7),
        .ends_s = query_get_integer(query, 8),
        .started_s = query_get_integer(query, 9),
        .ended_s = query_get_integer(query, 10),
        .changed_s = query_get_integer(query, 11),
        .list_size = query_get_integer(query, 12),
        .wiped = query_get_integer(query, 13) != 0,
        .ratify_s = query_get_integer(query, 15),
        .passages = query_get_integer(query, 16),
    };
    row_text(row.operation, sizeof row.operation, query_get_text(query, 0));
    row_text(row.requester, sizeof row.requester, query_get_text(query, 2));
    row_text(row.why, sizeof row.why, query_get_text(query, 3));
    row_text(row.request_hash, sizeof row.request_hash, query_get_text(query, 4));
    row_text(row.list_hash, sizeof row.list_hash, query_get_text(query, 5));
    if (!operation_phase_read(query_get_text(query, 1), &row.phase))
        return fail(
            err, ERROR_CORRUPT, "the row of operation %s was changed outside the desk", row.operation);
    AUTO(json) json_t *fields = marked_fields(&row);
    if (!row_check(site, "operation", row.operation, fields, query_get_bytes(query, 14), err))
        return false;
    *out = row;
    return true;
}

bool operation_load(struct site *site, const char *operation, struct operation_row *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT operation, state, requester, why, request_hash, list_hash, drafted_at, starts_at, ends_at,"
        " started_at, ended_at, changed_at, list_size, wiped, mark, ratify_at, passages FROM operation"
        " WHERE operation = :operation",
        err);
    query_text(query, ":operation", operation);
    if (query_next(query))
        return read_row(site, query, out, err);
    if (!query_ok(query, err))
        return false;
    return fail(err, ERROR_MISSING, "there is no operation %.24s", operation);
}

bool operation_save(struct site *site, const struct operation_row *row, struct error *err)
{
    uint8_t mark[HASH_SIZE];
    AUTO(json) json_t *fields = marked_fields(row);
    if (!row_mark(site, "operation", fields, mark, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR REPLACE INTO operation (operation, state, requester, why, request_hash, list_hash, "
        "drafted_at,"
        " starts_at, ends_at, started_at, ended_at, changed_at, list_size, wiped, mark, ratify_at, passages)"
        " VALUES (:operation, :state, :requester, :why, :request_hash, :list_hash, :drafted_at,"
        " :starts_at, :ends_at, :started_at, :ended_at, :changed_at, :list_size, :wiped, :mark, :ratify_at,"
        " :passages)",
        err);
    query_text(query, ":operation", row->operation);
    query_text(query, ":state", operation_phase_word(row->phase));
    query_text(query, ":requester", row->requester);
    query_text(query, ":why", row->why);
    query_text(query, ":request_hash", row->request_hash);
    query_text(query, ":list_hash", row->list_hash);
    query_integer(query, ":drafted_at", row->drafted_s);
    query_integer(query, ":starts_at", row->starts_s);
    query_integer(query, ":ends_at", row->ends_s);
    query_integer(query, ":started_at", row->started_s);
    query_integer(query, ":ended_at", row->ended_s);
    query_integer(query, ":changed_at", row->changed_s);
    query_integer(query, ":list_size", row->list_size);
    query_integer(query, ":wiped", row->wiped);
    query_bytes(query, ":mark", mark, sizeof mark);
    query_integer(query, ":ratify_at", row->ratify_s);
    query_integer(query, ":passages", row->passages);
    return query_done(query, err);
}

bool operation_move(struct site *site, struct operation_row *row, enum operation_phase to,
    const struct officer *officer, const char *why, struct error *err)
{
    if (!operation_may_move((int)row->phase, to, officer, err))
        return false;
    char kind[40];
    row->phase = to;
    row->changed_s = clock_now_s();
    if (to == OPERATION_RUNNING)
        row->ended_s = 0; /* it was halted */
    if (to == OPERATION_RUNNING && !row->started_s)
        row->started_s = row->changed_s;
    if (to == OPERATION_ENDED || to == OPERATION_HALTED)
        row->ended_s = row->ended_s ? row->ended_s : row->changed_s;
    row_text(row->why, sizeof row->why, why);
    snprintf(kind, sizeof kind, "operation_%s", operation_phase_word(to));
    AUTO(json) json_t *fields = json_pack("{s:s}", "operation", row->operation);
    if (row->why[0])
        json_object_set_new(fields, "why", json_string(row->why));
    if (row->request_hash[0])
        json_object_set_new(fields, "request_hash", json_string(row->request_hash));
    struct record record = {.kind = kind, .by = officer ? officer->id : "site", .public_fields = fields};
    return operation_save(site, row, err) && ledger_record(site->ledger, &record, err) &&
           ledger_event(site->ledger, "operation", row->operation, operation_phase_word(to), err);
}

static json_t *read_texts(struct query *query, struct error *err)
{
    AUTO(json) json_t *texts = json_array();
    while (query_next(query))
        json_array_append_new(texts, json_string(query_get_text(query, 0)));
    return query_ok(query, err) ? STEAL(texts) : NULL;
}

json_t *operation_ids(struct site *site, const char *where, struct error *err)
{
    AUTO(text)
    char *sql = text_format("SELECT operation FROM operation WHERE %s ORDER BY drafted_at, operation", where);
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    return read_texts(query, err);
}

json_t *operation_parts(struct site *site, const char *operation, const char *part, struct error *err)
{
    const char *sql = strcmp(part, "entry") == 0
                          ? "SELECT entry FROM operation_entry WHERE operation = :operation ORDER BY entry"
                          : "SELECT key FROM operation_camera WHERE operation = :operation ORDER BY key";
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":operation", operation);
    return read_texts(query, err);
}

json_t *operation_entries_changed(
    struct site *site, const char *operation, int64_t since_s, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT operation_entry.entry FROM operation_entry LEFT JOIN entry USING (entry)"
        " WHERE operation = :operation AND (withheld = 1 OR state IS NOT 'approved' OR expires_at <= :now"
        " OR changed_at >= :since OR renewed_at >= :since)",
        err);
    query_text(query, ":operation", operation);
    query_integer(query, ":now", clock_now_s());
    query_integer(query, ":since", since_s);
    return read_texts(query, err);
}

static bool run_for(
    struct site *site, const char *sql, const char *operation, const char *entry, struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":operation", operation);
    if (entry)
        query_text(query, ":entry", entry);
    return query_done(query, err);
}

static bool insert_camera(
    struct site *site, const char *operation, const struct camera *camera, struct error *err)
{
    uint8_t key[HASH_SIZE];
    char key_hex[HEX_HASH_SIZE];
    camera_key(camera, key);
    hex_write(key, sizeof key, key_hex);
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO operation_camera (operation, key, camera, latitude_e7, longitude_e7)"
        " VALUES (:operation, :key, :camera, :latitude, :longitude)",
        err);
    query_text(query, ":operation", operation);
    query_text(query, ":key", key_hex);
    query_text(query, ":camera", camera->id);
    query_integer(query, ":latitude", camera->latitude_e7);
    query_integer(query, ":longitude", camera->longitude_e7);
    return query_done(query, err);
}

bool operation_set_parts(struct site *site, const char *operation, const json_t *entries,
    const struct camera *cameras, size_t camera_count, struct error *err)
{
    if (!run_for(site, "DELETE FROM operation_entry WHERE operation = :operation", operation, NULL, err) ||
        !run_for(site, "DELETE FROM operation_camera WHERE operation = :operation", operation, NULL, err))
        return false;
    size_t index;
    const json_t *entry;
    json_array_foreach (entries, index, entry) {
        if (!run_for(site, "INSERT INTO operation_entry (operation, entry) VALUES (:operation, :entry)",
                operation, json_string_value(entry), err))
            return false;
    }
    for (size_t i = 0; i < camera_count; i++)
        if (!insert_camera(site, operation, &cameras[i], err))
            return false;
    return true;
}

bool operation_withhold(struct site *site, const char *operation, const char *entry, struct error *err)
{
    return run_for(site,
        "UPDATE operation_entry SET withheld = 1 WHERE operation = :operation AND entry = :entry", operation,
        entry, err);
}

bool operation_know_live(
    struct site *site, const char *operation, const char *entry, int64_t known_s, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "UPDATE operation_entry SET status_at = :known WHERE operation = :operation AND entry = :entry", err);
    query_text(query, ":operation", operation);
    query_text(query, ":entry", entry);
    query_integer(query, ":known", known_s);
    return query_done(query, err);
}

bool operation_withholds(
    struct site *site, const char *operation, const char *entry, bool *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT withheld FROM operation_entry WHERE operation = :operation AND entry = :entry", err);
    query_text(query, ":operation", operation);
    query_text(query, ":entry", entry);
    bool withheld = !query_next(query) || query_get_integer(query, 0) != 0;
    if (!query_ok(query, err))
        return false;
    *out = withheld;
    return true;
}

void operation_key_name(const char *operation, char out[static 40])
{
    snprintf(out, 40, "operation/%.24s", operation);
}

static void statement_field(const char *hash, char out[static 80])
{
    snprintf(out, 80, "statement/%.64s", hash);
}

bool operation_keep_statement(struct site *site, const char *operation, const char *step,
    const struct officer *officer, const struct envelope *envelope, struct error *err)
{
    char hash[HEX_HASH_SIZE], key[40], field[80];
    envelope_hash_hex(envelope, hash);
    operation_key_name(operation, key);
    statement_field(hash, field);
    AUTO(json) json_t *json = envelope_json(envelope);
    AUTO(text) char *text = json_canonical(json, err);
    AUTO(bytes) struct bytes sealed = {0};
    if (!text || !keyring_seal(site->ledger->keyring, key, field, text, strlen(text), &sealed, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO operation_statement (operation, hash, step, officer, office, sealed)"
        " VALUES (:operation, :hash, :step, :officer, :office, :sealed)",
        err);
    query_text(query, ":operation", operation);
    query_text(query, ":hash", hash);
    query_text(query, ":step", step);
    query_text(query, ":officer", officer->id);
    query_text(query, ":office", officer->office);
    query_bytes(query, ":sealed", sealed.data, sealed.size);
    return query_done(query, err);
}

static struct envelope *open_statement(
    struct site *site, const char *operation, struct query *query, struct error *err)
{
    char key[40], field[80];
    operation_key_name(operation, key);
    statement_field(query_get_text(query, 0), field);
    struct bytes sealed = query_get_bytes(query, 1);
    AUTO(bytes) struct bytes plain = {0};
    if (!keyring_unseal(site->ledger->keyring, key, field, sealed.data, sealed.size, &plain, err))
        return NULL;
    return envelope_parse((const char *)plain.data, plain.size, err);
}

bool operation_statements(struct site *site, const char *operation, const char *step, struct envelope **out,
    size_t room, size_t *count, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT hash, sealed FROM operation_statement WHERE operation = :operation AND step = :step"
        " ORDER BY rowid",
        err);
    query_text(query, ":operation", operation);
    query_text(query, ":step", step);
    size_t found = 0;
    bool well = true;
    while (well && query_next(query)) {
        if (found == room)
            well = fail(
                err, ERROR_CORRUPT, "operation %s has more than %zu statements of a kind", operation, room);
        else
            well = (out[found] = open_statement(site, operation, query, err)) != NULL;
        found += well;
    }
    if (well && query_ok(query, err)) {
        *count = found;
        return true;
    }
    while (found)
        envelope_free(out[--found]);
    return false;
}
