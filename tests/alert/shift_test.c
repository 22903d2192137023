/* What somebody leaves open goes to a named person who may have it, is there and accepts. */
#include "world.h"

#include "alert/shift.h"
#include "alert/timer.h"
#include "list/entry_row.h"
#include "list/presence.h"

#define SHIFT "h-000000000000000"

static json_t *one_item(const char *item)
{
    return json_pack("[s]", item);
}

static bool hand(struct world *world, const char *shift, enum person from, enum person to, const char *item)
{
    return act(world, shift_hand, from, "shift_handover",
        json_pack("{s:s, s:s, s:o}", "shift", shift, "to", id_of(to), "items", one_item(item)));
}

/* The hash of what was offered to this officer. */
static bool answers(struct world *world, const char *shift, enum person person, const char *word)
{
    AUTO(json) json_t *shown = shift_show(&world->site, officer_of(world, person), &wrong);
    const json_t *offer = json_array_get(json_object_get(shown, "offers"), 0);
    const char *hash = json_string_value(json_object_get(offer, "handover_hash"));
    static const char none[] = "0000000000000000000000000000000000000000000000000000000000000000";
    return act(world, shift_answer, person, "shift_acceptance",
        json_pack("{s:s, s:s, s:s}", "shift", shift, "handover_hash", hash ? hash : none, "answer", word));
}

static bool may_leave(struct world *world, enum person person)
{
    wrong = (struct error){0};
    return shift_may_leave(&world->site, id_of(person), &wrong);
}

static const char *in_charge(struct world *world)
{
    static char officer[ALERT_ID_SIZE];
    assert_true(charge_of(&world->site, world->alert, officer, &wrong));
    return officer;
}

static void send_a_unit(struct world *world)
{
    be_present(world, BOTH, "dispatcher", "");
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    assert_string_equal(in_charge(world), id_of(DISPATCHER));
}

static void a_dispatcher_leaves_after_somebody_who_is_there_took_over_by_signature(void **state)
{
    struct world *world = *state;
    send_a_unit(world);
    world->site.may_leave = shift_may_leave;
    refused(may_leave(world, DISPATCHER), ERROR_CONFLICT);
    refused(presence_leave(&world->site, id_of(DISPATCHER), &wrong), ERROR_CONFLICT);
    accepted(hand(world, SHIFT "1", DISPATCHER, BOTH, world->alert));
    assert_string_equal(in_charge(world), id_of(DISPATCHER));
    refused(may_leave(world, DISPATCHER), ERROR_CONFLICT);
    refused(answers(world, SHIFT "1", REVIEWER_ONE, "accepted"), ERROR_FORBIDDEN);
    accepted(answers(world, SHIFT "1", BOTH, "accepted"));
    assert_string_equal(in_charge(world), id_of(BOTH));
    assert_true(is_recorded(world, "item_handed_over"));
    refused(answers(world, SHIFT "1", BOTH, "refused"), ERROR_CONFLICT);
    accepted(presence_leave(&world->site, id_of(DISPATCHER), &wrong));
    world->site.may_leave = NULL;
}

static void the_statement_of_a_handing_over_goes_after_a_month(void **state)
{
    struct world *world = *state;
    send_a_unit(world);
    accepted(hand(world, SHIFT "1", DISPATCHER, BOTH, world->alert));
    assert_true(alert_tick_at(&world->site, clock_now_us() + 30 * 86400000000LL, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM shift"), 1);
    assert_true(alert_tick_at(&world->site, clock_now_us() + 32 * 86400000000LL, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM shift"), 0);
}

static void what_is_refused_stays_where_it_was(void **state)
{
    struct world *world = *state;
    send_a_unit(world);
    accepted(hand(world, SHIFT "1", DISPATCHER, BOTH, world->alert));
    accepted(answers(world, SHIFT "1", BOTH, "refused"));
    assert_string_equal(in_charge(world), id_of(DISPATCHER));
    refused(may_leave(world, DISPATCHER), ERROR_CONFLICT);
}

static void s12_s29_nobody_takes_over_who_has_no_role_is_away_or_reviewed_it(void **state)
{
    struct world *world = *state;
    leave(world, REVIEWER_TWO);
    leave(world, REVIEWER_THREE);
    be_present(world, BOTH, "reviewer", "");
    raise_one(world);
    assert_true(is_drawn(world, BOTH));
    refused(hand(world, SHIFT "1", DISPATCHER, BOTH, world->alert), ERROR_FORBIDDEN);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    refused(hand(world, SHIFT "1", DISPATCHER, BOTH, world->alert), ERROR_FORBIDDEN);
    be_present(world, BOTH, "dispatcher", "");
    refused(hand(world, SHIFT "1", DISPATCHER, BOTH, world->alert), ERROR_FORBIDDEN);
    refused(hand(world, SHIFT "1", DISPATCHER, ADMIN, world->alert), ERROR_FORBIDDEN);
    refused(hand(world, SHIFT "1", BOTH, DISPATCHER, world->alert), ERROR_FORBIDDEN);
    refused(hand(world, SHIFT "1", BOTH, BOTH, world->alert), ERROR_CONFLICT);
    accepted(may_leave(world, DISPATCHER)); /* there is nobody to take it */
}

static void s12_who_is_away_when_it_comes_to_accepting_takes_nothing(void **state)
{
    struct world *world = *state;
    send_a_unit(world);
    accepted(hand(world, SHIFT "1", DISPATCHER, BOTH, world->alert));
    leave(world, BOTH);
    refused(answers(world, SHIFT "1", BOTH, "accepted"), ERROR_FORBIDDEN);
    assert_string_equal(in_charge(world), id_of(DISPATCHER));
}

static enum person first_drawn(struct world *world)
{
    static const enum person reviewers[] = {
        REVIEWER_ONE, REVIEWER_TWO, REVIEWER_THREE, REVIEWER_BESIDE, BOTH};
    for (size_t i = 0; i < COUNT_OF(reviewers); i++)
        if (is_drawn(world, reviewers[i]))
            return reviewers[i];
    fail_msg("nobody was drawn");
    return PEOPLE;
}

static void s29_a_review_of_who_left_is_drawn_again_at_once_and_never_handed_to_somebody(void **state)
{
    struct world *world = *state;
    be_present(world, BOTH, "reviewer", "");
    raise_one(world);
    enum person drawn = first_drawn(world);
    refused(hand(world, SHIFT "1", drawn, APPROVER, world->alert), ERROR_FORBIDDEN);
    leave(world, drawn);
    accepted(alert_tick(&world->site, &wrong));
    assert_false(is_drawn(world, drawn));
    assert_true(is_recorded(world, "review_passed_on"));
    assert_int_equal(number(world, "SELECT count(*) FROM alert_draw WHERE state = 'asked'"), 2);
    be_present(world, drawn, "reviewer", "");
    refused(review_as(world, drawn, "same"), ERROR_CONFLICT);
    agree(world);
    assert_string_equal(state_of(world), "agreed");
}

static void the_only_crew_of_a_unit_with_an_alert_does_not_leave_before_it_is_closed(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    refused(may_leave(world, CREW_ONE), ERROR_CONFLICT);
    accepted(outcome(world, "identity_not_established", "none", "", slip));
    accepted(may_leave(world, CREW_ONE));
}

static void what_somebody_left_is_said_once_and_taken_by_whoever_is_there(void **state)
{
    struct world *world = *state;
    send_a_unit(world);
    leave(world, DISPATCHER);
    for (int i = 0; i < 3; i++)
        accepted(alert_tick(&world->site, &wrong));
    assert_int_equal(
        number(world, "SELECT count(*) FROM ledger_leaf WHERE leaf LIKE '%\"item_left_open\"%'"), 1);
    AUTO(json) json_t *shown = shift_show(&world->site, officer_of(world, BOTH), &wrong);
    assert_int_equal(json_array_size(json_object_get(shown, "unattended")), 1);
    accepted(hand(world, SHIFT "2", BOTH, BOTH, world->alert));
    assert_string_equal(in_charge(world), id_of(BOTH));
    accepted(alert_tick(&world->site, &wrong));
    assert_int_equal(number(world, "SELECT count(*) FROM left_open"), 0);
}

static void what_waits_for_its_first_unit_was_left_by_nobody(void **state)
{
    struct world *world = *state;
    be_present(world, BOTH, "dispatcher", "");
    raise_one(world);
    agree(world);
    assert_string_equal(in_charge(world), "");
    AUTO(json) json_t *shown = shift_show(&world->site, officer_of(world, BOTH), &wrong);
    assert_int_equal(json_array_size(json_object_get(shown, "unattended")), 0);
}

static void s50_charge_that_was_edited_is_nobody_s(void **state)
{
    struct world *world = *state;
    send_a_unit(world);
    sql(world, "UPDATE charge SET officer = (SELECT officer FROM presence WHERE role = 'reviewer' LIMIT 1)");
    assert_string_equal(in_charge(world), "");
    AUTO(json) json_t *shown = shift_show(&world->site, officer_of(world, BOTH), &wrong);
    assert_int_equal(json_array_size(json_object_get(shown, "unattended")), 1);
}

/* The list's own function, as the linker calls it here. */
bool __wrap_entry_load(struct site *site, const char *entry, struct entry_row *out, struct error *err);

static size_t entries_read;

bool __wrap_entry_load(struct site *site, const char *entry, struct entry_row *out, struct error *err)
{
    (void)site, (void)err;
    entries_read++;
    *out = (struct entry_row){.state = ENTRY_PROPOSED};
    snprintf(out->entry, sizeof out->entry, "%s", entry);
    return true;
}

static void a_long_list_is_shown_in_part_and_each_of_it_is_read_once_however_many_may_take_it(void **state)
{
    struct world *world = *state;
    accepted(ledger_begin(world->site.ledger, &wrong));
    for (int i = 0; i < SHIFT_ITEMS + 10; i++) {
        char entry[ENTRY_ID_SIZE];
        snprintf(entry, sizeof entry, "e-%016d", i);
        accepted(charge_take(&world->site, entry, id_of(DISPATCHER), &wrong));
    }
    accepted(ledger_commit(world->site.ledger, &wrong));
    entries_read = 0;
    AUTO(json) json_t *shown = shift_show(&world->site, officer_of(world, DISPATCHER), &wrong);
    const json_t *items = json_object_get(shown, "items");
    assert_int_equal(json_array_size(items), SHIFT_ITEMS);
    assert_true(json_array_size(json_object_get(json_array_get(items, 0), "takers")) > 0);
    assert_int_equal(entries_read, SHIFT_ITEMS);
}

static void of_many_offers_the_newest_are_shown(void **state)
{
    struct world *world = *state;
    send_a_unit(world);
    for (int i = 0; i < SHIFT_OFFERS + 5; i++) {
        char shift[24];
        snprintf(shift, sizeof shift, "h-%016d", i);
        accepted(hand(world, shift, DISPATCHER, BOTH, world->alert));
    }
    AUTO(json) json_t *shown = shift_show(&world->site, officer_of(world, BOTH), &wrong);
    assert_int_equal(json_array_size(json_object_get(shown, "offers")), SHIFT_OFFERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_dispatcher_leaves_after_somebody_who_is_there_took_over_by_signature),
        TEST(the_statement_of_a_handing_over_goes_after_a_month),
        TEST(what_is_refused_stays_where_it_was),
        TEST(s12_s29_nobody_takes_over_who_has_no_role_is_away_or_reviewed_it),
        TEST(s12_who_is_away_when_it_comes_to_accepting_takes_nothing),
        TEST(s29_a_review_of_who_left_is_drawn_again_at_once_and_never_handed_to_somebody),
        TEST(the_only_crew_of_a_unit_with_an_alert_does_not_leave_before_it_is_closed),
        TEST(what_somebody_left_is_said_once_and_taken_by_whoever_is_there),
        TEST(what_waits_for_its_first_unit_was_left_by_nobody),
        TEST(s50_charge_that_was_edited_is_nobody_s),
        TEST(a_long_list_is_shown_in_part_and_each_of_it_is_read_once_however_many_may_take_it),
        TEST(of_many_offers_the_newest_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
