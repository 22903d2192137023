#include "list/entry_rules.h"
#include "sign/limits.h"
#include "site_test.h"

static json_t *complete(struct fixture *f)
{
    char entry[24] = "", photo[HEX_HASH_SIZE];
    upload(f, WATCH_ONE, 1, 0, photo);
    return proposal_fields(f, entry, 1, photo);
}

/* Sets a field by a path such as "cases/0/number"; NULL deletes it. */
static void set_at(json_t *fields, const char *path, json_t *value)
{
    char part[40];
    const char *slash;
    while ((slash = strchr(path, '/'))) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        fields = json_is_array(fields) ? json_array_get(fields, (size_t)atoi(part))
                                       : json_object_get(fields, part);
        path = slash + 1;
    }
    if (value)
        json_object_set_new(fields, path, value);
    else
        json_object_del(fields, path);
}

/* Whether signing (the form) or the rules refuse it. */
static bool is_refused(struct fixture *f, json_t *fields, struct error *err)
{
    json_object_set_new(fields, "type", json_string("entry_proposal"));
    json_object_set_new(fields, "site", json_string("demo-test"));
    json_object_set_new(fields, "by", json_string(f->officers[WATCH_ONE]));
    json_object_set_new(fields, "at", json_integer(clock_now_s()));
    AUTO(envelope) struct envelope *envelope = envelope_sign(fields, f->secret_keys[WATCH_ONE], err);
    json_decref(fields);
    if (!envelope)
        return true;
    AUTO(json) json_t *json = envelope_json(envelope);
    AUTO(envelope) struct envelope *received = envelope_read(json, err);
    AUTO(json) json_t *reply = received ? entry_propose(&f->site, received, err) : NULL;
    return !reply;
}

static void a_complete_proposal_is_taken(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    if (is_refused(f, complete(f), &err))
        fail_msg("%s", err.text);
}

static void s1_grounds_are_a_closed_set(void **state)
{
    struct fixture *f = *state;
    static const char *const others[] = {"", "of_interest", "person of interest", "CONSENTING_TEST_SUBJECT",
        "consenting_test_subject ", "protest"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct error err = {0};
        json_t *fields = complete(f);
        set_at(fields, "ground", json_string(others[i]));
        assert_true(is_refused(f, fields, &err));
        assert_int_equal(err.code, ERROR_INVALID);
    }
    assert_int_equal(count_rows(f, "entry"), 0);
}

static void s52_a_demo_site_takes_consenting_subjects_only(void **state)
{
    struct fixture *f = *state;
    static const char *const others[] = {"court_warrant", "proclaimed_offender", "suspect_with_warrant",
        "suspect_fir_only", "escaped_prisoner", "missing_or_at_risk"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct error err = {0};
        json_t *fields = complete(f);
        set_at(fields, "ground", json_string(others[i]));
        assert_true(is_refused(f, fields, &err));
        assert_int_equal(err.code, ERROR_FORBIDDEN);
    }
}

static void s2_every_reference_is_needed(void **state)
{
    struct fixture *f = *state;
    static const char *const needed[] = {"cases/0/case", "cases/0/kind", "cases/0/number", "cases/0/section",
        "cases/0/station", "cases/0/dated", "cases/0/officer", "photos/0/photo", "photos/0/source",
        "photos/0/record_number", "photos/0/dated", "person/name", "person/cnic", "person/born", "ground",
        "cases", "photos", "expires_at", "entry"};
    for (size_t i = 0; i < COUNT_OF(needed); i++) {
        struct error err = {0};
        json_t *fields = complete(f);
        set_at(fields, needed[i], NULL);
        if (!is_refused(f, fields, &err))
            fail_msg("taken without %s", needed[i]);
    }
    assert_int_equal(count_rows(f, "entry"), 0);
}

static void values_that_break_a_rule_are_refused(void **state)
{
    struct fixture *f = *state;
    struct {
        const char *path;
        json_t *value;
    } bad[] = {
        {"cases/0/number", json_string("")},
        {"cases/0/section", json_string("")},
        {"cases/0/officer", json_string("")},
        {"cases/0/station", json_string("s-0000000000000000")},
        {"cases/0/dated", json_integer(clock_now_s() + 10)},
        {"cases/0/section", json_string("124-A PPC")},
        {"cases", json_array()},
        {"photos", json_array()},
        {"photos/0/source", json_string("custody")},
        {"photos/0/source", json_string("passport")},
        {"photos/0/record_number", json_string("")},
        {"photos/0/dated", json_integer(clock_now_s() + 10)},
        {"person/cnic", json_string("")},
        {"person/cnic", json_string("4210112345671")},
        {"person/cnic", json_string("42101-1234567-x")},
        {"person/name", json_string("")},
        {"person/born", json_integer(2010)},
        {"person/born", json_integer(2027)},
        {"expires_at", json_integer(clock_now_s() - 1)},
        {"expires_at", json_integer(clock_now_s() + LIMIT_ENTRY_S + 1)},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct error err = {0};
        json_t *fields = complete(f);
        set_at(fields, bad[i].path, bad[i].value);
        if (!is_refused(f, fields, &err))
            fail_msg("taken with a bad %s (row %zu)", bad[i].path, i);
    }
}

static void s9_three_photos_and_no_more(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24] = "", photo[HEX_HASH_SIZE];
    upload(f, WATCH_ONE, 1, 0, photo);
    json_t *fields = proposal_fields(f, entry, 1, photo);
    for (unsigned face = 1; face < 4; face++) {
        json_t *photos = json_object_get(fields, "photos");
        json_t *more = json_deep_copy(json_array_get(photos, 0));
        upload(f, WATCH_ONE, 1, face, photo);
        json_object_set_new(more, "photo", json_string(photo));
        json_array_append_new(photos, more);
    }
    assert_true(is_refused(f, json_deep_copy(fields), &err));
    assert_int_equal(err.code, ERROR_TOO_LARGE);
    json_array_remove(json_object_get(fields, "photos"), 3);
    if (is_refused(f, fields, &err))
        fail_msg("%s", err.text);
}

/* As on a live site, where the grounds are real. */
static void s2_on_a_real_ground_a_case_names_a_section_of_a_known_act(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {"sedition", "blasphemy", "PPC", "302", "-"};
    f->site.kind = SITE_LIVE;
    for (size_t i = 0; i <= COUNT_OF(bad); i++) {
        struct error err = {0};
        bool is_bad = i < COUNT_OF(bad);
        json_t *fields = complete(f);
        set_at(fields, "ground", json_string("proclaimed_offender"));
        set_at(fields, "photos/0/source", json_string("court"));
        json_t *photo = json_array_get(json_object_get(fields, "photos"), 0);
        set_at(photo, "file_hash", json_incref(json_object_get(photo, "photo")));
        set_at(fields, "cases/0/kind", json_string("court"));
        set_at(fields, "cases/0/section", json_string(is_bad ? bad[i] : "۳۰۲/۳۴ ت پ، 512/87 Cr.P.C"));
        if (is_refused(f, fields, &err) != is_bad)
            fail_msg("%s: %s", is_bad ? bad[i] : "good", err.text);
    }
    f->site.kind = SITE_DEMO;
}

static void the_form_of_a_cnic_is_exact(void **state)
{
    (void)state;
    assert_true(cnic_is_valid("42101-1234567-1"));
    assert_false(cnic_is_valid("42101-1234567-1 "));
    assert_false(cnic_is_valid("42101-123456-11"));
    assert_false(cnic_is_valid(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(a_complete_proposal_is_taken),
        SITE_TEST(s1_grounds_are_a_closed_set),
        SITE_TEST(s52_a_demo_site_takes_consenting_subjects_only),
        SITE_TEST(s2_every_reference_is_needed),
        SITE_TEST(values_that_break_a_rule_are_refused),
        SITE_TEST(s9_three_photos_and_no_more),
        SITE_TEST(s2_on_a_real_ground_a_case_names_a_section_of_a_known_act),
        cmocka_unit_test(the_form_of_a_cnic_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
