/* Before an operation arms, the public record of each one before it is published, and it is the record that
 * the log gives (SAFEGUARDS 20). */
#include "site_test.h"

#include "base/text.h"
#include "govern/report.h"

static void tick(struct fixture *f)
{
    struct error err = {0};
    if (!operation_tick(&f->site, &err))
        fail_msg("%s", err.text);
}

/* One that ran and is over, and one that is signed and due. */
static void make_two(struct fixture *f, char before[static 24], char next[static 24])
{
    char entry[24], camera[24];
    run_operation(f, before, entry);
    end_operation(f, before);
    tick(f);
    add_camera(f, camera);
    next[0] = 0; /* drawn */
    authorise_operation(f, next, entry, camera);
    fill_room(f);
}

static json_t *publish(struct fixture *f, enum person person, const char *operation, int64_t through,
    const char *hash, struct error *err)
{
    AUTO(envelope)
    struct envelope *envelope = signed_by(f, person, "publication",
        json_pack(
            "{s:s, s:I, s:s}", "operation", operation, "through", (json_int_t)through, "record_hash", hash));
    *err = (struct error){0};
    AUTO(public_record) struct public_record *made = make_public_record(f, operation, through, err);
    return made ? operation_publish(&f->site, envelope, made, err) : NULL;
}

/* As `mizan audit report` makes it from the exported log, and its file's hash. */
static int64_t record_of(struct fixture *f, const char *operation, char hash[static HEX_HASH_SIZE])
{
    struct error err = {0};
    uint8_t bytes[HASH_SIZE];
    AUTO(bytes) struct bytes log = {0};
    assert_true(ledger_export(f->site.ledger, &log, &err));
    AUTO(json) json_t *record = report_operation(log.data, log.size, operation, REPORT_ALL, &err);
    AUTO(text) char *file = report_json_text(record, &err);
    hash_bytes(file, strlen(file), bytes);
    hex_write(bytes, HASH_SIZE, hash);
    return json_integer_value(json_object_get(record, "last_record"));
}

static void publish_it(struct fixture *f, const char *operation)
{
    struct error err = {0};
    char hash[HEX_HASH_SIZE];
    int64_t through = record_of(f, operation, hash);
    expect_field(publish(f, AUDITOR, operation, through, hash, &err), &err, "record_hash", hash);
}

static void s20_nothing_arms_before_the_record_of_the_one_before_is_published(void **state)
{
    struct fixture *f = *state;
    char before[24], next[24];
    make_two(f, before, next);
    tick(f);
    expect_operation(f, next, "authorised", "publication");
    fixture_restart(f);
    fill_room(f);
    tick(f);
    expect_operation(f, next, "authorised", "publication");
    publish_it(f, before);
    tick(f);
    expect_operation(f, next, "running", "");
    assert_int_equal(count_records(f, "record_published"), 1);
}

static void s20_s46_after_an_amendment_the_record_that_says_it_is_owed(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char before[24], next[24];
    make_two(f, before, next);
    publish_it(f, before);
    assert_true(ledger_begin(f->site.ledger, &err));
    assert_true(operation_owe_record(&f->site, before, &err));
    assert_true(ledger_commit(f->site.ledger, &err));
    tick(f);
    expect_operation(f, next, "authorised", "publication");
    publish_it(f, before);
    tick(f);
    expect_operation(f, next, "running", "");
}

static void write_alert(struct fixture *f, const char *kind, json_t *fields)
{
    struct error err = {0};
    AUTO(json) json_t *named = fields;
    const struct record record = {.kind = kind, .by = "site", .public_fields = named};
    assert_true(ledger_begin(f->site.ledger, &err));
    assert_true(ledger_record(f->site.ledger, &record, &err));
    assert_true(ledger_commit(f->site.ledger, &err));
}

static void s20_s46_a_record_of_before_an_amendment_settles_nothing(void **state)
{
    static const char alert[] = "a-0000000000000001";
    struct fixture *f = *state;
    struct error err = {0};
    char before[24], next[24], hash[HEX_HASH_SIZE];
    make_two(f, before, next);
    write_alert(f, "alert_raised", json_pack("{s:s, s:s}", "alert", alert, "operation", before));
    write_alert(
        f, "alert_closed", json_pack("{s:s, s:s}", "alert", alert, "outcome", "right_person_no_action"));
    int64_t through = record_of(f, before, hash);
    write_alert(f, "outcome_amended",
        json_pack(
            "{s:s, s:s, s:s}", "alert", alert, "from", "right_person_no_action", "outcome", "wrong_person"));
    assert_null(publish(f, AUDITOR, before, through, hash, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    publish_it(f, before);
}

/* One that runs, and one on another camera that is signed and due. */
static void make_two_at_once(struct fixture *f, char running[static 24], char next[static 24])
{
    char entry[24], camera[24];
    run_operation(f, running, entry);
    add_camera(f, camera);
    next[0] = 0; /* drawn */
    authorise_operation(f, next, entry, camera);
    fill_room(f);
}

static int64_t halt(struct fixture *f, const char *operation)
{
    struct error err = {0};
    assert_true(ledger_begin(f->site.ledger, &err));
    assert_true(operation_halt_by_rule(&f->site, operation, "breaker", &err));
    assert_true(ledger_commit(f->site.ledger, &err));
    return clock_now_s();
}

static void resume(struct fixture *f, enum person person, const char *operation, int64_t halted_s)
{
    struct error err = {0};
    AUTO(envelope)
    struct envelope *envelope = signed_by(f, person, "resume",
        json_pack("{s:s, s:I, s:s}", "operation", operation, "halted_at", (json_int_t)halted_s, "reason",
            "checked"));
    AUTO(json) json_t *reply = operation_resume(&f->site, envelope, &err);
    if (!reply)
        fail_msg("%s", err.text);
}

static void s20_s32_a_halted_operation_is_resumed_before_another_arms(void **state)
{
    struct fixture *f = *state;
    char halted[24], next[24];
    make_two_at_once(f, halted, next);
    int64_t halted_s = halt(f, halted);
    tick(f);
    expect_operation(f, next, "authorised", "publication");
    resume(f, AUTHORISER_ONE, halted, halted_s);
    tick(f);
    expect_operation(f, next, "authorised", "publication");
    resume(f, AUTHORISER_TWO, halted, halted_s);
    tick(f);
    expect_operation(f, next, "running", "");
}

static void s20_s32_or_it_is_ended_and_its_record_published(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char halted[24], next[24], hash[HEX_HASH_SIZE];
    make_two_at_once(f, halted, next);
    halt(f, halted);
    tick(f);
    int64_t through = record_of(f, halted, hash);
    expect_refusal(publish(f, AUDITOR, halted, through, hash, &err), &err, ERROR_CONFLICT, "not over");
    end_operation(f, halted);
    tick(f);
    expect_operation(f, next, "authorised", "publication");
    publish_it(f, halted);
    tick(f);
    expect_operation(f, next, "running", "");
}

static void s20_the_first_operation_of_a_site_owes_nothing(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    run_operation(f, operation, entry);
    expect_operation(f, operation, "running", "");
}

static void s20_only_an_auditor_publishes_only_the_record_that_the_log_gives(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char before[24], next[24], hash[HEX_HASH_SIZE];
    make_two(f, before, next);
    int64_t through = record_of(f, before, hash);
    expect_refusal(publish(f, AUTHORISER_ONE, before, through, hash, &err), &err, ERROR_FORBIDDEN, "role");
    expect_refusal(publish(f, AUDITOR, next, through, hash, &err), &err, ERROR_CONFLICT, "not over");
    expect_refusal(publish(f, AUDITOR, before, 3, hash, &err), &err, ERROR_MISSING, "no operation");
    hash[0] = hash[0] == 'a' ? 'b' : 'a';
    expect_refusal(publish(f, AUDITOR, before, through, hash, &err), &err, ERROR_CONFLICT, "the log gives");
    tick(f);
    expect_operation(f, next, "authorised", "publication");
}

static void s20_a_record_that_stops_before_the_end_is_none(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char before[24], entry[24], hash[HEX_HASH_SIZE];
    run_operation(f, before, entry);
    int64_t through = record_of(f, before, hash);
    end_operation(f, before);
    tick(f);
    expect_refusal(publish(f, AUDITOR, before, through, hash, &err), &err, ERROR_CONFLICT, "before its end");
}

static void s20_an_auditor_is_shown_what_is_signed(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char before[24], next[24], hash[HEX_HASH_SIZE];
    make_two(f, before, next);
    int64_t through = record_of(f, before, hash);
    AUTO(public_record) struct public_record *made = make_public_record(f, before, REPORT_ALL, &err);
    AUTO(json) json_t *shown = operation_record(officer_of(f, AUDITOR), made, &err);
    assert_string_equal(json_string_value(json_object_get(shown, "record_hash")), hash);
    assert_int_equal(json_integer_value(json_object_get(shown, "through")), through);
    expect_refusal(operation_record(officer_of(f, WATCH_ONE), made, &err), &err, ERROR_FORBIDDEN, "auditors");
}

static void s20_s50_no_edited_row_stands_for_a_publication(void **state)
{
    struct fixture *f = *state;
    char before[24], next[24];
    make_two(f, before, next);
    run_sql(f, "UPDATE operation SET state = 'refused' WHERE operation = '%s'", before);
    tick(f);
    expect_operation(f, next, "authorised", "publication");
    run_sql(f, "UPDATE operation SET state = 'wiped' WHERE operation = '%s'", before);
    publish_it(f, before);
    run_sql(f, "UPDATE operation_publication SET through = through + 1");
    tick(f);
    expect_operation(f, next, "authorised", "publication");
    run_sql(f, "UPDATE operation_publication SET through = through - 1");
    tick(f);
    expect_operation(f, next, "running", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(s20_s46_after_an_amendment_the_record_that_says_it_is_owed),
        SITE_TEST(s20_s46_a_record_of_before_an_amendment_settles_nothing),
        SITE_TEST(s20_nothing_arms_before_the_record_of_the_one_before_is_published),
        SITE_TEST(s20_s32_a_halted_operation_is_resumed_before_another_arms),
        SITE_TEST(s20_s32_or_it_is_ended_and_its_record_published),
        SITE_TEST(s20_the_first_operation_of_a_site_owes_nothing),
        SITE_TEST(s20_only_an_auditor_publishes_only_the_record_that_the_log_gives),
        SITE_TEST(s20_a_record_that_stops_before_the_end_is_none),
        SITE_TEST(s20_an_auditor_is_shown_what_is_signed),
        SITE_TEST(s20_s50_no_edited_row_stands_for_a_publication),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
