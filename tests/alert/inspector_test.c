#include "world.h"

#include "alert/inspector.h"
#include "alert/oversight.h"
#include "alert/redress.h"
#include "alert/timer.h"

static json_t *opening(struct world *world, enum person person, const char *copy, const char *reason)
{
    AUTO(envelope)
    struct envelope *envelope =
        said_by(world, person, "copy_opening", json_pack("{s:s, s:s}", "copy", copy, "reason", reason));
    wrong = (struct error){0};
    return inspector_open(&world->site, envelope, &wrong);
}

static size_t records(struct world *world, const char *kind)
{
    size_t count = 0;
    AUTO(bytes) struct bytes log = {0};
    AUTO(text) char *needle = text_format("\"kind\":\"%s\"", kind);
    assert_true(ledger_export(world->site.ledger, &log, &wrong));
    for (const char *at = (const char *)log.data; (at = strstr(at, needle)); at++)
        count++;
    return count;
}

/* The word for why it may be inspected; "" when it is not in the list. */
static const char *why_listed(struct world *world, const char *copy)
{
    static char why[24];
    AUTO(json) json_t *reply = inspector_copies(&world->site, officer_of(world, INSPECTOR), &wrong);
    const json_t *copies = json_object_get(reply, "copies");
    size_t index;
    const json_t *one;
    why[0] = 0;
    json_array_foreach (copies, index, one) {
        if (strcmp(json_string_value(json_object_get(one, "copy")), copy) == 0)
            snprintf(why, sizeof why, "%s", json_string_value(json_object_get(one, "of")));
    }
    return why;
}

static void come_to_wrong_stop(struct world *world)
{
    come_to_stop(world);
    assert_true(verify(world, "42101-7654321-9", "thumb", "yes"));
    accepted(outcome(world, "wrong_person", "cnic_verified", "", slip));
}

static json_t *open_copy(const uint8_t secret[static 32], const json_t *reply)
{
    AUTO(bytes) struct bytes sealed = {0};
    AUTO(bytes) struct bytes opened = {0};
    const char *base64 = json_string_value(json_object_get(reply, "sealed"));
    const char *context = json_string_value(json_object_get(reply, "context"));
    assert_true(base64_read(base64, 4 << 20, &sealed, &wrong));
    if (!packet_open(secret, context, sealed.data, sealed.size, &opened, NULL))
        return NULL;
    return json_read((const char *)opened.data, opened.size, 4 << 20, &wrong);
}

static void s45_every_look_of_the_inspector_is_a_record_with_person_and_reason(void **state)
{
    struct world *world = *state;
    static const char *const reasons[] = {"routine", "wrong_stop", "court", "routine"};
    come_to_wrong_stop(world);
    size_t reads = 0;
    for (size_t i = 0; i < COUNT_OF(reasons); i++) {
        AUTO(json) json_t *of_alert = opening(world, INSPECTOR, world->alert, reasons[i]);
        AUTO(json) json_t *of_entry = opening(world, INSPECTOR, ENTRY, reasons[i]);
        AUTO(json) json_t *of_nothing = opening(world, INSPECTOR, "a-0000000000000000", reasons[i]);
        AUTO(json) json_t *of_another = opening(world, AUTHORISER_ONE, world->alert, reasons[i]);
        assert_non_null(of_alert);
        assert_non_null(of_entry);
        assert_null(of_nothing);
        assert_null(of_another);
        assert_int_equal(wrong.code, ERROR_FORBIDDEN);
        reads += 2;
        assert_int_equal(records(world, "copy_opened"), reads);
    }
    AUTO(bytes) struct bytes log = {0};
    AUTO(text)
    char *look = text_format("\"by\":\"%s\",\"commitment\":\"\",\"copy\":\"%s\",\"kind\":\"copy_opened\"",
        id_of(INSPECTOR), world->alert);
    assert_true(ledger_export(world->site.ledger, &log, &wrong));
    assert_non_null(memmem(log.data, log.size, look, strlen(look)));
    assert_non_null(memmem(log.data, log.size, "\"reason\":\"court\"", 16));
}

static void s42_the_copy_opens_with_oversights_key_and_with_none_of_the_desks(void **state)
{
    struct world *world = *state;
    come_to_wrong_stop(world);
    AUTO(json) json_t *reply = opening(world, INSPECTOR, world->alert, "wrong_stop");
    AUTO(json) json_t *copy = open_copy(world->oversight_secret, reply);
    assert_non_null(copy);
    assert_string_equal(json_string_value(json_object_get(copy, "outcome")), "wrong_person");
    AUTO(text) char *text = json_canonical(copy, &wrong);
    assert_non_null(strstr(text, "4210176543219"));
    const uint8_t *const keys[] = {world->site_key, world->site.ledger->log_key,
        world->site.ledger->log_key + 32, world->unit_secret, world->station_secret,
        keyring_site_key(world->site.ledger->keyring, "lookup/slip", &wrong)};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        assert_null(open_copy(keys[i], reply));
}

static void s45_the_inspector_opens_wrong_stops_and_entries_not_whom_they_like(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    assert_true(verify(world, CNIC, "thumb", "yes"));
    assert_true(ask_status(world, "live"));
    accepted(outcome(world, "custody", "cnic_verified", CASE, slip));
    assert_string_equal(why_listed(world, world->alert), "");
    assert_null(opening(world, INSPECTOR, world->alert, "routine"));
    assert_int_equal(wrong.code, ERROR_FORBIDDEN);
    assert_string_equal(why_listed(world, ENTRY), "entry");
    sql(world, "UPDATE alert SET outcome = 'not_found'"); /* an edit hides nothing */
    assert_string_equal(why_listed(world, world->alert), "unverified");
    assert_null(inspector_copies(&world->site, officer_of(world, ADMIN), &wrong));
    assert_int_equal(wrong.code, ERROR_FORBIDDEN);
}

static void s45_grave_harm_and_amended_outcomes_are_the_inspectors_too(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    accepted(act(world, alert_outcome, CREW_ONE, "outcome",
        with_slip(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "alert", world->alert, "outcome",
                      "identity_not_established", "harm", "firearm", "means", "none", "case", "", "force",
                      "self_defence"),
            slip)));
    assert_string_equal(why_listed(world, world->alert), "harm");
    neighbours.operation_state = "running";
    come_to_stop(world);
    accepted(outcome(world, "identity_not_established", "none", "", slip));
    assert_string_equal(why_listed(world, world->alert), "");
    for (int i = 0; i < 2; i++)
        accepted(act(world, alert_amend, i ? AUTHORISER_TWO : AUTHORISER_ONE, "amendment",
            json_pack("{s:s, s:s, s:s}", "alert", world->alert, "from", "identity_not_established", "outcome",
                "wrong_person")));
    assert_string_equal(why_listed(world, world->alert), "wrong_stop");
}

static void reject_one(struct world *world)
{
    raise_one(world);
    for (int person = 0; person < PEOPLE; person++) {
        if (is_drawn(world, (enum person)person))
            accepted(review_as(world, (enum person)person, "different"));
    }
    assert_string_equal(outcome_of(world), "rejected");
}

static void s45_one_in_twenty_rejected_alerts_leaves_a_copy(void **state)
{
    struct world *world = *state;
    struct alert alert = {.dispatched_us = 0};
    int drawn = 0;
    enum { DRAWS = 20000 };
    for (int i = 0; i < DRAWS; i++)
        drawn += oversight_wants(&alert, "rejected");
    assert_in_range(drawn, DRAWS / 20 - 200, DRAWS / 20 + 200); /* 6 standard deviations and more */
    assert_false(oversight_wants(&alert, "lapsed"));
    /* One that is drawn is kept and shown; the others leave nothing. */
    bool kept = false;
    for (int i = 0; i < 400 && !kept; i++) {
        reject_one(world);
        kept = number(world, "SELECT COUNT(*) FROM alert_oversight") > 0;
        assert_string_equal(why_listed(world, world->alert), kept ? "rejected" : "");
        if (!kept)
            sql(world, "DELETE FROM alert; DELETE FROM alert_statement; DELETE FROM alert_mute;"
                       "DELETE FROM alert_camera_halt");
        neighbours.operation_state = "running";
    }
    assert_true(kept);
    AUTO(json) json_t *reply = opening(world, INSPECTOR, world->alert, "routine");
    AUTO(json) json_t *copy = open_copy(world->oversight_secret, reply);
    assert_true(json_is_string(json_object_get(copy, "probe")));
    assert_true(alert_tick_at(&world->site, clock_now_us() + 32 * 86400000000LL, &wrong));
    assert_null(opening(world, INSPECTOR, world->alert, "routine"));
    assert_int_equal(wrong.code, ERROR_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s45_every_look_of_the_inspector_is_a_record_with_person_and_reason),
        TEST(s42_the_copy_opens_with_oversights_key_and_with_none_of_the_desks),
        TEST(s45_the_inspector_opens_wrong_stops_and_entries_not_whom_they_like),
        TEST(s45_grave_harm_and_amended_outcomes_are_the_inspectors_too),
        TEST(s45_one_in_twenty_rejected_alerts_leaves_a_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
