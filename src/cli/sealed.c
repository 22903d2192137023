#include "cli/sealed.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"
#include "list/operation_listed.h"

#include <string.h>

enum { SEALED_LIMIT = 64 << 20, OPENED_LIMIT = 48 << 20 };

static const struct kind {
    const char *path, *field, *context;
} kinds[] = {
    {"/api/v1/handovers/{alert}", "packet", "handover"},
    {"/api/v1/alerts/{alert}/receipt", "packet", "handover"},
    {"/api/v1/copies/{copy}/opening", "sealed", "oversight"},
    {"/api/v1/operations/{operation}/listed", "sealed_key", "listed"},
};

static const struct kind *kind_of(const struct office_command *command)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (strcmp(kinds[i].path, command->route->path) == 0)
            return &kinds[i];
    }
    return NULL;
}

bool sealed_is_for_device(const struct office_command *command)
{
    return kind_of(command) != NULL;
}

bool sealed_is_signed_for(const struct office_command *command)
{
    return command->statement && strcmp(command->statement, "receipt") == 0;
}

bool sealed_asks_number(const struct office_command *command)
{
    const struct kind *kind = kind_of(command);
    return kind && strcmp(kind->field, "sealed_key") == 0;
}

static bool open_bytes(const char *text, const char *context, const uint8_t secret[static SEED_SIZE],
    struct bytes *out, struct error *err)
{
    AUTO(bytes) struct bytes sealed = {NULL, 0};
    return base64_read(text, SEALED_LIMIT, &sealed, err) &&
           packet_open(secret, context, sealed.data, sealed.size, out, err);
}

static json_t *open_text(
    const char *text, const char *context, const uint8_t secret[static SEED_SIZE], struct error *err)
{
    AUTO(bytes) struct bytes opened = {NULL, 0};
    if (!open_bytes(text, context, secret, &opened, err))
        return NULL;
    json_t *json = json_read((const char *)opened.data, opened.size, OPENED_LIMIT, err);
    memory_wipe(opened.data, opened.size);
    return json;
}

/* One of several: for another station's key it stays as it is. */
static size_t open_field(json_t *object, const struct kind *kind, const char *context,
    const uint8_t secret[static SEED_SIZE], struct error *err)
{
    const char *text = json_string_value(json_object_get(object, kind->field));
    json_t *opened = text ? open_text(text, context, secret, err) : NULL;
    return opened && json_object_set_new(object, kind->field, opened) == 0;
}

bool sealed_open(const struct office_command *command, const char *subject,
    const uint8_t secret[static SEED_SIZE], json_t *answer, struct error *err)
{
    const struct kind *kind = kind_of(command);
    AUTO(text) char *context = text_format("%s:%s", kind->context, subject);
    struct error why = {.code = ERROR_CORRUPT,
        .text = "the desk's answer holds nothing sealed; leave --device out to see it as it is"};
    size_t opened = open_field(answer, kind, context, secret, &why), index;
    json_t *packet;
    json_array_foreach (json_object_get(answer, "packets"), index, packet)
        opened += open_field(packet, kind, context, secret, &why);
    return opened > 0 || fail(err, why.code, "%s", why.text);
}

static const char *packet_of(const json_t *shown, const char *hash)
{
    size_t index;
    const json_t *packet;
    json_array_foreach (json_object_get(shown, "packets"), index, packet) {
        const char *stated = json_string_value(json_object_get(packet, "handover_hash"));
        if (stated && strcmp(stated, hash) == 0)
            return json_string_value(json_object_get(packet, "packet"));
    }
    return NULL;
}

static bool has_hash(const char *packet, const char *hash)
{
    AUTO(bytes) struct bytes sealed = {NULL, 0};
    uint8_t digest[HASH_SIZE];
    char hex[HEX_HASH_SIZE];
    if (!base64_read(packet, SEALED_LIMIT, &sealed, NULL))
        return false;
    hash_bytes(sealed.data, sealed.size, digest);
    hex_write(digest, HASH_SIZE, hex);
    return strcmp(hex, hash) == 0;
}

/* As the station's page saves it. */
static bool save_packet(
    const char *alert, const char *hash, const char *packet, const char *file, struct error *err)
{
    AUTO(json)
    json_t *saved = json_pack("{s:s, s:s, s:s}", "alert", alert, "handover_hash", hash, "packet", packet);
    AUTO(text) char *text = json_dumps(saved, JSON_COMPACT);
    return file_write(file, 0600, text, strlen(text), err);
}

bool sealed_receive(const char *alert, const char *hash, const uint8_t secret[static SEED_SIZE],
    const char *file, json_t *shown, struct error *err)
{
    const char *packet = packet_of(shown, hash);
    AUTO(text) char *context = text_format("handover:%s", alert);
    if (!packet || !has_hash(packet, hash))
        return fail(err, ERROR_CORRUPT,
            "the desk states the hash of another packet than it shows; sign nothing, tell the auditor");
    AUTO(json) json_t *opened = open_text(packet, context, secret, err);
    if (!opened)
        return fail_within(err, "the packet; sign nothing");
    if (!save_packet(alert, hash, packet, file, err))
        return false;
    return json_object_clear(shown) == 0 &&
           json_object_set_new(shown, "handover_hash", json_string(hash)) == 0 &&
           json_object_set(shown, "packet", opened) == 0;
}

/* The marks are HMAC-SHA-256(key, CNIC), as list/operation_listed.h makes them. */
static bool has_mark(const struct bytes *marks, const uint8_t key[static DATA_KEY_SIZE], const char *cnic)
{
    uint8_t wanted[HASH_SIZE];
    bool found = false;
    listed_tag(key, cnic, wanted);
    for (size_t at = 0; at + HASH_SIZE <= marks->size; at += HASH_SIZE)
        found = found || memcmp(marks->data + at, wanted, HASH_SIZE) == 0;
    return found;
}

static void hash_hex(const struct bytes *bytes, char out[static HEX_HASH_SIZE])
{
    uint8_t digest[HASH_SIZE];
    hash_bytes(bytes->data, bytes->size, digest);
    hex_write(digest, HASH_SIZE, out);
}

/* What the desk says of its marks proves nothing: `hash` is that of what it gave. */
static bool read_marks(
    const json_t *answer, struct bytes *out, char hash[static HEX_HASH_SIZE], struct error *err)
{
    const char *text = json_string_value(json_object_get(answer, "tags"));
    const char *named = json_string_value(json_object_get(answer, "listed_hash"));
    if (!text || !named || !base64_read(text, SEALED_LIMIT, out, err))
        return fail(
            err, ERROR_CORRUPT, "the desk's answer holds no marks; leave --device out to see it as it is");
    hash_hex(out, hash);
    return strcmp(hash, named) == 0 ||
           fail(err, ERROR_CORRUPT, "the marks are not those that the desk names; tell the auditor");
}

bool sealed_look_up(const char *operation, const char *cnic, const uint8_t secret[static SEED_SIZE],
    json_t *answer, struct error *err)
{
    char hash[HEX_HASH_SIZE], key_hash[HEX_HASH_SIZE];
    AUTO(text) char *context = text_format("listed:%s", operation);
    AUTO(bytes) struct bytes marks = {NULL, 0}, key = {NULL, 0}, sealed = {NULL, 0};
    const char *text = json_string_value(json_object_get(answer, "sealed_key"));
    if (!read_marks(answer, &marks, hash, err) || !open_bytes(text ? text : "", context, secret, &key, err) ||
        !base64_read(text, SEALED_LIMIT, &sealed, err))
        return false;
    if (key.size != DATA_KEY_SIZE)
        return fail(
            err, ERROR_CORRUPT, "what was sealed is no key of %d bytes; tell the auditor", DATA_KEY_SIZE);
    hash_hex(&sealed, key_hash);
    bool listed = has_mark(&marks, key.data, cnic);
    memory_wipe(key.data, key.size);
    return json_object_clear(answer) == 0 &&
           json_object_set_new(answer, "operation", json_string(operation)) == 0 &&
           json_object_set_new(answer, "listed", json_boolean(listed)) == 0 &&
           json_object_set_new(answer, "listed_hash", json_string(hash)) == 0 &&
           json_object_set_new(answer, "sealed_key_hash", json_string(key_hash)) == 0;
}
