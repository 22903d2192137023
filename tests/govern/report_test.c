/* The public record out of a real log: what is counted, and that it is made again to the byte. */
#include "govern/report.h"

#include "base/file.h"
#include "base/text.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define ONE "op-0000000000000001"
#define TWO "op-0000000000000002"

struct story {
    struct scratch scratch;
    struct ledger *ledger;
};

/* `fields` as JSON text with ' for ". */
static void tell(struct story *story, const char *kind, const char *fields)
{
    struct error err = {0};
    char text[512];
    snprintf(text, sizeof text, "%s", fields);
    for (char *at = text; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    AUTO(json) json_t *public_fields = json_read(text, strlen(text), sizeof text, &err);
    assert_non_null(public_fields);
    const struct record record = {.kind = kind, .by = "site", .public_fields = public_fields};
    if (!ledger_begin(story->ledger, &err) || !ledger_record(story->ledger, &record, &err) ||
        !ledger_commit(story->ledger, &err))
        fail_msg("%s: %s", kind, err.text);
}

static void tell_operation(struct story *story, const char *id)
{
    char fields[200];
    snprintf(fields, sizeof fields,
        "{'operation':'%s','purpose':'trial','list_size':5,'cameras':['c1c1c1c1c1c1c1c1c1c1']}", id);
    tell(story, "operation_terms", fields);
    snprintf(fields, sizeof fields, "{'operation':'%s'}", id);
    tell(story, "operation_running", fields);
}

static void tell_end(struct story *story, const char *id)
{
    char fields[200];
    snprintf(fields, sizeof fields, "{'operation':'%s','why':'time_over'}", id);
    tell(story, "operation_ended", fields);
}

static void tell_alerts(struct story *story)
{
    tell(story, "alert_raised", "{'alert':'a-0000000000000001','operation':'" ONE "'}");
    tell(story, "reviews_counted", "{'alert':'a-0000000000000001','same':2,'different':0,'cannot_tell':0}");
    tell(story, "alert_agreed", "{'alert':'a-0000000000000001'}");
    tell(story, "alert_dispatched", "{'alert':'a-0000000000000001','unit':'u-0000000000000001'}");
    tell(story, "alert_accepted", "{'alert':'a-0000000000000001'}");
    tell(story, "alert_on_scene", "{'alert':'a-0000000000000001'}");
    tell(story, "alert_stopped", "{'alert':'a-0000000000000001'}");
    tell(story, "outcome_given", "{'alert':'a-0000000000000001','harm':'none','outcome':'wrong_person'}");
    tell(story, "alert_closed", "{'alert':'a-0000000000000001','outcome':'wrong_person'}");
    tell(story, "alert_raised", "{'alert':'a-0000000000000002','operation':'" ONE "'}");
    tell(story, "reviews_counted", "{'alert':'a-0000000000000002','same':1,'different':1,'cannot_tell':0}");
    tell(story, "alert_closed", "{'alert':'a-0000000000000002','outcome':'rejected'}");
    tell(story, "alert_raised", "{'alert':'a-0000000000000003','operation':'" TWO "'}");
    tell(story, "pair_planted", "{'alert':'a-0000000000000004','operation':'" ONE "'}");
    tell(story, "pair_reviewed",
        "{'alert':'a-0000000000000004','operation':'" ONE
        "','pair':'different','same':1,'different':1,'cannot_tell':1}");
    tell(story, "alert_closed", "{'alert':'a-0000000000000004','outcome':'planted'}");
}

static int begin(void **state)
{
    struct story *story = memory_allocate(1, sizeof *story);
    scratch_make(&story->scratch);
    story->ledger = scratch_open(&story->scratch);
    tell_operation(story, ONE);
    tell_operation(story, TWO);
    tell_alerts(story);
    tell_end(story, ONE);
    *state = story;
    return 0;
}

static int end(void **state)
{
    struct story *story = *state;
    ledger_close(story->ledger);
    scratch_remove(&story->scratch);
    memory_release(story);
    return 0;
}

static json_t *report(struct story *story, const char *operation, int64_t through)
{
    struct error err = {0};
    AUTO(bytes) struct bytes export = {0};
    assert_true(ledger_export(story->ledger, &export, &err));
    json_t *made = report_operation(export.data, export.size, operation, through, &err);
    if (!made)
        fail_msg("%s", err.text);
    return made;
}

static int64_t at(const json_t *json, const char *group, const char *name)
{
    const json_t *counts = group ? json_object_get(json, group) : json;
    assert_non_null(json_object_get(counts, name));
    return json_integer_value(json_object_get(counts, name));
}

static void s28_reviewers_errors_on_planted_pairs_are_shown_and_are_no_alerts(void **state)
{
    struct error err = {0};
    AUTO(json) json_t *made = report(*state, ONE, REPORT_ALL);
    assert_int_equal(at(made, "planted", "different_pairs"), 1);
    assert_int_equal(at(made, "planted", "different_pairs_answers"), 3);
    assert_int_equal(at(made, "planted", "different_pairs_said_same"), 1);
    assert_int_equal(at(made, "planted", "different_pairs_cannot_tell"), 1);
    assert_int_equal(at(made, "planted", "same_pairs"), 0);
    assert_int_equal(at(made, NULL, "alerts"), 2);
    assert_null(json_object_get(json_object_get(made, "outcomes"), "planted"));
    assert_int_equal(at(made, "reviews", "alerts_disagreed"), 1);
    AUTO(text) char *html = report_html_text(made);
    assert_non_null(
        strstr(html, "<tr><th>different_pairs</th><td>1</td><td>3</td><td>1</td><td>1</td><td>33.3 %"));
    AUTO(text) char *csv = report_csv_text(made);
    assert_non_null(strstr(csv, ONE ",planted_different_pairs_said_same,1\n"));
    assert_int_equal(err.code, ERROR_NONE);
}

static void s46_alerts_stops_and_outcomes_are_counted_and_zeros_stand_there(void **state)
{
    AUTO(json) json_t *made = report(*state, ONE, REPORT_ALL);
    assert_int_equal(at(made, NULL, "alerts"), 2);
    assert_int_equal(at(made, NULL, "stops"), 1);
    assert_int_equal(at(made, NULL, "wrong_stops"), 1);
    assert_int_equal(at(made, "outcomes", "wrong_person"), 1);
    assert_int_equal(at(made, "outcomes", "rejected"), 1);
    assert_int_equal(at(made, "outcomes", "custody"), 0);
    assert_int_equal(at(made, "harm", "firearm"), 0);
    assert_int_equal(at(made, "reviews", "alerts_disagreed"), 1);
    assert_int_equal(at(made, "reviews", "same"), 3);
    const json_t *first = json_array_get(json_object_get(made, "stages"), 0);
    assert_int_equal(at(first, NULL, "alerts"), 1);
    assert_non_null(json_object_get(first, "p90_s"));
}

static void s35_harm_is_counted_once_of_an_alert_when_the_crew_signs_it(void **state)
{
    tell(*state, "alert_raised", "{'alert':'a-0000000000000005','operation':'" ONE "'}");
    tell(*state, "concurrence_asked", "{'alert':'a-0000000000000005','harm':'resistance','outcome':'lost'}");
    tell(*state, "concurrence_asked", "{'alert':'a-0000000000000005','harm':'injury','outcome':'lost'}");
    tell(*state, "concurrence_asked", "{'alert':'a-0000000000000005','harm':'none','outcome':'lost'}");
    tell(*state, "alert_closed", "{'alert':'a-0000000000000005','outcome':'lapsed'}");
    tell(*state, "alert_raised", "{'alert':'a-0000000000000006','operation':'" ONE "'}");
    tell(*state, "concurrence_asked", "{'alert':'a-0000000000000006','harm':'firearm','outcome':'lost'}");
    tell(*state, "outcome_given", "{'alert':'a-0000000000000006','harm':'firearm','outcome':'lost'}");
    tell(*state, "alert_closed", "{'alert':'a-0000000000000006','outcome':'lost'}");
    AUTO(json) json_t *made = report(*state, ONE, REPORT_ALL);
    assert_int_equal(at(made, "harm", "resistance"), 0);
    assert_int_equal(at(made, "harm", "injury"), 1);
    assert_int_equal(at(made, "harm", "firearm"), 1);
    assert_int_equal(at(made, "harm", "none"), 1);
}

static void s46_the_record_is_rebuilt_byte_for_byte_from_a_longer_log(void **state)
{
    AUTO(json) json_t *then = report(*state, ONE, REPORT_ALL);
    int64_t last = at(then, NULL, "last_record");
    tell(*state, "alert_handed_over", "{'alert':'a-0000000000000001'}");
    tell(*state, "entry_expired", "{'entry':'e-0000000000000001'}");
    AUTO(json) json_t *again = report(*state, ONE, last);
    AUTO(json) json_t *later = report(*state, ONE, REPORT_ALL);
    char *(*const writers[])(const json_t *) = {report_csv_text, report_html_text};
    for (size_t i = 0; i < COUNT_OF(writers); i++) {
        AUTO(text) char *a = writers[i](then);
        AUTO(text) char *b = writers[i](again);
        assert_string_equal(a, b);
        assert_non_null(strstr(a, "wrong_person"));
    }
    AUTO(text) char *a = report_json_text(then, NULL);
    AUTO(text) char *b = report_json_text(again, NULL);
    AUTO(text) char *c = report_json_text(later, NULL);
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
}

static void s46_passages_that_only_were_counted_stand_in_the_record(void **state)
{
    for (int i = 0; i < 2; i++)
        tell(*state, "passage_waits", "{'alert':'a-0000000000000001','operation':'" ONE "'}");
    tell(*state, "more_passages_waited", "{'alert':'a-0000000000000001','passages':250}");
    AUTO(json) json_t *record = report(*state, ONE, REPORT_ALL);
    assert_int_equal(at(record, NULL, "passages_waiting"), 252);
}

static void s46_sightings_of_the_muted_that_only_were_counted_stand_in_the_record(void **state)
{
    AUTO(json) json_t *before = report(*state, ONE, REPORT_ALL);
    tell(*state, "sighting_muted", "{'operation':'" ONE "'}");
    tell(*state, "more_sightings_unraised", "{'operation':'" ONE "','muted':250,'of_halted_camera':30}");
    AUTO(json) json_t *record = report(*state, ONE, REPORT_ALL);
    assert_int_equal(at(record, NULL, "sightings_muted"), at(before, NULL, "sightings_muted") + 251);
}

static void tell_amendment(struct story *story, const char *from, const char *to)
{
    char fields[200];
    snprintf(fields, sizeof fields, "{'alert':'a-0000000000000001','from':'%s','outcome':'%s'}", from, to);
    tell(story, "outcome_amended", fields);
}

static void s38_s46_an_amended_outcome_holds_and_what_was_recorded_first_stands_beside_it(void **state)
{
    AUTO(json) json_t *before = report(*state, ONE, REPORT_ALL);
    assert_int_equal(at(before, NULL, "outcomes_amended"), 0);
    tell_amendment(*state, "wrong_person", "contact_declined");
    AUTO(json) json_t *once = report(*state, ONE, REPORT_ALL);
    assert_int_equal(at(once, NULL, "wrong_stops"), 0);
    assert_int_equal(at(once, "outcomes", "contact_declined"), 1);
    assert_int_equal(at(once, "outcomes", "wrong_person"), 0);
    assert_int_equal(at(once, "amended", "wrong_person_to_contact_declined"), 1);
    tell_amendment(*state, "contact_declined", "identity_not_established");
    AUTO(json) json_t *twice = report(*state, ONE, REPORT_ALL);
    assert_int_equal(at(twice, NULL, "outcomes_amended"), 1);
    assert_int_equal(at(twice, "amended", "wrong_person_to_identity_not_established"), 1);
    AUTO(text) char *csv = report_csv_text(twice);
    AUTO(text) char *html = report_html_text(twice);
    assert_non_null(strstr(csv, ONE ",amended_wrong_person_to_identity_not_established,1\n"));
    assert_non_null(strstr(csv, ONE ",outcomes_amended,1\n"));
    assert_non_null(strstr(html, "<tr><th>wrong_person_to_identity_not_established</th><td>1</td></tr>"));
    /* What was published before says what it said. */
    AUTO(json) json_t *again = report(*state, ONE, at(before, NULL, "last_record"));
    AUTO(text) char *a = report_json_text(before, NULL);
    AUTO(text) char *b = report_json_text(again, NULL);
    assert_string_equal(a, b);
}

static int this_year(void)
{
    time_t now = time(NULL);
    struct tm split;
    gmtime_r(&now, &split);
    return split.tm_year + 1900;
}

static json_t *year(struct story *story, struct error *err)
{
    AUTO(bytes) struct bytes export = {0};
    assert_true(ledger_export(story->ledger, &export, err));
    return report_year(export.data, export.size, this_year(), err);
}

static void s46_the_year_fails_while_an_operation_is_missing(void **state)
{
    struct error err = {0};
    assert_null(year(*state, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    assert_non_null(strstr(err.text, TWO));
    tell_end(*state, TWO);
    AUTO(json) json_t *whole = year(*state, &err);
    assert_non_null(whole);
    assert_int_equal(json_array_size(report_operations(whole)), 2);
    assert_int_equal(at(whole, NULL, "alerts"), 3);
    assert_int_equal(at(whole, "outcomes", "wrong_person"), 1);
    tell(*state, "alert_raised", "{'alert':'a-0000000000000004','operation':'op-0000000000000003'}");
    assert_null(year(*state, &err));
    assert_non_null(strstr(err.text, "op-0000000000000003"));
}

static void s38_s46_an_outcome_that_no_crew_recorded_is_counted_as_one(void **state)
{
    tell(*state, "alert_raised", "{'alert':'a-0000000000000005','operation':'" ONE "'}");
    tell(*state, "outcome_not_recorded", "{'alert':'a-0000000000000005'}");
    tell(*state, "alert_closed", "{'alert':'a-0000000000000005','outcome':'identity_not_established'}");
    AUTO(json) json_t *made = report(*state, ONE, REPORT_ALL);
    assert_int_equal(at(made, NULL, "outcomes_not_recorded"), 1);
    assert_int_equal(at(made, "outcomes", "identity_not_established"), 1);
    AUTO(text) char *csv = report_csv_text(made);
    AUTO(text) char *html = report_html_text(made);
    assert_non_null(strstr(csv, ONE ",outcomes_not_recorded,1\n"));
    assert_non_null(strstr(html, "<tr><th>outcomes_not_recorded</th><td>1</td></tr>"));
}

static void s46_the_year_counts_a_custody_that_was_a_wrong_person_as_a_wrong_stop(void **state)
{
    struct error err = {0};
    tell(*state, "alert_closed", "{'alert':'a-0000000000000003','outcome':'custody'}");
    tell_end(*state, TWO);
    tell(*state, "outcome_amended",
        "{'alert':'a-0000000000000003','from':'custody','outcome':'wrong_person'}");
    AUTO(json) json_t *whole = year(*state, &err);
    assert_non_null(whole);
    assert_int_equal(at(whole, NULL, "wrong_stops"), 2);
    assert_int_equal(at(whole, NULL, "outcomes_amended"), 1);
    assert_int_equal(at(whole, "amended", "custody_to_wrong_person"), 1);
    assert_int_equal(at(whole, "outcomes", "custody"), 0);
    AUTO(text) char *csv = report_csv_text(whole);
    assert_non_null(strstr(csv, "all,amended_custody_to_wrong_person,1\n"));
}

static void an_operation_the_log_does_not_know_is_missing(void **state)
{
    struct story *story = *state;
    struct error err = {0};
    AUTO(bytes) struct bytes export = {0};
    assert_true(ledger_export(story->ledger, &export, &err));
    assert_null(report_operation(export.data, export.size, "op-0000000000000009", REPORT_ALL, &err));
    assert_int_equal(err.code, ERROR_MISSING);
}

/* The page's own count (web/report.js) has to give the same bytes of the same log. */
static void s46_the_record_of_a_kept_log_is_to_the_byte_what_the_page_counts_too(void **state)
{
    (void)state;
    struct error err = {0};
    AUTO(text) char *log_path = text_format("%s/tests/govern/reported.export", getenv("MIZAN_SOURCE"));
    AUTO(text) char *record_path = text_format("%s/tests/govern/reported.json", getenv("MIZAN_SOURCE"));
    AUTO(bytes) struct bytes log = {0}, record = {0};
    assert_true(file_read(log_path, 1 << 20, &log, &err) && file_read(record_path, 1 << 20, &record, &err));
    AUTO(json) json_t *made = report_operation(log.data, log.size, ONE, REPORT_ALL, &err);
    AUTO(text) char *text = made ? report_json_text(made, &err) : NULL;
    assert_non_null(text);
    assert_string_equal(text, (char *)record.data);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(s46_alerts_stops_and_outcomes_are_counted_and_zeros_stand_there),
        EACH(s35_harm_is_counted_once_of_an_alert_when_the_crew_signs_it),
        EACH(s28_reviewers_errors_on_planted_pairs_are_shown_and_are_no_alerts),
        EACH(s46_the_record_is_rebuilt_byte_for_byte_from_a_longer_log),
        EACH(s46_passages_that_only_were_counted_stand_in_the_record),
        EACH(s46_sightings_of_the_muted_that_only_were_counted_stand_in_the_record),
        EACH(s38_s46_an_amended_outcome_holds_and_what_was_recorded_first_stands_beside_it),
        EACH(s38_s46_an_outcome_that_no_crew_recorded_is_counted_as_one),
        EACH(s46_the_year_counts_a_custody_that_was_a_wrong_person_as_a_wrong_stop),
        EACH(s46_the_year_fails_while_an_operation_is_missing),
        EACH(an_operation_the_log_does_not_know_is_missing),
        EACH(s46_the_record_of_a_kept_log_is_to_the_byte_what_the_page_counts_too),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
