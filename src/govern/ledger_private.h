/* What ledger.c, ledger_open.c and ledger_erase.c share. */
#pragma once

#include "govern/chain.h"
#include "govern/ledger.h"

struct ledger_tree {
    struct chain now;
    struct chain committed; /* what an abort goes back to */
    int64_t event_epoch;
    bool gives_up_keys; /* in this transaction */
};

/* Nothing of a site lies in the folder. */
bool ledger_folder_is_unused(const struct ledger_options *options, struct error *err);
/* Adds which keys wait for their destruction, as the table says now: a hash, `keys_waiting`. */
bool ledger_note_waiting(struct ledger *ledger, json_t *fields, struct error *err);
/* That the keys that wait are those of the newest record that says which. */
bool ledger_check_waiting(struct ledger *ledger, struct error *err);
/* Commits without destroying the keys that wait. */
bool ledger_commit_plain(struct ledger *ledger, struct error *err);
