#include "list/status.h"

#include "base/text.h"
#include "list/begin.h"
#include "list/entry_proof.h"
#include "list/operation.h"
#include "list/operation_run.h"
#include "list/restored.h"
#include "sign/limits.h"
#include "site_test.h"

/* Takes `cases`. */
static json_t *feed(struct fixture *f, enum person person, int64_t taken_s, json_t *cases, struct error *err)
{
    *err = (struct error){0};
    AUTO(envelope)
    struct envelope *envelope = signed_by(f, person, "status_feed",
        json_pack("{s:s, s:I, s:o}", "station", f->station, "taken_at", (json_int_t)taken_s, "cases", cases));
    return status_feed(&f->site, envelope, err);
}

static json_t *says(const char *case_id, const char *status)
{
    return json_pack("[{s:s, s:s}]", "case", case_id, "status", status);
}

static void must_feed(struct fixture *f, int64_t taken_s, json_t *cases)
{
    struct error err;
    AUTO(json) json_t *reply = feed(f, STATION_OFFICER, taken_s, cases, &err);
    if (!reply)
        fail_msg("%s", err.text);
}

static void expect_entry(struct fixture *f, const char *entry, const char *state)
{
    struct error err = {0};
    expect_field(entry_show(&f->site, officer_of(f, WATCH_TWO), entry, NULL, &err), &err, "state", state);
}

static void s3_a_feed_refreshes_for_a_day_while_the_source_is_away(void **state)
{
    struct fixture *f = *state;
    char entry[24], case_id[24];
    list_entry(f, 1, entry);
    case_of(f, entry, case_id);
    set_ports(f, "[status]\navailable = no\n");
    assert_false(case_is_live(&f->site, case_id, NULL));
    must_feed(f, clock_now_s() - 3600, says(case_id, "live"));
    assert_true(case_is_live(&f->site, case_id, NULL));
    clock_pass(LIMIT_STATUS_AGE_S - 3600);
    assert_true(case_is_live(&f->site, case_id, NULL));
    clock_pass(1);
    assert_false(case_is_live(&f->site, case_id, NULL));
}

/* An entry whose one case the source says is live. */
static void list_live(struct fixture *f, char entry[static 24], char case_id[static 24])
{
    list_entry(f, 1, entry);
    case_of(f, entry, case_id);
    AUTO(text) char *ini = text_format("[status]\navailable = yes\n%s = live\n", case_id);
    set_ports(f, ini);
}

static bool hinders(struct fixture *f)
{
    f->site.retry_statuses_s = 0;
    return restored_hinders(&f->site);
}

/* A live site has no port: its stations' feeds are the answers. */
static void s3_a_restored_site_without_a_port_waits_for_a_feed_about_every_case(void **state)
{
    struct fixture *f = *state;
    struct ports *ports = f->site.ports;
    char one[24], two[24], case_of_one[24], case_of_two[24];
    list_entry(f, 1, one);
    list_entry(f, 2, two);
    case_of(f, one, case_of_one);
    case_of(f, two, case_of_two);
    must_feed(f, clock_now_s() - 1, says(case_of_one, "live")); /* before the restore: what the backup knew */
    must_feed(f, clock_now_s(), says(case_of_two, "live"));
    clock_pass(60);
    f->site.ports = NULL;
    f->site.ledger->restored_s = clock_now_s();
    assert_true(hinders(f));
    must_feed(f, clock_now_s(), says(case_of_one, "live"));
    assert_true(hinders(f));
    clock_pass(1);
    must_feed(f, clock_now_s(), says(case_of_two, "closed"));
    assert_false(hinders(f));
    assert_int_equal(count_records(f, "restore_checked"), 1);
    expect_entry(f, two, "suspended");
    f->site.ports = ports;
}

static void s3_s50_a_feed_from_before_the_restore_edited_in_sql_is_no_answer(void **state)
{
    struct fixture *f = *state;
    struct ports *ports = f->site.ports;
    char entry[24], case_id[24];
    list_entry(f, 1, entry);
    case_of(f, entry, case_id);
    must_feed(f, clock_now_s(), says(case_id, "live"));
    clock_pass(60);
    f->site.ports = NULL;
    f->site.ledger->restored_s = clock_now_s();
    run_sql(f, "UPDATE case_status SET taken_at = taken_at + 60");
    assert_true(hinders(f));
    f->site.ports = ports;
}

static void expect_list_known(struct fixture *f, const char *operation, int64_t known_s)
{
    struct error err = {0};
    AUTO(json) json_t *shown = operation_show(&f->site, officer_of(f, DISPATCHER), operation, &err);
    assert_int_equal(json_integer_value(json_object_get(shown, "statuses_at")), known_s);
}

static void s3_a_running_list_says_how_old_the_oldest_status_is_that_it_rests_on(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24] = "", entry[24], camera[24], case_id[24];
    list_entry(f, 1, entry);
    case_of(f, entry, case_id);
    add_camera(f, camera);
    set_ports(f, "[status]\navailable = no\n");
    int64_t fed_s = clock_now_s() - 3600;
    must_feed(f, fed_s, says(case_id, "live"));
    authorise_operation(f, operation, entry, camera);
    expect_list_known(f, operation, 0);
    fill_room(f);
    assert_true(operation_tick(&f->site, &err));
    expect_list_known(f, operation, fed_s);
    must_feed(f, fed_s + 3000, says(case_id, "live"));
    expect_list_known(f, operation, fed_s + 3000);
}

static void s3_what_the_source_answers_at_the_start_is_as_old_as_the_start(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    run_operation(f, operation, entry);
    int64_t start_s = clock_now_s();
    clock_pass(600);
    expect_list_known(f, operation, start_s);
}

/* With a second case of the same person. */
static void list_with_two_cases(struct fixture *f, char entry[static 24], char cases[2][24])
{
    struct error err = {0};
    char photo[HEX_HASH_SIZE];
    entry[0] = '\0';
    upload(f, WATCH_ONE, 1, 0, photo);
    json_t *fields = proposal_fields(f, entry, 1, photo);
    json_t *list = json_object_get(fields, "cases"), *second = json_deep_copy(json_array_get(list, 0));
    random_id("k", cases[1]);
    json_object_set_new(second, "case", json_string(cases[1]));
    json_object_set_new(second, "number", json_string("77/2026"));
    json_array_append_new(list, second);
    AUTO(envelope) struct envelope *proposal = signed_by(f, WATCH_ONE, "entry_proposal", fields);
    expect_field(entry_propose(&f->site, proposal, &err), &err, "state", "proposed");
    AUTO(envelope)
    struct envelope *approval =
        signed_by(f, AUTHORISER_ONE, "entry_approval", answer_fields(f, entry, "approved"));
    expect_field(entry_approve(&f->site, approval, NULL, &err), &err, "state", "approved");
    case_of(f, entry, cases[0]);
}

static bool arms(struct fixture *f, const char *entry)
{
    struct error err = {0};
    struct entry_row row;
    AUTO(envelope) struct envelope *proposal = NULL;
    if (!entry_is_proved(&f->site, entry, &row, &proposal, &err))
        fail_msg("%s", err.text);
    return entry_is_live(&f->site, proposal, NULL);
}

static void s3_an_entry_of_several_cases_arms_while_one_of_them_is_live(void **state)
{
    struct fixture *f = *state;
    char entry[24], cases[2][24];
    list_with_two_cases(f, entry, cases);
    static const struct {
        const char *first, *second;
        bool arms;
    } says_source[] = {{"live", "live", true}, {"closed", "live", true}, {"live", "closed", true},
        {"closed", "closed", false}};
    for (size_t i = 0; i < COUNT_OF(says_source); i++) {
        AUTO(text)
        char *ini = text_format("[status]\navailable = yes\n%s = %s\n%s = %s\n", cases[0],
            says_source[i].first, cases[1], says_source[i].second);
        set_ports(f, ini);
        clock_pass(1);
        if (arms(f, entry) != says_source[i].arms)
            fail_msg("%s and %s", says_source[i].first, says_source[i].second);
    }
}

static void s3_a_feed_suspends_an_entry_with_its_last_case(void **state)
{
    struct fixture *f = *state;
    char entry[24], cases[2][24];
    list_with_two_cases(f, entry, cases);
    set_ports(f, "[status]\navailable = no\n");
    must_feed(f, clock_now_s() - 10, says(cases[1], "live"));
    must_feed(f, clock_now_s() - 9, says(cases[0], "closed"));
    expect_entry(f, entry, "approved");
    must_feed(f, clock_now_s() - 8, says(cases[1], "closed"));
    expect_entry(f, entry, "suspended");
}

static void s3_a_feed_suspends_in_bulk_and_takes_back_what_watches_hold(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char first[24], second[24], third[24], cases[2][24];
    list_entry(f, 1, first);
    list_entry(f, 2, second);
    list_entry(f, 3, third);
    case_of(f, first, cases[0]);
    case_of(f, second, cases[1]);
    fixture_watch(f);
    AUTO(json)
    json_t *reply = feed(f, STATION_OFFICER, clock_now_s(),
        json_pack("[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}]", "case", cases[0], "status", "closed", "case",
            cases[1], "status", "closed", "case", "k-0000000000000000", "status", "live"),
        &err);
    assert_int_equal(json_array_size(json_object_get(reply, "suspended")), 2);
    assert_int_equal(json_integer_value(json_object_get(reply, "unknown")), 1);
    expect_entry(f, first, "suspended");
    expect_entry(f, second, "suspended");
    expect_entry(f, third, "approved");
    assert_true(told_of_withdrawal(&f->told, first) && told_of_withdrawal(&f->told, second));
    assert_int_equal(count_rows(f, "entry"), 3);
}

static void s3_a_feed_never_reinstates_and_a_closed_case_stays_closed_for_the_source_too(void **state)
{
    struct fixture *f = *state;
    char entry[24], case_id[24];
    list_live(f, entry, case_id);
    assert_true(case_is_live(&f->site, case_id, NULL));
    must_feed(f, clock_now_s(), says(case_id, "closed"));
    assert_false(case_is_live(&f->site, case_id, NULL));
    clock_pass(60);
    must_feed(f, clock_now_s(), says(case_id, "live"));
    expect_entry(f, entry, "suspended");
}

static void answer(struct fixture *f, enum person person, const char *entry, const char *state)
{
    struct error err = {0};
    AUTO(envelope)
    struct envelope *approval = signed_by(f, person, "entry_approval", answer_fields(f, entry, "approved"));
    expect_field(entry_approve(&f->site, approval, NULL, &err), &err, "state", state);
}

static void s3_what_a_feed_says_of_a_suspended_or_proposed_entry_is_kept(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char proposed[24], suspended[24], cases[2][24];
    propose_entry(f, 1, proposed);
    list_entry(f, 2, suspended);
    case_of(f, proposed, cases[0]);
    case_of(f, suspended, cases[1]);
    AUTO(text)
    char *ini = text_format("[status]\navailable = yes\n%s = live\n%s = live\n", cases[0], cases[1]);
    set_ports(f, ini);
    assert_true(ledger_begin(f->site.ledger, &err));
    assert_true(entry_suspend(&f->site, suspended, "wrong_person", &err));
    assert_true(ledger_commit(f->site.ledger, &err));
    AUTO(json)
    json_t *reply = feed(f, STATION_OFFICER, clock_now_s(),
        json_pack("[{s:s, s:s}, {s:s, s:s}]", "case", cases[0], "status", "closed", "case", cases[1],
            "status", "closed"),
        &err);
    assert_int_equal(json_integer_value(json_object_get(reply, "refreshed")), 2);
    assert_int_equal(json_array_size(json_object_get(reply, "suspended")), 0);
    expect_entry(f, proposed, "proposed");
    answer(f, AUTHORISER_ONE, proposed, "approved");
    answer(f, AUTHORISER_TWO, suspended, "suspended");
    answer(f, AUTHORISER_THREE, suspended, "approved");
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_false(case_is_live(&f->site, cases[i], NULL));
}

static void s3_a_closed_case_of_two_entries_suspends_both(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char first[24], second[24] = "", case_id[24], photo[HEX_HASH_SIZE];
    list_entry(f, 1, first);
    case_of(f, first, case_id);
    upload(f, WATCH_ONE, 2, 0, photo);
    json_t *fields = proposal_fields(f, second, 2, photo);
    json_object_set_new(json_array_get(json_object_get(fields, "cases"), 0), "case", json_string(case_id));
    AUTO(envelope) struct envelope *proposal = signed_by(f, WATCH_ONE, "entry_proposal", fields);
    expect_field(entry_propose(&f->site, proposal, &err), &err, "state", "proposed");
    answer(f, AUTHORISER_ONE, second, "approved");
    must_feed(f, clock_now_s(), says(case_id, "closed"));
    expect_entry(f, first, "suspended");
    expect_entry(f, second, "suspended");
}

static const char other_station[] = "s-0000000000000000";

static void found_station(struct fixture *f)
{
    struct error err = {0};
    uint8_t key[PUBLIC_KEY_SIZE], secret[32];
    char hex[HEX_HASH_SIZE];
    device_key_new(key, secret);
    hex_write(key, PUBLIC_KEY_SIZE, hex);
    if (!roster_adopt(&f->site, &err))
        fail_msg("%s", err.text);
    json_t *fields = next_roster_fields(f);
    json_array_append_new(
        json_object_get(fields, "stations"), json_pack("{s:s, s:s}", "station", other_station, "key", hex));
    put_roster_in_force(f, fields);
}

/* An entry about that case of that station. */
static void propose_about(
    struct fixture *f, unsigned identity, const char *case_id, const char *station, char entry[static 24])
{
    struct error err = {0};
    char photo[HEX_HASH_SIZE];
    entry[0] = '\0';
    upload(f, WATCH_ONE, identity, 0, photo);
    json_t *fields = proposal_fields(f, entry, identity, photo);
    json_t *legal_case = json_array_get(json_object_get(fields, "cases"), 0);
    json_object_set_new(legal_case, "case", json_string(case_id));
    json_object_set_new(legal_case, "station", json_string(station));
    AUTO(envelope) struct envelope *proposal = signed_by(f, WATCH_ONE, "entry_proposal", fields);
    expect_field(entry_propose(&f->site, proposal, &err), &err, "state", "proposed");
}

/* Of how many cases it was taken in, and of which one and by whose word it was not. */
static void expect_told(
    struct fixture *f, json_t *cases, int refreshed, const char *case_id, const char *entry)
{
    struct error err;
    AUTO(json) json_t *reply = feed(f, STATION_OFFICER, clock_now_s(), cases, &err);
    if (!reply)
        fail_msg("%s", err.text);
    assert_int_equal(json_integer_value(json_object_get(reply, "refreshed")), refreshed);
    assert_int_equal(json_integer_value(json_object_get(reply, "unknown")), 0);
    AUTO(json) json_t *named = json_pack("[{s:s, s:s}]", "case", case_id, "entry", entry);
    assert_true(json_equal(json_object_get(reply, "elsewhere"), named));
}

/* Else one proposal, by mistake or not, and after a day nothing of that station would arm. */
static void s3_a_proposal_that_gives_a_case_to_another_station_keeps_no_feed_from_being_taken_in(void **state)
{
    struct fixture *f = *state;
    char entries[2][24], cases[2][24], proposed[24];
    found_station(f);
    for (unsigned i = 0; i < 2; i++) {
        list_entry(f, i + 1, entries[i]);
        case_of(f, entries[i], cases[i]);
    }
    propose_about(f, 3, cases[0], other_station, proposed);
    expect_told(f,
        json_pack("[{s:s, s:s}, {s:s, s:s}]", "case", cases[0], "status", "closed", "case", cases[1],
            "status", "closed"),
        2, cases[0], proposed);
    expect_entry(f, entries[0], "suspended");
    expect_entry(f, entries[1], "suspended");
    expect_entry(f, proposed, "proposed");
    assert_int_equal(count_records(f, "status_fed"), 1);
}

static void s3_nor_does_a_proposal_give_a_station_the_case_of_another(void **state)
{
    static const char *const words[] = {"closed", "live"};
    struct fixture *f = *state;
    char entry[24], own[24], case_id[24], proposed[24];
    random_id("k", case_id);
    found_station(f);
    list_entry(f, 1, own);
    propose_about(f, 2, case_id, other_station, entry);
    answer(f, AUTHORISER_ONE, entry, "approved");
    propose_about(f, 3, case_id, f->station, proposed);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        AUTO(text)
        char *ini = text_format("[status]\navailable = %s\n%s = live\n", i ? "no" : "yes", case_id);
        set_ports(f, ini);
        expect_told(f, says(case_id, words[i]), 0, case_id, entry);
        assert_true(case_is_live(&f->site, case_id, NULL) == (i == 0));
        clock_pass(1);
    }
    expect_entry(f, entry, "approved");
}

static void a_station_tells_of_its_own_cases_only_and_never_anew_of_old_ones(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char entry[24], case_id[24];
    list_entry(f, 1, entry);
    case_of(f, entry, case_id);
    int64_t now = clock_now_s();
    expect_refusal(feed(f, WATCH_ONE, now, says(case_id, "live"), &err), &err, ERROR_FORBIDDEN, "role");
    expect_refusal(feed(f, STATION_OFFICER, now - LIMIT_STATUS_AGE_S - 1, says(case_id, "live"), &err), &err,
        ERROR_INVALID, "24 hours");
    expect_refusal(
        feed(f, STATION_OFFICER, now + 60, says(case_id, "live"), &err), &err, ERROR_INVALID, "future");
    must_feed(f, now, says(case_id, "live"));
    expect_refusal(
        feed(f, STATION_OFFICER, now - 1, says(case_id, "closed"), &err), &err, ERROR_CONFLICT, "as new");
    AUTO(envelope)
    struct envelope *elsewhere = signed_by(f, STATION_OFFICER, "status_feed",
        json_pack("{s:s, s:I, s:o}", "station", "s-0000000000000000", "taken_at", (json_int_t)now, "cases",
            says(case_id, "closed")));
    err = (struct error){0};
    expect_refusal(status_feed(&f->site, elsewhere, &err), &err, ERROR_FORBIDDEN, "post");
}

static void s50_an_edited_status_counts_for_nothing(void **state)
{
    struct fixture *f = *state;
    char entry[24], case_id[24];
    list_entry(f, 1, entry);
    case_of(f, entry, case_id);
    set_ports(f, "[status]\navailable = no\n");
    must_feed(f, clock_now_s() - 3600, says(case_id, "live"));
    run_sql(f, "UPDATE case_status SET taken_at = taken_at + 3600");
    assert_false(case_is_live(&f->site, case_id, NULL));
}

static void begin_again(struct fixture *f)
{
    struct error err = {0};
    fixture_restart(f);
    if (!list_begin(&f->site, &err))
        fail_msg("%s", err.text);
}

static void s3_s50_a_closed_case_whose_row_is_gone_or_older_is_closed_at_the_next_start(void **state)
{
    struct fixture *f = *state;
    char entry[24], case_id[24];
    list_live(f, entry, case_id);
    must_feed(f, clock_now_s() - 3600, says(case_id, "live"));
    run_sql(f, "CREATE TABLE kept AS SELECT * FROM case_status");
    must_feed(f, clock_now_s() - 1800, says(case_id, "closed"));
    assert_int_equal(case_status_now(&f->site, case_id), STATUS_CLOSED);
    run_sql(f, "DELETE FROM case_status");
    assert_int_equal(case_status_now(&f->site, case_id), STATUS_LIVE); /* as the source still says */
    begin_again(f);
    assert_int_equal(case_status_now(&f->site, case_id), STATUS_CLOSED);
    run_sql(f, "DELETE FROM case_status; INSERT INTO case_status SELECT * FROM kept");
    assert_int_equal(case_status_now(&f->site, case_id), STATUS_LIVE);
    begin_again(f);
    assert_int_equal(case_status_now(&f->site, case_id), STATUS_CLOSED);
}

static void a_case_that_is_live_again_stays_so_at_the_next_start(void **state)
{
    struct fixture *f = *state;
    char entry[24], case_id[24];
    list_entry(f, 1, entry);
    case_of(f, entry, case_id);
    set_ports(f, "[status]\navailable = no\n");
    must_feed(f, clock_now_s() - 3600, says(case_id, "closed"));
    must_feed(f, clock_now_s() - 1800, says(case_id, "live"));
    begin_again(f);
    assert_int_equal(case_status_now(&f->site, case_id), STATUS_LIVE);
    run_sql(f, "DELETE FROM case_status");
    begin_again(f);
    assert_int_equal(case_status_now(&f->site, case_id), STATUS_LIVE);
}

static int64_t rows_after_an_hour(struct fixture *f)
{
    struct error err = {0};
    clock_pass(3600);
    if (!operation_forget_lists(&f->site, clock_now_s(), &err))
        fail_msg("%s", err.text);
    AUTO(query)
    struct query *query = query_new(f->site.ledger->store, "SELECT count(*) FROM case_status", &err);
    assert_true(query_next(query));
    return query_get_integer(query, 0);
}

static void that_a_case_was_live_is_kept_for_a_day(void **state)
{
    struct fixture *f = *state;
    char entry[24], case_id[24];
    list_live(f, entry, case_id);
    must_feed(f, clock_now_s() - 1, says(case_id, "closed"));
    must_feed(f, clock_now_s(), says(case_id, "live"));
    clock_pass(LIMIT_STATUS_AGE_S - 3600);
    assert_int_equal(rows_after_an_hour(f), 1);
    assert_int_equal(rows_after_an_hour(f), 0);
    begin_again(f); /* nothing to put back, and nothing is said to be wrong */
    assert_int_equal(rows_after_an_hour(f), 0);
}

/* Two stations do not feed in one day. */
static void what_was_fed_since_a_restore_is_kept_until_every_case_has_an_answer(void **state)
{
    struct fixture *f = *state;
    char entry[24], case_id[24];
    list_live(f, entry, case_id);
    f->site.ledger->restored_s = clock_now_s();
    must_feed(f, clock_now_s(), says(case_id, "live"));
    clock_pass(2 * LIMIT_STATUS_AGE_S);
    assert_int_equal(rows_after_an_hour(f), 1);
    f->site.ledger->restored_s = 0;
    assert_int_equal(rows_after_an_hour(f), 0);
}

/* The source still says that it is live: while an entry may arm by it, the feed of then goes on to decide. */
static void s3_that_a_case_was_closed_is_kept_for_a_year_and_while_an_entry_names_it(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], case_id[24];
    list_live(f, entry, case_id);
    must_feed(f, clock_now_s(), says(case_id, "closed"));
    clock_pass(365 * 86400);
    assert_int_equal(rows_after_an_hour(f), 1);
    assert_true(ledger_keep_time(f->site.ledger, &err));
    run_sql(f, "DELETE FROM case_status");
    begin_again(f);
    assert_int_equal(case_status_now(&f->site, case_id), STATUS_CLOSED);
    assert_true(entry_expire(&f->site, &err));
    assert_int_equal(rows_after_an_hour(f), 0);
    begin_again(f);
    assert_int_equal(rows_after_an_hour(f), 0);
}

static void s3_that_a_case_was_closed_is_kept_for_a_year_when_its_entry_is_over(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], case_id[24];
    list_live(f, entry, case_id);
    must_feed(f, clock_now_s(), says(case_id, "closed"));
    clock_pass(364 * 86400);
    assert_true(entry_expire(&f->site, &err));
    clock_pass(86400 - 7200);
    assert_int_equal(rows_after_an_hour(f), 1);
    clock_pass(3600);
    assert_int_equal(rows_after_an_hour(f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(s3_s50_a_closed_case_whose_row_is_gone_or_older_is_closed_at_the_next_start),
        SITE_TEST(that_a_case_was_live_is_kept_for_a_day),
        SITE_TEST(what_was_fed_since_a_restore_is_kept_until_every_case_has_an_answer),
        SITE_TEST(s3_that_a_case_was_closed_is_kept_for_a_year_and_while_an_entry_names_it),
        SITE_TEST(s3_that_a_case_was_closed_is_kept_for_a_year_when_its_entry_is_over),
        SITE_TEST(a_case_that_is_live_again_stays_so_at_the_next_start),
        SITE_TEST(s3_a_feed_refreshes_for_a_day_while_the_source_is_away),
        SITE_TEST(s3_a_restored_site_without_a_port_waits_for_a_feed_about_every_case),
        SITE_TEST(s3_s50_a_feed_from_before_the_restore_edited_in_sql_is_no_answer),
        SITE_TEST(s3_a_running_list_says_how_old_the_oldest_status_is_that_it_rests_on),
        SITE_TEST(s3_what_the_source_answers_at_the_start_is_as_old_as_the_start),
        SITE_TEST(s3_an_entry_of_several_cases_arms_while_one_of_them_is_live),
        SITE_TEST(s3_a_feed_suspends_an_entry_with_its_last_case),
        SITE_TEST(s3_a_feed_suspends_in_bulk_and_takes_back_what_watches_hold),
        SITE_TEST(s3_a_feed_never_reinstates_and_a_closed_case_stays_closed_for_the_source_too),
        SITE_TEST(s3_what_a_feed_says_of_a_suspended_or_proposed_entry_is_kept),
        SITE_TEST(s3_a_closed_case_of_two_entries_suspends_both),
        SITE_TEST(s3_a_proposal_that_gives_a_case_to_another_station_keeps_no_feed_from_being_taken_in),
        SITE_TEST(s3_nor_does_a_proposal_give_a_station_the_case_of_another),
        SITE_TEST(a_station_tells_of_its_own_cases_only_and_never_anew_of_old_ones),
        SITE_TEST(s50_an_edited_status_counts_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
