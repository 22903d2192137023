/* The whole chain over real lists and operations: what a withdrawal, a halt and an outcome do on both sides.
 */
#include "../list/fixture.h"

#include "alert/alert.h"
#include "alert/redress.h"
#include "alert/slip.h"
#include "alert/unraised.h"
#include "base/clock.h"
#include "base/text.h"
#include "list/status.h"
#include "sign/limits.h"

struct story {
    struct fixture fixture;
    char operation[24], entry[24], camera[24], alert[24], slip[16], slip_proof[HEX_HASH_SIZE];
    json_t *shown; /* as the first reviewer saw it */
};

static void text_of(struct story *story, const char *sql, char out[static 24])
{
    struct error err = {0};
    AUTO(query) struct query *query = query_new(story->fixture.site.ledger->store, sql, &err);
    if (!query_next(query))
        fail_msg("%s: %s", sql, err.text);
    snprintf(out, 24, "%s", query_get_text(query, 0));
}

static struct story *story_site(void)
{
    struct error err = {0};
    struct story *story = memory_allocate(1, sizeof *story);
    fixture_make(&story->fixture, alert_migrations, alert_migration_count);
    story->fixture.site.recall_entry = alert_recall_entry;
    story->fixture.site.recall_operation = alert_recall_operation;
    story->fixture.site.erase_operation = alert_erase_operation;
    if (!roster_adopt(&story->fixture.site, &err))
        fail_msg("%s", err.text);
    story->fixture.site.holds_entry = alert_holds_entry;
    return story;
}

static int urgent_story_begin(void **state)
{
    char hash[HEX_HASH_SIZE];
    struct story *story = story_site();
    run_urgent_operation(&story->fixture, story->operation, story->entry, hash);
    text_of(story, "SELECT camera FROM camera", story->camera);
    fixture_watch(&story->fixture); /* pictures are marked */
    *state = story;
    return 0;
}

static int story_begin(void **state)
{
    struct story *story = story_site();
    run_operation(&story->fixture, story->operation, story->entry);
    text_of(story, "SELECT camera FROM camera", story->camera);
    fixture_watch(&story->fixture); /* pictures are marked */
    *state = story;
    return 0;
}

static int story_end(void **state)
{
    struct story *story = *state;
    json_decref(story->shown);
    fixture_done(&story->fixture);
    memory_release(story);
    return 0;
}

static bool sight(struct story *story, const char *camera, const char *entry, struct error *err)
{
    static uint8_t jpeg[] = {0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 0xff, 0xd9};
    static uint8_t crop[CROP_BYTES] = {1, 2, 3};
    struct sighting sighting = {.fused_score = 0.97f, .crop_count = 2, .crops = {crop, crop}};
    int64_t now_us = clock_now_us();
    random_id("p", sighting.passage);
    snprintf(sighting.camera, sizeof sighting.camera, "%s", camera);
    snprintf(sighting.operation, sizeof sighting.operation, "%s", story->operation);
    snprintf(sighting.entry, sizeof sighting.entry, "%s", entry);
    sighting.captured_us[0] = now_us - 900000;
    sighting.captured_us[1] = sighting.decided_us = now_us - 300000;
    sighting.face = sighting.scene = (struct bytes){jpeg, sizeof jpeg};
    return alert_raise(&story->fixture.site, &sighting, err);
}

typedef json_t *deed(struct site *, const struct envelope *, struct error *);

static json_t *try_to(
    struct story *story, deed *does, enum person person, const char *type, json_t *fields, struct error *err)
{
    *err = (struct error){0};
    json_object_set_new(fields, "alert", json_string(story->alert));
    AUTO(envelope) struct envelope *envelope = signed_by(&story->fixture, person, type, fields);
    return does(&story->fixture.site, envelope, err);
}

static void expect(
    struct story *story, deed *does, enum person person, const char *type, json_t *fields, const char *state)
{
    struct error err;
    json_t *reply = try_to(story, does, person, type, fields, &err);
    expect_field(reply, &err, "state", state);
}

static void raise(struct story *story)
{
    struct error err = {0};
    if (!sight(story, story->camera, story->entry, &err))
        fail_msg("%s", err.text);
    text_of(story, "SELECT alert FROM alert", story->alert);
    story->shown =
        alert_show(&story->fixture.site, officer_of(&story->fixture, REVIEWER_ONE), story->alert, &err);
    if (!story->shown)
        fail_msg("%s", err.text);
}

static void review(struct story *story, enum person person, const char *answer)
{
    struct error err;
    AUTO(json)
    json_t *reply = try_to(story, alert_review, person, "review",
        json_pack("{s:O, s:O, s:s, s:[s], s:[s]}", "passage", json_object_get(story->shown, "passage"),
            "pictures_hash", json_object_get(story->shown, "pictures_hash"), "answer", answer, "likenesses",
            "ears", "differences", "chin"),
        &err);
    if (!reply)
        fail_msg("%s", err.text);
}

static void dispatch(struct story *story)
{
    raise(story);
    review(story, REVIEWER_ONE, "same");
    review(story, REVIEWER_TWO, "same");
    expect(story, alert_dispatch, DISPATCHER, "dispatch",
        json_pack("{s:O, s:O, s:s, s:s, s:s, s:s, s:b, s:s}", "passage",
            json_object_get(story->shown, "passage"), "pictures_hash",
            json_object_get(story->shown, "pictures_hash"), "unit", story->fixture.unit, "travel", "car",
            "colour", "white", "clothing", "unknown", "pillion", 0, "heading", "north"),
        "dispatched");
    expect(story, alert_accept, CREW, "acceptance", json_pack("{s:s}", "answer", "accepted"), "accepted");
}

static void stop(struct story *story)
{
    struct error err;
    dispatch(story);
    expect(story, alert_arrive, CREW, "arrival", json_object(), "on_scene");
    AUTO(json) json_t *reply = try_to(story, alert_stop, CREW, "stop", json_object(), &err);
    if (!reply)
        fail_msg("%s", err.text);
    snprintf(story->slip, sizeof story->slip, "%s", json_string_value(json_object_get(reply, "slip")));
    snprintf(story->slip_proof, sizeof story->slip_proof, "%s",
        json_string_value(json_object_get(reply, "slip_proof")));
}

static json_t *outcome_fields(
    struct story *story, const char *outcome, const char *means, const char *case_id)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "outcome", outcome, "harm", "none", "means", means, "case",
        case_id, "slip_proof", story->slip_proof);
}

static void entry_is(struct story *story, const char *state)
{
    char found[24];
    text_of(story, "SELECT state FROM entry", found);
    assert_string_equal(found, state);
}

static void alert_is(struct story *story, const char *state, const char *outcome)
{
    char found[24];
    text_of(story, "SELECT state FROM alert", found);
    assert_string_equal(found, state);
    text_of(story, "SELECT outcome FROM alert", found);
    assert_string_equal(found, outcome);
}

static void ask_ports(struct story *story, const char *case_id)
{
    struct error err = {0};
    AUTO(json) json_t *person = NULL;
    AUTO(json) json_t *cases = NULL;
    assert_true(entry_open(&story->fixture.site, story->entry, &person, &cases, &err));
    const char *cnic = json_string_value(json_object_get(person, "cnic"));
    AUTO(text)
    char *ini = text_format(
        "[register]\navailable = yes\n%s = thumb\n[status]\navailable = yes\n%s = live\n", cnic, case_id);
    set_ports(&story->fixture, ini);
    AUTO(json) json_t *body = json_pack("{s:s, s:s}", "cnic", cnic, "sample", "dGh1bWI=");
    AUTO(json) json_t *question = json_pack("{s:s}", "case", case_id);
    const struct officer *crew = officer_of(&story->fixture, CREW);
    struct slip_question asked;
    uint8_t slow[DATA_KEY_SIZE];
    assert_true(alert_verify_begin(&story->fixture.site, crew, story->alert, body, &asked, &err));
    assert_true(passphrase_key(asked.digits, asked.salt, slow, &err));
    json_t *reply = alert_verify(&story->fixture.site, crew, story->alert, body, slow, &err);
    expect_field(reply, &err, "answer", "yes");
    reply = alert_case_status(&story->fixture.site, crew, story->alert, question, &err);
    expect_field(reply, &err, "answer", "live");
}

static void come_to_custody(struct story *story)
{
    char case_id[24];
    stop(story);
    case_of(&story->fixture, story->entry, case_id);
    ask_ports(story, case_id);
    expect(story, alert_outcome, CREW, "outcome", outcome_fields(story, "custody", "cnic_verified", case_id),
        "closed");
}

static void from_a_listed_person_to_the_stations_receipt(void **state)
{
    struct story *story = *state;
    struct error err = {0};
    come_to_custody(story);
    entry_is(story, "withdrawn");
    expect(story, alert_hand_over, CREW, "handover", json_pack("{s:s}", "station", story->fixture.station),
        "handed_over");
    AUTO(json)
    json_t *packet = alert_handover_packet(
        &story->fixture.site, officer_of(&story->fixture, STATION_OFFICER), story->alert, &err);
    expect(story, alert_receive, STATION_OFFICER, "receipt",
        json_pack("{s:O}", "handover_hash", json_object_get(packet, "handover_hash")), "received");
    assert_int_equal(count_rows(&story->fixture, "alert_picture"), 0);
    assert_false(sight(story, story->camera, story->entry, &err)); /* withdrawn: nothing more is raised */
}

/* The desk's timers, in its order. */
static void tick(struct story *story)
{
    struct error err = {0};
    struct site *site = &story->fixture.site;
    if (!operation_tick(site, &err) || !alert_tick(site, &err) || !entry_expire(site, &err))
        fail_msg("%s", err.text);
}

static void days_pass(struct story *story, int days)
{
    for (int i = 0; i < days; i++) {
        clock_pass(86400);
        tick(story);
    }
}

static bool crew_is_shown(struct story *story)
{
    struct error err = {0};
    AUTO(json)
    json_t *shown = alert_list(&story->fixture.site, officer_of(&story->fixture, CREW), &err);
    return json_array_size(json_object_get(shown, "alerts")) == 1;
}

static void s39_a_custody_is_handed_over_whole_as_long_as_its_pictures_are_kept(void **state)
{
    struct story *story = *state;
    struct error err = {0};
    come_to_custody(story);
    days_pass(story, 30);
    assert_true(crew_is_shown(story));
    expect(story, alert_hand_over, CREW, "handover", json_pack("{s:s}", "station", story->fixture.station),
        "handed_over");
    tick(story);
    assert_int_equal(count_records(&story->fixture, "entry_wiped"), 1);
    AUTO(json)
    json_t *packet = alert_handover_packet(
        &story->fixture.site, officer_of(&story->fixture, STATION_OFFICER), story->alert, &err);
    expect(story, alert_receive, STATION_OFFICER, "receipt",
        json_pack("{s:O}", "handover_hash", json_object_get(packet, "handover_hash")), "received");
}

static void s39_s41_what_nobody_hands_over_is_gone_after_31_days_with_its_entry(void **state)
{
    struct story *story = *state;
    come_to_custody(story);
    days_pass(story, 30);
    assert_int_equal(count_records(&story->fixture, "entry_wiped"), 0);
    days_pass(story, 1);
    assert_int_equal(count_rows(&story->fixture, "alert_picture"), 0);
    assert_int_equal(count_records(&story->fixture, "entry_wiped"), 1);
    assert_false(crew_is_shown(story));
}

static void withdraw(struct story *story)
{
    struct error err = {0};
    AUTO(envelope)
    struct envelope *envelope = signed_by(&story->fixture, WATCH_ONE, "entry_withdrawal",
        json_pack("{s:s, s:s}", "entry", story->entry, "reason", "no_longer_wanted"));
    expect_field(entry_withdraw(&story->fixture.site, envelope, &err), &err, "state", "withdrawn");
}

static void s37_s38_a_stop_has_its_outcome_days_after_its_entry_was_taken_back(void **state)
{
    struct story *story = *state;
    stop(story);
    withdraw(story);
    days_pass(story, 3);
    expect(
        story, alert_outcome, CREW, "outcome", outcome_fields(story, "wrong_person", "none", ""), "closed");
    tick(story);
    assert_int_equal(count_records(&story->fixture, "entry_wiped"), 1);
}

static void s41_a_stop_without_an_outcome_keeps_nobody_s_entry_for_good(void **state)
{
    struct story *story = *state;
    stop(story);
    withdraw(story);
    days_pass(story, 30);
    assert_int_equal(count_records(&story->fixture, "entry_wiped"), 0);
    days_pass(story, 1);
    assert_int_equal(count_records(&story->fixture, "entry_wiped"), 1);
}

static void s17_s43_why_there_is_told_for_as_long_as_a_slip_counts(void **state)
{
    struct story *story = *state;
    struct error err = {0};
    char request[24];
    stop(story);
    expect(story, alert_outcome, CREW, "outcome",
        outcome_fields(story, "identity_not_established", "none", ""), "closed");
    int64_t started_s = clock_now_s();
    days_pass(story, 364);
    assert_int_equal(count_rows(&story->fixture, "operation_entry"), 0);
    random_id("q", request);
    AUTO(envelope)
    struct envelope *asked = signed_by(&story->fixture, STATION_OFFICER, "redress_request",
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "request", request, "kind", "access", "slip", story->slip,
            "cnic", "42101-7654321-9", "words", "", "contact", ""));
    struct slip_question question;
    uint8_t key[DATA_KEY_SIZE];
    AUTO(json) json_t *reply = NULL;
    if (!redress_ask_begin(&story->fixture.site, asked, &question, &err) ||
        !passphrase_key(question.digits, question.salt, key, &err) ||
        !(reply = redress_ask(&story->fixture.site, asked, key, &err)))
        fail_msg("%s", err.text);
    const json_t *told = json_object_get(reply, "answer");
    assert_string_equal(json_string_value(json_object_get(told, "why_here")), "trial");
    int64_t dated_s = json_integer_value(json_object_get(told, "why_dated"));
    assert_true(dated_s < started_s && dated_s > started_s - 2 * 86400);
}

static void expect_kept(struct story *story, int64_t count)
{
    tick(story);
    assert_int_equal(count_rows(&story->fixture, "alert_oversight"), count);
    assert_int_equal(count_rows(&story->fixture, "slip"), count);
    assert_int_equal(count_rows(&story->fixture, "operation_listed"), count);
    assert_int_equal(count_rows(&story->fixture, "entry_oversight"), count);
    assert_int_equal(count_rows(&story->fixture, "entry WHERE state = 'approved'"), count);
}

/* Two years: what is kept longest of these is kept for one. */
static void s40_s42_s43_a_clock_that_went_ahead_or_that_nobody_confirmed_ends_nothing(void **state)
{
    struct story *story = *state;
    const int64_t two_years_s = 2 * 366 * 86400;
    stop(story);
    expect(story, alert_outcome, CREW, "outcome",
        outcome_fields(story, "identity_not_established", "none", ""), "closed");
    clock_pass(two_years_s);
    clock_drift_by(-two_years_s * 1000000); /* the desk started ahead, and the clock was set right since */
    expect_kept(story, 1);
    clock_drift_by(0);
    story->fixture.site.time_is_unproven = true;
    expect_kept(story, 1);
    story->fixture.site.time_is_unproven = false;
    clock_drift_by(two_years_s * 1000000); /* a clock that is set ahead meanwhile is not asked */
    expect_kept(story, 0);
    clock_drift_by(0);
}

static void ask_case(struct story *story, const char *case_id, const char *expected)
{
    struct error err = {0};
    AUTO(json) json_t *question = json_pack("{s:s}", "case", case_id);
    json_t *reply = alert_case_status(
        &story->fixture.site, officer_of(&story->fixture, CREW), story->alert, question, &err);
    expect_field(reply, &err, "answer", expected);
}

static void station_says(struct story *story, int64_t taken_s, const char *case_id, const char *status)
{
    struct error err = {0};
    AUTO(envelope)
    struct envelope *feed = signed_by(&story->fixture, STATION_OFFICER, "status_feed",
        json_pack("{s:s, s:I, s:[{s:s, s:s}]}", "station", story->fixture.station, "taken_at",
            (json_int_t)taken_s, "cases", "case", case_id, "status", status));
    AUTO(json) json_t *reply = status_feed(&story->fixture.site, feed, &err);
    if (!reply)
        fail_msg("%s", err.text);
}

/* A site that no status source is connected to, as a live one may be. */
static void s37_without_a_source_the_stop_goes_by_what_the_station_signed(void **state)
{
    struct story *story = *state;
    char case_id[24];
    stop(story);
    case_of(&story->fixture, story->entry, case_id);
    struct ports *ports = story->fixture.site.ports;
    story->fixture.site.ports = NULL;
    ask_case(story, case_id, "unavailable");
    station_says(story, clock_now_s() - LIMIT_STATUS_AGE_S + 1, case_id, "live");
    ask_case(story, case_id, "live");
    clock_pass(2);
    ask_case(story, case_id, "unavailable");
    station_says(story, clock_now_s(), case_id, "live");
    ask_case(story, case_id, "live");
    story->fixture.site.ports = ports;
}

static void s37_a_case_that_its_station_signed_as_closed_allows_no_custody(void **state)
{
    struct story *story = *state;
    struct error err;
    char case_id[24];
    stop(story);
    case_of(&story->fixture, story->entry, case_id);
    ask_ports(story, case_id);               /* live, says the source, and goes on saying so */
    story->fixture.site.recall_entry = NULL; /* what else follows from the feed is not what is tried here */
    station_says(story, clock_now_s(), case_id, "closed");
    assert_null(try_to(story, alert_outcome, CREW, "outcome",
        outcome_fields(story, "custody", "cnic_verified", case_id), &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    assert_non_null(strstr(err.text, "closed"));
    ask_case(story, case_id, "closed");
    expect(story, alert_outcome, CREW, "outcome",
        outcome_fields(story, "right_person_not_wanted", "cnic_verified", case_id), "closed");
}

static bool has_key(struct story *story, const char *noun, const char *id)
{
    AUTO(text) char *name = text_format("%s/%s", noun, id);
    return keyring_key(story->fixture.site.ledger->keyring, name, false, NULL) != NULL;
}

static void s18_an_urgent_operation_nobody_ratified_loses_its_alerts_too(void **state)
{
    struct story *story = *state;
    struct error err = {0};
    char case_id[24];
    stop(story);
    case_of(&story->fixture, story->entry, case_id);
    ask_ports(story, case_id);
    expect(story, alert_outcome, CREW, "outcome", outcome_fields(story, "custody", "cnic_verified", case_id),
        "closed");
    expect(story, alert_hand_over, CREW, "handover", json_pack("{s:s}", "station", story->fixture.station),
        "handed_over");
    clock_pass(LIMIT_RATIFY_S - 1);
    assert_true(operation_tick(&story->fixture.site, &err));
    assert_true(has_key(story, "alert", story->alert));
    assert_true(count_rows(&story->fixture, "alert_handover") > 0);
    clock_pass(1);
    assert_true(operation_tick(&story->fixture.site, &err));
    assert_false(has_key(story, "alert", story->alert));
    assert_false(has_key(story, "operation", story->operation));
    assert_int_equal(count_rows(&story->fixture, "alert_handover"), 0);
    assert_int_equal(count_rows(&story->fixture, "alert_picture"), 0);
}

static void s34_a_withdrawal_recalls_the_crew_on_its_way(void **state)
{
    struct story *story = *state;
    struct error err = {0};
    dispatch(story);
    withdraw(story);
    alert_is(story, "closed", "recalled");
    assert_int_equal(count_rows(&story->fixture, "alert_packet"), 0);
    assert_null(try_to(story, alert_arrive, CREW, "arrival", json_object(), &err));
}

static void s32_a_halt_recalls_the_crew_on_its_way(void **state)
{
    struct story *story = *state;
    struct error err = {0};
    dispatch(story);
    AUTO(envelope)
    struct envelope *envelope = signed_by(&story->fixture, REVIEWER_ONE, "halt",
        json_pack("{s:s, s:s}", "operation", story->operation, "reason", "safety"));
    expect_field(operation_halt(&story->fixture.site, envelope, &err), &err, "state", "halted");
    alert_is(story, "closed", "recalled");
    assert_false(sight(story, story->camera, story->entry, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
}

static void s31_wrong_person_suspends_the_entry_everywhere(void **state)
{
    struct story *story = *state;
    struct error err = {0};
    stop(story);
    expect(
        story, alert_outcome, CREW, "outcome", outcome_fields(story, "wrong_person", "none", ""), "closed");
    entry_is(story, "suspended");
    assert_false(sight(story, story->camera, story->entry, &err));
}

static void s35_a_firearm_halts_the_operation(void **state)
{
    struct story *story = *state;
    stop(story);
    json_t *fields = outcome_fields(story, "identity_not_established", "none", "");
    json_object_set_new(fields, "harm", json_string("firearm"));
    json_object_set_new(fields, "force", json_string("none"));
    expect(story, alert_outcome, CREW, "outcome", fields, "closed");
    struct error err = {0};
    assert_string_equal(operation_state(&story->fixture.site, story->operation, &err), "halted");
    entry_is(story, "approved");
}

static void s14_what_the_operation_does_not_name_raises_nothing(void **state)
{
    struct story *story = *state;
    struct error err = {0};
    char beside[24];
    list_entry(&story->fixture, 7, beside); /* approved, but not in this operation's list */
    assert_false(sight(story, story->camera, beside, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    add_camera(&story->fixture, beside);
    assert_false(sight(story, beside, story->entry, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    assert_false(sight(story, "c-0000000000000000", story->entry, &err));
    assert_int_equal(err.code, ERROR_MISSING);
    assert_int_equal(count_rows(&story->fixture, "alert"), 0);
}

/* At three in the morning, in the middle of the operation. */
static void s8_s10_a_sighting_is_raised_of_an_entry_whose_approver_has_lost_the_phone(void **state)
{
    struct story *story = *state;
    suspend_by_statement(&story->fixture, ADMIN, AUTHORISER_ONE);
    raise(story);
    alert_is(story, "raised", "");
}

/* How many sightings of this reason the control room is told of. */
static int64_t refused_for(struct story *story, const char *why)
{
    struct error err = {0};
    AUTO(json)
    json_t *shown =
        operation_show(&story->fixture.site, officer_of(&story->fixture, DISPATCHER), story->operation, &err);
    int64_t found = 0;
    size_t index;
    const json_t *refused;
    json_array_foreach (json_object_get(shown, "refused"), index, refused) {
        assert_in_range(
            json_integer_value(json_object_get(refused, "newest_at")), clock_now_s() - 60, clock_now_s());
        if (strcmp(json_string_value(json_object_get(refused, "why")), why) == 0)
            found = json_integer_value(json_object_get(refused, "count"));
    }
    return found;
}

static void a_sighting_that_nobody_is_asked_about_is_told_in_the_operation_s_state(void **state)
{
    struct story *story = *state;
    struct fixture *f = &story->fixture;
    struct error err = {0};
    char other[24];
    int64_t last = ledger_last_event(f->site.ledger);
    list_entry(f, 7, other);
    assert_false(sight(story, story->camera, other, &err));
    assert_int_equal(refused_for(story, "not_listed"), 1);
    suspend_entry(f, story->entry);
    assert_false(sight(story, story->camera, story->entry, &err));
    assert_int_equal(refused_for(story, "entry_out"), 1);
    assert_true(presence_leave(&f->site, f->officers[REVIEWER_ONE], &err));
    tick(story);
    assert_false(sight(story, story->camera, story->entry, &err));
    assert_false(sight(story, story->camera, story->entry, &err));
    assert_int_equal(refused_for(story, "not_running"), 2);
    assert_int_equal(refused_for(story, "not_listed"), 1);
    assert_int_equal(count_records(f, "sighting_refused"), 4);
    assert_int_equal(f->site.sightings_refused, 4);
    AUTO(text)
    char *events = text_format("ledger_event WHERE seq > %lld AND id = '%s' AND state = 'sighting_refused'",
        (long long)last, story->operation);
    assert_int_equal(count_rows(f, events), 4);
    end_operation(f, story->operation);
    clock_pass(3600);
    tick(story);
    expect_operation(f, story->operation, "wiped", "ended_by_officer");
    assert_int_equal(count_rows(f, "operation_refused"), 0);
    assert_false(sight(story, story->camera, story->entry, &err));
    assert_int_equal(count_rows(f, "operation_refused"), 0);
}

/* A watch that was taken over may report for ever: all are counted, and neither log nor screens are flooded.
 */
static void of_many_refused_sightings_the_first_are_recorded_and_told_and_all_are_counted(void **state)
{
    struct story *story = *state;
    struct fixture *f = &story->fixture;
    struct error err = {0};
    int64_t last = ledger_last_event(f->site.ledger);
    suspend_entry(f, story->entry);
    AUTO(text)
    char *events =
        text_format("ledger_event WHERE seq > %lld AND state = 'sighting_refused'", (long long)last);
    for (int i = 0; i < SIGHTINGS_RECORDED + 5; i++)
        assert_false(sight(story, story->camera, story->entry, &err));
    assert_int_equal(count_records(f, "sighting_refused"), SIGHTINGS_RECORDED);
    assert_int_equal(count_rows(f, events), SIGHTINGS_RECORDED);
    assert_int_equal(refused_for(story, "entry_out"), SIGHTINGS_RECORDED + 5);
}

static void a_sighting_of_an_entry_that_is_not_proved_any_more_is_told_with_that_reason(void **state)
{
    struct story *story = *state;
    struct error err = {0};
    run_sql(&story->fixture, "DELETE FROM entry_statement WHERE step = 'approval'");
    assert_false(sight(story, story->camera, story->entry, &err));
    assert_int_equal(refused_for(story, "not_proved"), 1);
}

static void s12_who_listed_the_person_neither_reviews_nor_dispatches(void **state)
{
    struct story *story = *state;
    struct error err = {0};
    raise(story);
    assert_true(entry_is_party(&story->fixture.site, story->entry, story->fixture.officers[WATCH_ONE], &err));
    assert_null(try_to(story, alert_review, AUTHORISER_ONE, "review",
        json_pack("{s:O, s:O, s:s, s:[], s:[]}", "passage", json_object_get(story->shown, "passage"),
            "pictures_hash", json_object_get(story->shown, "pictures_hash"), "answer", "same", "likenesses",
            "differences"),
        &err));
    assert_int_equal(err.code, ERROR_FORBIDDEN);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, story_begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(from_a_listed_person_to_the_stations_receipt),
        STORY(s39_a_custody_is_handed_over_whole_as_long_as_its_pictures_are_kept),
        STORY(s39_s41_what_nobody_hands_over_is_gone_after_31_days_with_its_entry),
        STORY(s37_s38_a_stop_has_its_outcome_days_after_its_entry_was_taken_back),
        STORY(s41_a_stop_without_an_outcome_keeps_nobody_s_entry_for_good),
        STORY(s17_s43_why_there_is_told_for_as_long_as_a_slip_counts),
        STORY(s40_s42_s43_a_clock_that_went_ahead_or_that_nobody_confirmed_ends_nothing),
        STORY(s37_without_a_source_the_stop_goes_by_what_the_station_signed),
        STORY(s37_a_case_that_its_station_signed_as_closed_allows_no_custody),
        cmocka_unit_test_setup_teardown(
            s18_an_urgent_operation_nobody_ratified_loses_its_alerts_too, urgent_story_begin, story_end),
        STORY(s34_a_withdrawal_recalls_the_crew_on_its_way),
        STORY(s32_a_halt_recalls_the_crew_on_its_way),
        STORY(s31_wrong_person_suspends_the_entry_everywhere),
        STORY(s35_a_firearm_halts_the_operation),
        STORY(s14_what_the_operation_does_not_name_raises_nothing),
        STORY(s8_s10_a_sighting_is_raised_of_an_entry_whose_approver_has_lost_the_phone),
        STORY(a_sighting_that_nobody_is_asked_about_is_told_in_the_operation_s_state),
        STORY(of_many_refused_sightings_the_first_are_recorded_and_told_and_all_are_counted),
        STORY(a_sighting_of_an_entry_that_is_not_proved_any_more_is_told_with_that_reason),
        STORY(s12_who_listed_the_person_neither_reviews_nor_dispatches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
