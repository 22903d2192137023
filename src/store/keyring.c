#include "store/keyring.h"

#include "base/file.h"
#include "base/text.h"
#include "store/keyring_table.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file: magic, the wrapping key sealed with the site key, the table sealed with the wrapping key. */
static const char magic[] = "mizan-keyring-1\n";
static const char wrap_context[] = "keyring/wrapping-key";
static const char table_context[] = "keyring/table";
enum {
    MAGIC_SIZE = sizeof magic - 1,
    WRAP_SIZE = DATA_KEY_SIZE + SEAL_OVERHEAD,
    FILE_LIMIT = 256 * 1024 * 1024
};

struct keyring {
    char *path;
    uint8_t site_key[DATA_KEY_SIZE];
    uint8_t wrapping_key[DATA_KEY_SIZE];
    uint8_t lookup_key[DATA_KEY_SIZE]; /* the one handed out last */
    struct keyring_table table;
};

static void wipe_bytes(struct bytes *bytes)
{
    if (bytes->data)
        memory_wipe(bytes->data, bytes->size);
    bytes_free(bytes);
}
static void secret_auto(struct bytes *slot)
{
    wipe_bytes(slot);
}

static bool write_file(const struct keyring *keyring, const struct keyring_table *table,
    const uint8_t wrapping_key[static DATA_KEY_SIZE], struct error *err)
{
    AUTO(secret) struct bytes plain = keyring_table_write(table);
    AUTO(bytes)
    struct bytes wrapped = seal_bytes(keyring->site_key, wrap_context, wrapping_key, DATA_KEY_SIZE);
    AUTO(bytes) struct bytes sealed = seal_bytes(wrapping_key, table_context, plain.data, plain.size);
    AUTO(text_buffer) struct text file = {0};
    text_add_bytes(&file, magic, MAGIC_SIZE);
    text_add_bytes(&file, wrapped.data, wrapped.size);
    text_add_bytes(&file, sealed.data, sealed.size);
    bool written = file_write(keyring->path, 0600, file.data, file.size, err);
    if (!written && err)
        err->code = ERROR_UNAVAILABLE;
    return written;
}

static bool open_file(struct keyring *keyring, const struct bytes *file, struct error *err)
{
    if (file->size < MAGIC_SIZE + WRAP_SIZE || memcmp(file->data, magic, MAGIC_SIZE) != 0)
        return fail(err, ERROR_CORRUPT, "%s: not a keyring", keyring->path);
    AUTO(secret) struct bytes wrapping_key = {0};
    AUTO(secret) struct bytes plain = {0};
    const uint8_t *at = file->data + MAGIC_SIZE;
    if (!seal_open(keyring->site_key, wrap_context, at, WRAP_SIZE, &wrapping_key, err))
        return fail(err, ERROR_CORRUPT, "%s: the wrong site key, or the file was edited", keyring->path);
    memcpy(keyring->wrapping_key, wrapping_key.data, DATA_KEY_SIZE);
    if (!seal_open(keyring->wrapping_key, table_context, at + WRAP_SIZE, file->size - MAGIC_SIZE - WRAP_SIZE,
            &plain, err))
        return fail(err, ERROR_CORRUPT, "%s: the file was edited", keyring->path);
    return keyring_table_read(plain.data, plain.size, &keyring->table, err) ||
           fail_within(err, "%s", keyring->path);
}

static bool make_file(struct keyring *keyring, struct error *err)
{
    keyring->table.epoch = 1;
    random_fill(keyring->table.lookup_root, DATA_KEY_SIZE);
    random_fill(keyring->wrapping_key, DATA_KEY_SIZE);
    return write_file(keyring, &keyring->table, keyring->wrapping_key, err);
}

static bool load(struct keyring *keyring, int64_t least_epoch, struct error *err)
{
    AUTO(bytes) struct bytes file = {0};
    struct error missing = {0};
    if (!file_read(keyring->path, FILE_LIMIT, &file, &missing)) {
        if (missing.code == ERROR_MISSING && least_epoch == 0)
            return make_file(keyring, err);
        return fail(err, missing.code, "%s", missing.text);
    }
    if (!open_file(keyring, &file, err))
        return false;
    if (keyring->table.epoch < least_epoch)
        return fail(err, ERROR_CONFLICT,
            "%s: an old keyring (epoch %lld; the log is at %lld) holds keys that were destroyed; put the "
            "newest one back",
            keyring->path, (long long)keyring->table.epoch, (long long)least_epoch);
    return true;
}

struct keyring *keyring_open(
    const char *path, const uint8_t site_key[static DATA_KEY_SIZE], int64_t least_epoch, struct error *err)
{
    AUTO(keyring) struct keyring *keyring = memory_allocate(1, sizeof *keyring);
    keyring->path = memory_copy_text(path);
    memcpy(keyring->site_key, site_key, DATA_KEY_SIZE);
    return load(keyring, least_epoch, err) ? STEAL(keyring) : NULL;
}

void keyring_close(struct keyring *keyring)
{
    if (!keyring)
        return;
    keyring_table_done(&keyring->table);
    memory_release(keyring->path);
    memory_wipe(keyring, sizeof *keyring);
    memory_release(keyring);
}

int64_t keyring_epoch(const struct keyring *keyring)
{
    return keyring->table.epoch;
}

const uint8_t *keyring_key(struct keyring *keyring, const char *name, bool make, struct error *err)
{
    if (!key_name_is_valid(name)) {
        fail(err, ERROR_INVALID, "'%.80s' cannot name a key", name);
        return NULL;
    }
    struct named_key *key = keyring_table_find(&keyring->table, name);
    if (key)
        return key->key;
    if (!make) {
        fail(err, ERROR_MISSING, "the key of %s was destroyed or never made", name);
        return NULL;
    }
    if (keyring->table.count >= KEYRING_KEYS_LIMIT) {
        fail(err, ERROR_TOO_LARGE, "the keyring holds %d keys already", KEYRING_KEYS_LIMIT);
        return NULL;
    }
    key = keyring_table_add(&keyring->table, name);
    if (write_file(keyring, &keyring->table, keyring->wrapping_key, err))
        return key->key;
    keyring_table_remove(&keyring->table, name);
    return NULL;
}

static inline void descriptor_auto(const int *slot)
{
    if (*slot >= 0)
        close(*slot);
}

/* The file that was replaced has no name any more, but its blocks still hold the old wrapping key. Best
 * effort: a journalling file system or flash may keep copies; those open with the site key only. */
static void scrub(int descriptor)
{
    struct stat status;
    if (descriptor < 0 || fstat(descriptor, &status) != 0)
        return;
    static const uint8_t zeros[4096];
    for (off_t at = 0; at < status.st_size; at += (off_t)sizeof zeros) {
        off_t left = status.st_size - at;
        size_t size = left < (off_t)sizeof zeros ? (size_t)left : sizeof zeros;
        if (pwrite(descriptor, zeros, size, at) < 0)
            return;
    }
    fsync(descriptor);
}

static bool replace_table(struct keyring *keyring, struct keyring_table *table, struct error *err)
{
    uint8_t wrapping_key[DATA_KEY_SIZE];
    random_fill(wrapping_key, sizeof wrapping_key);
    AUTO(descriptor) int old = open(keyring->path, O_WRONLY | O_CLOEXEC);
    bool written = write_file(keyring, table, wrapping_key, err);
    if (written) {
        scrub(old);
        memcpy(keyring->wrapping_key, wrapping_key, sizeof wrapping_key);
        keyring_table_done(&keyring->table);
        keyring->table = *table;
        *table = (struct keyring_table){0};
    }
    memory_wipe(wrapping_key, sizeof wrapping_key);
    return written;
}

bool keyring_destroy(struct keyring *keyring, const char *const *names, size_t count, struct error *err)
{
    struct keyring_table table = keyring_table_copy(&keyring->table);
    size_t removed = 0;
    for (size_t i = 0; i < count; i++)
        removed += keyring_table_remove(&table, names[i]);
    table.epoch++;
    bool done = removed == 0 || replace_table(keyring, &table, err);
    keyring_table_done(&table);
    return done;
}

const uint8_t *keyring_site_key(struct keyring *keyring, const char *purpose, struct error *err)
{
    if (!key_name_is_valid(purpose)) {
        fail(err, ERROR_INVALID, "'%.80s' cannot name a key", purpose);
        return NULL;
    }
    hash_keyed(keyring->table.lookup_root, purpose, strlen(purpose), keyring->lookup_key);
    return keyring->lookup_key;
}

bool keyring_seal(struct keyring *keyring, const char *name, const char *field, const void *bytes,
    size_t size, struct bytes *out, struct error *err)
{
    const uint8_t *key = keyring_key(keyring, name, true, err);
    if (!key)
        return false;
    AUTO(text) char *context = text_format("%s/%s", name, field);
    *out = seal_bytes(key, context, bytes, size);
    return true;
}

bool keyring_unseal(struct keyring *keyring, const char *name, const char *field, const void *sealed,
    size_t size, struct bytes *out, struct error *err)
{
    const uint8_t *key = keyring_key(keyring, name, false, err);
    if (!key)
        return false;
    AUTO(text) char *context = text_format("%s/%s", name, field);
    return seal_open(key, context, sealed, size, out, err);
}
