/* What ledger.c, ledger_open.c and ledger_erase.c share. */
#pragma once

#include "govern/chain.h"
#include "govern/ledger.h"

struct ledger_tree {
    struct chain now;
    struct chain committed; /* what an abort goes back to */
    int64_t event_epoch;
};

/* Nothing of a site lies in the folder. */
bool ledger_folder_is_unused(const struct ledger_options *options, struct error *err);
/* Commits without looking at the erasures that wait. */
bool ledger_commit_plain(struct ledger *ledger, struct error *err);
