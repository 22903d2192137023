#include "alert/inspector.h"

#include "alert/amend.h"
#include "alert/evidence.h"
#include "alert/oversight.h"
#include "alert/redress.h"
#include "base/clock.h"
#include "base/text.h"
#include "list/entry_copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool harm_was_grave(struct site *site, const struct alert *alert)
{
    AUTO(statements) struct statements outcomes = {0};
    if (!statements_load(site, alert, "outcome", ROLE_CREW, &outcomes, NULL))
        return true; /* what cannot be read any more is for the inspector to see */
    for (size_t i = 0; i < outcomes.count; i++) {
        const char *harm = json_string_value(json_object_get(outcomes.list[i]->fields, "harm"));
        if (harm && (strcmp(harm, "firearm") == 0 || strcmp(harm, "death") == 0))
            return true;
    }
    return false;
}

/* NULL: this copy is not the inspector's to open. */
static const char *why_inspected(struct site *site, const char *id)
{
    struct alert alert;
    char holds[40];
    if (strncmp(id, "q-", 2) == 0)
        return "complaint";
    if (!alert_load(site, id, &alert, NULL) || !amended_outcome(site, &alert, holds, NULL))
        return "unverified"; /* an edited row must not hide it */
    if (strcmp(holds, "wrong_person") == 0 || strcmp(alert.outcome, "wrong_person") == 0)
        return "wrong_stop";
    if (strcmp(alert.outcome, "rejected") == 0)
        return "rejected";
    if (harm_was_grave(site, &alert))
        return "harm";
    return redress_has_complaint(site, id) ? "complaint" : NULL;
}

static bool add_alerts(struct site *site, json_t *copies, struct error *err)
{
    AUTO(json) json_t *kept = oversight_copies(site, err);
    size_t index;
    json_t *copy;
    if (!kept)
        return false;
    json_array_foreach (kept, index, copy) {
        const char *why = why_inspected(site, json_string_value(json_object_get(copy, "copy")));
        if (!why)
            continue;
        json_object_set_new(copy, "of", json_string(why));
        json_array_append(copies, copy);
    }
    return true;
}

static bool add_entries(struct site *site, json_t *copies, struct error *err)
{
    AUTO(json) json_t *kept = entry_copies(site, err);
    size_t index;
    json_t *copy;
    if (!kept)
        return false;
    json_array_foreach (kept, index, copy) {
        json_object_set_new(copy, "of", json_string("entry"));
        json_array_append(copies, copy);
    }
    return true;
}

json_t *inspector_copies(struct site *site, const struct officer *officer, struct error *err)
{
    if (!officer_has(officer, ROLE_INSPECTOR)) {
        fail(err, ERROR_FORBIDDEN, "%s is no inspector", officer->id);
        return NULL;
    }
    AUTO(json) json_t *copies = json_array();
    if (!add_alerts(site, copies, err) || !add_entries(site, copies, err))
        return NULL;
    return json_pack("{s:O}", "copies", copies);
}

static bool read_sealed(
    struct site *site, const char *copy, const char **of, struct bytes *out, struct error *err)
{
    if (strncmp(copy, "e-", 2) == 0) {
        *of = "entry";
        return entry_copy_sealed(site, copy, out, err);
    }
    if (!oversight_sealed(site, copy, out, err))
        return false;
    *of = why_inspected(site, copy);
    return *of || fail(err, ERROR_FORBIDDEN,
                      "the copy of %s is opened after a complaint, a wrong stop or grave harm", copy);
}

static bool check_opening(struct site *site, const struct envelope *envelope, const char **copy,
    const char **reason, struct error *err)
{
    int64_t away_s = envelope->at_s - clock_now_s();
    if (!envelope_is(envelope, "copy_opening", err) ||
        !roster_check(site->roster, envelope, ROLE_INSPECTOR, err))
        return false;
    if (strcmp(envelope->site, site->name) != 0)
        return fail(err, ERROR_INVALID, "the statement is for site %s", envelope->site);
    if (llabs(away_s) > LIMIT_STATEMENT_SKEW_S)
        return fail(err, ERROR_INVALID,
            "the statement's time lies more than %d s from the desk's; sign it again, or set the device's "
            "clock",
            LIMIT_STATEMENT_SKEW_S);
    return json_need_text(envelope->fields, "copy", copy, err) &&
           json_need_text(envelope->fields, "reason", reason, err);
}

static bool record_look(struct site *site, const char *officer, const char *copy, const char *of,
    const char *reason, struct error *err)
{
    AUTO(json) json_t *fields = json_pack("{s:s, s:s, s:s}", "copy", copy, "of", of, "reason", reason);
    const struct record record = {.kind = "copy_opened", .by = officer, .public_fields = fields};
    if (!ledger_begin(site->ledger, err))
        return false;
    if (ledger_record(site->ledger, &record, err) && ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

json_t *inspector_open(struct site *site, const struct envelope *envelope, struct error *err)
{
    const char *copy = "", *reason = "", *of = NULL;
    AUTO(bytes) struct bytes sealed = {0};
    /* Handed out only after the record of it is on disk. */
    if (!check_opening(site, envelope, &copy, &reason, err) || !read_sealed(site, copy, &of, &sealed, err) ||
        !record_look(site, envelope->by, copy, of, reason, err))
        return NULL;
    AUTO(text) char *base64 = base64_write(sealed.data, sealed.size);
    AUTO(text) char *context = text_format("oversight:%s", copy);
    return json_pack("{s:s, s:s, s:s, s:s}", "copy", copy, "of", of, "context", context, "sealed", base64);
}
