/* Somebody with the disk puts back, while the desk is down, rows that were good once: they carry the desk's
 * own mark (SAFEGUARDS 10, 50). After the next start they open what the log says, or nothing. */
#include "desk.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "list/begin.h"

static struct error err;

static void must(bool done)
{
    if (!done)
        fail_msg("%s", err.text);
}

static void run(struct desk *desk, const char *sql)
{
    must(store_run(desk->site.ledger->store, sql, &err));
}

/* In the file, where the next start finds it. */
static void keep(struct desk *desk)
{
    run(desk, "DROP TABLE IF EXISTS kept_session; CREATE TABLE kept_session AS SELECT * FROM session;"
              "DROP TABLE IF EXISTS kept_pass; CREATE TABLE kept_pass AS SELECT * FROM pass");
}

static void put_back(struct desk *desk)
{
    run(desk, "INSERT OR REPLACE INTO session SELECT * FROM kept_session;"
              "INSERT OR REPLACE INTO pass SELECT * FROM kept_pass");
}

static bool is_open(struct desk *desk, const char *token)
{
    struct session session;
    return session_find(&desk->site, token, &session, NULL) && session_is_open(&desk->site, &session);
}

static struct session found(struct desk *desk, const char *token)
{
    struct session session;
    must(session_find(&desk->site, token, &session, &err));
    return session;
}

static void make_pass(struct desk *desk, enum person person, char token[static SESSION_TOKEN_SIZE])
{
    const struct pass_secrets secrets = {.password = "a hash of something"};
    struct session whole, before = found(desk, desk->token[person]);
    must(session_renew(&desk->site, &before, &secrets, 1, token, &whole, &err));
}

static struct pass pass_of(struct desk *desk, enum person person)
{
    struct pass pass;
    assert_int_equal(pass_find(&desk->site, person_id(person), &pass), PASS_HELD);
    return pass;
}

static void sign_out(struct desk *desk, const char *token)
{
    struct session session = found(desk, token);
    must(session_close(&desk->site, &session, &err));
}

static void s10_s50_a_session_put_back_after_its_end_opens_nothing_after_a_start(void **state)
{
    struct desk *desk = *state;
    char left[SESSION_TOKEN_SIZE], stays[SESSION_TOKEN_SIZE], token[SESSION_TOKEN_SIZE];
    desk_sign_in(desk, REVIEWER, "", left);
    desk_sign_in(desk, REVIEWER, "", stays);
    keep(desk);
    sign_out(desk, left);
    for (size_t i = 0; i < SESSIONS_AN_OFFICER; i++)
        desk_sign_in(desk, DISPATCHER, "", token); /* the first is pushed out */
    make_pass(desk, AUDITOR, token);               /* another takes its place */
    put_back(desk);
    assert_true(is_open(desk, left));
    desk_restart(desk);
    assert_false(is_open(desk, left));
    assert_false(is_open(desk, desk->token[DISPATCHER]));
    assert_false(session_find(&desk->site, desk->token[AUDITOR], &(struct session){0}, NULL));
    assert_true(is_open(desk, token));
    assert_true(is_open(desk, stays));
    assert_true(is_open(desk, desk->token[REVIEWER]));
}

static void fail_once(struct desk *desk)
{
    struct pass pass = pass_of(desk, AUDITOR);
    must(pass_failed(&desk->site, &pass, &err));
}

static void lock(struct desk *desk)
{
    for (int i = 0; i < PASS_TRIES; i++)
        fail_once(desk);
    assert_true(pass_of(desk, AUDITOR).locked_until_s > clock_now_s());
}

static void prove(struct desk *desk)
{
    struct pass pass = pass_of(desk, AUDITOR);
    struct session begun, whole;
    char token[SESSION_TOKEN_SIZE];
    desk_sign_in(desk, AUDITOR, "", token);
    begun = found(desk, token);
    must(session_prove(&desk->site, &begun, &pass, pass.step + 1, token, &whole, &err));
}

static void show(struct desk *desk)
{
    struct pass pass = pass_of(desk, AUDITOR);
    must(pass_shown(&desk->site, &pass, pass.step + 1, &err));
}

static void release_by(struct desk *desk, enum person by, const char *subject)
{
    AUTO(envelope)
    struct envelope *statement = desk_sign(desk, by, "pass_release",
        json_pack(
            "{s:s, s:s, s:s}", "officer", person_id(AUDITOR), "subject", subject, "reason", "mistyped"));
    AUTO(json) json_t *reply = pass_release(&desk->site, statement, &err);
    must(reply != NULL);
}

static void unlock(struct desk *desk)
{
    const struct pass pass = pass_of(desk, AUDITOR);
    release_by(desk, ADMIN, pass.lock);
    release_by(desk, AUTHORISER, pass.lock);
    assert_int_equal(pass_of(desk, AUDITOR).failures, 0);
}

static void s10_s50_an_older_row_of_a_pass_put_back_ends_no_lock_and_frees_no_code(void **state)
{
    struct desk *desk = *state;
    struct pass pass;
    char token[SESSION_TOKEN_SIZE];
    static void (*const changes[])(struct desk * desk) = {fail_once, lock, prove, show};
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        make_pass(desk, AUDITOR, token);
        memcpy(desk->token[AUDITOR], token, sizeof token);
        keep(desk);
        changes[i](desk);
        put_back(desk);
        desk_restart(desk);
        assert_int_equal(pass_find(&desk->site, person_id(AUDITOR), &pass), PASS_BROKEN);
        assert_false(is_open(desk, token));
        release_by(desk, ADMIN, person_id(AUDITOR));
        release_by(desk, AUTHORISER, person_id(AUDITOR));
    }
}

static void what_the_desk_wrote_itself_is_as_recorded_at_each_start(void **state)
{
    struct desk *desk = *state;
    char token[SESSION_TOKEN_SIZE];
    static void (*const changes[])(struct desk * desk) = {
        fail_once, prove, fail_once, show, lock, unlock, prove};
    make_pass(desk, AUDITOR, token);
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        desk_restart(desk);
        changes[i](desk);
    }
    const struct pass before = pass_of(desk, AUDITOR);
    desk_restart(desk);
    const struct pass after = pass_of(desk, AUDITOR);
    assert_memory_equal(&after, &before, sizeof before);
    assert_true(is_open(desk, token));
    release_by(desk, ADMIN, before.id);
    release_by(desk, AUTHORISER, before.id);
    desk_restart(desk);
    assert_int_equal(pass_find(&desk->site, person_id(AUDITOR), &(struct pass){0}), PASS_NONE);
}

/* No key was destroyed since, so the keyring of before opens. */
static void s10_s50_a_pass_that_is_gone_with_its_key_is_made_by_nobody_alone(void **state)
{
    struct desk *desk = *state;
    struct pass pass;
    char token[SESSION_TOKEN_SIZE];
    AUTO(text) char *path = text_format("%s/keyring", desk->folder);
    AUTO(bytes) struct bytes before = {0};
    must(file_read(path, 1 << 20, &before, &err));
    make_pass(desk, AUDITOR, token);
    run(desk, "DELETE FROM pass");
    must(file_write(path, 0600, before.data, before.size, &err));
    desk_restart(desk);
    assert_int_equal(pass_find(&desk->site, person_id(AUDITOR), &pass), PASS_BROKEN);
    assert_false(is_open(desk, token));
}

static const char *release_says(struct desk *desk, enum person by, const char *reason)
{
    static char state[16];
    AUTO(envelope)
    struct envelope *statement = desk_sign(desk, by, "pass_release",
        json_pack("{s:s, s:s, s:s}", "officer", person_id(AUDITOR), "subject", person_id(AUDITOR), "reason",
            reason));
    AUTO(json) json_t *reply = pass_release(&desk->site, statement, &err);
    must(reply != NULL);
    snprintf(state, sizeof state, "%s", json_string_value(json_object_get(reply, "state")));
    return state;
}

static void break_pass(struct desk *desk)
{
    struct pass pass;
    char token[SESSION_TOKEN_SIZE];
    desk_sign_in(desk, AUDITOR, "", desk->token[AUDITOR]);
    make_pass(desk, AUDITOR, token);
    run(desk, "UPDATE pass SET failures = failures + 1");
    assert_int_equal(pass_find(&desk->site, person_id(AUDITOR), &pass), PASS_BROKEN);
}

/* The pass was broken and reset by two this morning, and is broken again. */
static void reset_and_break_again(struct desk *desk)
{
    break_pass(desk);
    assert_string_equal(release_says(desk, ADMIN, "broken"), "signed_once");
    run(desk, "CREATE TABLE kept_release AS SELECT * FROM pass_release");
    assert_string_equal(release_says(desk, AUTHORISER, "broken"), "reset");
    break_pass(desk);
    run(desk, "INSERT INTO pass_release SELECT * FROM kept_release");
}

static void s10_s50_a_signature_put_back_after_it_was_used_is_no_second_person(void **state)
{
    struct desk *desk = *state;
    struct pass pass;
    reset_and_break_again(desk);
    AUTO(json) json_t *list = pass_list(&desk->site, &err);
    AUTO(text) char *listed = json_canonical(list, &err);
    assert_null(strstr(listed, "\"reset_signed_by\":\"o-"));
    assert_string_equal(release_says(desk, AUTHORISER, "other"), "signed_once");
    assert_int_equal(pass_find(&desk->site, person_id(AUDITOR), &pass), PASS_BROKEN);
}

static void s10_s50_a_signature_put_back_after_it_was_used_goes_at_the_next_start(void **state)
{
    struct desk *desk = *state;
    reset_and_break_again(desk);
    desk_restart(desk);
    AUTO(query)
    struct query *query = query_new(desk->site.ledger->store, "SELECT count(*) FROM pass_release", &err);
    assert_true(query_next(query));
    assert_int_equal(query_get_integer(query, 0), 0);
}

static void a_first_signature_waits_over_a_start_for_the_second(void **state)
{
    struct desk *desk = *state;
    break_pass(desk);
    assert_string_equal(release_says(desk, ADMIN, "broken"), "signed_once");
    desk_restart(desk);
    assert_string_equal(release_says(desk, AUTHORISER, "broken"), "reset");
}

static void records_from_before_the_marks_hold_nothing(void **state)
{
    struct desk *desk = *state;
    char token[SESSION_TOKEN_SIZE];
    make_pass(desk, AUDITOR, token);
    keep(desk);
    lock(desk);
    sign_out(desk, desk->token[REVIEWER]);
    put_back(desk);
    run(desk, "UPDATE ledger_leaf SET leaf = replace(replace(leaf, 'pass_mark', 'other'), 'ended', 'other')");
    must(list_begin(&desk->site, &err) && session_rows_hold_to_log(&desk->site, &err));
    assert_int_equal(pass_of(desk, AUDITOR).failures, 0);
    assert_true(is_open(desk, desk->token[REVIEWER]));
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, desk_setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(s10_s50_a_session_put_back_after_its_end_opens_nothing_after_a_start),
        EACH(s10_s50_an_older_row_of_a_pass_put_back_ends_no_lock_and_frees_no_code),
        EACH(what_the_desk_wrote_itself_is_as_recorded_at_each_start),
        EACH(s10_s50_a_pass_that_is_gone_with_its_key_is_made_by_nobody_alone),
        EACH(s10_s50_a_signature_put_back_after_it_was_used_is_no_second_person),
        EACH(s10_s50_a_signature_put_back_after_it_was_used_goes_at_the_next_start),
        EACH(a_first_signature_waits_over_a_start_for_the_second),
        EACH(records_from_before_the_marks_hold_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
