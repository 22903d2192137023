/* The keyring's content as it lies inside its seal: epoch, the root of the look-up keys, then name and key of
 * each noun, sorted by name. */
#pragma once

#include "base/crypto.h"

enum { KEY_NAME_LIMIT = 63, KEYRING_KEYS_LIMIT = 1 << 20 };

struct named_key {
    char name[KEY_NAME_LIMIT + 1];
    uint8_t key[DATA_KEY_SIZE];
    bool is_new; /* made in a transaction that is open (keyring_begin); not in the file's form */
};

struct keyring_table {
    int64_t epoch;
    uint8_t lookup_root[DATA_KEY_SIZE];
    struct named_key *keys; /* owned; sorted by name */
    size_t count, room;
};

/* Printable ASCII without spaces, 1 to 63 characters. */
bool key_name_is_valid(const char *name);
/* Refuses what keyring_table_write would not have written. */
bool keyring_table_read(const uint8_t *bytes, size_t size, struct keyring_table *out, struct error *err);
struct bytes keyring_table_write(const struct keyring_table *table);
void keyring_table_done(struct keyring_table *table); /* wipes */
struct keyring_table keyring_table_copy(const struct keyring_table *table);

struct named_key *keyring_table_find(const struct keyring_table *table, const char *name);
struct named_key *keyring_table_add(struct keyring_table *table, const char *name);
bool keyring_table_remove(struct keyring_table *table, const char *name); /* whether it was there */
/* Those that are new stay and are new no more, or go. */
void keyring_table_settle(struct keyring_table *table, bool stay);
