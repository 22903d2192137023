/* The end of an operation's keys: its list, its statements, its private fields (SAFEGUARDS 40). */
#include "list/operation_run.h"
#include "list/row.h"

static bool delete_sealed(struct site *site, const char *operation, struct error *err)
{
    static const char *const statements[] = {
        "DELETE FROM operation_gallery WHERE operation = :operation",
        "DELETE FROM operation_statement WHERE operation = :operation",
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
