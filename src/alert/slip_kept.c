#include "alert/evidence.h"
#include "alert/identity.h"
#include "alert/slip.h"
#include "base/clock.h"

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

/* Slow on purpose: who has the database, the site key and a code still has to try ten thousand million
 * numbers at a tenth of a second each. */
static bool binding_of(struct site *site, const uint8_t code[static HASH_SIZE], const char *digits,
    uint8_t out[static HASH_SIZE], struct error *err)
{
    uint8_t slow[DATA_KEY_SIZE];
    const uint8_t *key = NULL;
    if (!passphrase_key(digits, code, slow, err) ||
        !(key = keyring_site_key(site->ledger->keyring, "binding/slip", err)))
        return false;
    hash_keyed(key, slow, sizeof slow, out);
    memory_wipe(slow, sizeof slow);
    return true;
}

static bool keep_slip(struct site *site, const struct alert *alert, const uint8_t code[static HASH_SIZE],
    const uint8_t *binding, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO slip (code, alert, binding, expires_us) VALUES (:code, :alert, :binding, :expires)",
        err);
    query_bytes(query, ":code", code, HASH_SIZE);
    query_text(query, ":alert", alert->id);
    query_bytes(query, ":binding", binding, binding ? HASH_SIZE : 0);
    query_integer(query, ":expires", clock_now_us() + (int64_t)SLIP_KEPT_DAYS * 86400 * 1000000);
    return query_done(query, err);
}

bool slip_remember(struct site *site, const struct alert *alert, struct error *err)
{
    uint8_t hash[HASH_SIZE], binding[HASH_SIZE];
    struct identity identity;
    AUTO(json) json_t *notes = notes_load(site, alert, "slip", err);
    if (!notes)
        return false;
    const char *code = json_string_value(json_object_get(json_array_get(notes, 0), "slip"));
    if (!code)
        return fail(err, ERROR_CORRUPT, "the stop of alert %s has no slip", alert->id);
    if (!code_hash(site, code, hash, err) || !identity_load(site, alert, &identity, err))
        return false;
    bool bound = identity.digits[0] != 0;
    return (!bound || binding_of(site, hash, identity.digits, binding, err)) &&
           keep_slip(site, alert, hash, bound ? binding : NULL, err);
}

struct kept_slip {
    char alert[ALERT_ID_SIZE];
    uint8_t binding[HASH_SIZE];
    bool is_there, bound;
};

static bool read_slip(
    struct site *site, const uint8_t code[static HASH_SIZE], struct kept_slip *out, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT alert, binding FROM slip WHERE code = :code", err);
    query_bytes(query, ":code", code, HASH_SIZE);
    *out = (struct kept_slip){.is_there = query_next(query)};
    if (!out->is_there)
        return query_ok(query, err);
    struct bytes binding = query_get_bytes(query, 1);
    out->bound = binding.size > 0;
    if (out->bound && binding.size != HASH_SIZE)
        return fail(err, ERROR_CORRUPT, "a slip is bound to something that is no hash");
    if (out->bound)
        memcpy(out->binding, binding.data, HASH_SIZE);
    snprintf(out->alert, sizeof out->alert, "%s", query_get_text(query, 0));
    return true;
}

/* The slow work is done whatever was found: how long an answer takes must not tell which codes there are. */
bool slip_find(
    struct site *site, const char *code, const char *cnic, struct slip_found *out, struct error *err)
{
    uint8_t hash[HASH_SIZE], given[HASH_SIZE];
    char digits[CNIC_DIGITS + 1];
    struct kept_slip slip;
    if (!cnic_digits(cnic, digits))
        return fail(err, ERROR_INVALID, "an identity card number has %d digits", CNIC_DIGITS);
    if (!code_hash(site, code, hash, err) || !read_slip(site, hash, &slip, err) ||
        !binding_of(site, hash, digits, given, err))
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
