#include "list/backup.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "govern/backup.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FILE_LIMIT = 2 * ROSTER_LIMIT };

bool backup_copy_files(const char *from_folder, const char *to_folder, struct error *err)
{
    static const char *const names[] = {
        "site.ini", "root.pub", "roster.json", "roster-endorsement.json", "ca.pem"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO(text) char *from = text_format("%s/%s", from_folder, names[i]);
        AUTO(text) char *to = text_format("%s/%s", to_folder, names[i]);
        AUTO(bytes) struct bytes content = {NULL, 0};
        if (access(from, F_OK) != 0)
            continue;
        if (!file_read(from, FILE_LIMIT, &content, err) ||
            !file_write(to, 0644, content.data, content.size, err))
            return false;
    }
    return true;
}

static bool record_asker(struct site *site, const struct officer *admin, struct error *err)
{
    const struct record record = {.kind = "backup_asked", .by = admin->id};
    if (!ledger_begin(site->ledger, err))
        return false;
    if (ledger_record(site->ledger, &record, err) && ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

struct backup {
    struct site *site; /* borrowed */
    char stamp[21];
    char *unfinished, *folder;
    struct ledger_backup *ledger;
};

static bool may_begin(struct site *site, const char *folder, struct error *err)
{
    if (site->backs_up)
        return fail(err, ERROR_CONFLICT, "a backup is being made; ask again when it is done");
    return access(folder, F_OK) != 0 || fail(err, ERROR_CONFLICT, "a backup of this second is there already");
}

struct backup *backup_begin(struct site *site, const struct officer *admin, struct error *err)
{
    if (!site->backup_folder || !site->ledger_options || !site->ledger_options->keys_folder) {
        fail(err, ERROR_INVALID, "this site has no place for backups: [backup] folder and keys in site.ini");
        return NULL;
    }
    AUTO(backup) struct backup *backup = memory_allocate(1, sizeof *backup);
    clock_write_iso(clock_now_s(), backup->stamp);
    backup->folder = text_format("%s/%s", site->backup_folder, backup->stamp);
    backup->unfinished = text_format("%s/unfinished", site->backup_folder);
    if (!may_begin(site, backup->folder, err) || !record_asker(site, admin, err))
        return NULL;
    backup->ledger = ledger_backup_new(site->ledger, site->ledger_options, backup->unfinished, err);
    if (!backup->ledger)
        return NULL;
    backup->site = site;
    site->backs_up = true;
    return STEAL(backup);
}

bool backup_step(struct backup *backup, bool *done, struct error *err)
{
    if (!ledger_backup_step(backup->ledger, done, err))
        return false;
    return !*done || (backup_copy_files(backup->site->ledger_options->folder, backup->unfinished, err) &&
                         file_move(backup->unfinished, backup->folder, err));
}

json_t *backup_reply(struct backup *backup, struct error *err)
{
    AUTO(text) char *note = ledger_checkpoint(backup->site->ledger, err);
    return note ? json_pack("{s:s, s:s}", "backup", backup->stamp, "checkpoint", note) : NULL;
}

void backup_free(struct backup *backup)
{
    if (!backup)
        return;
    if (backup->site)
        backup->site->backs_up = false;
    ledger_backup_free(backup->ledger);
    rmdir(backup->unfinished); /* when nothing of it was finished */
    memory_release(backup->unfinished);
    memory_release(backup->folder);
    memory_release(backup);
}
