#include "list/import.h"

#include "base/text.h"
#include "sign/limits.h"
#include "site_test.h"

#include <time.h>

static const char head[] =
    "ground,name,father,cnic,born,gender,description,case_kind,case_number,case_section,"
    "case_station,case_dated,case_officer,photo,photo_source,photo_record,photo_dated,"
    "expires\n";

/* A good line of person `identity`, with `name` and with `extra` text behind it. */
static void add_line(struct fixture *f, struct text *table, unsigned identity, const char *photo,
    const char *name, const char *ground)
{
    time_t expires = (time_t)clock_now_s() + 30L * 86400;
    char date[16];
    struct tm day;
    gmtime_r(&expires, &day);
    strftime(date, sizeof date, "%Y-%m-%d", &day);
    text_add(table,
        "%s,%s,Test Father,42101-%07u-1,1990,male,tall,fir,12/2026,379 PPC,%s,2025-01-31,Inspector Test,%s,"
        "consenting_subject,T-1,2025-01-31,%s\n",
        ground, name, identity, f->station, photo, date);
}

/* The report once all lines are looked at. */
static json_t *finish(struct fixture *f, enum person person, struct import *file, struct error *err)
{
    bool done = false;
    while (file && !done && import_step(&f->site, officer_of(f, person), file, &done, err)) {
    }
    return done ? import_report(file) : NULL;
}

static json_t *import(struct fixture *f, const void *bytes, size_t size, struct error *err)
{
    *err = (struct error){0};
    AUTO(import) struct import *table = import_csv(&f->site, officer_of(f, WATCH_ONE), bytes, size, err);
    return finish(f, WATCH_ONE, table, err);
}

static json_t *must_import(struct fixture *f, const struct text *table, int good, int refused)
{
    struct error err;
    json_t *report = import(f, table->data, table->size, &err);
    if (!report)
        fail_msg("%s", err.text);
    assert_int_equal(json_integer_value(json_object_get(report, "good")), good);
    assert_int_equal(json_integer_value(json_object_get(report, "refused")), refused);
    return report;
}

static const char *told(const json_t *report, size_t index, const char *field)
{
    return json_string_value(json_object_get(json_array_get(json_object_get(report, "lines"), index), field));
}

static json_t *send(struct fixture *f, enum person person, const char *text, struct error *err)
{
    *err = (struct error){0};
    AUTO(import) struct import *lines = import_signed(text, strlen(text), err);
    return finish(f, person, lines, err);
}

/* The lines that are well, signed by the person: JSON lines. */
static char *sign_all(struct fixture *f, enum person person, const json_t *report)
{
    struct text lines = {0};
    size_t index;
    const json_t *line;
    json_array_foreach (json_object_get(report, "lines"), index, line) {
        json_t *proposal = json_object_get(line, "proposal");
        if (!proposal)
            continue;
        AUTO(envelope)
        struct envelope *envelope = signed_by(f, person, "entry_proposal", json_deep_copy(proposal));
        AUTO(json) json_t *json = envelope_json(envelope);
        AUTO(text) char *text = json_canonical(json, NULL);
        text_add(&lines, "%s\n", text);
    }
    return lines.data;
}

static void s8_a_table_becomes_signed_proposals_and_nothing_more(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char photos[2][HEX_HASH_SIZE];
    __attribute__((cleanup(text_buffer_auto))) struct text table = {0};
    upload(f, WATCH_ONE, 1, 0, photos[0]);
    upload(f, WATCH_ONE, 2, 0, photos[1]);
    text_add(&table, "\xef\xbb\xbf%s", head);
    add_line(f, &table, 1, photos[0], "\"Subject, \"\"One\"\"\"", "consenting_test_subject");
    add_line(f, &table, 2, photos[1], "Subject Two", "consenting_test_subject");
    AUTO(json) json_t *report = must_import(f, &table, 2, 0);
    assert_int_equal(count_rows(f, "entry"), 0);
    AUTO(text) char *lines = sign_all(f, WATCH_ONE, report);
    AUTO(json) json_t *sent = send(f, WATCH_ONE, lines, &err);
    assert_int_equal(json_integer_value(json_object_get(sent, "good")), 2);
    assert_string_equal(told(sent, 1, "state"), "proposed");
    assert_int_equal(count_rows(f, "entry WHERE state = 'proposed'"), 2);
    AUTO(json) json_t *again = send(f, WATCH_ONE, lines, &err);
    assert_int_equal(json_integer_value(json_object_get(again, "good")), 2);
    assert_int_equal(count_rows(f, "entry"), 2);
}

static void each_refused_line_is_named_with_its_reason_and_cure(void **state)
{
    struct fixture *f = *state;
    char photo[HEX_HASH_SIZE];
    __attribute__((cleanup(text_buffer_auto))) struct text table = {0};
    upload(f, WATCH_ONE, 1, 0, photo);
    text_add(&table, "%s", head);
    add_line(f, &table, 1, photo, "Somebody", "of_interest");
    text_add_bytes(&table, "\xff\xfe broken\n", 10);
    text_add(&table, "\"a quote that is not closed,x\n");
    text_add(&table, "too,few\n");
    text_add(&table, "\n");
    add_line(f, &table, 1, photo, "Subject One", "consenting_test_subject");
    add_line(f, &table, 1, photo, "The same", "consenting_test_subject");
    add_line(f, &table, 2, "0000000000000000000000000000000000000000000000000000000000000000", "No photo",
        "consenting_test_subject");
    AUTO(json) json_t *report = must_import(f, &table, 1, 6);
    static const struct {
        int line;
        const char *reason;
    } expected[] = {{2, "ground"}, {3, "UTF-8"}, {4, "quote"}, {5, "2 fields"}, {7, NULL}, {8, "this CNIC"},
        {9, "uploads"}};
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        const json_t *line = json_array_get(json_object_get(report, "lines"), i);
        assert_int_equal(json_integer_value(json_object_get(line, "line")), expected[i].line);
        if (!expected[i].reason)
            continue;
        if (!strstr(told(report, i, "reason"), expected[i].reason))
            fail_msg("line %d: %s", expected[i].line, told(report, i, "reason"));
        assert_true(strlen(told(report, i, "cure")) > 10);
    }
}

static void s1_s4_the_rules_of_one_proposal_hold_for_a_table(void **state)
{
    struct fixture *f = *state;
    static const char *const changes[][2] = {{"42101-", "4210-"}, {",1990,", ",2015,"},
        {"379 PPC", "295-C PPC"}, {"2025-01-31,Insp", "2025-02-31,Insp"}, {"consenting_subject", "custody"},
        {",fir,", ",hearsay,"}, {",male,", ",m,"}, {"12/2026", ""}};
    char photo[HEX_HASH_SIZE];
    upload(f, WATCH_ONE, 1, 0, photo);
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        __attribute__((cleanup(text_buffer_auto))) struct text table = {0}, changed = {0};
        text_add(&table, "%s", head);
        add_line(f, &table, 1, photo, "Subject One", "consenting_test_subject");
        const char *at = strstr(table.data, changes[i][0]);
        assert_non_null(at);
        text_add(&changed, "%.*s%s%s", (int)(at - table.data), table.data, changes[i][1],
            at + strlen(changes[i][0]));
        AUTO(json) json_t *report = must_import(f, &changed, 0, 1);
    }
}

static void s9_a_table_does_not_widen_the_proposals_of_a_day(void **state)
{
    struct fixture *f = *state;
    char photo[HEX_HASH_SIZE];
    __attribute__((cleanup(text_buffer_auto))) struct text table = {0};
    upload(f, WATCH_ONE, 1, 0, photo);
    text_add(&table, "%s", head);
    for (unsigned i = 0; i < LIMIT_PROPOSALS_A_DAY + 2; i++)
        add_line(f, &table, i, photo, "Subject", "consenting_test_subject");
    AUTO(json) json_t *report = must_import(f, &table, LIMIT_PROPOSALS_A_DAY, 2);
    assert_non_null(strstr(told(report, LIMIT_PROPOSALS_A_DAY, "reason"), "50 proposals a day"));
}

static void a_day_begins_where_the_desk_stands(void **state)
{
    struct fixture *f = *state;
    char photo[HEX_HASH_SIZE];
    __attribute__((cleanup(text_buffer_auto))) struct text table = {0};
    setenv("TZ", "PKT-5", 1);
    tzset();
    upload(f, WATCH_ONE, 1, 0, photo);
    text_add(&table, "%s", head);
    add_line(f, &table, 1, photo, "Test One", "consenting_test_subject");
    AUTO(json) json_t *report = must_import(f, &table, 1, 0);
    const json_t *proposal = json_object_get(json_array_get(json_object_get(report, "lines"), 0), "proposal");
    const json_t *one = json_array_get(json_object_get(proposal, "cases"), 0);
    struct tm karachi = {.tm_year = 125, .tm_mday = 30, .tm_hour = 19}; /* of 30 January, in UTC */
    assert_int_equal(json_integer_value(json_object_get(one, "dated")), timegm(&karachi));
    unsetenv("TZ");
    tzset();
}

static void files_are_bounded_whole(void **state)
{
    struct fixture *f = *state;
    struct error err;
    static char large[IMPORT_CSV_BYTES + 1];
    memset(large, 'x', sizeof large);
    expect_refusal(import(f, large, sizeof large, &err), &err, ERROR_TOO_LARGE, "at most");
    expect_refusal(import(f, large, IMPORT_CSV_BYTES, &err), &err, ERROR_TOO_LARGE, "a line of");
    expect_refusal(import(f, "", 0, &err), &err, ERROR_INVALID, "empty");
    expect_refusal(import(f, "name,shoe_size\n", 15, &err), &err, ERROR_INVALID, "shoe_size");
    expect_refusal(import(f, "name,name\n", 10, &err), &err, ERROR_INVALID, "twice");
    expect_refusal(import(f, "name\n", 5, &err), &err, ERROR_INVALID, "no column");
    memcpy(large, head, sizeof head - 1);
    for (size_t i = sizeof head - 1; i + 1 < IMPORT_CSV_BYTES; i += 2)
        memcpy(large + i, "x\n", 2);
    expect_refusal(import(f, large, IMPORT_CSV_BYTES, &err), &err, ERROR_TOO_LARGE, "5000 lines");
}

static void s10_lines_signed_by_somebody_else_or_by_nobody_are_refused(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char photo[HEX_HASH_SIZE];
    __attribute__((cleanup(text_buffer_auto))) struct text table = {0};
    upload(f, WATCH_ONE, 1, 0, photo);
    text_add(&table, "%s", head);
    add_line(f, &table, 1, photo, "Subject One", "consenting_test_subject");
    AUTO(json) json_t *report = must_import(f, &table, 1, 0);
    AUTO(text) char *lines = sign_all(f, WATCH_ONE, report);
    AUTO(json) json_t *others = send(f, WATCH_TWO, lines, &err);
    assert_string_equal(told(others, 0, "code"), "unsigned");
    AUTO(json) json_t *nonsense = send(f, WATCH_ONE, "{}\n\xff\n\n[1]", &err);
    assert_int_equal(json_integer_value(json_object_get(nonsense, "refused")), 3);
    assert_int_equal(count_rows(f, "entry"), 0);
    *strstr(lines, "Subject") = 's';
    AUTO(json) json_t *edited = send(f, WATCH_ONE, lines, &err);
    assert_string_equal(told(edited, 0, "code"), "unsigned");
}

static void s8_a_line_has_one_case_and_a_file_200_lines(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char photo[HEX_HASH_SIZE], entry[24] = "";
    upload(f, WATCH_ONE, 1, 0, photo);
    json_t *fields = proposal_fields(f, entry, 1, photo);
    json_t *cases = json_object_get(fields, "cases");
    json_t *second = json_deep_copy(json_array_get(cases, 0));
    json_object_set_new(second, "case", json_string("k-0000000000000001"));
    json_array_append_new(cases, second);
    AUTO(envelope) struct envelope *envelope = signed_by(f, WATCH_ONE, "entry_proposal", fields);
    AUTO(json) json_t *json = envelope_json(envelope);
    AUTO(text) char *line = json_canonical(json, NULL);
    AUTO(json) json_t *report = send(f, WATCH_ONE, line, &err);
    assert_non_null(strstr(told(report, 0, "reason"), "one case"));
    __attribute__((cleanup(text_buffer_auto))) struct text lines = {0};
    for (size_t i = 0; i <= IMPORT_SIGNED_LINES; i++)
        text_add(&lines, "x\n");
    expect_refusal(send(f, WATCH_ONE, lines.data, &err), &err, ERROR_TOO_LARGE, "200 lines");
}

static void s3_a_turn_that_is_over_takes_no_further_line(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    __attribute__((cleanup(text_buffer_auto))) struct text table = {0};
    bool done = false;
    text_add(&table, "%s", head);
    for (unsigned i = 0; i < 3; i++)
        add_line(f, &table, i, "00", "Nobody", "consenting_test_subject");
    f->site.turn_us = -1; /* over at once */
    const struct officer *officer = officer_of(f, WATCH_ONE);
    AUTO(import) struct import *csv = import_csv(&f->site, officer, table.data, table.size, &err);
    AUTO(import) struct import *lines = import_signed("x\ny\nz\n", 6, &err);
    struct import *const both[] = {csv, lines};
    for (size_t i = 0; i < COUNT_OF(both); i++) {
        for (int turn = 1; turn <= 3; turn++) {
            assert_true(import_step(&f->site, officer, both[i], &done, &err));
            AUTO(json) json_t *report = import_report(both[i]);
            assert_int_equal(json_integer_value(json_object_get(report, "refused")), turn);
            assert_false(done);
        }
        assert_true(import_step(&f->site, officer, both[i], &done, &err));
        assert_true(done);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(s8_a_table_becomes_signed_proposals_and_nothing_more),
        SITE_TEST(each_refused_line_is_named_with_its_reason_and_cure),
        SITE_TEST(s1_s4_the_rules_of_one_proposal_hold_for_a_table),
        SITE_TEST(s9_a_table_does_not_widen_the_proposals_of_a_day),
        SITE_TEST(a_day_begins_where_the_desk_stands),
        SITE_TEST(files_are_bounded_whole),
        SITE_TEST(s10_lines_signed_by_somebody_else_or_by_nobody_are_refused),
        SITE_TEST(s8_a_line_has_one_case_and_a_file_200_lines),
        SITE_TEST(s3_a_turn_that_is_over_takes_no_further_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
