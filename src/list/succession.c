#include "list/succession.h"

#include "base/clock.h"
#include "base/log.h"
#include "govern/ledger_find.h"
#include "list/action.h"
#include "list/one_person.h"
#include "list/row.h"
#include "sign/limits.h"

#include <string.h>

enum { LOOK_AGAIN_S = 60 };

const struct migration roster_migrations[] = {
    {"0100-roster",
        "CREATE TABLE roster (number INTEGER PRIMARY KEY, hash TEXT NOT NULL, adopted_at INTEGER NOT NULL)"},
    {"list-0009-roster-paper", "CREATE TABLE roster_paper ("
                               " number INTEGER PRIMARY KEY, roster TEXT NOT NULL, endorsement TEXT) STRICT"},
};
const size_t roster_migration_count = COUNT_OF(roster_migrations);

struct paper { /* a roster as it was brought; owned */
    struct roster *roster;
    struct envelope *endorsement; /* NULL on a demo site */
};

static void paper_auto(struct paper *paper)
{
    roster_free(paper->roster);
    envelope_free(paper->endorsement);
}

/* -1 when none was adopted yet. */
static bool newest_roster(
    struct site *site, int64_t *number, char hash[static HEX_HASH_SIZE], struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT number, hash FROM roster ORDER BY number DESC LIMIT 1", err);
    *number = -1;
    hash[0] = '\0';
    if (query_next(query)) {
        *number = query_get_integer(query, 0);
        const char *stored = query_get_text(query, 1);
        strncat(hash, stored ? stored : "", HEX_HASH_SIZE - 1);
    }
    return query_ok(query, err);
}

/* The newest that the log says was in force; the tables may have been put back from before. -1 for none. */
static bool newest_logged(
    struct site *site, int64_t *number, char hash[static HEX_HASH_SIZE], struct error *err)
{
    AUTO(finding) struct finding found = {.ledger = site->ledger, .by = FIND_KIND, .value = "roster_adopted"};
    *number = -1;
    while (finding_next(&found)) {
        AUTO(json)
        json_t *record = json_read((const char *)found.leaf.data, found.leaf.size, STATEMENT_LIMIT, err);
        if (!record)
            return false;
        if (json_integer_value(json_object_get(record, "number")) < *number)
            continue;
        *number = json_integer_value(json_object_get(record, "number"));
        row_text(hash, HEX_HASH_SIZE, json_string_value(json_object_get(record, "roster_hash")));
    }
    return finding_ok(&found, err);
}

static bool is_not_rolled_back(struct site *site, int64_t number, const char *hash, struct error *err)
{
    int64_t logged = -1;
    char logged_hash[HEX_HASH_SIZE] = "";
    if (!newest_logged(site, &logged, logged_hash, err))
        return false;
    return number > logged || (number == logged && strcmp(hash, logged_hash) == 0) ||
           fail(err, ERROR_CORRUPT,
               "roster %lld, which the log says was in force, is neither in the site's folder nor in the "
               "database any more: put it into the folder or restore the backup",
               (long long)logged);
}

static bool keep_paper(
    struct site *site, const struct roster *brought, const struct envelope *endorsed, struct error *err)
{
    AUTO(json) json_t *roster_json = envelope_json(roster_envelope(brought));
    AUTO(text) char *text = json_canonical(roster_json, err);
    AUTO(json) json_t *json = endorsed ? envelope_json(endorsed) : NULL;
    AUTO(text) char *endorsement = json ? json_canonical(json, err) : NULL;
    if (!text || (json && !endorsement))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO roster_paper (number, roster, endorsement) VALUES (:number, :roster, :endorsement)"
        " ON CONFLICT (number) DO UPDATE SET roster = :roster, endorsement = :endorsement",
        err);
    query_integer(query, ":number", roster_number(brought));
    query_text(query, ":roster", text);
    query_text(query, ":endorsement", endorsement);
    return query_done(query, err);
}

static bool keep_roster(struct site *site, const struct roster *roster, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(roster_envelope(roster), hash);
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO roster (number, hash, adopted_at) VALUES (:number, :hash, :at)", err);
    query_integer(query, ":number", roster_number(roster));
    query_text(query, ":hash", hash);
    query_integer(query, ":at", roster_envelope(roster)->at_s);
    if (!query_done(query, err))
        return false;
    AUTO(json)
    json_t *fields = json_pack("{s:I, s:s, s:I, s:I}", "number", (json_int_t)roster_number(roster),
        "roster_hash", hash, "officers", (json_int_t)roster_officers(roster), "service_numbers",
        (json_int_t)one_person_count(roster));
    const struct record record = {.kind = "roster_adopted", .by = "site", .public_fields = fields};
    return ledger_record(site->ledger, &record, err) &&
           ledger_event(site->ledger, "roster", "roster", "adopted", err);
}

static bool adopt(
    struct site *site, const struct roster *roster, const struct envelope *endorsement, struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return false;
    if (keep_paper(site, roster, endorsement, err) && keep_roster(site, roster, err) &&
        ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

/* Takes the paper's parts. */
static bool put_in_force(struct site *site, struct paper *paper, struct error *err)
{
    roster_free(site->roster);
    envelope_free(site->endorsement);
    site->roster = STEAL(paper->roster);
    site->endorsement = STEAL(paper->endorsement);
    site->ledger->roster = site->roster;
    return suspension_load(site, err);
}

/* ERROR_MISSING when there is none with a number in this range. */
static bool read_paper(struct site *site, int64_t least, int64_t most, struct paper *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT roster, endorsement FROM roster_paper WHERE number BETWEEN :least AND :most"
        " ORDER BY number LIMIT 1",
        err);
    query_integer(query, ":least", least);
    query_integer(query, ":most", most);
    if (!query_next(query))
        return query_ok(query, err) && fail(err, ERROR_MISSING, "no roster waits");
    __attribute__((cleanup(paper_auto))) struct paper paper = {.roster = NULL};
    const char *brought = query_get_text(query, 0), *endorsement = query_get_text(query, 1);
    AUTO(envelope) struct envelope *envelope = envelope_parse_roster(brought, strlen(brought), err);
    if (!envelope || !(paper.roster = roster_read(envelope, site->root_key, site->name, err)) ||
        (endorsement && !(paper.endorsement = envelope_parse(endorsement, strlen(endorsement), err))))
        return false;
    out->roster = STEAL(paper.roster);
    out->endorsement = STEAL(paper.endorsement);
    return true;
}

static bool is_logged(const char *leaf, const struct roster *roster, const char *hash)
{
    AUTO(json) json_t *record = json_read(leaf, strlen(leaf), STATEMENT_LIMIT, NULL);
    const char *brought = json_string_value(json_object_get(record, "roster_hash"));
    return brought && strcmp(brought, hash) == 0 &&
           json_integer_value(json_object_get(record, "number")) == roster_number(roster);
}

/* Only what an administrator brought by a signed statement counts, and what was in force before, whatever
 * lies in the table. */
static bool was_logged(struct site *site, const char *kind, const struct roster *roster, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(roster_envelope(roster), hash);
    AUTO(finding) struct finding found = {.ledger = site->ledger, .by = FIND_KIND, .value = kind};
    while (finding_next(&found)) {
        if (is_logged((const char *)found.leaf.data, roster, hash))
            return true;
    }
    return finding_ok(&found, err) &&
           fail(err, ERROR_CORRUPT, "roster %lld lies in the table and nobody brought it",
               (long long)roster_number(roster));
}

static bool is_of_kind(struct site *site, const struct roster *roster, struct error *err)
{
    return roster_kind(roster) == site->kind ||
           fail(err, ERROR_FORBIDDEN, "the roster is of another kind of site");
}

/* The folder's file is older than what was adopted while the desk ran. */
static bool take_adopted(struct site *site, int64_t number, const char *hash, struct error *err)
{
    __attribute__((cleanup(paper_auto))) struct paper paper = {.roster = NULL};
    char found[HEX_HASH_SIZE];
    if (!read_paper(site, number, number, &paper, err))
        return fail(err, ERROR_CONFLICT,
            "roster %lld was adopted before; sign the next one with a higher number", (long long)number);
    envelope_hash_hex(roster_envelope(paper.roster), found);
    if (strcmp(found, hash) != 0)
        return fail(
            err, ERROR_CONFLICT, "roster %lld is not the one that was adopted before", (long long)number);
    return is_of_kind(site, paper.roster, err) && was_logged(site, "roster_adopted", paper.roster, err) &&
           roster_counts(paper.roster, paper.endorsement, site->endorsement_key, clock_now_s(), err) &&
           put_in_force(site, &paper, err);
}

static bool take_from_folder(struct site *site, struct error *err)
{
    return roster_counts(site->roster, site->endorsement, site->endorsement_key, clock_now_s(), err) &&
           one_person_check(site, site->roster, err) && adopt(site, site->roster, site->endorsement, err);
}

bool roster_adopt(struct site *site, struct error *err)
{
    int64_t number = -1, brought = roster_number(site->roster);
    char stored[HEX_HASH_SIZE], hash[HEX_HASH_SIZE];
    envelope_hash_hex(roster_envelope(site->roster), hash);
    if (!newest_roster(site, &number, stored, err))
        return false;
    if (number == brought && strcmp(stored, hash) != 0)
        return fail(err, ERROR_CONFLICT,
            "roster %lld was adopted before; sign the next one with a higher number", (long long)number);
    bool is_older = brought < number;
    if (!is_not_rolled_back(site, is_older ? number : brought, is_older ? stored : hash, err))
        return false;
    if (is_older)
        return take_adopted(site, number, stored, err);
    return (number == brought || take_from_folder(site, err)) && suspension_load(site, err);
}

static bool follows(struct site *site, const struct roster *next, struct error *err)
{
    char current[HEX_HASH_SIZE];
    envelope_hash_hex(roster_envelope(site->roster), current);
    if (!is_of_kind(site, next, err))
        return false;
    if (roster_number(next) <= roster_number(site->roster) ||
        strcmp(json_string_value(json_object_get(roster_envelope(next)->fields, "previous")), current) != 0)
        return fail(err, ERROR_CONFLICT,
            "roster %lld does not follow number %lld, which is in force: 'previous' has to be its hash",
            (long long)roster_number(next), (long long)roster_number(site->roster));
    return one_person_check(site, next, err);
}

static bool is_the_adopted(const struct envelope *adoption, const struct roster *next, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(roster_envelope(next), hash);
    return (json_integer_value(json_object_get(adoption->fields, "number")) == roster_number(next) &&
               strcmp(json_string_value(json_object_get(adoption->fields, "roster_hash")), hash) == 0) ||
           fail(err, ERROR_CONFLICT, "the adoption is of another roster than the one that comes with it");
}

/* Sets when it counts. On a live site a wait that is not over yet is no fault. */
static bool will_count(struct site *site, const struct paper *paper, int64_t *counts_s, struct error *err)
{
    *counts_s = clock_now_s();
    if (site->kind == SITE_LIVE && paper->endorsement)
        *counts_s = paper->endorsement->at_s + LIMIT_ROSTER_WAIT_S;
    return roster_counts(paper->roster, paper->endorsement, site->endorsement_key, *counts_s, err);
}

/* Those that were brought and never came into force. */
static bool drop_waiting(struct site *site, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "DELETE FROM roster_paper WHERE number NOT IN (SELECT number FROM roster)", err);
    return query_done(query, err);
}

static bool record_brought(struct site *site, const struct envelope *adoption, struct error *err)
{
    AUTO(json) json_t *fields = json_object();
    static const char *const names[] = {"number", "roster_hash"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        json_object_set(fields, names[i], json_object_get(adoption->fields, names[i]));
    const struct record record = {.kind = "roster_brought", .by = adoption->by, .public_fields = fields};
    return ledger_record(site->ledger, &record, err);
}

static bool open_paper(
    struct site *site, const json_t *roster, const json_t *endorsement, struct paper *out, struct error *err)
{
    AUTO(envelope) struct envelope *envelope = envelope_read_roster(roster, err);
    if (!envelope || !(out->roster = roster_read(envelope, site->root_key, site->name, err)))
        return false;
    if (site->kind == SITE_DEMO || !endorsement || json_is_null(endorsement))
        return true;
    out->endorsement = envelope_read(endorsement, err);
    return out->endorsement != NULL;
}

json_t *roster_bring(struct site *site, const struct envelope *adoption, const json_t *roster,
    const json_t *endorsement, struct error *err)
{
    struct action action;
    __attribute__((cleanup(paper_auto))) struct paper paper = {.roster = NULL};
    int64_t counts_s = 0;
    if (!action_check(site, adoption, "roster_adoption", ROLE_BIT(ROLE_ADMIN), &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    if (!open_paper(site, roster, endorsement, &paper, err) || !is_the_adopted(adoption, paper.roster, err) ||
        !follows(site, paper.roster, err) || !will_count(site, &paper, &counts_s, err) ||
        !ledger_begin(site->ledger, err))
        return NULL;
    site->retry_roster_s = 0;
    bool done = drop_waiting(site, err) && keep_paper(site, paper.roster, paper.endorsement, err) &&
                record_brought(site, adoption, err);
    return action_commit(site, adoption, done,
        json_pack("{s:I, s:s, s:I}", "number", (json_int_t)roster_number(paper.roster), "state", "waiting",
            "counts_at", (json_int_t)counts_s),
        err);
}

/* False while nothing is to be put in force. Sets when to look again: what waits is not read each second. */
static bool next_is_due(struct site *site, struct paper *paper, struct error *err)
{
    int64_t counts_s = 0, now_s = clock_now_s();
    site->retry_roster_s = now_s + LOOK_AGAIN_S;
    if (!read_paper(site, roster_number(site->roster) + 1, INT64_MAX, paper, err) ||
        !follows(site, paper->roster, err) || !was_logged(site, "roster_brought", paper->roster, err) ||
        !will_count(site, paper, &counts_s, err))
        return false;
    site->retry_roster_s = counts_s;
    return counts_s <= now_s &&
           roster_counts(paper->roster, paper->endorsement, site->endorsement_key, now_s, err);
}

bool roster_tick(struct site *site, struct error *err)
{
    __attribute__((cleanup(paper_auto))) struct paper paper = {.roster = NULL};
    struct error why = {0};
    if (clock_now_s() < site->retry_roster_s)
        return true;
    if (!next_is_due(site, &paper, &why)) {
        if (why.code != ERROR_NONE && why.code != ERROR_MISSING)
            log_write(LOG_ERROR, "roster_not_adopted", "%s", why.text);
        return true;
    }
    site->retry_roster_s = 0;
    return adopt(site, paper.roster, paper.endorsement, err) && put_in_force(site, &paper, err);
}
