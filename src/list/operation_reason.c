#include "list/operation_reason.h"

#include "list/row.h"
#include "sign/reasons.h"

const char operation_reason_sql[] =
    "ALTER TABLE operation_entry ADD COLUMN why_here TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE operation_entry ADD COLUMN why_dated INTEGER NOT NULL DEFAULT 0";

static bool keep_one(
    struct site *site, const char *operation, const char *entry, const json_t *reason, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "UPDATE operation_entry SET why_here = :why_here, why_dated = :dated WHERE operation = :operation"
        " AND entry = :entry",
        err);
    query_text(query, ":operation", operation);
    query_text(query, ":entry", entry);
    query_text(query, ":why_here", json_string_value(json_object_get(reason, "why_here")));
    query_integer(query, ":dated", json_integer_value(json_object_get(reason, "why_dated")));
    return query_done(query, err);
}

bool operation_keep_reasons(struct site *site, const struct envelope *request, struct error *err)
{
    const char *operation = json_string_value(json_object_get(request->fields, "operation"));
    AUTO(json) json_t *by_entry = reasons_by_entry(json_object_get(request->fields, "reasons"), err);
    const char *entry;
    json_t *reason;
    json_object_foreach (by_entry, entry, reason) {
        if (!keep_one(site, operation, entry, reason, err))
            return false;
    }
    return by_entry != NULL;
}

bool operation_reason_of(struct site *site, const char *operation, const char *entry,
    char why_here[static REASON_WORD_SIZE], int64_t *dated_s, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT why_here, why_dated FROM operation_entry WHERE operation = :operation AND entry = :entry",
        err);
    query_text(query, ":operation", operation);
    query_text(query, ":entry", entry);
    bool found = query_next(query);
    row_text(why_here, REASON_WORD_SIZE, found ? query_get_text(query, 0) : "");
    *dated_s = found ? query_get_integer(query, 1) : 0;
    return query_ok(query, err);
}

json_t *operation_reasons_counted(const struct envelope *request)
{
    json_t *counts = json_object();
    size_t index;
    const json_t *reason;
    json_array_foreach (json_object_get(request->fields, "reasons"), index, reason) {
        const char *code = json_string_value(json_object_get(reason, "why_here"));
        size_t more = json_array_size(json_object_get(reason, "entries"));
        json_int_t so_far = json_integer_value(json_object_get(counts, code));
        json_object_set_new(counts, code, json_integer(so_far + (json_int_t)more));
    }
    return counts;
}

json_t *operation_entries_with_reasons(struct site *site, const char *operation, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT entry, why_here, why_dated FROM operation_entry WHERE operation = :operation ORDER BY entry",
        err);
    query_text(query, ":operation", operation);
    AUTO(json) json_t *entries = json_array();
    while (query_next(query)) {
        const char *why_here = query_get_text(query, 1);
        json_array_append_new(entries, *why_here ? json_pack("[s, s, I]", query_get_text(query, 0), why_here,
                                                       (json_int_t)query_get_integer(query, 2))
                                                 : json_string(query_get_text(query, 0)));
    }
    return query_ok(query, err) ? STEAL(entries) : NULL;
}
