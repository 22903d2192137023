#include "world.h"

#include "alert/inspector.h"
#include "alert/redress.h"
#include "alert/shift.h"
#include "alert/slip.h"
#include "alert/timer.h"

#define INNOCENT "42101-7654321-9"
#define STRANGER "42101-1111111-1"
#define NOTHING ""

static char request[24];

static bool ask_again(
    struct world *world, enum person person, const char *kind, const char *code, const char *cnic)
{
    return act(world, ask_at_counter, person, "redress_request",
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "request", request, "kind", kind, "slip", code, "cnic",
            cnic, "words", "they held me an hour", "contact", "0300-1234567"));
}

static bool ask(struct world *world, enum person person, const char *kind, const char *code, const char *cnic)
{
    random_id("q", request);
    return ask_again(world, person, kind, code, cnic);
}

static bool decide(struct world *world, enum person person, const char *word, const char *reason)
{
    return act(world, redress_answer, person, "redress_answer",
        json_pack("{s:s, s:s, s:s}", "request", request, "answer", word, "reason", reason));
}

static bool find(struct world *world, enum person person, const char *finding)
{
    return act(world, redress_find, person, "redress_finding",
        json_pack("{s:s, s:s}", "request", request, "finding", finding));
}

static bool tell_as(struct world *world, enum person person)
{
    return act(world, redress_tell, person, "redress_told", json_pack("{s:s}", "request", request));
}

static bool tell(struct world *world)
{
    return tell_as(world, STATION);
}

static const char *word_in(const json_t *object, const char *field)
{
    const char *word = json_string_value(json_object_get(object, field));
    return word ? word : "";
}

static json_t *shown(struct world *world)
{
    json_t *reply = redress_show(&world->site, officer_of(world, STATION), request, &wrong);
    if (!reply)
        fail_msg("%s", wrong.text);
    return reply;
}

static void expect_state(struct world *world, const char *expected)
{
    AUTO(json) json_t *reply = shown(world);
    assert_string_equal(word_in(reply, "state"), expected);
}

static void come_to_wrong_stop(struct world *world)
{
    come_to_stop(world);
    assert_true(verify(world, INNOCENT, "thumb", "yes"));
    accepted(outcome(world, "wrong_person", "cnic_verified", "", slip));
}

static void s43_the_innocent_who_was_stopped_learns_why_and_who_looked(void **state)
{
    struct world *world = *state;
    come_to_wrong_stop(world);
    accepted(ask(world, STATION, "access", slip, INNOCENT));
    const json_t *told = json_object_get(answer, "answer");
    assert_true(json_is_false(json_object_get(told, "listed")));
    assert_true(json_is_true(json_object_get(told, "alerted")));
    assert_string_equal(word_in(told, "why"), "court_warrant");
    assert_string_equal(word_in(told, "why_here"), "last_seen");
    assert_int_equal(json_integer_value(json_object_get(told, "why_dated")), 1789000000);
    assert_string_equal(word_in(told, "outcome"), "wrong_person");
    assert_string_equal(word_in(told, "operation"), OPERATION);
    const json_t *reviews = json_object_get(told, "reviews");
    assert_int_equal(json_integer_value(json_object_get(reviews, "same")), 2);
    assert_int_equal(json_integer_value(json_object_get(reviews, "offices")), 2);
    AUTO(text) char *all = json_canonical(told, &wrong);
    assert_null(strstr(all, "Aslam")); /* nobody else's name */
    accepted(decide(world, STATION, "given", "none"));
    expect_state(world, "answered");
}

static void s43_who_was_right_and_not_wanted_any_more_is_told_of_the_correction(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    assert_true(verify(world, CNIC, "thumb", "yes"));
    ports_say(world,
        "[register]\navailable = yes\n" CNIC " = thumb\n[status]\navailable = yes\n" CASE " = closed\n");
    assert_true(ask_status(world, "closed"));
    accepted(outcome(world, "right_person_not_wanted", "cnic_verified", CASE, slip));
    accepted(ask(world, STATION, "correction", slip, CNIC));
    assert_true(json_is_true(json_object_get(json_object_get(answer, "answer"), "listed")));
    accepted(decide(world, STATION, "given", "none"));
    refused(tell(world), ERROR_CONFLICT);
    neighbours.withdrawals = 1; /* what entry_withdraw does, with the recall that it asks for */
    assert_true(ledger_begin(world->site.ledger, &wrong));
    assert_true(alert_recall_entry(&world->site, ENTRY, "withdrawn", &wrong));
    assert_true(ledger_commit(world->site.ledger, &wrong));
    AUTO(json) json_t *now = shown(world);
    assert_string_equal(word_in(now, "state"), "to_tell");
    assert_true(json_is_false(json_object_get(json_object_get(now, "answer"), "listed")));
    accepted(tell(world));
    expect_state(world, "told");
}

static void s43_a_refusal_needs_a_reason_and_a_second_office(void **state)
{
    struct world *world = *state;
    come_to_wrong_stop(world);
    accepted(ask(world, STATION, "access", slip, INNOCENT));
    refused(decide(world, STATION, "refused", "none"), ERROR_INVALID);
    refused(decide(world, STATION, "given", "court"), ERROR_INVALID);
    accepted(decide(world, STATION, "refused", "investigation"));
    expect_state(world, "asked");
    accepted(decide(world, STATION, "refused", "investigation"));
    expect_state(world, "asked"); /* the same officer twice */
    accepted(decide(world, AUTHORISER_ONE, "refused", "safety"));
    expect_state(world, "asked"); /* another reason */
    refused(decide(world, CREW_ONE, "refused", "investigation"), ERROR_FORBIDDEN);
    accepted(decide(world, AUTHORISER_ONE, "refused", "investigation"));
    AUTO(json) json_t *reply = shown(world);
    assert_string_equal(word_in(reply, "state"), "refused");
    assert_string_equal(word_in(reply, "refused_for"), "investigation");
    assert_null(json_object_get(reply, "answer"));
    refused(decide(world, STATION, "given", "none"), ERROR_CONFLICT);
}

static bool is_open_to(struct world *world, enum person person)
{
    const struct officer *officer = officer_of(world, person);
    wrong = (struct error){0};
    AUTO(json) json_t *list = redress_list(&world->site, officer, &wrong);
    AUTO(json) json_t *one = redress_show(&world->site, officer, request, &wrong);
    assert_true(one || wrong.code == ERROR_FORBIDDEN);
    assert_int_equal(json_array_size(json_object_get(list, "requests")), one != NULL);
    return one != NULL;
}

/* STATION has taken it; STATION_BESIDE is at another station. */
static void s43_another_station_neither_sees_nor_answers_nor_tells_a_request(void **state)
{
    struct world *world = *state;
    come_to_wrong_stop(world);
    accepted(ask(world, STATION, "complaint", slip, INNOCENT));
    assert_true(is_open_to(world, STATION));
    assert_true(is_open_to(world, AUTHORISER_ONE));
    assert_true(is_open_to(world, INSPECTOR));
    assert_false(is_open_to(world, STATION_BESIDE));
    refused(decide(world, STATION_BESIDE, "given", "none"), ERROR_FORBIDDEN);
    refused(decide(world, STATION_BESIDE, "refused", "court"), ERROR_FORBIDDEN);
    accepted(decide(world, STATION, "given", "none"));
    assert_false(is_open_to(world, STATION_BESIDE));
    accepted(find(world, INSPECTOR, "upheld"));
    refused(tell_as(world, STATION_BESIDE), ERROR_FORBIDDEN);
    accepted(tell(world));
}

static void hand_request(struct world *world, enum person from, enum person to)
{
    accepted(act(world, shift_hand, from, "shift_handover",
        json_pack("{s:s, s:s, s:[s]}", "shift", "h-0000000000000001", "to", id_of(to), "items", request)));
    AUTO(json) json_t *seen = shift_show(&world->site, officer_of(world, to), &wrong);
    const json_t *offer = json_array_get(json_object_get(seen, "offers"), 0);
    accepted(act(world, shift_answer, to, "shift_acceptance",
        json_pack("{s:s, s:O, s:s}", "shift", "h-0000000000000001", "handover_hash",
            json_object_get(offer, "handover_hash"), "answer", "accepted")));
}

static void s43_who_was_handed_a_request_has_it_wherever_posted(void **state)
{
    struct world *world = *state;
    come_to_wrong_stop(world);
    accepted(ask(world, STATION, "complaint", slip, INNOCENT));
    hand_request(world, STATION, STATION_BESIDE);
    assert_true(is_open_to(world, STATION_BESIDE));
    assert_true(is_open_to(world, STATION));
    accepted(decide(world, STATION_BESIDE, "given", "none"));
    accepted(find(world, INSPECTOR, "upheld"));
    accepted(tell_as(world, STATION_BESIDE));
}

/* Of one from before the row said where it was taken. */
static void s43_a_request_of_before_is_at_the_station_of_who_took_it(void **state)
{
    struct world *world = *state;
    come_to_wrong_stop(world);
    accepted(ask(world, STATION, "access", slip, INNOCENT));
    sql(world, "UPDATE redress SET stations = '[]'");
    AUTO(json) json_t *other = redress_list(&world->site, officer_of(world, STATION_BESIDE), &wrong);
    assert_int_equal(json_array_size(json_object_get(other, "requests")), 0);
    AUTO(json) json_t *own = redress_list(&world->site, officer_of(world, STATION), &wrong);
    assert_int_equal(json_array_size(json_object_get(own, "requests")), 1);
}

static void withdraw_the_entry(struct world *world)
{
    neighbours.withdrawals = 1;
    assert_true(ledger_begin(world->site.ledger, &wrong));
    assert_true(alert_recall_entry(&world->site, ENTRY, "withdrawn", &wrong));
    assert_true(ledger_commit(world->site.ledger, &wrong));
}

static void s43_what_two_offices_refused_does_not_open_when_the_entry_changes(void **state)
{
    struct world *world = *state;
    come_to_wrong_stop(world);
    accepted(ask(world, STATION, "access", slip, INNOCENT));
    accepted(decide(world, STATION, "refused", "court"));
    accepted(decide(world, AUTHORISER_ONE, "refused", "court"));
    withdraw_the_entry(world);
    AUTO(json) json_t *changed = shown(world);
    assert_string_equal(word_in(changed, "state"), "to_tell");
    assert_string_equal(word_in(changed, "refused_for"), "court");
    assert_null(json_object_get(changed, "answer"));
    accepted(tell(world));
    AUTO(json) json_t *told = shown(world);
    assert_null(json_object_get(told, "answer"));
    refused(decide(world, STATION, "refused", "court"), ERROR_CONFLICT);
    accepted(decide(world, STATION, "given", "none"));
    AUTO(json) json_t *given = shown(world);
    assert_string_equal(word_in(given, "state"), "to_tell");
    assert_string_equal(word_in(given, "refused_for"), "");
    assert_non_null(json_object_get(given, "answer"));
}

static void s43_facts_told_at_the_counter_are_corrected_though_nobody_has_signed_yet(void **state)
{
    struct world *world = *state;
    come_to_wrong_stop(world);
    accepted(ask(world, STATION, "correction", slip, INNOCENT));
    assert_non_null(json_object_get(answer, "answer"));
    withdraw_the_entry(world);
    expect_state(world, "to_tell");
    accepted(decide(world, STATION, "given", "none")); /* what waited is answered all the same */
    expect_state(world, "to_tell");
    accepted(tell(world));
    expect_state(world, "told");
}

static void s43_without_a_slip_two_offices_say_whether_somebody_is_listed(void **state)
{
    struct world *world = *state;
    refused(ask(world, CREW_ONE, "access", "", CNIC), ERROR_FORBIDDEN);
    refused(ask(world, STATION, "complaint", "", CNIC), ERROR_INVALID);
    refused(ask(world, STATION, "access", "", "42101-12"), ERROR_INVALID);
    accepted(ask(world, STATION, "access", "", "4210112345671")); /* without its dashes */
    assert_null(json_object_get(answer, "answer"));
    accepted(decide(world, STATION, "given", "none"));
    AUTO(json) json_t *before = shown(world);
    assert_null(json_object_get(before, "answer"));
    accepted(decide(world, AUTHORISER_ONE, "given", "none"));
    AUTO(json) json_t *after = shown(world);
    assert_true(json_is_true(json_object_get(json_object_get(after, "answer"), "listed")));
    assert_true(is_recorded(world, "redress_looked_at"));
}

static void s43_the_code_alone_or_the_number_alone_opens_nothing(void **state)
{
    struct world *world = *state;
    come_to_wrong_stop(world);
    refused(ask(world, STATION, "access", slip, STRANGER), ERROR_MISSING);
    char first[sizeof wrong.text];
    snprintf(first, sizeof first, "%s", wrong.text);
    refused(ask(world, STATION, "access", "AAAAAAAA", INNOCENT), ERROR_MISSING);
    assert_string_equal(wrong.text, first); /* which of the two was wrong is not told */
    for (int i = 2; i < REDRESS_WRONG_AN_HOUR; i++)
        refused(ask(world, STATION, "access", "BBBBBBBB", INNOCENT), ERROR_MISSING);
    refused(ask(world, STATION, "access", slip, INNOCENT), ERROR_CONFLICT);
    assert_true(is_recorded(world, "redress_misfit"));
    accepted(ask(world, STATION_BESIDE, "access", slip, INNOCENT));
}

static void s43_a_complaint_goes_sealed_to_oversight_and_its_finding_is_told(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    assert_true(verify(world, CNIC, "thumb", "yes"));
    accepted(outcome(world, "right_person_no_action", "cnic_verified", "", slip));
    accepted(ask(world, STATION, "complaint", slip, CNIC));
    accepted(decide(world, STATION, "given", "none"));
    const char *const copies[] = {request, world->alert};
    for (size_t i = 0; i < COUNT_OF(copies); i++) {
        AUTO(envelope)
        struct envelope *look = said_by(world, INSPECTOR, "copy_opening",
            json_pack("{s:s, s:s}", "copy", copies[i], "reason", "complaint"));
        AUTO(json) json_t *reply = inspector_open(&world->site, look, &wrong);
        AUTO(bytes) struct bytes sealed = {0};
        AUTO(bytes) struct bytes opened = {0};
        AUTO(text) char *context = text_format("oversight:%s", copies[i]);
        if (!reply)
            fail_msg("%s", wrong.text);
        assert_string_equal(word_in(reply, "of"), "complaint");
        assert_true(base64_read(word_in(reply, "sealed"), 4 << 20, &sealed, &wrong));
        assert_true(packet_open(world->oversight_secret, context, sealed.data, sealed.size, &opened, &wrong));
        assert_true(i == 1 || memmem(opened.data, opened.size, "held me an hour", 15));
    }
    refused(find(world, AUTHORISER_ONE, "upheld"), ERROR_FORBIDDEN);
    accepted(find(world, INSPECTOR, "upheld"));
    expect_state(world, "to_tell");
    accepted(tell(world));
    AUTO(json) json_t *reply = shown(world);
    assert_string_equal(word_in(reply, "finding"), "upheld");
    assert_string_equal(word_in(reply, "refused_for"), "");
}

static void s43_s50_tries_taken_out_of_the_database_count_all_the_same(void **state)
{
    struct world *world = *state;
    come_to_wrong_stop(world);
    accepted(ask(world, STATION, "access", slip, INNOCENT));
    for (int i = 0; i < REDRESS_WRONG_AN_HOUR; i++)
        refused(ask(world, STATION, "access", "XXXX-XXXX", INNOCENT), ERROR_MISSING);
    sql(world, "DELETE FROM redress_try");
    world_stop(world);
    world_start(world);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM redress_try WHERE fitted = 1"), 1);
    refused(ask(world, STATION, "access", slip, INNOCENT), ERROR_CONFLICT);
}

static void s43_a_finding_and_the_reason_of_a_refusal_are_two_things(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    assert_true(verify(world, CNIC, "thumb", "yes"));
    accepted(outcome(world, "right_person_no_action", "cnic_verified", "", slip));
    accepted(ask(world, STATION, "complaint", slip, CNIC));
    accepted(decide(world, STATION, "refused", "court"));
    accepted(find(world, INSPECTOR, "not_upheld"));
    AUTO(json) json_t *reply = shown(world);
    assert_string_equal(word_in(reply, "finding"), "not_upheld");
    assert_string_equal(word_in(reply, "refused_for"), "court");
}

static void s43_an_amended_outcome_has_to_be_told(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    accepted(outcome(world, "identity_not_established", "none", "", slip));
    accepted(ask(world, STATION, "access", slip, STRANGER)); /* no number was verified in the stop */
    accepted(decide(world, STATION, "given", "none"));
    for (int i = 0; i < 2; i++)
        accepted(act(world, alert_amend, i ? AUTHORISER_TWO : AUTHORISER_ONE, "amendment",
            json_pack("{s:s, s:s, s:s}", "alert", world->alert, "from", "identity_not_established", "outcome",
                "wrong_person")));
    AUTO(json) json_t *reply = shown(world);
    assert_string_equal(word_in(reply, "state"), "to_tell");
    const json_t *told = json_object_get(reply, "answer");
    assert_string_equal(word_in(told, "outcome"), "wrong_person");
    assert_true(json_is_true(json_object_get(told, "amended")));
}

static bool is_on_disk(struct world *world, const char *text)
{
    static const char *const names[] = {"site.db", "site.db-wal"};
    bool found = false;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO(text) char *path = text_format("%s/%s", world->folder, names[i]);
        FILE *file = fopen(path, "r");
        AUTO(text) char *content = memory_allocate(64 << 20, 1);
        size_t size = file ? fread(content, 1, 64 << 20, file) : 0;
        found = found || memmem(content, size, text, strlen(text));
        if (file)
            fclose(file);
    }
    return found;
}

static void s43_a_request_s_id_is_taken_once_and_no_later_request_replaces_it(void **state)
{
    struct world *world = *state;
    come_to_wrong_stop(world);
    accepted(ask(world, STATION, "access", slip, INNOCENT));
    refused(ask_again(world, STATION_BESIDE, "access", "", STRANGER), ERROR_CONFLICT);
    assert_non_null(strstr(wrong.text, request));
    assert_non_null(strstr(wrong.text, "draw a new id"));
    refused(ask_again(world, STATION_BESIDE, "complaint", slip, INNOCENT), ERROR_CONFLICT);
    expect_state(world, "asked");
    accepted(decide(world, STATION, "given", "none"));
    AUTO(json) json_t *reply = shown(world);
    assert_string_equal(word_in(reply, "kind"), "access");
    assert_true(json_is_true(json_object_get(json_object_get(reply, "answer"), "alerted")));
}

static void s43_a_failure_of_the_desk_is_no_wrong_code_of_the_officer(void **state)
{
    struct world *world = *state;
    come_to_wrong_stop(world);
    sql(world, "ALTER TABLE slip RENAME TO slip_away");
    for (int i = 0; i <= REDRESS_WRONG_AN_HOUR; i++) {
        assert_false(ask(world, STATION, "access", slip, INNOCENT));
        assert_int_not_equal(wrong.code, ERROR_MISSING);
        assert_int_not_equal(wrong.code, ERROR_CONFLICT);
    }
    sql(world, "ALTER TABLE slip_away RENAME TO slip");
    assert_int_equal(number(world, "SELECT COUNT(*) FROM redress_try"), 0);
    accepted(ask(world, STATION, "access", slip, INNOCENT));
}

static int64_t least_ask_us(struct world *world, enum person person, const char *code)
{
    int64_t least_us = INT64_MAX;
    for (int i = 0; i < 3; i++) {
        int64_t start_us = clock_now_us();
        refused(ask(world, person, "access", code, STRANGER), ERROR_MISSING);
        int64_t took_us = clock_now_us() - start_us;
        least_us = took_us < least_us ? took_us : least_us;
    }
    return least_us;
}

static void s43_how_long_a_wrong_code_takes_does_not_tell_it_from_a_wrong_number(void **state)
{
    struct world *world = *state;
    come_to_wrong_stop(world);
    int64_t known_us = least_ask_us(world, STATION, slip);
    int64_t unknown_us = least_ask_us(world, STATION_BESIDE, "AAAAAAAA");
    assert_true(unknown_us * 4 > known_us); /* without the slow work it is less than a tenth */
}

static void s43_s50_an_edited_slip_answers_nobody(void **state)
{
    struct world *world = *state;
    static const char *const edits[] = {"UPDATE slip SET binding = NULL",
        "UPDATE slip SET binding = randomblob(32)", "UPDATE slip SET alert = 'a-0000000000000001'",
        "UPDATE slip SET binding = NULL, mark = NULL", "UPDATE slip SET expires_us = expires_us + 1"};
    come_to_wrong_stop(world);
    sql(world, "CREATE TABLE kept AS SELECT * FROM slip");
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        sql(world, edits[i]);
        world_stop(world);
        world_start(world);
        if (ask(world, STATION, "access", slip, STRANGER) || wrong.code != ERROR_CORRUPT)
            fail_msg("%s: %s", edits[i], wrong.text);
        sql(world, "DELETE FROM slip");
        sql(world, "INSERT INTO slip SELECT * FROM kept");
    }
    accepted(ask(world, STATION, "access", slip, INNOCENT));
}

static void s43_slips_from_before_there_were_marks_get_theirs_once(void **state)
{
    struct world *world = *state;
    come_to_wrong_stop(world);
    sql(world, "UPDATE slip SET mark = NULL");
    sql(world, "UPDATE ledger_leaf SET leaf = replace(leaf, 'slips_marked', 'slips_counted')");
    assert_true(ledger_begin(world->site.ledger, &wrong));
    assert_true(slips_mark_once(&world->site, &wrong));
    assert_true(ledger_commit(world->site.ledger, &wrong));
    assert_true(is_recorded(world, "slips_marked"));
    accepted(ask(world, STATION, "access", slip, INNOCENT));
}

static void s43_a_slip_without_a_verified_number_is_no_way_to_try_numbers_on_the_list(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    accepted(outcome(world, "identity_not_established", "none", "", slip));
    static const char *const numbers[] = {CNIC, STRANGER};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        accepted(ask(world, STATION, "access", slip, numbers[i]));
        const json_t *told = json_object_get(answer, "answer");
        assert_string_equal(word_in(told, "outcome"), "identity_not_established");
        assert_null(json_object_get(told, "listed"));
        accepted(decide(world, STATION, "given", "none"));
        AUTO(json) json_t *reply = shown(world);
        assert_non_null(json_object_get(reply, "answer"));
        assert_null(json_object_get(json_object_get(reply, "answer"), "listed"));
    }
}

static void s43_a_later_no_of_the_register_does_not_untie_the_slip(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    assert_true(verify(world, INNOCENT, "thumb", "yes"));
    assert_true(verify(world, INNOCENT, "smudge", "no"));
    accepted(outcome(world, "wrong_person", "none", "", slip));
    refused(ask(world, STATION, "access", slip, STRANGER), ERROR_MISSING);
    accepted(ask(world, STATION, "access", slip, INNOCENT));
    assert_true(json_is_false(json_object_get(json_object_get(answer, "answer"), "listed")));
}

static void s42_the_innocents_number_is_nowhere_at_the_desk_and_goes_after_a_year(void **state)
{
    struct world *world = *state;
    come_to_wrong_stop(world);
    accepted(ask(world, STATION, "access", slip, INNOCENT));
    assert_false(is_on_disk(world, INNOCENT));
    assert_false(is_on_disk(world, "4210176543219"));
    assert_false(is_on_disk(world, "0300-1234567"));
    assert_true(is_on_disk(world, world->alert)); /* the search does find */
    AUTO(text) char *key = text_format("redress/%s", request);
    assert_non_null(keyring_key(world->site.ledger->keyring, key, false, NULL));
    assert_true(alert_tick_at(&world->site, clock_now_us() + 366 * 86400000000LL, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM redress"), 0);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM slip"), 0);
    assert_null(keyring_key(world->site.ledger->keyring, key, false, NULL));
}

/* Two offices refused; with the row from before, one officer alone could answer. */
static void s43_s50_a_request_put_back_from_before_its_refusal_answers_nobody(void **state)
{
    struct world *world = *state;
    come_to_wrong_stop(world);
    accepted(ask(world, STATION, "access", slip, INNOCENT));
    for (int signatures = 0; signatures < 2; signatures++) {
        sql(world, "DROP TABLE IF EXISTS kept");
        sql(world, "CREATE TABLE kept AS SELECT * FROM redress");
        accepted(decide(world, signatures ? AUTHORISER_ONE : STATION, "refused", "investigation"));
        world_stop(world);
        world_start(world);
        expect_state(world, signatures ? "refused" : "asked");
        sql(world, "CREATE TABLE newest AS SELECT * FROM redress; DELETE FROM redress;"
                   "INSERT INTO redress SELECT * FROM kept");
        world_stop(world);
        world_start(world);
        assert_null(redress_show(&world->site, officer_of(world, STATION), request, &wrong));
        assert_int_equal(wrong.code, ERROR_CORRUPT);
        refused(decide(world, STATION, "given", "none"), ERROR_CORRUPT);
        sql(world, "DELETE FROM redress; INSERT INTO redress SELECT * FROM newest; DROP TABLE newest");
    }
}

/* Every kind of step is one the log tells of: nothing that the desk did is taken for an edit. */
static void s43_what_the_desk_wrote_itself_holds_at_every_start(void **state)
{
    struct world *world = *state;
    come_to_wrong_stop(world);
    accepted(ask(world, STATION, "complaint", slip, INNOCENT));
    for (int step = 0; step < 4; step++) {
        accepted(step == 0   ? decide(world, STATION, "given", "none")
                 : step == 1 ? find(world, INSPECTOR, "upheld")
                 : step == 2 ? tell(world)
                             : find(world, INSPECTOR, "not_upheld"));
        world_stop(world);
        world_start(world);
        AUTO(json) json_t *reply = shown(world);
        assert_non_null(reply);
    }
}

static void s50_an_edited_request_answers_nobody(void **state)
{
    static const char *const edits[] = {"UPDATE redress SET state = 'answered'",
        "UPDATE redress SET alert = ''", "UPDATE redress SET kind = 'complaint'",
        "UPDATE redress SET officer = 'o-000000000000000h'", "UPDATE redress SET stations = '[]'",
        "UPDATE redress SET sealed = randomblob(90)", "UPDATE redress SET expires_us = expires_us * 2"};
    struct world *world = *state;
    come_to_wrong_stop(world);
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        accepted(ask(world, STATION, "access", slip, INNOCENT));
        sql(world, edits[i]);
        assert_null(redress_show(&world->site, officer_of(world, STATION), request, &wrong));
        assert_int_equal(wrong.code, ERROR_CORRUPT);
        refused(decide(world, STATION, "given", "none"), ERROR_CORRUPT);
        sql(world, "DELETE FROM redress");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s43_the_innocent_who_was_stopped_learns_why_and_who_looked),
        TEST(s43_who_was_right_and_not_wanted_any_more_is_told_of_the_correction),
        TEST(s43_a_refusal_needs_a_reason_and_a_second_office),
        TEST(s43_another_station_neither_sees_nor_answers_nor_tells_a_request),
        TEST(s43_who_was_handed_a_request_has_it_wherever_posted),
        TEST(s43_a_request_of_before_is_at_the_station_of_who_took_it),
        TEST(s43_what_two_offices_refused_does_not_open_when_the_entry_changes),
        TEST(s43_facts_told_at_the_counter_are_corrected_though_nobody_has_signed_yet),
        TEST(s43_without_a_slip_two_offices_say_whether_somebody_is_listed),
        TEST(s43_the_code_alone_or_the_number_alone_opens_nothing),
        TEST(s43_a_complaint_goes_sealed_to_oversight_and_its_finding_is_told),
        TEST(s43_s50_tries_taken_out_of_the_database_count_all_the_same),
        TEST(s43_a_finding_and_the_reason_of_a_refusal_are_two_things),
        TEST(s43_an_amended_outcome_has_to_be_told),
        TEST(s43_a_request_s_id_is_taken_once_and_no_later_request_replaces_it),
        TEST(s43_a_failure_of_the_desk_is_no_wrong_code_of_the_officer),
        TEST(s43_how_long_a_wrong_code_takes_does_not_tell_it_from_a_wrong_number),
        TEST(s43_s50_an_edited_slip_answers_nobody),
        TEST(s43_slips_from_before_there_were_marks_get_theirs_once),
        TEST(s43_a_slip_without_a_verified_number_is_no_way_to_try_numbers_on_the_list),
        TEST(s43_a_later_no_of_the_register_does_not_untie_the_slip),
        TEST(s42_the_innocents_number_is_nowhere_at_the_desk_and_goes_after_a_year),
        TEST(s43_s50_a_request_put_back_from_before_its_refusal_answers_nobody),
        TEST(s43_what_the_desk_wrote_itself_holds_at_every_start),
        TEST(s50_an_edited_request_answers_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
