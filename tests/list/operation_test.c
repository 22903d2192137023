#include "base/text.h"
#include "sign/limits.h"
#include "list/operation_build.h"
#include "list/operation_reason.h"
#include "list/operation_rules.h"
#include "list/operation_run.h"
#include "site_test.h"

struct requested { /* an operation that waits for its signatures */
    char operation[24], entry[24], camera[24], hash[HEX_HASH_SIZE];
};

static json_t *request(struct fixture *f, enum person person, json_t *fields, struct error *err)
{
    AUTO(envelope) struct envelope *envelope = signed_by(f, person, "operation_request", fields);
    return operation_request(&f->site, envelope, NULL, err);
}

static json_t *sign_answer(struct fixture *f, enum person person, const struct requested *asked,
    const char *answer, const char *reason, struct error *err)
{
    AUTO(envelope)
    struct envelope *envelope = signed_by(f, person, "authorisation",
        json_pack("{s:s, s:s, s:s, s:s*}", "operation", asked->operation, "request_hash", asked->hash,
            "answer", answer, "reason", reason));
    return operation_authorise(&f->site, envelope, err);
}

static json_t *authorise(struct fixture *f, enum person person, const struct requested *asked,
    const char *answer, struct error *err)
{
    return sign_answer(f, person, asked, answer, strcmp(answer, "refused") == 0 ? "wrong_place" : NULL, err);
}

static void ask_for_operation(struct fixture *f, enum person person, struct requested *out)
{
    struct error err = {0};
    out->operation[0] = '\0';
    list_entry(f, 1, out->entry);
    add_camera(f, out->camera);
    AUTO(json)
    json_t *reply = request(f, person, draft_request(f, out->operation, out->entry, out->camera), &err);
    if (!reply)
        fail_msg("%s", err.text);
    snprintf(out->hash, sizeof out->hash, "%s", json_string_value(json_object_get(reply, "request_hash")));
}

static char overdue_operation[24];

static json_t *one_is_overdue(struct site *site, struct error *err)
{
    (void)site, (void)err;
    return json_pack("[s]", overdue_operation);
}

static void s38_an_office_with_an_alert_without_outcome_requests_nothing(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct requested asked;
    char next[24] = "";
    ask_for_operation(f, WATCH_ONE, &asked);
    snprintf(overdue_operation, sizeof overdue_operation, "%s", asked.operation);
    f->site.overdue_operations = one_is_overdue;
    json_t *fields = draft_request(f, next, asked.entry, asked.camera);
    expect_refusal(request(f, WATCH_ONE, fields, &err), &err, ERROR_CONFLICT, "no outcome");
    f->site.overdue_operations = NULL;
    fields = draft_request(f, next, asked.entry, asked.camera);
    expect_field(request(f, WATCH_ONE, fields, &err), &err, "state", "requested");
}

static void s13_two_offices_authorise(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct requested asked;
    ask_for_operation(f, WATCH_ONE, &asked);
    expect_field(authorise(f, AUTHORISER_ONE, &asked, "authorised", &err), &err, "state", "requested");
    expect_field(authorise(f, AUTHORISER_TWO, &asked, "authorised", &err), &err, "state", "authorised");
}

static void s13_one_signature_is_not_enough(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct requested asked;
    fixture_watch(f);
    ask_for_operation(f, WATCH_ONE, &asked);
    fill_room(f);
    expect_field(authorise(f, AUTHORISER_ONE, &asked, "authorised", &err), &err, "state", "requested");
    assert_true(operation_tick(&f->site, &err));
    assert_string_equal(operation_state(&f->site, asked.operation, &err), "requested");
    assert_int_equal(f->told.arms, 0);
    clock_pass(1);
    expect_refusal(
        authorise(f, AUTHORISER_ONE, &asked, "authorised", &err), &err, ERROR_CONFLICT, "signed operation");
}

static void s13_two_of_one_office_are_refused(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct requested asked;
    ask_for_operation(f, WATCH_ONE, &asked);
    expect_field(authorise(f, AUTHORISER_TWO, &asked, "authorised", &err), &err, "state", "requested");
    expect_refusal(
        authorise(f, AUTHORISER_THREE, &asked, "authorised", &err), &err, ERROR_FORBIDDEN, "two offices");
    assert_string_equal(operation_state(&f->site, asked.operation, &err), "requested");
}

static void s13_the_requester_does_not_authorise(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct requested asked;
    ask_for_operation(f, BOTH, &asked);
    expect_refusal(authorise(f, BOTH, &asked, "authorised", &err), &err, ERROR_FORBIDDEN, "requested");
}

static void s13_an_authorisation_is_for_one_request(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct requested asked;
    ask_for_operation(f, WATCH_ONE, &asked);
    asked.hash[0] = asked.hash[0] == 'a' ? 'b' : 'a';
    expect_refusal(
        authorise(f, AUTHORISER_ONE, &asked, "authorised", &err), &err, ERROR_CONFLICT, "another request");
}

static void a_refusal_ends_it_and_its_list_is_wiped(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct requested asked;
    char key[40];
    ask_for_operation(f, WATCH_ONE, &asked);
    snprintf(key, sizeof key, "operation/%s", asked.operation);
    expect_field(authorise(f, AUTHORISER_ONE, &asked, "refused", &err), &err, "state", "refused");
    expect_field(operation_show(&f->site, officer_of(f, WATCH_ONE), asked.operation, &err), &err, "why",
        "wrong_place");
    expect_refusal(authorise(f, AUTHORISER_TWO, &asked, "authorised", &err), &err, ERROR_CONFLICT, "refused");
    assert_true(operation_tick(&f->site, &err));
    assert_int_equal(count_rows(f, "operation_gallery"), 0);
    assert_null(keyring_key(f->site.ledger->keyring, key, false, &err));
    assert_string_equal(operation_state(&f->site, asked.operation, &err), "refused");
}

static void a_refusal_has_a_reason_and_nothing_else_has(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct requested asked;
    ask_for_operation(f, WATCH_ONE, &asked);
    expect_refusal(sign_answer(f, AUTHORISER_ONE, &asked, "refused", NULL, &err), &err, ERROR_INVALID,
        "a refusal needs a reason");
    expect_refusal(sign_answer(f, AUTHORISER_ONE, &asked, "authorised", "wrong_place", &err), &err,
        ERROR_INVALID, "a reason is for a refusal");
    expect_field(authorise(f, AUTHORISER_ONE, &asked, "authorised", &err), &err, "state", "requested");
}

static void s14_a_request_equals_its_draft(void **state)
{
    struct fixture *f = *state;
    char entry[24], camera[24], other[24];
    static const char *const hashes[] = {"list_hash", "pack_hash", "report_hash"};
    list_entry(f, 1, entry);
    add_camera(f, camera);
    add_camera(f, other);
    for (size_t i = 0; i < COUNT_OF(hashes); i++) {
        struct error err = {0};
        char operation[24] = "";
        json_t *fields = draft_request(f, operation, entry, camera);
        json_object_set_new(fields, hashes[i],
            json_string("00000000000000000000000000000000000000000000000000000000000000aa"));
        expect_refusal(request(f, WATCH_ONE, fields, &err), &err, ERROR_CONFLICT, hashes[i]);
    }
    struct error err = {0};
    char operation[24] = "", second[24] = "";
    json_t *fields = draft_request(f, operation, entry, camera);
    json_object_set_new(fields, "list_size", json_integer(2));
    expect_refusal(request(f, WATCH_ONE, fields, &err), &err, ERROR_CONFLICT, "list_size");
    fields = draft_request(f, operation, entry, camera);
    json_object_set_new(fields, "threshold_e6", json_integer(400000));
    expect_refusal(request(f, WATCH_ONE, fields, &err), &err, ERROR_CONFLICT, "threshold_e6");
    fields = draft_request(f, operation, entry, camera);
    AUTO(json) json_t *another = draft_request(f, second, entry, other);
    json_object_set(fields, "cameras", json_object_get(another, "cameras"));
    expect_refusal(request(f, WATCH_ONE, fields, &err), &err, ERROR_CONFLICT, "cameras");
}

static void a_request_needs_its_draft(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], camera[24], operation[24] = "";
    list_entry(f, 1, entry);
    add_camera(f, camera);
    json_t *fields = draft_request(f, operation, entry, camera);
    json_object_set_new(fields, "operation", json_string("op-0000000000000000"));
    expect_refusal(request(f, WATCH_ONE, fields, &err), &err, ERROR_MISSING, "no operation");
}

static void times_and_words_are_checked(void **state)
{
    struct fixture *f = *state;
    int64_t now = clock_now_s();
    const struct {
        const char *field;
        int64_t value;
        enum error_code code;
    } bad[] = {
        {"ends_at", now + LIMIT_OPERATION_S + 1, ERROR_FORBIDDEN},
        {"ends_at", now - 10, ERROR_INVALID},
        {"starts_at", now - LIMIT_STATEMENT_SKEW_S - 1, ERROR_INVALID},
        {"starts_at", now + 3600, ERROR_INVALID},
    };
    char entry[24], camera[24], operation[24] = "";
    list_entry(f, 1, entry);
    add_camera(f, camera);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct error err = {0};
        json_t *fields = draft_request(f, operation, entry, camera);
        json_object_set_new(fields, bad[i].field, json_integer(bad[i].value));
        expect_refusal(request(f, WATCH_ONE, fields, &err), &err, bad[i].code, "");
    }
    struct error err = {0};
    json_t *fields = draft_request(f, operation, entry, camera);
    json_object_set_new(fields, "kind", json_string("live"));
    expect_refusal(request(f, WATCH_ONE, fields, &err), &err, ERROR_FORBIDDEN, "kind");
    fields = draft_request(f, operation, entry, camera);
    json_object_set_new(fields, "assessment_hash",
        json_string("0000000000000000000000000000000000000000000000000000000000000000"));
    expect_refusal(request(f, WATCH_ONE, fields, &err), &err, ERROR_INVALID, "assessment");
    expect_field(
        request(f, WATCH_ONE, draft_request(f, operation, entry, camera), &err), &err, "state", "requested");
}

static json_t *draft(struct fixture *f, const json_t *entries, const json_t *cameras, struct error *err)
{
    char operation[24];
    random_id("op", operation);
    AUTO(json) json_t *body = draft_body(operation, entries, cameras);
    return operation_draft(&f->site, officer_of(f, WATCH_ONE), body, NULL, err);
}

static void list_two(struct fixture *f, char entries[2][24], char camera[static 24])
{
    list_entry(f, 1, entries[0]);
    list_entry(f, 2, entries[1]);
    add_camera(f, camera);
}

static json_t *reason_of(const char *why_here, int64_t dated_s, const char *entry)
{
    return json_pack("{s:s, s:s, s:I, s:[s]}", "why_here", why_here, "why_reference", "FIR 71/26",
        "why_dated", (json_int_t)dated_s, "entries", entry);
}

static json_t *draft_with(
    struct fixture *f, const char *operation, json_t *reasons, const char *camera, struct error *err)
{
    AUTO(json)
    json_t *body =
        json_pack("{s:s, s:o, s:[s]}", "operation", operation, "reasons", reasons, "cameras", camera);
    return operation_draft(&f->site, officer_of(f, WATCH_ONE), body, NULL, err);
}

static void s17_an_entry_that_no_reason_names_is_not_in_the_gallery(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entries[2][24], camera[24], operation[24] = "";
    list_two(f, entries, camera);
    random_id("op", operation);
    AUTO(json)
    json_t *terms = draft_with(f, operation,
        json_pack("[o]", reason_of("court_order", clock_now_s() - 10, entries[0])), camera, &err);
    assert_non_null(terms);
    AUTO(operation_list) struct operation_list list = {0};
    assert_true(list_build_take(&f->site, operation, NULL, &list, &err));
    AUTO(json) json_t *listed = operation_list_entries(&list);
    assert_int_equal(json_array_size(listed), 1);
    assert_string_equal(json_string_value(json_array_get(listed, 0)), entries[0]);
    assert_int_equal(json_integer_value(json_object_get(terms, "list_size")), 1);
}

/* It is drafted with a reason, and what is signed leaves it out. */
static void s17_a_request_names_every_entry_of_its_draft_in_a_reason(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entries[2][24], camera[24], operation[24] = "";
    list_two(f, entries, camera);
    AUTO(json) json_t *both = json_pack("[s, s]", entries[0], entries[1]);
    AUTO(json) json_t *cameras = json_pack("[s]", camera);
    AUTO(json) json_t *fields = draft_request(f, operation, entries[0], camera);
    AUTO(json) json_t *body = draft_body(operation, both, cameras);
    AUTO(json) json_t *terms = operation_draft(&f->site, officer_of(f, WATCH_ONE), body, NULL, &err);
    assert_non_null(terms);
    json_object_update(fields, terms);
    expect_refusal(request(f, WATCH_ONE, json_incref(fields), &err), &err, ERROR_FORBIDDEN, entries[1]);
    json_array_append_new(
        json_object_get(fields, "reasons"), reason_of("last_seen", clock_now_s() - 20, entries[1]));
    json_array_append_new(
        json_object_get(fields, "reasons"), reason_of("last_seen", clock_now_s() - 20, entries[0]));
    expect_refusal(request(f, WATCH_ONE, json_incref(fields), &err), &err, ERROR_INVALID, "two reasons");
    json_array_remove(json_object_get(fields, "reasons"), 2);
    expect_field(request(f, WATCH_ONE, json_incref(fields), &err), &err, "state", "requested");
}

static void s17_a_stale_reason_is_told_by_its_entry_before_anybody_signs(void **state)
{
    struct fixture *f = *state;
    int64_t now = clock_now_s();
    const int64_t bad[] = {now - LIMIT_WHY_AGE_S - 1, now + 10};
    char entries[2][24], camera[24], operation[24] = "";
    list_two(f, entries, camera);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct error err = {0};
        random_id("op", operation);
        json_t *reasons = json_pack("[o, o]", reason_of("court_order", now - 20, entries[0]),
            reason_of("last_seen", bad[i], entries[1]));
        expect_refusal(draft_with(f, operation, reasons, camera, &err), &err, ERROR_FORBIDDEN, entries[1]);
        operation[0] = '\0';
        json_t *fields = draft_request(f, operation, entries[0], camera);
        json_object_set_new(
            json_array_get(json_object_get(fields, "reasons"), 0), "why_dated", json_integer(bad[i]));
        expect_refusal(request(f, WATCH_ONE, fields, &err), &err, ERROR_FORBIDDEN, entries[0]);
    }
    struct error err = {0};
    /* Fresh today, and not at the start. */
    AUTO(json)
    json_t *late = json_pack("{s:s, s:[o], s:[s], s:I}", "operation", operation, "reasons",
        reason_of("last_seen", now - LIMIT_WHY_AGE_S + 60, entries[0]), "cameras", camera, "starts_at",
        (json_int_t)now + 3600);
    expect_refusal(operation_draft(&f->site, officer_of(f, WATCH_ONE), late, NULL, &err), &err,
        ERROR_FORBIDDEN, entries[0]);
}

static void s17_one_reason_for_all_is_no_request_any_more(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], camera[24], operation[24] = "";
    list_entry(f, 1, entry);
    add_camera(f, camera);
    json_t *fields = draft_request(f, operation, entry, camera);
    json_object_set_new(fields, "why_here", json_string("trial"));
    json_object_set_new(fields, "why_reference", json_string("T-2026-1"));
    json_object_set_new(fields, "why_dated", json_integer(clock_now_s() - 10));
    expect_refusal(
        request(f, WATCH_ONE, json_deep_copy(fields), &err), &err, ERROR_INVALID, "name each entry");
    json_object_del(fields, "reasons");
    expect_refusal(request(f, WATCH_ONE, fields, &err), &err, ERROR_INVALID, "name each entry");
}

static void the_log_counts_the_reasons_and_holds_no_reference(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entries[2][24], camera[24], operation[24] = "";
    list_two(f, entries, camera);
    json_t *fields = draft_request(f, operation, entries[0], camera);
    AUTO(json)
    json_t *reasons = json_pack("[o, o]", reason_of("court_order", clock_now_s() - 10, entries[0]),
        reason_of("last_seen", clock_now_s() - 20, entries[1]));
    AUTO(json) json_t *terms = draft_with(f, operation, json_incref(reasons), camera, &err);
    assert_non_null(terms);
    json_object_update(fields, terms);
    json_object_set(fields, "reasons", reasons);
    expect_field(request(f, WATCH_ONE, fields, &err), &err, "state", "requested");
    assert_int_equal(
        count_rows(f, "ledger_leaf WHERE leaf LIKE '%\"reasons\":{\"court_order\":1,\"last_seen\":1}%'"), 1);
    assert_int_equal(count_rows(f, "ledger_leaf WHERE leaf LIKE '%FIR 71/26%'"), 0);
    char why[REASON_WORD_SIZE];
    int64_t dated_s = 0;
    assert_true(operation_reason_of(&f->site, operation, entries[1], why, &dated_s, &err));
    assert_string_equal(why, "last_seen");
}

static void a_draft_names_approved_entries_and_known_cameras(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char listed[24], proposed[24], camera[24];
    list_entry(f, 1, listed);
    propose_entry(f, 2, proposed);
    add_camera(f, camera);
    AUTO(json) json_t *good = json_pack("[s]", listed);
    AUTO(json) json_t *mixed = json_pack("[s, s]", listed, proposed);
    AUTO(json) json_t *twice = json_pack("[s, s]", listed, listed);
    AUTO(json) json_t *none = json_array();
    AUTO(json) json_t *cameras = json_pack("[s]", camera);
    AUTO(json) json_t *unknown = json_pack("[s]", "c-0000000000000000");
    expect_refusal(draft(f, mixed, cameras, &err), &err, ERROR_CONFLICT, "not approved");
    expect_refusal(draft(f, twice, cameras, &err), &err, ERROR_INVALID, "twice");
    expect_refusal(draft(f, none, cameras, &err), &err, ERROR_INVALID, "entries");
    expect_refusal(draft(f, good, none, &err), &err, ERROR_INVALID, "no cameras");
    expect_refusal(draft(f, good, unknown, &err), &err, ERROR_MISSING, "camera");
    assert_int_equal(count_rows(f, "operation"), 0);
    assert_int_equal(count_rows(f, "operation_entry"), 0);
}

static void s52_a_demo_operation_has_four_cameras(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], camera[24];
    list_entry(f, 1, entry);
    AUTO(json) json_t *entries = json_pack("[s]", entry);
    AUTO(json) json_t *cameras = json_array();
    for (int i = 0; i < LIMIT_DEMO_CAMERAS + 1; i++) {
        add_camera(f, camera);
        json_array_append_new(cameras, json_string(camera));
    }
    expect_refusal(draft(f, entries, cameras, &err), &err, ERROR_TOO_LARGE, "4 cameras");
    json_array_remove(cameras, 0);
    AUTO(json) json_t *terms = draft(f, entries, cameras, &err);
    assert_non_null(terms);
}

static void only_a_watch_officer_drafts(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], camera[24];
    list_entry(f, 1, entry);
    add_camera(f, camera);
    AUTO(json) json_t *entries = json_pack("[s]", entry);
    AUTO(json)
    json_t *body = json_pack("{s:s, s:o, s:[s]}", "operation", "op-0000000000000001", "reasons",
        reasons_for(entries), "cameras", camera);
    expect_refusal(operation_draft(&f->site, officer_of(f, AUTHORISER_ONE), body, NULL, &err), &err,
        ERROR_FORBIDDEN, "may not");
}

static void an_entry_withdrawn_after_the_draft_breaks_it(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], camera[24], operation[24] = "";
    list_entry(f, 1, entry);
    add_camera(f, camera);
    json_t *fields = draft_request(f, operation, entry, camera);
    AUTO(envelope)
    struct envelope *withdrawal = signed_by(
        f, WATCH_ONE, "entry_withdrawal", json_pack("{s:s, s:s}", "entry", entry, "reason", "wrong_photo"));
    expect_field(entry_withdraw(&f->site, withdrawal, &err), &err, "state", "withdrawn");
    expect_refusal(request(f, WATCH_ONE, fields, &err), &err, ERROR_CONFLICT, "not approved");
}

static void s9_an_entry_is_in_four_operations_a_month(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], camera[24], operation[24];
    list_entry(f, 1, entry);
    add_camera(f, camera);
    for (int i = 0; i < LIMIT_ENTRY_OPERATIONS_30_DAYS; i++) {
        operation[0] = '\0';
        authorise_operation(f, operation, entry, camera);
    }
    operation[0] = '\0';
    expect_refusal(request(f, WATCH_ONE, draft_request(f, operation, entry, camera), &err), &err,
        ERROR_FORBIDDEN, "new approval");
    clock_pass(1);
    AUTO(json) json_t *answer = answer_fields(f, entry, "approved");
    AUTO(envelope)
    struct envelope *renewal = signed_by(f, AUTHORISER_TWO, "entry_renewal",
        json_pack("{s:s, s:O, s:I}", "entry", entry, "proposal_hash",
            json_object_get(answer, "proposal_hash"), "expires_at",
            (json_int_t)clock_now_s() + LIMIT_ENTRY_S));
    expect_field(entry_renew(&f->site, renewal, &err), &err, "state", "approved");
    operation[0] = '\0';
    authorise_operation(f, operation, entry, camera);
}

/* As if so many entries ran in another operation. */
static void run_beside(struct fixture *f, const char *operation, int64_t entries)
{
    struct error err = {0};
    struct operation_row row;
    assert_true(operation_load(&f->site, operation, &row, &err));
    random_id("op", row.operation);
    row.phase = OPERATION_RUNNING;
    row.list_size = entries;
    assert_true(ledger_begin(f->site.ledger, &err));
    assert_true(operation_save(&f->site, &row, &err) && ledger_commit(f->site.ledger, &err));
}

static void s9_two_thousand_entries_run_at_once_and_no_more(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct operation_row row;
    char entry[24], camera[24], operation[24] = "";
    const char *why = NULL;
    list_entry(f, 1, entry);
    add_camera(f, camera);
    authorise_operation(f, operation, entry, camera);
    assert_true(operation_load(&f->site, operation, &row, &err));
    run_beside(f, operation, LIMIT_RUNNING_ENTRIES - 1);
    assert_true(operation_find_room(&f->site, &row, &why, &err));
    assert_null(why);
    run_beside(f, operation, 1);
    assert_true(operation_find_room(&f->site, &row, &why, &err));
    assert_string_equal(why, "too_many_entries");
}

static void s28_on_a_live_site_consenting_subjects_are_in_trials_alone(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], camera[24], operation[24] = "";
    list_entry(f, 1, entry); /* who consents */
    add_camera(f, camera);
    AUTO(json) json_t *trial = draft_request(f, operation, entry, camera);
    f->site.kind = SITE_LIVE;
    json_object_set_new(trial, "kind", json_string("live"));
    AUTO(json) json_t *wanted = json_deep_copy(trial);
    json_object_set_new(wanted, "purpose", json_string("arrest_warrants"));
    expect_refusal(request(f, WATCH_ONE, json_incref(wanted), &err), &err, ERROR_FORBIDDEN, "consenting");
    err = (struct error){0};
    expect_field(request(f, WATCH_ONE, json_incref(trial), &err), &err, "state", "requested");
}

static void s15_a_draft_names_forty_two_cameras_at_most(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    AUTO(json) json_t *cameras = json_array();
    AUTO(json) json_t *entries = json_pack("[s]", "e-0000000000000001");
    f->site.kind = SITE_LIVE;
    for (int i = 0; i <= LIMIT_OPERATION_CAMERAS; i++) {
        char id[24];
        random_id("c", id);
        AUTO(json) json_t *body = draft_body("op-0000000000000001", entries, cameras);
        assert_int_equal(operation_draft_check(&f->site, body, &err), i > 0);
        json_array_append_new(cameras, json_string(id));
    }
    AUTO(json) json_t *body = draft_body("op-0000000000000001", entries, cameras);
    expect_refusal(operation_draft(&f->site, officer_of(f, WATCH_ONE), body, NULL, &err), &err,
        ERROR_TOO_LARGE, "at most 42");
}

static void s15_a_place_is_watched_sixty_hours_a_month(void **state)
{
    struct fixture *f = *state;
    char entry[24], operation[24], camera[24];
    for (unsigned i = 0; i < 6; i++) {
        struct error err = {0};
        operation[0] = '\0';
        list_entry(f, i, entry);
        add_camera(f, camera); /* a camera of the same place registered anew changes nothing */
        json_t *fields = draft_request(f, operation, entry, camera);
        json_object_set_new(fields, "ends_at", json_integer(clock_now_s() + LIMIT_OPERATION_S));
        if (i < 5)
            expect_field(request(f, WATCH_ONE, fields, &err), &err, "state", "requested");
        else
            expect_refusal(request(f, WATCH_ONE, fields, &err), &err, ERROR_FORBIDDEN, "60 h");
    }
}

static void the_same_request_again_gives_the_same_reply(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], camera[24], operation[24] = "";
    list_entry(f, 1, entry);
    add_camera(f, camera);
    AUTO(envelope)
    struct envelope *envelope =
        signed_by(f, WATCH_ONE, "operation_request", draft_request(f, operation, entry, camera));
    AUTO(json) json_t *first = operation_request(&f->site, envelope, NULL, &err);
    AUTO(json) json_t *second = operation_request(&f->site, envelope, NULL, &err);
    assert_non_null(first);
    assert_true(json_equal(first, second));
    assert_int_equal(count_records(f, "operation_terms"), 1);
}

static void s29_a_request_names_entries_and_is_shown_to_nobody_who_reviews_sends_or_stops(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct requested asked;
    ask_for_operation(f, WATCH_ONE, &asked);
    AUTO(json) json_t *list = operation_list(&f->site, officer_of(f, WATCH_ONE), &err);
    const json_t *shown = json_array_get(json_object_get(list, "operations"), 0);
    AUTO(envelope) struct envelope *signed_request = envelope_read(json_object_get(shown, "request"), &err);
    assert_non_null(signed_request);
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(signed_request, hash);
    assert_string_equal(hash, asked.hash);
    static const enum person others[] = {REVIEWER_ONE, DISPATCHER, CREW};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        AUTO(json) json_t *seen = operation_show(&f->site, officer_of(f, others[i]), asked.operation, &err);
        assert_string_equal(json_string_value(json_object_get(seen, "state")), "requested");
        assert_true(json_is_null(json_object_get(seen, "request")));
    }
    const json_t *camera = json_array_get(json_object_get(shown, "cameras"), 0);
    assert_string_equal(json_string_value(json_object_get(camera, "camera")), asked.camera);
}

/* Asks for half a day's operation so many metres north of the first place. */
static json_t *ask_north(struct fixture *f, unsigned identity, int metres, struct error *err)
{
    char entry[24], operation[24] = "", camera[24];
    list_entry(f, identity, entry);
    add_camera_north(f, metres, camera);
    json_t *fields = draft_request(f, operation, entry, camera);
    json_object_set_new(fields, "ends_at", json_integer(clock_now_s() + LIMIT_OPERATION_S));
    return request(f, WATCH_ONE, fields, err);
}

static void s15_a_camera_moved_within_fifty_metres_watches_the_same_place(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    static const int metres[] = {0, 20, 40, -5, 0}; /* all within 50 m of 10 m */
    for (unsigned i = 0; i < COUNT_OF(metres); i++)
        expect_field(ask_north(f, i, metres[i], &err), &err, "state", "requested");
    expect_refusal(ask_north(f, 5, 10, &err), &err, ERROR_FORBIDDEN, "60 h");
    err = (struct error){0};
    expect_field(ask_north(f, 6, 120, &err), &err, "state", "requested");
}

/* As one that was halted at once stands in its row, and as one that ended then. */
static void s15_a_halted_operation_keeps_its_hours_as_it_may_go_on(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    for (unsigned i = 0; i < 5; i++)
        expect_field(ask_north(f, i, 0, &err), &err, "state", "requested");
    assert_true(store_run(f->site.ledger->store,
        "UPDATE operation SET state = 'halted', started_at = starts_at, ended_at = starts_at"
        " WHERE rowid = (SELECT max(rowid) FROM operation)",
        &err));
    expect_refusal(ask_north(f, 5, 0, &err), &err, ERROR_FORBIDDEN, "60 h");
    err = (struct error){0};
    assert_true(store_run(
        f->site.ledger->store, "UPDATE operation SET state = 'ended' WHERE state = 'halted'", &err));
    expect_field(ask_north(f, 6, 0, &err), &err, "state", "requested");
}

static void s15_a_place_is_free_again_after_thirty_days(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    for (unsigned i = 0; i < 5; i++)
        expect_field(ask_north(f, i, 0, &err), &err, "state", "requested");
    expect_refusal(ask_north(f, 5, 0, &err), &err, ERROR_FORBIDDEN, "60 h");
    clock_pass(30 * 86400 + 1);
    err = (struct error){0};
    expect_field(ask_north(f, 6, 0, &err), &err, "state", "requested");
}

static void s20_the_impact_assessment_is_of_the_last_twelve_months(void **state)
{
    struct fixture *f = *state;
    static const int64_t ages_s[] = {LIMIT_ASSESSMENT_AGE_S + 1, -1, LIMIT_ASSESSMENT_AGE_S};
    for (unsigned i = 0; i < COUNT_OF(ages_s); i++) {
        struct error err = {0};
        char entry[24], operation[24] = "", camera[24];
        list_entry(f, i, entry);
        add_camera(f, camera);
        json_t *fields = draft_request(f, operation, entry, camera);
        int64_t starts_s = json_integer_value(json_object_get(fields, "starts_at"));
        json_object_set_new(fields, "assessment_dated", json_integer(starts_s - ages_s[i]));
        if (i < 2)
            expect_refusal(request(f, WATCH_ONE, fields, &err), &err, ERROR_FORBIDDEN, "12 months");
        else
            expect_field(request(f, WATCH_ONE, fields, &err), &err, "state", "requested");
    }
}

/* The camera of register_camera, its notice checked so much less than the greatest age ago. */
static void register_with_an_old_check(struct fixture *f, const char *camera, int64_t less_s)
{
    struct error err = {0};
    AUTO(text) char *address = text_format("rtsp://127.0.0.1:8554/%s", camera);
    AUTO(envelope)
    struct envelope *envelope = signed_by(f, ADMIN, "camera",
        with_replaced(f, camera,
            json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:I}", "camera", camera, "name", "Gate North",
                "address", address, "latitude_e7", 248600000, "longitude_e7", 670100000, "heading_deg", 90,
                "tls", "", "sign_checked_at", (json_int_t)clock_now_s() - LIMIT_SIGN_CHECK_AGE_S + less_s)));
    expect_field(camera_register(&f->site, envelope, "user:secret", &err), &err, "camera", camera);
}

static void s20_a_camera_whose_notice_was_checked_too_long_ago_is_told_by_name_and_arms_nothing(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24], camera[24], operation[24] = "", case_id[24];
    fixture_watch(f);
    list_entry(f, 1, entry);
    case_of(f, entry, case_id);
    AUTO(text) char *ini = text_format("[status]\navailable = yes\n%s = live\n", case_id);
    set_ports(f, ini);
    random_id("c", camera);
    register_with_an_old_check(f, camera, 60);
    AUTO(json) json_t *entries = json_pack("[s]", entry);
    AUTO(json) json_t *cameras = json_pack("[s]", camera);
    AUTO(json) json_t *late = draft_body("op-000000000000000a", entries, cameras);
    json_object_set_new(late, "starts_at", json_integer(clock_now_s() + 120));
    expect_refusal(operation_draft(&f->site, officer_of(f, WATCH_ONE), late, NULL, &err), &err,
        ERROR_CONFLICT, "(Gate North): the check of its notice");
    json_t *fields = draft_request(f, operation, entry, camera);
    json_object_set_new(fields, "starts_at", json_integer(clock_now_s() + 120));
    expect_refusal(
        request(f, WATCH_ONE, json_incref(fields), &err), &err, ERROR_CONFLICT, "over 182 days old");
    /* Fresh when it is asked for, and then an older check takes the record's place. */
    expect_field(register_camera(f, ADMIN, camera, 0, &err), &err, "camera", camera);
    AUTO(envelope) struct envelope *asked = signed_by(f, WATCH_ONE, "operation_request", fields);
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(asked, hash);
    expect_field(operation_request(&f->site, asked, NULL, &err), &err, "state", "requested");
    authorise_by(f, AUTHORISER_ONE, operation, hash, "requested");
    authorise_by(f, AUTHORISER_TWO, operation, hash, "authorised");
    register_with_an_old_check(f, camera, 30);
    clock_pass(121);
    fill_room(f);
    assert_true(operation_tick(&f->site, &err));
    expect_operation(f, operation, "halted", "not_as_signed");
    assert_int_equal(f->told.arms, 0);
}

static void s20_a_camera_is_registered_with_a_fresh_check_of_its_notice(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char camera[24];
    random_id("c", camera);
    register_with_an_old_check(f, camera, 60);
    AUTO(envelope)
    struct envelope *old = signed_by(f, ADMIN, "camera",
        json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:I}", "camera", camera, "name", "Gate", "address",
            "rtsp://127.0.0.1/a", "latitude_e7", 1, "longitude_e7", 2, "heading_deg", 0, "tls", "",
            "sign_checked_at", (json_int_t)clock_now_s() - LIMIT_SIGN_CHECK_AGE_S - 1));
    expect_refusal(camera_register(&f->site, old, "", &err), &err, ERROR_CONFLICT, "over 182 days old");
}

/* Two entries, drafted in turns of one entry each, up to the last of them. */
static struct list_build *build_until_proved(
    struct fixture *f, char entries[2][24], json_t **body, struct error *err)
{
    char camera[24], operation[24];
    bool done = false;
    random_id("op", operation);
    list_two(f, entries, camera);
    AUTO(json) json_t *both = json_pack("[s, s]", entries[0], entries[1]);
    AUTO(json) json_t *cameras = json_pack("[s]", camera);
    *body = draft_body(operation, both, cameras);
    f->site.turn_us = -1; /* over at once */
    struct list_build *build = operation_draft_build(&f->site, *body, err);
    assert_non_null(build);
    for (int turn = 0; turn < 2; turn++) {
        assert_true(list_build_step(&f->site, build, &done, err));
        assert_false(done);
    }
    assert_true(list_build_step(&f->site, build, &done, err));
    assert_true(done);
    return build;
}

static void a_list_made_in_turns_is_the_one_made_at_once(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entries[2][24];
    AUTO(json) json_t *body = NULL;
    AUTO(list_build) struct list_build *build = build_until_proved(f, entries, &body, &err);
    AUTO(json)
    json_t *terms = operation_draft(&f->site, officer_of(f, WATCH_ONE), body, build, &err);
    AUTO(json) json_t *at_once = operation_draft(&f->site, officer_of(f, WATCH_ONE), body, NULL, &err);
    assert_non_null(terms);
    assert_true(json_equal(terms, at_once));
}

static void s3_what_happens_to_an_entry_while_a_list_is_proved_counts(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entries[2][24];
    AUTO(json) json_t *body = NULL;
    AUTO(list_build) struct list_build *build = build_until_proved(f, entries, &body, &err);
    AUTO(envelope)
    struct envelope *withdrawal = signed_by(f, WATCH_ONE, "entry_withdrawal",
        json_pack("{s:s, s:s}", "entry", entries[0], "reason", "wrong_photo"));
    expect_field(entry_withdraw(&f->site, withdrawal, &err), &err, "state", "withdrawn");
    expect_refusal(operation_draft(&f->site, officer_of(f, WATCH_ONE), body, build, &err), &err,
        ERROR_CONFLICT, "not approved");
}

static void s11_whose_key_is_suspended_while_a_list_is_proved_signed_for_nobody(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entries[2][24];
    AUTO(json) json_t *body = NULL;
    AUTO(list_build) struct list_build *build = build_until_proved(f, entries, &body, &err);
    suspend_key(f, AUTHORISER_ONE);
    expect_refusal(operation_draft(&f->site, officer_of(f, WATCH_ONE), body, build, &err), &err,
        ERROR_CONFLICT, "changed meanwhile");
}

static void a_request_takes_no_list_of_other_entries(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entries[2][24], camera[24], operation[24] = "";
    AUTO(json) json_t *body = NULL;
    list_entry(f, 7, entries[0]);
    add_camera(f, camera);
    json_t *fields = draft_request(f, operation, entries[0], camera);
    AUTO(list_build) struct list_build *build = build_until_proved(f, entries, &body, &err);
    AUTO(envelope) struct envelope *request = signed_by(f, WATCH_ONE, "operation_request", fields);
    expect_refusal(operation_request(&f->site, request, build, &err), &err, ERROR_CONFLICT, "draft again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(s38_an_office_with_an_alert_without_outcome_requests_nothing),
        SITE_TEST(s13_two_offices_authorise),
        SITE_TEST(s13_one_signature_is_not_enough),
        SITE_TEST(s13_two_of_one_office_are_refused),
        SITE_TEST(s13_the_requester_does_not_authorise),
        SITE_TEST(s13_an_authorisation_is_for_one_request),
        SITE_TEST(a_refusal_ends_it_and_its_list_is_wiped),
        SITE_TEST(a_refusal_has_a_reason_and_nothing_else_has),
        SITE_TEST(s14_a_request_equals_its_draft),
        SITE_TEST(a_request_needs_its_draft),
        SITE_TEST(times_and_words_are_checked),
        SITE_TEST(s17_an_entry_that_no_reason_names_is_not_in_the_gallery),
        SITE_TEST(s17_a_request_names_every_entry_of_its_draft_in_a_reason),
        SITE_TEST(s17_a_stale_reason_is_told_by_its_entry_before_anybody_signs),
        SITE_TEST(s17_one_reason_for_all_is_no_request_any_more),
        SITE_TEST(the_log_counts_the_reasons_and_holds_no_reference),
        SITE_TEST(a_draft_names_approved_entries_and_known_cameras),
        SITE_TEST(s52_a_demo_operation_has_four_cameras),
        SITE_TEST(only_a_watch_officer_drafts),
        SITE_TEST(an_entry_withdrawn_after_the_draft_breaks_it),
        SITE_TEST(s9_an_entry_is_in_four_operations_a_month),
        SITE_TEST(s9_two_thousand_entries_run_at_once_and_no_more),
        SITE_TEST(s28_on_a_live_site_consenting_subjects_are_in_trials_alone),
        SITE_TEST(s15_a_draft_names_forty_two_cameras_at_most),
        SITE_TEST(s15_a_camera_moved_within_fifty_metres_watches_the_same_place),
        SITE_TEST(s15_a_halted_operation_keeps_its_hours_as_it_may_go_on),
        SITE_TEST(s15_a_place_is_free_again_after_thirty_days),
        SITE_TEST(s20_the_impact_assessment_is_of_the_last_twelve_months),
        SITE_TEST(s20_a_camera_whose_notice_was_checked_too_long_ago_is_told_by_name_and_arms_nothing),
        SITE_TEST(s20_a_camera_is_registered_with_a_fresh_check_of_its_notice),
        SITE_TEST(s15_a_place_is_watched_sixty_hours_a_month),
        SITE_TEST(the_same_request_again_gives_the_same_reply),
        SITE_TEST(s29_a_request_names_entries_and_is_shown_to_nobody_who_reviews_sends_or_stops),
        SITE_TEST(a_list_made_in_turns_is_the_one_made_at_once),
        SITE_TEST(s3_what_happens_to_an_entry_while_a_list_is_proved_counts),
        SITE_TEST(s11_whose_key_is_suspended_while_a_list_is_proved_signed_for_nobody),
        SITE_TEST(a_request_takes_no_list_of_other_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
