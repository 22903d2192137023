/* Somebody with the disk puts back, while the desk is down, rows that were good once: they carry the desk's
 * own mark (SAFEGUARDS 10, 50). After the next start they open what the log says, or nothing. */
#include "desk.h"

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

#define EACH(test) cmocka_unit_test_setup_teardown(test, desk_setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(s10_s50_a_session_put_back_after_its_end_opens_nothing_after_a_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
