/* Walking the log from its first record: form, sequence, links, times, and at the end the tree's root. Shared
 * by the desk's start and by audit_verify. */
#pragma once

#include "govern/leaf.h"
#include "govern/note.h"

struct chain {
    struct tree tree;
    char site[SITE_NAME_SIZE];
    int64_t newest_s;
    uint8_t newest_hash[HASH_SIZE]; /* zeros before the first record */
    uint64_t bytes;                 /* of its leaves, each with its newline */
    int64_t broken;                 /* the record that does not link to the one before; 0 for none */
};

struct chain chain_start(const char *site);
/* Adds a leaf that this process just wrote. */
void chain_append(struct chain *chain, const char *leaf, size_t size, int64_t at_s);
/* Checks and adds a stored leaf; the error names the record. */
bool chain_add(struct chain *chain, const char *leaf, size_t size, struct error *err);
/* Compares with the checkpoint, whose signature the caller has verified. */
bool chain_finish(const struct chain *chain, const struct checkpoint *checkpoint, struct error *err);
