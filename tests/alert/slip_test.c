#include "world.h"

#include "alert/redress.h"
#include "base/file.h"

#include <dirent.h>

#define INNOCENT "42101-7654321-9"

/* Any of the site's files: database, write-ahead log, keyring, log. */
static bool disk_holds(struct world *world, const char *text)
{
    DIR *folder = opendir(world->folder);
    bool found = false;
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        AUTO(text) char *name = text_format("%s/%s", world->folder, entry->d_name);
        AUTO(bytes) struct bytes content = {0};
        if (entry->d_name[0] != '.' && file_read(name, 64 << 20, &content, NULL))
            found = found || memmem(content.data, content.size, text, strlen(text)) != NULL;
    }
    closedir(folder);
    return found;
}

static bool ask(struct world *world, const char *code, const char *cnic)
{
    return act(world, ask_at_counter, STATION, "redress_request",
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "request", "q-0000000000000001", "kind", "access", "slip",
            code, "cnic", cnic, "words", "", "contact", ""));
}

static void s49_after_a_whole_stop_no_file_holds_the_slip_s_code(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    assert_true(verify(world, INNOCENT, "thumb", "yes"));
    AUTO(json)
    json_t *shown = alert_show(&world->site, officer_of(world, CREW_ONE), world->alert, &wrong);
    assert_string_equal(json_string_value(json_object_get(shown, "slip")), slip);
    assert_false(disk_holds(world, slip_proof));
    accepted(outcome(world, "wrong_person", "cnic_verified", "", slip));
    accepted(ask(world, slip, INNOCENT));
    assert_true(disk_holds(world, slip_proof)); /* where the code would stand */
    assert_false(disk_holds(world, slip));
    world_stop(world);
    assert_true(disk_holds(world, slip_proof));
    assert_false(disk_holds(world, slip));
    world_start(world);
    AUTO(text) char *clear = text_format("CREATE TABLE clear AS SELECT '%s' AS code", slip);
    sql(world, clear);
    assert_true(disk_holds(world, slip));
}

static void s49_an_outcome_that_tells_the_slip_s_code_is_refused(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    refused(act(world, alert_outcome, CREW_ONE, "outcome",
                json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "alert", world->alert, "outcome",
                    "identity_not_established", "harm", "none", "means", "none", "case", "", "slip", slip,
                    "slip_proof", slip_proof)),
        ERROR_INVALID);
    assert_non_null(strstr(wrong.text, "slip_proof"));
    assert_false(disk_holds(world, slip));
}

static void s35_a_stop_said_again_gives_the_same_slip_until_it_is_over(void **state)
{
    struct world *world = *state;
    come_to_scene(world);
    AUTO(envelope)
    struct envelope *said = said_by(world, CREW_ONE, "stop", json_pack("{s:s}", "alert", world->alert));
    AUTO(json) json_t *given = alert_stop(&world->site, said, &wrong);
    AUTO(json) json_t *again = alert_stop(&world->site, said, &wrong);
    assert_non_null(json_object_get(given, "slip"));
    assert_true(json_equal(given, again));
    snprintf(slip, sizeof slip, "%s", json_string_value(json_object_get(given, "slip")));
    snprintf(slip_proof, sizeof slip_proof, "%s", json_string_value(json_object_get(given, "slip_proof")));
    accepted(outcome(world, "identity_not_established", "none", "", slip));
    AUTO(json) json_t *late = alert_stop(&world->site, said, &wrong);
    assert_string_equal(json_string_value(json_object_get(late, "alert")), world->alert);
    assert_null(json_object_get(late, "slip"));
}

/* As an older desk kept them. */
static void s49_what_was_kept_of_stops_before_loses_the_code_at_the_next_start(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    AUTO(text)
    char *before = text_format("UPDATE alert_statement SET reply = json_set(reply, '$.slip', '%s')"
                               " WHERE type = 'stop';"
                               "DELETE FROM migration WHERE name = '0016-no-codes'",
        slip);
    sql(world, before);
    assert_true(disk_holds(world, slip));
    world_stop(world);
    world_start(world);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_statement WHERE reply LIKE '%slip%'"), 0);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_statement WHERE type = 'stop'"), 1);
    world_stop(world);
    assert_false(disk_holds(world, slip));
    world_start(world);
}

/* Whoever has the disk and knows the number would else try the eight letters on it. */
static void s49_what_is_kept_of_a_question_is_no_plain_hash_of_it(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    come_to_stop(world);
    accepted(outcome(world, "identity_not_established", "none", "", slip));
    AUTO(envelope)
    struct envelope *question = said_by(world, STATION, "redress_request",
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "request", "q-0000000000000001", "kind", "access", "slip",
            slip, "cnic", INNOCENT, "words", "", "contact", ""));
    AUTO(json) json_t *reply = ask_at_counter(&world->site, question, &wrong);
    assert_non_null(reply);
    assert_null(ask_at_counter(&world->site, question, &wrong));
    envelope_hash_hex(question, hash);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM redress_statement"), 1);
    assert_false(disk_holds(world, hash));
}

/* The slip and its number are asked about in the stop that is on. */
static bool earlier_slip(struct world *world, const char *code, const char *cnic, const char *expected)
{
    struct slip_question question;
    const struct officer *crew = officer_of(world, CREW_ONE);
    wrong = (struct error){0};
    AUTO(json) json_t *body = json_pack("{s:s, s:s}", "slip", code, "cnic", cnic);
    AUTO(json)
    json_t *reply =
        alert_earlier_slip_begin(&world->site, crew, world->alert, body, &question, &wrong)
            ? alert_earlier_slip(&world->site, crew, world->alert, body, slow_key(&question), &wrong)
            : NULL;
    const char *word = json_string_value(json_object_get(reply, "answer"));
    return word && strcmp(word, expected) == 0;
}

/* Somebody was stopped for ENTRY, was another person by the register, and left with this slip. */
static void come_to_wrong_stop(struct world *world, char before[static 16])
{
    come_to_stop(world);
    assert_true(verify(world, INNOCENT, "thumb", "yes"));
    accepted(outcome(world, "wrong_person", "cnic_verified", "", slip));
    snprintf(before, 16, "%s", slip);
}

static json_t *shown_to_crew(struct world *world)
{
    json_t *shown = alert_show(&world->site, officer_of(world, CREW_ONE), world->alert, &wrong);
    assert_non_null(shown);
    return shown;
}

static void s35_the_code_of_an_earlier_slip_ends_a_second_stop(void **state)
{
    static const char *const others[] = {
        "identity_not_established", "right_person_not_wanted", "right_person_no_action", "custody"};
    struct world *world = *state;
    char before[16];
    come_to_wrong_stop(world, before);
    come_to_stop(world);
    AUTO(json) json_t *not_yet = shown_to_crew(world);
    assert_null(json_object_get(not_yet, "earlier_slip"));
    assert_true(earlier_slip(world, before, INNOCENT, "not_the_person"));
    AUTO(json) json_t *shown = shown_to_crew(world);
    assert_string_equal(json_string_value(json_object_get(shown, "earlier_slip")), "not_the_person");
    assert_true(is_recorded(world, "earlier_slip_shown"));
    assert_true(ask_status(world, "live"));
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        const char *means = i == 0 ? "none" : "document_and_officer";
        refused(outcome(world, others[i], means, CASE, slip), ERROR_CONFLICT);
        assert_non_null(strstr(wrong.text, "earlier slip"));
    }
    accepted(outcome(world, "wrong_person", "none", "", slip));
    assert_string_equal(outcome_of(world), "wrong_person");
    assert_int_equal(neighbours.suspensions, 2);
}

static void s35_a_slip_ends_no_stop_without_its_number_its_entry_and_its_end(void **state)
{
    struct world *world = *state;
    char before[16], open[16];
    come_to_wrong_stop(world, before);
    come_to_stop(world);
    accepted(outcome(world, "identity_not_established", "none", "", slip));
    snprintf(open, sizeof open, "%s", slip);
    struct sighting other = sighting_of(world, OTHER_ENTRY);
    come_to_stop(world);
    assert_true(earlier_slip(world, before, "42101-1111111-1", "unknown"));
    assert_true(earlier_slip(world, "00000000", INNOCENT, "unknown"));
    assert_true(earlier_slip(world, open, INNOCENT, "unknown")); /* nobody said that it was another person */
    assert_true(earlier_slip(world, slip, INNOCENT, "unknown")); /* of this stop itself */
    assert_false(earlier_slip(world, before, "42101", "unknown"));
    assert_int_equal(wrong.code, ERROR_INVALID);
    accepted(outcome(world, "identity_not_established", "none", "", slip));
    raise_again(world, &other);
    AUTO(query)
    struct query *query = query_new(world->site.ledger->store,
        "SELECT alert FROM alert ORDER BY raised_us DESC, rowid DESC LIMIT 1", &wrong);
    assert_true(query_next(query));
    snprintf(world->alert, sizeof world->alert, "%s", query_get_text(query, 0));
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    accepted(crew_answers(world, "accepted"));
    accepted(arrive(world));
    accepted(stop_person(world));
    assert_true(earlier_slip(world, before, INNOCENT, "unknown")); /* whom another entry resembles as well */
}

static void s35_s37_what_the_register_says_of_who_stands_there_goes_before_an_earlier_slip(void **state)
{
    struct world *world = *state;
    char before[16];
    come_to_wrong_stop(world, before);
    come_to_stop(world);
    assert_true(earlier_slip(world, before, INNOCENT, "not_the_person"));
    assert_true(verify(world, CNIC, "thumb", "yes"));
    assert_true(ask_status(world, "live"));
    refused(outcome(world, "wrong_person", "cnic_verified", "", slip), ERROR_CONFLICT);
    accepted(outcome(world, "custody", "cnic_verified", CASE, slip));
}

static void s35_codes_of_slips_are_not_tried_without_end(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    for (int i = 0; i < 10; i++)
        assert_true(earlier_slip(world, "00000000", INNOCENT, "unknown"));
    assert_false(earlier_slip(world, "00000000", INNOCENT, "unknown"));
    assert_int_equal(wrong.code, ERROR_CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s49_after_a_whole_stop_no_file_holds_the_slip_s_code),
        TEST(s49_an_outcome_that_tells_the_slip_s_code_is_refused),
        TEST(s35_a_stop_said_again_gives_the_same_slip_until_it_is_over),
        TEST(s49_what_was_kept_of_stops_before_loses_the_code_at_the_next_start),
        TEST(s49_what_is_kept_of_a_question_is_no_plain_hash_of_it),
        TEST(s35_the_code_of_an_earlier_slip_ends_a_second_stop),
        TEST(s35_a_slip_ends_no_stop_without_its_number_its_entry_and_its_end),
        TEST(s35_s37_what_the_register_says_of_who_stands_there_goes_before_an_earlier_slip),
        TEST(s35_codes_of_slips_are_not_tried_without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
