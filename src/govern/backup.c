#include "govern/backup.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "govern/cosign.h"
#include "govern/ledger_private.h"
#include "sign/limits.h"
#include "store/copy.h"

#include <string.h>
#include <unistd.h>

static const char *const log_files[] = {"log-key", "log-key.pub"};
enum { LOG_FILE_LIMIT = 4096 };

static bool copy_file(const char *from_folder, const char *to_folder, const char *name, struct error *err)
{
    AUTO(text) char *from = text_format("%s/%s", from_folder, name);
    AUTO(text) char *to = text_format("%s/%s", to_folder, name);
    return file_copy(from, to, 0600, err);
}

static bool copy_log_files(const char *from_folder, const char *to_folder, struct error *err)
{
    for (size_t i = 0; i < COUNT_OF(log_files); i++) {
        if (!copy_file(from_folder, to_folder, log_files[i], err))
            return false;
    }
    return true;
}

struct ledger_backup {
    struct ledger *ledger;                /* borrowed */
    const struct ledger_options *options; /* borrowed */
    char *folder;
    struct store_copy *copy;
};

struct ledger_backup *ledger_backup_new(
    struct ledger *ledger, const struct ledger_options *options, const char *folder, struct error *err)
{
    if (!options->keys_folder) {
        fail(err, ERROR_INVALID, "a backup needs a folder for the keyring's one backup, besides");
        return NULL;
    }
    if (strcmp(options->keys_folder, folder) == 0) {
        fail(err, ERROR_INVALID,
            "the keyring's backup in the folder of the database's would be copied with it: name another");
        return NULL;
    }
    AUTO(text) char *path = text_format("%s/site.db", folder);
    AUTO(store_copy) struct store_copy *copy = NULL;
    if (!file_make_folder(folder, 0700, err) || !(copy = store_copy_new(ledger->store, path, err)))
        return NULL;
    struct ledger_backup *backup = memory_allocate(1, sizeof *backup);
    *backup = (struct ledger_backup){ledger, options, memory_copy_text(folder), STEAL(copy)};
    return backup;
}

/* Nothing is written between these. */
static bool finish_backup(struct ledger_backup *backup, struct error *err)
{
    struct ledger *ledger = backup->ledger;
    json_t *fields = json_pack("{s:I, s:I}", "records", (json_int_t)ledger_size(ledger), "keyring_epoch",
        (json_int_t)keyring_epoch(ledger->keyring));
    /* The keys first: a key without its rows does no harm. */
    return ledger_record_alone(ledger, "backup_made", fields, err) &&
           keyring_back_up(ledger->keyring, backup->options->keys_folder, err) &&
           copy_log_files(backup->options->folder, backup->folder, err) && store_copy_end(backup->copy, err);
}

bool ledger_backup_step(struct ledger_backup *backup, bool *done, struct error *err)
{
    bool nearly = false;
    *done = false;
    if (!store_copy_step(backup->copy, &nearly, err))
        return false;
    *done = nearly;
    return !nearly || finish_backup(backup, err);
}

void ledger_backup_free(struct ledger_backup *backup)
{
    if (!backup)
        return;
    store_copy_free(backup->copy);
    memory_release(backup->folder);
    memory_release(backup);
}

bool ledger_back_up(
    struct ledger *ledger, const struct ledger_options *options, const char *folder, struct error *err)
{
    AUTO(ledger_backup) struct ledger_backup *backup = ledger_backup_new(ledger, options, folder, err);
    bool done = false;
    while (backup && !done) {
        if (!ledger_backup_step(backup, &done, err))
            return false;
    }
    return done;
}

static bool mark_restored(struct ledger *ledger, int64_t lost, struct error *err)
{
    AUTO(json)
    json_t *fields = json_pack("{s:I, s:I}", "records_lost", (json_int_t)lost, "keyring_epoch",
        (json_int_t)keyring_epoch(ledger->keyring));
    const struct record record = {.kind = "site_restored", .by = "site", .public_fields = fields};
    if (!ledger_begin(ledger, err))
        return false;
    if (store_run(ledger->store, "UPDATE ledger_site SET event_epoch = event_epoch + 1", err) &&
        ledger_record(ledger, &record, err) && ledger_commit(ledger, err))
        return true;
    ledger_abort(ledger);
    return false;
}

/* The log's own signature stands on its checkpoints of every day; a cosignature of now only on the newest. */
static bool is_cosigned_now(const struct restoring *restoring, struct error *err)
{
    const struct witness_options *witness = restoring->witness;
    int64_t at_s = 0, now_s = clock_now_s();
    if (!witness)
        return true;
    if (!restoring->newest_note ||
        !cosigned_note_check(restoring->newest_note, witness->name, witness->key, &at_s, NULL))
        return fail(err, ERROR_FORBIDDEN,
            "it carries no cosignature of %s; ask the witness for its newest: curl http://%s/checkpoint",
            witness->name, witness->address);
    if (at_s > now_s + LIMIT_STATEMENT_SKEW_S)
        return fail(err, ERROR_FORBIDDEN,
            "%s cosigned it later than this machine's clock says it is: set the clock", witness->name);
    return now_s - at_s <= LIMIT_WITNESS_SILENT_S ||
           fail(err, ERROR_FORBIDDEN,
               "%s cosigned it %lld minutes ago and may have a newer one; ask the witness for its newest: "
               "curl http://%s/checkpoint",
               witness->name, (long long)(now_s - at_s) / 60, witness->address);
}

static bool read_newest(const struct ledger_options *options, const struct restoring *restoring,
    struct checkpoint *out, struct error *err)
{
    AUTO(text) char *path = text_format("%s/log-key.pub", restoring->folder);
    AUTO(bytes) struct bytes hex = {0};
    uint8_t key[PUBLIC_KEY_SIZE];
    if (!is_cosigned_now(restoring, err))
        return fail_within(err, "the newest checkpoint");
    if (!restoring->newest_note)
        return true;
    if (!file_read(path, LOG_FILE_LIMIT, &hex, err))
        return false;
    hex.data[strcspn((char *)hex.data, "\n")] = 0;
    if (!hex_read((char *)hex.data, key, sizeof key))
        return fail(err, ERROR_CORRUPT, "%s: has to hold 64 hex digits", path);
    if (!note_read(restoring->newest_note, note_size(restoring->newest_note), key, out, err))
        return fail_within(err, "the newest checkpoint");
    return strcmp(out->site, options->site) == 0 ||
           fail(err, ERROR_CONFLICT, "the checkpoint is of the site %s", out->site);
}

static bool put_in_place(const struct ledger_options *options, const struct restoring *restoring,
    int64_t least_epoch, struct error *err)
{
    AUTO(text) char *keyring = text_format("%s/keyring", options->folder);
    return copy_file(restoring->folder, options->folder, "site.db", err) &&
           copy_log_files(restoring->folder, options->folder, err) &&
           keyring_restore(keyring, restoring->keys_folder, options->site_key, least_epoch, err);
}

/* A backup is older than the clock. That this is right, the witness's cosignature of now says; without a
 * witness somebody has to. */
static bool open_and_mark(const struct ledger_options *options, const struct checkpoint *newest,
    bool is_witnessed, int64_t *records_lost, struct error *err)
{
    char today[21];
    struct ledger_options dated = *options;
    clock_write_iso(clock_now_s(), today);
    today[strcspn(today, "T")] = '\0';
    if (is_witnessed)
        dated.today = today;
    AUTO(ledger) struct ledger *ledger = ledger_open(&dated, err);
    if (!ledger)
        return false;
    int64_t lost = newest->size ? newest->size - ledger_size(ledger) : -1;
    *records_lost = newest->size && lost < 0 ? 0 : lost;
    return mark_restored(ledger, *records_lost, err);
}

static void remove_again(const char *folder)
{
    static const char *const names[] = {
        "site.db", "site.db-wal", "site.db-journal", "keyring", "keyring.epoch", "log-key", "log-key.pub"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO(text) char *path = text_format("%s/%s", folder, names[i]);
        unlink(path);
    }
}

bool ledger_restore(const struct ledger_options *options, const struct restoring *restoring,
    int64_t *records_lost, struct error *err)
{
    struct checkpoint newest = {.size = 0};
    if (!ledger_folder_is_unused(options, err) || !read_newest(options, restoring, &newest, err) ||
        !file_make_folder(options->folder, 0700, err))
        return false;
    if (put_in_place(options, restoring, newest.keyring_epoch, err) &&
        open_and_mark(options, &newest, restoring->witness != NULL, records_lost, err))
        return true;
    remove_again(options->folder);
    return false;
}

bool ledger_restore_is_over(struct ledger *ledger, struct error *err)
{
    if (!ledger_record_alone(ledger, "restore_checked", NULL, err))
        return false;
    ledger->restored_s = 0;
    return true;
}
