/* The processes that hash passwords, as the desk's loop drives them. MIZAN_PROGRAM is the binary. */
#include "watch/hash_link.h"

#include <dirent.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

enum { OFFICERS = 5 };

struct asker {
    bool heard;
    struct hash_answer answer;
};

static void hear(void *context, const struct hash_answer *answer)
{
    struct asker *asker = context;
    asker->heard = true;
    asker->answer = *answer;
}

static int setup(void **state)
{
    struct error err = {0};
    const struct hash_options options = {
        .program = getenv("MIZAN_PROGRAM"), .site = "demo-one", .kind = SITE_DEMO};
    *state = hash_link_new(&options, &err);
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    hash_link_free(*state);
    return 0;
}

static bool ask(struct hash_link *link, size_t number, struct asker *asker, struct error *err)
{
    char id[24];
    snprintf(id, sizeof id, "o-%016zu", number);
    return hash_link_ask(link, id, "a password of some length", "", hear, asker, err);
}

static void run_once(struct hash_link *link)
{
    struct pollfd polled = {.fd = hash_link_descriptor(link), .events = POLLIN};
    int timeout_ms = hash_link_timeout_ms(link);
    poll(&polled, 1, timeout_ms < 0 || timeout_ms > 5 ? 5 : timeout_ms);
    hash_link_run(link);
}

static bool is_own_child(const char *pid)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%.16s/stat", pid);
    FILE *file = fopen(path, "r");
    int parent = 0;
    bool read = file && fgets(line, sizeof line, file) && strrchr(line, ')') &&
                sscanf(strrchr(line, ')'), ") %*c %d", &parent) == 1;
    if (file)
        fclose(file);
    return read && parent == getpid();
}

static size_t children(void)
{
    DIR *folder = opendir("/proc");
    size_t count = 0;
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        count += entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && is_own_child(entry->d_name);
    closedir(folder);
    return count;
}

static void two_passwords_are_hashed_at_a_time_and_each_officer_hears_one_answer(void **state)
{
    struct asker askers[OFFICERS] = {0};
    struct error err = {0};
    size_t most = 0, heard = 0;
    for (size_t i = 0; i < OFFICERS; i++)
        assert_true(ask(*state, i, &askers[i], &err));
    while (heard < OFFICERS) {
        run_once(*state);
        size_t now = children();
        most = now > most ? now : most;
        heard = 0;
        for (size_t i = 0; i < OFFICERS; i++)
            heard += askers[i].heard;
    }
    assert_int_equal(most, HASH_PROCESSES);
    for (size_t i = 0; i < OFFICERS; i++) {
        assert_true(askers[i].answer.done);
        assert_int_equal(strncmp(askers[i].answer.made, "$argon2id$", 10), 0);
        for (size_t other = 0; other < i; other++)
            assert_string_not_equal(askers[i].answer.made, askers[other].answer.made);
    }
}

static void a_key_of_a_number_is_the_one_that_its_salt_and_it_make(void **state)
{
    static const uint8_t salt[PASSPHRASE_SALT_SIZE] = "0123456789abcde";
    uint8_t key[DATA_KEY_SIZE];
    struct asker asker = {0};
    struct error err = {0};
    assert_true(hash_link_ask_key(*state, "o-0000000000000001", "4210176543219", salt, hear, &asker, &err));
    while (!asker.heard)
        run_once(*state);
    assert_true(asker.answer.done);
    assert_true(passphrase_key("4210176543219", salt, key, &err));
    assert_memory_equal(asker.answer.key, key, sizeof key);
}

static void an_officer_has_one_password_looked_at_and_only_so_many_wait(void **state)
{
    struct asker askers[HASH_QUEUE + 1] = {0};
    struct error err = {0};
    assert_true(ask(*state, 0, &askers[0], &err));
    assert_false(ask(*state, 0, &askers[0], &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    for (size_t i = 1; i < HASH_QUEUE; i++)
        assert_true(ask(*state, i, &askers[i], &err));
    err = (struct error){0};
    assert_false(ask(*state, HASH_QUEUE, &askers[HASH_QUEUE], &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    for (size_t i = 0; i < HASH_QUEUE; i++)
        hash_link_cancel(*state, &askers[i]);
}

/* The asker's request is put to wait after it has asked: an answer before that would wake nobody. */
static void where_no_process_starts_the_answer_comes_all_the_same_and_not_before_the_question_was_put(
    void **state)
{
    struct asker first = {0}, next = {0};
    struct rlimit usual, none;
    struct error err = {0};
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    none = usual;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    bool asked = ask(*state, 0, &first, &err), at_once = first.heard;
    int timeout_ms = hash_link_timeout_ms(*state);
    hash_link_run(*state);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    assert_true(asked);
    assert_false(at_once);
    assert_int_equal(timeout_ms, 0);
    assert_true(first.heard);
    assert_false(first.answer.done);
    assert_true(ask(*state, 0, &next, &err));
    while (!next.heard)
        run_once(*state);
    assert_true(next.answer.done);
}

static void what_waits_when_the_desk_stops_is_told(void **state)
{
    struct asker askers[OFFICERS] = {0};
    struct error err = {0};
    (void)state;
    void *link = NULL;
    assert_int_equal(setup(&link), 0);
    for (size_t i = 0; i < OFFICERS; i++)
        assert_true(ask(link, i, &askers[i], &err));
    run_once(link);
    hash_link_free(link);
    for (size_t i = 0; i < OFFICERS; i++)
        assert_true(askers[i].heard && !askers[i].answer.done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            two_passwords_are_hashed_at_a_time_and_each_officer_hears_one_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_key_of_a_number_is_the_one_that_its_salt_and_it_make, setup, teardown),
        cmocka_unit_test_setup_teardown(
            an_officer_has_one_password_looked_at_and_only_so_many_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(
            where_no_process_starts_the_answer_comes_all_the_same_and_not_before_the_question_was_put, setup,
            teardown),
        cmocka_unit_test(what_waits_when_the_desk_stops_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
