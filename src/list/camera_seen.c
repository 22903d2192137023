#include "list/camera_seen.h"

#include <string.h>

enum { SLOTS = 2 * CAMERAS_SEEN };

struct camera_seen {
    uint8_t authority[HASH_SIZE]; /* the roster that they were verified under */
    size_t suspended;
    size_t count;
    struct seen {
        uint8_t hash[HASH_SIZE];
        struct camera_row *row; /* owned; NULL: free */
    } slots[SLOTS];
};

static void forget_all(struct camera_seen *seen)
{
    for (size_t i = 0; i < SLOTS; i++)
        memory_release(seen->slots[i].row);
    *seen = (struct camera_seen){.count = 0};
}

void camera_seen_free(struct camera_seen *seen)
{
    if (!seen)
        return;
    forget_all(seen);
    memory_release(seen);
}

/* Each part with its end, so that no text can move from one to the next. */
static void hash_row(const char *id, const char *key, const char *envelope, uint8_t out[static HASH_SIZE])
{
    const char *const parts[] = {id, key, envelope};
    uint8_t hashes[COUNT_OF(parts)][HASH_SIZE];
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        hash_bytes(parts[i], strlen(parts[i]), hashes[i]);
    hash_bytes(hashes, sizeof hashes, out);
}

static struct camera_seen *under_this_roster(struct site *site)
{
    const struct envelope *roster = roster_envelope(site->roster);
    size_t suspended = json_array_size(roster_suspended(site->roster));
    if (!site->cameras_seen)
        site->cameras_seen = memory_allocate(1, sizeof *site->cameras_seen);
    struct camera_seen *seen = site->cameras_seen;
    if (memcmp(seen->authority, roster->hash, HASH_SIZE) != 0 || seen->suspended != suspended) {
        forget_all(seen);
        memcpy(seen->authority, roster->hash, HASH_SIZE);
        seen->suspended = suspended;
    }
    return seen;
}

/* Where this row is, or the free slot where it would be: there are twice as many as rows. */
static struct seen *slot_of(struct camera_seen *seen, const uint8_t hash[static HASH_SIZE])
{
    uint32_t at;
    memcpy(&at, hash, sizeof at);
    while (seen->slots[at % SLOTS].row && memcmp(seen->slots[at % SLOTS].hash, hash, HASH_SIZE) != 0)
        at++;
    return &seen->slots[at % SLOTS];
}

const struct camera_row *camera_seen_find(
    struct site *site, const char *id, const char *key, const char *envelope)
{
    uint8_t hash[HASH_SIZE];
    hash_row(id, key, envelope, hash);
    return slot_of(under_this_roster(site), hash)->row;
}

void camera_seen_keep(
    struct site *site, const char *id, const char *key, const char *envelope, const struct camera_row *row)
{
    uint8_t hash[HASH_SIZE];
    struct camera_seen *seen = under_this_roster(site);
    if (seen->count == CAMERAS_SEEN) {
        forget_all(seen);
        seen = under_this_roster(site);
    }
    hash_row(id, key, envelope, hash);
    struct seen *slot = slot_of(seen, hash);
    if (slot->row)
        return;
    memcpy(slot->hash, hash, HASH_SIZE);
    slot->row = memory_allocate(1, sizeof *slot->row);
    *slot->row = *row;
    seen->count++;
}
