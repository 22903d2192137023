#include "site_test.h"

#include "base/text.h"
#include "list/begin.h"
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
    AUTO(json) json_t *list = camera_list(&f->site, NULL, &err);
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
    assert_int_equal(err.code, ERROR_CORRUPT);
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

static const char *listed_word(const json_t *list, size_t index, const char *field)
{
    const json_t *shown = json_array_get(json_object_get(list, "cameras"), index);
    const char *word = json_string_value(json_object_get(shown, field));
    return word ? word : "";
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
        AUTO(json) json_t *first = camera_list(&f->site, NULL, &err);
        AUTO(json) json_t *again = camera_list(&f->site, NULL, &err);
        assert_true(first && json_equal(first, again));
        assert_string_equal(listed_word(first, 0, "state"), "off");
        run_sql(f, "%s", edits[i][0]);
        AUTO(json) json_t *edited = camera_list(&f->site, officer_of(f, ADMIN), &err);
        assert_string_equal(listed_word(edited, 0, "state"), "refused");
        assert_string_equal(listed_word(edited, 0, "reason"), "row_changed");
        assert_string_equal(listed_word(edited, 0, "name"), "");
        run_sql(f, "%s", edits[i][1]);
    }
}

/* The tables as they are in the file when the next desk starts. */
static void start(struct fixture *f)
{
    struct error err = {0};
    if (!list_begin(&f->site, &err))
        fail_msg("%s", err.text);
}

static void expect_changed(struct fixture *f, const char *camera)
{
    struct error err = {0};
    struct camera found;
    char credentials[128];
    assert_false(camera_find(&f->site, camera, &found, credentials, &err));
    assert_int_equal(err.code, ERROR_CORRUPT);
    AUTO(json) json_t *list = camera_list(&f->site, officer_of(f, ADMIN), &err);
    assert_string_equal(listed_word(list, 0, "reason"), "row_changed");
    assert_string_equal(listed_word(list, 0, "name"), "");
}

static void keep_cameras(struct fixture *f)
{
    run_sql(f, "DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT * FROM camera");
}

static void put_cameras_back(struct fixture *f)
{
    run_sql(f, "DELETE FROM camera; INSERT INTO camera SELECT * FROM kept");
}

/* Moved, and checked anew where it stands. */
static void s16_s50_an_older_record_of_a_camera_put_back_is_found_at_the_next_start(void **state)
{
    struct fixture *f = *state;
    static const int metres[] = {500, 0};
    for (size_t i = 0; i < COUNT_OF(metres); i++) {
        struct error err = {0};
        char camera[24];
        add_camera(f, camera);
        keep_cameras(f);
        clock_pass(60);
        expect_field(register_camera(f, ADMIN, camera, metres[i], &err), &err, "camera", camera);
        put_cameras_back(f);
        start(f);
        expect_changed(f, camera);
        start(f);
        expect_changed(f, camera);
        run_sql(f, "DELETE FROM camera");
    }
}

/* Well signed, and never brought to the desk, or refused there. */
static void s16_s50_a_record_that_was_never_registered_is_found_at_the_next_start(void **state)
{
    struct fixture *f = *state;
    char camera[24];
    add_camera(f, camera);
    keep_cameras(f);
    run_sql(f, "DELETE FROM ledger_leaf WHERE leaf LIKE '%%camera_registered%%'");
    start(f);
    expect_changed(f, camera);
}

static void records_without_the_statements_hash_are_held_by_the_key(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct camera found;
    char camera[24], credentials[128];
    add_camera(f, camera);
    run_sql(f, "UPDATE ledger_leaf SET leaf = replace(leaf, 'record_hash', 'other_hash')");
    start(f);
    assert_true(camera_find(&f->site, camera, &found, credentials, &err));
    keep_cameras(f);
    expect_field(register_camera(f, ADMIN, camera, 500, &err), &err, "camera", camera);
    put_cameras_back(f);
    run_sql(f, "UPDATE ledger_leaf SET leaf = replace(leaf, 'record_hash', 'other_hash')");
    start(f);
    expect_changed(f, camera);
}

/* A change signs the whole record again: what its form does not know it would leave out. Nobody else has to
 * know where a stream is to be had. */
static void s16_address_and_certificate_are_shown_to_an_administrator_and_to_nobody_else(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    static const char tls[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    json_t *fields = fields_of("rtsp://127.0.0.1:8554/gate");
    json_object_set_new(fields, "tls", json_string(tls));
    json_t *added = add(f, ADMIN, fields, "", &err);
    assert_non_null(added);
    json_decref(added);
    AUTO(json) json_t *shown = camera_list(&f->site, officer_of(f, ADMIN_TWO), &err);
    assert_string_equal(listed_word(shown, 0, "address"), "rtsp://127.0.0.1:8554/gate");
    assert_string_equal(listed_word(shown, 0, "tls"), tls);
    for (int person = WATCH_ONE; person <= INSPECTOR; person++) {
        AUTO(json) json_t *list = camera_list(&f->site, officer_of(f, person), &err);
        const json_t *one = json_array_get(json_object_get(list, "cameras"), 0);
        assert_string_equal(listed_word(list, 0, "name"), "Gate");
        assert_null(json_object_get(one, "address"));
        assert_null(json_object_get(one, "tls"));
    }
    AUTO(json) json_t *to_nobody = camera_list(&f->site, NULL, &err);
    assert_string_equal(listed_word(to_nobody, 0, "address"), "");
}

static size_t index_of(const json_t *list, const char *camera)
{
    size_t index = 0;
    while (strcmp(listed_word(list, index, "camera"), camera) != 0)
        assert_in_range(++index, 0, json_array_size(json_object_get(list, "cameras")) - 1);
    return index;
}

static void s10_a_record_of_who_is_suspended_is_refused_by_itself_and_hides_no_other(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char refused[24], beside[24];
    add_camera(f, refused);
    random_id("c", beside);
    expect_field(register_camera(f, ADMIN_TWO, beside, 100, &err), &err, "camera", beside);
    AUTO(json) json_t *before = camera_list(&f->site, NULL, &err);
    assert_string_equal(listed_word(before, index_of(before, refused), "state"), "off");
    suspend_key(f, ADMIN);
    AUTO(json) json_t *after = camera_list(&f->site, officer_of(f, WATCH_ONE), &err);
    size_t at = index_of(after, refused);
    assert_string_equal(listed_word(after, at, "state"), "refused");
    assert_string_equal(listed_word(after, at, "reason"), "signer_suspended");
    assert_string_equal(listed_word(after, at, "name"), "");
    const json_t *shown = json_array_get(json_object_get(after, "cameras"), at);
    const char *detail = json_string_value(json_object_get(json_object_get(shown, "refusal"), "detail"));
    assert_non_null(strstr(detail, f->officers[ADMIN]));
    assert_non_null(strstr(detail, "another administrator has to sign it anew"));
    assert_null(json_object_get(shown, "record"));
    assert_null(json_object_get(shown, "latitude_e7"));
    assert_string_equal(listed_word(after, index_of(after, beside), "state"), "off");
    assert_string_equal(listed_word(after, index_of(after, beside), "name"), "Gate");
}

static void s10_a_record_that_is_refused_arms_nothing_and_is_shown_to_nobody(void **state)
{
    struct fixture *f = *state;
    fixture_watch(f);
    struct error err = {0};
    struct camera found;
    char camera[24], entry[24], operation[24], credentials[128];
    list_entry(f, 1, entry);
    add_camera(f, camera);
    suspend_key(f, ADMIN);
    assert_false(camera_find(&f->site, camera, &found, credentials, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    random_id("op", operation);
    AUTO(json) json_t *entries = json_pack("[s]", entry);
    AUTO(json) json_t *cameras = json_pack("[s]", camera);
    AUTO(json) json_t *draft = draft_body(operation, entries, cameras);
    expect_refusal(operation_draft(&f->site, officer_of(f, WATCH_ONE), draft, NULL, &err), &err,
        ERROR_CONFLICT, "another administrator");
    expect_refusal(camera_set_up(&f->site, officer_of(f, ADMIN_TWO), camera, &err), &err, ERROR_CONFLICT,
        "another administrator");
    assert_int_equal(f->told.arms + f->told.set_ups, 0);
}

static void s10_another_administrator_signs_the_same_record_anew_and_the_camera_is_the_same(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct camera found;
    char camera[24], credentials[128];
    add_camera(f, camera);
    AUTO(json) json_t *before = camera_list(&f->site, NULL, &err);
    suspend_key(f, ADMIN);
    AUTO(json) json_t *refused = camera_list(&f->site, officer_of(f, ADMIN_TWO), &err);
    const json_t *record = json_object_get(json_array_get(json_object_get(refused, "cameras"), 0), "record");
    AUTO(text) char *address = text_format("rtsp://127.0.0.1:8554/%s", camera);
    assert_string_equal(json_string_value(json_object_get(record, "address")), address);
    assert_int_equal(json_integer_value(json_object_get(record, "latitude_e7")), 248600000);
    /* Who is suspended signs nothing. */
    AUTO(envelope)
    struct envelope *own = signed_by(f, ADMIN, "camera",
        json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:I}", "camera", camera, "name", "Gate", "address",
            address, "latitude_e7", 248600000, "longitude_e7", 670100000, "heading_deg", 90, "tls", "",
            "sign_checked_at", (json_int_t)clock_now_s() - 60));
    expect_refusal(camera_register(&f->site, own, "user:other", &err), &err, ERROR_UNSIGNED, "roster");
    expect_field(register_camera(f, ADMIN_TWO, camera, 0, &err), &err, "camera", camera);
    AUTO(json) json_t *after = camera_list(&f->site, NULL, &err);
    assert_string_not_equal(listed_word(before, 0, "record_hash"), listed_word(after, 0, "record_hash"));
    json_object_del(json_array_get(json_object_get(before, "cameras"), 0), "record_hash");
    json_object_del(json_array_get(json_object_get(after, "cameras"), 0), "record_hash");
    assert_true(json_equal(before, after));
    assert_true(camera_find(&f->site, camera, &found, credentials, &err));
    assert_int_equal(count_records(f, "camera_registered"), 2);
}

/* A row with a good signature of somebody the roster does not know: nothing of it is handed on to be signed.
 */
static void s50_a_stranger_s_record_is_refused_and_its_words_are_shown_to_nobody(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char camera[24];
    uint8_t key[PUBLIC_KEY_SIZE], secret[SECRET_KEY_SIZE];
    add_camera(f, camera);
    sign_key_new(key, secret);
    AUTO(text) char *address = text_format("rtsp://127.0.0.1:8554/%s", camera);
    AUTO(envelope)
    struct envelope *forged = signed_with(f->officers[ADMIN], secret, "camera",
        json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:I}", "camera", camera, "name", "Elsewhere",
            "address", address, "latitude_e7", 248600000, "longitude_e7", 670100000, "heading_deg", 90, "tls",
            "", "sign_checked_at", (json_int_t)clock_now_s() - 60));
    AUTO(json) json_t *json = envelope_json(forged);
    AUTO(text) char *text = json_canonical(json, NULL);
    AUTO(query)
    struct query *query = query_new(f->site.ledger->store, "UPDATE camera SET envelope = :envelope", &err);
    query_text(query, ":envelope", text);
    assert_true(query_done(query, &err));
    AUTO(json) json_t *list = camera_list(&f->site, officer_of(f, ADMIN), &err);
    assert_string_equal(listed_word(list, 0, "state"), "refused");
    assert_string_equal(listed_word(list, 0, "reason"), "signer_unknown");
    AUTO(text) char *shown = json_dumps(list, JSON_COMPACT);
    assert_null(strstr(shown, "Elsewhere"));
    assert_null(strstr(shown, "rtsp://"));
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

static void add_beside(
    struct fixture *f, char camera[static 24], const char *address, int metres, int heading_deg)
{
    struct error err = {0};
    random_id("c", camera);
    AUTO(envelope)
    struct envelope *envelope = signed_by(f, ADMIN, "camera",
        json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:I}", "camera", camera, "name", "Gate", "address",
            address, "latitude_e7", 248600000 + 90 * metres, "longitude_e7", 670100000, "heading_deg",
            heading_deg, "tls", "", "sign_checked_at", (json_int_t)clock_now_s() - 3600));
    AUTO(json) json_t *reply = camera_register(&f->site, envelope, "user:secret", &err);
    assert_non_null(reply);
}

static void s27_a_record_written_anew_gives_no_more_set_up_views(void **state)
{
    static const struct {
        const char *address;
        int metres, heading_deg;
        bool refused;
    } tries[] = {
        {"rtsp://10.0.0.7:554/1", 0, 0, true},      /* as it was */
        {"rtsp://10.0.0.7:554/1", 0, 1, true},      /* turned a little */
        {"rtsp://10.0.0.7:554/1", 5000, 200, true}, /* one stream, said to be elsewhere */
        {"rtsp://10.0.0.7:554/2", 0, 0, true},      /* another address of one place */
        {"rtsp://10.0.0.7:554/2", 45, 89, true}, {"rtsp://10.0.0.7:554/2", 45, 271, true},
        {"rtsp://10.0.0.8:554/1", 0, 180, false}, /* on the same pole, looking the other way */
        {"rtsp://10.0.0.9:554/1", 60, 0, false},  /* farther on */
    };
    struct fixture *f = *state;
    struct error err = {0};
    char camera[24];
    fixture_watch(f);
    add_beside(f, camera, "rtsp://10.0.0.7:554/1", 0, 0);
    for (int i = 0; i < 2; i++) {
        AUTO(json) json_t *begun = show(f, camera, &err);
        assert_non_null(begun);
    }
    for (int restarted = 0; restarted < 2; restarted++) {
        for (size_t i = 0; i < COUNT_OF(tries); i++) {
            add_beside(f, camera, tries[i].address, tries[i].metres, tries[i].heading_deg);
            AUTO(json) json_t *begun = show(f, camera, &err);
            if (!begun != tries[i].refused)
                fail_msg("try %zu: %s", i, begun ? "shown" : err.text);
        }
        fixture_restart(f);
        assert_true(list_begin(&f->site, &err));
    }
}

static void s27_s50_set_up_views_taken_out_of_the_database_count_all_the_same(void **state)
{
    struct fixture *f = *state;
    static const char *const edits[] = {"DELETE FROM camera_set_up", "UPDATE camera_set_up SET at = 0",
        "UPDATE camera_set_up SET camera = 'another'", "UPDATE camera_set_up SET address = 'rtsp://other'",
        "UPDATE camera_set_up SET latitude_e7 = 0", "UPDATE camera_set_up SET longitude_e7 = 0",
        "UPDATE camera_set_up SET heading_deg = heading_deg + 180"};
    fixture_watch(f);
    struct error err = {0};
    char camera[24];
    add_camera(f, camera);
    for (int i = 0; i < 2; i++) {
        AUTO(json) json_t *begun = show(f, camera, &err);
        assert_non_null(begun);
    }
    run_sql(f, "CREATE TABLE kept AS SELECT * FROM camera_set_up");
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        run_sql(f, "DELETE FROM camera_set_up; INSERT INTO camera_set_up SELECT * FROM kept; %s", edits[i]);
        fixture_restart(f);
        assert_true(list_begin(&f->site, &err));
        expect_refusal(show(f, camera, &err), &err, ERROR_FORBIDDEN, "2 times");
    }
    clock_pass(86401);
    assert_true(list_begin(&f->site, &err));
    AUTO(json) json_t *again = show(f, camera, &err);
    assert_non_null(again);
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

/* The statement's hash as the list shows it, "" where it shows none. */
static void shown_hash(struct fixture *f, char out[static HEX_HASH_SIZE])
{
    struct error err = {0};
    AUTO(json) json_t *list = camera_list(&f->site, officer_of(f, ADMIN), &err);
    snprintf(out, HEX_HASH_SIZE, "%s", listed_word(list, 0, "record_hash"));
}

static json_t *change(struct fixture *f, enum person person, const char *camera, const char *replaces,
    const char *name, struct error *err)
{
    json_t *fields = fields_of("rtsp://127.0.0.1:8554/changed");
    json_object_set_new(fields, "camera", json_string(camera));
    json_object_set_new(fields, "name", json_string(name));
    if (replaces)
        json_object_set_new(fields, "replaces", json_string(replaces));
    return add(f, person, fields, "", err);
}

static void of_two_administrators_who_change_one_record_the_second_is_told(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char camera[24], before[HEX_HASH_SIZE], after[HEX_HASH_SIZE];
    add_camera(f, camera);
    shown_hash(f, before);
    expect_field(change(f, ADMIN, camera, before, "First", &err), &err, "camera", camera);
    expect_refusal(
        change(f, ADMIN_TWO, camera, before, "Second", &err), &err, ERROR_CONFLICT, "another one by now");
    expect_refusal(
        change(f, ADMIN_TWO, camera, NULL, "Second", &err), &err, ERROR_CONFLICT, "look at it again");
    shown_hash(f, after);
    assert_string_not_equal(before, after);
    expect_field(change(f, ADMIN_TWO, camera, after, "Second", &err), &err, "camera", camera);
    assert_int_equal(count_records(f, "camera_registered"), 3);
    /* The change of a camera that is not there is none. */
    random_id("c", camera);
    expect_refusal(
        change(f, ADMIN, camera, after, "Third", &err), &err, ERROR_CONFLICT, "another one by now");
}

static void a_camera_whose_row_is_not_the_recorded_one_is_registered_anew(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct camera found;
    char camera[24], other[24], credentials[128];
    add_camera(f, camera);
    add_camera_north(f, 100, other);
    keep_cameras(f);
    expect_field(register_camera(f, ADMIN, camera, 500, &err), &err, "camera", camera);
    put_cameras_back(f);
    start(f);
    assert_true(camera_find(&f->site, other, &found, credentials, &err));
    expect_field(change(f, ADMIN_TWO, camera, NULL, "Corner", &err), &err, "camera", camera);
    start(f);
    assert_true(camera_find(&f->site, camera, &found, credentials, &err));
    assert_string_equal(found.name, "Corner");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(a_camera_is_found_by_id_and_key),
        SITE_TEST(only_an_admin_registers),
        SITE_TEST(an_address_is_a_network_camera_without_credentials),
        SITE_TEST(s50_an_edited_record_is_found),
        SITE_TEST(s50_a_record_edited_after_it_was_listed_is_found),
        SITE_TEST(s16_s50_an_older_record_of_a_camera_put_back_is_found_at_the_next_start),
        SITE_TEST(s16_s50_a_record_that_was_never_registered_is_found_at_the_next_start),
        SITE_TEST(records_without_the_statements_hash_are_held_by_the_key),
        SITE_TEST(s16_address_and_certificate_are_shown_to_an_administrator_and_to_nobody_else),
        SITE_TEST(s10_a_record_of_who_is_suspended_is_refused_by_itself_and_hides_no_other),
        SITE_TEST(s10_a_record_that_is_refused_arms_nothing_and_is_shown_to_nobody),
        SITE_TEST(s10_another_administrator_signs_the_same_record_anew_and_the_camera_is_the_same),
        SITE_TEST(s50_a_stranger_s_record_is_refused_and_its_words_are_shown_to_nobody),
        SITE_TEST(s16_another_key_than_the_records_is_found),
        SITE_TEST(s27_s50_set_up_views_taken_out_of_the_database_count_all_the_same),
        SITE_TEST(s27_a_record_written_anew_gives_no_more_set_up_views),
        SITE_TEST(s27_a_camera_is_shown_for_set_up_twice_a_day_and_it_is_recorded),
        SITE_TEST(s27_a_camera_in_an_operation_is_not_shown),
        SITE_TEST(of_two_administrators_who_change_one_record_the_second_is_told),
        SITE_TEST(a_camera_whose_row_is_not_the_recorded_one_is_registered_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
