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

json_t *backup_make(struct site *site, const struct officer *admin, struct error *err)
{
    char stamp[21];
    if (!site->backup_folder || !site->ledger_options || !site->ledger_options->keys_folder) {
        fail(err, ERROR_INVALID, "this site has no place for backups: [backup] folder and keys in site.ini");
        return NULL;
    }
    clock_write_iso(clock_now_s(), stamp);
    AUTO(text) char *folder = text_format("%s/%s", site->backup_folder, stamp);
    if (access(folder, F_OK) == 0) {
        fail(err, ERROR_CONFLICT, "a backup of this second is there already");
        return NULL;
    }
    if (!record_asker(site, admin, err) || !ledger_back_up(site->ledger, site->ledger_options, folder, err) ||
        !backup_copy_files(site->ledger_options->folder, folder, err))
        return NULL;
    AUTO(text) char *note = ledger_checkpoint(site->ledger, err);
    return note ? json_pack("{s:s, s:s}", "backup", stamp, "checkpoint", note) : NULL;
}
