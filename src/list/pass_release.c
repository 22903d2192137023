/* A lock or a forgotten pass is ended by two persons of different offices, neither of them the subject. */
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "list/action.h"
#include "list/former_roster.h"
#include "list/pass.h"
#include "list/pass_recorded.h"
#include "list/row.h"

#include <string.h>

static const uint32_t releasers = ROLE_BIT(ROLE_ADMIN) | ROLE_BIT(ROLE_AUTHORISER) | ROLE_BIT(ROLE_INSPECTOR);

static const char *text_in(const struct envelope *envelope, const char *field)
{
    const char *text = json_string_value(json_object_get(envelope->fields, field));
    return text ? text : "";
}

static bool still_counts(const struct site *site, const struct envelope *envelope, const char *subject)
{
    const struct officer *signer = roster_check_any(site->roster, envelope, NULL);
    return signer && (signer->roles & releasers) && envelope_is(envelope, "pass_release", NULL) &&
           strcmp(envelope->site, site->name) == 0 && strcmp(text_in(envelope, "subject"), subject) == 0 &&
           envelope->at_s + PASS_RELEASE_S > clock_now_s();
}

/* A broken pass is known by its officer, today's and the one that was reset this morning: what was signed
 * then, put back into the table, is nobody's word about this one. */
static bool is_recorded(struct site *site, const struct envelope *envelope, const char *subject)
{
    char name[HEX_HASH_SIZE];
    if (!statement_name(envelope, name, NULL))
        return false;
    AUTO(text) char *signature = text_format("%%\"pass_release_signed\"%%\"signed\":\"%s\"%%", name);
    AUTO(text) char *named = text_format("\"%s\"", subject);
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT NOT EXISTS (SELECT 1 FROM ledger_leaf AS later WHERE later.seq > own.seq"
        " AND later.leaf LIKE '%\"kind\":\"pass_%' AND later.leaf NOT LIKE '%\"pass_release_signed\"%'"
        " AND instr(later.leaf, :named) > 0)"
        " FROM ledger_leaf AS own WHERE own.leaf LIKE :signature ORDER BY own.seq DESC LIMIT 1",
        NULL);
    query_text(query, ":named", named);
    query_text(query, ":signature", signature);
    return query_next(query) && query_get_integer(query, 0) != 0;
}

/* Who signed this before and still counts; "" for nobody. */
static bool first_signer(struct site *site, const char *subject, char signer[static 24], struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT envelope FROM pass_release WHERE subject = :subject", err);
    query_text(query, ":subject", subject);
    signer[0] = '\0';
    while (!signer[0] && query_next(query)) {
        const char *text = query_get_text(query, 0);
        AUTO(envelope) struct envelope *envelope = envelope_parse(text, strlen(text), NULL);
        if (envelope && still_counts(site, envelope, subject) && is_recorded(site, envelope, subject))
            memcpy(signer, roster_officer(site->roster, envelope->by)->id, 24);
    }
    return query_ok(query, err);
}

static bool keep(struct site *site, const struct envelope *envelope, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    AUTO(json) json_t *json = envelope_json(envelope);
    AUTO(text) char *text = json_canonical(json, err);
    if (!text)
        return false;
    envelope_hash_hex(envelope, hash);
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO pass_release (statement, subject, envelope) VALUES (:statement, :subject, :envelope)",
        err);
    query_text(query, ":statement", hash);
    query_text(query, ":subject", text_in(envelope, "subject"));
    query_text(query, ":envelope", text);
    return query_done(query, err);
}

static bool forget_signatures(struct site *site, const char *subject, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "DELETE FROM pass_release WHERE subject = :subject", err);
    query_text(query, ":subject", subject);
    return query_done(query, err);
}

/* The next that no record tells of: its statement, and whether there is one. */
static bool next_to_drop(
    struct site *site, char statement[static HEX_HASH_SIZE], bool *found, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT statement, subject, envelope FROM pass_release", err);
    *found = false;
    while (!*found && query_next(query)) {
        const char *text = query_get_text(query, 2), *subject = query_get_text(query, 1);
        AUTO(envelope) struct envelope *envelope = envelope_parse(text, strlen(text), NULL);
        *found = !envelope || !is_recorded(site, envelope, subject);
        row_text(statement, HEX_HASH_SIZE, query_get_text(query, 0));
    }
    return query_ok(query, err);
}

bool pass_releases_hold_to_log(struct site *site, struct error *err)
{
    char statement[HEX_HASH_SIZE];
    bool found = true;
    while (found) {
        if (!next_to_drop(site, statement, &found, err))
            return false;
        if (!found)
            break;
        log_write(LOG_ERROR, "pass_release_not_as_recorded",
            "the log knows no signature %.16s that still waits", statement);
        AUTO(query)
        struct query *query =
            query_new(site->ledger->store, "DELETE FROM pass_release WHERE statement = :statement", err);
        query_text(query, ":statement", statement);
        if (!query_done(query, err))
            return false;
    }
    return true;
}

/* What the subject's id stands for now: the lock, the pass, or, of a broken pass, the officer. */
static bool find_subject(
    struct site *site, const struct envelope *envelope, struct pass *pass, bool *resets, struct error *err)
{
    const char *officer = text_in(envelope, "officer"), *subject = text_in(envelope, "subject");
    if (!roster_officer(site->roster, officer))
        return fail(err, ERROR_MISSING, "the roster in force has no %s", officer);
    enum pass_state state = pass_find(site, officer, pass);
    bool broken = state == PASS_BROKEN && strcmp(subject, officer) == 0;
    bool lock = state == PASS_HELD && strcmp(subject, pass->lock) == 0;
    bool held = state == PASS_HELD && strcmp(subject, pass->id) == 0;
    if (!broken && !lock && !held)
        return fail(err, ERROR_CONFLICT, "%s is neither a lock nor the pass of %s now", subject, officer);
    *resets = !lock;
    return true;
}

static bool may_sign(struct site *site, const struct envelope *envelope, const struct officer *signer,
    const char *first, struct error *err)
{
    const char *officer = text_in(envelope, "officer");
    const struct officer *other = roster_officer(site->roster, first);
    if (strcmp(signer->id, officer) == 0)
        return fail(err, ERROR_FORBIDDEN, "nobody signs this for themselves");
    if (!other)
        return true;
    if (strcmp(other->id, signer->id) == 0)
        return fail(err, ERROR_CONFLICT, "%s has signed this already; another officer has to", signer->id);
    return strcmp(other->office, signer->office) != 0 ||
           fail(err, ERROR_FORBIDDEN, "somebody of %s's office has signed; it takes two offices", signer->id);
}

static bool end_it(
    struct site *site, const struct pass *pass, const char *officer, bool resets, struct error *err)
{
    return resets ? pass_erase(site, officer, err) : pass_used(site, pass, pass->step, err);
}

static bool write_release(struct site *site, const struct envelope *envelope, const struct pass *pass,
    bool resets, bool complete, struct error *err)
{
    const char *officer = text_in(envelope, "officer");
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:s, s:s}", "officer", officer, "subject", text_in(envelope, "subject"),
        "reason", text_in(envelope, "reason"));
    char name[HEX_HASH_SIZE];
    if (!statement_name(envelope, name, err))
        return false;
    if (!complete)
        json_object_set_new(fields, "signed", json_string(name));
    const char *kind = !complete ? "pass_release_signed" : resets ? "pass_reset" : "pass_unlocked";
    const struct record record = {.kind = kind, .by = envelope->by, .public_fields = fields};
    bool done = complete ? forget_signatures(site, text_in(envelope, "subject"), err) &&
                               end_it(site, pass, officer, resets, err) &&
                               pass_mark_note(site, officer, fields, err)
                         : keep(site, envelope, err);
    return done && ledger_record(site->ledger, &record, err);
}

json_t *pass_release(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    struct pass pass = {.id = ""};
    bool resets = false;
    char first[24];
    if (!action_check(site, envelope, "pass_release", releasers, &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    if (!find_subject(site, envelope, &pass, &resets, err) ||
        !first_signer(site, text_in(envelope, "subject"), first, err) ||
        !may_sign(site, envelope, action.officer, first, err) || !ledger_begin(site->ledger, err))
        return NULL;
    bool complete = first[0] != '\0';
    bool done = write_release(site, envelope, &pass, resets, complete, err);
    const char *state = !complete ? "signed_once" : resets ? "reset" : "unlocked";
    return action_commit(site, envelope, done,
        json_pack("{s:s, s:s}", "officer", text_in(envelope, "officer"), "state", state), err);
}

struct list {
    struct site *site;
    json_t *officers;
};

static bool add_officer(void *context, const char *officer, enum pass_state state, const struct pass *pass)
{
    static const char *const words[] = {[PASS_NONE] = "none", [PASS_HELD] = "held", [PASS_BROKEN] = "broken"};
    struct list *list = context;
    char lock_signed[24] = "", pass_signed[24] = "";
    bool locked = state == PASS_HELD && pass->locked_until_s > clock_now_s();
    if (!first_signer(list->site, locked ? pass->lock : "", lock_signed, NULL) ||
        !first_signer(list->site, state == PASS_BROKEN ? officer : pass->id, pass_signed, NULL))
        return false;
    return json_array_append_new(list->officers,
               json_pack("{s:s, s:s, s:s, s:I, s:s, s:I, s:I, s:s, s:s}", "officer", officer, "state",
                   words[state], "pass", pass->id, "since", (json_int_t)pass->since_s, "lock",
                   locked ? pass->lock : "", "locked_until", (json_int_t)(locked ? pass->locked_until_s : 0),
                   "failures", (json_int_t)pass->failures, "unlock_signed_by", lock_signed, "reset_signed_by",
                   pass_signed)) == 0;
}

json_t *pass_list(struct site *site, struct error *err)
{
    AUTO(json) json_t *officers = json_array();
    struct list list = {site, officers};
    return pass_each(site, add_officer, &list, err) ? json_pack("{s:O}", "officers", officers) : NULL;
}
