#include "base/file.h"
#include "base/text.h"
#include "list/begin.h"
#include "list/entry_answer.h"
#include "list/entry_copy.h"
#include "list/entry_proof.h"
#include "list/former_roster.h"
#include "list/row.h"
#include "sign/limits.h"
#include "site_test.h"

static json_t *answer(struct fixture *f, enum person person, json_t *fields, struct error *err)
{
    AUTO(envelope) struct envelope *envelope = signed_by(f, person, "entry_approval", fields);
    return entry_approve(&f->site, envelope, NULL, err);
}

static json_t *withdraw(struct fixture *f, enum person person, const char *entry, struct error *err)
{
    AUTO(envelope)
    struct envelope *envelope = signed_by(
        f, person, "entry_withdrawal", json_pack("{s:s, s:s}", "entry", entry, "reason", "no_longer_wanted"));
    return entry_withdraw(&f->site, envelope, err);
}

static json_t *propose(struct fixture *f, enum person person, json_t *fields, struct error *err)
{
    AUTO(envelope) struct envelope *envelope = signed_by(f, person, "entry_proposal", fields);
    return entry_propose(&f->site, envelope, err);
}

static bool arms(struct fixture *f, const char *entry, struct error *err)
{
    struct gallery_item items[GALLERY_PHOTOS];
    size_t count = 0;
    return entry_items(&f->site, entry, items, &count, err);
}

static void an_approved_entry_arms_with_its_template(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct gallery_item items[GALLERY_PHOTOS];
    float expected[GALLERY_TEMPLATE];
    char entry[24];
    size_t count = 0;
    list_entry(f, 7, entry);
    assert_true(entry_items(&f->site, entry, items, &count, &err));
    assert_int_equal(count, 1);
    make_template(7, 0, expected);
    assert_memory_equal(items[0].template, expected, sizeof expected);
    assert_string_equal(items[0].entry, entry);
}

static void a_proposed_entry_does_not_arm(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    propose_entry(f, 7, entry);
    assert_false(arms(f, entry, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
}

static void s8_one_person_cannot_propose_and_approve(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24] = "", photo[HEX_HASH_SIZE];
    upload(f, BOTH, 1, 0, photo);
    expect_field(propose(f, BOTH, proposal_fields(f, entry, 1, photo), &err), &err, "state", "proposed");
    expect_refusal(
        answer(f, BOTH, answer_fields(f, entry, "approved"), &err), &err, ERROR_FORBIDDEN, "proposed");
    assert_false(arms(f, entry, &err));
}

static void only_an_authoriser_approves(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    propose_entry(f, 1, entry);
    expect_refusal(
        answer(f, WATCH_TWO, answer_fields(f, entry, "approved"), &err), &err, ERROR_FORBIDDEN, "role");
    expect_refusal(
        answer(f, ADMIN, answer_fields(f, entry, "approved"), &err), &err, ERROR_FORBIDDEN, "role");
}

static void s10_another_key_is_refused(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    propose_entry(f, 1, entry);
    memcpy(f->secret_keys[AUTHORISER_ONE], f->secret_keys[AUDITOR], SECRET_KEY_SIZE);
    expect_refusal(
        answer(f, AUTHORISER_ONE, answer_fields(f, entry, "approved"), &err), &err, ERROR_UNSIGNED, "");
}

static void an_approval_is_for_one_proposal(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], other[24];
    propose_entry(f, 1, entry);
    propose_entry(f, 2, other);
    json_t *fields = answer_fields(f, other, "approved");
    json_object_set_new(fields, "entry", json_string(entry));
    expect_refusal(answer(f, AUTHORISER_ONE, fields, &err), &err, ERROR_CONFLICT, "another proposal");
}

static void a_refused_proposal_is_withdrawn(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    propose_entry(f, 1, entry);
    expect_field(
        answer(f, AUTHORISER_ONE, answer_fields(f, entry, "refused"), &err), &err, "state", "withdrawn");
    expect_refusal(answer(f, AUTHORISER_TWO, answer_fields(f, entry, "approved"), &err), &err, ERROR_CONFLICT,
        "withdrawn");
    assert_int_equal(count_records(f, "entry_refused"), 1);
    expect_field(entry_show(&f->site, officer_of(f, WATCH_ONE), entry, NULL, &err), &err, "refusal",
        "checked against the file");
}

static void the_same_statement_again_gives_the_same_reply(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24] = "", photo[HEX_HASH_SIZE];
    upload(f, WATCH_ONE, 1, 0, photo);
    AUTO(envelope)
    struct envelope *envelope =
        signed_by(f, WATCH_ONE, "entry_proposal", proposal_fields(f, entry, 1, photo));
    AUTO(json) json_t *first = entry_propose(&f->site, envelope, &err);
    clock_pass(LIMIT_STATEMENT_SKEW_S + 10);
    AUTO(json) json_t *second = entry_propose(&f->site, envelope, &err);
    assert_non_null(first);
    assert_true(json_equal(first, second));
    assert_int_equal(count_records(f, "entry_proposed"), 1);
}

static void an_old_statement_is_refused(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24] = "", photo[HEX_HASH_SIZE];
    upload(f, WATCH_ONE, 1, 0, photo);
    AUTO(envelope)
    struct envelope *envelope =
        signed_by(f, WATCH_ONE, "entry_proposal", proposal_fields(f, entry, 1, photo));
    clock_pass(LIMIT_STATEMENT_SKEW_S + 1);
    expect_refusal(entry_propose(&f->site, envelope, &err), &err, ERROR_INVALID, "time");
}

static void one_number_has_one_open_entry(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], again[24] = "", photo[HEX_HASH_SIZE];
    list_entry(f, 1, entry);
    upload(f, WATCH_TWO, 1, 1, photo);
    expect_refusal(
        propose(f, WATCH_TWO, proposal_fields(f, again, 1, photo), &err), &err, ERROR_CONFLICT, "CNIC");
    expect_field(withdraw(f, WATCH_ONE, entry, &err), &err, "state", "withdrawn");
    expect_field(propose(f, WATCH_TWO, proposal_fields(f, again, 1, photo), &err), &err, "state", "proposed");
}

static void s52_a_demo_site_takes_twenty_entries(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], photo[HEX_HASH_SIZE];
    for (unsigned i = 0; i < LIMIT_DEMO_ENTRIES; i++)
        propose_entry(f, i, entry);
    entry[0] = '\0';
    upload(f, WATCH_ONE, 99, 0, photo);
    expect_refusal(propose(f, WATCH_ONE, proposal_fields(f, entry, 99, photo), &err), &err, ERROR_TOO_LARGE,
        "20 entries");
}

static void s9_fifty_proposals_a_day(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], photo[HEX_HASH_SIZE];
    for (unsigned i = 0; i < LIMIT_PROPOSALS_A_DAY; i++) {
        propose_entry(f, i, entry);
        expect_field(withdraw(f, WATCH_ONE, entry, &err), &err, "state", "withdrawn");
    }
    entry[0] = '\0';
    upload(f, WATCH_ONE, 99, 0, photo);
    json_t *fields = proposal_fields(f, entry, 99, photo);
    expect_refusal(propose(f, WATCH_ONE, json_incref(fields), &err), &err, ERROR_TOO_LARGE, "50 proposals");
    json_decref(fields);
    clock_pass(86401);
    upload(f, WATCH_ONE, 99, 0, photo);
    expect_field(
        propose(f, WATCH_ONE, proposal_fields(f, entry, 99, photo), &err), &err, "state", "proposed");
}

static void an_entry_expires(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    fixture_watch(f);
    list_entry(f, 1, entry);
    clock_pass(LIMIT_ENTRY_S);
    assert_false(arms(f, entry, &err));
    assert_true(entry_expire(&f->site, &err));
    assert_int_equal(count_rows(f, "entry WHERE state = 'expired'"), 1);
    assert_true(told_of_withdrawal(&f->told, entry));
    assert_int_equal(count_records(f, "entry_expired"), 1);
}

static void an_entry_over_for_a_day_is_wiped(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], key[40];
    json_t *person = NULL, *cases = NULL;
    list_entry(f, 1, entry);
    snprintf(key, sizeof key, "entry/%s", entry);
    expect_field(withdraw(f, WATCH_ONE, entry, &err), &err, "state", "withdrawn");
    assert_true(entry_expire(&f->site, &err));
    assert_non_null(keyring_key(f->site.ledger->keyring, key, false, &err));
    clock_pass(86401);
    assert_true(entry_expire(&f->site, &err));
    assert_null(keyring_key(f->site.ledger->keyring, key, false, &err));
    assert_int_equal(count_rows(f, "entry_photo"), 0);
    assert_int_equal(count_rows(f, "entry_statement"), 0);
    assert_false(entry_open(&f->site, entry, &person, &cases, &err));
}

static void a_withdrawal_tells_the_watches_and_recalls(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    fixture_watch(f);
    run_operation(f, operation, entry);
    AUTO(json) json_t *reply = withdraw(f, AUTHORISER_TWO, entry, &err);
    assert_non_null(reply);
    assert_int_equal(json_integer_value(json_object_get(reply, "watches")), 1);
    assert_true(told_of_withdrawal(&f->told, entry));
    assert_false(arms(f, entry, &err));
}

static bool refuse_recall(struct site *site, const char *entry, const char *reason, struct error *err)
{
    (void)site, (void)entry, (void)reason;
    return (fail)(err, ERROR_SYSTEM, "the recall fails");
}

static void a_withdrawal_and_its_recalls_are_one_change(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    list_entry(f, 1, entry);
    f->site.recall_entry = refuse_recall;
    expect_refusal(withdraw(f, WATCH_ONE, entry, &err), &err, ERROR_SYSTEM, "recall");
    assert_true(arms(f, entry, &err));
    assert_int_equal(count_records(f, "entry_withdrawn"), 0);
}

static void s31_two_other_officers_reinstate(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    list_entry(f, 1, entry);
    suspend_entry(f, entry);
    assert_false(arms(f, entry, &err));
    expect_refusal(answer(f, AUTHORISER_ONE, answer_fields(f, entry, "approved"), &err), &err,
        ERROR_FORBIDDEN, "had no part");
    expect_field(
        answer(f, AUTHORISER_TWO, answer_fields(f, entry, "approved"), &err), &err, "state", "suspended");
    clock_pass(1);
    expect_field(entry_show(&f->site, officer_of(f, WATCH_ONE), entry, NULL, &err), &err, "reinstated_by",
        f->officers[AUTHORISER_TWO]);
    expect_refusal(answer(f, AUTHORISER_TWO, answer_fields(f, entry, "approved"), &err), &err,
        ERROR_FORBIDDEN, "had no part");
    expect_field(
        answer(f, AUTHORISER_THREE, answer_fields(f, entry, "approved"), &err), &err, "state", "approved");
    assert_true(arms(f, entry, &err));
    assert_true(entry_is_party(&f->site, entry, f->officers[AUTHORISER_TWO], &err));
}

/* The row, which its mark holds, says who signed first when the statement itself was deleted. */
static void s31_s50_nobody_reinstates_alone_over_a_deleted_signature(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    list_entry(f, 1, entry);
    suspend_entry(f, entry);
    expect_field(
        answer(f, AUTHORISER_TWO, answer_fields(f, entry, "approved"), &err), &err, "state", "suspended");
    assert_true(
        store_run(f->site.ledger->store, "DELETE FROM entry_statement WHERE step <> 'proposal'", &err));
    clock_pass(1);
    for (int part = 0; part < 2; part++)
        expect_refusal(
            answer(f, part ? AUTHORISER_ONE : AUTHORISER_TWO, answer_fields(f, entry, "approved"), &err),
            &err, ERROR_FORBIDDEN, "had no part");
    assert_false(arms(f, entry, &err));
}

/* With the desk stopped; the mark is that of the row as it was. */
static void keep_row(struct fixture *f)
{
    run_sql(f, "DROP TABLE IF EXISTS kept");
    run_sql(f, "CREATE TABLE kept AS SELECT * FROM entry");
}

static void put_row_back(struct fixture *f)
{
    struct error err = {0};
    run_sql(f, "DELETE FROM entry");
    run_sql(f, "INSERT INTO entry SELECT * FROM kept");
    fixture_restart(f);
    if (!list_begin(&f->site, &err))
        fail_msg("%s", err.text);
}

static void s31_s50_an_older_row_put_back_does_not_arm_a_suspended_entry(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    list_entry(f, 1, entry);
    keep_row(f);
    suspend_entry(f, entry);
    put_row_back(f);
    assert_false(arms(f, entry, &err));
    expect_field(
        entry_show(&f->site, officer_of(f, WATCH_ONE), entry, NULL, &err), &err, "reason", "wrong_person");
    expect_field(
        answer(f, AUTHORISER_TWO, answer_fields(f, entry, "approved"), &err), &err, "state", "suspended");
    clock_pass(1);
    expect_field(
        answer(f, AUTHORISER_THREE, answer_fields(f, entry, "approved"), &err), &err, "state", "approved");
    put_row_back(f); /* from before it was suspended: the same state */
    assert_int_equal(count_rows(f, "entry WHERE suspensions = 1"), 1);
    assert_true(arms(f, entry, &err));
}

static void s3_s50_an_older_row_put_back_does_not_arm_a_withdrawn_entry(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    list_entry(f, 1, entry);
    keep_row(f);
    expect_field(withdraw(f, WATCH_ONE, entry, &err), &err, "state", "withdrawn");
    put_row_back(f);
    assert_false(arms(f, entry, &err));
    clock_pass(86401);
    assert_true(entry_expire(&f->site, &err)); /* over for a day, as it was */
    assert_int_equal(count_records(f, "entry_wiped"), 1);
    put_row_back(f);
    assert_true(entry_expire(&f->site, &err));
    assert_int_equal(count_records(f, "entry_wiped"), 1);
    assert_int_equal(count_records(f, "entry_withdrawn"), 1);
}

static void s3_s50_an_older_row_put_back_does_not_arm_an_expired_entry(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    list_entry(f, 1, entry);
    keep_row(f);
    clock_pass(LIMIT_ENTRY_S);
    assert_true(entry_expire(&f->site, &err));
    put_row_back(f);
    assert_int_equal(count_rows(f, "entry WHERE state = 'expired' AND reason = 'expired'"), 1);
}

static void s50_no_row_put_back_becomes_approved_without_people(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], refused[24];
    propose_entry(f, 1, entry);
    propose_entry(f, 2, refused);
    keep_row(f);
    expect_field(
        answer(f, AUTHORISER_ONE, answer_fields(f, entry, "approved"), &err), &err, "state", "approved");
    expect_field(
        answer(f, AUTHORISER_ONE, answer_fields(f, refused, "refused"), &err), &err, "state", "withdrawn");
    put_row_back(f);
    assert_false(arms(f, entry, &err));
    expect_refusal(answer(f, AUTHORISER_TWO, answer_fields(f, refused, "approved"), &err), &err,
        ERROR_CONFLICT, "withdrawn");
}

static void s12_parties_are_those_who_signed(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    list_entry(f, 1, entry);
    assert_true(entry_is_party(&f->site, entry, f->officers[WATCH_ONE], &err));
    assert_true(entry_is_party(&f->site, entry, f->officers[AUTHORISER_ONE], &err));
    assert_false(entry_is_party(&f->site, entry, f->officers[REVIEWER_ONE], &err));
    assert_true(entry_is_party(&f->site, "e-0000000000000000", f->officers[REVIEWER_ONE], &err));
}

static void an_outcome_withdraws_in_its_transaction(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    list_entry(f, 1, entry);
    assert_true(ledger_begin(f->site.ledger, &err));
    assert_true(entry_withdraw_by_outcome(&f->site, entry, "custody", &err));
    ledger_abort(f->site.ledger);
    assert_true(arms(f, entry, &err));
    assert_true(ledger_begin(f->site.ledger, &err));
    assert_true(entry_withdraw_by_outcome(&f->site, entry, "custody", &err));
    assert_true(ledger_commit(f->site.ledger, &err));
    assert_false(arms(f, entry, &err));
}

static void s50_an_edited_row_does_not_arm(void **state)
{
    struct fixture *f = *state;
    static const char *const edits[] = {
        "UPDATE entry SET expires_at = expires_at + 86400",
        "UPDATE entry SET ground = 'court_warrant'",
        "UPDATE entry SET proposer = approver",
        "UPDATE entry SET approver = proposer",
        "UPDATE entry SET proposal_hash = approval_hash",
        "UPDATE entry SET approval_hash = proposal_hash",
        "UPDATE entry SET changed_at = 0",
        "UPDATE entry SET suspensions = 3",
        "UPDATE entry SET wiped = 1",
        "UPDATE entry SET mark = zeroblob(32)",
        "DELETE FROM entry_statement WHERE step = 'approval'",
        "DELETE FROM entry_statement WHERE step = 'proposal'",
        "UPDATE entry_statement SET sealed = zeroblob(400)",
        "UPDATE entry_photo SET template = zeroblob(2088)",
        "UPDATE entry_photo SET picture = zeroblob(60)",
        "UPDATE entry_photo SET pack = 'x'",
    };
    char entry[24];
    list_entry(f, 1, entry);
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        struct error err = {0};
        assert_true(store_begin(f->site.ledger->store, &err));
        run_sql(f, "%s", edits[i]);
        if (arms(f, entry, &err))
            fail_msg("arms after: %s", edits[i]);
        store_rollback(f->site.ledger->store);
        assert_true(arms(f, entry, &err));
    }
}

static void s50_a_proposal_made_approved_in_sql_does_not_arm(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    propose_entry(f, 1, entry);
    run_sql(f, "UPDATE entry SET state = 'approved', approver = '%s'", f->officers[AUTHORISER_ONE]);
    assert_false(arms(f, entry, &err));
    assert_int_equal(err.code, ERROR_CORRUPT);
}

static void s50_an_edited_row_is_shown_as_corrupt(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    list_entry(f, 1, entry);
    run_sql(f, "UPDATE entry SET state = 'proposed'");
    AUTO(json) json_t *list = entry_list(&f->site, officer_of(f, WATCH_ONE), &err);
    const json_t *shown = json_array_get(json_object_get(list, "entries"), 0);
    assert_string_equal(json_string_value(json_object_get(shown, "state")), "corrupt");
    assert_true(entry_expire(&f->site, &err));
}

static bool folder_holds(struct fixture *f, const char *words)
{
    AUTO(text) char *command = text_format("grep -rqF '%s' '%s'", words, f->folder);
    return system(command) == 0; /* NOLINT: a fixed word in the test's own folder */
}

static void s49_no_name_or_number_lies_on_the_disk(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    list_entry(f, 1, entry);
    AUTO(bytes) struct bytes log = {0};
    assert_true(ledger_export(f->site.ledger, &log, &err));
    assert_true(folder_holds(f, entry));
    assert_false(folder_holds(f, "Test Subject"));
    assert_false(folder_holds(f, "42101-0000001-1"));
    assert_false(folder_holds(f, "checked against the file"));
    assert_null(memmem(log.data, log.size, "Subject", 7));
}

static void lookup_of(struct fixture *f, unsigned identity, uint8_t out[static HASH_SIZE])
{
    struct error err = {0};
    AUTO(text) char *cnic = text_format("42101-%07u-1", identity);
    const uint8_t *key = keyring_site_key(f->site.ledger->keyring, "lookup/cnic", &err);
    assert_non_null(key);
    hash_keyed(key, cnic, strlen(cnic), out);
}

static bool database_holds(struct fixture *f, const uint8_t lookup[static HASH_SIZE])
{
    struct error err = {0};
    AUTO(bytes) struct bytes database = {0};
    AUTO(text) char *path = text_format("%s/site.db", f->folder);
    fixture_restart(f); /* everything is in the file */
    assert_true(file_read(path, 64 << 20, &database, &err));
    return memmem(database.data, database.size, lookup, HASH_SIZE) != NULL;
}

static void s40_s49_nobody_tries_numbers_on_an_entry_that_was_wiped(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    uint8_t lookup[HASH_SIZE], kept[HASH_SIZE];
    char entry[24], other[24];
    list_entry(f, 1, entry);
    list_entry(f, 2, other);
    lookup_of(f, 1, lookup);
    lookup_of(f, 2, kept);
    expect_field(withdraw(f, WATCH_ONE, entry, &err), &err, "state", "withdrawn");
    assert_true(database_holds(f, lookup));
    clock_pass(86401);
    assert_true(entry_expire(&f->site, &err));
    assert_false(database_holds(f, lookup));
    assert_true(database_holds(f, kept));
    assert_int_equal(count_rows(f, "entry WHERE wiped = 1"), 1);
}

/* Somebody asks at a counter: "yes" is of a row that holds, "no" of a list that is whole. */
static void s43_s50_an_entry_edited_away_is_not_answered_with_no(void **state)
{
    static const char *const edits[] = {"UPDATE entry SET cnic_lookup = randomblob(32)",
        "UPDATE entry SET cnic_lookup = zeroblob(32)", "UPDATE entry SET cnic_lookup = x''",
        "UPDATE entry SET state = 'withdrawn'", "UPDATE entry SET state = 'expired', wiped = 1",
        "DELETE FROM entry"};
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    bool listed = false;
    list_entry(f, 1, entry);
    keep_row(f);
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        run_sql(f, "%s", edits[i]);
        fixture_restart(f);
        assert_true(list_begin(&f->site, &err));
        if (entry_number_is_listed(&f->site, "42101-0000001-1", &listed, &err) || err.code != ERROR_CORRUPT)
            fail_msg("answered after: %s", edits[i]);
        f->site.listed_rows_differ = false;
        put_row_back(f);
        assert_true(entry_number_is_listed(&f->site, "42101-0000001-1", &listed, &err));
        assert_true(listed);
        assert_true(entry_number_is_listed(&f->site, "42101-0000002-1", &listed, &err));
        assert_false(listed);
    }
}

/* The mark as it was before the number was under it. */
static void mark_as_before(struct fixture *f)
{
    struct error err = {0};
    struct entry_row row;
    uint8_t mark[HASH_SIZE];
    char entry[24], hex[HEX_HASH_SIZE];
    AUTO(query)
    struct query *query = query_new(f->site.ledger->store, "SELECT entry FROM entry", &err);
    assert_true(query_next(query));
    snprintf(entry, sizeof entry, "%s", query_get_text(query, 0));
    assert_true(entry_load(&f->site, entry, &row, &err));
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:b, s:s}",
        "entry", row.entry, "state", entry_state_word(row.state), "ground", row.ground, "proposer",
        row.proposer, "approver", row.approver, "reason", row.reason, "proposal_hash", row.proposal_hash,
        "approval_hash", row.approval_hash, "proposed_at", (json_int_t)row.proposed_s, "expires_at",
        (json_int_t)row.expires_s, "changed_at", (json_int_t)row.changed_s, "suspensions",
        (json_int_t)row.suspensions, "wiped", row.wiped, "reinstater", row.reinstater);
    assert_true(row_mark(&f->site, "entry", fields, mark, &err));
    hex_write(mark, sizeof mark, hex);
    run_sql(f, "UPDATE entry SET mark = x'%s'", hex);
}

static void s50_a_row_from_before_the_number_was_marked_gets_its_mark_once(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    list_entry(f, 1, entry);
    mark_as_before(f);
    assert_false(arms(f, entry, &err));
    fixture_restart(f);
    assert_true(list_begin(&f->site, &err));
    assert_true(arms(f, entry, &err));
    assert_int_equal(count_records(f, "entries_marked"), 1);
    mark_as_before(f);
    fixture_restart(f);
    assert_true(list_begin(&f->site, &err));
    assert_false(arms(f, entry, &err));
    assert_int_equal(count_records(f, "entries_marked"), 1);
}

static void the_list_shows_no_names_and_looking_is_recorded(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    list_entry(f, 1, entry);
    AUTO(json) json_t *list = entry_list(&f->site, officer_of(f, WATCH_TWO), &err);
    AUTO(text) char *text = json_dumps(list, 0);
    assert_null(strstr(text, "Test Subject"));
    assert_int_equal(count_records(f, "entry_viewed"), 0);
    AUTO(json) json_t *shown = entry_show(&f->site, officer_of(f, WATCH_TWO), entry, NULL, &err);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(shown, "person"), "name")), "Test Subject");
    assert_int_equal(count_records(f, "entry_viewed"), 1);
    expect_refusal(entry_list(&f->site, officer_of(f, ADMIN), &err), &err, ERROR_FORBIDDEN, "list");
    expect_refusal(
        entry_show(&f->site, officer_of(f, REVIEWER_ONE), entry, NULL, &err), &err, ERROR_FORBIDDEN, "list");
}

static void entries_survive_a_restart(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    AUTO(bytes) struct bytes picture = {0};
    char entry[24];
    list_entry(f, 1, entry);
    fixture_restart(f);
    assert_true(arms(f, entry, &err));
    assert_true(entry_picture(&f->site, entry, &picture, &err));
    assert_memory_equal(picture.data, "jpeg of 1, face 0", picture.size);
}

static json_t *renew(
    struct fixture *f, enum person person, const char *entry, int64_t lasts_s, struct error *err)
{
    *err = (struct error){0};
    AUTO(json) json_t *answer = answer_fields(f, entry, "approved");
    AUTO(envelope)
    struct envelope *renewal = signed_by(f, person, "entry_renewal",
        json_pack("{s:s, s:O, s:I}", "entry", entry, "proposal_hash",
            json_object_get(answer, "proposal_hash"), "expires_at", (json_int_t)clock_now_s() + lasts_s));
    return entry_renew(&f->site, renewal, err);
}

static void s8_an_entry_is_renewed_by_another_authoriser_for_ninety_days(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char entry[24];
    list_entry(f, 1, entry);
    clock_pass(LIMIT_ENTRY_S - 3600);
    expect_refusal(
        renew(f, AUTHORISER_ONE, entry, LIMIT_ENTRY_S, &err), &err, ERROR_FORBIDDEN, "another authoriser");
    expect_refusal(renew(f, WATCH_TWO, entry, LIMIT_ENTRY_S, &err), &err, ERROR_FORBIDDEN, "role");
    expect_refusal(renew(f, AUTHORISER_TWO, entry, LIMIT_ENTRY_S + 1, &err), &err, ERROR_INVALID, "at most");
    expect_refusal(renew(f, AUTHORISER_TWO, entry, 60, &err), &err, ERROR_INVALID, "longer");
    expect_field(renew(f, AUTHORISER_TWO, entry, LIMIT_ENTRY_S, &err), &err, "state", "approved");
    clock_pass(LIMIT_ENTRY_S - 1);
    struct gallery_item items[GALLERY_PHOTOS];
    size_t count = 0;
    assert_true(entry_expire(&f->site, &err));
    assert_true(entry_items(&f->site, entry, items, &count, &err));
    expect_refusal(
        renew(f, AUTHORISER_TWO, entry, LIMIT_ENTRY_S, &err), &err, ERROR_FORBIDDEN, "another authoriser");
    clock_pass(1);
    assert_true(entry_expire(&f->site, &err));
    assert_false(entry_items(&f->site, entry, items, &count, &err));
}

static size_t copies_after(struct fixture *f, int64_t passed_s)
{
    struct error err = {0};
    clock_pass(passed_s);
    assert_true(entry_copies_expire(&f->site, clock_now_s(), &err));
    AUTO(json) json_t *copies = entry_copies(&f->site, &err);
    return json_array_size(copies);
}

static void s45_a_renewed_entry_s_copy_lasts_a_month_beyond_the_new_end(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char entry[24];
    list_entry(f, 1, entry);
    clock_pass(LIMIT_ENTRY_S - 3600);
    expect_field(renew(f, AUTHORISER_TWO, entry, LIMIT_ENTRY_S, &err), &err, "state", "approved");
    assert_int_equal(copies_after(f, 3600 + ENTRY_COPY_AFTER_S), 1);
    assert_int_equal(copies_after(f, LIMIT_ENTRY_S - 3601), 1);
    assert_int_equal(copies_after(f, 1), 0);
}

static void s50_a_renewal_written_in_sql_does_not_arm(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char entry[24];
    struct gallery_item items[GALLERY_PHOTOS];
    size_t count = 0;
    list_entry(f, 1, entry);
    expect_field(renew(f, AUTHORISER_TWO, entry, LIMIT_ENTRY_S, &err), &err, "state", "approved");
    run_sql(f, "UPDATE entry SET renewed_at = renewed_at + 1");
    assert_false(entry_items(&f->site, entry, items, &count, &err));
    assert_int_equal(err.code, ERROR_CORRUPT);
    run_sql(f, "UPDATE entry SET renewed_at = renewed_at - 1, expires_at = expires_at + 1");
    assert_false(entry_items(&f->site, entry, items, &count, &err));
    run_sql(f, "UPDATE entry SET expires_at = expires_at - 1");
    assert_true(entry_items(&f->site, entry, items, &count, &err));
    run_sql(f, "DELETE FROM entry_statement WHERE step = 'renewal'");
    assert_false(entry_items(&f->site, entry, items, &count, &err));
}

static void start(struct fixture *f)
{
    struct error err = {0};
    if (!list_begin(&f->site, &err))
        fail_msg("%s", err.text);
}

/* One renewed it, two reinstated it; the row names the approver alone. */
static void s12_s31_s50_who_had_a_part_in_an_entry_had_it_though_no_row_says_so(void **state)
{
    static const char *const edits[] = {"DELETE FROM entry_statement WHERE step <> 'proposal'",
        "UPDATE entry_statement SET officer = 'o-000000000000000x' WHERE step <> 'proposal'",
        "UPDATE entry_statement SET step = 'withdrawal' WHERE step <> 'proposal'"};
    static const enum person parts[] = {AUTHORISER_ONE, AUTHORISER_TWO, AUTHORISER_THREE, BOTH};
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        struct fixture *f = *state;
        struct error err = {0};
        char entry[24];
        list_entry(f, 1, entry);
        expect_field(renew(f, BOTH, entry, LIMIT_ENTRY_S, &err), &err, "state", "approved");
        suspend_entry(f, entry);
        expect_field(
            answer(f, AUTHORISER_TWO, answer_fields(f, entry, "approved"), &err), &err, "state", "suspended");
        clock_pass(1);
        expect_field(answer(f, AUTHORISER_THREE, answer_fields(f, entry, "approved"), &err), &err, "state",
            "approved");
        run_sql(f, "%s", edits[i]);
        assert_false(entry_is_party(&f->site, entry, f->officers[AUTHORISER_TWO], &err));
        start(f);
        for (size_t part = 0; part < COUNT_OF(parts); part++)
            assert_true(entry_is_party(&f->site, entry, f->officers[parts[part]], &err));
        assert_false(entry_is_party(&f->site, entry, f->officers[REVIEWER_ONE], &err));
        fixture_done(f);
        fixture_make(f, NULL, 0);
    }
}

/* It has the desk's own mark, and knows nothing of who renewed it. */
static void s12_s50_an_entry_s_row_from_before_its_renewal_put_back_is_found(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    list_entry(f, 1, entry);
    run_sql(f, "CREATE TABLE kept AS SELECT * FROM entry");
    expect_field(renew(f, AUTHORISER_TWO, entry, LIMIT_ENTRY_S, &err), &err, "state", "approved");
    start(f);
    assert_true(arms(f, entry, &err));
    run_sql(f, "DELETE FROM entry; INSERT INTO entry SELECT * FROM kept");
    assert_true(arms(f, entry, &err));
    start(f);
    assert_false(arms(f, entry, &err));
    assert_int_equal(err.code, ERROR_CORRUPT);
}

static void adopt_roster(struct fixture *f)
{
    struct error err = {0};
    if (!roster_adopt(&f->site, &err))
        fail_msg("%s", err.text);
}

/* What was signed validly stays signed: an entry's life does not hang on who is transferred. */
static void s8_s10_an_entry_lives_on_when_its_signers_leave_lose_their_keys_or_get_new_ones(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    adopt_roster(f);
    list_entry(f, 1, entry);
    leave_the_force(f, WATCH_ONE);
    assert_true(arms(f, entry, &err));
    give_new_key(f, AUTHORISER_ONE);
    assert_true(arms(f, entry, &err));
    clock_pass(LIMIT_ENTRY_S - 3600);
    expect_field(renew(f, AUTHORISER_TWO, entry, LIMIT_ENTRY_S, &err), &err, "state", "approved");
    suspend_by_statement(f, ADMIN, AUTHORISER_TWO);
    assert_true(arms(f, entry, &err));
    fixture_restart(f);
    assert_true(arms(f, entry, &err));
}

/* As whoever has a lost key, the database and the site's keys would: another approval, dated as they like. */
static struct envelope *put_approval_in_place(struct fixture *f, enum person person, const char *entry)
{
    struct error err = {0};
    struct entry_row row;
    json_t *fields = answer_fields(f, entry, "approved");
    json_object_set_new(fields, "reason", json_string("nobody said this then"));
    struct envelope *forged = signed_by(f, person, "entry_approval", fields);
    assert_true(ledger_begin(f->site.ledger, &err));
    assert_true(entry_load(&f->site, entry, &row, &err));
    envelope_hash_hex(forged, row.approval_hash);
    assert_true(entry_keep_statement(&f->site, entry, "approval", 0, forged, &err));
    assert_true(entry_save(&f->site, &row, &err));
    assert_true(ledger_commit(f->site.ledger, &err));
    return forged;
}

static void assert_counts_no_more(struct fixture *f, const char *entry)
{
    struct error err = {0};
    assert_false(arms(f, entry, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    assert_non_null(strstr(err.text, entry));
    assert_non_null(strstr(err.text, "counts no more"));
    AUTO(json) json_t *shown = entry_show(&f->site, officer_of(f, WATCH_TWO), entry, NULL, &err);
    const json_t *told = json_object_get(json_object_get(shown, "unproved"), "detail");
    assert_string_equal(json_string_value(told), err.text);
}

static void s8_s10_an_approval_that_is_signed_afterwards_with_a_former_key_was_not_signed_before(void **state)
{
    struct fixture *f = *state;
    char entry[24];
    adopt_roster(f);
    list_entry(f, 1, entry);
    suspend_by_statement(f, ADMIN, AUTHORISER_ONE);
    AUTO(envelope) struct envelope *forged = put_approval_in_place(f, AUTHORISER_ONE, entry);
    assert_counts_no_more(f, entry);
    list_entry_by(f, 2, AUTHORISER_TWO, entry);
    leave_the_force(f, AUTHORISER_TWO);
    AUTO(envelope) struct envelope *other = put_approval_in_place(f, AUTHORISER_TWO, entry);
    assert_counts_no_more(f, entry);
}

/* A desk would not have taken it in; a log that says it was still has the suspension before it. */
static void s8_s10_what_was_taken_in_after_its_key_was_suspended_approves_nothing(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    adopt_roster(f);
    list_entry(f, 1, entry);
    suspend_by_statement(f, ADMIN, AUTHORISER_ONE);
    AUTO(envelope) struct envelope *forged = put_approval_in_place(f, AUTHORISER_ONE, entry);
    AUTO(json) json_t *named = statement_named(json_pack("{s:s}", "entry", entry), forged);
    const struct record record = {.kind = "entry_answered", .by = forged->by, .public_fields = named};
    assert_true(ledger_begin(f->site.ledger, &err));
    assert_true(ledger_record(f->site.ledger, &record, &err));
    assert_true(ledger_commit(f->site.ledger, &err));
    assert_counts_no_more(f, entry);
}

static void s8_a_proposal_is_approved_when_its_proposer_has_left(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24];
    adopt_roster(f);
    propose_entry(f, 1, entry);
    leave_the_force(f, WATCH_ONE);
    expect_field(
        answer(f, AUTHORISER_ONE, answer_fields(f, entry, "approved"), &err), &err, "state", "approved");
    assert_true(arms(f, entry, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(s8_s10_an_entry_lives_on_when_its_signers_leave_lose_their_keys_or_get_new_ones),
        SITE_TEST(s8_s10_an_approval_that_is_signed_afterwards_with_a_former_key_was_not_signed_before),
        SITE_TEST(s8_s10_what_was_taken_in_after_its_key_was_suspended_approves_nothing),
        SITE_TEST(s8_a_proposal_is_approved_when_its_proposer_has_left),
        SITE_TEST(an_approved_entry_arms_with_its_template),
        SITE_TEST(a_proposed_entry_does_not_arm),
        SITE_TEST(s8_one_person_cannot_propose_and_approve),
        SITE_TEST(only_an_authoriser_approves),
        SITE_TEST(s10_another_key_is_refused),
        SITE_TEST(an_approval_is_for_one_proposal),
        SITE_TEST(a_refused_proposal_is_withdrawn),
        SITE_TEST(the_same_statement_again_gives_the_same_reply),
        SITE_TEST(an_old_statement_is_refused),
        SITE_TEST(one_number_has_one_open_entry),
        SITE_TEST(s52_a_demo_site_takes_twenty_entries),
        SITE_TEST(s9_fifty_proposals_a_day),
        SITE_TEST(an_entry_expires),
        SITE_TEST(s8_an_entry_is_renewed_by_another_authoriser_for_ninety_days),
        SITE_TEST(s45_a_renewed_entry_s_copy_lasts_a_month_beyond_the_new_end),
        SITE_TEST(s50_a_renewal_written_in_sql_does_not_arm),
        SITE_TEST(an_entry_over_for_a_day_is_wiped),
        SITE_TEST(a_withdrawal_tells_the_watches_and_recalls),
        SITE_TEST(a_withdrawal_and_its_recalls_are_one_change),
        SITE_TEST(s31_two_other_officers_reinstate),
        SITE_TEST(s31_s50_nobody_reinstates_alone_over_a_deleted_signature),
        SITE_TEST(s31_s50_an_older_row_put_back_does_not_arm_a_suspended_entry),
        SITE_TEST(s3_s50_an_older_row_put_back_does_not_arm_a_withdrawn_entry),
        SITE_TEST(s3_s50_an_older_row_put_back_does_not_arm_an_expired_entry),
        SITE_TEST(s50_no_row_put_back_becomes_approved_without_people),
        SITE_TEST(s12_parties_are_those_who_signed),
        SITE_TEST(an_outcome_withdraws_in_its_transaction),
        SITE_TEST(s50_an_edited_row_does_not_arm),
        SITE_TEST(s50_a_proposal_made_approved_in_sql_does_not_arm),
        SITE_TEST(s50_an_edited_row_is_shown_as_corrupt),
        SITE_TEST(s49_no_name_or_number_lies_on_the_disk),
        SITE_TEST(s40_s49_nobody_tries_numbers_on_an_entry_that_was_wiped),
        SITE_TEST(s43_s50_an_entry_edited_away_is_not_answered_with_no),
        SITE_TEST(s50_a_row_from_before_the_number_was_marked_gets_its_mark_once),
        SITE_TEST(the_list_shows_no_names_and_looking_is_recorded),
        SITE_TEST(entries_survive_a_restart),
        SITE_TEST(s12_s31_s50_who_had_a_part_in_an_entry_had_it_though_no_row_says_so),
        SITE_TEST(s12_s50_an_entry_s_row_from_before_its_renewal_put_back_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
