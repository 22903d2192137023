#include "alert/oversight.h"

#include "alert/evidence.h"
#include "alert/passage.h"
#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static json_t *picture_json(struct site *site, const struct alert *alert, const char *name)
{
    AUTO(bytes) struct bytes picture = {0};
    if (!passage_picture(site, alert->id, alert->passage, name, &picture, NULL))
        return json_null();
    AUTO(text) char *base64 = base64_write(picture.data, picture.size);
    return json_string(base64);
}

static json_t *statement_list(struct site *site, const struct alert *alert, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT envelope FROM alert_statement WHERE alert = :alert ORDER BY number", err);
    query_text(query, ":alert", alert->id);
    AUTO(json) json_t *list = json_array();
    while (query_next(query)) {
        const char *text = query_get_text(query, 0);
        json_array_append_new(list, json_read(text, strlen(text), (size_t)STATEMENT_LIMIT * 2, NULL));
    }
    return query_ok(query, err) ? STEAL(list) : NULL;
}

/* What can no longer be opened is left out: an edited row must not keep an alert from ending. */
static char *copy_text(struct site *site, const struct alert *alert, const char *outcome, struct error *err)
{
    json_t *statements = statement_list(site, alert, err);
    if (!statements)
        return NULL;
    json_t *facts = passage_facts(site, alert->id, alert->passage, NULL);
    json_t *answers = notes_load(site, alert, "register", NULL);
    AUTO(json)
    json_t *copy = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "alert", alert->id, "entry",
        alert->entry, "operation", alert->operation, "outcome", outcome, "site", site->name, "statements",
        statements, "facts", facts ? facts : json_null(), "register", answers ? answers : json_null(),
        "probe", picture_json(site, alert, "probe"));
    return json_canonical(copy, err);
}

bool oversight_seal(struct site *site, const char *id, const char *text, int64_t keep_days, struct error *err)
{
    char context[48];
    snprintf(context, sizeof context, "oversight:%.24s", id);
    AUTO(bytes) struct bytes sealed = {0};
    if (!packet_seal(roster_oversight_key(site->roster), context, text, strlen(text), &sealed, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO alert_oversight (alert, expires_us, sealed) VALUES (:alert, :expires, :sealed)", err);
    query_text(query, ":alert", id);
    query_integer(query, ":expires", clock_now_us() + keep_days * 86400 * 1000000);
    query_bytes(query, ":sealed", sealed.data, sealed.size);
    return query_done(query, err);
}

bool oversight_keep(struct site *site, const struct alert *alert, const char *outcome, struct error *err)
{
    AUTO(text) char *text = copy_text(site, alert, outcome, err);
    if (!text)
        return false;
    bool sealed = oversight_seal(site, alert->id, text, alert->stopped_us ? 365 : 31, err);
    memory_wipe(text, strlen(text));
    return sealed;
}

bool oversight_wants(const struct alert *alert, const char *outcome)
{
    uint32_t drawn = 0;
    random_fill(&drawn, sizeof drawn);
    return alert->dispatched_us ||
           (strcmp(outcome, "rejected") == 0 && drawn % LIMIT_INSPECTED_REJECTIONS == 0);
}

json_t *oversight_copies(struct site *site, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "SELECT alert, expires_us FROM alert_oversight ORDER BY expires_us", err);
    AUTO(json) json_t *copies = json_array();
    while (query_next(query))
        json_array_append_new(copies, json_pack("{s:s, s:I}", "copy", query_get_text(query, 0), "expires_at",
                                          (json_int_t)(query_get_integer(query, 1) / 1000000)));
    return query_ok(query, err) ? STEAL(copies) : NULL;
}

bool oversight_sealed(struct site *site, const char *alert, struct bytes *out, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT sealed FROM alert_oversight WHERE alert = :alert", err);
    query_text(query, ":alert", alert);
    if (!query_next(query))
        return query_ok(query, err) && fail(err, ERROR_MISSING, "no copy of alert %.24s is kept", alert);
    struct bytes sealed = query_get_bytes(query, 0);
    *out = bytes_copy(sealed.data, sealed.size);
    return true;
}

bool oversight_expire(struct site *site, int64_t now_us, struct error *err)
{
    static const struct ledger_expiry copies = {
        "alert_oversight", "expires_us", "oversight_copies_erased", "copies"};
    return ledger_expire(site->ledger, &copies, now_us, err);
}
