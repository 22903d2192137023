#include "list/begin.h"
#include "list/look_alike.h"
#include "site_test.h"

/* Another person's entry whose face comes near the identity's. */
static void propose_twin(struct fixture *f, unsigned identity, char entry[static 24])
{
    struct error err = {0};
    char photo[HEX_HASH_SIZE];
    entry[0] = '\0';
    upload(f, WATCH_ONE, identity, 7, photo);
    json_t *fields = proposal_fields(f, entry, identity, photo);
    json_object_set_new(json_object_get(fields, "person"), "cnic", json_string("42101-7654321-1"));
    AUTO(envelope) struct envelope *proposal = signed_by(f, WATCH_ONE, "entry_proposal", fields);
    expect_field(entry_propose(&f->site, proposal, &err), &err, "state", "proposed");
}

static void approve(struct fixture *f, const char *entry)
{
    struct error err = {0};
    AUTO(envelope)
    struct envelope *approval =
        signed_by(f, AUTHORISER_ONE, "entry_approval", answer_fields(f, entry, "approved"));
    expect_field(entry_approve(&f->site, approval, NULL, &err), &err, "state", "approved");
}

static json_t *shown_to(struct fixture *f, enum person person, const char *entry)
{
    struct error err = {0};
    json_t *shown = entry_show(&f->site, officer_of(f, person), entry, NULL, &err);
    if (!shown)
        fail_msg("%s", err.text);
    return shown;
}

static void s6_look_alikes_are_shown_to_the_authoriser_as_entry_numbers_and_logged(void **state)
{
    struct fixture *f = *state;
    char listed[24], stranger[24], twin[24];
    list_entry(f, 1, listed);
    list_entry(f, 2, stranger);
    propose_twin(f, 1, twin);
    AUTO(json) json_t *shown = shown_to(f, AUTHORISER_ONE, twin);
    AUTO(json) json_t *expected = json_pack("[s]", listed);
    assert_true(json_equal(json_object_get(shown, "look_alikes"), expected));
    assert_int_equal(count_records(f, "look_alikes_shown"), 1);
}

static void s6_the_proposer_never_sees_look_alikes(void **state)
{
    struct fixture *f = *state;
    char listed[24], twin[24];
    list_entry(f, 1, listed);
    propose_twin(f, 1, twin);
    static const enum person others[] = {WATCH_ONE, WATCH_TWO};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        AUTO(json) json_t *shown = shown_to(f, others[i], twin);
        AUTO(text) char *text = json_dumps(shown, JSON_COMPACT);
        assert_null(strstr(text, listed));
        assert_null(json_object_get(shown, "look_alikes"));
    }
    assert_int_equal(count_records(f, "look_alikes_shown"), 0);
    struct entry_row row = {.state = ENTRY_PROPOSED};
    snprintf(row.proposer, sizeof row.proposer, "%s", f->officers[BOTH]);
    assert_false(look_alikes_are_for(&row, officer_of(f, BOTH)));
    assert_true(look_alikes_are_for(&row, officer_of(f, AUTHORISER_ONE)));
}

static void s6_a_near_pair_marks_both_entries_once_it_is_approved(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char listed[24], stranger[24], twin[24];
    list_entry(f, 1, listed);
    list_entry(f, 2, stranger);
    propose_twin(f, 1, twin);
    const char *const entries[] = {listed, twin, stranger};
    for (int approved = 0; approved < 2; approved++) {
        for (size_t i = 0; i < COUNT_OF(entries); i++) {
            bool near = false;
            assert_true(entry_has_look_alike(&f->site, entries[i], &near, &err));
            assert_int_equal(near, approved && i < 2);
        }
        if (!approved)
            approve(f, twin);
    }
}

static void s6_s50_a_near_pair_taken_out_of_the_database_marks_all_the_same(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char listed[24], twin[24];
    bool near = false;
    list_entry(f, 1, listed);
    propose_twin(f, 1, twin);
    approve(f, twin);
    run_sql(f, "DELETE FROM near_pair");
    fixture_restart(f);
    assert_true(list_begin(&f->site, &err));
    assert_true(entry_has_look_alike(&f->site, listed, &near, &err));
    assert_true(near);
    assert_true(entry_has_look_alike(&f->site, twin, &near, &err));
    assert_true(near);
}

static void s6_a_near_pair_goes_with_the_entry_and_stays_away(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char listed[24], twin[24];
    list_entry(f, 1, listed);
    propose_twin(f, 1, twin);
    approve(f, twin);
    assert_int_equal(count_rows(f, "near_pair"), 2);
    clock_pass((int64_t)120 * 86400);
    assert_true(entry_expire(&f->site, &err)); /* over */
    clock_pass((int64_t)2 * 86400);
    assert_true(entry_expire(&f->site, &err)); /* and wiped */
    assert_int_equal(count_rows(f, "near_pair"), 0);
    fixture_restart(f);
    assert_true(list_begin(&f->site, &err));
    assert_int_equal(count_rows(f, "near_pair"), 0);
}

static void s6_who_is_proposed_while_look_alikes_are_looked_for_is_one(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char listed[24], stranger[24], twin[24], late[24];
    list_entry(f, 1, listed);
    list_entry(f, 2, stranger);
    propose_twin(f, 1, twin);
    f->site.turn_us = -1; /* one entry a turn */
    AUTO(look_alikes)
    struct look_alikes *search = entry_search(&f->site, twin, officer_of(f, AUTHORISER_ONE), &err);
    assert_non_null(search);
    assert_false(look_alikes_step(&f->site, search));
    clock_pass(1);
    late[0] = '\0';
    char photo[HEX_HASH_SIZE];
    upload(f, WATCH_TWO, 1, 9, photo);
    json_t *fields = proposal_fields(f, late, 1, photo);
    json_object_set_new(json_object_get(fields, "person"), "cnic", json_string("42101-7654321-2"));
    AUTO(envelope) struct envelope *proposal = signed_by(f, WATCH_TWO, "entry_proposal", fields);
    expect_field(entry_propose(&f->site, proposal, &err), &err, "state", "proposed");
    while (!look_alikes_step(&f->site, search)) {
    }
    AUTO(json) json_t *shown = entry_show(&f->site, officer_of(f, AUTHORISER_ONE), twin, search, &err);
    AUTO(json) json_t *expected = json_pack("[s, s]", listed, late);
    assert_true(json_equal(json_object_get(shown, "look_alikes"), expected));
    assert_null(entry_search(&f->site, twin, officer_of(f, WATCH_ONE), &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(s6_look_alikes_are_shown_to_the_authoriser_as_entry_numbers_and_logged),
        SITE_TEST(s6_the_proposer_never_sees_look_alikes),
        SITE_TEST(s6_s50_a_near_pair_taken_out_of_the_database_marks_all_the_same),
        SITE_TEST(s6_a_near_pair_marks_both_entries_once_it_is_approved),
        SITE_TEST(s6_a_near_pair_goes_with_the_entry_and_stays_away),
        SITE_TEST(s6_who_is_proposed_while_look_alikes_are_looked_for_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
