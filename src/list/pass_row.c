#include "list/pass_row.h"

#include "base/text.h"
#include "list/row.h"

#include <stdio.h>
#include <string.h>

const struct migration pass_migrations[] = {
    {"list-0010-pass",
        "CREATE TABLE pass (officer TEXT PRIMARY KEY, pass TEXT NOT NULL, since INTEGER NOT NULL,"
        " step INTEGER NOT NULL, failures INTEGER NOT NULL, lock TEXT NOT NULL, locked_until INTEGER NOT "
        "NULL,"
        " sealed BLOB NOT NULL, mark BLOB NOT NULL) STRICT;"
        "CREATE TABLE pass_release (statement TEXT PRIMARY KEY, subject TEXT NOT NULL,"
        " envelope TEXT NOT NULL) STRICT"},
    /* No table changes: a program from before would change rows without recording their marks. */
    {"list-0038-pass-recorded", ""},
};
const size_t pass_migration_count = COUNT_OF(pass_migrations);

enum { KEY_NAME = 64, SEALED_LIMIT = 1024 };

static void holder_key(const char *officer, char out[static KEY_NAME])
{
    snprintf(out, KEY_NAME, "pass/%.23s", officer);
}

static void secrets_key(const struct pass *pass, char out[static KEY_NAME])
{
    snprintf(out, KEY_NAME, "pass/%.23s/%.23s", pass->officer, pass->id);
}

static bool has_key(struct site *site, const char *name)
{
    struct error why = {0};
    return keyring_key(site->ledger->keyring, name, false, &why) || why.code != ERROR_MISSING;
}

/* The holder's key is marked with the row, so that a row of before a reset is none after it. False when there
 * is no such key. */
static bool holder_mark(struct site *site, const char *officer, char out[static 2 * HASH_SIZE + 1])
{
    char name[KEY_NAME];
    uint8_t mark[HASH_SIZE];
    holder_key(officer, name);
    const uint8_t *key = keyring_key(site->ledger->keyring, name, false, NULL);
    if (!key)
        return false;
    hash_keyed(key, name, strlen(name), mark);
    hex_write(mark, HASH_SIZE, out);
    return true;
}

static json_t *marked_fields(struct site *site, const struct pass *pass, struct bytes sealed)
{
    uint8_t hash[HASH_SIZE];
    char hex[2 * HASH_SIZE + 1], holder[2 * HASH_SIZE + 1];
    if (!holder_mark(site, pass->officer, holder))
        return NULL;
    hash_bytes(sealed.data ? sealed.data : (const uint8_t *)"", sealed.size, hash);
    hex_write(hash, HASH_SIZE, hex);
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:I, s:s}", "holder", holder, "pass", pass->id,
        "officer", pass->officer, "since", (json_int_t)pass->since_s, "step", (json_int_t)pass->step,
        "failures", (json_int_t)pass->failures, "lock", pass->lock, "locked_until",
        (json_int_t)pass->locked_until_s, "sealed", hex);
}

static const char columns[] = "SELECT officer, pass, since, step, failures, lock, locked_until, sealed, mark"
                              " FROM pass WHERE :officer IS NULL OR officer = :officer ORDER BY officer";

static bool read_row(struct site *site, struct query *query, struct pass *out)
{
    struct pass row = {.since_s = query_get_integer(query, 2),
        .step = query_get_integer(query, 3),
        .failures = query_get_integer(query, 4),
        .locked_until_s = query_get_integer(query, 6)};
    row_text(row.officer, sizeof row.officer, query_get_text(query, 0));
    row_text(row.id, sizeof row.id, query_get_text(query, 1));
    row_text(row.lock, sizeof row.lock, query_get_text(query, 5));
    AUTO(json) json_t *fields = marked_fields(site, &row, query_get_bytes(query, 7));
    *out = row;
    return fields && row_check(site, "pass", row.officer, fields, query_get_bytes(query, 8), NULL);
}

enum pass_state pass_find(struct site *site, const char *officer, struct pass *out)
{
    char name[KEY_NAME];
    struct pass pass;
    holder_key(officer, name);
    bool holds = has_key(site, name);
    AUTO(query) struct query *query = query_new(site->ledger->store, columns, NULL);
    query_text(query, ":officer", officer);
    if (!query_next(query))
        return holds || !query_ok(query, NULL) ? PASS_BROKEN : PASS_NONE;
    if (!holds || !read_row(site, query, &pass))
        return PASS_BROKEN;
    *out = pass;
    return PASS_HELD;
}

bool pass_each(struct site *site,
    bool (*visit)(void *context, const char *officer, enum pass_state state, const struct pass *pass),
    void *context, struct error *err)
{
    bool on = true;
    for (size_t i = 0; on && i < roster_officers(site->roster); i++) {
        const char *officer = roster_officer_at(site->roster, i)->id;
        struct pass pass = {.id = ""};
        enum pass_state state = pass_find(site, officer, &pass);
        on = visit(context, officer, state, &pass);
    }
    return on || fail(err, ERROR_SYSTEM, "the passes cannot be shown");
}

bool pass_open(struct site *site, const struct pass *pass, struct pass_secrets *out, struct error *err)
{
    char name[KEY_NAME];
    AUTO(bytes) struct bytes plain = {0};
    struct pass_secrets secrets = {.password = ""};
    const char *password;
    secrets_key(pass, name);
    AUTO(query) struct query *query = query_new(site->ledger->store, columns, err);
    query_text(query, ":officer", pass->officer);
    struct bytes sealed = query_next(query) ? query_get_bytes(query, 7) : (struct bytes){0};
    if (!keyring_unseal(site->ledger->keyring, name, "secrets", sealed.data, sealed.size, &plain, err))
        return fail_within(err, "the pass of %s", pass->officer);
    AUTO(json) json_t *json = json_read((const char *)plain.data, plain.size, SEALED_LIMIT, err);
    memory_wipe(plain.data, plain.size);
    if (!json || !json_need_text(json, "password", &password, err) ||
        !json_need_hex(json, "code", secrets.code, sizeof secrets.code, err))
        return false;
    row_text(secrets.password, sizeof secrets.password, password);
    *out = secrets;
    memory_wipe(&secrets, sizeof secrets);
    return true;
}

static bool seal(struct site *site, const struct pass *pass, const struct pass_secrets *secrets,
    struct bytes *out, struct error *err)
{
    char name[KEY_NAME], holder[KEY_NAME], hex[2 * CODE_SECRET_SIZE + 1];
    secrets_key(pass, name);
    holder_key(pass->officer, holder);
    hex_write(secrets->code, CODE_SECRET_SIZE, hex);
    AUTO(json) json_t *json = json_pack("{s:s, s:s}", "password", secrets->password, "code", hex);
    AUTO(text) char *text = json ? json_canonical(json, err) : NULL;
    memory_wipe(hex, sizeof hex);
    if (!text)
        return fail(err, ERROR_SYSTEM, "the pass could not be written down");
    bool sealed = keyring_key(site->ledger->keyring, holder, true, err) &&
                  keyring_seal(site->ledger->keyring, name, "secrets", text, strlen(text), out, err);
    memory_wipe(text, strlen(text));
    return sealed;
}

static bool put_row(struct site *site, const struct pass *pass, struct bytes sealed, struct error *err)
{
    uint8_t mark[HASH_SIZE];
    AUTO(json) json_t *fields = marked_fields(site, pass, sealed);
    if (!fields)
        return fail(err, ERROR_CORRUPT, "the keyring holds no pass of %s", pass->officer);
    if (!row_mark(site, "pass", fields, mark, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR REPLACE INTO pass (officer, pass, since, step, failures, lock, locked_until, sealed, mark)"
        " VALUES (:officer, :pass, :since, :step, :failures, :lock, :locked_until, :sealed, :mark)",
        err);
    query_text(query, ":officer", pass->officer);
    query_text(query, ":pass", pass->id);
    query_integer(query, ":since", pass->since_s);
    query_integer(query, ":step", pass->step);
    query_integer(query, ":failures", pass->failures);
    query_text(query, ":lock", pass->lock);
    query_integer(query, ":locked_until", pass->locked_until_s);
    query_bytes(query, ":sealed", sealed.data, sealed.size);
    query_bytes(query, ":mark", mark, sizeof mark);
    return query_done(query, err);
}

static bool let_old_secrets_go(struct site *site, const char *officer, struct error *err)
{
    struct pass old;
    char name[KEY_NAME];
    if (pass_find(site, officer, &old) != PASS_HELD)
        return true;
    secrets_key(&old, name);
    return ledger_erase_private(site->ledger, name, err);
}

bool pass_write(
    struct site *site, const struct pass *pass, const struct pass_secrets *secrets, struct error *err)
{
    AUTO(bytes) struct bytes sealed = {0};
    return let_old_secrets_go(site, pass->officer, err) && seal(site, pass, secrets, &sealed, err) &&
           put_row(site, pass, sealed, err);
}

bool pass_update(struct site *site, const struct pass *pass, struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, columns, err);
    query_text(query, ":officer", pass->officer);
    if (!query_next(query))
        return query_ok(query, err) && fail(err, ERROR_MISSING, "%s has no pass", pass->officer);
    struct bytes stored = query_get_bytes(query, 7);
    AUTO(bytes) struct bytes sealed = bytes_copy(stored.data, stored.size);
    return put_row(site, pass, sealed, err);
}

bool pass_erase(struct site *site, const char *officer, struct error *err)
{
    char holder[KEY_NAME];
    holder_key(officer, holder);
    if (!let_old_secrets_go(site, officer, err) || !ledger_erase_private(site->ledger, holder, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store, "DELETE FROM pass WHERE officer = :officer", err);
    query_text(query, ":officer", officer);
    return query_done(query, err);
}

bool pass_break(struct site *site, const char *officer, struct error *err)
{
    char holder[KEY_NAME];
    holder_key(officer, holder);
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "UPDATE pass SET mark = x'' WHERE officer = :officer", err);
    query_text(query, ":officer", officer);
    return keyring_key(site->ledger->keyring, holder, true, err) && query_done(query, err);
}
