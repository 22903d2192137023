#include "base/text.h"
#include "list/operation_proof.h"
#include "site_test.h"

#include "sign/limits.h"

enum { CAMERA_LATITUDE = 248600000, CAMERA_LONGITUDE = 670100000 };

/* So many metres north of the fixture's camera; `from_s` and `until_s` from now on, 0 and 0 for always. */
static json_t *place(int metres, int radius_m, int64_t from_s, int64_t until_s)
{
    int64_t now = from_s || until_s ? clock_now_s() : 0;
    return json_pack("{s:s, s:s, s:i, s:i, s:i, s:I, s:I}", "kind", "hospital", "name", "A hospital",
        "latitude_e7", CAMERA_LATITUDE + 90 * metres, "longitude_e7", CAMERA_LONGITUDE, "radius_m", radius_m,
        "from", (json_int_t)now + from_s, "until", (json_int_t)now + until_s);
}

/* Takes `places`. */
static json_t *list_places(
    struct fixture *f, enum person person, int part, int number, json_t *places, struct error *err)
{
    *err = (struct error){0};
    AUTO(envelope)
    struct envelope *envelope = signed_by(f, person, "protected_places",
        json_pack("{s:i, s:i, s:o}", "part", part, "number", number, "places", places));
    return places_sign(&f->site, envelope, err);
}

static void must_list(struct fixture *f, enum person person, int part, int number, json_t *places)
{
    struct error err;
    AUTO(json) json_t *reply = list_places(f, person, part, number, places, &err);
    if (!reply)
        fail_msg("%s", err.text);
}

struct asked {
    char operation[24], entry[24], camera[24], hash[HEX_HASH_SIZE];
};

static void ask(struct fixture *f, struct asked *out)
{
    out->operation[0] = '\0';
    list_entry(f, 1, out->entry);
    add_camera(f, out->camera);
    request_operation(f, out->operation, out->entry, out->camera, 3600, out->hash);
}

static void expect(struct fixture *f, const struct asked *asked, const char *field, const char *value)
{
    struct error err = {0};
    expect_field(
        operation_show(&f->site, officer_of(f, DISPATCHER), asked->operation, &err), &err, field, value);
}

static void s19_in_a_protected_place_nothing_is_authorised_without_the_outside_signer(void **state)
{
    struct fixture *f = *state;
    struct asked asked;
    must_list(f, JUDGE, 0, 1, json_pack("[o]", place(150, 200, 0, 0)));
    ask(f, &asked);
    authorise_by(f, AUTHORISER_ONE, asked.operation, asked.hash, "requested");
    authorise_by(f, AUTHORISER_TWO, asked.operation, asked.hash, "requested");
    expect(f, &asked, "why", "outside_signer");
    authorise_by(f, JUDGE, asked.operation, asked.hash, "authorised");
}

static void s19_urgency_does_not_open_a_protected_place(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct asked asked;
    must_list(f, JUDGE, 0, 1, json_pack("[o]", place(0, 100, 0, 0)));
    ask(f, &asked);
    AUTO(envelope)
    struct envelope *urgency = signed_by(f, AUTHORISER_ONE, "urgency",
        json_pack("{s:s, s:s, s:s}", "operation", asked.operation, "request_hash", asked.hash, "reason",
            "threat_to_life"));
    expect_refusal(
        operation_declare_urgent(&f->site, urgency, &err), &err, ERROR_FORBIDDEN, "protected place");
}

static void s19_places_are_near_and_dates_meet(void **state)
{
    struct fixture *f = *state;
    static const struct {
        int metres, radius_m;
        int64_t from_s, until_s;
        bool covered;
    } cases[] = {
        {150, 200, 0, 0, true},
        {250, 200, 0, 0, false},
        {0, 10, 1800, 7200, true},
        {0, 10, 3600, 7200, false},
        {0, 10, -7200, 1, true},
        {0, 10, -7200, 0, false},
        {40000, 50000, 0, 600, true},
    };
    int64_t now = clock_now_s();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(json)
        json_t *parts = json_pack("[{s:[o]}]", "places",
            place(cases[i].metres, cases[i].radius_m, cases[i].from_s, cases[i].until_s));
        if (places_cover(parts, CAMERA_LATITUDE, CAMERA_LONGITUDE, now, now + 3600) != cases[i].covered)
            fail_msg("case %zu", i);
    }
    (void)f;
}

static void s19_what_runs_is_halted_when_its_place_becomes_protected(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct asked asked;
    fixture_watch(f);
    run_operation(f, asked.operation, asked.entry);
    AUTO(json)
    json_t *reply = list_places(f, AUTHORISER_ONE, 0, 1, json_pack("[o]", place(0, 100, 0, 0)), &err);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(reply, "halted"), 0)), asked.operation);
    expect(f, &asked, "state", "halted");
    expect(f, &asked, "why", "protected_place");
    assert_false(f->told.armed);
}

static void s19_an_operation_authorised_before_does_not_start_there(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct asked asked;
    ask(f, &asked);
    authorise_by(f, AUTHORISER_ONE, asked.operation, asked.hash, "requested");
    authorise_by(f, AUTHORISER_TWO, asked.operation, asked.hash, "authorised");
    must_list(f, AUTHORISER_TWO, 3, 1, json_pack("[o]", place(0, 100, 0, 7200)));
    fill_room(f);
    assert_true(operation_tick(&f->site, &err));
    expect(f, &asked, "state", "halted");
}

static void s19_an_authoriser_adds_and_only_an_outside_signer_takes_away(void **state)
{
    struct fixture *f = *state;
    struct error err;
    must_list(f, AUTHORISER_ONE, 0, 1, json_pack("[o]", place(0, 100, 0, 0)));
    must_list(f, AUTHORISER_ONE, 0, 2, json_pack("[o, o]", place(0, 100, 0, 0), place(900, 100, 0, 0)));
    expect_refusal(list_places(f, AUTHORISER_ONE, 0, 3, json_pack("[o]", place(900, 100, 0, 0)), &err), &err,
        ERROR_FORBIDDEN, "outside signer takes away");
    expect_refusal(list_places(f, WATCH_ONE, 0, 3, json_array(), &err), &err, ERROR_FORBIDDEN, "role");
    expect_refusal(list_places(f, JUDGE, 0, 2, json_array(), &err), &err, ERROR_CONFLICT, "number 3");
    must_list(f, JUDGE, 0, 3, json_array());
}

static void a_place_that_ends_before_it_begins_is_refused(void **state)
{
    struct fixture *f = *state;
    struct error err;
    expect_refusal(list_places(f, JUDGE, 0, 1, json_pack("[o]", place(0, 100, 60, 30)), &err), &err,
        ERROR_INVALID, "place 1");
}

static void s19_a_camera_whose_record_counts_no_more_may_stand_in_any_protected_place(void **state)
{
    struct fixture *f = *state;
    struct asked asked;
    must_list(f, JUDGE, 0, 1, json_pack("[o]", place(40000, 10, 0, 0)));
    ask(f, &asked);
    suspend_key(f, ADMIN);
    authorise_by(f, AUTHORISER_ONE, asked.operation, asked.hash, "requested");
    authorise_by(f, AUTHORISER_TWO, asked.operation, asked.hash, "requested");
    expect(f, &asked, "why", "outside_signer");
}

static void s19_a_camera_whose_record_counts_no_more_keeps_no_list_from_counting(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct asked runs;
    fixture_watch(f);
    run_operation(f, runs.operation, runs.entry);
    suspend_key(f, ADMIN);
    AUTO(json) json_t *reply = list_places(f, JUDGE, 0, 1, json_pack("[o]", place(40000, 10, 0, 0)), &err);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(reply, "halted"), 0)), runs.operation);
    expect(f, &runs, "state", "halted");
}

static void s50_a_part_taken_away_or_edited_in_sql_authorises_nothing(void **state)
{
    struct fixture *f = *state;
    static const char *const edits[] = {
        "UPDATE protected_part SET statement = (SELECT statement FROM protected_part WHERE part = 1)",
        "DELETE FROM protected_part WHERE part = 0",
    };
    struct asked asked;
    must_list(f, JUDGE, 0, 1, json_pack("[o]", place(0, 100, 0, 0)));
    must_list(f, JUDGE, 1, 1, json_array());
    ask(f, &asked);
    authorise_by(f, AUTHORISER_ONE, asked.operation, asked.hash, "requested");
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        struct error err = {0};
        run_sql(f, "%s", edits[i]);
        AUTO(envelope)
        struct envelope *second = signed_by(f, AUTHORISER_TWO, "authorisation",
            json_pack("{s:s, s:s, s:s}", "operation", asked.operation, "request_hash", asked.hash, "answer",
                "authorised"));
        expect_refusal(operation_authorise(&f->site, second, &err), &err, ERROR_CORRUPT, "part 0");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(s19_in_a_protected_place_nothing_is_authorised_without_the_outside_signer),
        SITE_TEST(s19_urgency_does_not_open_a_protected_place),
        SITE_TEST(s19_places_are_near_and_dates_meet),
        SITE_TEST(s19_what_runs_is_halted_when_its_place_becomes_protected),
        SITE_TEST(s19_an_operation_authorised_before_does_not_start_there),
        SITE_TEST(s19_an_authoriser_adds_and_only_an_outside_signer_takes_away),
        SITE_TEST(a_place_that_ends_before_it_begins_is_refused),
        SITE_TEST(s19_a_camera_whose_record_counts_no_more_may_stand_in_any_protected_place),
        SITE_TEST(s19_a_camera_whose_record_counts_no_more_keeps_no_list_from_counting),
        SITE_TEST(s50_a_part_taken_away_or_edited_in_sql_authorises_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
