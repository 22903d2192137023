#include "list/closed.h"

#include "base/clock.h"
#include "base/text.h"
#include "list/row.h"

void closed_done(struct closed *closed)
{
    json_decref(closed->ids);
    closed->ids = NULL;
}

/* The id breaks ties: a page begins where the one before ended. */
static struct query *newest_first(
    struct site *site, const char *noun, const char *where, const char *from, struct error *err)
{
    AUTO(text)
    char *begins =
        from ? text_format("AND (changed_at, %s) <= (SELECT changed_at, %s FROM %s WHERE %s = :from)", noun,
                   noun, noun, noun)
             : memory_copy_text("");
    AUTO(text)
    char *sql =
        text_format("SELECT %s, changed_at FROM %s WHERE (%s) %s ORDER BY changed_at DESC, %s DESC LIMIT %d",
            noun, noun, where, begins, noun, CLOSED_SHOWN + 1);
    struct query *query = query_new(site->ledger->store, sql, err);
    if (from)
        query_text(query, ":from", from);
    return query;
}

bool closed_list(struct site *site, const char *noun, const char *where, const char *from, struct closed *out,
    struct error *err)
{
    AUTO(query) struct query *query = newest_first(site, noun, where, from, err);
    AUTO(json) json_t *ids = json_array();
    const size_t most = from ? CLOSED_PAGE : CLOSED_SHOWN;
    const int64_t since_s = from ? INT64_MIN : clock_now_s() - (int64_t)CLOSED_SHOWN_DAYS * 86400;
    *out = (struct closed){.ids = NULL};
    while (!out->older[0] && query_next(query)) {
        const char *id = query_get_text(query, 0);
        if (json_array_size(ids) < most && query_get_integer(query, 1) > since_s)
            json_array_append_new(ids, json_string(id));
        else
            row_text(out->older, sizeof out->older, id);
    }
    if (!query_ok(query, err))
        return false;
    if (from && json_array_size(ids) == 0)
        return fail(err, ERROR_MISSING, "nothing is older than %.24s", from);
    out->ids = STEAL(ids);
    return true;
}

void closed_name_older(const struct closed *closed, json_t *list)
{
    if (closed->older[0])
        json_object_set_new(list, "older", json_string(closed->older));
}
