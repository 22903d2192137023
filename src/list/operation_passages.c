#include "list/operation_passages.h"

#include "base/log.h"

const char operation_passages_sql[] = "ALTER TABLE operation ADD COLUMN passages INTEGER NOT NULL DEFAULT 0";

static bool count(struct site *site, struct operation_row *row, struct error *err)
{
    uint64_t more = site->supervisor ? supervisor_take_passages(site->supervisor, row->operation) : 0;
    if (more == 0)
        return true;
    row->passages += (int64_t)more;
    if (!ledger_begin(site->ledger, err))
        return false;
    if (operation_save(site, row, err) && ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

static bool signed_for(struct site *site, const struct operation_row *row, int64_t *out, struct error *err)
{
    AUTO(envelope) struct envelope *request = NULL;
    size_t found = 0;
    if (!operation_statements(site, row->operation, "request", &request, 1, &found, err))
        return false;
    return found == 1 ? json_need_integer(request->fields, "expected_passages", out, err)
                      : fail(err, ERROR_CORRUPT, "operation %s has no request", row->operation);
}

bool operation_passages_hinder(
    struct site *site, struct operation_row *row, bool counts, const char **why, struct error *err)
{
    int64_t expected = 0;
    struct error wrong = {0};
    if (site->kind != SITE_LIVE)
        return true;
    if (counts && !count(site, row, err))
        return false;
    if (!signed_for(site, row, &expected, &wrong)) {
        log_write(LOG_ERROR, "passages_not_known", "operation %s: %s", row->operation, wrong.text);
        *why = "unavailable";
    } else if (row->passages > expected) {
        *why = "more_passages";
    }
    return true;
}
