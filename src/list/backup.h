/* A backup of the running site, and the files of a site that lie beside the log's: signed or public all of
 * them, so that they may lie with any backup. The site key and the server's key are in none. */
#pragma once

#include "list/site.h"

/* Makes a folder named after the time under `backup_folder` of the site (govern/backup.h), step by step,
 * while alerts go on: until it is whole it is called `unfinished`. ERROR_INVALID when the site has no place
 * for backups, ERROR_CONFLICT while another one is being made. */
struct backup;
struct backup *backup_begin(struct site *site, const struct officer *admin, struct error *err);
bool backup_step(struct backup *backup, bool *done, struct error *err);
/* When it is done: {backup, checkpoint}. */
json_t *backup_reply(struct backup *backup, struct error *err);
void backup_free(struct backup *backup);
AUTO_FREE(backup, struct backup *, backup_free)
/* site.ini, root.pub, roster.json, roster-endorsement.json, ca.pem: those that are there. */
bool backup_copy_files(const char *from_folder, const char *to_folder, struct error *err);
