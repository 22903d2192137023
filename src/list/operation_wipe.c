/* The end of an operation's keys: its list, its statements, its private fields (SAFEGUARDS 40); and of the
 * rows that say who was on its list (SAFEGUARDS 49), with others whose time is over (docs/security.md). */
#include "base/text.h"
#include "list/operation_rules.h"
#include "list/operation_run.h"
#include "list/row.h"
#include "list/status.h"

enum { FORGET_EVERY_S = 3600, DAY_S = 86400 };

static bool delete_sealed(struct site *site, const char *operation, struct error *err)
{
    static const char *const statements[] = {
        "DELETE FROM operation_gallery WHERE operation = :operation",
        "DELETE FROM operation_statement WHERE operation = :operation",
        "DELETE FROM operation_refused WHERE operation = :operation",
    };
    for (size_t i = 0; i < COUNT_OF(statements); i++) {
        AUTO(query) struct query *query = query_new(site->ledger->store, statements[i], err);
        query_text(query, ":operation", operation);
        if (!query_done(query, err))
            return false;
    }
    return true;
}

/* What was refused or cancelled keeps its word and loses its list all the same. */
static bool move_when_wiped(struct site *site, struct operation_row *row, struct error *err)
{
    row->wiped = true;
    if (row->phase == OPERATION_ENDED) {
        char why[sizeof row->why];
        row_text(why, sizeof why, row->why); /* the move writes the row's */
        return operation_move(site, row, OPERATION_WIPED, NULL, why, err);
    }
    AUTO(json) json_t *fields = json_pack("{s:s}", "operation", row->operation);
    struct record record = {.kind = "operation_erased", .by = "site", .public_fields = fields};
    return operation_save(site, row, err) && ledger_record(site->ledger, &record, err);
}

/* The key is queued here and destroyed by the commit, which records that. */
bool operation_wipe_now(struct site *site, struct operation_row *row, struct error *err)
{
    char key[40];
    operation_key_name(row->operation, key);
    return move_when_wiped(site, row, err) && delete_sealed(site, row->operation, err) &&
           ledger_erase_private(site->ledger, key, err);
}

bool operation_wipe(struct site *site, struct operation_row *row, struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return false;
    if (operation_wipe_now(site, row, err) && ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

/* What nothing counts or answers any more: who was on a list, replies to statements that would be refused for
 * their time, set-up views. */
static const struct old {
    const char *rows;
    int64_t age_s;
} old[] = {
    {"operation_entry WHERE operation IN (SELECT operation FROM operation WHERE wiped = 1 AND starts_at <= "
     ":since)",
        OPERATION_MONTH_S},
    {"accepted WHERE at <= :since", DAY_S},
    {"camera_set_up WHERE at <= :since", DAY_S},
};

static bool has_old(struct site *site, const struct old *of, int64_t now_s, bool *out, struct error *err)
{
    AUTO(text) char *sql = text_format("SELECT 1 FROM %s LIMIT 1", of->rows);
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_integer(query, ":since", now_s - of->age_s);
    *out = query_next(query);
    return query_ok(query, err);
}

static bool delete_old(struct site *site, const struct old *of, int64_t now_s, struct error *err)
{
    AUTO(text) char *sql = text_format("DELETE FROM %s", of->rows);
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_integer(query, ":since", now_s - of->age_s);
    return query_done(query, err);
}

static bool forget_old(struct site *site, const struct old *of, int64_t now_s, struct error *err)
{
    bool is_there = false;
    if (!has_old(site, of, now_s, &is_there, err))
        return false;
    if (!is_there)
        return true;
    if (!ledger_begin(site->ledger, err))
        return false;
    if (delete_old(site, of, now_s, err) && ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

bool operation_forget_lists(struct site *site, int64_t now_s, struct error *err)
{
    if (now_s < site->forget_lists_s)
        return true;
    site->forget_lists_s = now_s + FORGET_EVERY_S;
    for (size_t i = 0; i < COUNT_OF(old); i++) {
        if (!forget_old(site, &old[i], now_s, err))
            return false;
    }
    return status_expire(site, now_s, err);
}
