/* A backup of the running site, and the files of a site that lie beside the log's: signed or public all of
 * them, so that they may lie with any backup. The site key and the server's key are in none. */
#pragma once

#include "list/site.h"

/* Makes a folder named after the time under `backup_folder` of the site and fills it (govern/backup.h).
 * Returns {backup, checkpoint}; ERROR_INVALID when the site has no place for backups. */
json_t *backup_make(struct site *site, const struct officer *admin, struct error *err);
/* site.ini, root.pub, roster.json, roster-endorsement.json, ca.pem: those that are there. */
bool backup_copy_files(const char *from_folder, const char *to_folder, struct error *err);
