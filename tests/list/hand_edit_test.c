/* Somebody with the disk edits every field of every table in turn (SAFEGUARDS 50). Whatever reaches a watch
 * after that has to pass the watch's own check, and what may not be armed is not armed by any edit. The
 * tables and columns come from the database itself, so that a new one is tried as soon as it is there. */
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "fake_clock.h"
#include "list/begin.h"
#include "list/entry.h"
#include "list/operation.h"
#include "list/place.h"
#include "list/status.h"
#include "match/gallery.h"
#include "row_edit.h"
#include "sign/limits.h"
#include "sign/token.h"
#include "site_test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FILES = 3, COLUMNS = 400 };

/* How long what was asked for lasts tells the stories apart: signed by all, by one office, and by all while
 * the record of the operation before is owed. */
enum { HOUR = 3600, ONE_OFFICE = 3599, OWES = 3598 };

static const char *const files[FILES] = {"site.db", "keyring", "keyring.epoch"};

struct edited {
    struct bytes kept[FILES];
    struct row_column columns[COLUMNS];
    size_t count;
    size_t tried, exchanged, armed;
    bool owes;    /* nothing is published */
    bool may_arm; /* as the desk left it, the operation may run */
};

static void must(bool done, const struct error *err)
{
    if (!done)
        fail_msg("%s", err->text);
}

/* The log's own tables are verified at each start and named by tests/govern; the list of migrations decides
 * nothing about anybody. */
static bool is_tried(const char *table)
{
    return strncmp(table, "ledger_", 7) != 0 && strcmp(table, "migration") != 0 && !row_edit_is_kept(table);
}

/* Tables that the story leaves empty, each with the reason; every other one has rows to be edited. */
static bool is_empty_on_purpose(const char *table)
{
    static const char *const empty[] = {
        "busy_unit",         /* a unit under way; tests/alert */
        "camera_set_up",     /* counted anew from the log; camera_test.c */
        "heartbeat",         /* written to see that the log can be; read by nobody */
        "near_pair",         /* put back from the log; look_alike_test.c */
        "operation_refused", /* shown, and decides nothing; tests/alert/story_test.c */
        "pass",              /* tests/http/hand_edit_test.c */
        "pass_release",      /* the same, and put_back_test.c */
        "offence_signature", /* asked for on live sites only; offence_test.c */
        "roster",            /* every field of it in succession_test.c */
        "roster_paper",      /* every field of it in succession_test.c */
        "upload",            /* what no proposal names yet; photo_test.c */
    };
    for (size_t i = 0; i < COUNT_OF(empty); i++)
        if (strcmp(table, empty[i]) == 0)
            return true;
    return false;
}

static bool has_rows_to_edit(const char *table)
{
    return is_tried(table) && !is_empty_on_purpose(table);
}

/* Hundreds of starts: nothing here is about what survives a power cut. */
static void be_quick(struct fixture *f)
{
    struct error err = {0};
    must(store_run(f->site.ledger->store, "PRAGMA synchronous = OFF", &err), &err);
}

/* With the desk stopped, what lies on the disk. */
static void keep(struct fixture *f, struct edited *edited)
{
    struct error err = {0};
    edited->count = row_edit_columns(f->site.ledger->store, has_rows_to_edit, edited->columns, COLUMNS);
    fixture_restart(f); /* everything is in the file */
    be_quick(f);
    for (size_t i = 0; i < FILES; i++) {
        AUTO(text) char *path = text_format("%s/%s", f->folder, files[i]);
        must(file_read(path, 64 << 20, &edited->kept[i], &err), &err);
    }
}

static void put_back(struct fixture *f, const struct edited *edited)
{
    struct error err = {0};
    ledger_close(f->site.ledger);
    f->site.ledger = NULL;
    for (size_t i = 0; i < FILES; i++) {
        AUTO(text) char *path = text_format("%s/%s", f->folder, files[i]);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(fwrite(edited->kept[i].data, 1, edited->kept[i].size, file), edited->kept[i].size);
        fclose(file);
    }
    AUTO(text) char *log = text_format("%s/site.db-wal", f->folder);
    unlink(log);
    told_done(&f->told);
    struct ledger_options options = fixture_options(f);
    struct ledger *ledger = ledger_open(&options, &err);
    assert_non_null(ledger);
    f->site.ledger = ledger;
    ledger->roster = f->site.roster;
    be_quick(f);
}

/* What a watch would do with it (watch/authority.c): the token by the root key, this camera in it, and the
 * list to the byte. */
static void check_what_was_handed_over(struct fixture *f, const char *edit)
{
    struct error err = {0};
    struct token_terms terms;
    uint8_t hash[HASH_SIZE];
    const struct token_context context = {.site = f->site.name,
        .kind = f->site.kind,
        .root_key = f->site.root_key,
        .endorsement_key = f->site.endorsement_key,
        .camera_key = f->told.camera_key,
        .pack_hash = f->site.pack_hash,
        .pack_is_demo = f->site.kind == SITE_DEMO,
        .least_roster_number = 0, /* as a watch that starts, which has seen no roster yet */
        .now_s = clock_now_s()};
    if (!token_verify(f->told.token, strlen(f->told.token), &context, &terms, &err))
        fail_msg("%s: handed over a token that no watch takes: %s", edit, err.text);
    AUTO(gallery) struct gallery *gallery = gallery_new(f->told.list, f->told.items, &err);
    must(gallery != NULL, &err);
    gallery_hash(gallery, hash);
    if (memcmp(hash, terms.list_hash, HASH_SIZE) != 0)
        fail_msg("%s: handed over another list than the signed one", edit);
}

/* False where the table's own rules refuse it. */
static bool try_edit(struct fixture *f, struct edited *edited, const char *edit)
{
    struct error err = {0};
    if (!store_run(f->site.ledger->store, edit, &err))
        return false;
    if (store_changes(f->site.ledger->store) == 0) {
        /* On the live site nothing ran before. */
        if (f->site.kind == SITE_DEMO && (!edited->owes || !strstr(edit, "operation_publication")))
            fail_msg("tried nothing: %s", edit);
        return true;
    }
    edited->tried++;
    if (list_begin(&f->site, &err))
        operation_resume_all(&f->site, &err);
    operation_tick(&f->site, &err);
    operation_tick(&f->site, &err);
    if (f->told.arms && !edited->may_arm)
        fail_msg("armed after: %s", edit);
    if (f->told.arms)
        check_what_was_handed_over(f, edit);
    edited->armed += f->told.arms > 0;
    put_back(f, edited);
    return true;
}

static void try_column(
    struct fixture *f, struct edited *edited, const struct row_column *column, const char *value)
{
    AUTO(text)
    char *edit = text_format("UPDATE %s SET %s = %s", column->table, column->name, value);
    if (try_edit(f, edited, edit))
        return;
    /* Not the same in every row: in the newest, then. */
    AUTO(text) char *one = text_format("%s WHERE rowid = (SELECT max(rowid) FROM %s)", edit, column->table);
    try_edit(f, edited, one);
}

static void take_away(struct fixture *f, struct edited *edited, const char *table)
{
    AUTO(text) char *all = text_format("DELETE FROM %s", table);
    AUTO(text) char *newest = text_format("%s WHERE rowid = (SELECT max(rowid) FROM %s)", all, table);
    AUTO(text) char *oldest = text_format("%s WHERE rowid = (SELECT min(rowid) FROM %s)", all, table);
    try_edit(f, edited, all);
    try_edit(f, edited, newest);
    try_edit(f, edited, oldest);
}

/* Valid rows in each other's place, and one beside itself. */
static void exchange_rows(struct fixture *f, struct edited *edited, const char *table)
{
    AUTO(text) char *swap = row_edit_swap(f->site.ledger->store, table);
    if (swap)
        edited->exchanged += try_edit(f, edited, swap);
    for (int nth = 1;; nth++) {
        AUTO(text) char *copy = row_edit_copy(f->site.ledger->store, table, nth);
        if (!copy)
            return;
        edited->exchanged += try_edit(f, edited, copy);
    }
}

static void try_every_field(struct fixture *f, bool may_arm)
{
    static const char *const numbers[] = {"%s + 3600", "1 - %s", NULL};
    static const char *const texts[] = {"'approved'", "'authorised'", "''", NULL};
    static const char *const blobs[] = {"randomblob(length(%s))", NULL};
    struct edited edited = {.may_arm = may_arm, .owes = count_rows(f, "operation_publication") == 0};
    keep(f, &edited);
    for (size_t i = 0; i < edited.count; i++) {
        const struct row_column *column = &edited.columns[i];
        const char *const *values = strcmp(column->type, "INTEGER") == 0 ? numbers
                                    : strcmp(column->type, "TEXT") == 0  ? texts
                                                                         : blobs;
        for (; *values; values++) {
            char value[96];
            const char *mark = strstr(*values, "%s");
            snprintf(value, sizeof value, "%.*s%s%s", mark ? (int)(mark - *values) : (int)strlen(*values),
                *values, mark ? column->name : "", mark ? mark + 2 : "");
            try_column(f, &edited, column, value);
        }
        if (i > 0 && strcmp(column->table, edited.columns[i - 1].table) == 0)
            continue;
        take_away(f, &edited, column->table);
        exchange_rows(f, &edited, column->table);
    }
    for (size_t i = 0; i < FILES; i++)
        bytes_free(&edited.kept[i]);
    assert_in_range(edited.tried, 100, SIZE_MAX);
    assert_in_range(edited.exchanged, 20, SIZE_MAX);
    /* Some edits change nothing that counts; without them the check above would prove nothing. */
    assert_int_equal(edited.armed > 0, may_arm);
}

static void set_live(struct fixture *f, const char *entry)
{
    struct error err = {0};
    AUTO(json) json_t *person = NULL;
    AUTO(json) json_t *cases = NULL;
    must(entry_open(&f->site, entry, &person, &cases, &err), &err);
    AUTO(text)
    char *ini = text_format("[status]\navailable = yes\n%s = live\n",
        json_string_value(json_object_get(json_array_get(cases, 0), "case")));
    set_ports(f, ini);
}

/* One far away, and one there. */
static void protect_places(struct fixture *f, int number, int latitude_e7, int longitude_e7)
{
    struct error err = {0};
    json_t *places = json_array();
    for (int i = 0; i < number; i++)
        json_array_append_new(places, json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:i}", "name", "Mosque",
                                          "kind", "worship", "latitude_e7", i * latitude_e7, "longitude_e7",
                                          i * longitude_e7, "radius_m", 100, "from", 0, "until", 0));
    AUTO(envelope)
    struct envelope *list = signed_by(f, AUTHORISER_ONE, "protected_places",
        json_pack("{s:i, s:i, s:o}", "part", 0, "number", number, "places", places));
    AUTO(json) json_t *reply = places_sign(&f->site, list, &err);
    must(reply != NULL, &err);
}

static void protect_a_place(struct fixture *f)
{
    protect_places(f, 1, 0, 0);
}

static void feed_that_it_is(struct fixture *f, const char *entry, const char *status)
{
    struct error err = {0};
    char legal_case[24];
    case_of(f, entry, legal_case);
    AUTO(envelope)
    struct envelope *feed = signed_by(f, STATION_OFFICER, "status_feed",
        json_pack("{s:s, s:I, s:[{s:s, s:s}]}", "station", f->station, "taken_at", (json_int_t)clock_now_s(),
            "cases", "case", legal_case, "status", status));
    AUTO(json) json_t *reply = status_feed(&f->site, feed, &err);
    must(reply != NULL, &err);
}

/* The station says that the case is live, as the port does. */
static void feed_status(struct fixture *f, const char *entry)
{
    feed_that_it_is(f, entry, "live");
}

static void camera_of(struct fixture *f, const char *operation, char out[static 24])
{
    struct error err = {0};
    AUTO(query)
    struct query *query = query_new(
        f->site.ledger->store, "SELECT camera FROM operation_camera WHERE operation = :operation", &err);
    query_text(query, ":operation", operation);
    must(query_next(query), &err);
    snprintf(out, 24, "%s", query_get_text(query, 0));
}

/* One that ran and is over. */
static void run_one_before(struct fixture *f, char operation[static 24], char entry[static 24])
{
    struct error err = {0};
    run_operation(f, operation, entry);
    clock_pass(60);
    AUTO(envelope)
    struct envelope *end =
        signed_by(f, AUTHORISER_ONE, "operation_end", json_pack("{s:s}", "operation", operation));
    expect_field(operation_end(&f->site, end, &err), &err, "state", "ended");
    must(operation_tick(&f->site, &err), &err);
}

static void publish(struct fixture *f, const char *operation)
{
    struct error err = {0};
    AUTO(public_record) struct public_record *record = make_public_record(f, operation, -1, &err);
    must(record != NULL, &err);
    AUTO(json) json_t *made = operation_record(officer_of(f, AUDITOR), record, &err);
    must(made != NULL, &err);
    AUTO(envelope)
    struct envelope *publication = signed_by(f, AUDITOR, "publication",
        json_pack("{s:s, s:O, s:O}", "operation", operation, "through", json_object_get(made, "through"),
            "record_hash", json_object_get(made, "record_hash")));
    AUTO(public_record)
    struct public_record *again =
        make_public_record(f, operation, json_integer_value(json_object_get(made, "through")), &err);
    AUTO(json) json_t *reply = again ? operation_publish(&f->site, publication, again, &err) : NULL;
    must(reply != NULL, &err);
}

static void make_signed(struct fixture *f, char operation[static 24], char entry[static 24], int64_t lasts_s)
{
    char camera[24], hash[HEX_HASH_SIZE];
    char before[24];
    run_one_before(f, before, entry);
    if (lasts_s != OWES)
        publish(f, before);
    protect_a_place(f);
    operation[0] = '\0';
    feed_status(f, entry);
    set_live(f, entry);
    add_camera(f, camera);
    request_operation(f, operation, entry, camera, lasts_s, hash);
    authorise_by(f, AUTHORISER_ONE, operation, hash, "requested");
    fixture_watch(f);
    if (lasts_s != ONE_OFFICE)
        authorise_by(f, AUTHORISER_TWO, operation, hash, "authorised");
    fill_room(f);
}

static void s50_no_edit_hands_a_watch_more_than_was_signed(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    make_signed(f, operation, entry, HOUR);
    try_every_field(f, true);
}

static void s50_no_edit_arms_a_suspended_entry(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    make_signed(f, operation, entry, HOUR);
    must(ledger_begin(f->site.ledger, &err), &err);
    must(entry_suspend(&f->site, entry, "wrong_person", &err), &err);
    must(ledger_commit(f->site.ledger, &err), &err);
    try_every_field(f, false);
}

static void s50_no_edit_arms_what_one_office_signed(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    make_signed(f, operation, entry, ONE_OFFICE);
    try_every_field(f, false);
}

static void s50_no_edit_arms_after_the_end(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    make_signed(f, operation, entry, HOUR);
    clock_pass(3601);
    fill_room(f);
    try_every_field(f, false);
}

static void s20_s50_no_edit_arms_while_a_record_is_owed(void **state)
{
    struct fixture *f = *state;
    char operation[24], entry[24];
    make_signed(f, operation, entry, OWES);
    try_every_field(f, false);
}

/* The same site as a live one: its roster is of that kind, and the oversight body has signed it. */
static void go_live(struct fixture *f)
{
    struct error err = {0};
    static uint8_t body[PUBLIC_KEY_SIZE], body_secret[SECRET_KEY_SIZE];
    char hash[HEX_HASH_SIZE];
    sign_key_new(body, body_secret);
    json_t *fields = json_deep_copy(roster_envelope(f->site.roster)->fields);
    json_object_set_new(fields, "kind", json_string("live"));
    AUTO(envelope) struct envelope *roster = signed_with("root", f->root_secret, "roster", fields);
    roster_free(f->site.roster);
    f->site.roster = roster_read(roster, f->site.root_key, f->site.name, &err);
    must(f->site.roster != NULL, &err);
    f->site.ledger->roster = f->site.roster;
    envelope_hash_hex(roster, hash);
    f->site.kind = SITE_LIVE;
    f->site.endorsement_key = body;
    f->site.endorsement = signed_with("oversight", body_secret, "roster_endorsement",
        json_pack("{s:i, s:s}", "number", 1, "roster_hash", hash));
    clock_pass(LIMIT_ROSTER_WAIT_S);
}

static void try_every_field_live(struct fixture *f, bool may_arm)
{
    try_every_field(f, may_arm);
    envelope_free(f->site.endorsement);
    f->site.endorsement = NULL;
}

/* A trial on a live site; by the outside signer, too, or not yet. */
static void make_signed_live(struct fixture *f, bool by_the_outside_signer)
{
    struct error err = {0};
    char operation[24] = "", entry[24], camera[24], hash[HEX_HASH_SIZE];
    list_entry(f, 1, entry);
    go_live(f);
    protect_a_place(f);
    feed_status(f, entry);
    set_live(f, entry);
    add_camera(f, camera);
    json_t *fields = draft_request(f, operation, entry, camera);
    json_object_set_new(fields, "kind", json_string("live"));
    AUTO(envelope) struct envelope *request = signed_by(f, WATCH_ONE, "operation_request", fields);
    envelope_hash_hex(request, hash);
    expect_field(operation_request(&f->site, request, NULL, &err), &err, "state", "requested");
    authorise_by(f, AUTHORISER_ONE, operation, hash, "requested");
    authorise_by(f, AUTHORISER_TWO, operation, hash, "requested");
    fixture_watch(f);
    if (by_the_outside_signer)
        authorise_by(f, JUDGE, operation, hash, "authorised");
    fill_room(f);
}

static void s13_s50_no_edit_of_a_live_site_hands_a_watch_more_than_was_signed(void **state)
{
    make_signed_live(*state, true);
    try_every_field_live(*state, true);
}

static void s13_s50_no_edit_of_a_live_site_arms_without_the_outside_signer(void **state)
{
    make_signed_live(*state, false);
    try_every_field_live(*state, false);
}

/* What is taken back, so that what was signed arms no more; each by the desk itself. */
struct signed_parts {
    char operation[24], entry[24], camera[24];
};

static void suspend_it(struct fixture *f, const struct signed_parts *parts)
{
    suspend_entry(f, parts->entry);
}

static void withdraw_it(struct fixture *f, const struct signed_parts *parts)
{
    struct error err = {0};
    AUTO(envelope)
    struct envelope *withdrawal = signed_by(f, WATCH_ONE, "entry_withdrawal",
        json_pack("{s:s, s:s}", "entry", parts->entry, "reason", "no_longer_wanted"));
    AUTO(json) json_t *reply = entry_withdraw(&f->site, withdrawal, &err);
    must(reply != NULL, &err);
}

static void close_its_case(struct fixture *f, const struct signed_parts *parts)
{
    feed_that_it_is(f, parts->entry, "closed");
}

static void halt_it(struct fixture *f, const struct signed_parts *parts)
{
    struct error err = {0};
    AUTO(envelope)
    struct envelope *halt = signed_by(f, REVIEWER_ONE, "halt",
        json_pack("{s:s, s:s}", "operation", parts->operation, "reason", "wrong_person"));
    expect_field(operation_halt(&f->site, halt, &err), &err, "state", "halted");
}

static void move_its_camera(struct fixture *f, const struct signed_parts *parts)
{
    struct error err = {0};
    expect_field(register_camera(f, ADMIN, parts->camera, 500, &err), &err, "camera", parts->camera);
}

static void protect_its_place(struct fixture *f, const struct signed_parts *parts)
{
    (void)parts;
    protect_places(f, 2, 248600000, 670100000);
}

static void send_a_reviewer_home(struct fixture *f, const struct signed_parts *parts)
{
    struct error err = {0};
    (void)parts;
    must(presence_leave(&f->site, f->officers[REVIEWER_TWO], &err), &err);
}

static void put_older_rows_back(struct fixture *f, struct edited *edited)
{
    AUTO(text_buffer) struct text all = {0};
    for (size_t i = 0; i < edited->count; i++) {
        const char *table = edited->columns[i].table;
        for (int alone = 0; alone < 2; alone++) {
            if (i > 0 && strcmp(table, edited->columns[i - 1].table) == 0)
                continue;
            AUTO(text) char *edit = row_edit_put_older(f->site.ledger->store, table, alone);
            if (!edit)
                continue;
            edited->exchanged += try_edit(f, edited, edit);
            if (alone)
                text_add(&all, "%s;", edit);
        }
    }
    try_edit(f, edited, all.data);
}

/* Rows that carry the desk's own mark, or a signature that counts, of a minute before. */
static void s15_s16_s19_s21_s50_no_older_row_put_back_arms_what_was_taken_back(void **state)
{
    struct fixture *f = *state;
    static void (*const changes[])(struct fixture *, const struct signed_parts *) = {suspend_it, withdraw_it,
        close_its_case, halt_it, move_its_camera, protect_its_place, send_a_reviewer_home};
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        struct signed_parts parts;
        struct edited edited = {.may_arm = false};
        make_signed(f, parts.operation, parts.entry, HOUR);
        camera_of(f, parts.operation, parts.camera);
        row_edit_keep(f->site.ledger->store, is_tried);
        clock_pass(60);
        changes[i](f, &parts);
        keep(f, &edited);
        try_edit(f, &edited, "UPDATE camera SET registered_at = registered_at"); /* as it is */
        put_older_rows_back(f, &edited);
        assert_true(edited.exchanged >= 2);
        for (size_t file = 0; file < FILES; file++)
            bytes_free(&edited.kept[file]);
        fixture_done(f);
        fixture_make(f, NULL, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(s50_no_edit_hands_a_watch_more_than_was_signed),
        SITE_TEST(s50_no_edit_arms_a_suspended_entry),
        SITE_TEST(s50_no_edit_arms_what_one_office_signed),
        SITE_TEST(s50_no_edit_arms_after_the_end),
        SITE_TEST(s20_s50_no_edit_arms_while_a_record_is_owed),
        SITE_TEST(s15_s16_s19_s21_s50_no_older_row_put_back_arms_what_was_taken_back),
        SITE_TEST(s13_s50_no_edit_of_a_live_site_hands_a_watch_more_than_was_signed),
        SITE_TEST(s13_s50_no_edit_of_a_live_site_arms_without_the_outside_signer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
