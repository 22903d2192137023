#include "cli/keyfile.h"

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/terminal.h"
#include "sign/form.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEYFILE_LIMIT = 4096 };

static const char offline_format[] = "mizan-offline-key-v1", officer_format[] = "mizan-officer-key-v1",
                  device_format[] = "mizan-device-key-v1";

struct keyfile {                           /* as it lies in the file */
    const char *format, *officer, *sealed; /* borrowed from `json` */
    uint8_t public_key[PUBLIC_KEY_SIZE], salt[16];
    json_t *json; /* owned */
};

/* Bound into the seal, so that a key stays its officer's. */
static char *context_of(const char *format, const char *officer)
{
    return *officer ? text_format("%s:%s", format, officer) : memory_copy_text(format);
}

static bool write_keyfile(const char *path, const char *format, const char *officer,
    const uint8_t public_key[static PUBLIC_KEY_SIZE], const uint8_t salt[static 16],
    const struct bytes *sealed, struct error *err)
{
    char public_hex[2 * PUBLIC_KEY_SIZE + 1], salt_hex[33];
    hex_write(public_key, PUBLIC_KEY_SIZE, public_hex);
    hex_write(salt, 16, salt_hex);
    AUTO(text) char *sealed_text = base64_write(sealed->data, sealed->size);
    AUTO(json)
    json_t *file = json_pack("{s:s, s:s, s:s, s:s}", "format", format, "public", public_hex, "salt", salt_hex,
        "sealed", sealed_text);
    if (*officer)
        json_object_set_new(file, "officer", json_string(officer));
    AUTO(text) char *text = json_canonical(file, err);
    return text && file_write(path, 0600, text, strlen(text), err);
}

static bool may_make(const char *path, struct error *err)
{
    return access(path, F_OK) != 0 ||
           fail(err, ERROR_CONFLICT, "%s is there already; a key is never overwritten", path);
}

static bool seal_keyfile(const char *path, const char *passphrase, const char *format, const char *officer,
    const uint8_t public_key[static PUBLIC_KEY_SIZE], const uint8_t seed[static SEED_SIZE], struct error *err)
{
    uint8_t salt[16], wrapping[DATA_KEY_SIZE];
    random_fill(salt, sizeof salt);
    if (!passphrase_key(passphrase, salt, wrapping, err))
        return false;
    AUTO(text) char *context = context_of(format, officer);
    AUTO(bytes) struct bytes sealed = seal_bytes(wrapping, context, seed, SEED_SIZE);
    memory_wipe(wrapping, sizeof wrapping);
    return write_keyfile(path, format, officer, public_key, salt, &sealed, err);
}

bool keyfile_make_officer(const char *path, const char *passphrase, const char *officer,
    uint8_t public_key[static PUBLIC_KEY_SIZE], struct error *err)
{
    uint8_t secret_key[SECRET_KEY_SIZE];
    if (!may_make(path, err))
        return false;
    sign_key_new(public_key, secret_key);
    bool made = seal_keyfile(
        path, passphrase, *officer ? officer_format : offline_format, officer, public_key, secret_key, err);
    memory_wipe(secret_key, sizeof secret_key);
    return made;
}

bool keyfile_make_device(
    const char *path, const char *passphrase, uint8_t public_key[static PUBLIC_KEY_SIZE], struct error *err)
{
    uint8_t secret[SEED_SIZE];
    if (!may_make(path, err))
        return false;
    device_key_new(public_key, secret);
    bool made = seal_keyfile(path, passphrase, device_format, "", public_key, secret, err);
    memory_wipe(secret, sizeof secret);
    return made;
}

bool keyfile_make(
    const char *path, const char *passphrase, uint8_t public_key[static PUBLIC_KEY_SIZE], struct error *err)
{
    return keyfile_make_officer(path, passphrase, "", public_key, err);
}

static void keyfile_auto(struct keyfile *slot)
{
    json_decref(slot->json);
}

static bool check_format(struct keyfile *file, struct error *err)
{
    if (strcmp(file->format, offline_format) == 0 || strcmp(file->format, device_format) == 0)
        return true;
    if (strcmp(file->format, officer_format) != 0)
        return fail(err, ERROR_INVALID, "not a key of Mizan's command line");
    return json_need_text(file->json, "officer", &file->officer, err) &&
           (form_is_id(file->officer, "o") || fail(err, ERROR_INVALID, "its officer is no id like o-…"));
}

static bool read_keyfile(const char *path, struct keyfile *out, struct error *err)
{
    out->officer = "";
    AUTO(bytes) struct bytes content = {NULL, 0};
    if (!file_read(path, KEYFILE_LIMIT, &content, err))
        return false;
    out->json = json_read((const char *)content.data, content.size, KEYFILE_LIMIT, err);
    bool read = out->json && json_need_text(out->json, "format", &out->format, err) &&
                json_need_hex(out->json, "public", out->public_key, sizeof out->public_key, err) &&
                json_need_hex(out->json, "salt", out->salt, sizeof out->salt, err) &&
                json_need_text(out->json, "sealed", &out->sealed, err) && check_format(out, err);
    if (!read)
        fail_within(err, "%s", path);
    return read;
}

bool keyfile_read_public(
    const char *path, uint8_t public_key[static PUBLIC_KEY_SIZE], char officer[static 24], struct error *err)
{
    __attribute__((cleanup(keyfile_auto))) struct keyfile file = {0};
    if (!read_keyfile(path, &file, err))
        return false;
    memcpy(public_key, file.public_key, PUBLIC_KEY_SIZE);
    snprintf(officer, 24, "%s", file.officer);
    return true;
}

static bool open_seed(const char *path, const char *passphrase, bool of_device, struct bytes *seed,
    uint8_t public_key[static PUBLIC_KEY_SIZE], struct error *err)
{
    __attribute__((cleanup(keyfile_auto))) struct keyfile file = {0};
    uint8_t wrapping[DATA_KEY_SIZE];
    AUTO(bytes) struct bytes sealed = {NULL, 0};
    if (!read_keyfile(path, &file, err))
        return false;
    if (of_device != (strcmp(file.format, device_format) == 0))
        return fail(err, ERROR_INVALID,
            of_device ? "%s is a key that signs, not a device's; 'mizan key device' makes one"
                      : "%s is a device's key: it opens what is sealed and signs nothing",
            path);
    if (!base64_read(file.sealed, 256, &sealed, err) || !passphrase_key(passphrase, file.salt, wrapping, err))
        return fail_within(err, "%s", path);
    AUTO(text) char *context = context_of(file.format, file.officer);
    bool opened = seal_open(wrapping, context, sealed.data, sealed.size, seed, NULL);
    memory_wipe(wrapping, sizeof wrapping);
    memcpy(public_key, file.public_key, PUBLIC_KEY_SIZE);
    return (opened && seed->data && seed->size == SEED_SIZE) ||
           fail(err, ERROR_UNSIGNED, "%s: the passphrase does not open this key", path);
}

bool keyfile_open(
    const char *path, const char *passphrase, uint8_t secret_key[static SECRET_KEY_SIZE], struct error *err)
{
    uint8_t stated[PUBLIC_KEY_SIZE], public_key[PUBLIC_KEY_SIZE];
    AUTO(bytes) struct bytes seed = {NULL, 0};
    if (!open_seed(path, passphrase, false, &seed, stated, err))
        return false;
    sign_key_from_seed(seed.data, public_key, secret_key);
    memory_wipe(seed.data, seed.size);
    return bytes_equal(public_key, stated, sizeof public_key) ||
           fail(err, ERROR_CORRUPT, "%s: its public and private halves do not belong together", path);
}

bool keyfile_open_device(
    const char *path, const char *passphrase, uint8_t secret[static SEED_SIZE], struct error *err)
{
    uint8_t stated[PUBLIC_KEY_SIZE];
    AUTO(bytes) struct bytes seed = {NULL, 0};
    if (!open_seed(path, passphrase, true, &seed, stated, err) || !seed.data)
        return false;
    memcpy(secret, seed.data, SEED_SIZE);
    memory_wipe(seed.data, seed.size);
    return true;
}

char *keyfile_ask_passphrase(const char *path, struct error *err)
{
    AUTO(text) char *words = text_format("Passphrase for %s", path);
    return terminal_ask(words, "MIZAN_PASSPHRASE", true, err);
}
