#include "govern/note.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_HASH_SIZE = 4 };

bool site_name_is_valid(const char *name)
{
    size_t size = strnlen(name, SITE_NAME_SIZE);
    return size > 0 && size < SITE_NAME_SIZE && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

static char *body_of(const struct checkpoint *checkpoint)
{
    AUTO(text) char *root = base64_write(checkpoint->root, HASH_SIZE);
    return text_format("mizan/%s\n%lld\n%s\nkeyring %lld time %lld\n", checkpoint->site,
        (long long)checkpoint->size, root, (long long)checkpoint->keyring_epoch, (long long)checkpoint->at_s);
}

static void key_hash_of(
    const char *site, const uint8_t log_key[static PUBLIC_KEY_SIZE], uint8_t out[static KEY_HASH_SIZE])
{
    AUTO(text_buffer) struct text input = {0};
    text_add(&input, "mizan/%s\n", site);
    text_add_bytes(&input, "\x01", 1);
    text_add_bytes(&input, log_key, PUBLIC_KEY_SIZE);
    uint8_t hash[HASH_SIZE];
    hash_bytes(input.data, input.size, hash);
    memcpy(out, hash, KEY_HASH_SIZE);
}

static char *whole_of(const char *body, const char *site, const uint8_t log_key[static PUBLIC_KEY_SIZE],
    const uint8_t signature[static SIGNATURE_SIZE])
{
    uint8_t signed_by[KEY_HASH_SIZE + SIGNATURE_SIZE];
    key_hash_of(site, log_key, signed_by);
    memcpy(signed_by + KEY_HASH_SIZE, signature, SIGNATURE_SIZE);
    AUTO(text) char *base64 = base64_write(signed_by, sizeof signed_by);
    return text_format("%s\n\xe2\x80\x94 mizan/%s %s\n", body, site, base64);
}

char *note_write(const struct checkpoint *checkpoint, const uint8_t log_key[static SECRET_KEY_SIZE])
{
    AUTO(text) char *body = body_of(checkpoint);
    uint8_t signature[SIGNATURE_SIZE];
    sign_bytes(body, strlen(body), log_key, signature);
    return whole_of(body, checkpoint->site, log_key + SEED_SIZE, signature);
}

/* Takes one line off *at; NULL at the end. The line is cut off in place. */
static char *line_of(char **at)
{
    char *line = *at;
    char *end = line ? strchr(line, '\n') : NULL;
    if (!end)
        return NULL;
    *end = '\0';
    *at = end + 1;
    return line;
}

/* The caller writes what it read again and compares, so looseness here lets nothing in. */
static bool read_fields(char *text, struct checkpoint *out, struct bytes *signed_by)
{
    char *origin = line_of(&text), *size = line_of(&text), *root_line = line_of(&text);
    char *extension = line_of(&text), *empty = line_of(&text), *signature = line_of(&text);
    AUTO(bytes) struct bytes root = {0};
    if (!signature || *empty != '\0' || strncmp(origin, "mizan/", 6) != 0 || !site_name_is_valid(origin + 6))
        return false;
    if (!base64_read(root_line, NOTE_LIMIT, &root, NULL) || root.size != HASH_SIZE)
        return false;
    memcpy(out->site, origin + 6, strlen(origin + 6) + 1);
    memcpy(out->root, root.data, HASH_SIZE);
    out->size = strtoll(size, NULL, 10);
    if (strncmp(extension, "keyring ", 8) != 0)
        return false;
    char *after = NULL;
    out->keyring_epoch = strtoll(extension + 8, &after, 10);
    if (strncmp(after, " time ", 6) != 0)
        return false;
    out->at_s = strtoll(after + 6, NULL, 10);
    const char *base64 = strrchr(signature, ' ');
    return base64 && base64_read(base64 + 1, NOTE_LIMIT, signed_by, NULL) &&
           signed_by->size == KEY_HASH_SIZE + SIGNATURE_SIZE && out->size >= 0 && out->keyring_epoch >= 0;
}

size_t note_size(const char *text)
{
    const char *empty = strstr(text, "\n\n"), *end = empty ? strchr(empty + 2, '\n') : NULL;
    return end ? (size_t)(end + 1 - text) : strlen(text);
}

bool note_read(const char *bytes, size_t size, const uint8_t log_key[static PUBLIC_KEY_SIZE],
    struct checkpoint *out, struct error *err)
{
    if (size > NOTE_LIMIT || memchr(bytes, '\0', size))
        return fail(err, ERROR_INVALID, "the checkpoint is not a signed note");
    AUTO(text) char *text = text_format("%.*s", (int)size, bytes);
    AUTO(bytes) struct bytes signed_by = {0};
    struct checkpoint checkpoint = {0};
    if (!read_fields(text, &checkpoint, &signed_by))
        return fail(err, ERROR_INVALID, "the checkpoint is not a signed note of this kind");
    AUTO(text) char *body = body_of(&checkpoint);
    AUTO(text)
    char *again = whole_of(body, checkpoint.site, log_key, signed_by.data + KEY_HASH_SIZE);
    if (strlen(again) != size || memcmp(again, bytes, size) != 0)
        return fail(err, ERROR_INVALID, "the checkpoint is not in the exact form, or of another key");
    if (!sign_verify(body, strlen(body), log_key, signed_by.data + KEY_HASH_SIZE))
        return fail(err, ERROR_UNSIGNED, "the checkpoint's signature does not verify with this key");
    *out = checkpoint;
    return true;
}
