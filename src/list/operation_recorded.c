#include "list/operation_recorded.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "govern/ledger_find.h"
#include "list/operation_reason.h"
#include "list/operation_rules.h"
#include "list/row.h"

#include <string.h>

static const char *word(const json_t *leaf, const char *field)
{
    const char *value = json_string_value(json_object_get(leaf, field));
    return value ? value : "";
}

static int64_t number(const json_t *leaf, const char *field)
{
    return json_integer_value(json_object_get(leaf, field));
}

static json_t *cameras_with_places(struct site *site, const char *operation, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT key, camera, latitude_e7, longitude_e7 FROM operation_camera WHERE operation = :operation"
        " ORDER BY key",
        err);
    query_text(query, ":operation", operation);
    AUTO(json) json_t *cameras = json_array();
    while (query_next(query))
        json_array_append_new(
            cameras, json_pack("[s, s, I, I]", query_get_text(query, 0), query_get_text(query, 1),
                         (json_int_t)query_get_integer(query, 2), (json_int_t)query_get_integer(query, 3)));
    return query_ok(query, err) ? STEAL(cameras) : NULL;
}

bool operation_parts_mark(
    struct site *site, const char *operation, char out[static HEX_HASH_SIZE], struct error *err)
{
    uint8_t mark[HASH_SIZE];
    AUTO(json) json_t *cameras = cameras_with_places(site, operation, err);
    AUTO(json) json_t *entries = cameras ? operation_entries_with_reasons(site, operation, err) : NULL;
    if (!entries)
        return false;
    AUTO(json)
    json_t *fields =
        json_pack("{s:s, s:O, s:O}", "operation", operation, "cameras", cameras, "entries", entries);
    if (!row_mark(site, "operation_parts", fields, mark, err))
        return false;
    hex_write(mark, sizeof mark, out);
    return true;
}

/* recorded: id → {"state", "terms": the leaf, "armed": the leaf} as the records leave it. */
static void note_leaf(json_t *recorded, const json_t *leaf)
{
    enum operation_phase phase;
    const char *what = word(leaf, "kind") + strlen("operation_"), *id = word(leaf, "operation");
    json_t *operation = json_object_get(recorded, id);
    if (!operation) {
        operation = json_object();
        json_object_set_new(recorded, id, operation);
    }
    if (strcmp(what, "drafted") == 0)
        what = operation_phase_word(OPERATION_DRAFT);
    if (strcmp(what, "terms") == 0)
        json_object_set(operation, "terms", (json_t *)(uintptr_t)leaf);
    else if (strcmp(what, "armed") == 0) /* who is withheld stays so: the newest names all */
        json_object_set(operation, "armed", (json_t *)(uintptr_t)leaf);
    else if (operation_phase_read(what, &phase))
        json_object_set_new(operation, "state", json_string(what));
}

static json_t *read_log(struct site *site, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT leaf FROM ledger_leaf WHERE leaf LIKE '%\"kind\":\"operation\\_%' ESCAPE '\\' ORDER BY seq",
        err);
    AUTO(json) json_t *recorded = json_object();
    while (query_next(query)) {
        struct bytes text = query_get_bytes(query, 0);
        AUTO(json) json_t *leaf = json_read((const char *)text.data, text.size, text.size, err);
        if (!leaf)
            return NULL;
        note_leaf(recorded, leaf);
    }
    return query_ok(query, err) ? STEAL(recorded) : NULL;
}

/* Records of before have no mark of the parts: the keys and the number are what they say. */
static bool parts_are_as_recorded(
    struct site *site, const char *operation, const json_t *terms, bool *out, struct error *err)
{
    char mark[HEX_HASH_SIZE];
    const char *said = word(terms, "parts_mark");
    if (*said) {
        if (!operation_parts_mark(site, operation, mark, err))
            return false;
        *out = strcmp(mark, said) == 0;
        return true;
    }
    AUTO(json) json_t *cameras = operation_parts(site, operation, "camera", err);
    AUTO(json) json_t *entries = cameras ? operation_parts(site, operation, "entry", err) : NULL;
    *out = entries && json_equal(cameras, json_object_get(terms, "cameras")) &&
           (int64_t)json_array_size(entries) >= number(terms, "list_size");
    return entries != NULL;
}

static json_t *withheld_rows(struct site *site, const char *operation, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT entry FROM operation_entry WHERE operation = :operation AND withheld <> 0 ORDER BY entry",
        err);
    query_text(query, ":operation", operation);
    AUTO(json) json_t *entries = json_array();
    while (query_next(query))
        json_array_append_new(entries, json_string(query_get_text(query, 0)));
    return query_ok(query, err) ? STEAL(entries) : NULL;
}

/* The list lies beside the record until the operation's wipe; records of before say it themselves. */
static json_t *withheld_by(struct site *site, const json_t *armed, struct error *err)
{
    const json_t *said = json_object_get(armed, "withheld");
    if (said)
        return json_incref((json_t *)(uintptr_t)said);
    if (!number(armed, "entries_withheld"))
        return json_array();
    AUTO(json) json_t *hidden = ledger_private(site->ledger, number(armed, "seq"), err);
    return json_incref(json_object_get(hidden, "withheld"));
}

/* Of what is wiped the log says only how many they were. */
static bool withheld_is_as_recorded(
    struct site *site, const char *operation, const json_t *recorded, bool *out, struct error *err)
{
    const json_t *armed = json_object_get(recorded, "armed");
    bool wiped = strcmp(word(recorded, "state"), operation_phase_word(OPERATION_WIPED)) == 0;
    AUTO(json) json_t *rows = withheld_rows(site, operation, err);
    AUTO(json) json_t *said = wiped ? NULL : withheld_by(site, armed, NULL);
    if (wiped && json_object_get(armed, "entries_withheld"))
        *out = rows && (int64_t)json_array_size(rows) == number(armed, "entries_withheld");
    else if (!wiped)
        *out = rows && said && json_equal(rows, said);
    return rows != NULL;
}

json_t *operation_withheld_said(struct site *site, const char *operation, struct error *err)
{
    AUTO(finding)
    struct finding found = {.ledger = site->ledger, .by = FIND_OPERATION, .value = operation};
    AUTO(json) json_t *armed = NULL; /* the newest */
    while (finding_next(&found)) {
        if (!strstr((const char *)found.leaf.data, "\"kind\":\"operation_armed\""))
            continue;
        json_decref(armed);
        armed = json_read((const char *)found.leaf.data, found.leaf.size, found.leaf.size, err);
        if (!armed)
            return NULL;
    }
    if (!finding_ok(&found, err))
        return NULL;
    return armed ? withheld_by(site, armed, err) : json_array();
}

static bool row_is_as_recorded(
    struct site *site, const char *id, const json_t *recorded, bool *out, struct error *err)
{
    struct operation_row row;
    struct error why = {0};
    const json_t *terms = json_object_get(recorded, "terms");
    *out = false;
    if (!operation_load(site, id, &row, &why))
        return why.code == ERROR_MISSING || why.code == ERROR_CORRUPT || fail_as(err, &why);
    if (strcmp(operation_phase_word(row.phase), word(recorded, "state")) != 0)
        return true;
    if (!terms) {
        *out = true;
        return true;
    }
    if (row.starts_s != number(terms, "starts_at") || row.ends_s != number(terms, "ends_at") ||
        row.list_size != number(terms, "list_size") ||
        strcmp(row.request_hash, word(terms, "request_hash")) != 0)
        return true;
    *out = true;
    /* Longer ago they count in no budget: thousands of operations cost a look at their row each. */
    if (number(terms, "starts_at") <= clock_now_s() - OPERATION_MONTH_S)
        return true;
    return parts_are_as_recorded(site, id, terms, out, err) &&
           (!*out || withheld_is_as_recorded(site, id, recorded, out, err));
}

bool operation_rows_are_as_recorded(struct site *site, bool *out, struct error *err)
{
    AUTO(json) json_t *all = read_log(site, err);
    const char *id;
    const json_t *recorded;
    if (!all)
        return false;
    *out = true;
    json_object_foreach (all, id, recorded) {
        bool same = false;
        if (!row_is_as_recorded(site, id, recorded, &same, err))
            return false;
        if (!same)
            log_write(LOG_ERROR, "operation_corrupt", "operation %s is not what the log says", id);
        *out = *out && same;
    }
    return true;
}
