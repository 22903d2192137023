#include "http/address_lock.h"

#include <string.h>

static struct address_failures *find(
    const struct address_locks *locks, const uint8_t key[static BUCKET_KEY_SIZE], int64_t now_us)
{
    for (size_t i = 0; i < ADDRESSES; i++) {
        const struct address_failures *slot = &locks->slots[i];
        if (slot->until_us > now_us && memcmp(slot->key, key, BUCKET_KEY_SIZE) == 0)
            return (struct address_failures *)(uintptr_t)slot;
    }
    return NULL;
}

bool address_is_locked(
    const struct address_locks *locks, const uint8_t key[static BUCKET_KEY_SIZE], int64_t now_us)
{
    const struct address_failures *found = find(locks, key, now_us);
    return found && found->failures >= ADDRESS_TRIES;
}

/* The one whose time is over, or will be first. */
static struct address_failures *make_room(struct address_locks *locks)
{
    struct address_failures *first = &locks->slots[0];
    for (size_t i = 1; i < ADDRESSES; i++) {
        if (locks->slots[i].until_us < first->until_us)
            first = &locks->slots[i];
    }
    return first;
}

void address_failed(struct address_locks *locks, const uint8_t key[static BUCKET_KEY_SIZE], int64_t now_us)
{
    struct address_failures *slot = find(locks, key, now_us);
    if (!slot) {
        slot = make_room(locks);
        *slot = (struct address_failures){.until_us = now_us + ADDRESS_LOCK_S * 1000000LL};
        memcpy(slot->key, key, BUCKET_KEY_SIZE);
    }
    slot->failures++;
    if (slot->failures == ADDRESS_TRIES)
        slot->until_us = now_us + ADDRESS_LOCK_S * 1000000LL;
}
