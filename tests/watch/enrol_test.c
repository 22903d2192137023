/* The still process for photographs, as the desk's loop drives it. MIZAN_PROGRAM is the binary. */
#include "desk.h"

#include "base/file.h"
#include "face/pack.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct asker {
    bool heard, accepted;
    struct error err;
};

struct bench {
    struct enrol_link *link;
    char *pack;
    uint8_t pack_hash[HASH_SIZE];
    struct bytes photograph;
};

static void hear(void *context, struct enrolment *enrolment, const struct error *err)
{
    struct asker *asker = context;
    asker->heard = true;
    asker->err = err ? *err : (struct error){0};
    asker->accepted = enrolment && enrolment->accepted;
    if (enrolment)
        enrolment_done(enrolment);
}

static void run(struct enrol_link *link)
{
    struct pollfd polled = {enrol_link_descriptor(link), POLLIN, 0};
    poll(&polled, 1, enrol_link_timeout_ms(link));
    enrol_link_run(link);
}

static void hear_out(struct bench *bench, const struct asker *asker)
{
    while (!asker->heard)
        run(bench->link);
}

static bool ask(struct bench *bench, size_t officer, struct asker *asker, struct error *err)
{
    char id[24];
    snprintf(id, sizeof id, "o-%016zu", officer);
    return enrol_link_ask(bench->link, id, bench->photograph, hear, asker, err);
}

static void open_link(struct bench *bench, const char *program, int answer_s)
{
    struct error err = {0};
    const struct enrol_options options = {.program = program,
        .pack_folder = bench->pack,
        .site = "demo-one",
        .pack_hash = bench->pack_hash,
        .kind = SITE_DEMO,
        .answer_s = answer_s};
    enrol_link_free(bench->link);
    bench->link = enrol_link_new(&options, &err);
    assert_non_null(bench->link);
}

static int setup(void **state)
{
    struct error err = {0};
    struct bench *bench = memory_allocate(1, sizeof *bench);
    AUTO(text) char *photograph = asset_path("photos/subject-1.jpg");
    bench->pack = asset_path("pack");
    AUTO(pack) struct pack *pack = pack_open(bench->pack, &err);
    if (!pack || !file_read(photograph, 8 << 20, &bench->photograph, &err)) {
        print_message("skipped: %s (tools/setup makes models and photographs)\n", err.text);
        exit(77);
    }
    memcpy(bench->pack_hash, pack_hash(pack), HASH_SIZE);
    open_link(bench, getenv("MIZAN_PROGRAM"), 0);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    enrol_link_free(bench->link);
    bytes_free(&bench->photograph);
    memory_release(bench->pack);
    memory_release(bench);
    return 0;
}

static void photographs_are_looked_at_one_after_the_other_and_asking_waits_for_none(void **state)
{
    struct bench *bench = *state;
    struct asker askers[3] = {0};
    struct error err = {0};
    for (size_t i = 0; i < COUNT_OF(askers); i++)
        assert_true(ask(bench, i, &askers[i], &err));
    for (size_t i = 0; i < COUNT_OF(askers); i++)
        assert_false(askers[i].heard);
    hear_out(bench, &askers[0]);
    assert_false(askers[2].heard);
    int first = desk_child("still");
    hear_out(bench, &askers[2]);
    assert_int_equal(desk_child("still"), first);
    for (size_t i = 0; i < COUNT_OF(askers); i++)
        assert_true(askers[i].heard && askers[i].accepted);
}

static void only_so_many_pictures_wait_of_one_officer_and_in_all(void **state)
{
    struct bench *bench = *state;
    struct asker askers[ENROL_QUEUE + 2] = {0};
    struct error err = {0};
    size_t asked = 0;
    for (; asked < ENROL_EACH; asked++)
        assert_true(ask(bench, 0, &askers[asked], &err));
    assert_false(ask(bench, 0, &askers[asked], &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    for (; asked < ENROL_QUEUE; asked++)
        assert_true(ask(bench, asked, &askers[asked], &err));
    err = (struct error){0};
    assert_false(ask(bench, asked, &askers[asked], &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    for (size_t i = 0; i < asked; i++) {
        assert_false(askers[i].heard);
        enrol_link_cancel(bench->link, &askers[i]);
    }
}

static void who_goes_away_leaves_the_place_to_somebody_else(void **state)
{
    struct bench *bench = *state;
    struct asker askers[ENROL_QUEUE + 1] = {0};
    struct error err = {0};
    for (size_t i = 0; i < ENROL_QUEUE; i++)
        assert_true(ask(bench, i, &askers[i], &err));
    assert_false(ask(bench, ENROL_QUEUE, &askers[ENROL_QUEUE], &err));
    for (size_t i = 0; i < ENROL_QUEUE; i++)
        enrol_link_cancel(bench->link, &askers[i]);
    assert_int_equal(enrol_link_timeout_ms(bench->link), -1);
    assert_true(ask(bench, ENROL_QUEUE, &askers[ENROL_QUEUE], &err));
    run(bench->link);
    /* Also when the process has the picture already; what comes of it is heard by nobody. */
    enrol_link_cancel(bench->link, &askers[ENROL_QUEUE]);
    struct asker next = {0};
    assert_true(ask(bench, 0, &next, &err));
    hear_out(bench, &next);
    assert_true(next.accepted);
    for (size_t i = 0; i <= ENROL_QUEUE; i++)
        assert_false(askers[i].heard);
}

static void a_process_that_dies_over_a_picture_fails_that_one_only(void **state)
{
    struct bench *bench = *state;
    struct asker first = {0}, second = {0}, third = {0};
    struct error err = {0};
    assert_true(ask(bench, 0, &first, &err));
    hear_out(bench, &first);
    assert_true(ask(bench, 0, &second, &err) && ask(bench, 1, &third, &err));
    assert_int_equal(kill(desk_child("still"), SIGKILL), 0);
    hear_out(bench, &second);
    assert_int_equal(second.err.code, ERROR_UNAVAILABLE);
    hear_out(bench, &third);
    assert_true(third.accepted);
}

static void a_picture_that_takes_too_long_ends_its_process(void **state)
{
    struct bench *bench = *state;
    struct asker first = {0}, second = {0};
    struct error err = {0};
    open_link(bench, getenv("MIZAN_PROGRAM"), 1);
    assert_true(ask(bench, 0, &first, &err));
    hear_out(bench, &first);
    int child = desk_child("still");
    assert_int_equal(kill(child, SIGSTOP), 0);
    assert_true(ask(bench, 0, &second, &err));
    hear_out(bench, &second);
    assert_int_equal(second.err.code, ERROR_UNAVAILABLE);
    assert_non_null(strstr(second.err.text, "save it as a plain JPEG"));
    assert_int_not_equal(desk_child("still"), child);
}

static void where_no_process_starts_the_answer_says_so(void **state)
{
    struct bench *bench = *state;
    struct asker first = {0}, second = {0};
    struct error err = {0};
    open_link(bench, "/nowhere/mizan", 0);
    assert_true(ask(bench, 0, &first, &err));
    assert_false(first.heard);
    hear_out(bench, &first);
    assert_int_equal(first.err.code, ERROR_UNAVAILABLE);
    assert_non_null(strstr(first.err.text, "mizan doctor"));
    memset(bench->pack_hash, 0, HASH_SIZE);
    open_link(bench, getenv("MIZAN_PROGRAM"), 0);
    assert_true(ask(bench, 0, &second, &err));
    hear_out(bench, &second);
    assert_int_equal(second.err.code, ERROR_CONFLICT);
}

static void what_waits_when_the_desk_stops_is_told(void **state)
{
    struct bench *bench = *state;
    struct asker askers[3] = {0};
    struct error err = {0};
    for (size_t i = 0; i < COUNT_OF(askers); i++)
        assert_true(ask(bench, i, &askers[i], &err));
    run(bench->link);
    enrol_link_free(bench->link);
    bench->link = NULL;
    for (size_t i = 0; i < COUNT_OF(askers); i++)
        assert_true(askers[i].heard && askers[i].err.code == ERROR_UNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            photographs_are_looked_at_one_after_the_other_and_asking_waits_for_none, setup, teardown),
        cmocka_unit_test_setup_teardown(
            only_so_many_pictures_wait_of_one_officer_and_in_all, setup, teardown),
        cmocka_unit_test_setup_teardown(who_goes_away_leaves_the_place_to_somebody_else, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_process_that_dies_over_a_picture_fails_that_one_only, setup, teardown),
        cmocka_unit_test_setup_teardown(a_picture_that_takes_too_long_ends_its_process, setup, teardown),
        cmocka_unit_test_setup_teardown(where_no_process_starts_the_answer_says_so, setup, teardown),
        cmocka_unit_test_setup_teardown(what_waits_when_the_desk_stops_is_told, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
