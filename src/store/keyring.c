#include "store/keyring.h"

#include "base/file.h"
#include "base/text.h"
#include "store/keyring_epoch.h"
#include "store/keyring_table.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The file: magic, the epoch, the wrapping key sealed with the epoch's key, the table sealed with the
 * wrapping key. The epoch is readable, so that an old file is told from a broken one, and bound into both
 * seals. */
static const char magic[] = "mizan-keyring-2\n";
enum {
    MAGIC_SIZE = sizeof magic - 1,
    EPOCH_SIZE = 8,
    HEAD_SIZE = MAGIC_SIZE + EPOCH_SIZE,
    WRAP_SIZE = DATA_KEY_SIZE + SEAL_OVERHEAD,
    CONTEXT_SIZE = 48,
    FILE_LIMIT = 256 * 1024 * 1024
};

struct wrapping { /* what a keyring is written under */
    uint8_t key[DATA_KEY_SIZE];
    uint8_t secret[EPOCH_SECRET_SIZE];
};

struct keyring {
    char *path, *epoch_path;
    char *backup; /* where the one backup lies; NULL for nowhere */
    uint8_t site_key[DATA_KEY_SIZE];
    uint8_t epoch_secret[EPOCH_SECRET_SIZE];
    uint8_t wrapping_key[DATA_KEY_SIZE];
    uint8_t lookup_key[DATA_KEY_SIZE]; /* the one handed out last */
    struct keyring_table table;
    /* Drawn for the next destruction and kept until its file is written: a write that failed half way may
     * have put a file in place that only this opens. */
    struct wrapping next;
    bool has_next;
    bool in_transaction;
    size_t made;     /* in it, and not written yet */
    bool unfinished; /* the old secret or the old backup is still there */
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

static void seal_context(const char *part, int64_t epoch, char out[static CONTEXT_SIZE])
{
    snprintf(out, CONTEXT_SIZE, "keyring/%s/%lld", part, (long long)epoch);
}

static void put_epoch(int64_t epoch, uint8_t out[static EPOCH_SIZE])
{
    for (size_t i = 0; i < EPOCH_SIZE; i++)
        out[i] = (uint8_t)((uint64_t)epoch >> (8 * (EPOCH_SIZE - 1 - i)));
}

static int64_t epoch_of(const struct bytes *file)
{
    uint64_t epoch = 0;
    for (size_t i = 0; i < EPOCH_SIZE; i++)
        epoch = epoch << 8 | file->data[MAGIC_SIZE + i];
    return (int64_t)(epoch & INT64_MAX);
}

static void wrapping_auto(struct wrapping *wrapping)
{
    memory_wipe(wrapping, sizeof *wrapping);
}

static bool write_file(const struct keyring *keyring, const struct keyring_table *table,
    const struct wrapping *wrapping, struct error *err)
{
    uint8_t seal_key[DATA_KEY_SIZE], epoch[EPOCH_SIZE];
    char wrap_context[CONTEXT_SIZE], table_context[CONTEXT_SIZE];
    seal_context("wrapping-key", table->epoch, wrap_context);
    seal_context("table", table->epoch, table_context);
    put_epoch(table->epoch, epoch);
    epoch_key(keyring->site_key, wrapping->secret, seal_key);
    AUTO(secret) struct bytes plain = keyring_table_write(table);
    AUTO(bytes) struct bytes wrapped = seal_bytes(seal_key, wrap_context, wrapping->key, DATA_KEY_SIZE);
    AUTO(bytes) struct bytes sealed = seal_bytes(wrapping->key, table_context, plain.data, plain.size);
    memory_wipe(seal_key, sizeof seal_key);
    AUTO(text_buffer) struct text file = {0};
    text_add_bytes(&file, magic, MAGIC_SIZE);
    text_add_bytes(&file, epoch, sizeof epoch);
    text_add_bytes(&file, wrapped.data, wrapped.size);
    text_add_bytes(&file, sealed.data, sealed.size);
    bool written = file_write(keyring->path, 0600, file.data, file.size, err);
    if (!written && err)
        err->code = ERROR_UNAVAILABLE;
    return written;
}

static bool unwrap(struct keyring *keyring, const struct bytes *file, const uint8_t *secret)
{
    uint8_t seal_key[DATA_KEY_SIZE];
    char context[CONTEXT_SIZE];
    AUTO(secret) struct bytes wrapping_key = {0};
    seal_context("wrapping-key", epoch_of(file), context);
    epoch_key(keyring->site_key, secret, seal_key);
    bool opened = seal_open(seal_key, context, file->data + HEAD_SIZE, WRAP_SIZE, &wrapping_key, NULL);
    memory_wipe(seal_key, sizeof seal_key);
    if (!opened)
        return false;
    memcpy(keyring->wrapping_key, wrapping_key.data, DATA_KEY_SIZE);
    memcpy(keyring->epoch_secret, secret, EPOCH_SECRET_SIZE);
    return true;
}

static bool open_table(struct keyring *keyring, const struct bytes *file, struct error *err)
{
    char context[CONTEXT_SIZE];
    AUTO(secret) struct bytes plain = {0};
    size_t before = HEAD_SIZE + WRAP_SIZE;
    seal_context("table", epoch_of(file), context);
    if (!seal_open(keyring->wrapping_key, context, file->data + before, file->size - before, &plain, err))
        return fail(err, ERROR_CORRUPT, "%s: the file was edited", keyring->path);
    return keyring_table_read(plain.data, plain.size, &keyring->table, err) ||
           fail_within(err, "%s", keyring->path);
}

/* A crash while the secret was being replaced leaves two. */
static bool finish_exchange(struct keyring *keyring, struct error *err)
{
    struct epoch_secrets only = {.count = 1};
    memcpy(only.secret[0], keyring->epoch_secret, EPOCH_SECRET_SIZE);
    bool written = epoch_secrets_write(keyring->epoch_path, &only, err);
    memory_wipe(&only, sizeof only);
    return written;
}

static bool open_file(struct keyring *keyring, const struct bytes *file, struct error *err)
{
    struct epoch_secrets secrets = {.count = 0};
    if (!epoch_secrets_read(keyring->epoch_path, &secrets, err))
        return false;
    bool opened = false;
    for (size_t i = 0; i < secrets.count && !opened; i++)
        opened = unwrap(keyring, file, secrets.secret[i]);
    memory_wipe(secrets.secret, sizeof secrets.secret);
    if (!opened)
        return fail(err, ERROR_CORRUPT,
            "%s: the wrong site key, an old copy whose secret was destroyed, or the file was edited",
            keyring->path);
    return open_table(keyring, file, err) && (secrets.count == 1 || finish_exchange(keyring, err));
}

static bool make_file(struct keyring *keyring, struct error *err)
{
    AUTO(wrapping) struct wrapping wrapping;
    keyring->table.epoch = 1;
    random_fill(keyring->table.lookup_root, DATA_KEY_SIZE);
    random_fill(&wrapping, sizeof wrapping);
    memcpy(keyring->wrapping_key, wrapping.key, DATA_KEY_SIZE);
    memcpy(keyring->epoch_secret, wrapping.secret, EPOCH_SECRET_SIZE);
    return finish_exchange(keyring, err) && write_file(keyring, &keyring->table, &wrapping, err);
}

static bool check_age(const char *path, const struct bytes *file, int64_t least_epoch, struct error *err)
{
    if (file->size < HEAD_SIZE + WRAP_SIZE || memcmp(file->data, magic, MAGIC_SIZE) != 0)
        return fail(err, ERROR_CORRUPT, "%s: not a keyring", path);
    if (epoch_of(file) < least_epoch)
        return fail(err, ERROR_CONFLICT,
            "%s: an old keyring (epoch %lld; the log is at %lld) holds keys that were destroyed; put the "
            "newest one back",
            path, (long long)epoch_of(file), (long long)least_epoch);
    return true;
}

static bool load(struct keyring *keyring, int64_t least_epoch, struct error *err)
{
    AUTO(bytes) struct bytes file = {0};
    struct error missing = {0};
    if (!file_read(keyring->path, FILE_LIMIT, &file, &missing)) {
        if (missing.code == ERROR_MISSING && least_epoch == 0)
            return make_file(keyring, err);
        return fail_as(err, &missing);
    }
    return check_age(keyring->path, &file, least_epoch, err) && open_file(keyring, &file, err);
}

struct keyring *keyring_open(
    const char *path, const uint8_t site_key[static DATA_KEY_SIZE], int64_t least_epoch, struct error *err)
{
    AUTO(keyring) struct keyring *keyring = memory_allocate(1, sizeof *keyring);
    keyring->path = memory_copy_text(path);
    keyring->epoch_path = text_format("%s.epoch", path);
    memcpy(keyring->site_key, site_key, DATA_KEY_SIZE);
    return load(keyring, least_epoch, err) ? STEAL(keyring) : NULL;
}

void keyring_close(struct keyring *keyring)
{
    if (!keyring)
        return;
    keyring_table_done(&keyring->table);
    memory_release(keyring->path);
    memory_release(keyring->epoch_path);
    memory_release(keyring->backup);
    memory_wipe(keyring, sizeof *keyring);
    memory_release(keyring);
}

int64_t keyring_epoch(const struct keyring *keyring)
{
    return keyring->table.epoch;
}

const char *keyring_name(const struct keyring *keyring, size_t index)
{
    return index < keyring->table.count ? keyring->table.keys[index].name : NULL;
}

static bool write_again(const struct keyring *keyring, struct error *err)
{
    AUTO(wrapping) struct wrapping wrapping;
    memcpy(wrapping.key, keyring->wrapping_key, DATA_KEY_SIZE);
    memcpy(wrapping.secret, keyring->epoch_secret, EPOCH_SECRET_SIZE);
    return write_file(keyring, &keyring->table, &wrapping, err);
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
    key->is_new = keyring->in_transaction;
    keyring->made += keyring->in_transaction;
    if (keyring->in_transaction || write_again(keyring, err))
        return key->key;
    keyring_table_remove(&keyring->table, name);
    return NULL;
}

void keyring_begin(struct keyring *keyring)
{
    keyring->in_transaction = true;
}

/* New keys stay or go. */
static void settle(struct keyring *keyring, bool stay)
{
    if (keyring->made)
        keyring_table_settle(&keyring->table, stay);
    keyring->made = 0;
}

bool keyring_write(struct keyring *keyring, struct error *err)
{
    if (keyring->made && !write_again(keyring, err))
        return false;
    settle(keyring, true);
    return true;
}

void keyring_end(struct keyring *keyring)
{
    settle(keyring, false);
    keyring->in_transaction = false;
}

static inline void descriptor_auto(const int *slot)
{
    if (*slot >= 0)
        close(*slot);
}

/* The secret, then the keyring's file: one file, so that the two always belong together. */
static bool write_backup(const struct keyring *keyring, struct error *err)
{
    AUTO(bytes) struct bytes file = {0};
    AUTO(text_buffer) struct text backup = {0};
    AUTO(text) char *path = text_format("%s/keyring-backup", keyring->backup);
    if (!file_read(keyring->path, FILE_LIMIT, &file, err))
        return false;
    text_add_bytes(&backup, keyring->epoch_secret, EPOCH_SECRET_SIZE);
    text_add_bytes(&backup, file.data, file.size);
    AUTO(descriptor) int old = open(path, O_WRONLY | O_CLOEXEC);
    bool written = file_write(path, 0600, backup.data, backup.size, err);
    memory_wipe(backup.data, backup.size);
    if (written)
        scrub(old);
    return written;
}

static bool finish_destruction(struct keyring *keyring, struct error *err)
{
    if (finish_exchange(keyring, err) && (!keyring->backup || write_backup(keyring, err))) {
        keyring->unfinished = false;
        return true;
    }
    if (err)
        err->code = ERROR_UNAVAILABLE;
    return fail_within(err, "the keys are destroyed here, but a copy could still be opened");
}

static bool write_both_secrets(
    const struct keyring *keyring, const struct wrapping *wrapping, struct error *err)
{
    struct epoch_secrets both = {.count = 2};
    memcpy(both.secret[0], keyring->epoch_secret, EPOCH_SECRET_SIZE);
    memcpy(both.secret[1], wrapping->secret, EPOCH_SECRET_SIZE);
    bool written = epoch_secrets_write(keyring->epoch_path, &both, err);
    memory_wipe(&both, sizeof both);
    return written;
}

static bool replace_table(struct keyring *keyring, struct keyring_table *table, struct error *err)
{
    struct wrapping *next = &keyring->next;
    if (!keyring->has_next)
        random_fill(next, sizeof *next);
    keyring->has_next = true;
    AUTO(descriptor) int old = open(keyring->path, O_WRONLY | O_CLOEXEC);
    if (!write_both_secrets(keyring, next, err) || !write_file(keyring, table, next, err))
        return false;
    scrub(old);
    memcpy(keyring->wrapping_key, next->key, DATA_KEY_SIZE);
    memcpy(keyring->epoch_secret, next->secret, EPOCH_SECRET_SIZE);
    memory_wipe(next, sizeof *next);
    keyring->has_next = false;
    keyring_table_done(&keyring->table);
    keyring->table = *table;
    *table = (struct keyring_table){0};
    keyring->unfinished = true;
    return true;
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
    return done && (!keyring->unfinished || finish_destruction(keyring, err));
}

bool keyring_back_up(struct keyring *keyring, const char *folder, struct error *err)
{
    if (!file_make_folder(folder, 0700, err))
        return false;
    char *backup = memory_copy_text(folder);
    memory_release(keyring->backup);
    keyring->backup = backup;
    if (write_backup(keyring, err))
        return true;
    keyring->unfinished = true;
    return false;
}

bool keyring_restore(const char *path, const char *folder, const uint8_t site_key[static DATA_KEY_SIZE],
    int64_t least_epoch, struct error *err)
{
    AUTO(secret) struct bytes backup = {0};
    AUTO(text) char *backup_path = text_format("%s/keyring-backup", folder);
    AUTO(text) char *epoch_path = text_format("%s.epoch", path);
    if (access(path, F_OK) == 0)
        return fail(err, ERROR_CONFLICT, "%s is there already", path);
    if (!file_read(backup_path, FILE_LIMIT, &backup, err))
        return false;
    if (backup.size < EPOCH_SECRET_SIZE)
        return fail(err, ERROR_CORRUPT, "%s: not a keyring's backup", backup_path);
    struct bytes file = {backup.data + EPOCH_SECRET_SIZE, backup.size - EPOCH_SECRET_SIZE};
    struct epoch_secrets secrets = {.count = 1};
    memcpy(secrets.secret[0], backup.data, EPOCH_SECRET_SIZE);
    bool done = check_age(backup_path, &file, least_epoch, err) &&
                epoch_secrets_write(epoch_path, &secrets, err) &&
                file_write(path, 0600, file.data, file.size, err);
    memory_wipe(&secrets, sizeof secrets);
    struct keyring *opened = done ? keyring_open(path, site_key, least_epoch, err) : NULL;
    keyring_close(opened);
    return opened != NULL;
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
