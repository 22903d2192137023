#include "list/action.h"

#include "base/clock.h"
#include "sign/limits.h"

#include <stdlib.h>
#include <string.h>

const char action_sql[] = "CREATE TABLE accepted ("
                          " statement TEXT PRIMARY KEY, reply TEXT NOT NULL, at INTEGER NOT NULL) STRICT";

static bool find_reply(struct site *site, const struct envelope *envelope, json_t **out, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(envelope, hash);
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT reply FROM accepted WHERE statement = :statement", err);
    query_text(query, ":statement", hash);
    *out = NULL;
    if (query_next(query)) {
        const char *text = query_get_text(query, 0);
        *out = json_read(text, strlen(text), STATEMENT_LIMIT, err);
        if (!*out)
            return false;
    }
    return query_ok(query, err);
}

static bool time_is_near(const struct envelope *envelope, struct error *err)
{
    int64_t now = clock_now_s();
    if (envelope->at_s < now - LIMIT_STATEMENT_SKEW_S || envelope->at_s > now + LIMIT_STATEMENT_SKEW_S)
        return fail(err, ERROR_INVALID,
            "the statement's time lies more than %d s from the desk's; sign it again, or set the device's "
            "clock",
            LIMIT_STATEMENT_SKEW_S);
    return true;
}

bool action_check(struct site *site, const struct envelope *envelope, const char *type, uint32_t roles,
    struct action *out, struct error *err)
{
    if (!envelope_is(envelope, type, err))
        return false;
    if (strcmp(envelope->site, site->name) != 0)
        return fail(
            err, ERROR_FORBIDDEN, "the statement is for the site %s, this is %s", envelope->site, site->name);
    const struct officer *officer = roster_check_any(site->roster, envelope, err);
    if (!officer)
        return false;
    if (!(officer->roles & roles))
        return fail(
            err, ERROR_FORBIDDEN, "%s has no role that may sign a statement of type %s", officer->id, type);
    json_t *reply = NULL;
    if (!find_reply(site, envelope, &reply, err))
        return false;
    if (!reply && !time_is_near(envelope, err))
        return false;
    *out = (struct action){officer, reply};
    return true;
}

static bool keep_reply(
    struct site *site, const struct envelope *envelope, const json_t *reply, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(envelope, hash);
    AUTO(text) char *text = json_canonical(reply, err);
    if (!text)
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO accepted (statement, reply, at) VALUES (:statement, :reply, :at)", err);
    query_text(query, ":statement", hash);
    query_text(query, ":reply", text);
    query_integer(query, ":at", clock_now_s());
    return query_done(query, err);
}

json_t *action_commit(
    struct site *site, const struct envelope *envelope, bool done, json_t *reply, struct error *err)
{
    AUTO(json) json_t *kept = reply;
    if (done && !kept)
        done = fail(err, ERROR_SYSTEM, "the reply could not be made");
    if (done && keep_reply(site, envelope, kept, err)) {
        if (ledger_commit(site->ledger, err))
            return STEAL(kept);
    }
    ledger_abort(site->ledger);
    return NULL;
}
