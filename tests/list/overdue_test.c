/* Keys whose rows were edited so that nothing would bring them to their end (list/overdue.h). */
#include "list/overdue.h"

#include "base/text.h"
#include "fake_clock.h"
#include "list/entry.h"
#include "list/operation.h"
#include "site_test.h"

#include <stdio.h>

static bool has_key(struct fixture *f, const char *noun, const char *id)
{
    AUTO(text) char *key = text_format("%s/%s", noun, id);
    return keyring_key(f->site.ledger->keyring, key, false, NULL) != NULL;
}

static void an_hour_goes_by(struct fixture *f)
{
    struct error err = {0};
    clock_pass(3600);
    assert_true(entry_expire(&f->site, &err));
    assert_true(operation_tick(&f->site, &err));
    if (!overdue_tick(&f->site, &err))
        fail_msg("%s", err.text);
}

/* The operation ends after its hour, the entry is withdrawn now. */
static void goes_in_a_day_after(void **state, const char *noun, const char *edit)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    AUTO(envelope)
    struct envelope *withdrawal = signed_by(f, WATCH_ONE, "entry_withdrawal",
        json_pack("{s:s, s:s}", "entry", entry, "reason", "no_longer_wanted"));
    AUTO(json) json_t *reply = entry_withdraw(&f->site, withdrawal, &err);
    if (!reply)
        fail_msg("%s", err.text);
    const char *id = strcmp(noun, "entry") == 0 ? entry : operation;
    assert_true(store_run(f->site.ledger->store, edit, &err));
    assert_int_equal(store_changes(f->site.ledger->store), 1);
    for (int hour = 0; hour < 23; hour++)
        an_hour_goes_by(f);
    assert_true(has_key(f, noun, id));
    for (int hour = 0; hour < 3; hour++)
        an_hour_goes_by(f);
    assert_false(has_key(f, noun, id));
    assert_int_equal(count_rows(f, strcmp(noun, "entry") == 0 ? "entry_photo" : "operation_gallery"), 0);
    assert_true(count_records(f, strcmp(noun, "entry") == 0 ? "entry_wiped" : "operation_erased") == 1);
}

static void s40_s50_an_edited_operation_loses_nothing_to_a_clock_that_went_ahead(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    assert_true(store_run(f->site.ledger->store, "UPDATE operation SET ends_at = ends_at + 864000", &err));
    clock_pass(7 * 86400);
    clock_drift_by(-7 * 86400 * 1000000LL);
    an_hour_goes_by(f);
    assert_true(has_key(f, "operation", operation));
    clock_drift_by(0);
    an_hour_goes_by(f);
    assert_false(has_key(f, "operation", operation));
}

static void s40_s50_an_edited_operation_loses_its_list_in_time(void **state)
{
    goes_in_a_day_after(state, "operation", "UPDATE operation SET ends_at = ends_at + 864000");
}

static void s40_s50_an_operation_that_is_said_to_be_wiped_is(void **state)
{
    goes_in_a_day_after(state, "operation", "UPDATE operation SET wiped = 1");
}

static void s40_s50_an_operation_without_a_row_loses_its_list_in_time(void **state)
{
    goes_in_a_day_after(state, "operation", "DELETE FROM operation");
}

static void s40_s50_an_edited_entry_is_wiped_in_time(void **state)
{
    goes_in_a_day_after(state, "entry", "UPDATE entry SET reason = 'x'");
}

static void s40_s50_an_entry_that_is_said_to_be_wiped_is(void **state)
{
    goes_in_a_day_after(state, "entry", "UPDATE entry SET wiped = 1");
}

static void s40_s50_an_entry_without_a_row_is_wiped_in_time(void **state)
{
    goes_in_a_day_after(state, "entry", "DELETE FROM entry");
}

/* As after a crash between the keyring and the rows. */
static void a_key_that_no_row_and_no_record_names_goes_at_the_start(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], photo[HEX_HASH_SIZE];
    list_entry(f, 1, entry);
    upload(f, WATCH_ONE, 2, 0, photo);
    photo[40] = '\0';
    static const char *const unused[] = {"entry/e-0000000000000001", "operation/op-0000000000000001",
        "upload/0000000000000000000000000000000000000000"};
    for (size_t i = 0; i < COUNT_OF(unused); i++)
        assert_non_null(keyring_key(f->site.ledger->keyring, unused[i], true, &err));
    fixture_restart(f);
    if (!overdue_tick(&f->site, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < COUNT_OF(unused); i++)
        assert_null(keyring_key(f->site.ledger->keyring, unused[i], false, &err));
    assert_true(has_key(f, "entry", entry));
    assert_true(has_key(f, "upload", photo));
}

/* The rows may lie in a newer backup. */
static void a_restored_site_keeps_the_keys_of_what_it_lost(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    assert_non_null(keyring_key(f->site.ledger->keyring, "entry/e-0000000000000001", true, &err));
    f->site.ledger->restored_s = clock_now_s();
    assert_true(overdue_tick(&f->site, &err));
    assert_true(has_key(f, "entry", "e-0000000000000001"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(s40_s50_an_edited_operation_loses_nothing_to_a_clock_that_went_ahead),
        SITE_TEST(s40_s50_an_edited_operation_loses_its_list_in_time),
        SITE_TEST(s40_s50_an_operation_that_is_said_to_be_wiped_is),
        SITE_TEST(s40_s50_an_operation_without_a_row_loses_its_list_in_time),
        SITE_TEST(s40_s50_an_edited_entry_is_wiped_in_time),
        SITE_TEST(s40_s50_an_entry_that_is_said_to_be_wiped_is),
        SITE_TEST(s40_s50_an_entry_without_a_row_is_wiped_in_time),
        SITE_TEST(a_key_that_no_row_and_no_record_names_goes_at_the_start),
        SITE_TEST(a_restored_site_keeps_the_keys_of_what_it_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
