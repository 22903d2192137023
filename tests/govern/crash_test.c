/* A writer is killed at random moments; what it was told is durable has to be there afterwards. A killed
 * process loses no page cache, so this shows order and atomicity, not the disk's own honesty. */
#include "govern/audit.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROUNDS = 20, LONGEST_US = 40000, WRITER_FAILED = 9 };

static bool write_one(struct ledger *ledger, int64_t number, struct error *err)
{
    AUTO(json) json_t *fields = json_pack("{s:s}", "name", "Ghulam");
    struct record record = {
        .kind = "kept", .by = "site", .private_fields = fields, .private_key = "entry/e-1"};
    return ledger_begin(ledger, err) && ledger_record(ledger, &record, err) &&
           ledger_event(ledger, "entry", "e-1", "kept", err) &&
           (number % 7 != 0 || ledger_erase_private(ledger, "entry/e-1", err)) && ledger_commit(ledger, err);
}

static _Noreturn void write_until_killed(const struct scratch *scratch, int acknowledged)
{
    struct error err = {0};
    struct ledger *ledger = ledger_open(&scratch->options, &err);
    while (ledger && write_one(ledger, ledger_last_event(ledger) + 1, &err)) {
        int64_t last = ledger_last_event(ledger);
        if (write(acknowledged, &last, sizeof last) != sizeof last)
            break;
    }
    static const char words[] = "the writer failed: ";
    (void)!write(STDERR_FILENO, words, sizeof words - 1);
    (void)!write(STDERR_FILENO, err.text, strlen(err.text));
    _exit(WRITER_FAILED);
}

/* The newest number that the writer was told is durable, when it was killed. */
static int64_t write_and_kill(const struct scratch *scratch)
{
    int ends[2];
    uint32_t random = 0;
    int64_t last = 0, acknowledged = 0;
    random_fill(&random, sizeof random);
    assert_int_equal(pipe(ends), 0);
    pid_t writer = fork();
    assert_true(writer >= 0);
    if (writer == 0)
        write_until_killed(scratch, ends[1]);
    close(ends[1]);
    bool began = read(ends[0], &last, sizeof last) == sizeof last;
    acknowledged = last;
    usleep(random % LONGEST_US);
    kill(writer, SIGKILL);
    while (read(ends[0], &last, sizeof last) == sizeof last)
        acknowledged = last;
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_true(began && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return acknowledged;
}

static int64_t number_in(struct ledger *ledger, const char *sql)
{
    struct error err = {0};
    AUTO(query) struct query *query = query_new(ledger->store, sql, &err);
    assert_true(query_next(query));
    return query_get_integer(query, 0);
}

static void assert_whole(struct scratch *scratch, int64_t acknowledged)
{
    struct error err = {0};
    struct audit_result result = {0};
    AUTO(bytes) struct bytes export = {0};
    struct ledger *ledger = scratch_open(scratch);
    int64_t last = ledger_last_event(ledger);
    assert_true(last >= acknowledged);
    assert_int_equal(last, number_in(ledger, "SELECT count(*) FROM ledger_event"));
    assert_int_equal(
        last, number_in(ledger, "SELECT count(*) FROM ledger_leaf WHERE instr(leaf, '\"kind\":\"kept\"')"));
    assert_int_equal(0, number_in(ledger, "SELECT count(*) FROM ledger_erasure"));
    assert_true(ledger_export(ledger, &export, &err));
    if (!audit_verify(export.data, export.size, ledger_log_public_key(ledger), &result, &err))
        fail_msg("%s", err.text);
    int64_t newest = number_in(ledger, "SELECT coalesce(max(seq), 0) FROM ledger_private");
    AUTO(json) json_t *fields = newest ? ledger_private(ledger, newest, &err) : NULL;
    if (newest && !fields)
        fail_msg("record %lld: %s", (long long)newest, err.text);
    ledger_close(ledger);
}

static void s44_nothing_acknowledged_is_lost_when_the_desk_is_killed(void **state)
{
    (void)state;
    struct scratch scratch;
    scratch_make(&scratch);
    int64_t acknowledged = 0;
    for (int i = 0; i < ROUNDS; i++) {
        int64_t now = write_and_kill(&scratch);
        assert_true(now > acknowledged);
        acknowledged = now;
        assert_whole(&scratch, acknowledged);
    }
    print_message("%lld commits acknowledged over %d kills\n", (long long)acknowledged, ROUNDS);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s44_nothing_acknowledged_is_lost_when_the_desk_is_killed),
    };
    return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
