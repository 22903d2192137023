/* How often somebody may do something: a bucket of tokens each, by address or by session. Bounded memory:
 * buckets that were used least recently are forgotten first. */
#pragma once

#include "base/memory.h"

enum { BUCKET_KEY_SIZE = 16, BUCKET_SETS = 256, BUCKETS_A_SET = 4 };

struct buckets {
    int burst, a_second;
    uint8_t hash_key[32];
    struct bucket {
        uint8_t key[BUCKET_KEY_SIZE];
        int64_t used_us; /* 0: free */
        int64_t tokens_e6;
    } slots[BUCKET_SETS][BUCKETS_A_SET];
};

void buckets_init(struct buckets *buckets, int burst, int a_second);
/* False, and none is taken, when the bucket holds less. */
bool buckets_take(
    struct buckets *buckets, const uint8_t key[static BUCKET_KEY_SIZE], int tokens, int64_t now_us);
