/* What the files of the ledger share. */
#pragma once

#include "govern/chain.h"
#include "govern/ledger.h"

/* Of a leaf that comes with a statement, the statement's name; the index and who asks it say the same. */
#define LEAF_IS_SIGNED "instr(leaf, '\"signed\":\"')"
#define LEAF_SIGNED "substr(leaf, " LEAF_IS_SIGNED " + 10, 64)"

enum { BLOCK_LEVELS = 8, BLOCK = 1 << BLOCK_LEVELS };

struct ledger_tree {
    struct chain now;
    struct chain committed; /* what an abort goes back to */
    int64_t event_epoch;
    /* The roots of the whole blocks of so many leaves: what is proved of a long log needs no reading of all
     * of it. What an abort leaves beyond its end is written over. */
    uint8_t (*blocks)[HASH_SIZE];
    size_t blocks_room;
    bool gives_up_keys; /* in this transaction */
};

/* Before the leaf is added to `tree->now`. */
void ledger_note_block(struct ledger_tree *tree, const void *leaf, size_t size);

/* Nothing of a site lies in the folder. */
bool ledger_folder_is_unused(const struct ledger_options *options, struct error *err);
/* Adds which keys wait for their destruction, as the table says now: a hash, `keys_waiting`. */
bool ledger_note_waiting(struct ledger *ledger, json_t *fields, struct error *err);
/* That the keys that wait are those of the newest record that says which. */
bool ledger_check_waiting(struct ledger *ledger, struct error *err);
/* Commits without destroying the keys that wait. */
bool ledger_commit_plain(struct ledger *ledger, struct error *err);
