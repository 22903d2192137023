#include "list/entry_row.h"

#include "base/clock.h"
#include "base/text.h"
#include "list/overdue.h"
#include "list/row.h"

#include <stdio.h>
#include <string.h>

const char entry_sql[] =
    "CREATE TABLE entry ("
    " entry TEXT PRIMARY KEY, state TEXT NOT NULL, ground TEXT NOT NULL, proposer TEXT NOT NULL,"
    " approver TEXT NOT NULL, reinstater TEXT NOT NULL, reason TEXT NOT NULL, proposal_hash TEXT NOT NULL, "
    "approval_hash TEXT NOT NULL,"
    " proposed_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,"
    " suspensions INTEGER NOT NULL, wiped INTEGER NOT NULL, cnic_lookup BLOB NOT NULL, mark BLOB NOT NULL) "
    "STRICT;"
    "CREATE INDEX entry_by_number ON entry (cnic_lookup);"
    "CREATE INDEX entry_by_state ON entry (state, expires_at);"
    "CREATE TABLE entry_statement ("
    " entry TEXT NOT NULL, hash TEXT NOT NULL, step TEXT NOT NULL, round INTEGER NOT NULL,"
    " officer TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (entry, hash)) STRICT";

const char entry_renewal_sql[] = "ALTER TABLE entry ADD COLUMN renewal_hash TEXT NOT NULL DEFAULT '';"
                                 "ALTER TABLE entry ADD COLUMN renewed_at INTEGER NOT NULL DEFAULT 0";

/* As the mark was before the number was under it. What was never renewed has no such fields in its mark, as
 * rows from before there were renewals. */
static json_t *marked_before(const struct entry_row *row)
{
    json_t *fields = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:b, s:s}",
        "entry", row->entry, "state", entry_state_word(row->state), "ground", row->ground, "proposer",
        row->proposer, "approver", row->approver, "reason", row->reason, "proposal_hash", row->proposal_hash,
        "approval_hash", row->approval_hash, "proposed_at", (json_int_t)row->proposed_s, "expires_at",
        (json_int_t)row->expires_s, "changed_at", (json_int_t)row->changed_s, "suspensions",
        (json_int_t)row->suspensions, "wiped", row->wiped, "reinstater", row->reinstater);
    if (row->renewed_s) {
        json_object_set_new(fields, "renewal_hash", json_string(row->renewal_hash));
        json_object_set_new(fields, "renewed_at", json_integer(row->renewed_s));
    }
    return fields;
}

static json_t *marked_fields(const struct entry_row *row)
{
    char hex[HEX_HASH_SIZE];
    json_t *fields = marked_before(row);
    hex_write(row->cnic_lookup, sizeof row->cnic_lookup, hex);
    json_object_set_new(fields, "cnic_lookup", json_string(hex));
    return fields;
}

typedef json_t *fields_of(const struct entry_row *row);

static bool read_row(
    struct site *site, struct query *query, fields_of *marked, struct entry_row *out, struct error *err)
{
    struct entry_row row = {
        .proposed_s = query_get_integer(query, 8),
        .expires_s = query_get_integer(query, 9),
        .changed_s = query_get_integer(query, 10),
        .suspensions = query_get_integer(query, 11),
        .wiped = query_get_integer(query, 12) != 0,
        .renewed_s = query_get_integer(query, 16),
    };
    row_text(row.entry, sizeof row.entry, query_get_text(query, 0));
    row_text(row.ground, sizeof row.ground, query_get_text(query, 2));
    row_text(row.proposer, sizeof row.proposer, query_get_text(query, 3));
    row_text(row.approver, sizeof row.approver, query_get_text(query, 4));
    row_text(row.reason, sizeof row.reason, query_get_text(query, 5));
    row_text(row.proposal_hash, sizeof row.proposal_hash, query_get_text(query, 6));
    row_text(row.approval_hash, sizeof row.approval_hash, query_get_text(query, 7));
    row_text(row.reinstater, sizeof row.reinstater, query_get_text(query, 14));
    row_text(row.renewal_hash, sizeof row.renewal_hash, query_get_text(query, 15));
    if (!entry_state_read(query_get_text(query, 1), &row.state))
        return fail(err, ERROR_CORRUPT, "the row of entry %s was changed outside the desk", row.entry);
    struct bytes lookup = query_get_bytes(query, 17);
    if (lookup.size == sizeof row.cnic_lookup)
        memcpy(row.cnic_lookup, lookup.data, lookup.size);
    AUTO(json) json_t *fields = marked(&row);
    if (!row_check(site, "entry", row.entry, fields, query_get_bytes(query, 13), err))
        return false;
    *out = row;
    return true;
}

static bool load(
    struct site *site, const char *entry, fields_of *marked, struct entry_row *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT entry, state, ground, proposer, approver, reason, proposal_hash, approval_hash, proposed_at,"
        " expires_at, changed_at, suspensions, wiped, mark, reinstater, renewal_hash, renewed_at, cnic_lookup"
        " FROM entry WHERE entry = :entry",
        err);
    query_text(query, ":entry", entry);
    if (query_next(query))
        return read_row(site, query, marked, out, err);
    if (!query_ok(query, err))
        return false;
    return fail(err, ERROR_MISSING, "there is no entry %.24s", entry);
}

bool entry_load(struct site *site, const char *entry, struct entry_row *out, struct error *err)
{
    return load(site, entry, marked_fields, out, err);
}

static bool bind_and_run(
    struct site *site, struct query *query, const struct entry_row *row, struct error *err)
{
    uint8_t mark[HASH_SIZE];
    AUTO(json) json_t *fields = marked_fields(row);
    if (!row_mark(site, "entry", fields, mark, err))
        return false;
    query_bytes(query, ":cnic_lookup", row->cnic_lookup, sizeof row->cnic_lookup);
    query_text(query, ":entry", row->entry);
    query_text(query, ":state", entry_state_word(row->state));
    query_text(query, ":approver", row->approver);
    query_text(query, ":reinstater", row->reinstater);
    query_text(query, ":reason", row->reason);
    query_text(query, ":approval_hash", row->approval_hash);
    query_text(query, ":renewal_hash", row->renewal_hash);
    query_integer(query, ":renewed_at", row->renewed_s);
    query_integer(query, ":expires_at", row->expires_s);
    query_integer(query, ":changed_at", row->changed_s);
    query_integer(query, ":suspensions", row->suspensions);
    query_integer(query, ":wiped", row->wiped);
    query_bytes(query, ":mark", mark, sizeof mark);
    return query_done(query, err);
}

bool entry_insert(struct site *site, const struct entry_row *row, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO entry (entry, state, ground, proposer, approver, reinstater, reason, proposal_hash, "
        "approval_hash,"
        " proposed_at, expires_at, changed_at, suspensions, wiped, cnic_lookup, mark, renewal_hash, "
        "renewed_at)"
        " VALUES (:entry, :state, :ground, :proposer, :approver, :reinstater, :reason, :proposal_hash, "
        ":approval_hash,"
        " :proposed_at, :expires_at, :changed_at, :suspensions, :wiped, :cnic_lookup, :mark, :renewal_hash,"
        " :renewed_at)",
        err);
    query_text(query, ":ground", row->ground);
    query_text(query, ":proposer", row->proposer);
    query_text(query, ":proposal_hash", row->proposal_hash);
    query_integer(query, ":proposed_at", row->proposed_s);
    return bind_and_run(site, query, row, err);
}

bool entry_save(struct site *site, const struct entry_row *row, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "UPDATE entry SET state = :state, approver = :approver, reinstater = :reinstater, reason = :reason, "
        "approval_hash = :approval_hash,"
        " changed_at = :changed_at, suspensions = :suspensions, wiped = :wiped, mark = :mark,"
        " cnic_lookup = :cnic_lookup,"
        " expires_at = :expires_at, renewal_hash = :renewal_hash, renewed_at = :renewed_at WHERE entry = "
        ":entry",
        err);
    return bind_and_run(site, query, row, err);
}

static json_t *ids_where(struct site *site, const char *where, struct error *err)
{
    AUTO(text) char *sql = text_format("SELECT entry FROM entry WHERE %s ORDER BY proposed_at, entry", where);
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    if (strstr(where, ":now"))
        query_integer(query, ":now", overdue_time_s(site));
    AUTO(json) json_t *ids = json_array();
    while (query_next(query))
        json_array_append_new(ids, json_string(query_get_text(query, 0)));
    return query_ok(query, err) ? STEAL(ids) : NULL;
}

bool entry_each(struct site *site, const char *where,
    bool (*each)(struct site *, const char *, struct error *), struct error *err)
{
    AUTO(json) json_t *ids = ids_where(site, where, err);
    if (!ids)
        return false;
    size_t index;
    json_t *id;
    json_array_foreach (ids, index, id) {
        if (!each(site, json_string_value(id), err))
            return false;
    }
    return true;
}

static bool were_marked_before(struct site *site, bool *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT 1 FROM ledger_leaf WHERE leaf LIKE '%\"kind\":\"entries_marked\"%' LIMIT 1", err);
    *out = query_next(query);
    return query_ok(query, err);
}

/* A row that was edited stays one. */
static bool mark_again(struct site *site, const char *entry, struct error *err)
{
    struct entry_row row;
    struct error why = {0};
    if (!load(site, entry, marked_before, &row, &why))
        return why.code == ERROR_CORRUPT || fail_as(err, &why);
    if (row.wiped)
        entry_forget_number(&row);
    return entry_save(site, &row, err);
}

bool entry_rows_mark_once(struct site *site, struct error *err)
{
    bool done = false;
    if (!were_marked_before(site, &done, err))
        return false;
    if (done)
        return true;
    const struct record record = {.kind = "entries_marked", .by = "site"};
    return entry_each(site, "entry <> ''", mark_again, err) && ledger_record(site->ledger, &record, err);
}

void entry_forget_number(struct entry_row *row)
{
    memory_wipe(row->cnic_lookup, sizeof row->cnic_lookup);
}

static void statement_names(const char *entry, const char *hash, char key[static 40], char field[static 80])
{
    snprintf(key, 40, "entry/%.24s", entry);
    snprintf(field, 80, "statement/%.64s", hash);
}

bool entry_keep_statement(struct site *site, const char *entry, const char *step, int64_t round,
    const struct envelope *envelope, struct error *err)
{
    char hash[HEX_HASH_SIZE], key[40], field[80];
    envelope_hash_hex(envelope, hash);
    statement_names(entry, hash, key, field);
    AUTO(json) json_t *json = envelope_json(envelope);
    AUTO(text) char *text = json_canonical(json, err);
    AUTO(bytes) struct bytes sealed = {0};
    if (!text || !keyring_seal(site->ledger->keyring, key, field, text, strlen(text), &sealed, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO entry_statement (entry, hash, step, round, officer, sealed)"
        " VALUES (:entry, :hash, :step, :round, :officer, :sealed)",
        err);
    query_text(query, ":entry", entry);
    query_text(query, ":hash", hash);
    query_text(query, ":step", step);
    query_integer(query, ":round", round);
    query_text(query, ":officer", envelope->by);
    query_bytes(query, ":sealed", sealed.data, sealed.size);
    return query_done(query, err);
}

struct envelope *entry_statement(struct site *site, const char *entry, const char *hash, struct error *err)
{
    char key[40], field[80];
    statement_names(entry, hash, key, field);
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "SELECT sealed FROM entry_statement WHERE entry = :entry AND hash = :hash", err);
    query_text(query, ":entry", entry);
    query_text(query, ":hash", hash);
    if (!query_next(query)) {
        if (query_ok(query, err))
            fail(err, ERROR_CORRUPT, "entry %s: a signed statement is missing", entry);
        return NULL;
    }
    struct bytes sealed = query_get_bytes(query, 0);
    AUTO(bytes) struct bytes plain = {0};
    if (!keyring_unseal(site->ledger->keyring, key, field, sealed.data, sealed.size, &plain, err))
        return NULL;
    struct envelope *envelope = envelope_parse((const char *)plain.data, plain.size, err);
    memory_wipe(plain.data, plain.size);
    return envelope;
}

bool entry_has_signed(
    struct site *site, const struct entry_row *row, const char *officer, bool *out, struct error *err)
{
    /* Whom the marked row names had a part, also where the statement's row is gone. */
    *out = strcmp(row->proposer, officer) == 0 || strcmp(row->approver, officer) == 0 ||
           strcmp(row->reinstater, officer) == 0;
    if (*out)
        return true;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT 1 FROM entry_statement WHERE entry = :entry AND officer = :officer AND step <> 'withdrawal'"
        " AND (step <> 'fetch' OR round = 0)",
        err);
    query_text(query, ":entry", row->entry);
    query_text(query, ":officer", officer);
    *out = query_next(query);
    return *out || query_ok(query, err);
}
