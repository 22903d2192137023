#include "http/bucket.h"

#include "base/crypto.h"

#include <string.h>

enum { TOKEN_E6 = 1000000 };

void buckets_init(struct buckets *buckets, int burst, int a_second)
{
    *buckets = (struct buckets){.burst = burst, .a_second = a_second};
    random_fill(buckets->hash_key, sizeof buckets->hash_key);
}

/* The key's bucket, or the set's oldest emptied for it. The hash is keyed, so nobody can aim at a set. */
static struct bucket *find(struct buckets *buckets, const uint8_t key[static BUCKET_KEY_SIZE], int64_t now_us)
{
    uint8_t hash[HASH_SIZE];
    hash_keyed(buckets->hash_key, key, BUCKET_KEY_SIZE, hash);
    struct bucket *set = buckets->slots[hash[0] % BUCKET_SETS], *oldest = set;
    for (size_t i = 0; i < BUCKETS_A_SET; i++) {
        if (set[i].used_us && memcmp(set[i].key, key, BUCKET_KEY_SIZE) == 0)
            return &set[i];
        if (set[i].used_us < oldest->used_us)
            oldest = &set[i];
    }
    oldest->used_us = now_us;
    oldest->tokens_e6 = (int64_t)buckets->burst * TOKEN_E6;
    memcpy(oldest->key, key, BUCKET_KEY_SIZE);
    return oldest;
}

bool buckets_take(
    struct buckets *buckets, const uint8_t key[static BUCKET_KEY_SIZE], int tokens, int64_t now_us)
{
    struct bucket *bucket = find(buckets, key, now_us);
    int64_t most_e6 = (int64_t)buckets->burst * TOKEN_E6, passed_us = now_us - bucket->used_us;
    /* Microseconds times tokens a second are millionths of a token. */
    if (passed_us > most_e6 / buckets->a_second)
        bucket->tokens_e6 = most_e6;
    else if (passed_us > 0)
        bucket->tokens_e6 += passed_us * buckets->a_second;
    if (bucket->tokens_e6 > most_e6)
        bucket->tokens_e6 = most_e6;
    bucket->used_us = now_us;
    if (bucket->tokens_e6 < (int64_t)tokens * TOKEN_E6)
        return false;
    bucket->tokens_e6 -= (int64_t)tokens * TOKEN_E6;
    return true;
}
