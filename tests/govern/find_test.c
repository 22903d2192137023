/* What is looked for in the log while alerts wait is found and proved without reading all of it. */
#include "base/text.h"
#include "govern/ledger_private.h"
#include "govern/ledger_proof.h"
#include "govern/report.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ALERT "a-0000000000000001"
#define OPERATION "op-0000000000000001"

enum { BEFORE = 700, BEHIND = 300 };

static void add(struct ledger *ledger, const char *kind, json_t *taken)
{
    struct error err = {0};
    AUTO(json) json_t *fields = taken;
    const struct record record = {.kind = kind, .by = "site", .public_fields = fields};
    if (!ledger_record(ledger, &record, &err))
        fail_msg("%s", err.text);
}

static void add_others(struct ledger *ledger, int count)
{
    struct error err = {0};
    assert_true(ledger_begin(ledger, &err));
    for (int i = 0; i < count; i++) {
        char alert[24];
        snprintf(alert, sizeof alert, "a-%016x", i + 1000);
        add(ledger, "picture_shown", json_pack("{s:s, s:i}", "alert", alert, "n", i));
    }
    assert_true(ledger_commit(ledger, &err));
}

static void add_alone(struct ledger *ledger, const char *kind, json_t *fields)
{
    struct error err = {0};
    assert_true(ledger_begin(ledger, &err));
    add(ledger, kind, fields);
    assert_true(ledger_commit(ledger, &err));
}

/* Some of an alert, far from each other in a log of several blocks. */
static struct ledger *open_long(struct scratch *scratch)
{
    struct ledger *ledger = scratch_open(scratch);
    add_others(ledger, BEFORE);
    add_alone(ledger, "alert_raised", json_pack("{s:s, s:s}", "alert", ALERT, "operation", OPERATION));
    add_others(ledger, BEHIND);
    add_alone(ledger, "alert_closed", json_pack("{s:s, s:s}", "alert", ALERT, "outcome", "rejected"));
    return ledger;
}

static int64_t count(struct ledger *ledger, enum find_by by, const char *value, int64_t *newest)
{
    struct error err = {0};
    int64_t found_count = 0;
    AUTO(finding) struct finding found = {.ledger = ledger, .by = by, .value = value};
    while (finding_next(&found)) {
        *newest = found.seq;
        found_count++;
    }
    assert_true(finding_ok(&found, &err));
    return found_count;
}

static void a_record_is_found_by_its_kind_its_alert_or_its_operation_also_after_a_restart(void **state)
{
    struct scratch *scratch = *state;
    struct ledger *ledger = open_long(scratch);
    for (int starts = 0; starts < 2; starts++) {
        int64_t newest = 0;
        assert_int_equal(count(ledger, FIND_ALERT, ALERT, &newest), 2);
        assert_int_equal(newest, BEFORE + BEHIND + 2);
        assert_int_equal(count(ledger, FIND_OPERATION, OPERATION, &newest), 1);
        assert_int_equal(newest, BEFORE + 1);
        assert_int_equal(count(ledger, FIND_KIND, "picture_shown", &newest), BEFORE + BEHIND);
        assert_int_equal(count(ledger, FIND_KIND, "picture", &newest), 0);
        assert_int_equal(count(ledger, FIND_SIGNED, ALERT, &newest), 0);
        ledger_close(ledger);
        ledger = scratch_open(scratch);
    }
    ledger_close(ledger);
}

static void what_is_recorded_is_found_before_its_commit_and_not_after_an_abort(void **state)
{
    struct error err = {0};
    int64_t newest = 0;
    struct ledger *ledger = open_long(*state);
    assert_true(ledger_begin(ledger, &err));
    add(ledger, "key_suspended", json_pack("{s:s}", "alert", ALERT));
    assert_int_equal(count(ledger, FIND_KIND, "key_suspended", &newest), 1);
    ledger_abort(ledger);
    assert_int_equal(count(ledger, FIND_KIND, "key_suspended", &newest), 0);
    add_alone(ledger, "roster_adopted", json_pack("{s:i}", "number", 2));
    assert_int_equal(count(ledger, FIND_ALERT, ALERT, &newest), 2);
    assert_int_equal(count(ledger, FIND_KIND, "roster_adopted", &newest), 1);
    ledger_close(ledger);
}

static void a_record_that_names_two_is_found_by_either(void **state)
{
    int64_t newest = 0;
    struct ledger *ledger = scratch_open(*state);
    add_alone(
        ledger, "of_two", json_pack("{s:s, s:{s:s}}", "alert", ALERT, "a", "alert", "a-0000000000000002"));
    assert_int_equal(count(ledger, FIND_ALERT, ALERT, &newest), 1);
    assert_int_equal(count(ledger, FIND_ALERT, "a-0000000000000002", &newest), 1);
    assert_int_equal(count(ledger, FIND_ALERT, "a-0000000000000003", &newest), 0);
    ledger_close(ledger);
}

static json_t *prove(struct ledger *ledger, const int64_t *beside, size_t beside_count)
{
    static const char *const counted[] = {"picture_shown", NULL};
    struct error err = {0};
    const struct proof_subject subject = {
        FIND_ALERT, "alert", ALERT, counted, "case_status_asked", "case", NULL, beside, beside_count};
    json_t *proofs = ledger_prove_about(ledger, &subject, &err);
    if (!proofs)
        fail_msg("%s", err.text);
    return proofs;
}

static void assert_proved(struct ledger *ledger, const json_t *proofs, const char *name, size_t expected)
{
    size_t index, step;
    const json_t *record, *hash;
    uint8_t root[HASH_SIZE];
    tree_root(&ledger->tree->committed.tree, root);
    assert_int_equal(json_array_size(json_object_get(proofs, name)), expected);
    json_array_foreach (json_object_get(proofs, name), index, record) {
        struct tree_proof proof = {.count = 0};
        uint8_t leaf_hash[HASH_SIZE];
        const char *leaf = json_string_value(json_object_get(record, "leaf"));
        json_array_foreach (json_object_get(record, "proof"), step, hash)
            assert_true(hex_read(json_string_value(hash), proof.hashes[proof.count++], HASH_SIZE));
        tree_leaf_hash(leaf, strlen(leaf), leaf_hash);
        assert_true(tree_check_inclusion(&proof, (uint64_t)ledger_size(ledger),
            (uint64_t)json_integer_value(json_object_get(record, "seq")), leaf_hash, root));
    }
}

/* At each length of the log around the ends of its blocks. */
static void s39_records_of_a_long_log_are_proved_wherever_they_stand_in_it(void **state)
{
    struct ledger *ledger = open_long(*state);
    const int64_t beside[] = {0, 255, 256, 511, BEFORE + BEHIND};
    while (ledger_size(ledger) < 4 * BLOCK + 3) {
        AUTO(json) json_t *proofs = prove(ledger, beside, COUNT_OF(beside));
        assert_proved(ledger, proofs, "records", 2);
        assert_proved(ledger, proofs, "beside", COUNT_OF(beside));
        add_others(
            ledger, ledger_size(ledger) < 4 * BLOCK - 2 ? 4 * BLOCK - 2 - (int)ledger_size(ledger) : 1);
    }
    ledger_close(ledger);
}

/* Alerts wait while a hand-over is sealed: of a block that nothing about the alert stands in, no record is
 * read. */
static void s39_a_proof_reads_only_the_blocks_that_its_records_stand_in(void **state)
{
    struct error err = {0};
    struct ledger *ledger = open_long(*state);
    assert_true(store_run(ledger->store,
        "PRAGMA foreign_keys = OFF;"
        "DELETE FROM ledger_leaf WHERE seq < 512",
        &err));
    AUTO(json) json_t *proofs = prove(ledger, NULL, 0);
    assert_proved(ledger, proofs, "records", 2);
    ledger_close(ledger);
}

static json_t *record_of(struct ledger *ledger, int64_t *read)
{
    struct error err = {0};
    AUTO(report) struct report *report = report_new(OPERATION);
    AUTO(finding)
    struct finding found = {.ledger = ledger, .by = FIND_OPERATION, .value = OPERATION, .and_alerts = true};
    for (*read = 0; finding_next(&found); ++*read) {
        AUTO(json) json_t *leaf = json_read((const char *)found.leaf.data, found.leaf.size, 1 << 16, &err);
        report_add(report, leaf);
    }
    assert_true(finding_ok(&found, &err));
    return report_made(report, &err);
}

static void s46_the_records_that_are_found_give_the_public_record_of_the_whole_log(void **state)
{
    struct error err = {0};
    int64_t read = 0;
    struct ledger *ledger = open_long(*state);
    add_alone(ledger, "operation_ended", json_pack("{s:s, s:s}", "operation", OPERATION, "why", ""));
    add_alone(ledger, "outcome_amended", json_pack("{s:s, s:s}", "alert", ALERT, "outcome", "wrong_person"));
    add_others(ledger, 20);
    AUTO(bytes) struct bytes log = {0};
    assert_true(ledger_export(ledger, &log, &err));
    AUTO(json) json_t *whole = report_operation(log.data, log.size, OPERATION, REPORT_ALL, &err);
    AUTO(json) json_t *found = record_of(ledger, &read);
    AUTO(text) char *expected = report_json_text(whole, &err);
    AUTO(text) char *text = report_json_text(found, &err);
    assert_string_equal(text, expected);
    assert_int_equal(json_integer_value(json_object_get(found, "wrong_stops")), 1);
    assert_in_range(read, 4, 10);
    ledger_close(ledger);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, scratch_begin, scratch_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_record_is_found_by_its_kind_its_alert_or_its_operation_also_after_a_restart),
        EACH(what_is_recorded_is_found_before_its_commit_and_not_after_an_abort),
        EACH(a_record_that_names_two_is_found_by_either),
        EACH(s39_records_of_a_long_log_are_proved_wherever_they_stand_in_it),
        EACH(s39_a_proof_reads_only_the_blocks_that_its_records_stand_in),
        EACH(s46_the_records_that_are_found_give_the_public_record_of_the_whole_log),
    };
    return cmocka_run_group_tests_name("find", tests, NULL, NULL);
}
