/* Somebody leaves, or a tablet is lost, in the middle of an alert: what was signed before stays signed, and
 * nothing is signed with that key any more (SAFEGUARDS 10). */
#include "world.h"

#include "alert/redress.h"
#include "alert/timer.h"
#include "list/succession.h"

static void suspend(struct world *world, enum person person)
{
    accepted(act(world, suspension_sign, ADMIN, "suspension",
        json_pack("{s:s, s:s}", "subject", id_of(person), "reason", "lost_device")));
    assert_null(officer_of(world, person));
}

/* The next roster, without this officer. */
static void leave_the_force(struct world *world, enum person person)
{
    char hash[HEX_HASH_SIZE];
    const struct envelope *now = roster_envelope(world->site.roster);
    AUTO(json) json_t *fields = json_deep_copy(now->fields);
    json_t *officers = json_object_get(fields, "officers");
    envelope_hash_hex(now, hash);
    json_object_set_new(fields, "number", json_integer(roster_number(world->site.roster) + 1));
    json_object_set_new(fields, "previous", json_string(hash));
    for (size_t i = json_array_size(officers); i-- > 0;) {
        const json_t *line = json_array_get(officers, i);
        if (strcmp(json_string_value(json_object_get(line, "officer")), id_of(person)) == 0)
            json_array_remove(officers, i);
    }
    AUTO(envelope) struct envelope *next = envelope_sign(fields, world->root_secret, &wrong);
    AUTO(json) json_t *brought = envelope_json(next);
    envelope_hash_hex(next, hash);
    AUTO(envelope)
    struct envelope *adoption = said_by(world, ADMIN, "roster_adoption",
        json_pack("{s:O, s:s}", "number", json_object_get(fields, "number"), "roster_hash", hash));
    AUTO(json) json_t *reply = roster_bring(&world->site, adoption, brought, NULL, &wrong);
    accepted(reply != NULL);
    accepted(roster_tick(&world->site, &wrong));
    accepted(roster_tick(&world->site, &wrong)); /* where a second began in between */
    assert_null(officer_of(world, person));
}

static bool ends(struct world *world, enum person person, const char *word, const char *means, const char *of)
{
    json_t *fields = json_pack("{s:s, s:s, s:s, s:s, s:s}", "alert", world->alert, "outcome", word, "harm",
        "none", "means", means, "case", of);
    return act(world, alert_outcome, person, "outcome", with_slip(fields, slip));
}

static bool hands_over(struct world *world, enum person person)
{
    return act(world, alert_hand_over, person, "handover",
        json_pack("{s:s, s:s}", "alert", world->alert, "station", STATION_ID));
}

static enum person drawn(struct world *world)
{
    for (int person = 0; person < PEOPLE; person++) {
        if (is_drawn(world, (enum person)person))
            return (enum person)person;
    }
    fail_msg("nobody is drawn");
    return PEOPLE;
}

static void come_to_custody(struct world *world)
{
    be_present(world, CREW_TWO, "crew", UNIT);
    come_to_stop(world);
    accepted(verify(world, CNIC, "thumb", "yes"));
    accepted(ask_status(world, "live"));
}

/* As the station opens it, with the hash that it signs for. */
static json_t *open_handover(struct world *world, char hash[static HEX_HASH_SIZE])
{
    AUTO(json)
    json_t *reply = alert_handover_packet(&world->site, officer_of(world, STATION), world->alert, &wrong);
    AUTO(bytes) struct bytes sealed = {0};
    AUTO(bytes) struct bytes opened = {0};
    AUTO(text) char *context = text_format("handover:%s", world->alert);
    assert_true(base64_read(json_string_value(json_object_get(reply, "packet")), 4 << 20, &sealed, &wrong));
    assert_true(packet_open(world->station_secret, context, sealed.data, sealed.size, &opened, &wrong));
    snprintf(hash, HEX_HASH_SIZE, "%s", json_string_value(json_object_get(reply, "handover_hash")));
    return json_read((const char *)opened.data, opened.size, 4 << 20, &wrong);
}

/* Of the records by which anybody sees what stood, those that say so. */
static int count_standing(const json_t *packet, const char *text)
{
    int count = 0;
    size_t index;
    const json_t *record;
    json_array_foreach (json_object_get(packet, "standing"), index, record) {
        assert_true(json_array_size(json_object_get(record, "proof")) > 0);
        count += strstr(json_string_value(json_object_get(record, "leaf")), text) != NULL;
    }
    return count;
}

static void s10_a_stop_goes_on_when_the_tablet_it_began_with_is_suspended(void **state)
{
    struct world *world = *state;
    come_to_custody(world);
    suspend(world, CREW_ONE);
    suspend(world, DISPATCHER);
    suspend(world, REVIEWER_ONE);
    refused(ends(world, CREW_ONE, "custody", "cnic_verified", CASE), ERROR_UNSIGNED);
    accepted(ends(world, CREW_TWO, "custody", "cnic_verified", CASE));
    accepted(hands_over(world, CREW_TWO));
    assert_string_equal(state_of(world), "handed_over");
}

static void s10_s39_a_hand_over_says_which_of_its_signers_keys_were_suspended(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    come_to_custody(world);
    suspend(world, DISPATCHER); /* signed nothing in it */
    suspend(world, REVIEWER_ONE);
    accepted(ends(world, CREW_ONE, "custody", "cnic_verified", CASE));
    accepted(hands_over(world, CREW_ONE));
    AUTO(json) json_t *packet = open_handover(world, hash);
    assert_int_equal(count_standing(packet, "\"kind\":\"roster_adopted\""), 1);
    assert_int_equal(count_standing(packet, "\"kind\":\"key_suspended\""), 1);
    assert_int_equal(count_standing(packet, id_of(REVIEWER_ONE)), 1);
}

static void s39_a_custody_is_handed_over_with_each_roster_that_stood_since_it_was_raised(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    leave_the_force(world, REVIEWER_THREE); /* what stood before is of no interest */
    come_to_custody(world);
    accepted(ends(world, CREW_ONE, "custody", "cnic_verified", CASE));
    AUTO(json) json_t *raised = envelope_json(roster_envelope(world->site.roster));
    leave_the_force(world, REVIEWER_TWO);
    AUTO(json) json_t *between = envelope_json(roster_envelope(world->site.roster));
    leave_the_force(world, CREW_ONE);
    accepted(hands_over(world, CREW_TWO));
    AUTO(json) json_t *packet = open_handover(world, hash);
    const json_t *former = json_object_get(packet, "former_rosters");
    assert_int_equal(json_array_size(former), 2);
    assert_true(json_equal(json_object_get(json_array_get(former, 0), "roster"), raised));
    assert_true(json_equal(json_object_get(json_array_get(former, 1), "roster"), between));
    assert_int_equal(count_standing(packet, "\"kind\":\"roster_adopted\""), 3);
    accepted(act(world, alert_receive, STATION, "receipt",
        json_pack("{s:s, s:s}", "alert", world->alert, "handover_hash", hash)));
}

/* Here the roster stands for it: what is carried counts, whoever signed it. */
static void s11_s39_each_roster_of_a_hand_over_goes_with_the_oversight_body_s_signature(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    come_to_custody(world);
    accepted(ends(world, CREW_ONE, "custody", "cnic_verified", CASE));
    AUTO(json) json_t *raised = envelope_json(roster_envelope(world->site.roster));
    leave_the_force(world, REVIEWER_TWO);
    sql(world, "UPDATE roster_paper SET endorsement = roster");
    AUTO(json) json_t *now = envelope_json(roster_envelope(world->site.roster));
    AUTO(envelope) struct envelope *endorsement = envelope_read(now, &wrong);
    world->site.endorsement = endorsement;
    accepted(hands_over(world, CREW_ONE));
    world->site.endorsement = NULL;
    AUTO(json) json_t *packet = open_handover(world, hash);
    const json_t *former = json_array_get(json_object_get(packet, "former_rosters"), 0);
    assert_true(json_equal(json_object_get(former, "endorsement"), raised));
    assert_true(json_equal(json_object_get(packet, "endorsement"), now));
}

static void s10_who_is_suspended_after_an_answer_sends_nobody_and_another_is_asked_at_once(void **state)
{
    struct world *world = *state;
    be_present(world, REVIEWER_THREE, "reviewer", NULL);
    be_present(world, REVIEWER_BESIDE, "reviewer", NULL);
    raise_one(world);
    enum person first = drawn(world);
    accepted(review_as(world, first, "same"));
    suspend(world, first);
    accepted(alert_tick(&world->site, &wrong));
    accepted(review_as(world, drawn(world), "same"));
    assert_string_equal(state_of(world), "raised");
    accepted(review_as(world, drawn(world), "same"));
    assert_string_equal(state_of(world), "agreed");
    accepted(dispatch_by(world, DISPATCHER, UNIT));
}

static void s29_that_it_is_somebody_else_stays_said_when_who_said_it_is_suspended(void **state)
{
    struct world *world = *state;
    be_present(world, REVIEWER_THREE, "reviewer", NULL);
    raise_one(world);
    enum person first = drawn(world);
    accepted(review_as(world, first, "different"));
    suspend(world, first);
    accepted(alert_tick(&world->site, &wrong));
    accepted(review_as(world, drawn(world), "same"));
    assert_string_equal(outcome_of(world), "rejected");
}

static void s10_nobody_is_sent_on_the_answer_of_who_is_suspended(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    suspend(world, REVIEWER_ONE);
    refused(dispatch_by(world, DISPATCHER, UNIT), ERROR_CONFLICT);
}

/* As whoever has the lost tablet and the database would. */
static void put_in_place_of(struct world *world, enum person person, const char *type, json_t *fields)
{
    char hash[HEX_HASH_SIZE];
    AUTO(envelope) struct envelope *envelope = said_by(world, person, type, fields);
    AUTO(json) json_t *json = envelope_json(envelope);
    AUTO(text) char *text = json_canonical(json, &wrong);
    envelope_hash_hex(envelope, hash);
    AUTO(query)
    struct query *query = query_new(world->site.ledger->store,
        "UPDATE alert_statement SET envelope = :envelope, hash = :hash WHERE type = :type", &wrong);
    query_text(query, ":envelope", text);
    query_text(query, ":hash", hash);
    query_text(query, ":type", type);
    accepted(query_done(query, &wrong));
}

static void s10_what_is_signed_with_a_suspended_key_afterwards_was_not_signed_before(void **state)
{
    struct world *world = *state;
    be_present(world, CREW_TWO, "crew", UNIT);
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    accepted(crew_answers(world, "accepted"));
    suspend(world, CREW_ONE);
    put_in_place_of(
        world, CREW_ONE, "acceptance", json_pack("{s:s, s:s}", "alert", world->alert, "answer", "accepted"));
    refused(act(world, alert_arrive, CREW_TWO, "arrival", json_pack("{s:s}", "alert", world->alert)),
        ERROR_CORRUPT);
}

static void s10_a_roster_of_before_counts_only_as_the_log_says_it_was_adopted(void **state)
{
    struct world *world = *state;
    come_to_custody(world);
    AUTO(json) json_t *fields = json_deep_copy(roster_envelope(world->site.roster)->fields);
    leave_the_force(world, CREW_ONE);
    json_object_set_new(fields, "at", json_integer(clock_now_s() - 3600)); /* signed, never adopted */
    AUTO(envelope) struct envelope *beside = envelope_sign(fields, world->root_secret, &wrong);
    AUTO(json) json_t *json = envelope_json(beside);
    AUTO(text) char *text = json_canonical(json, &wrong);
    AUTO(query)
    struct query *query = query_new(
        world->site.ledger->store, "UPDATE roster_paper SET roster = :roster WHERE number = 1", &wrong);
    query_text(query, ":roster", text);
    accepted(query_done(query, &wrong));
    refused(ends(world, CREW_TWO, "custody", "cnic_verified", CASE), ERROR_CORRUPT);
}

static bool amend_as(struct world *world, enum person person)
{
    return act(world, alert_amend, person, "amendment",
        json_pack("{s:s, s:s, s:s}", "alert", world->alert, "from", "identity_not_established", "outcome",
            "wrong_person"));
}

static void s38_s43_who_amended_an_outcome_or_asked_at_a_station_may_leave(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    accepted(outcome(world, "identity_not_established", "none", "", slip));
    accepted(act(world, ask_at_counter, STATION, "redress_request",
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "request", "q-0000000000000001", "kind", "access", "slip",
            slip, "cnic", "42101-7654321-9", "words", "they held me an hour", "contact", "0300-1234567")));
    accepted(amend_as(world, AUTHORISER_ONE));
    accepted(amend_as(world, AUTHORISER_TWO));
    leave_the_force(world, AUTHORISER_ONE);
    suspend(world, STATION);
    AUTO(json)
    json_t *shown =
        redress_show(&world->site, officer_of(world, STATION_BESIDE), "q-0000000000000001", &wrong);
    accepted(shown != NULL);
    const char *holds = json_string_value(json_object_get(json_object_get(shown, "answer"), "outcome"));
    assert_string_equal(holds, "wrong_person");
}

/* The slip says: any police station. */
static void s43_a_complaint_whose_station_has_nobody_left_is_answered_and_told_at_another(void **state)
{
    struct world *world = *state;
    char request[24];
    come_to_stop(world);
    accepted(ends(world, CREW_ONE, "identity_not_established", "none", ""));
    random_id("q", request);
    accepted(act(world, ask_at_counter, STATION, "redress_request",
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "request", request, "kind", "complaint", "slip", slip,
            "cnic", CNIC, "words", "they held me an hour", "contact", "")));
    assert_null(redress_show(&world->site, officer_of(world, STATION_BESIDE), request, &wrong));
    leave_the_force(world, STATION);
    AUTO(json) json_t *list = redress_list(&world->site, officer_of(world, STATION_BESIDE), &wrong);
    assert_int_equal(json_array_size(json_object_get(list, "requests")), 1);
    accepted(act(world, redress_answer, STATION_BESIDE, "redress_answer",
        json_pack("{s:s, s:s, s:s}", "request", request, "answer", "given", "reason", "none")));
    AUTO(json)
    json_t *shown = redress_show(&world->site, officer_of(world, STATION_BESIDE), request, &wrong);
    assert_non_null(json_object_get(shown, "answer"));
    accepted(act(world, redress_find, INSPECTOR, "redress_finding",
        json_pack("{s:s, s:s}", "request", request, "finding", "upheld")));
    accepted(
        act(world, redress_tell, STATION_BESIDE, "redress_told", json_pack("{s:s}", "request", request)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s10_a_stop_goes_on_when_the_tablet_it_began_with_is_suspended),
        TEST(s10_s39_a_hand_over_says_which_of_its_signers_keys_were_suspended),
        TEST(s39_a_custody_is_handed_over_with_each_roster_that_stood_since_it_was_raised),
        TEST(s11_s39_each_roster_of_a_hand_over_goes_with_the_oversight_body_s_signature),
        TEST(s10_who_is_suspended_after_an_answer_sends_nobody_and_another_is_asked_at_once),
        TEST(s29_that_it_is_somebody_else_stays_said_when_who_said_it_is_suspended),
        TEST(s10_nobody_is_sent_on_the_answer_of_who_is_suspended),
        TEST(s10_what_is_signed_with_a_suspended_key_afterwards_was_not_signed_before),
        TEST(s10_a_roster_of_before_counts_only_as_the_log_says_it_was_adopted),
        TEST(s38_s43_who_amended_an_outcome_or_asked_at_a_station_may_leave),
        TEST(s43_a_complaint_whose_station_has_nobody_left_is_answered_and_told_at_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
