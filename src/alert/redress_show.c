#include "alert/redress_answer.h"
#include "alert/redress_counter.h"
#include "alert/redress_decision.h"
#include "alert/slip.h"
#include "base/clock.h"
#include "list/action.h"

#include <stdio.h>
#include <string.h>

enum { EXPIRE_AT_A_TIME = 32, CNIC_SIZE = 24, LIST_LIMIT = 500, STATIONS_LIMIT = 64 * 1024 };

static const int64_t second_us = 1000000;

static bool may_look(const struct officer *officer, struct error *err)
{
    uint32_t roles = ROLE_BIT(ROLE_STATION) | ROLE_BIT(ROLE_AUTHORISER) | ROLE_BIT(ROLE_INSPECTOR);
    return (officer->roles & roles) ||
           fail(err, ERROR_FORBIDDEN, "%s works at no counter and answers for none", officer->id);
}

static bool is_open_to(
    struct site *site, struct query *query, const struct officer *officer, bool *open, struct error *err)
{
    const char *text = query_get_text(query, 5);
    AUTO(json) json_t *stations = json_read(text, strlen(text), STATIONS_LIMIT, NULL);
    const struct counter counter = {query_get_text(query, 0), query_get_text(query, 4), stations};
    return counter_is_open_to(site, &counter, officer, open, err);
}

json_t *redress_list(struct site *site, const struct officer *officer, struct error *err)
{
    if (!may_look(officer, err))
        return NULL;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT request, kind, state, made_us, officer, stations FROM redress ORDER BY made_us DESC", err);
    AUTO(json) json_t *requests = json_array();
    while (json_array_size(requests) < LIST_LIMIT && query_next(query)) {
        bool open = false;
        if (!is_open_to(site, query, officer, &open, err))
            return NULL;
        if (open)
            json_array_append_new(
                requests, json_pack("{s:s, s:s, s:s, s:I}", "request", query_get_text(query, 0), "kind",
                              query_get_text(query, 1), "state", query_get_text(query, 2), "made_at",
                              (json_int_t)(query_get_integer(query, 3) / second_us)));
    }
    return query_ok(query, err) ? json_pack("{s:O}", "requests", requests) : NULL;
}

enum { WORD_SIZE = 32 };

static void newest_word(
    const struct redress *redress, const char *type, const char *field, char out[static WORD_SIZE])
{
    out[0] = 0;
    for (size_t count = json_array_size(redress->statements); count-- > 0;) {
        AUTO(envelope)
        struct envelope *envelope = envelope_read(json_array_get(redress->statements, count), NULL);
        if (!envelope || strcmp(envelope->type, type) != 0)
            continue;
        const char *word = json_string_value(json_object_get(envelope->fields, field));
        snprintf(out, WORD_SIZE, "%s", word ? word : "");
        return;
    }
}

static json_t *words_json(const struct redress *redress)
{
    char finding[WORD_SIZE], said[WORD_SIZE], reason[WORD_SIZE], by[WORD_SIZE];
    newest_word(redress, "redress_finding", "finding", finding);
    newest_word(redress, "redress_answer", "answer", said);
    newest_word(redress, "redress_answer", "reason", reason);
    newest_word(redress, "redress_answer", "by", by);
    bool refused = strcmp(said, "refused") == 0;
    return json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s}", "request", redress->id, "kind",
        redress->kind, "state", redress->state, "made_at", (json_int_t)(redress->made_us / second_us),
        "finding", finding, "signed", said, "signed_by", by, "refused_for", refused ? reason : "");
}

/* What two offices refused does not open by itself when something changes. */
static bool gives_facts(struct site *site, const struct redress *redress)
{
    static const char *const given[] = {"answered", "to_tell", "told"};
    return word_is_in(redress->state, given, COUNT_OF(given)) &&
           redress_decided(site, redress) != REDRESS_REFUSED;
}

struct facts_asked {
    bool given;
    char cnic[CNIC_SIZE];
    bool tells_listed;
};

/* A slip that has expired tells less, not more. */
static bool read_asked(
    struct site *site, const struct redress *redress, struct facts_asked *out, struct error *err)
{
    out->given = gives_facts(site, redress);
    if (!out->given)
        return true;
    AUTO(envelope)
    struct envelope *request = redress_statement(site, redress, 0, "redress_request", err);
    if (!request)
        return false;
    const char *code = json_string_value(json_object_get(request->fields, "slip"));
    snprintf(out->cnic, sizeof out->cnic, "%s", json_string_value(json_object_get(request->fields, "cnic")));
    out->tells_listed = !redress->alert[0] || slip_is_bound(site, code, redress->alert);
    return true;
}

static json_t *show(struct site *site, const struct officer *officer, const struct redress *redress,
    const struct facts_asked *asked, struct error *err)
{
    AUTO(json) json_t *shown = words_json(redress);
    if (!asked->given)
        return STEAL(shown);
    json_t *facts = redress_facts(site, asked->cnic, redress->alert, asked->tells_listed, err);
    AUTO(json) json_t *fields = json_pack("{s:s}", "request", redress->id);
    const struct record record = {.kind = "redress_looked_at", .by = officer->id, .public_fields = fields};
    if (!facts)
        return NULL;
    json_object_set_new(shown, "answer", facts);
    return ledger_record(site->ledger, &record, err) ? STEAL(shown) : NULL;
}

json_t *redress_show(struct site *site, const struct officer *officer, const char *request, struct error *err)
{
    struct facts_asked asked = {.given = false};
    AUTO(redress) struct redress redress = {.statements = NULL};
    if (!may_look(officer, err) || !redress_load(site, request, &redress, err) ||
        !counter_let_in(site, &redress, officer, err) || !read_asked(site, &redress, &asked, err) ||
        !ledger_begin(site->ledger, err))
        return NULL;
    AUTO(json) json_t *shown = show(site, officer, &redress, &asked, err);
    memory_wipe(&asked, sizeof asked);
    if (!shown) {
        ledger_abort(site->ledger);
        return NULL;
    }
    return ledger_commit(site->ledger, err) ? STEAL(shown) : NULL;
}

static bool run_with(
    struct site *site, const char *sql, const char *name, int64_t number, const char *text, struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    if (text)
        query_text(query, name, text);
    else
        query_integer(query, name, number);
    return query_done(query, err);
}

bool redress_forget(struct site *site, const char *request, struct error *err)
{
    char key[40];
    redress_key_name(request, key);
    AUTO(json) json_t *fields = json_pack("{s:s}", "request", request);
    const struct record record = {.kind = "redress_erased", .by = "site", .public_fields = fields};
    return run_with(site, "DELETE FROM redress WHERE request = :request", ":request", 0, request, err) &&
           run_with(
               site, "DELETE FROM redress_statement WHERE request = :request", ":request", 0, request, err) &&
           ledger_erase_private(site->ledger, key, err) && ledger_record(site->ledger, &record, err);
}

static bool due(struct site *site, int64_t now_us, char ids[][ALERT_ID_SIZE], size_t *count, bool *slips,
    struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT request FROM redress WHERE expires_us <= :now UNION ALL"
        " SELECT '' FROM slip WHERE expires_us <= :now UNION ALL"
        " SELECT '' FROM redress_try WHERE at_us < :hour LIMIT 32",
        err);
    query_integer(query, ":now", now_us);
    query_integer(query, ":hour", now_us - 3600 * second_us);
    while (*count < EXPIRE_AT_A_TIME && query_next(query)) {
        const char *id = query_get_text(query, 0);
        if (id[0])
            snprintf(ids[(*count)++], ALERT_ID_SIZE, "%s", id);
        else
            *slips = true;
    }
    return query_ok(query, err);
}

bool redress_expire(struct site *site, int64_t now_us, struct error *err)
{
    char ids[EXPIRE_AT_A_TIME][ALERT_ID_SIZE];
    size_t count = 0;
    bool slips = false;
    if (!due(site, now_us, ids, &count, &slips, err))
        return false;
    if (count == 0 && !slips)
        return true;
    if (!ledger_begin(site->ledger, err))
        return false;
    bool done =
        slips_expire(site, now_us, err) && run_with(site, "DELETE FROM redress_try WHERE at_us < :hour",
                                               ":hour", now_us - 3600 * second_us, NULL, err);
    for (size_t i = 0; done && i < count; i++)
        done = redress_forget(site, ids[i], err);
    if (done)
        return ledger_commit(site->ledger, err);
    ledger_abort(site->ledger);
    return false;
}
