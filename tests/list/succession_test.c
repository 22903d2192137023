#include "list/former_roster.h"
#include "list/succession.h"
#include "sign/limits.h"
#include "site_test.h"

#include "base/text.h"

static uint8_t oversight_secret[SECRET_KEY_SIZE], oversight_public[PUBLIC_KEY_SIZE];

/* A new key in a new roster; the old one stays in `old_secret`. */
static json_t *rekey(struct fixture *f, enum person person, uint8_t old_secret[static SECRET_KEY_SIZE])
{
    json_t *fields = next_roster_fields(f);
    char hex[HEX_HASH_SIZE];
    memcpy(old_secret, f->secret_keys[person], SECRET_KEY_SIZE);
    sign_key_new(f->public_keys[person], f->secret_keys[person]);
    hex_write(f->public_keys[person], PUBLIC_KEY_SIZE, hex);
    json_object_set_new(roster_line(f, fields, person), "key", json_string(hex));
    return fields;
}

static json_t *bring_as(struct fixture *f, enum person person, const struct envelope *roster,
    const struct envelope *endorsement, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(roster, hash);
    AUTO(envelope)
    struct envelope *adoption = signed_by(f, person, "roster_adoption",
        json_pack("{s:O, s:s}", "number", json_object_get(roster->fields, "number"), "roster_hash", hash));
    AUTO(json) json_t *json = envelope_json(roster);
    AUTO(json) json_t *endorsed = endorsement ? envelope_json(endorsement) : NULL;
    *err = (struct error){0};
    return roster_bring(&f->site, adoption, json, endorsed, err);
}

/* Takes `fields`. */
static struct envelope *rooted(struct fixture *f, json_t *fields)
{
    return signed_with("root", f->root_secret, "roster", fields);
}

static struct envelope *endorsed(const struct envelope *roster)
{
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(roster, hash);
    return signed_with("oversight", oversight_secret, "roster_endorsement",
        json_pack("{s:O, s:s}", "number", json_object_get(roster->fields, "number"), "roster_hash", hash));
}

static void tick(struct fixture *f)
{
    struct error err = {0};
    if (!roster_tick(&f->site, &err))
        fail_msg("%s", err.text);
}

static void start(struct fixture *f)
{
    struct error err = {0};
    if (!roster_adopt(&f->site, &err))
        fail_msg("%s", err.text);
}

static void number_everybody(json_t *fields)
{
    size_t index;
    json_t *line;
    json_array_foreach (json_object_get(fields, "officers"), index, line) {
        AUTO(text) char *number = text_format("KHI-%zu", 48201 + index);
        json_object_set_new(line, "service_number", json_string(number));
    }
}

/* The site as a live one: its roster is of that kind, and the oversight body's key is pinned. */
static void make_live(struct fixture *f)
{
    struct error err = {0};
    sign_key_new(oversight_public, oversight_secret);
    json_t *fields = json_deep_copy(roster_envelope(f->site.roster)->fields);
    json_object_set_new(fields, "kind", json_string("live"));
    number_everybody(fields);
    AUTO(envelope) struct envelope *envelope = rooted(f, fields);
    roster_free(f->site.roster);
    f->site.roster = roster_read(envelope, f->site.root_key, f->site.name, &err);
    assert_non_null(f->site.roster);
    f->site.kind = SITE_LIVE;
    f->site.endorsement_key = oversight_public;
    f->site.endorsement = endorsed(envelope);
    clock_pass(LIMIT_ROSTER_WAIT_S);
    start(f);
}

static bool may_sign(struct fixture *f, enum person person)
{
    AUTO(envelope)
    struct envelope *halt = signed_by(
        f, person, "halt", json_pack("{s:s, s:s}", "operation", "op-0000000000000001", "reason", "safety"));
    return roster_check_any(f->site.roster, halt, NULL) != NULL;
}

static void an_officer_is_given_a_new_key_by_the_root_key_and_the_administrator(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    uint8_t old_secret[SECRET_KEY_SIZE];
    start(f);
    AUTO(envelope) struct envelope *roster = rooted(f, rekey(f, REVIEWER_ONE, old_secret));
    expect_field(bring_as(f, ADMIN, roster, NULL, &err), &err, "state", "waiting");
    assert_false(may_sign(f, REVIEWER_ONE));
    tick(f);
    assert_int_equal(roster_number(f->site.roster), 2);
    assert_true(may_sign(f, REVIEWER_ONE));
    memcpy(f->secret_keys[REVIEWER_ONE], old_secret, SECRET_KEY_SIZE);
    assert_false(may_sign(f, REVIEWER_ONE));
    assert_int_equal(count_records(f, "roster_brought"), 1);
    assert_int_equal(count_records(f, "roster_adopted"), 2);
}

static void s11_a_roster_with_one_signature_is_refused(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    start(f);
    AUTO(envelope) struct envelope *roster = rooted(f, next_roster_fields(f));
    expect_refusal(bring_as(f, WATCH_ONE, roster, NULL, &err), &err, ERROR_FORBIDDEN, "role");
    AUTO(envelope)
    struct envelope *not_rooted = signed_with("root", f->secret_keys[ADMIN], "roster", next_roster_fields(f));
    expect_refusal(bring_as(f, ADMIN, not_rooted, NULL, &err), &err, ERROR_UNSIGNED, "root key");
    tick(f);
    assert_int_equal(roster_number(f->site.roster), 1);
}

static void s11_on_a_live_site_the_oversight_body_signs_and_a_day_passes(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    make_live(f);
    AUTO(envelope) struct envelope *roster = rooted(f, next_roster_fields(f));
    AUTO(envelope) struct envelope *endorsement = endorsed(roster);
    expect_refusal(bring_as(f, ADMIN, roster, NULL, &err), &err, ERROR_UNSIGNED, "oversight");
    expect_refusal(bring_as(f, ADMIN, roster, f->site.endorsement, &err), &err, ERROR_UNSIGNED, "another");
    expect_field(bring_as(f, ADMIN, roster, endorsement, &err), &err, "state", "waiting");
    clock_pass(LIMIT_ROSTER_WAIT_S - 1);
    tick(f);
    assert_int_equal(roster_number(f->site.roster), 1);
    clock_pass(1);
    tick(f);
    assert_int_equal(roster_number(f->site.roster), 2);
    envelope_free(f->site.endorsement);
}

static void s11_a_roster_follows_the_one_in_force(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    start(f);
    json_t *fields = next_roster_fields(f);
    json_object_set_new(fields, "number", json_integer(1));
    AUTO(envelope) struct envelope *same_number = rooted(f, fields);
    expect_refusal(bring_as(f, ADMIN, same_number, NULL, &err), &err, ERROR_CONFLICT, "does not follow");
    fields = next_roster_fields(f);
    json_object_set(fields, "previous", json_object_get(same_number->fields, "oversight_key"));
    AUTO(envelope) struct envelope *of_another = rooted(f, fields);
    expect_refusal(bring_as(f, ADMIN, of_another, NULL, &err), &err, ERROR_CONFLICT, "does not follow");
}

static void the_newest_roster_is_in_force_after_a_restart(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    start(f);
    AUTO(json) json_t *file = envelope_json(roster_envelope(f->site.roster));
    AUTO(envelope) struct envelope *roster = rooted(f, next_roster_fields(f));
    expect_field(bring_as(f, ADMIN, roster, NULL, &err), &err, "state", "waiting");
    tick(f);
    fixture_restart(f);
    AUTO(envelope) struct envelope *old = envelope_read(file, &err);
    roster_free(f->site.roster);
    f->site.roster = roster_read(old, f->site.root_key, f->site.name, &err);
    start(f);
    assert_int_equal(roster_number(f->site.roster), 2);
    assert_int_equal(count_records(f, "roster_adopted"), 2);
}

static void s50_a_roster_edited_in_sql_is_not_adopted(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    start(f);
    AUTO(envelope) struct envelope *roster = rooted(f, next_roster_fields(f));
    expect_field(bring_as(f, ADMIN, roster, NULL, &err), &err, "state", "waiting");
    run_sql(f, "UPDATE roster_paper SET roster = replace(roster, 'reviewer', 'authoriser')");
    tick(f);
    assert_int_equal(roster_number(f->site.roster), 1);
}

static void put_in_sql(struct fixture *f, const struct envelope *roster)
{
    struct error err = {0};
    AUTO(json) json_t *json = envelope_json(roster);
    AUTO(text) char *text = json_canonical(json, &err);
    AUTO(query)
    struct query *query = query_new(
        f->site.ledger->store, "INSERT INTO roster_paper (number, roster) VALUES (:number, :roster)", &err);
    query_integer(query, ":number", json_integer_value(json_object_get(roster->fields, "number")));
    query_text(query, ":roster", text);
    assert_true(query_done(query, &err));
}

static void s11_a_roster_that_nobody_brought_is_not_adopted(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    start(f);
    AUTO(json) json_t *file = envelope_json(roster_envelope(f->site.roster));
    AUTO(envelope) struct envelope *roster = rooted(f, next_roster_fields(f));
    put_in_sql(f, roster);
    tick(f);
    assert_int_equal(roster_number(f->site.roster), 1);
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(roster, hash);
    run_sql(f, "INSERT INTO roster (number, hash, adopted_at) VALUES (2, '%s', 0)", hash);
    fixture_restart(f);
    AUTO(envelope) struct envelope *old = envelope_read(file, &err);
    roster_free(f->site.roster);
    f->site.roster = roster_read(old, f->site.root_key, f->site.name, &err);
    assert_false(roster_adopt(&f->site, &err));
    assert_int_equal(err.code, ERROR_CORRUPT);
}

/* Signed, brought and in force. */
static void succeed(struct fixture *f, json_t *fields)
{
    struct error err = {0};
    int64_t number = roster_number(f->site.roster);
    AUTO(envelope) struct envelope *roster = rooted(f, fields);
    expect_field(bring_as(f, ADMIN, roster, NULL, &err), &err, "state", "waiting");
    tick(f);
    assert_int_equal(roster_number(f->site.roster), number + 1);
}

static json_t *numbered(struct fixture *f, json_t *fields, enum person person, const char *number)
{
    json_object_set_new(roster_line(f, fields, person), "service_number", json_string(number));
    return fields;
}

/* The person's line under a code that no roster had, with a key that none had. */
static json_t *under_another_code(json_t *line)
{
    uint8_t secret[SECRET_KEY_SIZE], key[PUBLIC_KEY_SIZE];
    char hex[HEX_HASH_SIZE];
    sign_key_new(key, secret);
    hex_write(key, PUBLIC_KEY_SIZE, hex);
    json_object_set_new(line, "officer", json_string("o-00000000000000zz"));
    json_object_set_new(line, "key", json_string(hex));
    return line;
}

/* Suspended, out of the roster, and back under another code: as two officers one person would propose and
 * approve. */
static void s12_who_was_an_officer_before_does_not_come_back_as_another(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    start(f);
    succeed(f, numbered(f, next_roster_fields(f), WATCH_ONE, "KHI-48213"));
    AUTO(json) json_t *in_force = next_roster_fields(f);
    AUTO(json) json_t *line = json_deep_copy(roster_line(f, in_force, WATCH_ONE));
    succeed(f, without_line(f, next_roster_fields(f), WATCH_ONE));
    json_object_set_new(line, "service_number", json_string("khi-48213"));
    json_t *again = next_roster_fields(f);
    json_array_append(json_object_get(again, "officers"), under_another_code(line));
    AUTO(envelope) struct envelope *roster = rooted(f, again);
    expect_refusal(bring_as(f, ADMIN, roster, NULL, &err), &err, ERROR_CONFLICT, "one person is one officer");
    assert_non_null(strstr(err.text, f->officers[WATCH_ONE]));
    tick(f);
    assert_int_equal(roster_number(f->site.roster), 3);
    json_object_set_new(line, "officer", json_string(f->officers[WATCH_ONE]));
    json_t *same_code = next_roster_fields(f);
    json_array_append(json_object_get(same_code, "officers"), line);
    succeed(f, same_code);
}

static void s12_on_a_live_site_everybody_of_the_force_has_a_service_number(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    make_live(f);
    json_t *fields = next_roster_fields(f);
    json_object_del(roster_line(f, fields, AUDITOR), "service_number");
    AUTO(envelope) struct envelope *of_a_court = rooted(f, json_deep_copy(fields));
    AUTO(envelope) struct envelope *good = endorsed(of_a_court);
    json_object_del(roster_line(f, fields, WATCH_ONE), "service_number");
    AUTO(envelope) struct envelope *of_the_force = rooted(f, fields);
    AUTO(envelope) struct envelope *endorsement = endorsed(of_the_force);
    expect_refusal(
        bring_as(f, ADMIN, of_the_force, endorsement, &err), &err, ERROR_INVALID, f->officers[WATCH_ONE]);
    expect_field(bring_as(f, ADMIN, of_a_court, good, &err), &err, "state", "waiting");
    envelope_free(f->site.endorsement);
}

static void s50_a_former_roster_taken_out_of_the_database_is_missed(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    start(f);
    succeed(f, numbered(f, next_roster_fields(f), WATCH_ONE, "KHI-48213"));
    succeed(f, without_line(f, next_roster_fields(f), WATCH_ONE));
    run_sql(f, "DELETE FROM roster_paper WHERE number = 2");
    AUTO(envelope) struct envelope *roster = rooted(f, next_roster_fields(f));
    expect_refusal(bring_as(f, ADMIN, roster, NULL, &err), &err, ERROR_CORRUPT, "restore the backup");
}

/* What the log says of its adoption, now. */
static json_t *adoption_of(const struct envelope *roster)
{
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(roster, hash);
    return json_pack("{s:O, s:s, s:I}", "number", json_object_get(roster->fields, "number"), "roster_hash",
        hash, "at", (json_int_t)clock_now_s());
}

static void s11_s50_a_former_roster_of_a_live_site_is_shown_with_the_signature_that_it_counted_by(
    void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    make_live(f);
    AUTO(json) json_t *record = adoption_of(roster_envelope(f->site.roster));
    AUTO(json) json_t *endorsement = envelope_json(f->site.endorsement);
    AUTO(json) json_t *paper = former_paper(&f->site, record, &err);
    assert_true(json_equal(json_object_get(paper, "endorsement"), endorsement));
    json_object_set_new(record, "at", json_integer(f->site.endorsement->at_s));
    assert_null(former_paper(&f->site, record, &err)); /* before its 24 hours */
    json_object_set_new(record, "at", json_integer(clock_now_s()));
    run_sql(f, "UPDATE roster_paper SET endorsement = roster");
    assert_null(former_paper(&f->site, record, &err));
    run_sql(f, "UPDATE roster_paper SET endorsement = NULL");
    assert_null(former_paper(&f->site, record, &err));
    assert_int_equal(err.code, ERROR_CORRUPT);
    assert_non_null(strstr(err.text, "restore the backup"));
    envelope_free(f->site.endorsement);
}

/* The desk starts with a file of the site's folder. */
static bool starts_with(struct fixture *f, const json_t *file, struct error *err)
{
    *err = (struct error){0};
    fixture_restart(f);
    AUTO(envelope) struct envelope *envelope = envelope_read(file, err);
    roster_free(f->site.roster);
    f->site.roster = roster_read(envelope, f->site.root_key, f->site.name, err);
    assert_non_null(f->site.roster);
    f->site.ledger->roster = f->site.roster;
    return roster_adopt(&f->site, err);
}

/* Number 3 takes an authoriser out; whoever takes number 3 out of the tables would have them back. */
static void s11_s50_a_roster_taken_out_of_the_database_does_not_bring_back_the_one_before(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    start(f);
    AUTO(json) json_t *first = envelope_json(roster_envelope(f->site.roster));
    succeed(f, next_roster_fields(f));
    AUTO(json) json_t *second = envelope_json(roster_envelope(f->site.roster));
    succeed(f, without_line(f, next_roster_fields(f), AUTHORISER_TWO));
    AUTO(json) json_t *third = envelope_json(roster_envelope(f->site.roster));
    run_sql(f, "DELETE FROM roster_paper WHERE number = 3; DELETE FROM roster WHERE number = 3");
    assert_false(starts_with(f, first, &err));
    assert_int_equal(err.code, ERROR_CORRUPT);
    assert_non_null(strstr(err.text, "roster 3"));
    assert_false(starts_with(f, second, &err));
    run_sql(f, "DELETE FROM roster_paper; DELETE FROM roster");
    assert_false(starts_with(f, second, &err));
    assert_true(starts_with(f, third, &err));
    assert_int_equal(roster_number(f->site.roster), 3);
    assert_false(may_sign(f, AUTHORISER_TWO));
    assert_true(starts_with(f, first, &err));
    assert_int_equal(roster_number(f->site.roster), 3);
}

/* Each field of the two tables, in each row, and each row taken away: the desk starts with the newest roster
 * or not at all. The folder's file is the first one. */
#define OTHER "(SELECT other FROM tried)"
#define WHICH " WHERE number = (SELECT number FROM tried)"
static void s11_s50_no_edit_of_the_rosters_puts_an_older_one_in_force(void **state)
{
    static const char *const edits[] = {"UPDATE roster SET number = number + " OTHER WHICH,
        "UPDATE roster SET number = -number * " OTHER WHICH, "UPDATE roster SET hash = " OTHER WHICH,
        "UPDATE roster SET hash = (SELECT hash FROM kept WHERE number = " OTHER ")" WHICH,
        "UPDATE roster SET adopted_at = " OTHER WHICH,
        "UPDATE roster_paper SET number = number + " OTHER WHICH,
        "UPDATE roster_paper SET number = -number * " OTHER WHICH,
        "UPDATE roster_paper SET roster = (SELECT roster FROM kept_paper WHERE number = " OTHER ")" WHICH,
        "UPDATE roster_paper SET endorsement = " OTHER WHICH,
        "DELETE FROM roster WHERE number >= (SELECT number FROM tried)",
        "DELETE FROM roster_paper WHERE number >= (SELECT number FROM tried)"};
    struct fixture *f = *state;
    struct error err = {0};
    start(f);
    AUTO(json) json_t *first = envelope_json(roster_envelope(f->site.roster));
    succeed(f, next_roster_fields(f));
    succeed(f, without_line(f, next_roster_fields(f), AUTHORISER_TWO));
    run_sql(f,
        "CREATE TABLE kept AS SELECT * FROM roster; CREATE TABLE tried (number INTEGER, other INTEGER);"
        "CREATE TABLE kept_paper AS SELECT * FROM roster_paper");
    int started = 0;
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        for (int number = 1; number <= 3; number++) {
            for (int other = 0; other <= 10; other += number) {
                run_sql(f, "DELETE FROM tried; INSERT INTO tried VALUES (%d, %d)", number, other);
                bool edited = store_run(f->site.ledger->store, edits[i], &err);
                bool begun = edited && starts_with(f, first, &err);
                if (begun && roster_number(f->site.roster) != 3)
                    fail_msg("roster %d is in force after: %s", (int)roster_number(f->site.roster), edits[i]);
                started += begun;
                run_sql(f, "DELETE FROM roster; INSERT INTO roster SELECT * FROM kept; DELETE FROM "
                           "roster_paper; INSERT INTO roster_paper SELECT * FROM kept_paper");
            }
        }
    }
    assert_true(starts_with(f, first, &err));
    assert_in_range(started, 10, 200);
}

/* Another one under the number that was in force, with the tables emptied. */
static void s11_s50_a_number_is_not_used_for_another_roster_over_an_emptied_table(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    start(f);
    AUTO(envelope) struct envelope *other = rooted(f, without_line(f, next_roster_fields(f), AUTHORISER_TWO));
    AUTO(json) json_t *file = envelope_json(other);
    succeed(f, next_roster_fields(f));
    run_sql(f, "DELETE FROM roster_paper; DELETE FROM roster");
    assert_false(starts_with(f, file, &err));
    assert_int_equal(err.code, ERROR_CORRUPT);
}

static json_t *suspend(struct fixture *f, enum person person, const char *subject, struct error *err)
{
    *err = (struct error){0};
    AUTO(envelope)
    struct envelope *statement =
        signed_by(f, person, "suspension", json_pack("{s:s, s:s}", "subject", subject, "reason", "left"));
    return suspension_sign(&f->site, statement, err);
}

static void s10_a_suspended_key_counts_no_more_at_once_and_after_a_restart(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    start(f);
    fill_room(f);
    expect_refusal(suspend(f, DISPATCHER, f->officers[REVIEWER_ONE], &err), &err, ERROR_FORBIDDEN, "role");
    expect_field(suspend(f, ADMIN, f->officers[REVIEWER_ONE], &err), &err, "state", "suspended");
    assert_false(may_sign(f, REVIEWER_ONE));
    assert_false(presence_is_here(&f->site, f->officers[REVIEWER_ONE], "reviewer"));
    assert_false(presence_is_enough(&f->site, &err));
    expect_refusal(suspend(f, INSPECTOR, f->officers[REVIEWER_ONE], &err), &err, ERROR_MISSING, "no o-");
    AUTO(json) json_t *file = envelope_json(roster_envelope(f->site.roster));
    fixture_restart(f);
    AUTO(envelope) struct envelope *same = envelope_read(file, &err);
    roster_free(f->site.roster);
    f->site.roster = roster_read(same, f->site.root_key, f->site.name, &err);
    assert_true(may_sign(f, REVIEWER_ONE));
    start(f);
    assert_false(may_sign(f, REVIEWER_ONE));
}

static void s11_an_administrator_suspends_nobody_who_watches_over_the_site(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    static const enum person watching[] = {JUDGE, INSPECTOR};
    start(f);
    for (size_t i = 0; i < COUNT_OF(watching); i++) {
        const char *subject = f->officers[watching[i]];
        expect_refusal(suspend(f, ADMIN, subject, &err), &err, ERROR_FORBIDDEN, "only an inspector");
        assert_non_null(roster_officer(f->site.roster, subject));
        expect_field(suspend(f, INSPECTOR, subject, &err), &err, "state", "suspended");
    }
    assert_int_equal(count_records(f, "key_suspended"), 2);
}

static void a_later_roster_with_the_lost_key_does_not_bring_it_back_one_with_another_does(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    uint8_t old_secret[SECRET_KEY_SIZE];
    start(f);
    expect_field(suspend(f, INSPECTOR, f->officers[WATCH_ONE], &err), &err, "state", "suspended");
    AUTO(envelope) struct envelope *careless = rooted(f, next_roster_fields(f));
    expect_field(bring_as(f, ADMIN, careless, NULL, &err), &err, "state", "waiting");
    tick(f);
    assert_int_equal(roster_number(f->site.roster), 2);
    assert_false(may_sign(f, WATCH_ONE));
    AUTO(envelope) struct envelope *roster = rooted(f, rekey(f, WATCH_ONE, old_secret));
    expect_field(bring_as(f, ADMIN, roster, NULL, &err), &err, "state", "waiting");
    tick(f);
    assert_true(may_sign(f, WATCH_ONE));
}

static void a_lost_unit_gets_nothing_and_its_crew_is_nobody(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    start(f);
    fill_room(f);
    assert_true(presence_is_here(&f->site, f->officers[CREW], "crew"));
    expect_field(suspend(f, ADMIN, f->unit, &err), &err, "subject", f->unit);
    assert_null(roster_unit(f->site.roster, f->unit));
    assert_false(presence_is_here(&f->site, f->officers[CREW], "crew"));
    assert_false(presence_is_enough(&f->site, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(an_officer_is_given_a_new_key_by_the_root_key_and_the_administrator),
        SITE_TEST(s11_a_roster_with_one_signature_is_refused),
        SITE_TEST(s11_on_a_live_site_the_oversight_body_signs_and_a_day_passes),
        SITE_TEST(s11_a_roster_follows_the_one_in_force),
        SITE_TEST(the_newest_roster_is_in_force_after_a_restart),
        SITE_TEST(s11_a_roster_that_nobody_brought_is_not_adopted),
        SITE_TEST(s12_who_was_an_officer_before_does_not_come_back_as_another),
        SITE_TEST(s12_on_a_live_site_everybody_of_the_force_has_a_service_number),
        SITE_TEST(s11_s50_a_roster_taken_out_of_the_database_does_not_bring_back_the_one_before),
        SITE_TEST(s11_s50_no_edit_of_the_rosters_puts_an_older_one_in_force),
        SITE_TEST(s11_s50_a_number_is_not_used_for_another_roster_over_an_emptied_table),
        SITE_TEST(s50_a_former_roster_taken_out_of_the_database_is_missed),
        SITE_TEST(s11_s50_a_former_roster_of_a_live_site_is_shown_with_the_signature_that_it_counted_by),
        SITE_TEST(s50_a_roster_edited_in_sql_is_not_adopted),
        SITE_TEST(s10_a_suspended_key_counts_no_more_at_once_and_after_a_restart),
        SITE_TEST(s11_an_administrator_suspends_nobody_who_watches_over_the_site),
        SITE_TEST(a_later_roster_with_the_lost_key_does_not_bring_it_back_one_with_another_does),
        SITE_TEST(a_lost_unit_gets_nothing_and_its_crew_is_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
