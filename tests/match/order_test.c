#include "trial.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void every_kernel_gives_the_same_order_in_hard_searches(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 25; seed++)
        assert_int_equal(search_trial(seed), 0);
}

static void a_list_longer_than_what_is_searched_at_once_gives_the_same_order(void **state)
{
    (void)state;
    assert_int_equal(search_trial(99), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_gives_the_same_order_in_hard_searches),
        cmocka_unit_test(a_list_longer_than_what_is_searched_at_once_gives_the_same_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
