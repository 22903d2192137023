#include "fixture.h"

#include "base/text.h"
#include "list/camera_seen.h"
#include "list/former_roster.h"
#include "list/action.h"
#include "list/pass_row.h"
#include "list/succession.h"
#include "sign/limits.h"

#include <math.h>
#include <unistd.h>

#include <ftw.h>

static const struct {
    int office;
    uint32_t roles;
} people[PEOPLE] = {
    [WATCH_ONE] = {1, ROLE_BIT(ROLE_WATCH_OFFICER)},
    [WATCH_TWO] = {2, ROLE_BIT(ROLE_WATCH_OFFICER)},
    [AUTHORISER_ONE] = {1, ROLE_BIT(ROLE_AUTHORISER)},
    [AUTHORISER_TWO] = {2, ROLE_BIT(ROLE_AUTHORISER)},
    [AUTHORISER_THREE] = {2, ROLE_BIT(ROLE_AUTHORISER)},
    [REVIEWER_ONE] = {1, ROLE_BIT(ROLE_REVIEWER)},
    [REVIEWER_TWO] = {2, ROLE_BIT(ROLE_REVIEWER)},
    [REVIEWER_THREE] = {3, ROLE_BIT(ROLE_REVIEWER)},
    [DISPATCHER] = {1, ROLE_BIT(ROLE_DISPATCHER)},
    [CREW] = {3, ROLE_BIT(ROLE_CREW)},
    [STATION_OFFICER] = {3, ROLE_BIT(ROLE_STATION)},
    [AUDITOR] = {4, ROLE_BIT(ROLE_AUDITOR)},
    [INSPECTOR] = {4, ROLE_BIT(ROLE_INSPECTOR)},
    [ADMIN] = {1, ROLE_BIT(ROLE_ADMIN)},
    [ADMIN_TWO] = {2, ROLE_BIT(ROLE_ADMIN)},
    [JUDGE] = {0, ROLE_BIT(ROLE_OUTSIDE_SIGNER)},
    [INSIDER] = {2, ROLE_BIT(ROLE_OUTSIDE_SIGNER)},
    [BOTH] = {1, ROLE_BIT(ROLE_WATCH_OFFICER) | ROLE_BIT(ROLE_AUTHORISER)},
};

static void must(bool well, const struct error *err)
{
    if (!well) {
        fail_msg("%s", err->text);
        abort(); /* never reached; tells analysers so */
    }
}

static json_t *hex_json(const void *bytes, size_t size)
{
    char hex[2 * 64 + 1];
    hex_write(bytes, size, hex);
    return json_string(hex);
}

struct envelope *signed_with(const char *by, const uint8_t *secret, const char *type, json_t *fields)
{
    struct error err = {0};
    json_object_set_new(fields, "type", json_string(type));
    json_object_set_new(fields, "site", json_string("demo-test"));
    json_object_set_new(fields, "by", json_string(by));
    json_object_set_new(fields, "at", json_integer(clock_now_s()));
    struct envelope *envelope = envelope_sign(fields, secret, &err);
    json_decref(fields);
    must(envelope != NULL, &err);
    return envelope;
}

static json_t *role_list(uint32_t roles)
{
    json_t *list = json_array();
    for (int role = 0; role < ROLE_COUNT; role++)
        if (roles & ROLE_BIT(role))
            json_array_append_new(list, json_string(role_word((enum role)role)));
    return list;
}

static json_t *posts_of(const struct fixture *fixture, int person)
{
    if (people[person].roles & ROLE_BIT(ROLE_CREW))
        return json_pack("[s]", fixture->unit);
    return people[person].roles & ROLE_BIT(ROLE_STATION) ? json_pack("[s]", fixture->station) : json_array();
}

static json_t *officer_list(struct fixture *fixture)
{
    char offices[5][24];
    for (int i = 0; i < 5; i++)
        random_id("f", offices[i]);
    json_t *list = json_array();
    for (int i = 0; i < PEOPLE; i++) {
        random_id("o", fixture->officers[i]);
        sign_key_new(fixture->public_keys[i], fixture->secret_keys[i]);
        snprintf(fixture->offices[i], 24, "%s", offices[people[i].office]);
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:o, s:o, s:o}", "officer", fixture->officers[i], "office",
                      fixture->offices[i], "roles", role_list(people[i].roles), "posts", posts_of(fixture, i),
                      "key", hex_json(fixture->public_keys[i], PUBLIC_KEY_SIZE)));
    }
    return list;
}

static void make_roster(struct fixture *fixture, const uint8_t lab_key[static PUBLIC_KEY_SIZE])
{
    struct error err = {0};
    uint8_t previous[HASH_SIZE] = {0};
    sign_key_new(fixture->site.root_key, fixture->root_secret);
    random_id("u", fixture->unit);
    random_id("s", fixture->station);
    device_key_new(fixture->unit_key, fixture->unit_secret);
    device_key_new(fixture->station_key, fixture->station_secret);
    device_key_new(fixture->oversight_key, fixture->oversight_secret);
    json_t *fields = json_pack("{s:s, s:i, s:o, s:o, s:[{s:s, s:o}], s:[{s:s, s:o}], s:[o], s:o}", "kind",
        "demo", "number", 1, "previous", hex_json(previous, HASH_SIZE), "officers", officer_list(fixture),
        "units", "unit", fixture->unit, "key", hex_json(fixture->unit_key, PUBLIC_KEY_SIZE), "stations",
        "station", fixture->station, "key", hex_json(fixture->station_key, PUBLIC_KEY_SIZE), "report_keys",
        hex_json(lab_key, PUBLIC_KEY_SIZE), "oversight_key",
        hex_json(fixture->oversight_key, PUBLIC_KEY_SIZE));
    AUTO(envelope) struct envelope *envelope = signed_with("root", fixture->root_secret, "roster", fields);
    fixture->site.roster = roster_read(envelope, fixture->site.root_key, "demo-test", &err);
    must(fixture->site.roster != NULL, &err);
}

static void make_report(struct fixture *fixture, const uint8_t lab_secret[static SECRET_KEY_SIZE])
{
    json_t *fields = json_pack("{s:o, s:i, s:i, s:i, s:s, s:s, s:i}", "pack_hash",
        hex_json(fixture->site.pack_hash, HASH_SIZE), "n", 20, "threshold_e6", 500000, "fpir_bound_e9",
        500000, "camera_class", "day, 40 to 80 px", "made_on", "images", "samples", 100000);
    fixture->site.report = signed_with("lab", lab_secret, "report", fields);
}

static void add_migrations(struct fixture *fixture, const struct migration *some, size_t count)
{
    assert_true(fixture->migration_count + count <= COUNT_OF(fixture->migrations));
    for (size_t i = 0; i < count; i++)
        fixture->migrations[fixture->migration_count++] = some[i];
}

struct ledger_options fixture_options(const struct fixture *fixture)
{
    return (struct ledger_options){.folder = fixture->folder,
        .site = "demo-test",
        .site_key = fixture->site_key,
        .migrations = fixture->migrations,
        .migration_count = fixture->migration_count};
}

static void open_ledger(struct fixture *fixture)
{
    struct error err = {0};
    struct ledger_options options = fixture_options(fixture);
    fixture->site.ledger = ledger_open(&options, &err);
    must(fixture->site.ledger != NULL, &err);
    fixture->site.ledger->roster = fixture->site.roster;
}

void set_ports(struct fixture *fixture, const char *ini)
{
    FILE *file = fopen(fixture->ports_path, "w");
    assert_non_null(file);
    fputs(ini, file);
    fclose(file);
}

void fixture_make(struct fixture *fixture, const struct migration *more, size_t more_count)
{
    struct error err = {0};
    uint8_t lab_key[PUBLIC_KEY_SIZE], lab_secret[SECRET_KEY_SIZE];
    must(crypto_start(&err), &err);
    /* In memory, where the environment says so: long searches then wait for no disk. */
    const char *place = getenv("TMPDIR");
    *fixture = (struct fixture){.folder = ""};
    snprintf(fixture->folder, sizeof fixture->folder, "%s/mizan-list-XXXXXX", place ? place : "/tmp");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->ports_path, sizeof fixture->ports_path, "%s/ports.ini", fixture->folder);
    set_ports(fixture, "[register]\navailable = yes\n[status]\navailable = yes\n");
    random_fill(fixture->site_key, sizeof fixture->site_key);
    random_fill(fixture->site.pack_hash, HASH_SIZE);
    snprintf(fixture->site.name, sizeof fixture->site.name, "demo-test");
    fixture->site.kind = SITE_DEMO;
    sign_key_new(lab_key, lab_secret);
    make_roster(fixture, lab_key);
    make_report(fixture, lab_secret);
    add_migrations(fixture, roster_migrations, roster_migration_count);
    add_migrations(fixture, camera_migrations, camera_migration_count);
    add_migrations(fixture, place_migrations, place_migration_count);
    add_migrations(fixture, photo_migrations, photo_migration_count);
    add_migrations(fixture, entry_migrations, entry_migration_count);
    add_migrations(fixture, presence_migrations, presence_migration_count);
    add_migrations(fixture, operation_migrations, operation_migration_count);
    add_migrations(fixture, pass_migrations, pass_migration_count);
    add_migrations(fixture, more, more_count);
    size_t used = strlen(fixture->folder);
    snprintf(fixture->folder + used, sizeof fixture->folder - used, "/site");
    struct ledger_options options = fixture_options(fixture);
    must(ledger_make(&options, &err), &err);
    open_ledger(fixture);
    fixture->site.ports = ports_simulated(fixture->ports_path, &err);
    must(fixture->site.ports != NULL, &err);
}

static int remove_one(const char *path, const struct stat *state, int kind, struct FTW *where)
{
    (void)state, (void)kind, (void)where;
    return remove(path);
}

void fixture_done(struct fixture *fixture)
{
    operation_stop_arming(&fixture->site);
    ledger_close(fixture->site.ledger);
    roster_free(fixture->site.roster);
    camera_seen_free(fixture->site.cameras_seen);
    former_rosters_free(fixture->site.former_rosters);
    envelope_free(fixture->site.report);
    ports_free(fixture->site.ports);
    told_done(&fixture->told);
    clock_drift_by(0);
    *strrchr(fixture->folder, '/') = '\0';
    nftw(fixture->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void fixture_restart(struct fixture *fixture)
{
    ledger_close(fixture->site.ledger);
    told_done(&fixture->told);
    open_ledger(fixture);
}

void fixture_watch(struct fixture *fixture)
{
    fixture->site.supervisor = &fixture->told;
}

const struct officer *officer_of(struct fixture *fixture, enum person person)
{
    const struct officer *officer = roster_officer(fixture->site.roster, fixture->officers[person]);
    assert_non_null(officer);
    return officer;
}

struct envelope *signed_by(struct fixture *fixture, enum person person, const char *type, json_t *fields)
{
    return signed_with(fixture->officers[person], fixture->secret_keys[person], type, fields);
}

void run_sql(struct fixture *fixture, const char *format, ...)
{
    struct error err = {0};
    char sql[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sql, sizeof sql, format, arguments);
    va_end(arguments);
    must(store_run(fixture->site.ledger->store, sql, &err), &err);
}

int64_t count_rows(struct fixture *fixture, const char *rest)
{
    struct error err = {0};
    AUTO(text) char *sql = text_format("SELECT count(*) FROM %s", rest);
    AUTO(query) struct query *query = query_new(fixture->site.ledger->store, sql, &err);
    must(query_next(query), &err);
    return query_get_integer(query, 0);
}

int64_t count_records(struct fixture *fixture, const char *kind)
{
    struct error err = {0};
    AUTO(bytes) struct bytes log = {0};
    must(ledger_export(fixture->site.ledger, &log, &err), &err);
    AUTO(text) char *text = memory_allocate(log.size + 1, 1);
    memcpy(text, log.data, log.size);
    AUTO(text) char *wanted = text_format("\"kind\":\"%s\"", kind);
    int64_t found = 0;
    for (const char *at = text; (at = strstr(at, wanted)); at++)
        found++;
    return found;
}

struct public_record *make_public_record(
    struct fixture *fixture, const char *operation, int64_t through, struct error *err)
{
    bool done = false;
    AUTO(public_record)
    struct public_record *made = public_record_begin(&fixture->site, operation, through, err);
    while (made && !done) {
        if (!public_record_step(made, &done, err))
            return NULL;
    }
    return STEAL(made);
}

/* Numbers in −1..1 from the seeds, the same in every run. */
static void fill(unsigned seed, unsigned variant, float *out)
{
    for (unsigned i = 0; i < GALLERY_TEMPLATE; i++) {
        unsigned words[3] = {seed, variant, i};
        uint8_t hash[HASH_SIZE];
        hash_bytes(words, sizeof words, hash);
        out[i] = (float)(hash[0] + 256 * hash[1]) / 32768.0F - 1.0F;
    }
}

void make_template(unsigned identity, unsigned face, float out[static GALLERY_TEMPLATE])
{
    float noise[GALLERY_TEMPLATE], length = 0;
    fill(identity, 0, out);
    fill(identity, face + 1, noise);
    for (int i = 0; i < GALLERY_TEMPLATE; i++) {
        out[i] += 0.2F * noise[i];
        length += out[i] * out[i];
    }
    for (int i = 0; i < GALLERY_TEMPLATE; i++)
        out[i] /= sqrtf(length);
}

void upload(struct fixture *fixture, enum person person, unsigned identity, unsigned face,
    char out[static HEX_HASH_SIZE])
{
    struct error err = {0};
    char picture[40];
    snprintf(picture, sizeof picture, "jpeg of %u, face %u", identity, face);
    struct enrolment enrolment = {.accepted = true, .verdict = "ok", .eye_distance_px = 60};
    enrolment.picture = bytes_copy(picture, strlen(picture));
    hash_bytes(enrolment.picture.data, enrolment.picture.size, enrolment.photo_hash);
    make_template(identity, face, enrolment.template);
    json_t *reply =
        photo_keep(&fixture->site, officer_of(fixture, person), &enrolment, enrolment.photo_hash, &err);
    bytes_free(&enrolment.picture);
    must(reply != NULL, &err);
    snprintf(out, HEX_HASH_SIZE, "%s", json_string_value(json_object_get(reply, "photo")));
    json_decref(reply);
}

json_t *proposal_fields(struct fixture *fixture, char entry[static 24], unsigned identity, const char *photo)
{
    char case_id[24], cnic[20];
    if (!entry[0])
        random_id("e", entry);
    random_id("k", case_id);
    snprintf(cnic, sizeof cnic, "42101-%07u-1", identity);
    return json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:i, s:s, s:s}, s:[{s:s, s:s, s:s, s:s, s:s, s:I, s:s}],"
                     " s:[{s:s, s:s, s:s, s:I}], s:I}",
        "entry", entry, "ground", "consenting_test_subject", "person", "name", "Test Subject", "father",
        "Test Father", "cnic", cnic, "born", 1990, "gender", "male", "description", "tall", "cases", "case",
        case_id, "kind", "fir", "number", "12/2026", "section", "379 PPC", "station", fixture->station,
        "dated", (json_int_t)clock_now_s() - 86400, "officer", "Inspector Test", "photos", "photo", photo,
        "source", "consenting_subject", "record_number", "T-1", "dated", (json_int_t)clock_now_s() - 86400,
        "expires_at", (json_int_t)clock_now_s() + LIMIT_ENTRY_S - 10);
}

void propose_entry(struct fixture *fixture, unsigned identity, char entry[static 24])
{
    struct error err = {0};
    char photo[HEX_HASH_SIZE];
    entry[0] = '\0';
    upload(fixture, WATCH_ONE, identity, 0, photo);
    AUTO(envelope)
    struct envelope *proposal =
        signed_by(fixture, WATCH_ONE, "entry_proposal", proposal_fields(fixture, entry, identity, photo));
    expect_field(entry_propose(&fixture->site, proposal, &err), &err, "state", "proposed");
}

json_t *answer_fields(struct fixture *fixture, const char *entry, const char *answer)
{
    struct error err = {0};
    AUTO(query)
    struct query *query =
        query_new(fixture->site.ledger->store, "SELECT proposal_hash FROM entry WHERE entry = :entry", &err);
    query_text(query, ":entry", entry);
    must(query_next(query), &err);
    return json_pack("{s:s, s:s, s:s, s:s}", "entry", entry, "proposal_hash", query_get_text(query, 0),
        "answer", answer, "reason", "checked against the file");
}

void list_entry_by(struct fixture *fixture, unsigned identity, enum person approver, char entry[static 24])
{
    struct error err = {0};
    propose_entry(fixture, identity, entry);
    AUTO(envelope)
    struct envelope *approval =
        signed_by(fixture, approver, "entry_approval", answer_fields(fixture, entry, "approved"));
    expect_field(entry_approve(&fixture->site, approval, NULL, &err), &err, "state", "approved");
}

void list_entry(struct fixture *fixture, unsigned identity, char entry[static 24])
{
    list_entry_by(fixture, identity, AUTHORISER_ONE, entry);
}

void suspend_entry(struct fixture *fixture, const char *entry)
{
    struct error err = {0};
    must(ledger_begin(fixture->site.ledger, &err), &err);
    must(entry_suspend(&fixture->site, entry, "wrong_person", &err), &err);
    must(ledger_commit(fixture->site.ledger, &err), &err);
    clock_pass(1);
}

void case_of(struct fixture *fixture, const char *entry, char out[static 24])
{
    struct error err = {0};
    json_t *person = NULL, *cases = NULL;
    must(entry_open(&fixture->site, entry, &person, &cases, &err), &err);
    snprintf(out, 24, "%s", json_string_value(json_object_get(json_array_get(cases, 0), "case")));
    json_decref(person);
    json_decref(cases);
}

json_t *with_replaced(struct fixture *fixture, const char *camera, json_t *fields)
{
    AUTO(query)
    struct query *query =
        query_new(fixture->site.ledger->store, "SELECT envelope FROM camera WHERE camera = :camera", NULL);
    query_text(query, ":camera", camera);
    const char *text = query_next(query) ? query_get_text(query, 0) : NULL;
    AUTO(envelope) struct envelope *before = text ? envelope_parse(text, strlen(text), NULL) : NULL;
    char hash[HEX_HASH_SIZE] = "";
    if (before)
        envelope_hash_hex(before, hash);
    if (before)
        json_object_set_new(fields, "replaces", json_string(hash));
    return fields;
}

json_t *register_camera(
    struct fixture *fixture, enum person person, const char *camera, int metres, struct error *err)
{
    AUTO(text) char *address = text_format("rtsp://127.0.0.1:8554/%s", camera);
    AUTO(envelope)
    struct envelope *envelope = signed_by(fixture, person, "camera",
        with_replaced(fixture, camera,
            json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:I}", "camera", camera, "name", "Gate", "address",
                address, "latitude_e7", 248600000 + 90 * metres, "longitude_e7", 670100000, "heading_deg", 90,
                "tls", "", "sign_checked_at", (json_int_t)clock_now_s() - 3600)));
    return camera_register(&fixture->site, envelope, "user:secret", err);
}

void add_camera_north(struct fixture *fixture, int metres, char camera[static 24])
{
    struct error err = {0};
    random_id("c", camera);
    expect_field(register_camera(fixture, ADMIN, camera, metres, &err), &err, "camera", camera);
}

void suspend_key(struct fixture *fixture, enum person person)
{
    const struct officer *officer = officer_of(fixture, person);
    roster_suspend(fixture->site.roster, officer->id, officer->key);
}

void suspend_by_statement(struct fixture *fixture, enum person by, enum person person)
{
    struct error err = {0};
    AUTO(envelope)
    struct envelope *statement = signed_by(fixture, by, "suspension",
        json_pack("{s:s, s:s}", "subject", fixture->officers[person], "reason", "lost_device"));
    expect_field(suspension_sign(&fixture->site, statement, &err), &err, "state", "suspended");
}

json_t *next_roster_fields(struct fixture *fixture)
{
    const struct envelope *envelope = roster_envelope(fixture->site.roster);
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(envelope, hash);
    json_t *fields = json_deep_copy(envelope->fields);
    json_object_set_new(fields, "number", json_integer(roster_number(fixture->site.roster) + 1));
    json_object_set_new(fields, "previous", json_string(hash));
    return fields;
}

json_t *roster_line(struct fixture *fixture, json_t *fields, enum person person)
{
    size_t index;
    json_t *line;
    json_array_foreach (json_object_get(fields, "officers"), index, line) {
        if (strcmp(json_string_value(json_object_get(line, "officer")), fixture->officers[person]) == 0)
            return line;
    }
    return NULL;
}

json_t *without_line(struct fixture *fixture, json_t *fields, enum person person)
{
    json_t *officers = json_object_get(fields, "officers");
    for (size_t i = json_array_size(officers); i-- > 0;) {
        if (json_array_get(officers, i) == roster_line(fixture, fields, person))
            json_array_remove(officers, i);
    }
    return fields;
}

void put_roster_in_force(struct fixture *fixture, json_t *fields)
{
    struct error err = {0};
    char hash[HEX_HASH_SIZE];
    int64_t number = json_integer_value(json_object_get(fields, "number"));
    AUTO(envelope) struct envelope *roster = signed_with("root", fixture->root_secret, "roster", fields);
    envelope_hash_hex(roster, hash);
    AUTO(envelope)
    struct envelope *adoption = signed_by(fixture, ADMIN, "roster_adoption",
        json_pack("{s:I, s:s}", "number", (json_int_t)number, "roster_hash", hash));
    AUTO(json) json_t *brought = envelope_json(roster);
    expect_field(roster_bring(&fixture->site, adoption, brought, NULL, &err), &err, "state", "waiting");
    must(roster_tick(&fixture->site, &err), &err);
    assert_int_equal(roster_number(fixture->site.roster), number);
}

void leave_the_force(struct fixture *fixture, enum person person)
{
    put_roster_in_force(fixture, without_line(fixture, next_roster_fields(fixture), person));
}

void give_new_key(struct fixture *fixture, enum person person)
{
    json_t *fields = next_roster_fields(fixture);
    sign_key_new(fixture->public_keys[person], fixture->secret_keys[person]);
    json_object_set_new(
        roster_line(fixture, fields, person), "key", hex_json(fixture->public_keys[person], PUBLIC_KEY_SIZE));
    put_roster_in_force(fixture, fields);
}

void add_camera(struct fixture *fixture, char camera[static 24])
{
    add_camera_north(fixture, 0, camera);
}

json_t *reasons_for(const json_t *entries)
{
    json_t *sorted = json_array();
    size_t index;
    json_t *entry;
    json_array_foreach (entries, index, entry) {
        size_t place = json_array_size(sorted);
        while (place > 0 &&
               strcmp(json_string_value(json_array_get(sorted, place - 1)), json_string_value(entry)) > 0)
            place--;
        json_array_insert(sorted, place, entry);
    }
    return json_pack("[{s:s, s:s, s:I, s:o}]", "why_here", "trial", "why_reference", "T-2026-1", "why_dated",
        (json_int_t)clock_now_s() - 86400, "entries", sorted);
}

json_t *draft_body(const char *operation, const json_t *entries, const json_t *cameras)
{
    return json_pack(
        "{s:s, s:o, s:O}", "operation", operation, "reasons", reasons_for(entries), "cameras", cameras);
}

json_t *draft_request(
    struct fixture *fixture, char operation[static 24], const char *entry, const char *camera)
{
    struct error err = {0};
    if (!operation[0])
        random_id("op", operation);
    AUTO(json) json_t *entries = json_pack("[s]", entry);
    AUTO(json) json_t *cameras = json_pack("[s]", camera);
    AUTO(json) json_t *body = draft_body(operation, entries, cameras);
    json_t *terms = operation_draft(&fixture->site, officer_of(fixture, WATCH_ONE), body, NULL, &err);
    must(terms != NULL, &err);
    uint8_t assessment[HASH_SIZE];
    hash_bytes("assessment", 10, assessment);
    AUTO(json)
    json_t *more = json_pack("{s:s, s:s, s:s, s:O, s:i, s:o, s:I, s:b, s:I, s:I}", "kind", "demo",
        "operation", operation, "purpose", "trial", "reasons", json_object_get(body, "reasons"),
        "expected_passages", 1000, "assessment_hash", hex_json(assessment, HASH_SIZE), "assessment_dated",
        (json_int_t)clock_now_s() - 86400, "notice_confirmed", 1, "starts_at", (json_int_t)clock_now_s(),
        "ends_at", (json_int_t)clock_now_s() + 3600);
    json_object_update(terms, more);
    return terms;
}

void authorise_by(
    struct fixture *fixture, enum person person, const char *operation, const char *hash, const char *state)
{
    struct error err = {0};
    AUTO(envelope)
    struct envelope *envelope = signed_by(fixture, person, "authorisation",
        json_pack("{s:s, s:s, s:s}", "operation", operation, "request_hash", hash, "answer", "authorised"));
    expect_field(operation_authorise(&fixture->site, envelope, &err), &err, "state", state);
}

void request_operation(struct fixture *fixture, char operation[static 24], const char *entry,
    const char *camera, int64_t lasts_s, char hash[static HEX_HASH_SIZE])
{
    struct error err = {0};
    json_t *fields = draft_request(fixture, operation, entry, camera);
    json_object_set_new(fields, "ends_at", json_integer(clock_now_s() + lasts_s));
    AUTO(envelope) struct envelope *request = signed_by(fixture, WATCH_ONE, "operation_request", fields);
    envelope_hash_hex(request, hash);
    expect_field(operation_request(&fixture->site, request, NULL, &err), &err, "state", "requested");
}

void authorise_operation(
    struct fixture *fixture, char operation[static 24], const char *entry, const char *camera)
{
    char hash[HEX_HASH_SIZE];
    request_operation(fixture, operation, entry, camera, 3600, hash);
    authorise_by(fixture, AUTHORISER_ONE, operation, hash, "requested");
    authorise_by(fixture, AUTHORISER_TWO, operation, hash, "authorised");
}

void fill_room(struct fixture *fixture)
{
    static const struct {
        enum person person;
        const char *as;
    } there[] = {
        {REVIEWER_ONE, "reviewer"}, {REVIEWER_TWO, "reviewer"}, {DISPATCHER, "dispatcher"}, {CREW, "crew"}};
    for (size_t i = 0; i < COUNT_OF(there); i++) {
        struct error err = {0};
        json_t *reply = presence_confirm(
            &fixture->site, officer_of(fixture, there[i].person), there[i].as, fixture->unit, &err);
        must(reply != NULL, &err);
        json_decref(reply);
    }
}

static void list_live_entry(struct fixture *fixture, char entry[static 24], char camera[static 24])
{
    char case_id[24];
    list_entry(fixture, 1, entry);
    case_of(fixture, entry, case_id);
    AUTO(text) char *ini = text_format("[status]\navailable = yes\n%s = live\n", case_id);
    set_ports(fixture, ini);
    add_camera(fixture, camera);
}

static void start_running(struct fixture *fixture, const char *operation)
{
    struct error err = {0};
    fill_room(fixture);
    must(operation_tick(&fixture->site, &err), &err);
    assert_string_equal(operation_state(&fixture->site, operation, &err), "running");
}

void run_urgent_operation(struct fixture *fixture, char operation[static 24], char entry[static 24],
    char hash[static HEX_HASH_SIZE])
{
    struct error err = {0};
    char camera[24];
    list_live_entry(fixture, entry, camera);
    operation[0] = '\0';
    request_operation(fixture, operation, entry, camera, 3600, hash);
    AUTO(envelope)
    struct envelope *urgency = signed_by(fixture, AUTHORISER_TWO, "urgency",
        json_pack(
            "{s:s, s:s, s:s}", "operation", operation, "request_hash", hash, "reason", "threat_to_life"));
    expect_field(operation_declare_urgent(&fixture->site, urgency, &err), &err, "state", "requested");
    authorise_by(fixture, AUTHORISER_ONE, operation, hash, "requested");
    authorise_by(fixture, AUTHORISER_TWO, operation, hash, "authorised");
    start_running(fixture, operation);
}

void run_operation(struct fixture *fixture, char operation[static 24], char entry[static 24])
{
    char camera[24];
    list_live_entry(fixture, entry, camera);
    operation[0] = '\0';
    authorise_operation(fixture, operation, entry, camera);
    start_running(fixture, operation);
}

void expect_field(json_t *reply, const struct error *err, const char *field, const char *value)
{
    must(reply != NULL, err);
    assert_string_equal(json_string_value(json_object_get(reply, field)), value);
    json_decref(reply);
}

void expect_refusal(json_t *reply, const struct error *err, enum error_code code, const char *words)
{
    assert_null(reply);
    if (err->code != code || !strstr(err->text, words))
        fail_msg(
            "expected '%s' (%s), got '%s' (%s)", words, error_word(code), err->text, error_word(err->code));
}

void end_operation(struct fixture *fixture, const char *operation)
{
    struct error err = {0};
    AUTO(envelope)
    struct envelope *end =
        signed_by(fixture, AUTHORISER_ONE, "operation_end", json_pack("{s:s}", "operation", operation));
    expect_field(operation_end(&fixture->site, end, &err), &err, "state", "ended");
}

void expect_operation(struct fixture *fixture, const char *operation, const char *state, const char *why)
{
    struct error err = {0};
    AUTO(json)
    json_t *shown = operation_show(&fixture->site, officer_of(fixture, WATCH_ONE), operation, &err);
    must(shown != NULL, &err);
    assert_string_equal(json_string_value(json_object_get(shown, "state")), state);
    assert_string_equal(json_string_value(json_object_get(shown, "why")), why);
}
