#include "store/keyring_table.h"

#include <string.h>

enum { HEAD_SIZE = 8 + DATA_KEY_SIZE + 4 };

bool key_name_is_valid(const char *name)
{
    size_t size = strnlen(name, KEY_NAME_LIMIT + 1);
    if (size == 0 || size > KEY_NAME_LIMIT)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (name[i] <= ' ' || name[i] > '~')
            return false;
    }
    return true;
}

static uint64_t number_at(const uint8_t *bytes, size_t size)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | bytes[i];
    return number;
}

static void put_number(uint8_t *bytes, size_t size, uint64_t number)
{
    for (size_t i = size; i-- > 0; number >>= 8)
        bytes[i] = (uint8_t)number;
}

/* One key from *at on; moves *at behind it. */
static bool read_key(const uint8_t *bytes, size_t size, size_t *at, struct named_key *out)
{
    if (*at >= size)
        return false;
    size_t name_size = bytes[*at];
    if (name_size > KEY_NAME_LIMIT || size - *at < 1 + name_size + DATA_KEY_SIZE)
        return false;
    memcpy(out->name, bytes + *at + 1, name_size);
    out->name[name_size] = '\0';
    memcpy(out->key, bytes + *at + 1 + name_size, DATA_KEY_SIZE);
    *at += 1 + name_size + DATA_KEY_SIZE;
    return strlen(out->name) == name_size && key_name_is_valid(out->name);
}

static bool read_keys(const uint8_t *bytes, size_t size, size_t count, struct keyring_table *table)
{
    size_t at = HEAD_SIZE;
    for (size_t i = 0; i < count; i++) {
        if (!read_key(bytes, size, &at, &table->keys[i]))
            return false;
        if (i > 0 && strcmp(table->keys[i - 1].name, table->keys[i].name) >= 0)
            return false;
        table->count = i + 1;
    }
    return at == size;
}

bool keyring_table_read(const uint8_t *bytes, size_t size, struct keyring_table *out, struct error *err)
{
    if (size < HEAD_SIZE)
        return fail(err, ERROR_CORRUPT, "the keyring is too short");
    size_t count = (size_t)number_at(bytes + 8 + DATA_KEY_SIZE, 4);
    uint64_t epoch = number_at(bytes, 8);
    if (count > KEYRING_KEYS_LIMIT || count > size / (DATA_KEY_SIZE + 2) || epoch == 0 || epoch > INT64_MAX)
        return fail(err, ERROR_CORRUPT, "the keyring's head is wrong");
    struct keyring_table table = {.epoch = (int64_t)epoch, .room = count};
    memcpy(table.lookup_root, bytes + 8, DATA_KEY_SIZE);
    table.keys = memory_allocate(count, sizeof *table.keys);
    if (!read_keys(bytes, size, count, &table)) {
        keyring_table_done(&table);
        return fail(err, ERROR_CORRUPT, "the keyring's keys are not what was written");
    }
    *out = table;
    return true;
}

struct bytes keyring_table_write(const struct keyring_table *table)
{
    size_t size = HEAD_SIZE;
    for (size_t i = 0; i < table->count; i++)
        size += 1 + strlen(table->keys[i].name) + DATA_KEY_SIZE;
    struct bytes out = {memory_allocate(size, 1), size};
    put_number(out.data, 8, (uint64_t)table->epoch);
    memcpy(out.data + 8, table->lookup_root, DATA_KEY_SIZE);
    put_number(out.data + 8 + DATA_KEY_SIZE, 4, table->count);
    uint8_t *at = out.data + HEAD_SIZE;
    for (size_t i = 0; i < table->count; i++) {
        size_t name_size = strlen(table->keys[i].name);
        *at = (uint8_t)name_size;
        memcpy(at + 1, table->keys[i].name, name_size);
        memcpy(at + 1 + name_size, table->keys[i].key, DATA_KEY_SIZE);
        at += 1 + name_size + DATA_KEY_SIZE;
    }
    return out;
}

void keyring_table_done(struct keyring_table *table)
{
    if (table->keys)
        memory_wipe(table->keys, table->room * sizeof *table->keys);
    memory_release(table->keys);
    memory_wipe(table, sizeof *table);
}

struct keyring_table keyring_table_copy(const struct keyring_table *table)
{
    struct keyring_table copy = *table;
    copy.room = table->count;
    copy.keys = memory_allocate(copy.room, sizeof *copy.keys);
    if (table->count)
        memcpy(copy.keys, table->keys, table->count * sizeof *copy.keys);
    return copy;
}

/* Where the name is, or where it would go. */
static size_t place_of(const struct keyring_table *table, const char *name)
{
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(table->keys[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct named_key *keyring_table_find(const struct keyring_table *table, const char *name)
{
    size_t place = place_of(table, name);
    bool found = place < table->count && strcmp(table->keys[place].name, name) == 0;
    return found ? &table->keys[place] : NULL;
}

/* realloc would leave keys behind in freed memory. */
static void make_room(struct keyring_table *table)
{
    if (table->count < table->room)
        return;
    size_t room = table->room ? 2 * table->room : 16;
    struct named_key *keys = memory_allocate(room, sizeof *keys);
    if (table->count)
        memcpy(keys, table->keys, table->count * sizeof *keys);
    if (table->keys)
        memory_wipe(table->keys, table->room * sizeof *keys);
    memory_release(table->keys);
    table->keys = keys;
    table->room = room;
}

struct named_key *keyring_table_add(struct keyring_table *table, const char *name)
{
    make_room(table);
    size_t place = place_of(table, name);
    struct named_key *added = &table->keys[place];
    memmove(added + 1, added, (table->count - place) * sizeof *added);
    table->count++;
    memset(added, 0, sizeof *added);
    memcpy(added->name, name, strlen(name));
    random_fill(added->key, sizeof added->key);
    return added;
}

bool keyring_table_remove(struct keyring_table *table, const char *name)
{
    struct named_key *found = keyring_table_find(table, name);
    if (!found)
        return false;
    size_t after = table->count - (size_t)(found - table->keys) - 1;
    memmove(found, found + 1, after * sizeof *found);
    table->count--;
    memory_wipe(&table->keys[table->count], sizeof *found);
    return true;
}

void keyring_table_settle(struct keyring_table *table, bool stay)
{
    size_t kept = 0;
    for (size_t i = 0; i < table->count; i++) {
        struct named_key *key = &table->keys[i];
        if (key->is_new && !stay)
            continue;
        key->is_new = false;
        if (kept != i)
            table->keys[kept] = *key;
        kept++;
    }
    memory_wipe(&table->keys[kept], (table->count - kept) * sizeof *table->keys);
    table->count = kept;
}
