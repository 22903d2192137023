#include "desk.h"

#include "base/file.h"
#include "base/text.h"

#include <dirent.h>

static char *challenge_of(struct desk *desk)
{
    json_t *reply = NULL;
    const struct ask ask = {.method = "POST", .path = "/api/v1/challenges", .body = "{}"};
    assert_int_equal(desk_status(desk, &ask, &reply), 200);
    char *challenge = memory_copy_text(json_string_value(json_object_get(reply, "challenge")));
    json_decref(reply);
    return challenge;
}

static int answer(struct desk *desk, enum person person, const char *challenge, const char *unit)
{
    AUTO(text)
    char *statement = desk_statement(
        desk, person, "sign_in", json_pack("{s:s, s:s}", "challenge", challenge, "unit", unit));
    const struct ask ask = {.method = "POST", .path = "/api/v1/sessions", .body = statement};
    return desk_status(desk, &ask, NULL);
}

static void signing_in_gives_a_session_and_its_cookie(void **state)
{
    struct desk *desk = *state;
    AUTO(text) char *challenge = challenge_of(desk);
    AUTO(text)
    char *statement = desk_statement(
        desk, REVIEWER, "sign_in", json_pack("{s:s, s:s}", "challenge", challenge, "unit", ""));
    AUTO(reply) struct reply reply = {0};
    const struct ask ask = {.method = "POST", .path = "/api/v1/sessions", .body = statement};
    desk_ask(desk, &ask, &reply);
    AUTO(json) json_t *session = json_loadb((const char *)reply.body.data, reply.body.size, 0, NULL);
    const char *token = json_string_value(json_object_get(session, "session"));
    assert_string_equal(json_string_value(json_object_get(session, "officer")), person_id(REVIEWER));
    assert_string_equal(json_string_value(json_array_get(json_object_get(session, "roles"), 0)), "reviewer");
    AUTO(text)
    char *cookie =
        text_format("mizan_session=%s; Path=/; Max-Age=43200; HttpOnly; Secure; SameSite=Strict", token);
    assert_string_equal(reply.cookie, cookie);
    AUTO(text) char *sent = text_format("other=1; mizan_session=%s", token);
    const struct ask with_cookie = {.method = "GET", .path = "/api/v1/roster", .head = {.cookie = sent}};
    assert_int_equal(desk_status(desk, &with_cookie, NULL), 200);
}

static void s29_a_browser_keeps_the_name_that_its_first_sign_in_gave_it(void **state)
{
    struct desk *desk = *state;
    char device[SESSION_TOKEN_SIZE] = "";
    for (int i = 0; i < 2; i++) {
        AUTO(text) char *challenge = challenge_of(desk);
        AUTO(text)
        char *statement = desk_statement(desk, i ? DISPATCHER : REVIEWER, "sign_in",
            json_pack("{s:s, s:s}", "challenge", challenge, "unit", ""));
        AUTO(text) char *cookie = text_format("mizan_device=%s", device);
        const struct ask ask = {.method = "POST",
            .path = "/api/v1/sessions",
            .body = statement,
            .head = {.cookie = i ? cookie : NULL}};
        AUTO(reply) struct reply reply = {0};
        desk_ask(desk, &ask, &reply);
        assert_int_equal(strncmp(reply.device_cookie, "mizan_device=", 13), 0);
        assert_non_null(strstr(reply.device_cookie, "; HttpOnly; Secure; SameSite=Strict"));
        if (i)
            assert_memory_equal(reply.device_cookie + 13, device, 64);
        snprintf(device, sizeof device, "%.64s", reply.device_cookie + 13);
    }
    assert_int_equal(strlen(device), 64);
}

static void s29_who_shows_no_cookie_is_the_device_at_that_address(void **state)
{
    (void)state;
    struct request_head here = {.address = {[15] = 1}}, there = {.address = {[15] = 2}};
    char one[HEX_HASH_SIZE], two[HEX_HASH_SIZE];
    service_device(&here, one);
    here.authorization = "Bearer of another officer";
    service_device(&here, two);
    assert_string_equal(one, two);
    service_device(&there, two);
    assert_string_not_equal(one, two);
    static const char cookie[] =
        "mizan_device=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    here.cookie = there.cookie = cookie;
    service_device(&here, one);
    service_device(&there, two);
    assert_string_equal(one, two);
    here.cookie = "mizan_device=short";
    there = (struct request_head){.address = {[15] = 1}};
    service_device(&here, one);
    service_device(&there, two);
    assert_string_equal(one, two);
}

/* Session fixation: somebody who plants a token before the sign-in owns nothing after it. */
static void a_token_planted_before_the_sign_in_opens_nothing_after_it(void **state)
{
    struct desk *desk = *state;
    static const char planted[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    AUTO(text) char *cookie = text_format("mizan_session=%s", planted);
    AUTO(text) char *bearer = text_format("Bearer %s", desk->token[AUDITOR]);
    const char *const heads[][2] = {{cookie, NULL}, {NULL, bearer}};
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        json_t *challenge = NULL, *session = NULL;
        const struct ask first = {.method = "POST", .path = "/api/v1/challenges", .body = "{}"};
        assert_int_equal(desk_status(desk, &first, &challenge), 200);
        AUTO(text)
        char *statement = desk_statement(desk, REVIEWER, "sign_in",
            json_pack("{s:O, s:s}", "challenge", json_object_get(challenge, "challenge"), "unit", ""));
        const struct ask second = {.method = "POST",
            .path = "/api/v1/sessions",
            .body = statement,
            .head = {.cookie = heads[i][0], .authorization = heads[i][1]}};
        assert_int_equal(desk_status(desk, &second, &session), 200);
        const char *token = json_string_value(json_object_get(session, "session"));
        assert_string_not_equal(token, planted);
        assert_string_not_equal(token, desk->token[AUDITOR]);
        const struct ask look = {.method = "GET", .path = "/api/v1/roster", .token = planted};
        assert_int_equal(desk_status(desk, &look, NULL), 401);
        /* Who had a session keeps being who they were. */
        const struct ask log = {.method = "GET", .path = "/api/v1/log", .token = token};
        assert_int_equal(desk_status(desk, &log, NULL), 403);
        json_decref(challenge);
        json_decref(session);
    }
}

static void a_challenge_counts_once(void **state)
{
    struct desk *desk = *state;
    AUTO(text) char *challenge = challenge_of(desk);
    assert_int_equal(answer(desk, REVIEWER, challenge, ""), 200);
    assert_int_equal(answer(desk, REVIEWER, challenge, ""), 401);
    assert_int_equal(answer(desk, DISPATCHER, challenge, ""), 401);
}

static void a_challenge_that_is_not_the_desk_s_or_is_over_does_not_count(void **state)
{
    struct desk *desk = *state;
    AUTO(text) char *challenge = challenge_of(desk);
    challenge[0] = challenge[0] == '0' ? '1' : '0'; /* its end */
    assert_int_equal(answer(desk, REVIEWER, challenge, ""), 401);
    AUTO(text) char *from_before = challenge_of(desk);
    desk_restart(desk);
    assert_int_equal(answer(desk, REVIEWER, from_before, ""), 401);
}

static void s10_signing_in_needs_the_officer_s_own_key(void **state)
{
    struct desk *desk = *state;
    AUTO(text) char *challenge = challenge_of(desk);
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:s, s:s}", "challenge", challenge, "unit", "", "by", person_id(ADMIN));
    AUTO(text) char *statement = desk_statement(desk, REVIEWER, "sign_in", json_incref(fields));
    const struct ask ask = {.method = "POST", .path = "/api/v1/sessions", .body = statement};
    assert_int_equal(desk_status(desk, &ask, NULL), 401);
}

static void a_unit_is_for_crews_and_of_the_roster(void **state)
{
    struct desk *desk = *state;
    AUTO(text) char *challenge = challenge_of(desk);
    assert_int_equal(answer(desk, REVIEWER, challenge, UNIT), 403);
    assert_int_equal(answer(desk, CREW, challenge, "u-0000000000000009"), 400);
    assert_int_equal(answer(desk, CREW, challenge, UNIT), 200);
}

static void a_crew_that_names_no_unit_is_of_the_one_the_roster_posts_it_to(void **state)
{
    struct desk *desk = *state;
    char token[SESSION_TOKEN_SIZE];
    desk_sign_in(desk, CREW, "", token);
    const struct ask here = {
        .method = "PUT", .path = "/api/v1/presence", .token = token, .body = "{\"as\":\"crew\"}"};
    assert_int_equal(desk_status(desk, &here, NULL), 200);
}

static void a_session_outlives_the_desk_s_death(void **state)
{
    struct desk *desk = *state;
    desk_restart(desk);
    assert_int_equal(desk_get(desk, REVIEWER, "/api/v1/roster"), 200);
}

static void a_session_that_was_left_is_over(void **state)
{
    struct desk *desk = *state;
    char token[SESSION_TOKEN_SIZE];
    desk_sign_in(desk, REVIEWER, "", token);
    const struct ask leave = {.method = "DELETE", .path = "/api/v1/sessions/current", .token = token};
    const struct ask look = {.method = "GET", .path = "/api/v1/roster", .token = token};
    assert_int_equal(desk_status(desk, &look, NULL), 200);
    assert_int_equal(desk_status(desk, &leave, NULL), 200);
    assert_int_equal(desk_status(desk, &look, NULL), 401);
    assert_int_equal(desk_get(desk, REVIEWER, "/api/v1/roster"), 200);
}

static void tokens_that_are_no_tokens_open_nothing(void **state)
{
    struct desk *desk = *state;
    char token[SESSION_TOKEN_SIZE + 4];
    snprintf(token, sizeof token, "%s0", desk->token[REVIEWER]);
    struct ask ask = {.method = "GET", .path = "/api/v1/roster", .token = token};
    assert_int_equal(desk_status(desk, &ask, NULL), 401);
    token[SESSION_TOKEN_SIZE - 2] = '\0';
    assert_int_equal(desk_status(desk, &ask, NULL), 401);
    ask.token = "";
    assert_int_equal(desk_status(desk, &ask, NULL), 401);
    ask.token = NULL;
    ask.head.authorization = "Basic abc";
    assert_int_equal(desk_status(desk, &ask, NULL), 401);
    ask.head.authorization = NULL;
    ask.head.cookie = "mizan_session=; ;;mizan_session";
    assert_int_equal(desk_status(desk, &ask, NULL), 401);
}

static void the_ninth_session_of_an_officer_ends_the_first(void **state)
{
    struct desk *desk = *state;
    char tokens[SESSIONS_AN_OFFICER + 1][SESSION_TOKEN_SIZE];
    size_t open = 0;
    for (size_t i = 0; i <= SESSIONS_AN_OFFICER; i++)
        desk_sign_in(desk, DISPATCHER, "", tokens[i]);
    for (size_t i = 0; i <= SESSIONS_AN_OFFICER; i++) {
        const struct ask ask = {.method = "GET", .path = "/api/v1/roster", .token = tokens[i]};
        open += desk_status(desk, &ask, NULL) == 200;
    }
    assert_int_equal(open, SESSIONS_AN_OFFICER);
    memcpy(desk->token[DISPATCHER], tokens[SESSIONS_AN_OFFICER], SESSION_TOKEN_SIZE);
    assert_int_equal(desk_get(desk, DISPATCHER, "/api/v1/roster"), 200);
}

static void s50_a_session_edited_in_sql_opens_nothing(void **state)
{
    struct desk *desk = *state;
    char token[SESSION_TOKEN_SIZE];
    struct error err = {0};
    static const char *const edits[] = {"UPDATE session SET officer = 'o-0000000000000007' WHERE officer = "
                                        "'o-0000000000000006'",
        "UPDATE session SET expires = expires + 1 WHERE officer = 'o-0000000000000006'",
        "UPDATE session SET unit = 'u-0000000000000001' WHERE officer = 'o-0000000000000006'"};
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        desk_sign_in(desk, AUDITOR, "", token);
        const struct ask ask = {.method = "GET", .path = "/api/v1/roster", .token = token};
        assert_int_equal(desk_status(desk, &ask, NULL), 200);
        assert_true(store_run(desk->site.ledger->store, edits[i], &err));
        assert_int_equal(desk_status(desk, &ask, NULL), 401);
    }
}

static bool folder_holds(const char *path, const char *text)
{
    DIR *folder = opendir(path);
    bool found = false;
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        AUTO(text) char *name = text_format("%s/%s", path, entry->d_name);
        AUTO(bytes) struct bytes content = {0};
        if (entry->d_name[0] != '.' && file_read(name, 64 << 20, &content, NULL))
            found = found || memmem(content.data, content.size, text, strlen(text)) != NULL;
    }
    closedir(folder);
    return found;
}

static void the_disk_holds_no_session_s_token(void **state)
{
    struct desk *desk = *state;
    uint8_t hash[HASH_SIZE];
    char id[HEX_HASH_SIZE];
    hash_bytes(desk->token[WATCH_OFFICER], SESSION_TOKEN_SIZE - 1, hash);
    hex_write(hash, sizeof hash, id);
    assert_true(folder_holds(desk->folder, id));
    assert_false(folder_holds(desk->folder, desk->token[WATCH_OFFICER]));
}

static void one_officer_who_signs_in_all_the_time_keeps_nobody_else_out(void **state)
{
    struct desk *desk = *state;
    int status = 200, times = 0;
    for (; status == 200 && times < CHALLENGES_USED; times++) {
        AUTO(text) char *challenge = challenge_of(desk);
        status = answer(desk, AUDITOR, challenge, "");
    }
    assert_int_equal(status, 503);
    assert_in_range(times, CHALLENGES_AN_OFFICER / 2, CHALLENGES_AN_OFFICER + 1);
    AUTO(text) char *challenge = challenge_of(desk);
    assert_int_equal(answer(desk, REVIEWER, challenge, ""), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signing_in_gives_a_session_and_its_cookie),
        cmocka_unit_test(s29_a_browser_keeps_the_name_that_its_first_sign_in_gave_it),
        cmocka_unit_test(s29_who_shows_no_cookie_is_the_device_at_that_address),
        cmocka_unit_test(a_token_planted_before_the_sign_in_opens_nothing_after_it),
        cmocka_unit_test(a_challenge_counts_once),
        cmocka_unit_test(a_challenge_that_is_not_the_desk_s_or_is_over_does_not_count),
        cmocka_unit_test(s10_signing_in_needs_the_officer_s_own_key),
        cmocka_unit_test(a_unit_is_for_crews_and_of_the_roster),
        cmocka_unit_test(a_crew_that_names_no_unit_is_of_the_one_the_roster_posts_it_to),
        cmocka_unit_test(a_session_outlives_the_desk_s_death),
        cmocka_unit_test(a_session_that_was_left_is_over),
        cmocka_unit_test(tokens_that_are_no_tokens_open_nothing),
        cmocka_unit_test(the_ninth_session_of_an_officer_ends_the_first),
        cmocka_unit_test(s50_a_session_edited_in_sql_opens_nothing),
        cmocka_unit_test(the_disk_holds_no_session_s_token),
        cmocka_unit_test(one_officer_who_signs_in_all_the_time_keeps_nobody_else_out),
    };
    return cmocka_run_group_tests(tests, desk_setup, desk_teardown);
}
