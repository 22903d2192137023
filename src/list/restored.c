#include "list/restored.h"

#include "base/clock.h"
#include "base/log.h"
#include "govern/backup.h"
#include "list/entry_proof.h"
#include "list/status.h"

enum { ASK_AGAIN_S = 10 };

/* An entry that is not proved does not arm whatever its cases say. */
static bool every_case_answers(struct site *site, const char *entry, struct error *err)
{
    struct entry_row row;
    struct error unproved = {0};
    AUTO(envelope) struct envelope *proposal = NULL;
    if (!entry_is_proved(site, entry, &row, &proposal, &unproved))
        return true;
    size_t index;
    const json_t *legal_case;
    json_array_foreach (json_object_get(proposal->fields, "cases"), index, legal_case) {
        const char *id = json_string_value(json_object_get(legal_case, "case"));
        if (id && !case_has_answer_since(site, id, site->ledger->restored_s))
            return fail(err, ERROR_UNAVAILABLE,
                "no answer about case %s since the restore; its station feeds it, or entry %s is withdrawn",
                id, entry);
    }
    return true;
}

bool restored_hinders(struct site *site)
{
    struct error err = {0};
    if (!site->ledger->restored_s)
        return false;
    if (clock_now_s() < site->retry_statuses_s)
        return true;
    site->retry_statuses_s = clock_now_s() + ASK_AGAIN_S;
    if (entry_each(site, "state = 'approved'", every_case_answers, &err) &&
        ledger_restore_is_over(site->ledger, &err))
        return false;
    log_write(LOG_WARNING, "restored_site_waits", "%s", err.text);
    return true;
}
