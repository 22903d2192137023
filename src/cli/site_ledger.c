#include "cli/site_ledger.h"

#include <string.h>

void site_ledger_fill(const struct site_folder *folder, struct site_ledger *out)
{
    size_t count = site_migrations(out->migrations);
    out->options = (struct ledger_options){
        .folder = folder->path,
        .site = folder->name,
        .site_key = folder->site_key,
        .migrations = out->migrations,
        .migration_count = count,
        .keys_folder = config_get(folder->config, "backup", "keys"),
    };
}

bool site_ledger_is_held(const struct error *err)
{
    return err->code == ERROR_CONFLICT && strstr(err->text, "another process holds the database") != NULL;
}
