#include "site_test.h"

#include "list/camera_set_up.h"

static json_t *fields_of(const char *address)
{
    char camera[24];
    random_id("c", camera);
    return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:I}", "camera", camera, "name", "Gate", "address",
        address, "latitude_e7", 1, "longitude_e7", 2, "heading_deg", 0, "tls", "", "sign_checked_at",
        (json_int_t)clock_now_s() - 10);
}

static json_t *add(
    struct fixture *f, enum person person, json_t *fields, const char *credentials, struct error *err)
{
    AUTO(envelope) struct envelope *envelope = signed_by(f, person, "camera", fields);
    return camera_register(&f->site, envelope, credentials, err);
}

static void a_camera_is_found_by_id_and_key(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct camera found;
    char camera[24], credentials[128], key_hex[HEX_HASH_SIZE];
    uint8_t key[HASH_SIZE];
    add_camera(f, camera);
    assert_true(camera_find(&f->site, camera, &found, credentials, &err));
    assert_string_equal(credentials, "user:secret");
    camera_key(&found, key);
    for (int i = 0; i < HASH_SIZE; i++)
        snprintf(&key_hex[2 * i], 3, "%02x", key[i]);
    assert_true(camera_find_by_key(&f->site, key_hex, &found, &err));
    assert_string_equal(found.id, camera);
    AUTO(json) json_t *list = camera_list(&f->site, &err);
    const json_t *shown = json_array_get(json_object_get(list, "cameras"), 0);
    assert_string_equal(json_string_value(json_object_get(shown, "key")), key_hex);
    assert_string_equal(json_string_value(json_object_get(shown, "state")), "off");
}

static void only_an_admin_registers(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    expect_refusal(
        add(f, WATCH_ONE, fields_of("rtsp://127.0.0.1/a"), "", &err), &err, ERROR_FORBIDDEN, "role");
}

static void an_address_is_a_network_camera_without_credentials(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {
        "file:/clip.mp4", "/dev/video0", "https://127.0.0.1/a", "rtsp://u:p@127.0.0.1/a"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct error err = {0};
        /* The form may refuse it before it is signed. */
        json_t *fields = fields_of(bad[i]);
        json_object_set_new(fields, "type", json_string("camera"));
        json_object_set_new(fields, "site", json_string("demo-test"));
        json_object_set_new(fields, "by", json_string(f->officers[ADMIN]));
        json_object_set_new(fields, "at", json_integer(clock_now_s()));
        AUTO(envelope) struct envelope *envelope = envelope_sign(fields, f->secret_keys[ADMIN], &err);
        json_decref(fields);
        if (envelope)
            expect_refusal(camera_register(&f->site, envelope, "", &err), &err, ERROR_INVALID, "");
    }
    assert_int_equal(count_rows(f, "camera"), 0);
}

static void s50_an_edited_record_is_found(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct camera found;
    char camera[24], credentials[128];
    add_camera(f, camera);
    run_sql(f, "UPDATE camera SET envelope = replace(envelope, '127.0.0.1', '127.0.0.2')");
    assert_false(camera_find(&f->site, camera, &found, credentials, &err));
    assert_int_equal(err.code, ERROR_UNSIGNED);
}

static void s16_another_key_than_the_records_is_found(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct camera found;
    char camera[24], credentials[128];
    add_camera(f, camera);
    run_sql(f, "UPDATE camera SET key = 'ab'");
    assert_false(camera_find(&f->site, camera, &found, credentials, &err));
    assert_int_equal(err.code, ERROR_CORRUPT);
}

static void s50_a_record_edited_after_it_was_listed_is_found(void **state)
{
    struct fixture *f = *state;
    static const char *const edits[][2] = {
        {"UPDATE camera SET envelope = replace(envelope, '127.0.0.1', '127.0.0.2')",
            "UPDATE camera SET envelope = replace(envelope, '127.0.0.2', '127.0.0.1')"},
        {"UPDATE camera SET key = 'x' || key", "UPDATE camera SET key = substr(key, 2)"},
        {"UPDATE camera SET camera = 'x' || camera", "UPDATE camera SET camera = substr(camera, 2)"}};
    char camera[24];
    add_camera(f, camera);
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        struct error err = {0};
        AUTO(json) json_t *first = camera_list(&f->site, &err);
        AUTO(json) json_t *again = camera_list(&f->site, &err);
        assert_true(first && json_equal(first, again));
        run_sql(f, "%s", edits[i][0]);
        AUTO(json) json_t *edited = camera_list(&f->site, &err);
        assert_null(edited);
        assert_true(err.code == ERROR_UNSIGNED || err.code == ERROR_CORRUPT);
        run_sql(f, "%s", edits[i][1]);
    }
}

static void s10_a_record_of_who_is_suspended_is_not_listed_any_more(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char camera[24];
    add_camera(f, camera);
    AUTO(json) json_t *first = camera_list(&f->site, &err);
    assert_non_null(first);
    const struct officer *admin = roster_officer(f->site.roster, f->officers[ADMIN]);
    roster_suspend(f->site.roster, admin->id, admin->key);
    AUTO(json) json_t *after = camera_list(&f->site, &err);
    assert_null(after);
    assert_int_equal(err.code, ERROR_UNSIGNED);
}

static json_t *show(struct fixture *f, const char *camera, struct error *err)
{
    return camera_set_up(&f->site, roster_officer(f->site.roster, f->officers[ADMIN]), camera, err);
}

static void s27_a_camera_is_shown_for_set_up_twice_a_day_and_it_is_recorded(void **state)
{
    struct fixture *f = *state;
    fixture_watch(f);
    struct error err = {0};
    char camera[24], beside[24];
    add_camera(f, camera);
    add_camera(f, beside); /* the same place under another id */
    for (int i = 0; i < 2; i++) {
        AUTO(json) json_t *begun = show(f, i ? beside : camera, &err);
        assert_non_null(begun);
        assert_int_equal(json_integer_value(json_object_get(begun, "seconds")), 60);
    }
    expect_refusal(show(f, camera, &err), &err, ERROR_FORBIDDEN, "2 times");
    clock_pass(86399);
    expect_refusal(show(f, beside, &err), &err, ERROR_FORBIDDEN, "2 times");
    clock_pass(2);
    AUTO(json) json_t *again = show(f, camera, &err);
    assert_non_null(again);
    assert_int_equal(f->told.set_ups, 3);
    assert_int_equal(count_records(f, "camera_shown"), 3);
}

static void s27_a_camera_in_an_operation_is_not_shown(void **state)
{
    struct fixture *f = *state;
    fixture_watch(f);
    struct error err = {0};
    char camera[24];
    add_camera(f, camera);
    f->told.armed = true;
    expect_refusal(show(f, camera, &err), &err, ERROR_CONFLICT, "operation");
    assert_int_equal(count_records(f, "camera_shown"), 0);
    f->told.armed = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(a_camera_is_found_by_id_and_key),
        SITE_TEST(only_an_admin_registers),
        SITE_TEST(an_address_is_a_network_camera_without_credentials),
        SITE_TEST(s50_an_edited_record_is_found),
        SITE_TEST(s50_a_record_edited_after_it_was_listed_is_found),
        SITE_TEST(s10_a_record_of_who_is_suspended_is_not_listed_any_more),
        SITE_TEST(s16_another_key_than_the_records_is_found),
        SITE_TEST(s27_a_camera_is_shown_for_set_up_twice_a_day_and_it_is_recorded),
        SITE_TEST(s27_a_camera_in_an_operation_is_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
