#include "alert/amend.h"
#include "alert/evidence.h"
#include "alert/identity.h"
#include "alert/slip.h"
#include "base/clock.h"
#include "base/text.h"
#include "list/row.h"

#include <stdio.h>
#include <string.h>

enum { SLIP_KEPT_DAYS = 365 };

static bool code_hash(struct site *site, const char *code, uint8_t out[static HASH_SIZE], struct error *err)
{
    const uint8_t *key = keyring_site_key(site->ledger->keyring, "lookup/slip", err);
    if (!key)
        return false;
    hash_keyed(key, code, strlen(code), out);
    return true;
}

/* The code's hash, so that nobody who makes the key sees the code. */
_Static_assert(PASSPHRASE_SALT_SIZE <= HASH_SIZE, "the salt is the head of a hash");

bool slip_question(
    struct site *site, const char *code, const char *cnic, struct slip_question *out, struct error *err)
{
    uint8_t hash[HASH_SIZE];
    if (!cnic_digits(cnic, out->digits))
        return fail(err, ERROR_INVALID, "an identity card number has %d digits", CNIC_DIGITS);
    if (!code_hash(site, code, hash, err))
        return false;
    memcpy(out->salt, hash, PASSPHRASE_SALT_SIZE);
    return true;
}

/* The slip that this stop's person was given; heap text, NULL on failure. */
static char *code_of(struct site *site, const struct alert *alert, struct error *err)
{
    AUTO(json) json_t *notes = notes_load(site, alert, "slip", err);
    const char *code = json_string_value(json_object_get(json_array_get(notes, 0), "slip"));
    if (notes && !code)
        fail(err, ERROR_CORRUPT, "the stop of alert %s has no slip", alert->id);
    return code ? memory_copy_text(code) : NULL;
}

bool slip_question_of(struct site *site, const struct alert *alert, const char *cnic,
    struct slip_question *out, struct error *err)
{
    AUTO(text) char *code = code_of(site, alert, err);
    return code && slip_question(site, code, cnic, out, err);
}

static bool binding_of(struct site *site, const uint8_t slow[static DATA_KEY_SIZE],
    uint8_t out[static HASH_SIZE], struct error *err)
{
    const uint8_t *key = keyring_site_key(site->ledger->keyring, "binding/slip", err);
    if (!key)
        return false;
    hash_keyed(key, slow, DATA_KEY_SIZE, out);
    return true;
}

bool slip_binding(struct site *site, const uint8_t slow[static DATA_KEY_SIZE], char out[static HEX_HASH_SIZE],
    struct error *err)
{
    uint8_t binding[HASH_SIZE];
    if (!binding_of(site, slow, binding, err))
        return false;
    hex_write(binding, HASH_SIZE, out);
    return true;
}

struct kept_slip {
    uint8_t code[HASH_SIZE], binding[HASH_SIZE];
    char alert[ALERT_ID_SIZE];
    int64_t expires_us;
    bool is_there, bound;
};

/* Whose stop it answers for, and that it is bound to a number, must not be for who has the disk to say: these
 * are under the row's mark. */
static json_t *marked_fields(const struct kept_slip *slip)
{
    char code[HEX_HASH_SIZE], binding[HEX_HASH_SIZE] = "";
    hex_write(slip->code, HASH_SIZE, code);
    if (slip->bound)
        hex_write(slip->binding, HASH_SIZE, binding);
    return json_pack("{s:s, s:s, s:s, s:I}", "code", code, "alert", slip->alert, "binding", binding,
        "expires_us", (json_int_t)slip->expires_us);
}

static bool keep_slip(struct site *site, const struct kept_slip *slip, struct error *err)
{
    uint8_t mark[HASH_SIZE];
    AUTO(json) json_t *fields = marked_fields(slip);
    if (!row_mark(site, "slip", fields, mark, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR REPLACE INTO slip (code, alert, binding, expires_us, mark)"
        " VALUES (:code, :alert, :binding, :expires, :mark)",
        err);
    query_bytes(query, ":code", slip->code, HASH_SIZE);
    query_text(query, ":alert", slip->alert);
    query_bytes(query, ":binding", slip->bound ? slip->binding : NULL, slip->bound ? HASH_SIZE : 0);
    query_integer(query, ":expires", slip->expires_us);
    query_bytes(query, ":mark", mark, sizeof mark);
    return query_done(query, err);
}

bool slip_remember(struct site *site, const struct alert *alert, struct error *err)
{
    struct identity identity;
    struct kept_slip slip = {
        .expires_us = clock_now_us() + (int64_t)SLIP_KEPT_DAYS * 86400 * 1000000, .is_there = true};
    snprintf(slip.alert, sizeof slip.alert, "%s", alert->id);
    AUTO(text) char *code = code_of(site, alert, err);
    if (!code || !code_hash(site, code, slip.code, err) || !identity_load(site, alert, &identity, err))
        return false;
    slip.bound = identity.binding[0] != 0;
    if (slip.bound && !hex_read(identity.binding, slip.binding, HASH_SIZE))
        return fail(
            err, ERROR_CORRUPT, "the slip of alert %s is bound to something that is no hash", alert->id);
    return keep_slip(site, &slip, err);
}

static const char columns[] = "SELECT code, alert, binding, expires_us, mark FROM slip";

/* The row's fields, its mark not looked at. */
static bool read_fields(struct query *query, struct kept_slip *out, struct error *err)
{
    struct bytes code = query_get_bytes(query, 0), binding = query_get_bytes(query, 2);
    *out = (struct kept_slip){
        .is_there = true, .expires_us = query_get_integer(query, 3), .bound = binding.size > 0};
    if (code.size != HASH_SIZE || (out->bound && binding.size != HASH_SIZE))
        return fail(err, ERROR_CORRUPT, "a slip is bound to something that is no hash");
    memcpy(out->code, code.data, HASH_SIZE);
    if (out->bound)
        memcpy(out->binding, binding.data, HASH_SIZE);
    snprintf(out->alert, sizeof out->alert, "%s", query_get_text(query, 1));
    return true;
}

static bool read_slip(
    struct site *site, const uint8_t code[static HASH_SIZE], struct kept_slip *out, struct error *err)
{
    AUTO(text) char *sql = text_format("%s WHERE code = :code", columns);
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_bytes(query, ":code", code, HASH_SIZE);
    *out = (struct kept_slip){.is_there = query_next(query)};
    if (!out->is_there)
        return query_ok(query, err);
    if (!read_fields(query, out, err))
        return false;
    AUTO(json) json_t *fields = marked_fields(out);
    return row_check(site, "slip", out->alert, fields, query_get_bytes(query, 4), err);
}

static bool were_marked_before(struct site *site, bool *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT 1 FROM ledger_leaf WHERE leaf LIKE '%\"kind\":\"slips_marked\"%' LIMIT 1", err);
    *out = query_next(query);
    return query_ok(query, err);
}

static bool mark_next(struct site *site, bool *found, struct error *err)
{
    struct kept_slip slip;
    AUTO(text) char *sql = text_format("%s WHERE mark IS NULL LIMIT 1", columns);
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    *found = query_next(query);
    if (!*found)
        return query_ok(query, err);
    return read_fields(query, &slip, err) && keep_slip(site, &slip, err);
}

bool slips_mark_once(struct site *site, struct error *err)
{
    bool done = false, found = true;
    int64_t count = -1;
    if (!were_marked_before(site, &done, err))
        return false;
    if (done)
        return true;
    for (; found; count++)
        if (!mark_next(site, &found, err))
            return false;
    AUTO(json) json_t *fields = json_pack("{s:I}", "slips", (json_int_t)count);
    const struct record record = {.kind = "slips_marked", .by = "site", .public_fields = fields};
    return ledger_record(site->ledger, &record, err);
}

/* The slow work was done whatever is found: how long an answer takes must not tell which codes there are. */
bool slip_find(struct site *site, const char *code, const uint8_t slow[static DATA_KEY_SIZE],
    struct slip_found *out, struct error *err)
{
    uint8_t hash[HASH_SIZE], given[HASH_SIZE];
    struct kept_slip slip;
    if (!code_hash(site, code, hash, err) || !read_slip(site, hash, &slip, err) ||
        !binding_of(site, slow, given, err))
        return false;
    if (!slip.is_there)
        return fail(err, ERROR_MISSING, "no slip has this code");
    /* Unbound: no number was verified in the stop; the counter has seen the card. */
    if (slip.bound && !bytes_equal(slip.binding, given, HASH_SIZE))
        return fail(err, ERROR_FORBIDDEN, "the slip was not given to the person with this number");
    *out = (struct slip_found){.bound = slip.bound};
    snprintf(out->alert, sizeof out->alert, "%s", slip.alert);
    return true;
}

bool slip_clears(struct site *site, const struct alert *alert, const char *code,
    const uint8_t slow[static DATA_KEY_SIZE], bool *out, struct error *err)
{
    struct slip_found found;
    struct alert before;
    struct error wrong = {0};
    char ended[40];
    *out = false;
    if (!slip_find(site, code, slow, &found, &wrong))
        return wrong.code == ERROR_MISSING || wrong.code == ERROR_FORBIDDEN || fail_as(err, &wrong);
    if (!alert_load(site, found.alert, &before, err) || !amended_outcome(site, &before, ended, err))
        return false;
    *out = strcmp(before.entry, alert->entry) == 0 && strcmp(ended, "wrong_person") == 0;
    return true;
}

bool slip_is_bound(struct site *site, const char *code, const char *alert)
{
    uint8_t hash[HASH_SIZE];
    struct kept_slip slip;
    return code_hash(site, code, hash, NULL) && read_slip(site, hash, &slip, NULL) && slip.is_there &&
           slip.bound && strcmp(slip.alert, alert) == 0;
}

bool slips_expire(struct site *site, int64_t now_us, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store, "DELETE FROM slip WHERE expires_us <= :now", err);
    query_integer(query, ":now", now_us);
    return query_done(query, err);
}
