/* Somebody with the disk edits every field of every table in turn, or takes rows away, while the desk is down
 * (SAFEGUARDS 50). After the start nobody is sent, shown or taken into custody whom the signed statements do
 * not cover, and no muted entry and no halted camera raises anything. The tables and columns come from the
 * database itself, so that a new one is tried as soon as it is there. */
#include "world.h"

#include "alert/recall.h"
#include "alert/redress.h"
#include "alert/review.h"
#include "alert/shift.h"
#include "alert/timer.h"
#include "base/file.h"
#include "list/presence.h"
#include "../list/row_edit.h"

#include <unistd.h>

enum { FILES = 3, COLUMNS = 300 };

static const char *const files[FILES] = {"site.db", "keyring", "keyring.epoch"};

#define INNOCENT "42101-7654321-9"
#define STRANGER "42101-1111111-1"
#define MUTED_ENTRY "e-000000000000000m"
#define HALTED_CAMERA "c-0000000000000002"

struct shown { /* an alert with its pictures, as its reviewers were shown it */
    char alert[24], passage[24], pictures_hash[HEX_HASH_SIZE];
};

struct edited {
    struct bytes kept[FILES];
    struct row_column columns[COLUMNS];
    size_t count, tried, exchanged, refused_at_start;
    int moment, kept_at; /* of the story; what lay in the tables then is kept beside them */
    struct shown half, rejected, late, stopped, custody;
    char slip[16], handover_hash[HEX_HASH_SIZE];
};

static struct shown remember(const struct world *world)
{
    struct shown shown;
    snprintf(shown.alert, sizeof shown.alert, "%s", world->alert);
    snprintf(shown.passage, sizeof shown.passage, "%s", world->passage);
    snprintf(shown.pictures_hash, sizeof shown.pictures_hash, "%s", world->pictures_hash);
    return shown;
}

static void turn_to(struct world *world, const struct shown *shown)
{
    snprintf(world->alert, sizeof world->alert, "%s", shown->alert);
    snprintf(world->passage, sizeof world->passage, "%s", shown->passage);
    snprintf(world->pictures_hash, sizeof world->pictures_hash, "%s", shown->pictures_hash);
}

static void raise_of(struct world *world, const char *entry, const char *camera)
{
    struct sighting sighting = sighting_of(world, entry);
    snprintf(sighting.camera, sizeof sighting.camera, "%s", camera);
    raise_again(world, &sighting);
    AUTO(query)
    struct query *query = query_new(
        world->site.ledger->store, "SELECT alert FROM alert_passage WHERE passage = :passage", &wrong);
    query_text(query, ":passage", world->passage);
    snprintf(world->alert, sizeof world->alert, "%s", query_next(query) ? query_get_text(query, 0) : "");
}

static void answer_all(struct world *world, const char *word, int most)
{
    for (int person = 0; person < PEOPLE && most > 0; person++) {
        if (!is_drawn(world, (enum person)person))
            continue;
        accepted(review_as(world, (enum person)person, word));
        most--;
    }
}

static bool packet_opens(struct world *world, enum person person)
{
    wrong = (struct error){0};
    AUTO(json) json_t *packet = alert_packet(&world->site, officer_of(world, person), world->alert, &wrong);
    return packet != NULL;
}

/* Tables that this story leaves empty, each with the reason; every other one has rows to be edited. */
static bool is_empty_on_purpose(const char *table)
{
    static const char *const empty[] = {
        "camera_set_up",   /* counted anew from the log: tests/list/camera_test.c */
        "alert_report",    /* by its hash: tests/alert/handover_test.c */
        "alert_rejection", /* written anew from the log: tests/alert/waiting_test.c */
        "left_open",       /* filled by an edit of its own */
    };
    return word_is_in(table, empty, COUNT_OF(empty));
}

static json_t *review_from_hand(struct site *site, const struct envelope *envelope, struct error *err)
{
    return alert_review_on(site, envelope, "aa", err);
}

/* From a device of their own, and having looked at a picture. */
static void answer_from_a_device(struct world *world)
{
    AUTO(bytes) struct bytes picture = {0};
    enum person first = PROPOSER;
    while (!is_drawn(world, first))
        first++;
    accepted(look_at_picture(world, first, "probe", &picture));
    accepted(act(world, review_from_hand, first, "review", review_of(world, "same")));
}

static bool ask(struct world *world, const char *request, const char *code, const char *cnic)
{
    return act(world, ask_at_counter, STATION, "redress_request",
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "request", request, "kind", "access", "slip", code,
            "cnic", cnic, "words", "they held me an hour", "contact", "0300-1234567"));
}

/* Somebody innocent was stopped, got a slip and asks; the end was amended. */
static void stop_an_innocent(struct world *world, struct edited *edited)
{
    come_to_stop(world);
    assert_true(ledger_begin(world->site.ledger, &wrong));
    accepted(alert_recall_entry(&world->site, ENTRY, "withdrawn", &wrong)); /* the crew is told */
    assert_true(ledger_commit(world->site.ledger, &wrong));
    accepted(verify(world, INNOCENT, "thumb", "yes"));
    accepted(outcome(world, "wrong_person", "cnic_verified", "", slip));
    snprintf(edited->slip, sizeof edited->slip, "%s", slip);
    accepted(ask(world, "q-0000000000000001", slip, INNOCENT));
    for (enum person person = AUTHORISER_ONE; person <= AUTHORISER_TWO; person++)
        accepted(act(world, alert_amend, person, "amendment",
            json_pack("{s:s, s:s, s:s}", "alert", world->alert, "from", "wrong_person", "outcome",
                "identity_not_established")));
    neighbours.suspensions = 0;
}

/* A custody handed to two stations, of which one has signed. */
static void hand_over_a_custody(struct world *world, struct edited *edited)
{
    neighbours.case_station = OTHER_STATION;
    come_to_stop(world);
    accepted(verify(world, CNIC, "thumb", "yes"));
    accepted(ask_status(world, "live"));
    accepted(outcome(world, "custody", "cnic_verified", CASE, slip));
    accepted(act(world, alert_hand_over, CREW_ONE, "handover",
        json_pack("{s:s, s:s}", "alert", world->alert, "station", STATION_ID)));
    AUTO(json)
    json_t *packet = alert_handover_packet(&world->site, officer_of(world, STATION), world->alert, &wrong);
    const char *hash = json_string_value(json_object_get(packet, "handover_hash"));
    snprintf(edited->handover_hash, sizeof edited->handover_hash, "%s", hash);
    edited->custody = remember(world);
    neighbours.withdrawals = 0;
    neighbours.case_station = NULL;
}

/* The log's own tables are tried by tests/govern. */
static bool is_tried(const char *table)
{
    static const char *const others[] = {"migration", "sqlite_sequence"};
    return strncmp(table, "ledger", 6) != 0 && !word_is_in(table, others, COUNT_OF(others)) &&
           !row_edit_is_kept(table);
}

enum { NEVER = -1, MOMENTS = 6 };

static void a_moment(struct world *world, struct edited *edited)
{
    if (edited->moment++ == edited->kept_at)
        row_edit_keep(world->site.ledger->store, is_tried);
}

/* Which does not answer; the one that is sent then stops the person. */
static void send_another_unit_first(struct world *world, struct edited *edited)
{
    raise_one(world);
    agree(world);
    be_present(world, CREW_TWO, "crew", OTHER_UNIT);
    accepted(dispatch_by(world, DISPATCHER, OTHER_UNIT));
    a_moment(world, edited);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    accepted(crew_answers(world, "accepted"));
    accepted(arrive(world));
    accepted(stop_person(world));
}

/* A stop without a verified number; one "same"; two of a passage too old; rejections that muted an entry on
 * the camera; a camera halted. */
static void tell_the_story(struct world *world, struct edited *edited)
{
    stop_an_innocent(world, edited);
    a_moment(world, edited);
    hand_over_a_custody(world, edited);
    a_moment(world, edited);
    send_another_unit_first(world, edited);
    edited->stopped = remember(world);
    assert_true(packet_opens(world, CREW_ONE));
    AUTO(json) json_t *seen = alert_show(&world->site, officer_of(world, DISPATCHER), world->alert, &wrong);
    assert_non_null(seen);
    raise_of(world, OTHER_ENTRY, CAMERA);
    answer_from_a_device(world);
    edited->half = remember(world);
    a_moment(world, edited);
    for (int again = 0; again < LIMIT_REJECTIONS_PER_CAMERA; again++) {
        raise_of(world, MUTED_ENTRY, CAMERA);
        answer_all(world, "different", 2);
    }
    edited->rejected = remember(world);
    a_moment(world, edited);
    world->ago_us = (LIMIT_DISPATCH_S - 1) * 1000000LL;
    raise_of(world, "e-000000000000000l", CAMERA);
    world->ago_us = 2000000;
    answer_all(world, "same", 2);
    edited->late = remember(world);
    a_moment(world, edited);
    sleep(2); /* now its passage is too old to send anybody */
    register_second_camera(world);
    struct sighting over = sighting_of(world, "e-000000000000000h");
    snprintf(over.camera, sizeof over.camera, HALTED_CAMERA);
    over.over_rate = true;
    accepted(alert_raise(&world->site, &over, &wrong));
    be_present(world, CREW_TWO, "crew", OTHER_UNIT);
    be_present(world, BOTH, "dispatcher", "");
    accepted(act(world, shift_hand, DISPATCHER, "shift_handover",
        json_pack("{s:s, s:s, s:[s]}", "shift", "h-0000000000000001", "to", id_of(BOTH), "items",
            edited->stopped.alert)));
}

static void keep(struct world *world, struct edited *edited)
{
    world_stop(world); /* everything is in the files */
    for (size_t i = 0; i < FILES; i++) {
        AUTO(text) char *path = text_format("%s/%s", world->folder, files[i]);
        assert_true(file_read(path, 64 << 20, &edited->kept[i], &wrong));
    }
    world_start(world);
}

static void put_back(struct world *world, const struct edited *edited)
{
    world_stop(world);
    for (size_t i = 0; i < FILES; i++) {
        AUTO(text) char *path = text_format("%s/%s", world->folder, files[i]);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(fwrite(edited->kept[i].data, 1, edited->kept[i].size, file), edited->kept[i].size);
        fclose(file);
    }
    AUTO(text) char *log = text_format("%s/site.db-wal", world->folder);
    unlink(log);
    neighbours.operation_state = "running";
    world_start(world);
    sql(world, "PRAGMA synchronous = OFF");
}

static int64_t raised_by(struct world *world, const char *entry, const char *camera)
{
    int64_t before = number(world, "SELECT COUNT(*) FROM alert");
    struct sighting sighting = sighting_of(world, entry);
    snprintf(sighting.camera, sizeof sighting.camera, "%s", camera);
    alert_raise(&world->site, &sighting, &wrong);
    return number(world, "SELECT COUNT(*) FROM alert") - before;
}

/* Each is refused without any edit; `edit` is what was tried before. */
static void check_nothing_is_wider(struct world *world, struct edited *edited, const char *edit)
{
    const struct shown *const not_to_be_sent[] = {&edited->half, &edited->rejected, &edited->late};
    for (size_t i = 0; i < COUNT_OF(not_to_be_sent); i++) {
        turn_to(world, not_to_be_sent[i]);
        if (dispatch_by(world, DISPATCHER, OTHER_UNIT))
            fail_msg("sent without two \"same\" in time after: %s", edit);
    }
    turn_to(world, &edited->stopped);
    if (packet_opens(world, CREW_TWO))
        fail_msg("another unit opened the packet after: %s", edit);
    if (outcome(world, "custody", "cnic_verified", CASE, slip))
        fail_msg("custody on a face after: %s", edit);
    if (strstr(edit, "slip") && ask(world, "q-0000000000000002", edited->slip, STRANGER))
        fail_msg("a slip answered another person after: %s", edit);
    turn_to(world, &edited->custody);
    if (act(world, alert_receive, STATION_BESIDE, "receipt",
            json_pack("{s:s, s:s}", "alert", world->alert, "handover_hash", edited->handover_hash)))
        fail_msg("another station signed for the packet after: %s", edit);
    bool halted = strcmp(neighbours.operation_state, "halted") == 0;
    edited->refused_at_start += halted;
    if (!halted && raised_by(world, MUTED_ENTRY, CAMERA) > 0)
        fail_msg("a muted entry raised an alert after: %s", edit);
    if (!halted && raised_by(world, "e-000000000000000k", HALTED_CAMERA) > 0)
        fail_msg("a halted camera raised an alert after: %s", edit);
}

/* False where the table's own rules refuse it. */
static bool try_edit(struct world *world, struct edited *edited, const char *edit)
{
    wrong = (struct error){0};
    if (!store_run(world->site.ledger->store, edit, &wrong))
        return false;
    if (number(world, "SELECT changes()") == 0) /* the table is empty */
        fail_msg("tried nothing: %s", edit);
    edited->tried++;
    world_stop(world);
    world_start(world);
    sql(world, "PRAGMA synchronous = OFF");
    accepted(alert_tick(&world->site, &wrong));
    check_nothing_is_wider(world, edited, edit);
    put_back(world, edited);
    return true;
}

/* Three values a field are enough for a mark; where there is none, each word that opens something is tried.
 */
static void try_column(struct world *world, struct edited *edited, const struct row_column *column)
{
    static const char *const numbers[] = {"%s + 3600000000", "0", "1", NULL};
    static const char *const texts[] = {"'agreed'", "'same'", "'" OTHER_UNIT "'", "''", NULL};
    static const char *const blobs[] = {"randomblob(length(%s))", "NULL", NULL};
    const char *const *values = strcmp(column->type, "INTEGER") == 0 ? numbers
                                : strcmp(column->type, "TEXT") == 0  ? texts
                                                                     : blobs;
    for (; *values; values++) {
        const char *mark = strstr(*values, "%s");
        AUTO(text)
        char *edit = text_format("UPDATE %s SET %s = %.*s%s%s", column->table, column->name,
            mark ? (int)(mark - *values) : (int)strlen(*values), *values, mark ? column->name : "",
            mark ? mark + 2 : "");
        if (try_edit(world, edited, edit))
            continue;
        /* Not the same in every row: in the newest, then. */
        AUTO(text)
        char *one = text_format("%s WHERE rowid = (SELECT max(rowid) FROM %s)", edit, column->table);
        try_edit(world, edited, one);
    }
}

static void take_away(struct world *world, struct edited *edited, const char *table)
{
    AUTO(text) char *all = text_format("DELETE FROM %s", table);
    AUTO(text) char *newest = text_format("%s WHERE rowid = (SELECT max(rowid) FROM %s)", all, table);
    AUTO(text) char *oldest = text_format("%s WHERE rowid = (SELECT min(rowid) FROM %s)", all, table);
    try_edit(world, edited, all);
    try_edit(world, edited, newest);
    try_edit(world, edited, oldest);
}

/* Valid rows in each other's place, and one beside itself. */
static void exchange_rows(struct world *world, struct edited *edited, const char *table)
{
    AUTO(text) char *swap = row_edit_swap(world->site.ledger->store, table);
    if (swap)
        edited->exchanged += try_edit(world, edited, swap);
    for (int nth = 1;; nth++) {
        AUTO(text) char *copy = row_edit_copy(world->site.ledger->store, table, nth);
        if (!copy)
            return;
        edited->exchanged += try_edit(world, edited, copy);
    }
}

static struct edited *begin_edits_of(struct world *world, int kept_at)
{
    static struct edited edited;
    edited = (struct edited){.kept_at = kept_at};
    sql(world, "PRAGMA synchronous = OFF");
    tell_the_story(world, &edited);
    edited.count = row_edit_columns(world->site.ledger->store, is_tried, edited.columns, COLUMNS);
    keep(world, &edited);
    sql(world, "PRAGMA synchronous = OFF");
    return &edited;
}

static struct edited *begin_edits(struct world *world)
{
    return begin_edits_of(world, NEVER);
}

static void end_edits(struct edited *edited)
{
    for (size_t i = 0; i < FILES; i++)
        bytes_free(&edited->kept[i]);
}

static void s50_no_edit_of_a_table_sends_shows_or_takes_anybody(void **state)
{
    struct world *world = *state;
    struct edited *edited = begin_edits(world);
    check_nothing_is_wider(world, edited, "no edit");
    put_back(world, edited);
    const char *table = "";
    for (size_t i = 0; i < edited->count; i++) {
        if (is_empty_on_purpose(edited->columns[i].table))
            continue;
        try_column(world, edited, &edited->columns[i]);
        if (strcmp(table, edited->columns[i].table) == 0)
            continue;
        table = edited->columns[i].table;
        take_away(world, edited, table);
        exchange_rows(world, edited, table);
    }
    try_edit(world, edited, "INSERT INTO left_open SELECT alert FROM alert");
    assert_in_range(edited->tried, 150, SIZE_MAX);
    assert_in_range(edited->exchanged, 20, SIZE_MAX);
    assert_true(edited->refused_at_start > 0);
    /* What may happen does: otherwise the checks above would prove nothing. */
    turn_to(world, &edited->half);
    answer_all(world, "same", 1);
    accepted(dispatch_by(world, DISPATCHER, OTHER_UNIT));
    assert_true(packet_opens(world, CREW_TWO));
    end_edits(edited);
    print_message("%zu edits, %zu of them halted the operation at the start\n", edited->tried,
        edited->refused_at_start);
}

/* Each table by itself, with and without what came since; and all of them. */
static void put_older_rows_back(struct world *world, struct edited *edited)
{
    AUTO(text_buffer) struct text all = {0};
    for (size_t i = 0; i < edited->count; i++) {
        const char *table = edited->columns[i].table;
        if (i > 0 && strcmp(table, edited->columns[i - 1].table) == 0)
            continue;
        for (int alone = 0; alone < 2; alone++) {
            AUTO(text) char *edit = row_edit_put_older(world->site.ledger->store, table, alone);
            if (edit)
                edited->exchanged += try_edit(world, edited, edit);
            if (edit && alone)
                text_add(&all, "%s;", edit);
        }
    }
    try_edit(world, edited, all.data);
}

static void s50_no_older_row_put_back_sends_shows_or_takes_anybody(void **state)
{
    for (int moment = 0; moment < MOMENTS; moment++) {
        struct edited *edited = begin_edits_of(*state, moment);
        assert_true(edited->moment == MOMENTS);
        put_older_rows_back(*state, edited);
        assert_in_range(edited->exchanged, 2, SIZE_MAX);
        end_edits(edited);
        world_teardown(state);
        world_setup(state);
    }
}

static bool is_halted_at_start(struct world *world)
{
    neighbours.operation_state = "running";
    world_stop(world);
    world_start(world);
    sql(world, "PRAGMA synchronous = OFF");
    return strcmp(neighbours.operation_state, "halted") == 0;
}

static void s50_a_statement_taken_away_is_missed_at_the_next_start(void **state)
{
    struct world *world = *state;
    struct edited *edited = begin_edits(world);
    int64_t newest = number(world, "SELECT MAX(number) FROM alert_statement");
    assert_in_range(newest, 10, 100);
    for (int64_t statement = 1; statement <= newest; statement++) {
        assert_false(is_halted_at_start(world));
        AUTO(text) char *take = text_format("DELETE FROM alert_statement WHERE number = %d", (int)statement);
        sql(world, take);
        if (!is_halted_at_start(world))
            fail_msg("nobody missed statement %d of %d", (int)statement, (int)newest);
        put_back(world, edited);
    }
    end_edits(edited);
}

/* The register says no to the number on the document; without that answer two officers would do. */
static void s37_s50_an_answer_of_the_register_taken_away_leaves_nobody_in_custody(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    accepted(ask_status(world, "live"));
    accepted(verify(world, CNIC, "thumb", "yes"));
    accepted(verify(world, CNIC, "another thumb", "no"));
    refused(outcome(world, "custody", "cnic_verified", CASE, slip), ERROR_CONFLICT);
    refused(outcome(world, "custody", "document_and_officer", CASE, slip), ERROR_CONFLICT);
    sql(world, "DELETE FROM alert_note WHERE number = (SELECT max(number) FROM alert_note WHERE kind = "
               "'register')");
    refused(outcome(world, "custody", "cnic_verified", CASE, slip), ERROR_CORRUPT);
    sql(world, "DELETE FROM alert_note WHERE kind = 'register'");
    refused(outcome(world, "custody", "document_and_officer", CASE, slip), ERROR_CORRUPT);
}

static bool is_asked(struct world *world, enum person person)
{
    AUTO(json) json_t *list = alert_list(&world->site, officer_of(world, person), &wrong);
    return json_array_size(json_object_get(list, "alerts")) > 0;
}

/* Both rows have the desk's own marks and seals, and the alert's state is the same. */
static void s34_s50_a_packet_of_before_put_back_opens_for_no_unit_that_it_was_taken_from(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    be_present(world, CREW_TWO, "crew", OTHER_UNIT);
    accepted(dispatch_by(world, DISPATCHER, OTHER_UNIT));
    row_edit_keep(world->site.ledger->store, is_tried);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    assert_false(is_halted_at_start(world));
    AUTO(text) char *alert = row_edit_put_older(world->site.ledger->store, "alert", true);
    AUTO(text) char *packet = row_edit_put_older(world->site.ledger->store, "alert_packet", true);
    sql(world, alert);
    sql(world, packet);
    assert_true(packet_opens(world, CREW_TWO));
    assert_true(is_halted_at_start(world));
    assert_false(packet_opens(world, CREW_TWO));
}

static void s21_s50_a_unit_under_way_is_not_free_though_its_row_is_gone(void **state)
{
    struct world *world = *state;
    come_to_scene(world);
    sql(world, "DELETE FROM busy_unit");
    assert_false(presence_unit_busy(&world->site, UNIT));
    assert_false(is_halted_at_start(world));
    assert_true(presence_unit_busy(&world->site, UNIT));
    assert_false(presence_unit_busy(&world->site, OTHER_UNIT));
}

/* In the place of the one who is awaited, and beside them. */
static void s12_s29_who_reviews_is_not_chosen_in_the_database(void **state)
{
    static const char *const edits[] = {
        "UPDATE alert_draw SET officer = 'o-0000000000000006' WHERE officer = 'o-0000000000000003'",
        "INSERT INTO alert_draw (passage, officer, drawn_us, state) SELECT passage, 'o-0000000000000006',"
        " drawn_us, 'asked' FROM alert_draw WHERE officer = 'o-0000000000000003'",
        "UPDATE alert_draw SET state = 'passed' WHERE officer = 'o-0000000000000003'",
    };
    struct world *world = *state;
    raise_one(world);
    accepted(review_as(world, REVIEWER_TWO, "same"));
    be_present(world, REVIEWER_BESIDE, "reviewer", NULL);
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        sql(world, edits[i]);
        assert_false(is_halted_at_start(world));
        assert_false(is_asked(world, REVIEWER_BESIDE));
        refused(review_as(world, REVIEWER_BESIDE, "same"), ERROR_FORBIDDEN);
        assert_true(is_asked(world, REVIEWER_ONE));
    }
    accepted(review_as(world, REVIEWER_ONE, "same"));
    assert_string_equal(state_of(world), "agreed");
}

/* What was passed on stays passed on, as the log says. */
static void s29_who_was_drawn_when_a_review_was_passed_on_is_so_after_a_restart(void **state)
{
    struct world *world = *state;
    raise_one(world);
    leave(world, REVIEWER_ONE);
    be_present(world, REVIEWER_BESIDE, "reviewer", NULL);
    accepted(alert_tick(&world->site, &wrong));
    assert_false(is_halted_at_start(world));
    be_present(world, REVIEWER_ONE, "reviewer", NULL);
    refused(review_as(world, REVIEWER_ONE, "same"), ERROR_CONFLICT);
    accepted(review_as(world, REVIEWER_TWO, "same"));
    assert_false(is_halted_at_start(world));
    accepted(review_as(world, REVIEWER_BESIDE, "same"));
    accepted(dispatch_by(world, DISPATCHER, UNIT));
}

/* With that officer's own key, in the place of what somebody who was drawn has said. */
static void s12_a_same_of_who_was_not_drawn_sends_nobody(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    raise_one(world);
    agree(world);
    AUTO(envelope)
    struct envelope *review = said_by(world, REVIEWER_BESIDE, "review", review_of(world, "same"));
    AUTO(json) json_t *json = envelope_json(review);
    AUTO(text) char *text = json_canonical(json, &wrong);
    envelope_hash_hex(review, hash);
    AUTO(query)
    struct query *query = query_new(world->site.ledger->store,
        "UPDATE alert_statement SET envelope = :envelope, hash = :hash, officer = 'o-0000000000000006'"
        " WHERE officer = 'o-0000000000000003'",
        &wrong);
    query_text(query, ":envelope", text);
    query_text(query, ":hash", hash);
    accepted(query_done(query, &wrong));
    refused(dispatch_by(world, DISPATCHER, UNIT), ERROR_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s50_a_statement_taken_away_is_missed_at_the_next_start),
        TEST(s34_s50_a_packet_of_before_put_back_opens_for_no_unit_that_it_was_taken_from),
        TEST(s21_s50_a_unit_under_way_is_not_free_though_its_row_is_gone),
        TEST(s12_s29_who_reviews_is_not_chosen_in_the_database),
        TEST(s29_who_was_drawn_when_a_review_was_passed_on_is_so_after_a_restart),
        TEST(s37_s50_an_answer_of_the_register_taken_away_leaves_nobody_in_custody),
        TEST(s12_a_same_of_who_was_not_drawn_sends_nobody),
        TEST(s50_no_edit_of_a_table_sends_shows_or_takes_anybody),
        TEST(s50_no_older_row_put_back_sends_shows_or_takes_anybody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
