/* Suspensions are read from the log itself, which is verified at the start: a row of a table could be taken
 * away. */
#include "base/text.h"
#include "govern/ledger_find.h"
#include "list/action.h"
#include "list/succession.h"

#include <string.h>

static bool apply(struct roster *roster, const char *leaf, struct error *err)
{
    AUTO(json) json_t *record = json_read(leaf, strlen(leaf), STATEMENT_LIMIT, err);
    const char *subject = NULL;
    uint8_t key[PUBLIC_KEY_SIZE];
    if (!record || !json_need_text(record, "subject", &subject, err) ||
        !json_need_hex(record, "key", key, sizeof key, err))
        return false;
    roster_suspend(roster, subject, key);
    return true;
}

bool suspension_load(struct site *site, struct error *err)
{
    AUTO(finding) struct finding found = {.ledger = site->ledger, .by = FIND_KIND, .value = "key_suspended"};
    while (finding_next(&found)) {
        if (!apply(site->roster, (const char *)found.leaf.data, err))
            return false;
    }
    return finding_ok(&found, err);
}

static bool record_suspension(
    struct site *site, const struct envelope *envelope, const uint8_t *key, struct error *err)
{
    char hex[HEX_HASH_SIZE];
    hex_write(key, PUBLIC_KEY_SIZE, hex);
    AUTO(json) json_t *fields = json_pack("{s:s}", "key", hex);
    static const char *const names[] = {"subject", "reason"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        json_object_set(fields, names[i], json_object_get(envelope->fields, names[i]));
    struct record record = {.kind = "key_suspended", .by = envelope->by, .public_fields = fields};
    const char *subject = json_string_value(json_object_get(envelope->fields, "subject"));
    return ledger_record(site->ledger, &record, err) &&
           ledger_event(site->ledger, "roster", subject, "suspended", err);
}

/* Who runs the site does not silence who watches over it. */
static bool may_suspend(
    struct site *site, const struct officer *signer, const char *subject, struct error *err)
{
    const struct officer *officer = roster_officer(site->roster, subject);
    bool oversees =
        officer && (officer_has(officer, ROLE_INSPECTOR) || officer_has(officer, ROLE_OUTSIDE_SIGNER));
    return !oversees || officer_has(signer, ROLE_INSPECTOR) ||
           fail(err, ERROR_FORBIDDEN, "only an inspector suspends %s, who inspects or signs from outside",
               subject);
}

json_t *suspension_sign(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    uint8_t key[PUBLIC_KEY_SIZE];
    uint32_t roles = ROLE_BIT(ROLE_ADMIN) | ROLE_BIT(ROLE_INSPECTOR);
    if (!action_check(site, envelope, "suspension", roles, &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    const char *subject = json_string_value(json_object_get(envelope->fields, "subject"));
    if (!roster_key_of(site->roster, subject, key)) {
        fail(err, ERROR_MISSING, "the roster in force has no %s", subject);
        return NULL;
    }
    if (!may_suspend(site, action.officer, subject, err) || !ledger_begin(site->ledger, err))
        return NULL;
    bool done = record_suspension(site, envelope, key, err);
    json_t *reply = action_commit(
        site, envelope, done, json_pack("{s:s, s:s}", "subject", subject, "state", "suspended"), err);
    if (reply)
        roster_suspend(site->roster, subject, key);
    return reply;
}
