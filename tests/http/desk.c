#include "desk.h"

#include "alert/alert.h"
#include "http/site_tables.h"
#include "base/clock.h"
#include "base/text.h"
#include "list/begin.h"
#include "list/camera_seen.h"
#include "list/former_roster.h"
#include "list/camera.h"
#include "list/entry.h"
#include "list/operation.h"
#include "list/photo.h"
#include "list/place.h"
#include "list/presence.h"

#include <dirent.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
    const char *id, *office, *role;
} people[PEOPLE] = {
    [WATCH_OFFICER] = {"o-0000000000000001", "f-0000000000000001", "watch_officer"},
    [AUTHORISER] = {"o-0000000000000002", "f-0000000000000002", "authoriser"},
    [REVIEWER] = {"o-0000000000000003", "f-0000000000000001", "reviewer"},
    [DISPATCHER] = {"o-0000000000000004", "f-0000000000000001", "dispatcher"},
    [CREW] = {"o-0000000000000005", "f-0000000000000001", "crew"},
    [AUDITOR] = {"o-0000000000000006", "f-0000000000000002", "auditor"},
    [ADMIN] = {"o-0000000000000007", "f-0000000000000001", "admin"},
    [STATION] = {"o-0000000000000008", "f-0000000000000003", "station"},
    [OUTSIDE_SIGNER] = {"o-0000000000000009", "f-0000000000000004", "outside_signer"},
    [INSPECTOR] = {"o-000000000000000a", "f-0000000000000005", "inspector"},
};

static void check(bool done, const struct error *err)
{
    if (!done)
        fail_msg("%s", err->text);
}

const char *person_id(enum person person)
{
    return people[person].id;
}

enum role person_role(enum person person)
{
    enum role role = ROLE_COUNT;
    assert_true(role_read(people[person].role, &role));
    return role;
}

static json_t *key_text(const uint8_t *key)
{
    char hex[2 * PUBLIC_KEY_SIZE + 1];
    hex_write(key, PUBLIC_KEY_SIZE, hex);
    return json_string(hex);
}

static json_t *random_key(void)
{
    uint8_t key[PUBLIC_KEY_SIZE];
    random_fill(key, sizeof key);
    return key_text(key);
}

static json_t *officers_json(struct desk *desk)
{
    json_t *officers = json_array();
    for (size_t i = 0; i < PEOPLE; i++) {
        uint8_t public_key[PUBLIC_KEY_SIZE];
        sign_key_new(public_key, desk->secret[i]);
        json_t *posts = strcmp(people[i].role, "crew") == 0 ? json_pack("[s]", UNIT) : json_array();
        json_array_append_new(officers,
            json_pack("{s:s, s:s, s:[s], s:o, s:o}", "officer", people[i].id, "office", people[i].office,
                "roles", people[i].role, "posts", posts, "key", key_text(public_key)));
    }
    return officers;
}

static void make_roster(struct desk *desk)
{
    uint8_t root_secret[SECRET_KEY_SIZE];
    struct error err = {0};
    sign_key_new(desk->site.root_key, root_secret);
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:s, s:s, s:I, s:s, s:i, s:o, s:o, s:[{s:s, s:o}], s:[], s:[], s:o}",
        "type", "roster", "site", desk->site.name, "by", "root", "at", (json_int_t)clock_now_s(), "kind",
        "demo", "number", 1, "previous", random_key(), "officers", officers_json(desk), "units", "unit", UNIT,
        "key", random_key(), "stations", "report_keys", "oversight_key", random_key());
    AUTO(envelope) struct envelope *envelope = envelope_sign(fields, root_secret, &err);
    check(envelope != NULL, &err);
    desk->site.roster = roster_read(envelope, desk->site.root_key, desk->site.name, &err);
    check(desk->site.roster != NULL, &err);
}

static void open_ledger(struct desk *desk, bool make)
{
    struct migration all[SITE_MIGRATIONS];
    struct error err = {0};
    const struct ledger_options options = {.folder = desk->folder,
        .site = desk->site.name,
        .site_key = desk->site_key,
        .migrations = all,
        .migration_count = site_migrations(all)};
    if (make)
        check(ledger_make(&options, &err), &err);
    desk->site.ledger = ledger_open(&options, &err);
    check(desk->site.ledger != NULL, &err);
    desk->site.ledger->roster = desk->site.roster;
}

int desk_setup(void **state)
{
    struct error err = {0};
    struct desk *desk = memory_allocate(1, sizeof *desk);
    check(crypto_start(&err), &err);
    clock_start();
    snprintf(desk->folder, sizeof desk->folder, "/tmp/mizan-http-XXXXXX");
    assert_non_null(mkdtemp(desk->folder));
    random_fill(desk->site_key, sizeof desk->site_key);
    snprintf(desk->site.name, sizeof desk->site.name, "demo-one");
    make_roster(desk);
    open_ledger(desk, true);
    const struct hash_options hashes = {
        .program = getenv("MIZAN_PROGRAM"), .site = desk->site.name, .kind = SITE_DEMO};
    desk->site.hashes = hashes.program ? hash_link_new(&hashes, &err) : NULL;
    service_init(&desk->service, &desk->site);
    for (size_t i = 0; i < PEOPLE; i++)
        desk_sign_in(desk, (enum person)i, i == CREW ? UNIT : "", desk->token[i]);
    *state = desk;
    return 0;
}

static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    for (struct dirent *entry = folder ? readdir(folder) : NULL; entry; entry = readdir(folder)) {
        AUTO(text) char *name = text_format("%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(name);
    }
    if (folder)
        closedir(folder);
    rmdir(path);
}

int desk_teardown(void **state)
{
    struct desk *desk = *state;
    hash_link_free(desk->site.hashes);
    desk->site.hashes = NULL;
    server_free(desk->server);
    ledger_close(desk->site.ledger);
    roster_free(desk->site.roster);
    camera_seen_free(desk->site.cameras_seen);
    former_rosters_free(desk->site.former_rosters);
    remove_folder(desk->folder);
    memory_release(desk);
    return 0;
}

void desk_restart(struct desk *desk)
{
    struct error err = {0};
    ledger_close(desk->site.ledger);
    open_ledger(desk, false);
    check(list_begin(&desk->site, &err) && session_rows_hold_to_log(&desk->site, &err), &err);
    service_init(&desk->service, &desk->site);
}

struct envelope *desk_sign(struct desk *desk, enum person person, const char *type, json_t *fields)
{
    struct error err = {0};
    AUTO(json)
    json_t *all = json_pack("{s:s, s:s, s:s, s:I}", "type", type, "site", desk->site.name, "by",
        people[person].id, "at", (json_int_t)clock_now_s());
    json_object_update_missing(fields, all);
    struct envelope *envelope = envelope_sign(fields, desk->secret[person], &err);
    json_decref(fields);
    check(envelope != NULL, &err);
    return envelope;
}

char *desk_statement(struct desk *desk, enum person person, const char *type, json_t *fields)
{
    AUTO(envelope) struct envelope *envelope = desk_sign(desk, person, type, fields);
    AUTO(json) json_t *json = envelope_json(envelope);
    return json_dumps(json, JSON_COMPACT);
}

char *desk_forge(struct desk *desk, enum person person, const json_t *fields)
{
    AUTO(text) char *statement = json_dumps(fields, JSON_COMPACT | JSON_SORT_KEYS);
    AUTO(text) char *signed_text = text_format("mizan-statement-v1\n%s", statement);
    uint8_t signature[SIGNATURE_SIZE];
    char key_hex[2 * PUBLIC_KEY_SIZE + 1], signature_hex[2 * SIGNATURE_SIZE + 1];
    sign_bytes(signed_text, strlen(signed_text), desk->secret[person], signature);
    hex_write(desk->secret[person] + SEED_SIZE, PUBLIC_KEY_SIZE, key_hex);
    hex_write(signature, sizeof signature, signature_hex);
    AUTO(json)
    json_t *envelope =
        json_pack("{s:s, s:s, s:s}", "key", key_hex, "signature", signature_hex, "statement", statement);
    return json_dumps(envelope, JSON_COMPACT);
}

void desk_ask(struct desk *desk, const struct ask *ask, struct reply *reply)
{
    struct request request;
    struct request_head head = ask->head;
    char length[24];
    AUTO(text) char *bearer = ask->token ? text_format("Bearer %s", ask->token) : NULL;
    size_t size = ask->body_size ? ask->body_size : ask->body ? strlen(ask->body) : 0;
    snprintf(length, sizeof length, "%zu", size);
    head.method = ask->method;
    head.path = ask->path;
    head.mizan = head.mizan ? head.mizan : "1";
    head.authorization = bearer ? bearer : head.authorization;
    head.content_length = head.content_length ? head.content_length : ask->body ? length : NULL;
    head.from_loopback = !ask->from_elsewhere;
    struct bytes body = {(uint8_t *)(uintptr_t)ask->body, size};
    if (service_begin(&desk->service, &head, &request, reply)) {
        assert_true(size <= service_body_limit(&request));
        service_finish(&request, body, reply);
        while (reply->waits) {
            struct pollfd polled = {.fd = hash_link_descriptor(desk->site.hashes), .events = POLLIN};
            while (!request.is_answered && !service_give_turn(&desk->service)) {
                assert_true(poll(&polled, 1, hash_link_timeout_ms(desk->site.hashes)) >= 0);
                hash_link_run(desk->site.hashes);
            }
            service_go_on(&request, reply);
        }
    }
    request_done(&request);
}

int desk_status(struct desk *desk, const struct ask *ask, json_t **out)
{
    AUTO(reply) struct reply reply = {0};
    desk_ask(desk, ask, &reply);
    if (out)
        *out = json_loadb((const char *)reply.body.data, reply.body.size, 0, NULL);
    return reply.status;
}

int desk_get(struct desk *desk, enum person person, const char *path)
{
    const struct ask ask = {.method = "GET", .path = path, .token = desk->token[person]};
    return desk_status(desk, &ask, NULL);
}

void desk_sign_in(
    struct desk *desk, enum person person, const char *unit, char token[static SESSION_TOKEN_SIZE])
{
    json_t *challenge = NULL, *session = NULL;
    const struct ask first = {.method = "POST", .path = "/api/v1/challenges", .body = "{}"};
    assert_int_equal(desk_status(desk, &first, &challenge), 200);
    AUTO(text)
    char *statement = desk_statement(desk, person, "sign_in",
        json_pack("{s:O, s:s}", "challenge", json_object_get(challenge, "challenge"), "unit", unit));
    const struct ask second = {.method = "POST", .path = "/api/v1/sessions", .body = statement};
    assert_int_equal(desk_status(desk, &second, &session), 200);
    snprintf(token, SESSION_TOKEN_SIZE, "%s", json_string_value(json_object_get(session, "session")));
    json_decref(challenge);
    json_decref(session);
}
