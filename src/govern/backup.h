/* Backup and restore of a site. The database may be copied as often as one likes; of the keyring there is one
 * backup, in a folder of its own and best on another medium, which every destruction replaces. So an old copy
 * of the database opens no more than the newest keyring does, and a keyring copied out of the site's folder
 * opens nothing once something was destroyed. A copy of the backup that was kept before its replacement does,
 * on a machine with the site key, where no newer checkpoint is shown: with one it is refused. */
#pragma once

#include "govern/witness.h"

/* Writes folder/site.db, folder/log-key and folder/log-key.pub, and keys_folder/keyring-backup; records
 * `backup_made`. Outside a transaction. The desk that runs has to do it: it holds the database. So it is done
 * step by step (store/copy.h), and the database, its last record and the keyring are those of the last step;
 * before that nothing lies at folder/site.db. The ledger and the options have to outlive it. */
struct ledger_backup;
struct ledger_backup *ledger_backup_new(
    struct ledger *ledger, const struct ledger_options *options, const char *folder, struct error *err);
bool ledger_backup_step(struct ledger_backup *backup, bool *done, struct error *err);
void ledger_backup_free(struct ledger_backup *backup);
AUTO_FREE(ledger_backup, struct ledger_backup *, ledger_backup_free)
/* All steps at once. */
bool ledger_back_up(
    struct ledger *ledger, const struct ledger_options *options, const char *folder, struct error *err);

struct restoring {
    const char *folder, *keys_folder;
    const char *newest_note; /* the newest checkpoint that anybody has, cosigned or not; NULL: none */
    const struct witness_options *witness; /* whose fresh cosignature it has to carry; NULL: nobody's */
};
/* Makes the site in options->folder from the two. ERROR_CONFLICT when there is a site already, when the
 * keyring is older than the backup's checkpoint or than `newest_note` says, ERROR_INVALID when the note is
 * not this log's, ERROR_FORBIDDEN when `witness` has not cosigned it in the last LIMIT_WITNESS_SILENT_S.
 * `records_lost`: how many records the backup lacks, -1 when nobody can tell; `site_restored` says it, too.
 * The events' epoch is a new one. Until ledger_restore_is_over the site has `restored_s`, and nothing may
 * arm. */
bool ledger_restore(const struct ledger_options *options, const struct restoring *restoring,
    int64_t *records_lost, struct error *err);
/* In a transaction of its own: the world was asked again about everything that the backup may have wrong. */
bool ledger_restore_is_over(struct ledger *ledger, struct error *err);
