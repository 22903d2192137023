#include "site_test.h"

static json_t *propose_with(struct fixture *f, enum person person, json_t *fields, struct error *err)
{
    AUTO(envelope) struct envelope *envelope = signed_by(f, person, "entry_proposal", fields);
    return entry_propose(&f->site, envelope, err);
}

static void s5_a_picture_that_fails_the_gate_is_not_kept(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct enrolment enrolment = {
        .accepted = false, .verdict = "blurred", .advice = "Hold the camera still."};
    expect_refusal(photo_keep(&f->site, officer_of(f, WATCH_ONE), &enrolment, enrolment.photo_hash, &err),
        &err, ERROR_INVALID, "blurred: Hold");
    assert_int_equal(count_rows(f, "upload"), 0);
}

static void only_officers_of_the_lists_bring_photos(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    assert_false(photo_may_add(officer_of(f, REVIEWER_ONE), 1, &err));
    assert_int_equal(err.code, ERROR_FORBIDDEN);
    assert_false(photo_may_add(officer_of(f, WATCH_ONE), 9 << 20, &err));
    assert_int_equal(err.code, ERROR_TOO_LARGE);
    assert_true(photo_may_add(officer_of(f, WATCH_ONE), 8 << 20, &err));
}

static void an_unused_photo_is_erased_after_an_hour(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char photo[HEX_HASH_SIZE], key[64];
    upload(f, WATCH_ONE, 1, 0, photo);
    snprintf(key, sizeof key, "upload/%.40s", photo);
    clock_pass(3590);
    assert_true(entry_expire(&f->site, &err));
    assert_int_equal(count_rows(f, "upload"), 1);
    clock_pass(20);
    assert_true(entry_expire(&f->site, &err));
    assert_int_equal(count_rows(f, "upload"), 0);
    assert_null(keyring_key(f->site.ledger->keyring, key, false, &err));
    assert_int_equal(err.code, ERROR_MISSING);
}

static void s50_an_unused_photo_is_kept_no_longer_by_an_edit(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char photo[HEX_HASH_SIZE];
    upload(f, WATCH_ONE, 1, 0, photo);
    run_sql(f, "UPDATE upload SET added_at = added_at + 86400");
    clock_pass(3600);
    assert_true(entry_expire(&f->site, &err));
    assert_int_equal(count_rows(f, "upload"), 0);
}

static void a_used_upload_is_erased_at_once(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24] = "", photo[HEX_HASH_SIZE], key[64];
    upload(f, WATCH_ONE, 1, 0, photo);
    snprintf(key, sizeof key, "upload/%.40s", photo);
    assert_non_null(keyring_key(f->site.ledger->keyring, key, false, &err));
    expect_field(
        propose_with(f, WATCH_ONE, proposal_fields(f, entry, 1, photo), &err), &err, "state", "proposed");
    assert_int_equal(count_rows(f, "upload"), 0);
    assert_null(keyring_key(f->site.ledger->keyring, key, false, &err));
}

static void a_photo_nobody_uploaded_is_refused(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24] = "", photo[HEX_HASH_SIZE];
    upload(f, WATCH_ONE, 1, 0, photo);
    expect_refusal(propose_with(f, WATCH_TWO, proposal_fields(f, entry, 1, photo), &err), &err, ERROR_MISSING,
        "upload the picture again");
    clock_pass(3601);
    expect_refusal(propose_with(f, WATCH_ONE, proposal_fields(f, entry, 1, photo), &err), &err, ERROR_MISSING,
        "upload the picture again");
    assert_int_equal(count_rows(f, "entry"), 0);
}

/* The fixture's files are the pictures themselves. */
static void s4_the_proposal_names_the_file_that_was_uploaded(void **state)
{
    static const struct {
        const char *file; /* NULL: the right one */
        bool lacks, live, refused;
    } tries[] = {
        {.live = true},
        {.lacks = true},
        {.lacks = true, .live = true, .refused = true},
        {.file = "0000000000000000000000000000000000000000000000000000000000000000", .refused = true},
    };
    struct fixture *f = *state;
    for (unsigned i = 0; i < COUNT_OF(tries); i++) {
        struct error err = {0};
        char entry[24] = "", photo[HEX_HASH_SIZE];
        upload(f, WATCH_ONE, 1 + i, 0, photo);
        json_t *fields = proposal_fields(f, entry, 1 + i, photo);
        json_t *named = json_array_get(json_object_get(fields, "photos"), 0);
        if (!tries[i].lacks)
            json_object_set_new(named, "file_hash", json_string(tries[i].file ? tries[i].file : photo));
        f->site.kind = tries[i].live ? SITE_LIVE : SITE_DEMO;
        AUTO(json) json_t *reply = propose_with(f, WATCH_ONE, fields, &err);
        if (!reply != tries[i].refused || (!reply && !strstr(err.text, "file")))
            fail_msg("try %u: %s", i, err.text);
    }
    f->site.kind = SITE_DEMO;
}

/* Whose upload it is, of which file and since when is what the proposal's signer answers for. */
static void s4_s50_an_upload_edited_in_sql_is_refused(void **state)
{
    static const char *const edits[] = {"", ", added_at = added_at + 3600", ", file = printf('%064d', 0)",
        ", pack = printf('%064d', 0)", ", mark = x''", ", picture = template", ", template = picture"};
    struct fixture *f = *state;
    for (unsigned i = 0; i < COUNT_OF(edits); i++) {
        struct error err = {0};
        char entry[24] = "", photo[HEX_HASH_SIZE];
        upload(f, WATCH_TWO, 1 + i, 0, photo);
        run_sql(f, "UPDATE upload SET officer = '%s'%s", f->officers[WATCH_ONE], edits[i]);
        expect_refusal(propose_with(f, WATCH_ONE, proposal_fields(f, entry, 1 + i, photo), &err), &err,
            ERROR_CORRUPT, "upload");
        run_sql(f, "DELETE FROM upload");
    }
    assert_int_equal(count_rows(f, "entry"), 0);
}

static json_t *with_two_photos(struct fixture *f, unsigned first, unsigned second)
{
    char entry[24] = "", photo[HEX_HASH_SIZE];
    upload(f, WATCH_ONE, first, 0, photo);
    json_t *fields = proposal_fields(f, entry, first, photo);
    json_t *more = json_deep_copy(json_array_get(json_object_get(fields, "photos"), 0));
    upload(f, WATCH_ONE, second, 1, photo);
    json_object_set_new(more, "photo", json_string(photo));
    json_array_append_new(json_object_get(fields, "photos"), more);
    return fields;
}

static void s4_two_people_in_one_entry_are_refused(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    expect_refusal(
        propose_with(f, WATCH_ONE, with_two_photos(f, 1, 2), &err), &err, ERROR_INVALID, "same person");
    assert_int_equal(count_rows(f, "entry"), 0);
    assert_int_equal(count_rows(f, "entry_photo"), 0);
    expect_field(propose_with(f, WATCH_ONE, with_two_photos(f, 3, 3), &err), &err, "state", "proposed");
}

static void another_packs_template_does_not_arm(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct gallery_item item;
    char entry[24] = "", photo[HEX_HASH_SIZE];
    upload(f, WATCH_ONE, 1, 0, photo);
    expect_field(
        propose_with(f, WATCH_ONE, proposal_fields(f, entry, 1, photo), &err), &err, "state", "proposed");
    assert_true(photo_item(&f->site, entry, photo, &item, &err));
    f->site.pack_hash[0] ^= 1;
    assert_false(photo_item(&f->site, entry, photo, &item, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
}

static json_t *fetch(struct fixture *f, enum person person, const char *entry, const char *photo,
    const char *fetched, const char *record_number, struct error *err)
{
    *err = (struct error){0};
    AUTO(envelope)
    struct envelope *envelope = signed_by(f, person, "source_fetch",
        json_pack("{s:s, s:s, s:s, s:s}", "entry", entry, "photo", photo, "fetched", fetched, "record_number",
            record_number));
    return entry_fetch(&f->site, envelope, err);
}

static json_t *approve(struct fixture *f, enum person person, const char *entry, struct error *err)
{
    *err = (struct error){0};
    AUTO(envelope)
    struct envelope *approval = signed_by(f, person, "entry_approval", answer_fields(f, entry, "approved"));
    return entry_approve(&f->site, approval, NULL, err);
}

static void s4_on_a_live_site_the_approver_fetches_the_source_again(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char entry[24], photo[HEX_HASH_SIZE], again[HEX_HASH_SIZE], other[HEX_HASH_SIZE];
    propose_entry(f, 1, entry);
    AUTO(query)
    struct query *query = query_new(f->site.ledger->store, "SELECT photo FROM entry_photo", &err);
    assert_true(query_next(query));
    snprintf(photo, sizeof photo, "%s", query_get_text(query, 0));
    upload(f, AUTHORISER_ONE, 1, 4, again);
    upload(f, AUTHORISER_ONE, 2, 0, other);
    f->site.kind = SITE_LIVE;
    expect_refusal(approve(f, AUTHORISER_ONE, entry, &err), &err, ERROR_CONFLICT, "fetch photo 1");
    expect_refusal(fetch(f, WATCH_ONE, entry, photo, again, "T-1", &err), &err, ERROR_FORBIDDEN, "role");
    expect_refusal(fetch(f, AUTHORISER_ONE, entry, photo, again, "T-2", &err), &err, ERROR_CONFLICT,
        "another record number");
    expect_refusal(
        fetch(f, AUTHORISER_ONE, entry, photo, other, "T-1", &err), &err, ERROR_INVALID, "somebody else");
    expect_refusal(fetch(f, AUTHORISER_TWO, entry, photo, again, "T-1", &err), &err, ERROR_MISSING, "upload");
    expect_field(fetch(f, AUTHORISER_ONE, entry, photo, again, "T-1", &err), &err, "photo", photo);
    assert_int_equal(count_rows(f, "upload WHERE photo = (SELECT photo FROM entry_photo)"), 0);
    clock_pass(1);
    expect_refusal(approve(f, AUTHORISER_TWO, entry, &err), &err, ERROR_CONFLICT, "fetch photo 1");
    expect_field(approve(f, AUTHORISER_ONE, entry, &err), &err, "state", "approved");
    assert_int_equal(count_records(f, "source_fetched"), 1);
}

static void fetch_again(struct fixture *f, enum person person, const char *entry, const char *photo)
{
    struct error err;
    char again[HEX_HASH_SIZE];
    upload(f, person, 1, 4, again);
    expect_field(fetch(f, person, entry, photo, again, "T-1", &err), &err, "photo", photo);
}

static size_t fetches_shown(struct fixture *f, enum person person, const char *entry)
{
    struct error err = {0};
    AUTO(json) json_t *shown = entry_show(&f->site, officer_of(f, person), entry, NULL, &err);
    return json_array_size(json_object_get(shown, "fetched"));
}

static void s4_on_a_live_site_each_who_reinstates_fetches_the_source_anew(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char entry[24], photo[HEX_HASH_SIZE];
    propose_entry(f, 1, entry);
    AUTO(query)
    struct query *query = query_new(f->site.ledger->store, "SELECT photo FROM entry_photo", &err);
    assert_true(query_next(query));
    snprintf(photo, sizeof photo, "%s", query_get_text(query, 0));
    f->site.kind = SITE_LIVE;
    fetch_again(f, AUTHORISER_ONE, entry, photo);
    fetch_again(f, BOTH, entry, photo);
    assert_int_equal(fetches_shown(f, BOTH, entry), 1);
    expect_field(approve(f, AUTHORISER_ONE, entry, &err), &err, "state", "approved");
    clock_pass(1);
    suspend_entry(f, entry);
    assert_int_equal(fetches_shown(f, BOTH, entry), 0);
    expect_refusal(approve(f, BOTH, entry, &err), &err, ERROR_CONFLICT, "fetch photo 1");
    static const enum person two[] = {AUTHORISER_TWO, AUTHORISER_THREE};
    for (size_t i = 0; i < COUNT_OF(two); i++) {
        expect_refusal(approve(f, two[i], entry, &err), &err, ERROR_CONFLICT, "fetch photo 1");
        fetch_again(f, two[i], entry, photo);
        clock_pass(1);
        expect_field(approve(f, two[i], entry, &err), &err, "state", i == 0 ? "suspended" : "approved");
    }
}

static size_t keys(struct fixture *f)
{
    size_t count = 0;
    while (keyring_name(f->site.ledger->keyring, count))
        count++;
    return count;
}

/* Else one officer's refused proposals, each with a key for good, would fill the keyring that alerts need. */
static void s3_a_proposal_that_is_refused_leaves_no_key(void **state)
{
    static const char nobodys[] = "00000000000000000000000000000000000000000000000000000000000000ff";
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24] = "";
    json_t *two = with_two_photos(f, 1, 2);
    size_t before = keys(f);
    expect_refusal(propose_with(f, WATCH_ONE, proposal_fields(f, entry, 3, nobodys), &err), &err,
        ERROR_MISSING, "not among the uploads");
    expect_refusal(propose_with(f, WATCH_ONE, two, &err), &err, ERROR_INVALID, "same person");
    assert_int_equal(keys(f), before);
    fixture_restart(f);
    assert_int_equal(keys(f), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(s5_a_picture_that_fails_the_gate_is_not_kept),
        SITE_TEST(only_officers_of_the_lists_bring_photos),
        SITE_TEST(an_unused_photo_is_erased_after_an_hour),
        SITE_TEST(s50_an_unused_photo_is_kept_no_longer_by_an_edit),
        SITE_TEST(a_used_upload_is_erased_at_once),
        SITE_TEST(a_photo_nobody_uploaded_is_refused),
        SITE_TEST(s4_s50_an_upload_edited_in_sql_is_refused),
        SITE_TEST(s4_the_proposal_names_the_file_that_was_uploaded),
        SITE_TEST(s4_two_people_in_one_entry_are_refused),
        SITE_TEST(s4_on_a_live_site_the_approver_fetches_the_source_again),
        SITE_TEST(s4_on_a_live_site_each_who_reinstates_fetches_the_source_anew),
        SITE_TEST(another_packs_template_does_not_arm),
        SITE_TEST(s3_a_proposal_that_is_refused_leaves_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
