#include "http/bucket.h"

#include "base/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t one[BUCKET_KEY_SIZE] = {1}, other[BUCKET_KEY_SIZE] = {2};

static int take(struct buckets *buckets, const uint8_t *key, int times, int64_t now_us)
{
    int taken = 0;
    for (int i = 0; i < times; i++)
        taken += buckets_take(buckets, key, 1, now_us);
    return taken;
}

static void a_bucket_gives_its_burst_and_then_its_rate(void **state)
{
    (void)state;
    static struct buckets buckets;
    buckets_init(&buckets, 10, 4);
    assert_int_equal(take(&buckets, one, 30, 1000), 10);
    assert_int_equal(take(&buckets, one, 30, 1000 + 500000), 2);
    assert_int_equal(take(&buckets, one, 30, 1000 + 3500000), 10);
    /* Asking in vain costs nothing and gives nothing. */
    assert_int_equal(take(&buckets, one, 1000, 1000 + 3500000), 0);
    assert_int_equal(take(&buckets, one, 30, 1000 + 3750000), 1);
    /* However long it was away. */
    assert_int_equal(take(&buckets, one, 30, INT64_MAX / 4), 10);
}

static void buckets_are_their_owners_own(void **state)
{
    (void)state;
    static struct buckets buckets;
    buckets_init(&buckets, 3, 1);
    assert_int_equal(take(&buckets, one, 9, 1), 3);
    assert_int_equal(take(&buckets, other, 9, 1), 3);
}

static void a_crowd_of_owners_takes_no_more_memory_and_pushes_out_the_oldest(void **state)
{
    (void)state;
    static struct buckets buckets;
    buckets_init(&buckets, 1, 1);
    for (uint32_t i = 0; i < 50000; i++) {
        uint8_t key[BUCKET_KEY_SIZE] = {0};
        memcpy(key, &i, sizeof i);
        assert_true(buckets_take(&buckets, key, 1, 1 + (int64_t)i));
    }
    uint32_t newest = 49999;
    uint8_t key[BUCKET_KEY_SIZE] = {0};
    memcpy(key, &newest, sizeof newest);
    assert_false(buckets_take(&buckets, key, 1, 50001));
}

static int start(void **state)
{
    (void)state;
    return crypto_start(NULL) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_gives_its_burst_and_then_its_rate),
        cmocka_unit_test(buckets_are_their_owners_own),
        cmocka_unit_test(a_crowd_of_owners_takes_no_more_memory_and_pushes_out_the_oldest),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
