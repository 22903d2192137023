#include "fixture.h"

#include "list/action.h"
#include "list/entry_lives.h"
#include "list/operation_lives.h"

static struct officer with_role(enum role role)
{
    return (struct officer){.id = "o-0000000000000000", .roles = ROLE_BIT(role)};
}

static void an_entry_over_moves_no_more(void **state)
{
    (void)state;
    struct officer authoriser = with_role(ROLE_AUTHORISER);
    for (int to = ENTRY_PROPOSED; to <= ENTRY_EXPIRED; to++) {
        assert_false(entry_may_move(ENTRY_WITHDRAWN, (enum entry_state)to, &authoriser, NULL));
        assert_false(entry_may_move(ENTRY_EXPIRED, (enum entry_state)to, NULL, NULL));
    }
}

static void only_an_authoriser_approves_an_entry(void **state)
{
    (void)state;
    for (int role = 0; role < ROLE_COUNT; role++) {
        struct officer officer = with_role((enum role)role);
        assert_int_equal(
            entry_may_move(ENTRY_PROPOSED, ENTRY_APPROVED, &officer, NULL), role == ROLE_AUTHORISER);
    }
    assert_false(entry_may_move(ENTRY_PROPOSED, ENTRY_APPROVED, NULL, NULL));
}

static void a_refusal_says_who_or_what(void **state)
{
    (void)state;
    struct error err = {0};
    struct officer crew = with_role(ROLE_CREW);
    assert_false(entry_may_move(ENTRY_APPROVED, ENTRY_PROPOSED, &crew, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    assert_false(entry_may_move(ENTRY_APPROVED, ENTRY_WITHDRAWN, &crew, &err));
    assert_int_equal(err.code, ERROR_FORBIDDEN);
}

static void nobody_starts_an_operation_by_hand(void **state)
{
    (void)state;
    for (int role = 0; role < ROLE_COUNT; role++) {
        struct officer officer = with_role((enum role)role);
        assert_false(operation_may_move(OPERATION_AUTHORISED, OPERATION_RUNNING, &officer, NULL));
        assert_false(operation_may_move(OPERATION_PAUSED, OPERATION_RUNNING, &officer, NULL));
    }
    assert_true(operation_may_move(OPERATION_AUTHORISED, OPERATION_RUNNING, NULL, NULL));
}

static void no_step_to_running_is_left_out(void **state)
{
    (void)state;
    static const enum operation_phase early[] = {OPERATION_DRAFT, OPERATION_REQUESTED, OPERATION_ENDED,
        OPERATION_WIPED, OPERATION_REFUSED, OPERATION_CANCELLED, OPERATION_HALTED};
    for (size_t i = 0; i < COUNT_OF(early); i++)
        assert_false(operation_may_move((int)early[i], OPERATION_RUNNING, NULL, NULL));
}

static void anybody_in_the_control_room_halts(void **state)
{
    (void)state;
    static const enum role room[] = {
        ROLE_WATCH_OFFICER, ROLE_AUTHORISER, ROLE_REVIEWER, ROLE_DISPATCHER, ROLE_INSPECTOR};
    for (size_t i = 0; i < COUNT_OF(room); i++) {
        struct officer officer = with_role(room[i]);
        assert_true(operation_may_move(OPERATION_RUNNING, OPERATION_HALTED, &officer, NULL));
        assert_true(operation_may_move(OPERATION_PAUSED, OPERATION_HALTED, &officer, NULL));
    }
    struct officer crew = with_role(ROLE_CREW);
    assert_false(operation_may_move(OPERATION_RUNNING, OPERATION_HALTED, &crew, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_over_moves_no_more),
        cmocka_unit_test(only_an_authoriser_approves_an_entry),
        cmocka_unit_test(a_refusal_says_who_or_what),
        cmocka_unit_test(nobody_starts_an_operation_by_hand),
        cmocka_unit_test(no_step_to_running_is_left_out),
        cmocka_unit_test(anybody_in_the_control_room_halts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
