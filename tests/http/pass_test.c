/* Key, password and code: signing in as on a live site, on one that asks for passes. */
#include "desk.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "http/route.h"

#include <dirent.h>
#include <stdlib.h>

#define PASSWORD "seven quiet lanterns"
#define OTHER "another river at dawn"

struct holder { /* somebody with a key, a password and an authenticator */
    enum person person;
    char token[SESSION_TOKEN_SIZE];
    uint8_t secret[CODE_SECRET_SIZE];
};

static int setup(void **state)
{
    desk_setup(state);
    struct desk *desk = *state;
    desk->site.needs_passes = true;
    desk->service.sessions.burst = desk->service.addresses.burst = INT32_MAX;
    return 0;
}

static int post(struct desk *desk, const char *path, const char *token, json_t *fields, json_t **out)
{
    AUTO(json) json_t *taken = fields;
    AUTO(text) char *body = json_dumps(taken, JSON_COMPACT);
    const struct ask ask = {.method = "POST", .path = path, .token = token, .body = body};
    return desk_status(desk, &ask, out);
}

static const char *text_of(const json_t *reply, const char *name)
{
    const char *text = json_string_value(json_object_get(reply, name));
    return text ? text : "";
}

static void take_token(struct holder *holder, const json_t *reply)
{
    assert_int_equal(strlen(text_of(reply, "session")), SESSION_TOKEN_SIZE - 1);
    snprintf(holder->token, sizeof holder->token, "%s", text_of(reply, "session"));
}

/* The key's half; what is needed after it. */
static void begin(struct desk *desk, struct holder *holder, const char *needs)
{
    json_t *challenge = NULL, *session = NULL;
    const struct ask first = {.method = "POST", .path = "/api/v1/challenges", .body = "{}"};
    assert_int_equal(desk_status(desk, &first, &challenge), 200);
    AUTO(text)
    char *statement = desk_statement(desk, holder->person, "sign_in",
        json_pack("{s:O, s:s}", "challenge", json_object_get(challenge, "challenge"), "unit", ""));
    const struct ask second = {.method = "POST", .path = "/api/v1/sessions", .body = statement};
    assert_int_equal(desk_status(desk, &second, &session), 200);
    assert_string_equal(text_of(session, "needs"), needs);
    take_token(holder, session);
    json_decref(challenge);
    json_decref(session);
}

/* Who ends locks, once enrolled. */
static struct holder admin = {.person = ADMIN}, authoriser = {.person = AUTHORISER};

static void code_of(const struct holder *holder, char out[static CODE_DIGITS + 1])
{
    assert_true(one_time_code(holder->secret, clock_now_s(), out, NULL));
}

static int prove(
    struct desk *desk, struct holder *holder, const char *password, const char *code, json_t **out)
{
    return post(desk, "/api/v1/sessions/current/proof", holder->token,
        json_pack("{s:s, s:s}", "password", password, "code", code), out);
}

static void read_secret(const char *base32, uint8_t out[static CODE_SECRET_SIZE])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint64_t bits = 0;
    size_t have = 0, used = 0;
    for (; *base32; base32++) {
        bits = bits << 5 | (uint64_t)(strchr(digits, *base32) - digits);
        have += 5;
        if (have >= 8)
            out[used++] = (uint8_t)(bits >> (have -= 8));
    }
    assert_int_equal(used, CODE_SECRET_SIZE);
}

static int draft(struct desk *desk, struct holder *holder, const char *old, const char *code,
    const char *password, bool new_codes)
{
    json_t *reply = NULL;
    int status = post(desk, "/api/v1/passes", holder->token,
        json_pack("{s:s, s:s, s:s, s:b}", "password", old, "code", code, "new_password", password,
            "new_codes", new_codes),
        &reply);
    if (status == 200 && new_codes) {
        assert_int_equal(strncmp(text_of(reply, "uri"), "otpauth://totp/", 15), 0);
        read_secret(text_of(reply, "secret"), holder->secret);
    } else if (status == 200) {
        take_token(holder, reply);
    }
    json_decref(reply);
    return status;
}

static void enrol(struct desk *desk, struct holder *holder)
{
    char code[CODE_DIGITS + 1];
    json_t *reply = NULL;
    begin(desk, holder, "enrolment");
    assert_int_equal(draft(desk, holder, "", "", PASSWORD, true), 200);
    assert_true(one_time_code(holder->secret, clock_now_s() - CODE_STEP_S, code, NULL));
    assert_int_equal(
        post(desk, "/api/v1/passes/confirmation", holder->token, json_pack("{s:s}", "code", code), &reply),
        200);
    assert_string_equal(text_of(reply, "needs"), "nothing");
    take_token(holder, reply);
    json_decref(reply);
}

static int look(struct desk *desk, const char *token)
{
    const struct ask ask = {.method = "GET", .path = "/api/v1/roster", .token = token};
    return desk_status(desk, &ask, NULL);
}

static void s10_without_a_pass_a_session_may_make_one_and_nothing_else(void **state)
{
    struct desk *desk = *state;
    struct holder holder = {.person = REVIEWER};
    begin(desk, &holder, "enrolment");
    size_t refused = 0;
    for (size_t i = 0; route_at(i); i++) {
        const struct route *route = route_at(i);
        const struct ask ask = {.method = route->method, .path = route->path, .token = holder.token};
        if (route->access != ACCESS_SIGNED_IN || strchr(route->path, '{'))
            continue;
        assert_int_equal(desk_status(desk, &ask, NULL), 403);
        refused++;
    }
    assert_true(refused > 20);
    const struct ask events = {.method = "GET", .path = "/api/v1/events", .token = holder.token};
    assert_int_equal(desk_status(desk, &events, NULL), 403);
    /* Sessions of before it was asked for, too. */
    assert_int_equal(desk_get(desk, REVIEWER, "/api/v1/roster"), 403);
}

static void s10_key_password_and_code_sign_in_and_the_session_is_another(void **state)
{
    struct desk *desk = *state;
    struct holder holder = {.person = REVIEWER};
    char first[SESSION_TOKEN_SIZE], begun[SESSION_TOKEN_SIZE], code[CODE_DIGITS + 1];
    enrol(desk, &holder);
    memcpy(first, holder.token, sizeof first);
    assert_int_equal(look(desk, first), 200);
    begin(desk, &holder, "pass");
    memcpy(begun, holder.token, sizeof begun);
    assert_int_equal(look(desk, begun), 403);
    code_of(&holder, code);
    assert_int_equal(prove(desk, &holder, OTHER, code, NULL), 401);
    assert_int_equal(prove(desk, &holder, PASSWORD, "000000", NULL), 401);
    assert_int_equal(prove(desk, &holder, "", "", NULL), 401);
    assert_int_equal(look(desk, begun), 403);
    json_t *reply = NULL;
    assert_int_equal(prove(desk, &holder, PASSWORD, code, &reply), 200);
    take_token(&holder, reply);
    json_decref(reply);
    assert_string_not_equal(holder.token, begun);
    assert_int_equal(look(desk, holder.token), 200);
    assert_int_equal(look(desk, begun), 401);
    assert_int_equal(look(desk, first), 200);
}

static void a_code_counts_once_even_after_the_desk_died(void **state)
{
    struct desk *desk = *state;
    struct holder holder = {.person = DISPATCHER};
    char code[CODE_DIGITS + 1];
    enrol(desk, &holder);
    code_of(&holder, code);
    begin(desk, &holder, "pass");
    assert_int_equal(prove(desk, &holder, PASSWORD, code, NULL), 200);
    desk_restart(desk);
    begin(desk, &holder, "pass");
    assert_int_equal(prove(desk, &holder, PASSWORD, code, NULL), 401);
    char earlier[CODE_DIGITS + 1];
    assert_true(one_time_code(holder.secret, clock_now_s() - CODE_STEP_S, earlier, NULL));
    assert_int_equal(prove(desk, &holder, PASSWORD, earlier, NULL), 401);
}

static void another_password_or_other_codes_end_what_was_proved_with_the_old(void **state)
{
    struct desk *desk = *state;
    struct holder holder = {.person = WATCH_OFFICER}, other;
    char code[CODE_DIGITS + 1], before[SESSION_TOKEN_SIZE];
    enrol(desk, &holder);
    other = holder;
    memcpy(before, holder.token, sizeof before);
    assert_int_equal(draft(desk, &holder, PASSWORD, "123456", OTHER, false), 401);
    assert_int_equal(draft(desk, &holder, PASSWORD, "", "short", false), 400);
    code_of(&holder, code);
    assert_int_equal(draft(desk, &holder, PASSWORD, code, OTHER, false), 200);
    assert_int_equal(look(desk, holder.token), 200);
    assert_int_equal(look(desk, before), 401);
    begin(desk, &other, "pass");
    assert_true(one_time_code(other.secret, clock_now_s() + CODE_STEP_S, code, NULL));
    assert_int_equal(prove(desk, &other, PASSWORD, code, NULL), 401);
    assert_int_equal(prove(desk, &other, OTHER, code, NULL), 200);
    assert_int_equal(look(desk, holder.token), 200);
}

static json_t *passes(struct desk *desk, const char *token)
{
    json_t *list = NULL;
    const struct ask ask = {.method = "GET", .path = "/api/v1/passes", .token = token};
    assert_int_equal(desk_status(desk, &ask, &list), 200);
    return list;
}

/* What the list says of somebody; a new reference. */
static json_t *pass_of(struct desk *desk, const char *token, enum person person)
{
    AUTO(json) json_t *list = passes(desk, token);
    size_t index;
    json_t *one;
    json_array_foreach (json_object_get(list, "officers"), index, one) {
        if (strcmp(text_of(one, "officer"), person_id(person)) == 0)
            return json_incref(one);
    }
    return NULL;
}

static int release(
    struct desk *desk, const struct holder *by, enum person of, const char *subject, const char *reason)
{
    AUTO(text)
    char *statement = desk_statement(desk, by->person, "pass_release",
        json_pack("{s:s, s:s, s:s}", "officer", person_id(of), "subject", subject, "reason", reason));
    const struct ask ask = {
        .method = "POST", .path = "/api/v1/passes/release", .token = by->token, .body = statement};
    return desk_status(desk, &ask, NULL);
}

static void fail_until_locked(struct desk *desk, struct holder *holder)
{
    begin(desk, holder, "pass");
    for (int i = 0; i < PASS_TRIES; i++)
        assert_int_equal(prove(desk, holder, OTHER, "000000", NULL), 401);
}

static void five_wrong_answers_lock_and_two_persons_of_two_offices_end_it(void **state)
{
    struct desk *desk = *state;
    struct holder holder = {.person = CREW};
    char code[CODE_DIGITS + 1];
    enrol(desk, &admin);
    enrol(desk, &authoriser);
    enrol(desk, &holder);
    fail_until_locked(desk, &holder);
    code_of(&holder, code);
    assert_int_equal(prove(desk, &holder, PASSWORD, code, NULL), 403);
    AUTO(json) json_t *locked = pass_of(desk, admin.token, CREW);
    const char *lock = text_of(locked, "lock");
    assert_true(json_integer_value(json_object_get(locked, "locked_until")) > clock_now_s());
    assert_int_equal(release(desk, &admin, CREW, "l-0000000000000000", "other"), 409);
    assert_int_equal(release(desk, &admin, CREW, lock, "mistyped"), 200);
    assert_int_equal(prove(desk, &holder, PASSWORD, code, NULL), 403);
    assert_int_equal(release(desk, &admin, CREW, lock, "forgotten"), 409);
    assert_int_equal(release(desk, &authoriser, CREW, lock, "mistyped"), 200);
    assert_int_equal(prove(desk, &holder, PASSWORD, code, NULL), 200);
    assert_int_equal(release(desk, &authoriser, CREW, lock, "other"), 409);
}

static void a_forgotten_pass_is_reset_by_two_others_and_made_anew_with_the_key(void **state)
{
    struct desk *desk = *state;
    struct holder holder = {.person = STATION};
    enrol(desk, &holder);
    AUTO(json) json_t *held = pass_of(desk, admin.token, STATION);
    AUTO(json) json_t *own = pass_of(desk, admin.token, ADMIN);
    assert_int_equal(release(desk, &admin, ADMIN, text_of(own, "pass"), "forgotten"), 403);
    assert_int_equal(release(desk, &admin, STATION, text_of(held, "pass"), "lost_phone"), 200);
    assert_int_equal(look(desk, holder.token), 200);
    assert_int_equal(release(desk, &authoriser, STATION, text_of(held, "pass"), "lost_phone"), 200);
    assert_int_equal(look(desk, holder.token), 403);
    enrol(desk, &holder);
    assert_int_equal(look(desk, holder.token), 200);
}

static void s50_a_pass_taken_out_of_the_database_or_changed_in_it_opens_nothing(void **state)
{
    struct desk *desk = *state;
    struct holder holder = {.person = AUDITOR};
    struct error err = {0};
    char code[CODE_DIGITS + 1];
    static const char *const edits[] = {"UPDATE pass SET step = 0 WHERE officer = 'o-0000000000000006'",
        "UPDATE pass SET failures = 0, locked_until = 0 WHERE officer = 'o-0000000000000006'",
        "UPDATE pass SET sealed = (SELECT sealed FROM pass WHERE officer = 'o-0000000000000008')"
        " WHERE officer = 'o-0000000000000006'",
        "DELETE FROM pass WHERE officer = 'o-0000000000000006'"};
    enrol(desk, &holder);
    fail_until_locked(desk, &holder);
    struct store *store = desk->site.ledger->store;
    assert_true(store_run(store, "CREATE TEMP TABLE kept AS SELECT * FROM pass", &err));
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        assert_true(store_run(store, edits[i], &err));
        begin(desk, &holder, "reset");
        code_of(&holder, code);
        assert_int_equal(prove(desk, &holder, PASSWORD, code, NULL), 403);
        assert_int_equal(draft(desk, &holder, "", "", OTHER, true), 403);
        assert_int_equal(look(desk, holder.token), 403);
        assert_true(store_run(store, "DELETE FROM pass", &err));
        assert_true(store_run(store, "INSERT INTO pass SELECT * FROM kept", &err));
    }
}

static bool folder_holds(const char *path, const void *bytes, size_t size)
{
    DIR *folder = opendir(path);
    bool found = false;
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        AUTO(text) char *name = text_format("%s/%s", path, entry->d_name);
        AUTO(bytes) struct bytes content = {0};
        if (entry->d_name[0] != '.' && file_read(name, 64 << 20, &content, NULL))
            found = found || memmem(content.data, content.size, bytes, size) != NULL;
    }
    closedir(folder);
    return found;
}

static void the_disk_holds_neither_password_nor_its_hash_nor_the_secret_in_the_clear(void **state)
{
    struct desk *desk = *state;
    struct holder holder = {.person = INSPECTOR};
    char hex[2 * CODE_SECRET_SIZE + 1];
    enrol(desk, &holder);
    hex_write(holder.secret, CODE_SECRET_SIZE, hex);
    assert_true(folder_holds(desk->folder, "pass_made", 9));
    assert_false(folder_holds(desk->folder, PASSWORD, strlen(PASSWORD)));
    assert_false(folder_holds(desk->folder, "$argon2id$", 10));
    assert_false(folder_holds(desk->folder, holder.secret, CODE_SECRET_SIZE));
    assert_false(folder_holds(desk->folder, hex, strlen(hex)));
}

static void passwords_that_are_easy_are_refused_and_crews_may_take_digits(void **state)
{
    (void)state;
    const struct officer crew = {.id = "o-0000000000000001", .roles = 1U << ROLE_CREW};
    const struct officer both = {.id = "o-0000000000000001", .roles = 1U << ROLE_CREW | 1U << ROLE_ADMIN};
    static const char *const bad[] = {"", "eleven byte", "aaaaaaaaaaaaaaaa", "abcdefghijklmnop",
        "my o-0000000000000001", "1234567", "12345678", "87654321", "11112222"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(pass_password_holds(&crew, bad[i], NULL));
    assert_true(pass_password_holds(&crew, "40718352", NULL));
    assert_false(pass_password_holds(&both, "40718352", NULL));
    assert_true(pass_password_holds(&both, PASSWORD, NULL));
    assert_true(pass_password_holds(&both, "بہت پرسکون چراغ", NULL));
}

static void twenty_wrong_answers_from_one_address_lock_it_for_everybody_behind_it(void **state)
{
    (void)state;
    struct address_locks locks = {0};
    uint8_t here[BUCKET_KEY_SIZE] = {1}, there[BUCKET_KEY_SIZE] = {2};
    const int64_t second_us = 1000000;
    for (int i = 0; i < ADDRESS_TRIES; i++) {
        assert_false(address_is_locked(&locks, here, second_us));
        address_failed(&locks, here, second_us);
    }
    assert_true(address_is_locked(&locks, here, second_us));
    assert_false(address_is_locked(&locks, there, second_us));
    assert_true(address_is_locked(&locks, here, ADDRESS_LOCK_S * second_us));
    assert_false(address_is_locked(&locks, here, (ADDRESS_LOCK_S + 2) * second_us));
    for (uint8_t i = 0; i < 255; i++)
        address_failed(&locks, (uint8_t[BUCKET_KEY_SIZE]){9, i}, second_us);
    assert_true(address_is_locked(&locks, here, second_us));
}

static void on_a_demo_site_the_key_alone_signs_in_until_there_is_a_pass(void **state)
{
    struct desk *desk = *state;
    struct holder holder = {.person = OUTSIDE_SIGNER};
    desk->site.needs_passes = false;
    begin(desk, &holder, "nothing");
    assert_int_equal(look(desk, holder.token), 200);
    desk->site.needs_passes = true;
    enrol(desk, &holder);
    desk->site.needs_passes = false;
    begin(desk, &holder, "pass");
    assert_int_equal(look(desk, holder.token), 403);
    desk->site.needs_passes = true;
}

static int ask_at_counter(
    struct desk *desk, enum person person, const char *id, const char *slip, const char *cnic)
{
    AUTO(text)
    char *body = desk_statement(desk, person, "redress_request",
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "request", id, "kind", "access", "slip", slip, "cnic",
            cnic, "words", "", "contact", ""));
    const struct ask ask = {
        .method = "POST", .path = "/api/v1/redress", .token = desk->token[person], .body = body};
    return desk_status(desk, &ask, NULL);
}

/* What a slip is bound to is hashed as slowly as a password, and as far from the desk's loop. */
static void a_slip_waits_for_the_process_that_hashes_and_only_for_who_may_ask(void **state)
{
    struct desk *desk = *state;
    struct hash_link *hashes = desk->site.hashes;
    assert_int_equal(ask_at_counter(desk, STATION, "q-0000000000000001", "01234567", "42101-7654321-9"), 404);
    desk->site.hashes = NULL;
    assert_int_equal(ask_at_counter(desk, STATION, "q-0000000000000002", "01234567", "42101-7654321-9"), 503);
    assert_int_equal(ask_at_counter(desk, STATION, "q-0000000000000003", "01234567", "42101"), 400);
    assert_int_equal(ask_at_counter(desk, AUDITOR, "q-0000000000000004", "01234567", "42101-7654321-9"), 403);
    assert_int_equal(ask_at_counter(desk, STATION, "q-0000000000000005", "", "42101-7654321-9"), 200);
    desk->site.hashes = hashes;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s10_without_a_pass_a_session_may_make_one_and_nothing_else),
        cmocka_unit_test(s10_key_password_and_code_sign_in_and_the_session_is_another),
        cmocka_unit_test(a_code_counts_once_even_after_the_desk_died),
        cmocka_unit_test(another_password_or_other_codes_end_what_was_proved_with_the_old),
        cmocka_unit_test(five_wrong_answers_lock_and_two_persons_of_two_offices_end_it),
        cmocka_unit_test(a_forgotten_pass_is_reset_by_two_others_and_made_anew_with_the_key),
        cmocka_unit_test(s50_a_pass_taken_out_of_the_database_or_changed_in_it_opens_nothing),
        cmocka_unit_test(the_disk_holds_neither_password_nor_its_hash_nor_the_secret_in_the_clear),
        cmocka_unit_test(passwords_that_are_easy_are_refused_and_crews_may_take_digits),
        cmocka_unit_test(twenty_wrong_answers_from_one_address_lock_it_for_everybody_behind_it),
        cmocka_unit_test(on_a_demo_site_the_key_alone_signs_in_until_there_is_a_pass),
        cmocka_unit_test_setup_teardown(
            a_slip_waits_for_the_process_that_hashes_and_only_for_who_may_ask, desk_setup, desk_teardown),
    };
    return cmocka_run_group_tests(tests, setup, desk_teardown);
}
