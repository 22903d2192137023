/* No routes (SAFEGUARDS 26): one person at two cameras is joined by the open alert and by nothing else. */
#include "world.h"

#include "alert/timer.h"
#include "base/file.h"

#define SIDE_CAMERA "c-0000000000000002"

static json_t *shown_to(struct world *world, enum person person)
{
    wrong = (struct error){0};
    return alert_show(&world->site, officer_of(world, person), world->alert, &wrong);
}

static bool tells_of(const json_t *shown, const char *what)
{
    AUTO(text) char *text = json_dumps(shown, JSON_COMPACT);
    assert_non_null(text);
    return strstr(text, what) != NULL;
}

static void see_at_side_gate(struct world *world, const char *entry)
{
    world->ago_us = 1000000;
    struct sighting later = sighting_of(world, entry);
    snprintf(later.camera, sizeof later.camera, SIDE_CAMERA);
    raise_again(world, &later);
}

static void come_to_side_gate(struct world *world)
{
    register_second_camera(world);
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    accepted(crew_answers(world, "accepted"));
    see_at_side_gate(world, ENTRY);
    accepted(review_as(world, REVIEWER_ONE, "same"));
    accepted(review_as(world, REVIEWER_TWO, "same"));
    accepted(dispatch_by(world, DISPATCHER, UNIT));
}

static void s26_an_alert_that_moved_on_keeps_its_last_place_alone(void **state)
{
    struct world *world = *state;
    come_to_side_gate(world);
    AUTO(json) json_t *shown = shown_to(world, DISPATCHER);
    assert_true(tells_of(shown, "Side gate"));
    assert_false(tells_of(shown, "Main gate"));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert WHERE camera = '" SIDE_CAMERA "'"), 1);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert WHERE camera = '" CAMERA "'"), 0);
}

static void s26_two_alerts_of_one_person_share_no_passage(void **state)
{
    struct world *world = *state;
    register_second_camera(world);
    raise_one(world);
    char first[24];
    memcpy(first, world->passage, sizeof first);
    accepted(review_as(world, REVIEWER_ONE, "different"));
    accepted(review_as(world, REVIEWER_TWO, "different"));
    assert_string_equal(state_of(world), "closed");
    /* The pictures and facts of the first are gone with it: nothing is left for a second to be laid beside.
     */
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_passage"), 0);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_picture"), 0);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_draw"), 0);
    see_at_side_gate(world, ENTRY);
    assert_string_not_equal(world->passage, first);
    assert_int_equal(number(world, "SELECT COUNT(DISTINCT alert) FROM alert"), 2);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_passage"), 1);
}

static void reject_at(struct world *world, const char *camera)
{
    world->ago_us = 1000000;
    struct sighting sighting = sighting_of(world, ENTRY);
    snprintf(sighting.camera, sizeof sighting.camera, "%s", camera);
    raise_again(world, &sighting);
    AUTO(query)
    struct query *query =
        query_new(world->site.ledger->store, "SELECT alert FROM alert WHERE state = 'raised'", &wrong);
    assert_true(query_next(query));
    snprintf(world->alert, sizeof world->alert, "%s", query_get_text(query, 0));
    accepted(review_as(world, REVIEWER_ONE, "different"));
    accepted(review_as(world, REVIEWER_TWO, "different"));
}

/* One person at two cameras: followed to the side gate, stopped and let go; then muted at the main gate. */
static void live_through_all(struct world *world)
{
    come_to_side_gate(world);
    accepted(arrive(world));
    accepted(stop_person(world));
    accepted(outcome(world, "identity_not_established", "none", "", slip));
    reject_at(world, CAMERA);
    reject_at(world, CAMERA);
    struct sighting again = sighting_of(world, ENTRY);
    assert_true(alert_raise(&world->site, &again, &wrong));
}

/* Whether what lies beside the newest record of the kind still tells the camera. */
static bool still_tells(struct world *world, const char *kind, const char *camera)
{
    AUTO(text)
    char *newest =
        text_format("SELECT max(seq) FROM ledger_leaf WHERE leaf LIKE '%%\"kind\":\"%s\"%%'", kind);
    AUTO(json) json_t *hidden = ledger_private(world->site.ledger, number(world, newest), &wrong);
    const char *said = json_string_value(json_object_get(hidden, "camera"));
    return said && strcmp(said, camera) == 0;
}

static void s26_no_record_says_who_was_seen_where(void **state)
{
    static const char *const kinds[] = {
        "alert_raised", "passage_waits", "passage_reviewed", "unit_steered", "entry_muted", "sighting_muted"};
    struct world *world = *state;
    live_through_all(world);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        AUTO(text)
        char *telling = text_format("SELECT COUNT(*) FROM ledger_leaf WHERE leaf LIKE '%%\"kind\":\"%s\"%%'"
                                    " AND (leaf LIKE '%%\"camera\"%%' OR leaf LIKE '%%\"entry\"%%'"
                                    " OR leaf LIKE '%%captured_us%%' OR leaf LIKE '%%\"commitment\":\"\"%%')",
            kinds[i]);
        assert_true(is_recorded(world, kinds[i]));
        assert_int_equal(number(world, telling), 0);
    }
    /* Of an open alert, and of the operation until its wipe, it can be read beside the log. */
    assert_true(still_tells(world, "sighting_muted", CAMERA));
    struct sighting other = sighting_of(world, OTHER_ENTRY);
    assert_true(alert_raise(&world->site, &other, &wrong));
    assert_true(still_tells(world, "alert_raised", CAMERA));
}

/* Table → its columns as one text. */
static json_t *tables_as_text(struct world *world)
{
    json_t *tables = json_object();
    AUTO(query)
    struct query *query = query_new(world->site.ledger->store,
        "SELECT m.name, group_concat('coalesce(CAST(' || c.name || ' AS TEXT), char(32))', ' || char(32) || "
        "')"
        " FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table' GROUP BY m.name",
        &wrong);
    while (query_next(query))
        json_object_set_new(tables, query_get_text(query, 0), json_string(query_get_text(query, 1)));
    assert_true(query_ok(query, &wrong));
    return tables;
}

/* Rows of any table, the log's too, that name the person or an alert, and a camera. */
static int64_t rows_that_join(struct world *world)
{
    int64_t joining = 0;
    AUTO(json) json_t *tables = tables_as_text(world);
    const char *table;
    json_t *row;
    json_object_foreach (tables, table, row) {
        const char *text = json_string_value(row);
        AUTO(text)
        char *joined = text_format("SELECT COUNT(*) FROM (SELECT %s AS row FROM %s) WHERE"
                                   " (instr(row, '" ENTRY "') OR row GLOB '*a-????????????????*')"
                                   " AND (instr(row, '" CAMERA "') OR instr(row, '" SIDE_CAMERA "'))",
            text, table);
        joining += number(world, joined);
    }
    return joining;
}

static bool disk_holds(struct world *world, const char *bytes)
{
    char path[96];
    AUTO(bytes) struct bytes file = {0};
    snprintf(path, sizeof path, "%s/site.db", world->folder);
    world_stop(world);
    assert_true(file_read(path, 64 << 20, &file, &wrong));
    world_start(world);
    return memmem(file.data, file.size, bytes, strlen(bytes)) != NULL;
}

/* As the operation's own wipe does. */
static void wipe_operation(struct world *world)
{
    neighbours.operation_state = "wiped";
    assert_true(ledger_begin(world->site.ledger, &wrong));
    assert_true(ledger_erase_private(world->site.ledger, "operation/" OPERATION, &wrong));
    assert_true(ledger_commit(world->site.ledger, &wrong));
}

static void s26_when_the_operation_is_wiped_nothing_joins_a_person_to_a_place(void **state)
{
    static const char row[] = ENTRY OPERATION CAMERA; /* as a table's columns lie on the disk */
    struct world *world = *state;
    live_through_all(world);
    assert_int_equal(rows_that_join(world), 4); /* three alerts and a mute */
    assert_true(disk_holds(world, row));
    assert_true(alert_tick_at(&world->site, clock_now_us(), &wrong)); /* not while rates and mutes count */
    assert_int_equal(rows_that_join(world), 4);
    wipe_operation(world);
    assert_true(alert_tick_at(&world->site, clock_now_us(), &wrong));
    assert_int_equal(rows_that_join(world), 0);
    assert_false(disk_holds(world, row));
    assert_true(alert_begin(&world->site, &wrong)); /* the rows fit the log, and no mute comes back */
    assert_int_equal(rows_that_join(world), 0);
    assert_int_equal(neighbours.halts, 0);
    assert_false(still_tells(world, "entry_muted", CAMERA));
    assert_false(still_tells(world, "sighting_muted", CAMERA));
}

static void s26_whom_an_alert_was_about_is_kept_as_long_as_somebody_may_ask(void **state)
{
    static const char stops[] = "SELECT COUNT(*) FROM alert WHERE entry = '" ENTRY "' AND stopped_us > 0";
    static const char others[] = "SELECT COUNT(*) FROM alert WHERE entry = '" ENTRY "' AND stopped_us = 0";
    const int64_t year_us = (int64_t)365 * 86400 * 1000000;
    struct world *world = *state;
    live_through_all(world);
    wipe_operation(world);
    assert_true(alert_tick_at(&world->site, clock_now_us(), &wrong));
    assert_int_equal(number(world, stops), 1);
    assert_int_equal(number(world, others), 2);
    assert_true(alert_tick_at(&world->site, clock_now_us() + year_us, &wrong));
    assert_int_equal(number(world, stops), 1);
    assert_int_equal(number(world, others), 0);
    assert_true(alert_tick_at(&world->site, clock_now_us() + 2 * year_us, &wrong));
    assert_int_equal(number(world, stops), 0);
}

/* As raise.c does past a camera's rate. */
static void halt_camera(struct world *world)
{
    AUTO(json) json_t *fields = json_pack("{s:s, s:s}", "operation", OPERATION, "camera", CAMERA);
    const struct record record = {.kind = "camera_halted", .by = "site", .public_fields = fields};
    sql(world, "INSERT INTO alert_camera_halt (operation, camera) VALUES ('" OPERATION "', '" CAMERA "')");
    assert_true(ledger_begin(world->site.ledger, &wrong));
    assert_true(ledger_record(world->site.ledger, &record, &wrong));
    assert_true(ledger_commit(world->site.ledger, &wrong));
}

/* In clear: reviews, the words for the crew, the number of another matter. */
static void s41_what_was_signed_about_an_alert_goes_when_nobody_may_ask_of_it_any_more(void **state)
{
    static const char signed_of[] = "SELECT COUNT(*) FROM alert_statement JOIN alert USING (alert)"
                                    " WHERE (stopped_us > 0) = ";
    const int64_t year_us = (int64_t)365 * 86400 * 1000000;
    struct world *world = *state;
    AUTO(text) char *of_stops = text_format("%s1", signed_of);
    AUTO(text) char *of_others = text_format("%s0", signed_of);
    live_through_all(world);
    halt_camera(world);
    sql(world, "INSERT INTO alert_recall SELECT alert, 1, 'told' FROM alert");
    wipe_operation(world);
    assert_true(alert_tick_at(&world->site, clock_now_us(), &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_camera_halt"), 0);
    assert_true(number(world, of_stops) > 0);
    assert_true(number(world, of_others) > 0);
    assert_true(alert_tick_at(&world->site, clock_now_us() + year_us, &wrong));
    assert_true(number(world, of_stops) > 0);
    assert_int_equal(number(world, of_others), 0);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_recall"), 1);
    assert_true(alert_tick_at(&world->site, clock_now_us() + 2 * year_us, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_statement"), 0);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_recall"), 0);
    assert_true(alert_begin(&world->site, &wrong)); /* and no row is missed */
    assert_int_equal(neighbours.halts, 0);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_camera_halt"), 0);
}

static void s31_a_mute_taken_away_with_what_its_record_hides_halts_the_operation(void **state)
{
    struct world *world = *state;
    live_through_all(world);
    sql(world, "DELETE FROM alert_mute");
    assert_true(alert_begin(&world->site, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_mute WHERE entry = '" ENTRY "'"), 1);
    assert_int_equal(neighbours.halts, 0);
    sql(world, "DELETE FROM alert_mute");
    sql(world, "DELETE FROM ledger_private");
    assert_true(alert_begin(&world->site, &wrong));
    assert_int_equal(neighbours.halts, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s26_an_alert_that_moved_on_keeps_its_last_place_alone),
        TEST(s26_two_alerts_of_one_person_share_no_passage),
        TEST(s26_no_record_says_who_was_seen_where),
        TEST(s26_when_the_operation_is_wiped_nothing_joins_a_person_to_a_place),
        TEST(s26_whom_an_alert_was_about_is_kept_as_long_as_somebody_may_ask),
        TEST(s41_what_was_signed_about_an_alert_goes_when_nobody_may_ask_of_it_any_more),
        TEST(s31_a_mute_taken_away_with_what_its_record_hides_halts_the_operation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
