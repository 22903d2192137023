/* Wrong passwords and codes by address: behind one that gave too many nobody shows a pass for a while. In
 * memory: what counts for good is counted by officer (list/pass.h). Times are clock_monotonic_us. */
#pragma once

#include "http/bucket.h"

enum {
    ADDRESS_TRIES = 20, /* a control room has one address: several officers' whole share of wrong answers */
    ADDRESS_LOCK_S = 15 * 60,
    ADDRESSES = 256,
};

struct address_locks {
    struct address_failures {
        uint8_t key[BUCKET_KEY_SIZE];
        int failures;
        int64_t until_us; /* failures count until then; locked when there are ADDRESS_TRIES; 0: free */
    } slots[ADDRESSES];
};

bool address_is_locked(
    const struct address_locks *locks, const uint8_t key[static BUCKET_KEY_SIZE], int64_t now_us);
void address_failed(struct address_locks *locks, const uint8_t key[static BUCKET_KEY_SIZE], int64_t now_us);
