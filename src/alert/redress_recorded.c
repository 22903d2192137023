#include "alert/redress_recorded.h"

#include "alert/redress_row.h"
#include "base/log.h"

#include <string.h>

static const char *word(const json_t *leaf, const char *field)
{
    const char *value = json_string_value(json_object_get(leaf, field));
    return value ? value : "";
}

/* Asked for, answered or found: each is a signed statement of its own. */
static bool brings_statement(const json_t *leaf)
{
    return json_object_get(leaf, "about") || json_object_get(leaf, "answer") ||
           json_object_get(leaf, "finding");
}

/* requests: id → {"state", "statements"} as the records leave it. */
static void note_leaf(json_t *requests, const json_t *leaf)
{
    static const char *const states[] = {"asked", "answered", "refused", "to_tell", "told"};
    const char *state = word(leaf, "kind") + strlen("redress_"), *id = word(leaf, "request");
    if (strcmp(state, "erased") == 0)
        json_object_del(requests, id);
    if (!word_is_in(state, states, COUNT_OF(states)))
        return;
    json_int_t statements = json_integer_value(json_object_get(json_object_get(requests, id), "statements"));
    json_object_set_new(requests, id,
        json_pack("{s:s, s:I}", "state", state, "statements", statements + brings_statement(leaf)));
}

static json_t *read_log(struct site *site, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT leaf FROM ledger_leaf WHERE leaf LIKE '%\"kind\":\"redress\\_%' ESCAPE '\\' ORDER BY seq",
        err);
    AUTO(json) json_t *requests = json_object();
    while (query_next(query)) {
        struct bytes text = query_get_bytes(query, 0);
        AUTO(json) json_t *leaf = json_read((const char *)text.data, text.size, text.size, err);
        if (!leaf)
            return NULL;
        note_leaf(requests, leaf);
    }
    return query_ok(query, err) ? STEAL(requests) : NULL;
}

static bool is_as_recorded(const struct redress *redress, const json_t *recorded)
{
    return strcmp(redress->state, word(recorded, "state")) == 0 &&
           (json_int_t)json_array_size(redress->statements) ==
               json_integer_value(json_object_get(recorded, "statements"));
}

static bool spoil_mark(struct site *site, const char *request, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "UPDATE redress SET mark = x'' WHERE request = :request", err);
    query_text(query, ":request", request);
    return query_done(query, err);
}

static bool hold(struct site *site, const char *request, const json_t *recorded, struct error *err)
{
    AUTO(redress) struct redress redress = {.statements = NULL};
    struct error why = {0};
    bool found = redress_load(site, request, &redress, &why);
    if (found && is_as_recorded(&redress, recorded))
        return true;
    log_write(LOG_ERROR, "redress_not_as_recorded", "request %s is not what the log says", request);
    return !found || spoil_mark(site, request, err);
}

bool redress_rows_hold_to_log(struct site *site, struct error *err)
{
    AUTO(json) json_t *requests = read_log(site, err);
    const char *id;
    json_t *recorded;
    if (!requests)
        return false;
    json_object_foreach (requests, id, recorded) {
        if (!hold(site, id, recorded, err))
            return false;
    }
    return true;
}
