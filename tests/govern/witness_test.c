/* The desk's link and the witness's rule, over a real socket and a real log. */
#include "base/file.h"
#include "base/text.h"
#include "govern/cosign.h"
#include "govern/witness.h"
#include "sign/limits.h"
#include "scratch.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { START_S = 1000 };

struct story {
    struct scratch scratch;
    struct ledger *ledger;
    struct witness witness;
    struct witness_link *link;
    int listener;
};

static int listen_somewhere(char address[static 32])
{
    struct sockaddr_in own = {.sin_family = AF_INET};
    socklen_t size = sizeof own;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&own, sizeof own), 0);
    assert_int_equal(listen(listener, 4), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&own, &size), 0);
    snprintf(address, 32, "127.0.0.1:%d", ntohs(own.sin_port));
    return listener;
}

static int begin(void **state)
{
    struct story *story = memory_allocate(1, sizeof *story);
    struct error err = {0};
    char address[32];
    uint8_t public_key[PUBLIC_KEY_SIZE];
    scratch_make(&story->scratch);
    story->ledger = scratch_open(&story->scratch);
    scratch_write(story->ledger, "one", NULL);
    sign_key_new(public_key, story->witness.key);
    snprintf(story->witness.name, sizeof story->witness.name, "ombudsman");
    memcpy(story->witness.log_key, ledger_log_public_key(story->ledger), PUBLIC_KEY_SIZE);
    story->listener = listen_somewhere(address);
    const struct witness_options options = {address, "ombudsman", public_key, story->scratch.folder};
    story->link = witness_link_new(&options, &err);
    assert_non_null(story->link);
    *state = story;
    return 0;
}

static int end(void **state)
{
    struct story *story = *state;
    witness_link_free(story->link);
    ledger_close(story->ledger);
    close(story->listener);
    scratch_remove(&story->scratch);
    memory_release(story);
    return 0;
}

/* Heap text. */
static char *request_from(struct story *story, int64_t old_size)
{
    struct error err = {0};
    struct tree_proof proof = {0};
    AUTO(text) char *note = ledger_checkpoint(story->ledger, &err);
    if (old_size > 0 && !ledger_prove_from(story->ledger, old_size, &proof, &err))
        fail_msg("%s", err.text);
    return witness_request(&proof, old_size, note);
}

static void assert_refused(struct story *story, const char *request, enum error_code code)
{
    struct error err = {0};
    int64_t seen = story->witness.seen.size;
    AUTO(text) char *line = witness_sign(&story->witness, request, strlen(request), START_S, &err);
    assert_null(line);
    if (err.code != code)
        fail_msg("expected %s, got %s: %s", error_word(code), error_word(err.code), err.text);
    assert_int_equal(story->witness.seen.size, seen);
}

static void sign_now(struct story *story, int64_t old_size)
{
    struct error err = {0};
    AUTO(text) char *request = request_from(story, old_size);
    AUTO(text) char *line = witness_sign(&story->witness, request, strlen(request), START_S, &err);
    if (!line)
        fail_msg("%s", err.text);
}

static void s44_a_witness_signs_a_log_that_grows(void **state)
{
    struct story *story = *state;
    sign_now(story, 0);
    assert_int_equal(story->witness.seen.size, 2);
    scratch_write(story->ledger, "two", NULL);
    scratch_write(story->ledger, "three", NULL);
    sign_now(story, 2);
    assert_int_equal(story->witness.seen.size, 4);
    sign_now(story, 4);
}

/* Another log with the same key: the database put back and gone on otherwise. */
static void s44_a_witness_never_signs_a_fork_or_a_shorter_log(void **state)
{
    struct story *story = *state;
    AUTO(text) char *short_log = request_from(story, 0);
    scratch_write(story->ledger, "two", NULL);
    sign_now(story, 0);
    AUTO(text) char *shorter = text_format("old 3\n%s", strchr(short_log, '\n') + 1);
    assert_refused(story, shorter, ERROR_CORRUPT);
    story->witness.seen.root[0] ^= 1;
    AUTO(text) char *same_size = request_from(story, 3);
    assert_refused(story, same_size, ERROR_CORRUPT);
    scratch_write(story->ledger, "three", NULL);
    AUTO(text) char *longer = request_from(story, 3);
    assert_refused(story, longer, ERROR_CORRUPT);
    story->witness.seen.root[0] ^= 1;
    AUTO(text) char *from_nothing = request_from(story, 0);
    assert_refused(story, from_nothing, ERROR_CONFLICT);
    story->witness.log_key[0] ^= 1;
    assert_refused(story, longer, ERROR_INVALID);
    story->witness.log_key[0] ^= 1;
    assert_refused(story, "", ERROR_INVALID);
    assert_refused(story, "old 3\nAAAA\n\n", ERROR_INVALID);
    sign_now(story, 3);
}

/* What the witness says to one request; `answer` NULL: its own. */
static void answer_at(struct story *story, int64_t now_s, int64_t signed_s, const char *answer)
{
    char bytes[16384] = "";
    size_t size = 0;
    witness_link_tick(story->link, story->ledger, now_s);
    int connection = accept(story->listener, NULL, NULL);
    assert_true(connection >= 0);
    witness_link_tick(story->link, story->ledger, now_s);
    do {
        ssize_t got = recv(connection, bytes + size, sizeof bytes - 1 - size, 0);
        assert_true(got > 0);
        size += (size_t)got;
    } while (!strstr(bytes, "\xe2\x80\x94 mizan/") || bytes[size - 1] != '\n');
    struct error err = {0};
    const char *body = strstr(bytes, "\r\n\r\n") + 4;
    AUTO(text) char *line = answer ? NULL : witness_sign(&story->witness, body, strlen(body), signed_s, &err);
    AUTO(text)
    char *reply = answer ? memory_copy_text(answer)
                         : text_format("HTTP/1.1 %d x\r\n\r\n%s", line ? 200 : 409, line ? line : err.text);
    assert_true(send(connection, reply, strlen(reply), 0) > 0);
    close(connection);
    witness_link_tick(story->link, story->ledger, now_s);
}

static void answer_one(struct story *story, int64_t now_s, const char *answer)
{
    answer_at(story, now_s, now_s, answer);
}

static void s42_s44_the_time_is_unproven_until_the_witness_signs_at_the_same(void **state)
{
    struct story *story = *state;
    int64_t now_s = START_S;
    assert_false(witness_link_says_same_time(story->link));
    answer_at(story, now_s, now_s - LIMIT_STATEMENT_SKEW_S - 1, NULL);
    assert_false(witness_link_says_same_time(story->link));
    assert_string_equal(witness_link_hindrance(story->link, now_s), "clock");
    now_s += WITNESS_EVERY_S;
    answer_at(story, now_s, now_s - LIMIT_STATEMENT_SKEW_S, NULL);
    assert_true(witness_link_says_same_time(story->link));
    assert_null(witness_link_hindrance(story->link, now_s));
    now_s += LIMIT_WITNESS_SILENT_S + 1; /* silent since: nothing matches, what is over goes all the same */
    assert_string_equal(witness_link_hindrance(story->link, now_s), "witness");
    assert_true(witness_link_says_same_time(story->link));
    answer_at(story, now_s, now_s + LIMIT_STATEMENT_SKEW_S + 1, NULL);
    assert_false(witness_link_says_same_time(story->link));
}

static void s44_matching_waits_for_a_witness_and_halts_after_30_minutes_of_silence(void **state)
{
    struct story *story = *state;
    assert_string_equal(witness_link_hindrance(story->link, START_S), "witness");
    answer_one(story, START_S, NULL);
    assert_null(witness_link_hindrance(story->link, START_S));
    assert_null(witness_link_hindrance(story->link, START_S + LIMIT_WITNESS_SILENT_S));
    assert_string_equal(witness_link_hindrance(story->link, START_S + LIMIT_WITNESS_SILENT_S + 1), "witness");
    AUTO(bytes) struct bytes kept = {0};
    AUTO(text) char *path = scratch_path(&story->scratch, "witnessed.note");
    assert_true(file_read(path, 4096, &kept, NULL));
    assert_non_null(strstr((char *)kept.data, "ombudsman "));
    scratch_write(story->ledger, "two", NULL);
    answer_one(story, START_S + LIMIT_WITNESS_SILENT_S + 1, NULL);
    assert_null(witness_link_hindrance(story->link, START_S + LIMIT_WITNESS_SILENT_S + 2));
}

static void a_desk_that_starts_anew_learns_what_the_witness_has_seen(void **state)
{
    struct story *story = *state;
    sign_now(story, 0);
    scratch_write(story->ledger, "two", NULL);
    answer_one(story, START_S, NULL);
    assert_non_null(witness_link_hindrance(story->link, START_S));
    answer_one(story, START_S + 1, NULL);
    assert_null(witness_link_hindrance(story->link, START_S + 1));
}

static void s44_an_answer_that_is_no_cosignature_is_silence(void **state)
{
    static const char *const answers[] = {"HTTP/1.1 200 OK\r\n\r\n\xe2\x80\x94 ombudsman AAAA\n",
        "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 409 Conflict\r\n\r\n99\n", "HTTP/1.1 422 x\r\n\r\na fork",
        "hello"};
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        int64_t now_s = START_S + (int64_t)i * WITNESS_EVERY_S;
        answer_one(*state, now_s, answers[i]);
        assert_non_null(witness_link_hindrance(((struct story *)*state)->link, now_s));
    }
}

static void s44_the_cosignature_is_over_this_note_and_of_this_key(void **state)
{
    struct story *story = *state;
    struct error err = {0};
    int64_t at_s = 0;
    AUTO(text) char *note = ledger_checkpoint(story->ledger, &err);
    AUTO(text) char *request = request_from(story, 0);
    AUTO(text) char *line = witness_sign(&story->witness, request, strlen(request), START_S, &err);
    uint8_t *key = story->witness.key + SEED_SIZE;
    assert_true(cosignature_check(line, "ombudsman", key, note, &at_s, &err));
    assert_int_equal(at_s, START_S);
    scratch_write(story->ledger, "two", NULL);
    AUTO(text) char *other = ledger_checkpoint(story->ledger, &err);
    assert_false(cosignature_check(line, "ombudsman", key, other, &at_s, &err));
    assert_false(cosignature_check(line, "somebody", key, note, &at_s, &err));
    key[3] ^= 1;
    assert_false(cosignature_check(line, "ombudsman", key, note, &at_s, &err));
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(s44_a_witness_signs_a_log_that_grows),
        EACH(s44_a_witness_never_signs_a_fork_or_a_shorter_log),
        EACH(s42_s44_the_time_is_unproven_until_the_witness_signs_at_the_same),
        EACH(s44_matching_waits_for_a_witness_and_halts_after_30_minutes_of_silence),
        EACH(a_desk_that_starts_anew_learns_what_the_witness_has_seen),
        EACH(s44_an_answer_that_is_no_cosignature_is_silence),
        EACH(s44_the_cosignature_is_over_this_note_and_of_this_key),
    };
    return cmocka_run_group_tests_name("witness", tests, NULL, NULL);
}
