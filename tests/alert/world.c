#include "world.h"

#include "alert/passage.h"
#include "base/file.h"
#include "list/camera_seen.h"
#include "list/former_roster.h"
#include "list/camera.h"
#include "list/presence.h"
#include "list/succession.h"

#include <stdlib.h>
#include <unistd.h>

#include <dirent.h>

struct error wrong;
json_t *answer;
char slip[16];
char slip_proof[HEX_HASH_SIZE];

static const struct {
    const char *id, *office, *roles[2];
} people[PEOPLE] = {
    [PROPOSER] = {"o-0000000000000001", "f-0000000000000001", {"watch_officer", "dispatcher"}},
    [APPROVER] = {"o-0000000000000002", "f-0000000000000002", {"authoriser", "reviewer"}},
    [REVIEWER_ONE] = {"o-0000000000000003", "f-0000000000000001", {"reviewer", NULL}},
    [REVIEWER_TWO] = {"o-0000000000000004", "f-0000000000000002", {"reviewer", NULL}},
    [REVIEWER_THREE] = {"o-0000000000000005", "f-0000000000000003", {"reviewer", NULL}},
    [REVIEWER_BESIDE] = {"o-0000000000000006", "f-0000000000000001", {"reviewer", NULL}},
    [DISPATCHER] = {"o-0000000000000007", "f-0000000000000001", {"dispatcher", NULL}},
    [BOTH] = {"o-0000000000000008", "f-0000000000000003", {"reviewer", "dispatcher"}},
    [CREW_ONE] = {"o-0000000000000009", "f-0000000000000004", {"crew", NULL}},
    [CREW_TWO] = {"o-000000000000000a", "f-0000000000000004", {"crew", NULL}},
    [STATION] = {"o-000000000000000b", "f-0000000000000005", {"station", NULL}},
    [STATION_BESIDE] = {"o-0000000000000010", "f-000000000000000a", {"station", NULL}},
    [ADMIN] = {"o-000000000000000c", "f-0000000000000006", {"admin", NULL}},
    [AUTHORISER_ONE] = {"o-000000000000000d", "f-0000000000000007", {"authoriser", NULL}},
    [AUTHORISER_TWO] = {"o-000000000000000e", "f-0000000000000008", {"authoriser", NULL}},
    [AUTHORISER_BESIDE] = {"o-000000000000000f", "f-0000000000000007", {"authoriser", NULL}},
    [AUTHORISER_THREE] = {"o-0000000000000011", "f-0000000000000003", {"authoriser", NULL}},
    [INSPECTOR] = {"o-000000000000000g", "f-0000000000000009", {"inspector", NULL}},
};

const char *id_of(enum person person)
{
    return people[person].id;
}

const struct officer *officer_of(struct world *world, enum person person)
{
    return roster_officer(world->site.roster, people[person].id);
}

static json_t *hex_json(const void *bytes)
{
    char hex[HEX_HASH_SIZE];
    hex_write(bytes, HASH_SIZE, hex);
    return json_string(hex);
}

static json_t *posts_of(enum person person)
{
    if (person == CREW_ONE || person == CREW_TWO)
        return json_pack("[s, s]", UNIT, OTHER_UNIT);
    if (person == STATION || person == STATION_BESIDE)
        return json_pack("[s]", person == STATION ? STATION_ID : OTHER_STATION);
    return json_array();
}

static json_t *officers_json(struct world *world)
{
    json_t *officers = json_array();
    for (int i = 0; i < PEOPLE; i++) {
        uint8_t key[PUBLIC_KEY_SIZE];
        sign_key_new(key, world->secret[i]);
        json_t *roles = json_array();
        for (size_t j = 0; j < 2 && people[i].roles[j]; j++)
            json_array_append_new(roles, json_string(people[i].roles[j]));
        json_array_append_new(
            officers, json_pack("{s:s, s:s, s:o, s:o, s:o}", "officer", people[i].id, "office",
                          people[i].office, "roles", roles, "posts", posts_of(i), "key", hex_json(key)));
    }
    return officers;
}

static json_t *device_json(const char *noun, const char *id, uint8_t secret[static 32])
{
    uint8_t key[PUBLIC_KEY_SIZE];
    device_key_new(key, secret);
    return json_pack("{s:s, s:o}", noun, id, "key", hex_json(key));
}

static void make_roster(struct world *world)
{
    uint8_t report_key[PUBLIC_KEY_SIZE];
    uint8_t oversight[PUBLIC_KEY_SIZE];
    uint8_t previous[HASH_SIZE] = {0};
    sign_key_new(world->site.root_key, world->root_secret);
    random_fill(report_key, sizeof report_key);
    device_key_new(oversight, world->oversight_secret);
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:s, s:s, s:I, s:s, s:i, s:o, s:o, s:[o, o], s:[o, o], s:[o], s:o}",
        "type", "roster", "site", world->site.name, "by", "root", "at", (json_int_t)clock_now_s(), "kind",
        "demo", "number", 1, "previous", hex_json(previous), "officers", officers_json(world), "units",
        device_json("unit", UNIT, world->unit_secret),
        device_json("unit", OTHER_UNIT, world->other_unit_secret), "stations",
        device_json("station", STATION_ID, world->station_secret),
        device_json("station", OTHER_STATION, world->other_station_secret), "report_keys",
        hex_json(report_key), "oversight_key", hex_json(oversight));
    AUTO(envelope) struct envelope *envelope = envelope_sign(fields, world->root_secret, &wrong);
    assert_non_null(envelope);
    world->site.roster = roster_read(envelope, world->site.root_key, world->site.name, &wrong);
    if (!world->site.roster)
        fail_msg("%s", wrong.text);
}

static void open_ledger(struct world *world, bool make)
{
    static struct migration migrations[64];
    size_t count = 0;
    const struct {
        const struct migration *list;
        size_t count;
    } nouns[] = {{roster_migrations, roster_migration_count}, {camera_migrations, camera_migration_count},
        {presence_migrations, presence_migration_count}, {alert_migrations, alert_migration_count}};
    migrations[count++] = (struct migration){"test-accepted", neighbour_tables};
    for (size_t i = 0; i < COUNT_OF(nouns); i++) {
        for (size_t j = 0; j < nouns[i].count; j++)
            migrations[count++] = nouns[i].list[j];
    }
    const struct ledger_options options = {.folder = world->folder,
        .site = world->site.name,
        .site_key = world->site_key,
        .migrations = migrations,
        .migration_count = count};
    if ((make && !ledger_make(&options, &wrong)) || !(world->site.ledger = ledger_open(&options, &wrong)))
        fail_msg("%s", wrong.text);
    world->site.ledger->roster = world->site.roster;
}

void world_stop(struct world *world)
{
    ledger_close(world->site.ledger);
    world->site.ledger = NULL;
}

void world_start(struct world *world)
{
    wrong = (struct error){0};
    open_ledger(world, false);
    if (!alert_begin(&world->site, &wrong))
        fail_msg("%s", wrong.text);
}

static void register_camera(struct world *world, const char *camera, const char *name)
{
    AUTO(envelope)
    struct envelope *envelope = said_by(world, ADMIN, "camera",
        json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:I}", "camera", camera, "name", name, "address",
            "rtsp://127.0.0.1:8554/gate", "latitude_e7", 248600000, "longitude_e7", 670100000, "heading_deg",
            90, "tls", "", "sign_checked_at", (json_int_t)(clock_now_s() - 60)));
    AUTO(json) json_t *reply = camera_register(&world->site, envelope, "", &wrong);
    if (!reply)
        fail_msg("%s", wrong.text);
}

void register_second_camera(struct world *world)
{
    register_camera(world, "c-0000000000000002", "Side gate");
}

void ports_say(struct world *world, const char *ini)
{
    assert_true(file_write(world->ports_path, 0600, ini, strlen(ini), &wrong));
}

void be_present(struct world *world, enum person person, const char *as, const char *unit)
{
    AUTO(json) json_t *reply = presence_confirm(&world->site, officer_of(world, person), as, unit, &wrong);
    if (!reply)
        fail_msg("%s", wrong.text);
}

void leave(struct world *world, enum person person)
{
    assert_true(presence_leave(&world->site, id_of(person), &wrong));
}

int world_setup(void **state)
{
    struct world *world = memory_allocate(1, sizeof *world);
    assert_true(crypto_start(&wrong));
    clock_start();
    /* In memory, where the environment says so: long searches then wait for no disk. */
    const char *place = getenv("TMPDIR");
    snprintf(world->folder, sizeof world->folder, "%s/mizan-alert-XXXXXX", place ? place : "/tmp");
    assert_non_null(mkdtemp(world->folder));
    snprintf(world->site.name, sizeof world->site.name, "demo-one");
    world->site.kind = SITE_DEMO;
    random_fill(world->site_key, sizeof world->site_key);
    make_roster(world);
    open_ledger(world, true);
    accepted(roster_adopt(&world->site, &wrong));
    snprintf(world->ports_path, sizeof world->ports_path, "%s/ports.ini", world->folder);
    ports_say(world, "[register]\navailable = yes\n" CNIC " = thumb\n42101-7654321-9 = thumb\n[status]\n"
                     "available = yes\n" CASE " = live\n");
    world->site.ports = ports_simulated(world->ports_path, &wrong);
    assert_non_null(world->site.ports);
    world->site.supervisor =
        (struct supervisor *)world; /* not looked into: neighbours.c marks the pictures */
    neighbours = (struct neighbours){.operation_allows = true, .operation_state = "running"};
    world->ago_us = 2000000;
    register_camera(world, CAMERA, "Main gate");
    be_present(world, REVIEWER_ONE, "reviewer", NULL);
    be_present(world, REVIEWER_TWO, "reviewer", NULL);
    be_present(world, DISPATCHER, "dispatcher", NULL);
    be_present(world, CREW_ONE, "crew", UNIT);
    *state = world;
    return 0;
}

static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        AUTO(text) char *file = text_format("%s/%s", path, entry->d_name);
        unlink(file);
    }
    if (folder)
        closedir(folder);
    rmdir(path);
}

int world_teardown(void **state)
{
    struct world *world = *state;
    json_decref(answer);
    answer = NULL;
    ports_free(world->site.ports);
    ledger_close(world->site.ledger);
    roster_free(world->site.roster);
    camera_seen_free(world->site.cameras_seen);
    former_rosters_free(world->site.former_rosters);
    remove_folder(world->folder);
    memory_release(world);
    return 0;
}

struct envelope *said_by(struct world *world, enum person person, const char *type, json_t *fields)
{
    /* One second apart, so that saying the same again is another statement. */
    json_object_set_new(fields, "at", json_integer(clock_now_s() - 250 + world->told_at++ % 500));
    json_object_set_new(fields, "by", json_string(id_of(person)));
    json_object_set_new(fields, "site", json_string(world->site.name));
    json_object_set_new(fields, "type", json_string(type));
    struct envelope *envelope = envelope_sign(fields, world->secret[person], &wrong);
    json_decref(fields);
    if (!envelope)
        fail_msg("%s: %s", type, wrong.text);
    return envelope;
}

bool act(struct world *world, deed *does, enum person person, const char *type, json_t *fields)
{
    AUTO(envelope) struct envelope *envelope = said_by(world, person, type, fields);
    wrong = (struct error){0};
    json_t *reply = does(&world->site, envelope, &wrong);
    assert_false(store_in_transaction(world->site.ledger->store));
    if (!reply)
        return false;
    json_decref(answer);
    answer = reply;
    return true;
}

struct sighting sighting_of(struct world *world, const char *entry)
{
    static uint8_t jpeg[] = {0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 0xff, 0xd9};
    struct sighting sighting = {.fused_score = 0.71f, .other_count = 1, .crop_count = 2};
    int64_t now_us = clock_now_us() - world->ago_us;
    random_id("p", sighting.passage);
    random_fill(world->crop, 64);
    snprintf(sighting.camera, sizeof sighting.camera, CAMERA);
    snprintf(sighting.operation, sizeof sighting.operation, OPERATION);
    snprintf(sighting.entry, sizeof sighting.entry, "%s", entry);
    snprintf(sighting.others[0].entry, sizeof sighting.others[0].entry, "e-0000000000000009");
    sighting.others[0].score = 0.31f;
    sighting.captured_us[0] = now_us - 400000;
    sighting.captured_us[1] = now_us;
    sighting.crops[0] = sighting.crops[1] = world->crop;
    sighting.face = sighting.scene = (struct bytes){jpeg, sizeof jpeg};
    sighting.decided_us = now_us + 100000;
    return sighting;
}

static void remember_pictures(struct world *world, const struct sighting *sighting)
{
    snprintf(world->passage, sizeof world->passage, "%s", sighting->passage);
    /* As docs/statements.md says it, written here once more. */
    __attribute__((cleanup(text_buffer_auto))) struct text lines = {0};
    const struct bytes pictures[] = {
        {sighting->crops[0], CROP_BYTES}, {sighting->crops[1], CROP_BYTES}, sighting->face};
    text_add(&lines, "%s\n", sighting->passage);
    for (size_t i = 0; i < COUNT_OF(pictures); i++) {
        uint8_t hash[HASH_SIZE];
        char hex[HEX_HASH_SIZE];
        hash_bytes(pictures[i].data, pictures[i].size, hash);
        hex_write(hash, HASH_SIZE, hex);
        text_add(&lines, "%s\n", hex);
    }
    uint8_t hash[HASH_SIZE];
    hash_bytes(lines.data, lines.size, hash);
    hex_write(hash, HASH_SIZE, world->pictures_hash);
}

void raise_again(struct world *world, const struct sighting *sighting)
{
    wrong = (struct error){0};
    if (!alert_raise(&world->site, sighting, &wrong))
        fail_msg("%s", wrong.text);
    remember_pictures(world, sighting);
}

void raise_one(struct world *world)
{
    struct sighting sighting = sighting_of(world, ENTRY);
    raise_again(world, &sighting);
    AUTO(query)
    struct query *query = query_new(world->site.ledger->store,
        "SELECT alert FROM alert ORDER BY raised_us DESC, rowid DESC LIMIT 1", &wrong);
    assert_true(query_next(query));
    snprintf(world->alert, sizeof world->alert, "%s", query_get_text(query, 0));
}

json_t *review_of(const struct world *world, const char *word)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:[s], s:[s]}", "alert", world->alert, "passage", world->passage,
        "pictures_hash", world->pictures_hash, "answer", word, "likenesses", "ears", "differences", "chin");
}

bool review_as(struct world *world, enum person person, const char *word)
{
    return act(world, alert_review, person, "review", review_of(world, word));
}

static void remember_pair(struct world *world)
{
    AUTO(query)
    struct query *query = query_new(
        world->site.ledger->store, "SELECT passage FROM alert_passage WHERE alert = :alert", &wrong);
    query_text(query, ":alert", world->alert);
    assert_true(query_next(query));
    snprintf(world->passage, sizeof world->passage, "%s", query_get_text(query, 0));
    AUTO(json) json_t *facts = passage_facts(&world->site, world->alert, world->passage, &wrong);
    const char *hash = json_string_value(json_object_get(facts, "pictures_hash"));
    snprintf(world->pictures_hash, sizeof world->pictures_hash, "%s", hash);
}

bool plant_pair(struct world *world, enum person person, const char *photo_entry)
{
    char alert[24];
    random_id("a", alert);
    const char *photo = strcmp(photo_entry, ENTRY) == 0 ? OTHER_PHOTO : FOREIGN_PHOTO;
    if (!act(world, alert_plant, person, "planting",
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "alert", alert, "operation", OPERATION, "camera",
                CAMERA, "entry", ENTRY, "photo_entry", photo_entry, "photo", photo)))
        return false;
    snprintf(world->alert, sizeof world->alert, "%s", alert);
    remember_pair(world);
    return true;
}

void agree(struct world *world)
{
    int answers = 0;
    for (int person = 0; person < PEOPLE; person++) {
        if (is_drawn(world, (enum person)person)) {
            accepted(review_as(world, (enum person)person, "same"));
            answers++;
        }
    }
    assert_int_equal(answers, 2);
    assert_string_equal(state_of(world), "agreed");
}

json_t *dispatch_fields(struct world *world, const char *unit)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s}", "alert", world->alert, "passage",
        world->passage, "pictures_hash", world->pictures_hash, "unit", unit, "travel", "on_foot", "colour",
        "unknown", "clothing", "jacket", "pillion", 0, "heading", "north");
}

bool dispatch_by(struct world *world, enum person person, const char *unit)
{
    return act(world, alert_dispatch, person, "dispatch", dispatch_fields(world, unit));
}

bool crew_answers(struct world *world, const char *word)
{
    return act(world, alert_accept, CREW_ONE, "acceptance",
        json_pack("{s:s, s:s}", "alert", world->alert, "answer", word));
}

bool arrive(struct world *world)
{
    return act(world, alert_arrive, CREW_ONE, "arrival", json_pack("{s:s}", "alert", world->alert));
}

bool stop_person(struct world *world)
{
    if (!act(world, alert_stop, CREW_ONE, "stop", json_pack("{s:s}", "alert", world->alert)))
        return false;
    snprintf(slip, sizeof slip, "%s", json_string_value(json_object_get(answer, "slip")));
    snprintf(slip_proof, sizeof slip_proof, "%s", json_string_value(json_object_get(answer, "slip_proof")));
    return true;
}

json_t *with_slip(json_t *fields, const char *code)
{
    static const char another[] = "0000000000000000000000000000000000000000000000000000000000000000";
    if (code[0])
        json_object_set_new(
            fields, "slip_proof", json_string(strcmp(code, slip) == 0 ? slip_proof : another));
    return fields;
}

static bool answers(json_t *taken, const char *expected)
{
    AUTO(json) json_t *reply = taken;
    const char *word = json_string_value(json_object_get(reply, "answer"));
    return word && strcmp(word, expected) == 0;
}

const uint8_t *slow_key(const struct slip_question *question)
{
    static uint8_t key[DATA_KEY_SIZE];
    assert_true(passphrase_key(question->digits, question->salt, key, NULL));
    return key;
}

json_t *ask_at_counter(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct slip_question question;
    if (!redress_ask_begin(site, envelope, &question, err))
        return NULL;
    return redress_ask(site, envelope, question.digits[0] ? slow_key(&question) : NULL, err);
}

json_t *verify_with(struct world *world, enum person person, const json_t *body)
{
    struct slip_question question;
    const struct officer *crew = officer_of(world, person);
    if (!alert_verify_begin(&world->site, crew, world->alert, body, &question, &wrong))
        return NULL;
    return alert_verify(&world->site, crew, world->alert, body, slow_key(&question), &wrong);
}

bool verify(struct world *world, const char *cnic, const char *sample, const char *expected)
{
    wrong = (struct error){0};
    AUTO(text) char *base64 = base64_write(sample, strlen(sample));
    AUTO(json) json_t *body = json_pack("{s:s, s:s}", "cnic", cnic, "sample", base64);
    return answers(verify_with(world, CREW_ONE, body), expected);
}

bool ask_status(struct world *world, const char *expected)
{
    return ask_status_of(world, CASE, expected);
}

bool ask_status_of(struct world *world, const char *case_id, const char *expected)
{
    wrong = (struct error){0};
    AUTO(json) json_t *body = json_pack("{s:s}", "case", case_id);
    return answers(
        alert_case_status(&world->site, officer_of(world, CREW_ONE), world->alert, body, &wrong), expected);
}

bool outcome(struct world *world, const char *word, const char *means, const char *case_id, const char *code)
{
    json_t *fields = json_pack("{s:s, s:s, s:s, s:s, s:s}", "alert", world->alert, "outcome", word, "harm",
        "none", "means", means, "case", case_id);
    return act(world, alert_outcome, CREW_ONE, "outcome", with_slip(fields, code));
}

json_t *concurrence_fields(struct world *world, const char *word)
{
    AUTO(query)
    struct query *query =
        query_new(world->site.ledger->store, "SELECT pending FROM alert WHERE alert = :alert", &wrong);
    query_text(query, ":alert", world->alert);
    const char *pending = query_next(query) ? query_get_text(query, 0) : "";
    json_t *fields = json_pack("{s:s, s:s}", "alert", world->alert, "outcome", word);
    if (pending[0])
        json_object_set_new(fields, "outcome_hash", json_string(pending));
    return fields;
}

bool concur(struct world *world, enum person person, const char *word)
{
    return act(world, alert_concur, person, "concurrence", concurrence_fields(world, word));
}

void come_to_scene(struct world *world)
{
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    accepted(crew_answers(world, "accepted"));
    accepted(arrive(world));
}

void come_to_stop(struct world *world)
{
    come_to_scene(world);
    accepted(stop_person(world));
}

static const char *text_column(struct world *world, const char *column)
{
    static char value[64];
    AUTO(text) char *select = text_format("SELECT %s FROM alert WHERE alert = :alert", column);
    AUTO(query) struct query *query = query_new(world->site.ledger->store, select, &wrong);
    query_text(query, ":alert", world->alert);
    assert_true(query_next(query));
    snprintf(value, sizeof value, "%s", query_get_text(query, 0));
    return value;
}

const char *state_of(struct world *world)
{
    return text_column(world, "state");
}

const char *outcome_of(struct world *world)
{
    return text_column(world, "outcome");
}

int64_t number(struct world *world, const char *select)
{
    AUTO(query) struct query *query = query_new(world->site.ledger->store, select, &wrong);
    if (!query_next(query))
        fail_msg("%s", select);
    return query_get_integer(query, 0);
}

void sql(struct world *world, const char *statement)
{
    if (!store_run(world->site.ledger->store, statement, &wrong))
        fail_msg("%s", wrong.text);
}

bool look_at_picture(struct world *world, enum person person, const char *name, struct bytes *out)
{
    struct picture_asked asked = {0};
    const struct officer *viewer = officer_of(world, person);
    bool shown = alert_picture_ask(&world->site, viewer, world->alert, name, &asked, &wrong) &&
                 alert_picture_shown(&world->site, viewer, world->alert, name, &asked, &wrong);
    if (shown)
        *out = bytes_copy(asked.words, strlen(asked.words));
    picture_asked_done(&asked);
    return shown;
}

bool is_drawn(struct world *world, enum person person)
{
    AUTO(query)
    struct query *query = query_new(world->site.ledger->store,
        "SELECT 1 FROM alert_draw WHERE passage = :passage AND officer = :officer AND state = 'asked'",
        &wrong);
    query_text(query, ":passage", world->passage);
    query_text(query, ":officer", id_of(person));
    return query_next(query);
}

bool is_recorded(struct world *world, const char *kind)
{
    AUTO(bytes) struct bytes log = {0};
    assert_true(ledger_export(world->site.ledger, &log, &wrong));
    AUTO(text) char *needle = text_format("\"kind\":\"%s\"", kind);
    return memmem(log.data, log.size, needle, strlen(needle)) != NULL;
}
