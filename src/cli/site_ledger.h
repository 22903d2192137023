/* How a site's ledger is opened: by the desk, and by the commands that work on a site while no desk runs. */
#pragma once

#include "cli/site_folder.h"
#include "govern/ledger.h"
#include "http/site_tables.h"

struct site_ledger {
    struct migration migrations[SITE_MIGRATIONS];
    struct ledger_options options;
};

/* Borrows the folder and points into itself: it stays where it is. */
void site_ledger_fill(const struct site_folder *folder, struct site_ledger *out);

/* Whether ledger_open failed because a desk runs with it. */
bool site_ledger_is_held(const struct error *err);
