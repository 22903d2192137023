#include "world.h"

#include "alert/timer.h"
#include "govern/report.h"
#include "list/presence.h"

static json_t *fields_with_harm(struct world *world, const char *word, const char *harm, const char *code)
{
    return with_slip(json_pack("{s:s, s:s, s:s, s:s, s:s}", "alert", world->alert, "outcome", word, "harm",
                         harm, "means", "none", "case", ""),
        code);
}

static bool outcome_with_harm(struct world *world, const char *word, const char *harm, const char *code)
{
    json_t *fields = fields_with_harm(world, word, harm, code);
    json_object_set_new(fields, "force", json_string("self_defence"));
    return act(world, alert_outcome, CREW_ONE, "outcome", fields);
}

static void custody_is_established(struct world *world)
{
    assert_true(verify(world, CNIC, "thumb", "yes"));
    assert_true(ask_status(world, "live"));
}

static void from_the_sighting_to_custody(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    custody_is_established(world);
    accepted(outcome(world, "custody", "cnic_verified", CASE, slip));
    assert_string_equal(state_of(world), "closed");
    assert_string_equal(outcome_of(world), "custody");
    assert_int_equal(neighbours.withdrawals, 1);
    assert_int_equal(neighbours.watches_told, 1);
    assert_string_equal(neighbours.reason, "in_custody");
    assert_false(presence_unit_busy(&world->site, UNIT));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_packet"), 0);
    assert_true(number(world, "SELECT COUNT(*) FROM alert_picture") > 0); /* until the receipt */
}

static const char *shown_text(const json_t *shown, const char *name)
{
    const char *text = json_string_value(json_object_get(shown, name));
    return text ? text : "";
}

static void s35_the_crew_is_shown_the_slip_of_its_stop_again_and_nobody_else_is(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    AUTO(json) json_t *given = json_incref(answer);
    assert_true(verify(world, CNIC, "thumb", "yes"));
    be_present(world, CREW_TWO, "crew", UNIT); /* the log has grown since */
    static const enum person crew[] = {CREW_ONE, CREW_TWO};
    for (size_t i = 0; i < COUNT_OF(crew); i++) {
        AUTO(json)
        json_t *shown = alert_show(&world->site, officer_of(world, crew[i]), world->alert, &wrong);
        assert_string_equal(shown_text(shown, "slip"), slip);
        assert_string_equal(shown_text(shown, "slip_text"), shown_text(given, "slip_text"));
        assert_int_equal(json_integer_value(json_object_get(shown, "stopped_at")),
            number(world, "SELECT stopped_us / 1000000 FROM alert"));
    }
    AUTO(json)
    json_t *room = alert_show(&world->site, officer_of(world, DISPATCHER), world->alert, &wrong);
    assert_string_equal(shown_text(room, "state"), "stopped");
    assert_null(json_object_get(room, "slip"));
    accepted(outcome(world, "identity_not_established", "none", "", slip));
    AUTO(json) json_t *over = alert_show(&world->site, officer_of(world, CREW_ONE), world->alert, &wrong);
    assert_string_equal(shown_text(over, "state"), "closed");
    assert_null(json_object_get(over, "slip"));
}

static void steps_come_in_their_order_only(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    refused(crew_answers(world, "accepted"), ERROR_FORBIDDEN);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    refused(arrive(world), ERROR_CONFLICT);
    refused(stop_person(world), ERROR_CONFLICT);
    accepted(crew_answers(world, "accepted"));
    refused(crew_answers(world, "accepted"), ERROR_CONFLICT);
    refused(stop_person(world), ERROR_CONFLICT);
    accepted(arrive(world));
    assert_false(verify(world, CNIC, "thumb", "yes"));
    assert_int_equal(wrong.code, ERROR_CONFLICT);
    refused(outcome(world, "custody", "none", "", ""), ERROR_CONFLICT);
    accepted(stop_person(world));
    refused(outcome(world, "not_found", "none", "", ""), ERROR_CONFLICT);
}

/* All that a crew may say and ask, by the crew of another unit. */
static void another_unit_is_told_nothing(struct world *world)
{
    const struct {
        deed *does;
        const char *type;
        json_t *fields;
    } said[] = {{alert_accept, "acceptance", json_pack("{s:s}", "answer", "accepted")},
        {alert_arrive, "arrival", json_object()}, {alert_stop, "stop", json_object()},
        {alert_outcome, "outcome",
            json_pack("{s:s, s:s, s:s, s:s}", "outcome", "identity_not_established", "harm", "none", "means",
                "none", "case", "")},
        {alert_concur, "concurrence", json_pack("{s:s}", "outcome", "custody")},
        {alert_acknowledge, "acknowledgement", json_object()},
        {alert_hand_over, "handover", json_pack("{s:s}", "station", STATION_ID)}};
    for (size_t i = 0; i < COUNT_OF(said); i++) {
        json_object_set_new(said[i].fields, "alert", json_string(world->alert));
        refused(act(world, said[i].does, CREW_TWO, said[i].type, said[i].fields), ERROR_FORBIDDEN);
        assert_non_null(strstr(wrong.text, "not the crew that has"));
    }
    const struct officer *other = officer_of(world, CREW_TWO);
    struct slip_question question;
    AUTO(json) json_t *body = json_pack("{s:s, s:s}", "cnic", CNIC, "sample", "dGh1bWI=");
    refused(alert_verify_begin(&world->site, other, world->alert, body, &question, &wrong), ERROR_FORBIDDEN);
    AUTO(json) json_t *about = json_pack("{s:s}", "case", CASE);
    refused(alert_case_status(&world->site, other, world->alert, about, &wrong) != NULL, ERROR_FORBIDDEN);
    AUTO(json) json_t *earlier = json_pack("{s:s, s:s}", "slip", "AAAAAAAA", "cnic", CNIC);
    refused(alert_earlier_slip_begin(&world->site, other, world->alert, earlier, &question, &wrong),
        ERROR_FORBIDDEN);
}

static void s33_another_unit_is_refused_before_anything_is_said_of_how_far_an_alert_is(void **state)
{
    struct world *world = *state;
    be_present(world, CREW_TWO, "crew", OTHER_UNIT);
    raise_one(world);
    another_unit_is_told_nothing(world);
    agree(world);
    another_unit_is_told_nothing(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    another_unit_is_told_nothing(world);
    accepted(crew_answers(world, "accepted"));
    another_unit_is_told_nothing(world);
    accepted(arrive(world));
    another_unit_is_told_nothing(world);
    accepted(stop_person(world));
    another_unit_is_told_nothing(world);
    assert_true(verify(world, CNIC, "thumb", "yes"));
    assert_true(ask_status(world, "live"));
    accepted(outcome(world, "custody", "cnic_verified", CASE, slip));
    another_unit_is_told_nothing(world);
}

/* However much ended since, whoever still has to do with an alert finds it. */
static void an_open_stop_stays_on_the_list_behind_a_day_full_of_ended_alerts(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    sql(world, "CREATE TEMP TABLE ended AS SELECT * FROM alert; UPDATE ended SET state = 'closed'");
    for (int i = 0; i < 250; i++)
        sql(world, "UPDATE ended SET alert = 'a-' || hex(randomblob(8)), raised_us = raised_us + 1;"
                   "INSERT INTO alert SELECT * FROM ended");
    AUTO(json) json_t *list = alert_list(&world->site, officer_of(world, CREW_ONE), &wrong);
    const json_t *first = json_array_get(json_object_get(list, "alerts"), 0);
    assert_non_null(first);
    assert_string_equal(json_string_value(json_object_get(first, "alert")), world->alert);
}

static void s37_custody_without_verification_is_refused(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    assert_true(ask_status(world, "live"));
    refused(outcome(world, "custody", "cnic_verified", CASE, slip), ERROR_CONFLICT);
    refused(outcome(world, "custody", "none", CASE, slip), ERROR_CONFLICT);
    refused(outcome(world, "custody", "fingerprint", CASE, slip), ERROR_CONFLICT);
    assert_string_equal(state_of(world), "stopped");
    assert_int_equal(neighbours.withdrawals, 0);
}

static void s37_a_document_counts_when_another_officer_of_the_crew_signs(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    assert_true(ask_status(world, "live"));
    refused(concur(world, CREW_ONE, "custody"), ERROR_CONFLICT);
    accepted(outcome(world, "custody", "document_and_officer", CASE, slip));
    refused(concur(world, CREW_ONE, "custody"), ERROR_FORBIDDEN);
    refused(concur(world, CREW_TWO, "custody"), ERROR_FORBIDDEN); /* not there */
    be_present(world, CREW_TWO, "crew", OTHER_UNIT);
    refused(concur(world, CREW_TWO, "custody"), ERROR_FORBIDDEN);
    refused(concur(world, DISPATCHER, "custody"), ERROR_CONFLICT);
    leave(world, CREW_TWO);
    be_present(world, CREW_TWO, "crew", UNIT);
    refused(concur(world, CREW_TWO, "other_custody"), ERROR_CONFLICT);
    assert_string_equal(state_of(world), "stopped");
    assert_int_equal(neighbours.withdrawals, 0);
    AUTO(json) json_t *shown = alert_show(&world->site, officer_of(world, CREW_TWO), world->alert, &wrong);
    assert_string_equal(json_string_value(json_object_get(shown, "concurrence_asked")), "custody");
    assert_string_equal(json_string_value(json_object_get(shown, "asked_by")), id_of(CREW_ONE));
    accepted(concur(world, CREW_TWO, "custody"));
    assert_string_equal(outcome_of(world), "custody");
    assert_int_equal(neighbours.withdrawals, 1);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM slip"), 1);
}

static void s37_what_a_document_needs_is_asked_again_of_the_second_officer(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    be_present(world, CREW_TWO, "crew", UNIT);
    assert_true(ask_status(world, "live"));
    accepted(outcome(world, "custody", "document_and_officer", CASE, slip));
    ports_say(world, "[register]\navailable = yes\n[status]\navailable = yes\n" CASE " = closed\n");
    refused(concur(world, CREW_TWO, "custody"), ERROR_CONFLICT);
    ports_say(world, "[register]\navailable = yes\n[status]\navailable = yes\n" CASE " = live\n");
    assert_true(verify(world, CNIC, "thumb", "no"));
    refused(concur(world, CREW_TWO, "custody"), ERROR_CONFLICT);
    sql(world, "UPDATE alert_statement SET envelope = replace(envelope, 'custody', 'found_safe')"
               " WHERE type = 'outcome'");
    refused(concur(world, CREW_TWO, "found_safe"), ERROR_CORRUPT);
    accepted(outcome(world, "identity_not_established", "none", "", slip)); /* the person does not wait */
    assert_string_equal(outcome_of(world), "identity_not_established");
}

/* Takes "" for what is left out. */
static json_t *other_custody(
    struct world *world, const char *how, const char *matter, const char *reference, const char *code)
{
    json_t *fields = json_pack("{s:s, s:s, s:s, s:s, s:s}", "alert", world->alert, "outcome", "other_custody",
        "harm", "none", "means", how, "case", "");
    if (matter[0])
        json_object_set_new(fields, "matter", json_string(matter));
    if (reference[0])
        json_object_set_new(fields, "matter_reference", json_string(reference));
    return with_slip(fields, code);
}

static bool taken_along(
    struct world *world, const char *how, const char *matter, const char *reference, const char *code)
{
    return act(world, alert_outcome, CREW_ONE, "outcome", other_custody(world, how, matter, reference, code));
}

static void s35_s37_nobody_is_taken_along_for_another_matter_on_a_face(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    refused(taken_along(world, "none", "another_fir", "112/2026", slip), ERROR_CONFLICT);
    refused(taken_along(world, "cnic_verified", "another_fir", "112/2026", slip), ERROR_CONFLICT);
    assert_true(verify(world, "42101-7654321-9", "thumb", "yes")); /* somebody else */
    refused(taken_along(world, "none", "another_fir", "112/2026", slip), ERROR_CONFLICT);
    refused(taken_along(world, "cnic_verified", "", "", slip), ERROR_CONFLICT);
    refused(taken_along(world, "cnic_verified", "another_fir", "", slip), ERROR_CONFLICT);
    refused(taken_along(world, "cnic_verified", "", "112/2026", slip), ERROR_CONFLICT);
    refused(taken_along(world, "cnic_verified", "another_fir", "112/2026", ""), ERROR_CONFLICT);
    assert_string_equal(state_of(world), "stopped");
    accepted(taken_along(world, "cnic_verified", "another_fir", "112/2026", slip));
    assert_string_equal(outcome_of(world), "other_custody");
    assert_int_equal(number(world, "SELECT COUNT(*) FROM ledger_leaf WHERE leaf LIKE '%112/2026%'"), 0);
}

static void another_matter_is_said_of_no_other_outcome(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    json_t *fields = other_custody(world, "none", "another_fir", "112/2026", slip);
    json_object_set_new(fields, "outcome", json_string("identity_not_established"));
    refused(act(world, alert_outcome, CREW_ONE, "outcome", fields), ERROR_INVALID);
}

static void s37_a_document_for_another_matter_is_looked_at_by_two(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    be_present(world, CREW_TWO, "crew", UNIT);
    accepted(taken_along(world, "document_and_officer", "offence_in_stop", "DD-17", slip));
    assert_string_equal(state_of(world), "stopped");
    accepted(concur(world, CREW_TWO, "other_custody"));
    assert_string_equal(outcome_of(world), "other_custody");
}

/* Whose crew it is, before signing; nobody else, and nobody afterwards. */
static void s10_s37_who_agrees_with_another_matter_is_shown_which(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    be_present(world, CREW_TWO, "crew", UNIT);
    json_t *fields = other_custody(world, "document_and_officer", "another_warrant", "KHI-9/2026", slip);
    json_object_set_new(fields, "harm", json_string("resistance"));
    json_object_set_new(fields, "force", json_string("self_defence"));
    json_object_set_new(fields, "case", json_string(CASE));
    accepted(act(world, alert_outcome, CREW_ONE, "outcome", fields));
    AUTO(json) json_t *seen = alert_show(&world->site, officer_of(world, CREW_TWO), world->alert, &wrong);
    AUTO(envelope)
    struct envelope *shown = envelope_read(json_object_get(seen, "outcome_statement"), &wrong);
    char hash[HEX_HASH_SIZE];
    assert_non_null(shown);
    envelope_hash_hex(shown, hash);
    assert_string_equal(shown_text(seen, "outcome_hash"), hash);
    assert_string_equal(shown_text(shown->fields, "matter"), "another_warrant");
    assert_string_equal(shown_text(shown->fields, "matter_reference"), "KHI-9/2026");
    AUTO(json) json_t *room = alert_show(&world->site, officer_of(world, DISPATCHER), world->alert, &wrong);
    assert_null(json_object_get(room, "outcome_statement"));
    accepted(concur(world, CREW_TWO, "other_custody"));
    AUTO(json) json_t *after = alert_show(&world->site, officer_of(world, CREW_TWO), world->alert, &wrong);
    assert_null(json_object_get(after, "outcome_statement"));
}

static void s35_harm_beside_a_document_halts_once_and_when_it_is_signed(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    be_present(world, CREW_TWO, "crew", UNIT);
    json_t *fields = other_custody(world, "document_and_officer", "another_fir", "112/2026", slip);
    json_object_set_new(fields, "harm", json_string("firearm"));
    json_object_set_new(fields, "force", json_string("none"));
    accepted(act(world, alert_outcome, CREW_ONE, "outcome", fields));
    assert_int_equal(neighbours.halts, 1);
    assert_string_equal(state_of(world), "stopped");
    neighbours.operation_state = "running"; /* two persons let it go on */
    accepted(concur(world, CREW_TWO, "other_custody"));
    assert_string_equal(outcome_of(world), "other_custody");
    assert_int_equal(neighbours.halts, 1);
}

static void s37_custody_on_another_number_is_refused(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    assert_true(ask_status(world, "live"));
    assert_true(verify(world, "42101-7654321-9", "thumb", "yes"));
    refused(outcome(world, "custody", "cnic_verified", CASE, slip), ERROR_CONFLICT);
    be_present(world, CREW_TWO, "crew", UNIT);
    refused(outcome(world, "custody", "document_and_officer", CASE, slip), ERROR_CONFLICT);
    assert_true(verify(world, CNIC, "somebody else's thumb", "no"));
    refused(outcome(world, "custody", "cnic_verified", CASE, slip), ERROR_CONFLICT);
}

static void s37_custody_needs_the_case_live_and_asked_in_this_stop(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    assert_true(verify(world, CNIC, "thumb", "yes"));
    refused(outcome(world, "custody", "cnic_verified", CASE, slip), ERROR_CONFLICT);
    ports_say(world, "[register]\navailable = yes\n[status]\navailable = yes\n" CASE " = closed\n");
    assert_true(ask_status(world, "closed"));
    refused(outcome(world, "custody", "cnic_verified", CASE, slip), ERROR_CONFLICT);
    refused(outcome(world, "custody", "cnic_verified", "k-0000000000000009", slip), ERROR_INVALID);
    accepted(outcome(world, "right_person_not_wanted", "cnic_verified", CASE, slip));
    assert_string_equal(outcome_of(world), "right_person_not_wanted");
}

static void s37_who_is_wanted_in_one_of_two_cases_is_wanted(void **state)
{
    struct world *world = *state;
    neighbours.more_cases = 1;
    come_to_stop(world);
    assert_true(verify(world, CNIC, "thumb", "yes"));
    ports_say(world, "[status]\navailable = yes\n" CASE " = closed\n" OTHER_CASE " = live\n");
    assert_true(ask_status(world, "closed"));
    refused(outcome(world, "right_person_not_wanted", "cnic_verified", CASE, slip), ERROR_CONFLICT);
    assert_true(ask_status_of(world, OTHER_CASE, "live"));
    refused(outcome(world, "right_person_not_wanted", "cnic_verified", CASE, slip), ERROR_CONFLICT);
    refused(outcome(world, "right_person_not_wanted", "cnic_verified", "", slip), ERROR_CONFLICT);
    refused(outcome(world, "custody", "cnic_verified", CASE, slip), ERROR_CONFLICT);
    accepted(outcome(world, "custody", "cnic_verified", OTHER_CASE, slip));
}

static void s37_who_is_wanted_in_no_case_any_more_is_not_wanted(void **state)
{
    struct world *world = *state;
    neighbours.more_cases = 11; /* more than the register would be asked */
    come_to_stop(world);
    assert_true(verify(world, CNIC, "thumb", "yes"));
    ports_say(world, "[status]\navailable = yes\n" CASE " = closed\n");
    assert_true(ask_status(world, "closed"));
    assert_true(ask_status_of(world, OTHER_CASE, "unavailable"));
    refused(outcome(world, "right_person_not_wanted", "cnic_verified", "", slip), ERROR_CONFLICT);
    AUTO(text) char *ini = text_format("[status]\navailable = yes\n" CASE " = closed\n");
    for (int i = 0; i < neighbours.more_cases; i++) {
        char *more = text_format("%sk-%016d = closed\n", ini, i + 2);
        memory_release(ini);
        ini = more;
    }
    ports_say(world, ini);
    for (int i = 0; i < neighbours.more_cases; i++) {
        AUTO(text) char *case_id = text_format("k-%016d", i + 2);
        assert_true(ask_status_of(world, case_id, "closed"));
    }
    accepted(outcome(world, "right_person_not_wanted", "cnic_verified", "", slip));
}

static void s36_an_unavailable_register_refuses_custody_and_lets_the_person_go(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    ports_say(world, "[register]\navailable = no\n[status]\navailable = yes\n" CASE " = live\n");
    assert_true(verify(world, CNIC, "thumb", "unavailable"));
    assert_true(ask_status(world, "live"));
    refused(outcome(world, "custody", "cnic_verified", CASE, slip), ERROR_CONFLICT);
    accepted(outcome(world, "identity_not_established", "none", "", slip));
    assert_string_equal(outcome_of(world), "identity_not_established");
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_picture"), 0);
    assert_int_equal(neighbours.withdrawals + neighbours.suspensions, 0);
}

static void s36_the_register_is_asked_by_the_crew_of_the_stop_and_not_without_end(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    AUTO(json) json_t *body = json_pack("{s:s, s:s}", "cnic", CNIC, "sample", "dGh1bWI=");
    assert_null(verify_with(world, CREW_TWO, body));
    assert_int_equal(wrong.code, ERROR_FORBIDDEN);
    assert_false(verify(world, "12345", "thumb", "no"));
    assert_int_equal(wrong.code, ERROR_INVALID);
    for (int i = 0; i < 10; i++)
        assert_true(verify(world, CNIC, "thumb", "yes"));
    assert_false(verify(world, CNIC, "thumb", "yes"));
    assert_int_equal(wrong.code, ERROR_CONFLICT);
    assert_true(is_recorded(world, "register_asked"));
}

static void s31_wrong_person_suspends_the_entry_and_erases_the_pictures(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    assert_true(verify(world, "42101-7654321-9", "thumb", "yes"));
    accepted(outcome(world, "wrong_person", "cnic_verified", "", slip));
    assert_int_equal(neighbours.suspensions, 1);
    assert_int_equal(neighbours.watches_told, 1);
    assert_int_equal(neighbours.halts, 0);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_picture"), 0);
}

static void s32_two_wrong_stops_halt_the_operation(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(neighbours.halts, 0);
        come_to_stop(world);
        accepted(outcome(world, "wrong_person", "none", "", slip));
    }
    assert_int_equal(neighbours.halts, 1);
    assert_string_equal(neighbours.reason, "wrong_person");
}

static void s35_nobody_leaves_without_the_slip(void **state)
{
    static const char *const leaving[] = {"wrong_person", "identity_not_established"};
    struct world *world = *state;
    come_to_stop(world);
    assert_int_equal(strlen(slip), 8);
    const char *words = json_string_value(json_object_get(answer, "slip_text"));
    assert_non_null(strstr(words, slip));
    assert_non_null(strstr(words, "you may leave"));
    assert_non_null(strstr(words, "complain"));
    assert_non_null(strstr(words, "Log checkpoint: "));
    assert_null(strstr(words, "Aslam"));
    for (size_t i = 0; i < COUNT_OF(leaving); i++) {
        refused(outcome(world, leaving[i], "none", "", ""), ERROR_CONFLICT);
        refused(outcome(world, leaving[i], "none", "", "00000000"), ERROR_CONFLICT);
    }
    accepted(outcome(world, "identity_not_established", "none", "", slip));
}

static void s35_a_firearm_or_a_death_halts_the_operation(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    accepted(outcome_with_harm(world, "identity_not_established", "firearm", slip));
    assert_int_equal(neighbours.halts, 1);
    assert_int_equal(neighbours.disarms, 1);
    assert_string_equal(neighbours.reason, "harm");
    assert_string_equal(outcome_of(world), "identity_not_established");
}

static void s35_harm_is_not_recorded_without_the_reason_for_any_force(void **state)
{
    struct world *world = *state;
    static const char *const harms[] = {"resistance", "injury", "firearm", "death"};
    come_to_stop(world);
    for (size_t i = 0; i < COUNT_OF(harms); i++)
        refused(act(world, alert_outcome, CREW_ONE, "outcome",
                    fields_with_harm(world, "identity_not_established", harms[i], slip)),
            ERROR_INVALID);
    assert_int_equal(neighbours.halts, 0);
    json_t *fields = fields_with_harm(world, "identity_not_established", "resistance", slip);
    json_object_set_new(fields, "force", json_string("none"));
    accepted(act(world, alert_outcome, CREW_ONE, "outcome", fields));
}

static void after_the_arrival_the_dispatcher_concurs(void **state)
{
    struct world *world = *state;
    come_to_scene(world);
    refused(concur(world, DISPATCHER, "lost"), ERROR_CONFLICT);
    accepted(outcome(world, "lost", "none", "", ""));
    assert_string_equal(state_of(world), "on_scene");
    AUTO(json) json_t *shown = alert_show(&world->site, officer_of(world, CREW_ONE), world->alert, &wrong);
    assert_string_equal(json_string_value(json_object_get(shown, "concurrence_asked")), "lost");
    refused(concur(world, DISPATCHER, "not_found"), ERROR_CONFLICT);
    refused(concur(world, CREW_ONE, "lost"), ERROR_CONFLICT);
    accepted(concur(world, DISPATCHER, "lost"));
    assert_string_equal(outcome_of(world), "lost");
}

/* Whoever is asked to agree reads the harm in the statement itself. */
static void harm_reads(const json_t *seen, const char *expected)
{
    AUTO(envelope)
    struct envelope *shown = envelope_read(json_object_get(seen, "outcome_statement"), &wrong);
    assert_non_null(shown);
    assert_string_equal(shown_text(shown->fields, "harm"), expected);
}

/* Under the same word: with another harm, by other means, of another case. */
static void s10_who_agrees_agrees_with_one_statement_and_with_no_later_one(void **state)
{
    struct world *world = *state;
    come_to_scene(world);
    accepted(outcome(world, "lost", "none", "", ""));
    AUTO(json) json_t *seen = alert_show(&world->site, officer_of(world, DISPATCHER), world->alert, &wrong);
    harm_reads(seen, "none");
    json_t *looked_at = concurrence_fields(world, "lost");
    assert_string_equal(shown_text(seen, "outcome_hash"), shown_text(looked_at, "outcome_hash"));
    json_t *word_only = json_pack("{s:s, s:s}", "alert", world->alert, "outcome", "lost");
    refused(act(world, alert_concur, DISPATCHER, "concurrence", word_only), ERROR_INVALID);
    accepted(outcome_with_harm(world, "lost", "injury", ""));
    refused(act(world, alert_concur, DISPATCHER, "concurrence", looked_at), ERROR_CONFLICT);
    AUTO(json) json_t *now = alert_show(&world->site, officer_of(world, DISPATCHER), world->alert, &wrong);
    harm_reads(now, "injury");
    accepted(concur(world, DISPATCHER, "lost"));
}

static void miss_on_the_way(struct world *world)
{
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    accepted(crew_answers(world, "accepted"));
    accepted(outcome(world, "not_found", "none", "", ""));
}

static void before_the_arrival_the_crew_says_so_alone(void **state)
{
    struct world *world = *state;
    miss_on_the_way(world);
    assert_string_equal(outcome_of(world), "not_found");
    refused(outcome(world, "lost", "none", "", ""), ERROR_CONFLICT); /* never overwritten */
}

static void s34_a_withdrawal_recalls_the_crew_on_its_way(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    accepted(crew_answers(world, "accepted"));
    assert_true(ledger_begin(world->site.ledger, &wrong));
    assert_true(alert_recall_entry(&world->site, ENTRY, "no_longer_wanted", &wrong));
    assert_true(ledger_commit(world->site.ledger, &wrong));
    assert_string_equal(outcome_of(world), "recalled");
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_packet"), 0);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_picture"), 0);
    refused(arrive(world), ERROR_CONFLICT);
    assert_true(is_recorded(world, "alert_recalled"));
}

static void a_withdrawal_during_the_stop_is_told_and_forbids_custody(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    custody_is_established(world);
    assert_true(ledger_begin(world->site.ledger, &wrong));
    assert_true(alert_recall_entry(&world->site, ENTRY, "no_longer_wanted", &wrong));
    assert_true(ledger_commit(world->site.ledger, &wrong));
    assert_string_equal(state_of(world), "stopped");
    AUTO(json) json_t *shown = alert_show(&world->site, officer_of(world, CREW_ONE), world->alert, &wrong);
    assert_string_equal(json_string_value(json_object_get(shown, "told")), "entry_no_longer_wanted");
    struct event events[64];
    size_t count = ledger_events(world->site.ledger, 0, events, COUNT_OF(events));
    assert_string_equal(events[count - 1].state, "told");
    refused(outcome(world, "custody", "cnic_verified", CASE, slip), ERROR_CONFLICT);
    assert_true(ledger_begin(world->site.ledger, &wrong));
    assert_true(alert_recall_operation(&world->site, OPERATION, "ended", &wrong));
    assert_true(ledger_commit(world->site.ledger, &wrong));
    refused(outcome(world, "custody", "cnic_verified", CASE, slip), ERROR_CONFLICT); /* still taken back */
    accepted(outcome(world, "right_person_no_action", "cnic_verified", "", slip));
}

static void a_halt_recalls_every_alert_that_has_no_stop(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    struct sighting other = sighting_of(world, OTHER_ENTRY);
    assert_true(alert_raise(&world->site, &other, &wrong));
    assert_true(ledger_begin(world->site.ledger, &wrong));
    assert_true(alert_recall_operation(&world->site, OPERATION, "halted", &wrong));
    assert_true(ledger_commit(world->site.ledger, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert WHERE outcome = 'recalled'"), 1);
    assert_string_equal(state_of(world), "stopped");
}

static void a_stop_is_not_cut_short_but_said_to_be_long(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    assert_true(alert_tick_at(&world->site, clock_now_us() + 601000000, &wrong));
    assert_true(alert_tick_at(&world->site, clock_now_us() + 4000000000LL, &wrong));
    assert_string_equal(state_of(world), "stopped");
    assert_true(is_recorded(world, "stop_overrun"));
}

static void s41_true_alerts_lose_their_pictures_after_a_day(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    assert_true(verify(world, CNIC, "thumb", "yes"));
    accepted(outcome(world, "right_person_no_action", "cnic_verified", "", slip));
    assert_true(alert_tick_at(&world->site, clock_now_us() + 86000000000LL, &wrong));
    assert_true(number(world, "SELECT COUNT(*) FROM alert_picture") > 0);
    assert_true(alert_tick_at(&world->site, clock_now_us() + 86500000000LL, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_picture"), 0);
    AUTO(text) char *key = text_format("alert/%s", world->alert);
    assert_null(keyring_key(world->site.ledger->keyring, key, false, NULL));
}

static json_t *oversight_copy(struct world *world)
{
    AUTO(query)
    struct query *query = query_new(world->site.ledger->store, "SELECT sealed FROM alert_oversight", &wrong);
    assert_true(query_next(query));
    struct bytes sealed = query_get_bytes(query, 0);
    AUTO(text) char *context = text_format("oversight:%s", world->alert);
    AUTO(bytes) struct bytes opened = {0};
    assert_true(packet_open(world->oversight_secret, context, sealed.data, sealed.size, &opened, &wrong));
    return json_read((const char *)opened.data, opened.size, 1 << 20, &wrong);
}

static void s42_only_oversight_keeps_the_number_of_who_was_stopped(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    assert_true(verify(world, "42101-7654321-9", "thumb", "yes"));
    accepted(outcome(world, "wrong_person", "cnic_verified", "", slip));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_note"), 0);
    AUTO(json) json_t *copy = oversight_copy(world);
    AUTO(text) char *text = json_canonical(copy, &wrong);
    assert_non_null(strstr(text, "4210176543219"));
    assert_non_null(strstr(text, "wrong_person"));
    AUTO(bytes) struct bytes log = {0};
    assert_true(ledger_export(world->site.ledger, &log, &wrong));
    assert_null(memmem(log.data, log.size, "4210176543219", 13));
    assert_true(alert_tick_at(&world->site, clock_now_us() + 364 * 86400000000LL, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_oversight"), 1);
    assert_true(alert_tick_at(&world->site, clock_now_us() + 366 * 86400000000LL, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_oversight"), 0);
}

static void s42_the_copy_of_who_was_never_stopped_goes_after_31_days(void **state)
{
    struct world *world = *state;
    miss_on_the_way(world);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_oversight"), 1);
    assert_true(alert_tick_at(&world->site, clock_now_us() + 30 * 86400000000LL, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_oversight"), 1);
    assert_true(alert_tick_at(&world->site, clock_now_us() + 32 * 86400000000LL, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_oversight"), 0);
}

static void s50_edited_rows_do_not_close(void **state)
{
    static const char *const edits[] = {
        "UPDATE alert SET unit = '" OTHER_UNIT "'",
        "UPDATE alert SET told = ''  , stopped_us = 1",
        "DELETE FROM alert_statement WHERE type = 'stop'",
        "DELETE FROM alert_statement WHERE type = 'arrival'",
        "DELETE FROM alert_statement WHERE type = 'acceptance'",
        "DELETE FROM alert_statement WHERE type = 'dispatch'",
        "DELETE FROM alert_statement WHERE type = 'review'",
        "UPDATE alert_note SET sealed = (SELECT sealed FROM alert_note WHERE kind = 'register')"
        " WHERE kind = 'status'",
        "UPDATE alert_note SET kind = 'register' WHERE kind = 'status'",
        "UPDATE alert_note SET sealed = randomblob(90)",
    };
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        if (i > 0) {
            world_teardown(state);
            world_setup(state);
        }
        struct world *world = *state;
        come_to_stop(world);
        custody_is_established(world);
        sql(world, edits[i]);
        if (outcome(world, "custody", "cnic_verified", CASE, slip))
            fail_msg("custody after: %s", edits[i]);
        assert_int_equal(wrong.code, ERROR_CORRUPT);
        assert_int_equal(neighbours.withdrawals, 0);
    }
}

static void the_log_holds_ids_codes_times_and_counts_only(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    custody_is_established(world);
    accepted(outcome(world, "custody", "cnic_verified", CASE, slip));
    AUTO(bytes) struct bytes log = {0};
    assert_true(ledger_export(world->site.ledger, &log, &wrong));
    const char *const private_words[] = {
        "Aslam", "Karim", "4210112345671", CNIC, "scar", "Main gate", "FIR 12"};
    for (size_t i = 0; i < COUNT_OF(private_words); i++)
        assert_null(memmem(log.data, log.size, private_words[i], strlen(private_words[i])));
}

static void come_to_the_scene(struct world *world)
{
    come_to_scene(world);
}

static int64_t counted_harm(struct world *world, const char *harm)
{
    AUTO(bytes) struct bytes log = {0};
    assert_true(ledger_export(world->site.ledger, &log, &wrong));
    AUTO(json) json_t *report = report_operation(log.data, log.size, OPERATION, REPORT_ALL, &wrong);
    return json_integer_value(json_object_get(json_object_get(report, "harm"), harm));
}

static void s35_harm_counts_when_the_crew_signs_though_nobody_answers(void **state)
{
    struct world *world = *state;
    come_to_the_scene(world);
    accepted(outcome_with_harm(world, "not_stopped", "injury", ""));
    assert_int_equal(counted_harm(world, "injury"), 1);
    assert_true(alert_tick_at(&world->site, clock_now_us() + 3601000000LL, &wrong));
    assert_string_equal(outcome_of(world), "lapsed");
    assert_int_equal(counted_harm(world, "injury"), 1);
    assert_int_equal(neighbours.halts, 0);
    come_to_the_scene(world);
    accepted(outcome_with_harm(world, "not_stopped", "injury", ""));
    accepted(concur(world, DISPATCHER, "not_stopped"));
    assert_string_equal(outcome_of(world), "not_stopped");
    assert_int_equal(counted_harm(world, "injury"), 2);
}

static void s35_a_firearm_at_the_scene_halts_and_is_sealed_before_anybody_agrees(void **state)
{
    struct world *world = *state;
    come_to_the_scene(world);
    accepted(outcome_with_harm(world, "not_stopped", "firearm", ""));
    assert_int_equal(neighbours.halts, 1);
    assert_int_equal(neighbours.disarms, 1);
    assert_string_equal(neighbours.reason, "harm");
    assert_string_equal(outcome_of(world), "recalled");
    assert_int_equal(counted_harm(world, "firearm"), 1);
    refused(concur(world, DISPATCHER, "not_stopped"), ERROR_CONFLICT);
    AUTO(json) json_t *copy = oversight_copy(world);
    AUTO(text) char *text = json_canonical(copy, &wrong);
    assert_non_null(strstr(text, "firearm"));
}

static void a_stop_after_all_leaves_nothing_to_agree_with(void **state)
{
    struct world *world = *state;
    come_to_the_scene(world);
    accepted(outcome(world, "lost", "none", "", ""));
    accepted(stop_person(world));
    AUTO(json) json_t *shown = alert_show(&world->site, officer_of(world, CREW_ONE), world->alert, &wrong);
    assert_null(json_object_get(shown, "concurrence_asked"));
    refused(concur(world, DISPATCHER, "lost"), ERROR_CONFLICT);
}

static void s7_a_missing_adult_is_never_stopped_and_is_found_or_declines(void **state)
{
    struct world *world = *state;
    static const char *const ends[] = {"found_safe", "contact_declined"};
    neighbours.missing = true;
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        come_to_the_scene(world);
        refused(stop_person(world), ERROR_FORBIDDEN);
        refused(outcome(world, "custody", "none", "", ""), ERROR_CONFLICT);
        accepted(outcome(world, ends[i], "none", "", ""));
        assert_string_equal(state_of(world), "on_scene");
        accepted(concur(world, DISPATCHER, ends[i]));
        assert_string_equal(state_of(world), "closed");
        assert_string_equal(outcome_of(world), ends[i]);
        assert_int_equal(neighbours.withdrawals, 1); /* found_safe withdraws the entry */
    }
}

static void s7_a_missing_child_may_be_held_until_help_comes(void **state)
{
    struct world *world = *state;
    neighbours.missing = neighbours.minor = true;
    come_to_the_scene(world);
    accepted(stop_person(world));
}

static void s7_the_crew_and_the_room_are_told_whether_somebody_is_missing(void **state)
{
    struct world *world = *state;
    come_to_the_scene(world);
    static const char *const words[] = {"", "adult", "minor"};
    static const enum person told[] = {CREW_ONE, DISPATCHER};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        neighbours.missing = i > 0;
        neighbours.minor = i > 1;
        for (size_t j = 0; j < COUNT_OF(told); j++) {
            AUTO(json)
            json_t *shown = alert_show(&world->site, officer_of(world, told[j]), world->alert, &wrong);
            assert_string_equal(shown_text(shown, "missing"), words[i]);
        }
    }
}

/* It would take the entry off the list on a crew's word. */
static void s7_who_is_wanted_is_not_found_safe_and_does_not_decline(void **state)
{
    struct world *world = *state;
    come_to_the_scene(world);
    refused(outcome(world, "found_safe", "none", "", ""), ERROR_CONFLICT);
    accepted(stop_person(world));
    assert_true(verify(world, CNIC, "thumb", "yes"));
    refused(outcome(world, "found_safe", "cnic_verified", "", slip), ERROR_CONFLICT);
    refused(outcome(world, "contact_declined", "none", "", slip), ERROR_CONFLICT);
    assert_string_equal(state_of(world), "stopped");
    assert_int_equal(neighbours.withdrawals, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s35_harm_counts_when_the_crew_signs_though_nobody_answers),
        TEST(s35_a_firearm_at_the_scene_halts_and_is_sealed_before_anybody_agrees),
        TEST(a_stop_after_all_leaves_nothing_to_agree_with),
        TEST(s7_a_missing_adult_is_never_stopped_and_is_found_or_declines),
        TEST(s7_a_missing_child_may_be_held_until_help_comes),
        TEST(s7_the_crew_and_the_room_are_told_whether_somebody_is_missing),
        TEST(s7_who_is_wanted_is_not_found_safe_and_does_not_decline),
        TEST(from_the_sighting_to_custody),
        TEST(s35_the_crew_is_shown_the_slip_of_its_stop_again_and_nobody_else_is),
        TEST(steps_come_in_their_order_only),
        TEST(s33_another_unit_is_refused_before_anything_is_said_of_how_far_an_alert_is),
        TEST(an_open_stop_stays_on_the_list_behind_a_day_full_of_ended_alerts),
        TEST(s37_custody_without_verification_is_refused),
        TEST(s37_a_document_counts_when_another_officer_of_the_crew_signs),
        TEST(s37_what_a_document_needs_is_asked_again_of_the_second_officer),
        TEST(s35_s37_nobody_is_taken_along_for_another_matter_on_a_face),
        TEST(another_matter_is_said_of_no_other_outcome),
        TEST(s37_a_document_for_another_matter_is_looked_at_by_two),
        TEST(s10_s37_who_agrees_with_another_matter_is_shown_which),
        TEST(s35_harm_beside_a_document_halts_once_and_when_it_is_signed),
        TEST(s37_custody_on_another_number_is_refused),
        TEST(s37_custody_needs_the_case_live_and_asked_in_this_stop),
        TEST(s37_who_is_wanted_in_one_of_two_cases_is_wanted),
        TEST(s37_who_is_wanted_in_no_case_any_more_is_not_wanted),
        TEST(s36_an_unavailable_register_refuses_custody_and_lets_the_person_go),
        TEST(s36_the_register_is_asked_by_the_crew_of_the_stop_and_not_without_end),
        TEST(s31_wrong_person_suspends_the_entry_and_erases_the_pictures),
        TEST(s32_two_wrong_stops_halt_the_operation),
        TEST(s35_nobody_leaves_without_the_slip),
        TEST(s35_a_firearm_or_a_death_halts_the_operation),
        TEST(s35_harm_is_not_recorded_without_the_reason_for_any_force),
        TEST(after_the_arrival_the_dispatcher_concurs),
        TEST(s10_who_agrees_agrees_with_one_statement_and_with_no_later_one),
        TEST(before_the_arrival_the_crew_says_so_alone),
        TEST(s34_a_withdrawal_recalls_the_crew_on_its_way),
        TEST(a_withdrawal_during_the_stop_is_told_and_forbids_custody),
        TEST(a_halt_recalls_every_alert_that_has_no_stop),
        TEST(a_stop_is_not_cut_short_but_said_to_be_long),
        TEST(s41_true_alerts_lose_their_pictures_after_a_day),
        TEST(s42_only_oversight_keeps_the_number_of_who_was_stopped),
        TEST(s42_the_copy_of_who_was_never_stopped_goes_after_31_days),
        TEST(s50_edited_rows_do_not_close),
        TEST(the_log_holds_ids_codes_times_and_counts_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
