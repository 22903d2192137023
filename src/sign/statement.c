#include "sign/statement.h"

#include "base/text.h"
#include "sign/types.h"

#include <string.h>

static const char preamble[] = "mizan-statement-v1\n";

/* What is signed, in one buffer: the preamble, then the statement's bytes. */
static void add_signed_bytes(struct text *text, const char *statement)
{
    text_add_bytes(text, preamble, sizeof preamble - 1);
    text_add_bytes(text, statement, strlen(statement));
}

static bool signature_holds(const struct envelope *envelope)
{
    __attribute__((cleanup(text_buffer_auto))) struct text text = {0};
    add_signed_bytes(&text, envelope->statement);
    return sign_verify(text.data, text.size, envelope->key, envelope->signature);
}

static bool check_signer_form(const struct statement_type *type, const char *by, struct error *err)
{
    if (type->by ? strcmp(by, type->by) == 0 : form_is_id(by, "o"))
        return true;
    return fail(err, ERROR_INVALID, "a statement of type '%s' is signed by %s", type->name,
        type->by ? type->by : "an officer");
}

static bool site_is_a_name(const char *site)
{
    return strspn(site, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == strlen(site);
}

static bool check_form(const json_t *fields, struct error *err)
{
    const char *name, *by, *site;
    if (!json_is_object(fields))
        return fail(err, ERROR_INVALID, "a statement has to be an object");
    if (!json_need_text(fields, "type", &name, err) || !json_need_text(fields, "by", &by, err) ||
        !json_need_text(fields, "site", &site, err))
        return false;
    const struct statement_type *type = statement_type_find(name);
    if (!type)
        return fail(err, ERROR_INVALID, "there is no statement of type '%.32s'", name);
    if (!form_check_fields(fields, statement_common, type->fields, err))
        return fail_within(err, "statement '%s'", name);
    if (!site_is_a_name(site))
        return fail(err, ERROR_INVALID, "a site's name has letters, digits, '.', '_' and '-' only");
    return check_signer_form(type, by, err);
}

static void borrow_common(struct envelope *envelope)
{
    envelope->type = json_string_value(json_object_get(envelope->fields, "type"));
    envelope->site = json_string_value(json_object_get(envelope->fields, "site"));
    envelope->by = json_string_value(json_object_get(envelope->fields, "by"));
    envelope->at_s = json_integer_value(json_object_get(envelope->fields, "at"));
}

static bool set_statement(struct envelope *envelope, const char *statement, size_t limit, struct error *err)
{
    size_t size = strlen(statement);
    envelope->fields = json_read(statement, size, limit, err);
    if (!envelope->fields)
        return fail_within(err, "statement");
    if (!check_form(envelope->fields, err))
        return false;
    envelope->statement = json_canonical(envelope->fields, err);
    if (!envelope->statement)
        return false;
    if (strcmp(envelope->statement, statement) != 0)
        return fail(err, ERROR_INVALID, "the statement is not canonical JSON");
    hash_bytes(statement, size, envelope->hash);
    borrow_common(envelope);
    return true;
}

static struct envelope *read_within(const json_t *json, size_t limit, struct error *err)
{
    static const char *const names[] = {"key", "signature", "statement", NULL};
    AUTO(envelope) struct envelope *envelope = memory_allocate(1, sizeof *envelope);
    const char *statement;
    if (!json_is_object(json)) {
        fail(err, ERROR_INVALID, "an envelope has to be an object");
        return NULL;
    }
    if (!json_only_fields(json, names, err) ||
        !json_need_hex(json, "key", envelope->key, PUBLIC_KEY_SIZE, err) ||
        !json_need_hex(json, "signature", envelope->signature, SIGNATURE_SIZE, err) ||
        !json_need_text(json, "statement", &statement, err) ||
        !set_statement(envelope, statement, limit, err))
        return NULL;
    if (!signature_holds(envelope)) {
        fail(err, ERROR_UNSIGNED, "the signature of the '%s' statement does not verify", envelope->type);
        return NULL;
    }
    return STEAL(envelope);
}

struct envelope *envelope_read(const json_t *json, struct error *err)
{
    return read_within(json, STATEMENT_LIMIT, err);
}

struct envelope *envelope_read_roster(const json_t *json, struct error *err)
{
    AUTO(envelope) struct envelope *envelope = read_within(json, ROSTER_LIMIT, err);
    return envelope && envelope_is(envelope, "roster", err) ? STEAL(envelope) : NULL;
}

struct envelope *envelope_parse(const char *bytes, size_t size, struct error *err)
{
    AUTO(json) json_t *json = json_read(bytes, size, (size_t)2 * STATEMENT_LIMIT, err);
    return json ? envelope_read(json, err) : NULL;
}

struct envelope *envelope_parse_roster(const char *bytes, size_t size, struct error *err)
{
    AUTO(json) json_t *json = json_read(bytes, size, (size_t)2 * ROSTER_LIMIT, err);
    return json ? envelope_read_roster(json, err) : NULL;
}

void envelope_free(struct envelope *envelope)
{
    if (!envelope)
        return;
    json_decref(envelope->fields);
    memory_release(envelope->statement);
    memory_release(envelope);
}

json_t *envelope_json(const struct envelope *envelope)
{
    char key[2 * PUBLIC_KEY_SIZE + 1], signature[2 * SIGNATURE_SIZE + 1];
    hex_write(envelope->key, PUBLIC_KEY_SIZE, key);
    hex_write(envelope->signature, SIGNATURE_SIZE, signature);
    return json_pack("{s:s, s:s, s:s}", "key", key, "signature", signature, "statement", envelope->statement);
}

struct envelope *envelope_sign(
    const json_t *fields, const uint8_t secret_key[static SECRET_KEY_SIZE], struct error *err)
{
    AUTO(envelope) struct envelope *envelope = memory_allocate(1, sizeof *envelope);
    AUTO(text) char *statement = json_canonical(fields, err);
    const char *type = json_string_value(json_object_get(fields, "type"));
    size_t limit = type && strcmp(type, "roster") == 0 ? ROSTER_LIMIT : STATEMENT_LIMIT;
    if (!statement || !set_statement(envelope, statement, limit, err))
        return NULL;
    __attribute__((cleanup(text_buffer_auto))) struct text text = {0};
    add_signed_bytes(&text, statement);
    sign_bytes(text.data, text.size, secret_key, envelope->signature);
    memcpy(envelope->key, secret_key + SEED_SIZE, PUBLIC_KEY_SIZE);
    return STEAL(envelope);
}

bool envelope_is(const struct envelope *envelope, const char *type, struct error *err)
{
    if (strcmp(envelope->type, type) == 0)
        return true;
    return fail(err, ERROR_INVALID, "a '%s' statement stands where '%s' is needed", envelope->type, type);
}

void envelope_hash_hex(const struct envelope *envelope, char out[static HEX_HASH_SIZE])
{
    hex_write(envelope->hash, HASH_SIZE, out);
}
