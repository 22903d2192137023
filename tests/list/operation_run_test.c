#include "base/text.h"
#include "sign/limits.h"
#include "list/operation_run.h"
#include "site_test.h"

static void tick(struct fixture *f)
{
    struct error err = {0};
    if (!operation_tick(&f->site, &err))
        fail_msg("%s", err.text);
}

static void expect_state(struct fixture *f, const char *operation, const char *state)
{
    struct error err = {0};
    const char *is = operation_state(&f->site, operation, &err);
    assert_non_null(is);
    assert_string_equal(is, state);
}

static void expect_why(struct fixture *f, const char *operation, const char *why)
{
    struct error err = {0};
    expect_field(operation_show(&f->site, officer_of(f, CREW), operation, &err), &err, "why", why);
}

static json_t *sign_off(
    struct fixture *f, enum person person, const char *type, json_t *fields, struct error *err)
{
    AUTO(envelope) struct envelope *envelope = signed_by(f, person, type, fields);
    return strcmp(type, "halt") == 0 ? operation_halt(&f->site, envelope, err)
                                     : operation_end(&f->site, envelope, err);
}

static void leave(struct fixture *f, enum person person)
{
    struct error err = {0};
    assert_true(presence_leave(&f->site, f->officers[person], &err));
}

/* Authorised and due, with the room full and the case live. */
static void make_due(struct fixture *f, char operation[static 24], char entry[static 24])
{
    char camera[24], case_id[24];
    operation[0] = '\0';
    list_entry(f, 1, entry);
    case_of(f, entry, case_id);
    AUTO(text) char *ini = text_format("[status]\navailable = yes\n%s = live\n", case_id);
    set_ports(f, ini);
    add_camera(f, camera);
    authorise_operation(f, operation, entry, camera);
    fill_room(f);
    fixture_watch(f);
}

static void only_camera(struct fixture *f, char camera[static 24])
{
    struct error err = {0};
    AUTO(query) struct query *query = query_new(f->site.ledger->store, "SELECT camera FROM camera", &err);
    assert_true(query_next(query));
    snprintf(camera, 24, "%s", query_get_text(query, 0));
}

static void a_due_operation_arms_its_cameras(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    assert_int_equal(f->told.arms, 1);
    assert_int_equal(f->told.items, 1);
    assert_int_equal(f->told.withdrawn_count, 0);
    assert_int_equal(count_records(f, "operation_armed"), 1);
    tick(f);
    assert_int_equal(f->told.arms, 1);
}

static void an_operation_waits_for_its_start(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24] = "", entry[24], camera[24];
    fixture_watch(f);
    list_entry(f, 1, entry);
    add_camera(f, camera);
    fill_room(f);
    json_t *fields = draft_request(f, operation, entry, camera);
    json_object_set_new(fields, "starts_at", json_integer(clock_now_s() + 600));
    AUTO(envelope) struct envelope *request = signed_by(f, WATCH_ONE, "operation_request", fields);
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(request, hash);
    expect_field(operation_request(&f->site, request, NULL, &err), &err, "state", "requested");
    static const enum person signers[] = {AUTHORISER_ONE, AUTHORISER_TWO};
    for (size_t i = 0; i < COUNT_OF(signers); i++) {
        AUTO(envelope)
        struct envelope *signature = signed_by(f, signers[i], "authorisation",
            json_pack(
                "{s:s, s:s, s:s}", "operation", operation, "request_hash", hash, "answer", "authorised"));
        AUTO(json) json_t *reply = operation_authorise(&f->site, signature, &err);
        assert_non_null(reply);
    }
    tick(f);
    expect_state(f, operation, "authorised");
    assert_int_equal(f->told.arms, 0);
}

static void s21_nothing_starts_without_presence(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    make_due(f, operation, entry);
    leave(f, REVIEWER_TWO);
    tick(f);
    expect_state(f, operation, "authorised");
    expect_why(f, operation, "presence");
    assert_int_equal(f->told.arms, 0);
    fill_room(f);
    tick(f);
    expect_state(f, operation, "running");
}

static void s21_lost_presence_pauses(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    leave(f, DISPATCHER);
    tick(f);
    expect_state(f, operation, "paused");
    assert_true(f->told.paused);
    fill_room(f);
    tick(f);
    expect_state(f, operation, "running");
    assert_false(f->told.paused);
    clock_pass(LIMIT_PRESENCE_S);
    tick(f);
    expect_state(f, operation, "paused");
}

static void pass_by(struct fixture *f, uint64_t passages)
{
    f->told.passages = passages;
    clock_pass(10);
    tick(f);
}

static void s24_a_live_operation_pauses_when_more_people_pass_than_it_was_signed_for(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry); /* for 1,000 passages */
    f->site.kind = SITE_LIVE;
    pass_by(f, 600);
    pass_by(f, 400);
    expect_state(f, operation, "running");
    pass_by(f, 1);
    expect_state(f, operation, "paused");
    expect_why(f, operation, "more_passages");
    assert_true(f->told.paused);
    pass_by(f, 0); /* nobody passes a watch that looks at nothing, and that brings nothing back */
    expect_state(f, operation, "paused");
    assert_int_equal(count_records(f, "operation_paused"), 1);
}

static void s24_what_a_demonstration_was_signed_for_pauses_nothing(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    pass_by(f, 5000);
    expect_state(f, operation, "running");
}

static void s24_s50_a_count_of_passages_that_was_taken_back_stops_the_operation(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    f->site.kind = SITE_LIVE;
    pass_by(f, 1000);
    assert_true(ledger_begin(f->site.ledger, &err));
    assert_true(store_run(f->site.ledger->store, "UPDATE operation SET passages = 0", &err));
    assert_true(ledger_commit(f->site.ledger, &err));
    pass_by(f, 600);
    assert_null(operation_state(&f->site, operation, &err));
    assert_int_equal(err.code, ERROR_CORRUPT);
    assert_false(f->told.armed);
}

static void a_moved_clock_pauses(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    clock_drift_by(-5000001);
    tick(f);
    expect_state(f, operation, "paused");
    expect_why(f, operation, "clock");
}

static void s15_a_clock_set_back_or_forth_pauses_until_it_is_right_again(void **state)
{
    struct fixture *f = *state;
    static const int64_t drifts_us[] = {5000001, -5000001, 86400LL * 1000000};
    char operation[24], entry[24];
    run_operation(f, operation, entry);
    for (size_t i = 0; i < COUNT_OF(drifts_us); i++) {
        clock_drift_by(drifts_us[i]);
        tick(f);
        expect_state(f, operation, "paused");
        clock_drift_by(0);
        tick(f);
        expect_state(f, operation, "running");
    }
}

static void s44_matching_pauses_while_the_log_or_the_witness_is_away(void **state)
{
    struct fixture *f = *state;
    static const char *const hindrances[] = {"log", "witness"};
    char operation[24], entry[24];
    run_operation(f, operation, entry);
    for (size_t i = 0; i < COUNT_OF(hindrances); i++) {
        f->site.hindrance = hindrances[i];
        tick(f);
        expect_state(f, operation, "paused");
        expect_why(f, operation, hindrances[i]);
        f->site.hindrance = NULL;
        tick(f);
        expect_state(f, operation, "running");
    }
}

static void s3_a_case_that_is_not_live_does_not_arm(void **state)
{
    struct fixture *f = *state;
    static const char *const answers[] = {
        "[status]\navailable = no\n", "[status]\navailable = yes\n", "closed"};
    char operation[24], entry[24], case_id[24];
    make_due(f, operation, entry);
    case_of(f, entry, case_id);
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        AUTO(text) char *closed = text_format("[status]\navailable = yes\n%s = closed\n", case_id);
        set_ports(f, strcmp(answers[i], "closed") == 0 ? closed : answers[i]);
        tick(f);
        expect_state(f, operation, "authorised");
        expect_why(f, operation, "no_live_case");
    }
    assert_int_equal(f->told.arms, 0);
}

static void come_from_a_backup(struct fixture *f)
{
    struct ledger *ledger = f->site.ledger;
    struct error err = {0};
    assert_true(ledger_begin(ledger, &err));
    assert_true(ledger_record(ledger, &(struct record){.kind = "site_restored", .by = "site"}, &err));
    assert_true(ledger_commit(ledger, &err));
    fixture_restart(f);
}

static void s3_a_restored_site_arms_only_after_every_status_was_asked_again(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24], other[24], case_id[24], other_case[24];
    make_due(f, operation, entry);
    list_entry(f, 2, other);
    case_of(f, entry, case_id);
    case_of(f, other, other_case);
    come_from_a_backup(f);
    AUTO(text) char *one = text_format("[status]\navailable = yes\n%s = live\n", case_id);
    AUTO(text) char *both = text_format("%s%s = closed\n", one, other_case);
    const char *const answers[] = {"[status]\navailable = no\n", one};
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        set_ports(f, answers[i]);
        f->site.retry_statuses_s = 0;
        tick(f);
        expect_state(f, operation, "authorised");
        expect_why(f, operation, "restored");
    }
    set_ports(f, both);
    tick(f); /* asked a moment ago */
    expect_why(f, operation, "restored");
    f->site.retry_statuses_s = 0;
    tick(f);
    expect_state(f, operation, "running");
    fixture_restart(f);
    assert_int_equal(f->site.ledger->restored_s, 0);
}

static void s3_what_ran_when_the_backup_was_made_is_halted_after_the_restore(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    come_from_a_backup(f);
    size_t arms = f->told.arms;
    assert_true(operation_resume_all(&f->site, &err));
    expect_state(f, operation, "halted");
    expect_why(f, operation, "restored");
    assert_int_equal(f->told.arms, arms);
}

/* Of the two entries one has a case that is live at the start. */
static void run_with_one_withheld(
    struct fixture *f, char operation[static 24], char live[static 24], char closed[static 24])
{
    struct error err = {0};
    char camera[24], case_id[24], hash[HEX_HASH_SIZE];
    fixture_watch(f);
    list_entry(f, 1, live);
    list_entry(f, 2, closed);
    case_of(f, live, case_id);
    AUTO(text) char *ini = text_format("[status]\navailable = yes\n%s = live\n", case_id);
    set_ports(f, ini);
    add_camera(f, camera);
    fill_room(f);
    AUTO(json) json_t *alone = draft_request(f, operation, live, camera);
    AUTO(json) json_t *entries = json_pack("[s, s]", live, closed);
    AUTO(json) json_t *cameras = json_pack("[s]", camera);
    AUTO(json) json_t *body = draft_body(operation, entries, cameras);
    AUTO(json) json_t *terms = operation_draft(&f->site, officer_of(f, WATCH_ONE), body, NULL, &err);
    json_object_update(alone, terms);
    json_object_set(alone, "reasons", json_object_get(body, "reasons"));
    AUTO(envelope)
    struct envelope *request = signed_by(f, WATCH_ONE, "operation_request", json_incref(alone));
    envelope_hash_hex(request, hash);
    expect_field(operation_request(&f->site, request, NULL, &err), &err, "state", "requested");
    static const enum person signers[] = {AUTHORISER_ONE, AUTHORISER_TWO};
    for (size_t i = 0; i < COUNT_OF(signers); i++) {
        AUTO(envelope)
        struct envelope *signature = signed_by(f, signers[i], "authorisation",
            json_pack(
                "{s:s, s:s, s:s}", "operation", operation, "request_hash", hash, "answer", "authorised"));
        AUTO(json) json_t *reply = operation_authorise(&f->site, signature, &err);
        assert_non_null(reply);
    }
    tick(f);
    expect_state(f, operation, "running");
}

static void s3_only_live_entries_stay_in_the_watch(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24] = "", live[24], closed[24];
    run_with_one_withheld(f, operation, live, closed);
    assert_int_equal(f->told.items, 2);
    assert_true(told_of_withdrawal(&f->told, closed));
    assert_string_equal(f->told.withdrawn_from, operation); /* in another it may be live */
    assert_false(told_of_withdrawal(&f->told, live));
    AUTO(json) json_t *shown = operation_show(&f->site, officer_of(f, DISPATCHER), operation, &err);
    assert_int_equal(json_integer_value(json_object_get(shown, "withheld")), 1);
}

/* All cases are live now, and the row says that nobody was withheld. */
static void forget_who_was_withheld(struct fixture *f, const char *live, const char *closed)
{
    char cases[2][24];
    case_of(f, live, cases[0]);
    case_of(f, closed, cases[1]);
    AUTO(text)
    char *ini = text_format("[status]\navailable = yes\n%s = live\n%s = live\n", cases[0], cases[1]);
    set_ports(f, ini);
    run_sql(f, "UPDATE operation_entry SET withheld = 0 WHERE entry = '%s'", closed);
}

static void s3_s50_who_was_withheld_stays_out_though_the_row_forgets_it(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct operation_row row;
    char operation[24] = "", live[24], closed[24];
    run_with_one_withheld(f, operation, live, closed);
    forget_who_was_withheld(f, live, closed);
    AUTO(operation_list) struct operation_list list = {0};
    AUTO(json) json_t *armed = json_object();
    assert_true(operation_load(&f->site, operation, &row, &err));
    assert_true(operation_list_open(&f->site, operation, &list, &err));
    AUTO(json) json_t *withheld = operation_withheld_now(&f->site, &row, &list, armed);
    assert_int_equal(json_array_size(withheld), 1);
    assert_string_equal(json_string_value(json_array_get(withheld, 0)), closed);
    assert_non_null(json_object_get(armed, live));
}

static void s50_a_start_finds_that_the_row_of_a_withheld_entry_forgets_it(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24] = "", live[24], closed[24];
    run_with_one_withheld(f, operation, live, closed);
    fixture_restart(f);
    assert_true(operation_resume_all(&f->site, &err));
    expect_state(f, operation, "running");
    forget_who_was_withheld(f, live, closed);
    fixture_restart(f);
    assert_true(operation_resume_all(&f->site, &err));
    expect_operation(f, operation, "halted", "not_as_recorded");
}

static void s15_an_operation_ends_by_time_and_is_wiped(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24], key[40];
    fixture_watch(f);
    run_operation(f, operation, entry);
    snprintf(key, sizeof key, "operation/%s", operation);
    assert_non_null(keyring_key(f->site.ledger->keyring, key, false, &err));
    clock_pass(3600);
    tick(f);
    expect_state(f, operation, "ended");
    assert_false(f->told.armed);
    tick(f);
    expect_state(f, operation, "wiped");
    assert_null(keyring_key(f->site.ledger->keyring, key, false, &err));
    assert_int_equal(count_rows(f, "operation_gallery"), 0);
    assert_int_equal(count_rows(f, "operation_statement"), 0);
    assert_true(count_records(f, "keys_destroyed") >= 1);
    expect_field(operation_show(&f->site, officer_of(f, CREW), operation, &err), &err, "state", "wiped");
}

static void officers_end_an_operation(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    expect_refusal(sign_off(f, CREW, "operation_end", json_pack("{s:s}", "operation", operation), &err), &err,
        ERROR_FORBIDDEN, "role");
    expect_field(
        sign_off(f, AUTHORISER_THREE, "operation_end", json_pack("{s:s}", "operation", operation), &err),
        &err, "state", "ended");
    assert_false(f->told.armed);
}

static void s32_anyone_in_the_room_halts(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    expect_field(sign_off(f, REVIEWER_ONE, "halt",
                     json_pack("{s:s, s:s}", "operation", operation, "reason", "wrong_person"), &err),
        &err, "state", "halted");
    assert_false(f->told.armed);
    tick(f);
    expect_state(f, operation, "halted");
    fixture_restart(f);
    assert_true(operation_resume_all(&f->site, &err));
    assert_int_equal(f->told.arms, 0);
}

static json_t *resume_as(
    struct fixture *f, enum person person, const char *operation, int64_t halted_s, struct error *err)
{
    AUTO(envelope)
    struct envelope *envelope = signed_by(f, person, "resume",
        json_pack("{s:s, s:I, s:s}", "operation", operation, "halted_at", (json_int_t)halted_s, "reason",
            "checked"));
    return operation_resume(&f->site, envelope, err);
}

static void s32_each_role_of_the_room_halts_alone(void **state)
{
    struct fixture *f = *state;
    static const enum person room[] = {WATCH_ONE, AUTHORISER_THREE, REVIEWER_TWO, DISPATCHER, INSPECTOR};
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    for (size_t i = 0; i < COUNT_OF(room); i++) {
        struct error err = {0};
        clock_pass(1);
        expect_field(sign_off(f, room[i], "halt",
                         json_pack("{s:s, s:s}", "operation", operation, "reason", "wrong_person"), &err),
            &err, "state", "halted");
        int64_t halted_s = clock_now_s();
        expect_field(resume_as(f, AUTHORISER_TWO, operation, halted_s, &err), &err, "state", "halted");
        expect_field(resume_as(f, AUTHORISER_ONE, operation, halted_s, &err), &err, "state", "running");
    }
}

static int64_t halt_now(struct fixture *f, const char *operation)
{
    struct error err = {0};
    expect_field(sign_off(f, REVIEWER_ONE, "halt",
                     json_pack("{s:s, s:s}", "operation", operation, "reason", "wrong_person"), &err),
        &err, "state", "halted");
    AUTO(json) json_t *shown = operation_show(&f->site, officer_of(f, CREW), operation, &err);
    return json_integer_value(json_object_get(shown, "halted_at"));
}

static void s32_a_halted_operation_runs_again_by_two_offices(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    expect_refusal(
        resume_as(f, AUTHORISER_ONE, operation, clock_now_s(), &err), &err, ERROR_CONFLICT, "not halted");
    int64_t halted_s = halt_now(f, operation);
    expect_refusal(resume_as(f, REVIEWER_ONE, operation, halted_s, &err), &err, ERROR_FORBIDDEN, "role");
    expect_refusal(
        resume_as(f, AUTHORISER_ONE, operation, halted_s - 1, &err), &err, ERROR_CONFLICT, "another halt");
    expect_field(resume_as(f, AUTHORISER_TWO, operation, halted_s, &err), &err, "state", "halted");
    assert_false(f->told.armed);
    expect_refusal(
        resume_as(f, AUTHORISER_THREE, operation, halted_s, &err), &err, ERROR_FORBIDDEN, "two offices");
    expect_field(resume_as(f, AUTHORISER_ONE, operation, halted_s, &err), &err, "state", "running");
    assert_true(f->told.armed);
    assert_int_equal(count_records(f, "operation_resume_signed"), 2);
    tick(f);
    expect_state(f, operation, "running");
}

static void s32_a_halted_operation_runs_again_beside_one_that_runs(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24], camera[24], second[24] = "";
    fixture_watch(f);
    run_operation(f, operation, entry);
    add_camera_north(f, 200, camera);
    authorise_operation(f, second, entry, camera);
    tick(f);
    expect_state(f, second, "running");
    int64_t halted_s = halt_now(f, operation);
    expect_field(resume_as(f, AUTHORISER_TWO, operation, halted_s, &err), &err, "state", "halted");
    expect_field(resume_as(f, AUTHORISER_ONE, operation, halted_s, &err), &err, "state", "running");
    tick(f);
    expect_state(f, operation, "running");
    expect_state(f, second, "running");
    assert_int_equal(count_records(f, "operation_paused"), 0);
}

static void s32_a_signature_is_for_one_halt_only(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    int64_t first_s = halt_now(f, operation);
    expect_field(resume_as(f, AUTHORISER_TWO, operation, first_s, &err), &err, "state", "halted");
    expect_field(resume_as(f, AUTHORISER_ONE, operation, first_s, &err), &err, "state", "running");
    clock_pass(5);
    int64_t second_s = halt_now(f, operation);
    assert_true(second_s > first_s);
    expect_field(resume_as(f, AUTHORISER_ONE, operation, second_s, &err), &err, "state", "halted");
}

static void s21_a_halted_operation_does_not_run_again_in_an_empty_room(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    int64_t halted_s = halt_now(f, operation);
    expect_field(resume_as(f, AUTHORISER_TWO, operation, halted_s, &err), &err, "state", "halted");
    leave(f, DISPATCHER);
    expect_refusal(resume_as(f, AUTHORISER_ONE, operation, halted_s, &err), &err, ERROR_CONFLICT, "presence");
    expect_state(f, operation, "halted");
    assert_false(f->told.armed);
}

static void a_rule_halts_in_the_callers_transaction(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    assert_true(ledger_begin(f->site.ledger, &err));
    assert_true(operation_halt_by_rule(&f->site, operation, "harm", &err));
    ledger_abort(f->site.ledger);
    expect_state(f, operation, "running");
    assert_true(ledger_begin(f->site.ledger, &err));
    assert_true(operation_halt_by_rule(&f->site, operation, "harm", &err));
    assert_true(ledger_commit(f->site.ledger, &err));
    operation_disarm_halted(&f->site);
    expect_state(f, operation, "halted");
    assert_false(f->told.armed);
}

static void a_restart_arms_what_was_running(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    AUTO(text) char *token = memory_copy_text(f->told.token);
    fixture_restart(f);
    assert_true(operation_resume_all(&f->site, &err));
    assert_int_equal(f->told.arms, 1);
    assert_string_equal(f->told.token, token);
    assert_int_equal(f->told.withdrawn_count, 0);
}

static void a_restart_keeps_a_pause(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    leave(f, CREW);
    tick(f);
    fixture_restart(f);
    assert_true(operation_resume_all(&f->site, &err));
    assert_true(f->told.armed);
    assert_true(f->told.paused);
}

static void run_and_suspend(struct fixture *f, char operation[static 24], char entry[static 24])
{
    fixture_watch(f);
    run_operation(f, operation, entry);
    suspend_entry(f, entry);
}

static void an_entry_withdrawn_does_not_come_back_with_a_restart(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    run_and_suspend(f, operation, entry);
    fixture_restart(f);
    assert_true(operation_resume_all(&f->site, &err));
    assert_true(told_of_withdrawal(&f->told, entry));
}

/* The signed list says whom a watch is handed, and so who is taken out of it: not the rows beside it. */
static void s50_a_deleted_row_brings_no_withdrawn_entry_back(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    run_and_suspend(f, operation, entry);
    assert_true(store_run(f->site.ledger->store, "DELETE FROM operation_entry", &err));
    fixture_restart(f);
    assert_true(operation_resume_all(&f->site, &err));
    assert_true(!f->told.armed || told_of_withdrawal(&f->told, entry));
}

static void sightings_count_while_it_runs_only(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24], camera[24], other[24];
    int64_t threshold_e6 = 0;
    const char *why = NULL;
    fixture_watch(f);
    run_operation(f, operation, entry);
    only_camera(f, camera);
    list_entry(f, 2, other);
    assert_true(operation_allows(&f->site, operation, camera, entry, &threshold_e6, &why, &err));
    assert_int_equal(threshold_e6, 500000);
    assert_false(operation_allows(&f->site, operation, camera, other, &threshold_e6, &why, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    assert_string_equal(why, "not_listed");
    leave(f, CREW);
    tick(f);
    assert_false(operation_allows(&f->site, operation, camera, entry, &threshold_e6, &why, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    assert_string_equal(why, "not_running");
}

static void s50_edited_rows_do_not_arm(void **state)
{
    struct fixture *f = *state;
    static const char *const edits[] = {
        "UPDATE operation SET ends_at = ends_at + 3600",
        "UPDATE operation SET starts_at = starts_at - 3600",
        "UPDATE operation SET list_hash = request_hash",
        "UPDATE operation SET request_hash = list_hash",
        "UPDATE operation SET requester = 'o-0000000000000000'",
        "UPDATE operation SET mark = zeroblob(32)",
        "DELETE FROM operation_statement WHERE step = 'request'",
        "DELETE FROM operation_statement WHERE rowid = (SELECT max(rowid) FROM operation_statement)",
        "UPDATE operation_statement SET sealed = zeroblob(500)",
        "UPDATE operation_gallery SET sealed = zeroblob(2200)",
        "DELETE FROM operation_gallery",
        "DELETE FROM operation_camera",
        "UPDATE operation_camera SET key = CASE substr(key, 1, 1) WHEN '0' THEN '1' ELSE '0' END ||"
        " substr(key, 2)",
        "UPDATE camera SET envelope = replace(envelope, '127.0.0.1', '127.0.0.2')",
        "UPDATE entry SET state = 'suspended'",
        "DELETE FROM entry_statement",
    };
    char operation[24], entry[24];
    make_due(f, operation, entry);
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        struct error err = {0};
        /* The edit is undone by a copy of the tables, because the tick has transactions of its own. */
        static const char *const tables[] = {"operation", "operation_statement", "operation_gallery",
            "operation_camera", "operation_entry", "camera", "entry", "entry_statement"};
        for (size_t t = 0; t < COUNT_OF(tables); t++)
            run_sql(f, "CREATE TEMP TABLE kept_%s AS SELECT rowid AS row, * FROM %s", tables[t], tables[t]);
        run_sql(f, "%s", edits[i]);
        operation_tick(&f->site, &err);
        if (f->told.arms)
            fail_msg("armed after: %s", edits[i]);
        for (size_t t = 0; t < COUNT_OF(tables); t++) {
            run_sql(f, "DELETE FROM %s", tables[t]);
            run_sql(f, "ALTER TABLE kept_%s DROP COLUMN row", tables[t]);
            run_sql(f, "INSERT INTO %s SELECT * FROM kept_%s", tables[t], tables[t]);
            run_sql(f, "DROP TABLE kept_%s", tables[t]);
        }
    }
    tick(f);
    expect_state(f, operation, "running");
}

static void s50_a_request_made_authorised_in_sql_does_not_arm(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24] = "", entry[24], camera[24];
    fixture_watch(f);
    list_entry(f, 1, entry);
    add_camera(f, camera);
    fill_room(f);
    AUTO(envelope)
    struct envelope *request =
        signed_by(f, WATCH_ONE, "operation_request", draft_request(f, operation, entry, camera));
    expect_field(operation_request(&f->site, request, NULL, &err), &err, "state", "requested");
    run_sql(f, "UPDATE operation SET state = 'authorised'");
    tick(f);
    assert_int_equal(f->told.arms, 0);
    run_sql(f, "UPDATE operation SET state = 'running'");
    assert_true(operation_resume_all(&f->site, &err));
    assert_int_equal(f->told.arms, 0);
}

static void one_camera_works_for_one_operation(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24], camera[24], second[24] = "";
    fixture_watch(f);
    run_operation(f, operation, entry);
    only_camera(f, camera);
    authorise_operation(f, second, entry, camera);
    tick(f);
    expect_state(f, second, "authorised");
    expect_why(f, second, "camera_busy");
}

static void unsigned_and_unstarted_operations_are_cancelled(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    make_due(f, operation, entry);
    leave(f, CREW);
    clock_pass(3600);
    tick(f);
    expect_state(f, operation, "cancelled");
    tick(f);
    assert_int_equal(count_rows(f, "operation_gallery"), 0);
}

static void every_change_is_recorded_and_told(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    run_operation(f, operation, entry);
    struct event events[64];
    size_t count = ledger_events(f->site.ledger, 0, events, COUNT_OF(events));
    static const char *const expected[] = {"draft", "requested", "requested", "authorised", "running"};
    size_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(events[i].noun, "operation") != 0)
            continue;
        assert_true(seen < COUNT_OF(expected));
        assert_string_equal(events[i].state, expected[seen++]);
    }
    assert_int_equal(seen, COUNT_OF(expected));
    static const char *const kinds[] = {"operation_drafted", "operation_terms", "operation_requested",
        "operation_authorised", "operation_running"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        assert_int_equal(count_records(f, kinds[i]), 1);
}

static void a_camera_that_does_not_arm_is_tried_again(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    fixture_watch(f);
    f->told.refuses_to_arm = true;
    run_operation(f, operation, entry);
    assert_int_equal(f->told.arms, 0);
    f->told.refuses_to_arm = false;
    assert_true(operation_tick(&f->site, &err));
    assert_int_equal(f->told.arms, 0);
    clock_pass(10);
    for (int i = 0; i < 2; i++) {
        if (!operation_tick(&f->site, &err))
            fail_msg("%s", err.text);
        assert_int_equal(f->told.arms, 1);
        clock_pass(10);
    }
}

static void s10_an_operation_does_not_start_on_a_camera_of_a_suspended_administrator(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    make_due(f, operation, entry);
    suspend_key(f, ADMIN);
    tick(f);
    expect_state(f, operation, "halted");
    expect_why(f, operation, "not_as_signed");
    assert_int_equal(f->told.arms, 0);
}

static void s10_what_runs_on_a_camera_of_a_suspended_administrator_is_halted_until_another_has_signed(
    void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24], camera[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    only_camera(f, camera);
    suspend_key(f, ADMIN);
    clock_pass(10);
    tick(f);
    expect_state(f, operation, "halted");
    expect_why(f, operation, "not_as_signed");
    assert_false(f->told.armed);
    AUTO(json) json_t *shown = operation_show(&f->site, officer_of(f, CREW), operation, &err);
    int64_t halted_s = json_integer_value(json_object_get(shown, "halted_at"));
    expect_field(resume_as(f, AUTHORISER_TWO, operation, halted_s, &err), &err, "state", "halted");
    expect_refusal(resume_as(f, AUTHORISER_ONE, operation, halted_s, &err), &err, ERROR_CONFLICT,
        "another administrator");
    expect_field(register_camera(f, ADMIN_TWO, camera, 0, &err), &err, "camera", camera);
    expect_field(resume_as(f, AUTHORISER_ONE, operation, halted_s, &err), &err, "state", "running");
    assert_true(f->told.armed);
    clock_pass(10);
    tick(f);
    expect_state(f, operation, "running");
}

static void s44_a_log_that_cannot_be_written_pauses_matching_and_recovers(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    assert_false(f->told.paused);
    run_sql(f, "PRAGMA query_only = ON");
    assert_false(operation_tick(&f->site, &err));
    assert_true(f->told.paused);
    AUTO(json) json_t *shown = operation_show(&f->site, officer_of(f, REVIEWER_ONE), operation, &err);
    assert_string_equal(json_string_value(json_object_get(shown, "state")), "paused");
    assert_string_equal(json_string_value(json_object_get(shown, "why")), "log");
    assert_false(operation_tick(&f->site, &err));
    assert_true(f->told.paused);
    run_sql(f, "PRAGMA query_only = OFF");
    assert_true(operation_tick(&f->site, &err));
    assert_true(f->told.paused);
    assert_int_equal(count_records(f, "operation_paused"), 1);
    assert_true(operation_tick(&f->site, &err));
    assert_false(f->told.paused);
    assert_string_equal(operation_state(&f->site, operation, &err), "running");
}

/* Due, its one entry in turns of their own: everything is asked, and it does not run yet. */
static void make_arming(struct fixture *f, char operation[static 24], char entry[static 24])
{
    make_due(f, operation, entry);
    f->site.turn_us = -1; /* over at once */
    tick(f);
    expect_state(f, operation, "authorised");
    assert_true(operation_is_arming(&f->site));
}

static void go_on(struct fixture *f)
{
    struct error err = {0};
    f->site.turn_us = 0;
    if (!operation_go_on(&f->site, &err))
        fail_msg("%s", err.text);
    assert_false(operation_is_arming(&f->site));
}

static void an_operation_arms_in_turns(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    make_arming(f, operation, entry);
    assert_int_equal(f->told.arms, 0);
    go_on(f);
    expect_state(f, operation, "running");
    assert_int_equal(f->told.arms, 1);
    assert_int_equal(f->told.withdrawn_count, 0);
}

static void s3_what_happens_to_an_entry_while_it_is_armed_counts(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    make_due(f, operation, entry);
    f->site.turn_us = -1;
    struct operation_row row;
    bool done = false;
    assert_true(operation_load(&f->site, operation, &row, &err));
    while (!f->site.arming || f->site.arming->next == 0)
        assert_true(arming_step(&f->site, &row, &done, &err) && !done);
    assert_int_equal(json_object_size(f->site.arming->armed), 1);
    suspend_entry(f, entry);
    tick(f);
    expect_state(f, operation, "authorised");
    expect_why(f, operation, "no_live_case");
    assert_int_equal(f->told.arms, 0);
}

static void s11_a_roster_that_changes_while_it_is_armed_begins_it_anew(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    make_arming(f, operation, entry);
    suspend_key(f, STATION_OFFICER);
    go_on(f);
    expect_state(f, operation, "authorised");
    expect_why(f, operation, "unavailable");
    tick(f);
    expect_state(f, operation, "running");
}

static void s21_who_leaves_while_it_is_armed_ends_it(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    make_arming(f, operation, entry);
    leave(f, DISPATCHER);
    go_on(f);
    expect_state(f, operation, "authorised");
    expect_why(f, operation, "presence");
    assert_int_equal(f->told.arms, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(a_due_operation_arms_its_cameras),
        SITE_TEST(an_operation_waits_for_its_start),
        SITE_TEST(s21_nothing_starts_without_presence),
        SITE_TEST(s21_lost_presence_pauses),
        SITE_TEST(a_moved_clock_pauses),
        SITE_TEST(s24_a_live_operation_pauses_when_more_people_pass_than_it_was_signed_for),
        SITE_TEST(s24_what_a_demonstration_was_signed_for_pauses_nothing),
        SITE_TEST(s24_s50_a_count_of_passages_that_was_taken_back_stops_the_operation),
        SITE_TEST(s15_a_clock_set_back_or_forth_pauses_until_it_is_right_again),
        SITE_TEST(s44_matching_pauses_while_the_log_or_the_witness_is_away),
        SITE_TEST(s3_a_case_that_is_not_live_does_not_arm),
        SITE_TEST(s3_a_restored_site_arms_only_after_every_status_was_asked_again),
        SITE_TEST(s3_what_ran_when_the_backup_was_made_is_halted_after_the_restore),
        SITE_TEST(s3_only_live_entries_stay_in_the_watch),
        SITE_TEST(s3_s50_who_was_withheld_stays_out_though_the_row_forgets_it),
        SITE_TEST(s50_a_start_finds_that_the_row_of_a_withheld_entry_forgets_it),
        SITE_TEST(a_camera_that_does_not_arm_is_tried_again),
        SITE_TEST(s10_an_operation_does_not_start_on_a_camera_of_a_suspended_administrator),
        SITE_TEST(s10_what_runs_on_a_camera_of_a_suspended_administrator_is_halted_until_another_has_signed),
        SITE_TEST(s44_a_log_that_cannot_be_written_pauses_matching_and_recovers),
        SITE_TEST(s15_an_operation_ends_by_time_and_is_wiped),
        SITE_TEST(officers_end_an_operation),
        SITE_TEST(s32_anyone_in_the_room_halts),
        SITE_TEST(s32_each_role_of_the_room_halts_alone),
        SITE_TEST(s32_a_halted_operation_runs_again_by_two_offices),
        SITE_TEST(s32_a_halted_operation_runs_again_beside_one_that_runs),
        SITE_TEST(s32_a_signature_is_for_one_halt_only),
        SITE_TEST(s21_a_halted_operation_does_not_run_again_in_an_empty_room),
        SITE_TEST(a_rule_halts_in_the_callers_transaction),
        SITE_TEST(a_restart_arms_what_was_running),
        SITE_TEST(a_restart_keeps_a_pause),
        SITE_TEST(an_entry_withdrawn_does_not_come_back_with_a_restart),
        SITE_TEST(s50_a_deleted_row_brings_no_withdrawn_entry_back),
        SITE_TEST(sightings_count_while_it_runs_only),
        SITE_TEST(s50_edited_rows_do_not_arm),
        SITE_TEST(s50_a_request_made_authorised_in_sql_does_not_arm),
        SITE_TEST(one_camera_works_for_one_operation),
        SITE_TEST(unsigned_and_unstarted_operations_are_cancelled),
        SITE_TEST(every_change_is_recorded_and_told),
        SITE_TEST(an_operation_arms_in_turns),
        SITE_TEST(s3_what_happens_to_an_entry_while_it_is_armed_counts),
        SITE_TEST(s11_a_roster_that_changes_while_it_is_armed_begins_it_anew),
        SITE_TEST(s21_who_leaves_while_it_is_armed_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
