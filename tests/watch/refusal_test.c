/* s13, s14, s16: the real watch, with a real camera's packets coming, compares nothing without its authority.
 */
#include "desk.h"

#include "base/clock.h"

#include <signal.h>
#include <stdlib.h>

/* Where the man on the list walks by twice a round. */
static struct desk *watch_for(int64_t seconds)
{
    struct desk *desk = desk_new("scenes/loop.mp4", 0);
    if (!desk)
        exit(77);
    desk_enrol(desk, "subject-1", ID("e", "1"));
    desk_arm(desk, FLAW_NONE, seconds);
    return desk;
}

static bool was_refused(const struct desk *desk)
{
    return desk->state == CAMERA_REFUSED && desk->healths >= 3;
}

static bool looks_for_faces(const struct desk *desk)
{
    return desk->health.faces > 0 && desk->health.templates_computed > 0;
}

static bool counted_once_more(const struct desk *desk)
{
    return desk->healths >= 2;
}

static void check_flaw(struct desk *desk, enum flaw flaw, const char *word)
{
    desk->healths = desk->states_seen = 0;
    desk_arm(desk, flaw, 3600);
    assert_true(desk_run(desk, was_refused, 60));
    if (!strstr(desk->reason, word))
        fail_msg("refused for another reason than '%s': %s", word, desk->reason);
    assert_int_equal(desk->health.templates_computed, 0);
    assert_int_equal(desk->health.analysed, 0);
    assert_int_equal(desk->health.faces, 0);
    assert_int_equal(desk->sighting_count, 0);
    assert_int_equal(desk->states_seen & 1U << CAMERA_RUNNING, 0);
    supervisor_disarm(desk->supervisor, ID("op", "1"));
}

/* The list is the signed one to the byte, and as long as the reasons are. */
static void s17_a_watch_loads_no_list_with_an_entry_that_no_reason_names(void **state)
{
    (void)state;
    struct desk *desk = desk_new("scenes/other.mp4", 0);
    if (!desk)
        exit(77);
    desk_enrol(desk, "subject-1", ID("e", "1"));
    check_flaw(desk, FLAW_UNLINKED, "no reason for the place");
    desk->healths = 0;
    desk_arm(desk, FLAW_NONE, 3600);
    assert_true(desk_run(desk, looks_for_faces, 60));
    desk_free(desk);
}

static void s13_s14_s16_a_watch_without_a_good_token_computes_no_template(void **state)
{
    static const struct {
        enum flaw flaw;
        const char *word;
    } flaws[] = {
        {FLAW_NO_TOKEN, "no token"},
        {FLAW_ONE_SIGNATURE, "authoris"},
        {FLAW_EDITED_LIST, "not the one the token names"},
        {FLAW_ADDED_ENTRY, "not the one the token names"},
        {FLAW_EXPIRED, "over"},
        {FLAW_OTHER_CAMERA, "camera"},
        {FLAW_UNKNOWN_SIGNER, "roster"},
    };
    (void)state;
    struct desk *desk = desk_new("scenes/other.mp4", 0);
    if (!desk)
        exit(77);
    desk_enrol(desk, "subject-1", ID("e", "1"));
    for (size_t i = 0; i < COUNT_OF(flaws); i++)
        check_flaw(desk, flaws[i].flaw, flaws[i].word);
    /* The same with nothing wrong does look: the refusals are not silence of the camera. */
    desk->healths = 0;
    desk_arm(desk, FLAW_NONE, 3600);
    assert_true(desk_run(desk, looks_for_faces, 60));
    assert_int_equal(desk->sighting_count, 0);
    desk_free(desk);
}

static bool has_ended(const struct desk *desk)
{
    return desk->state == CAMERA_ENDED;
}

static bool is_running(const struct desk *desk)
{
    return desk->state == CAMERA_RUNNING;
}

static bool is_paused(const struct desk *desk)
{
    return desk->state == CAMERA_PAUSED && desk->healths >= 2;
}

static bool was_withdrawn(const struct desk *desk)
{
    return desk->withdrawals > 0;
}

static bool is_settled(const struct desk *desk)
{
    return desk->state == CAMERA_RUNNING || desk->state == CAMERA_REFUSED;
}

/* A machine with much else to do takes longer to lock a watch up than the operation lasts: a longer one,
 * then. */
static struct desk *watch_that_outlives_its_start(void)
{
    for (int seconds = 8; seconds <= 32; seconds *= 2) {
        struct desk *desk = watch_for(seconds);
        assert_true(desk_run(desk, is_settled, 120));
        if (is_running(desk))
            return desk;
        desk_free(desk);
    }
    fail_msg("no watch was ready within half a minute");
    return NULL;
}

static void s15_the_watch_itself_ends_an_operation_at_its_time(void **state)
{
    (void)state;
    struct desk *desk = watch_that_outlives_its_start();
    assert_true(desk_run(desk, has_ended, 60));
    uint64_t analysed = desk->health.analysed;
    desk->healths = 0;
    assert_true(desk_run(desk, counted_once_more, 60));
    desk->healths = 0;
    analysed = desk->health.analysed;
    assert_true(desk_run(desk, counted_once_more, 60));
    assert_int_equal(desk->health.analysed, analysed);
    desk_free(desk);
}

static void s3_s21_a_withdrawal_is_acknowledged_and_a_pause_stops_templates(void **state)
{
    (void)state;
    struct desk *desk = desk_new("scenes/loop.mp4", 0);
    if (!desk)
        exit(77);
    desk_enrol(desk, "subject-1", ID("e", "1"));
    desk_enrol(desk, "other-1", ID("e", "2"));
    desk_arm(desk, FLAW_NONE, 3600);
    assert_true(desk_run(desk, is_running, 60));
    assert_int_equal(supervisor_withdraw(desk->supervisor, ID("op", "2"), ID("e", "1")), 0);
    assert_int_equal(supervisor_withdraw(desk->supervisor, NULL, ID("e", "1")), 1);
    assert_true(desk_run(desk, was_withdrawn, 5));
    assert_string_equal(desk->withdrawn, ID("e", "1"));
    supervisor_pause(desk->supervisor, ID("op", "1"), true);
    desk->healths = 0;
    assert_true(desk_run(desk, is_paused, 60));
    uint64_t analysed = desk->health.analysed;
    uint64_t decoded = desk->health.decoded;
    desk->healths = 0;
    assert_true(desk_run(desk, counted_once_more, 60));
    assert_int_equal(desk->health.analysed, analysed);
    assert_true(desk->health.decoded > decoded);
    desk_free(desk);
}

static bool went_round(const struct desk *desk)
{
    return desk->health.decoded >= 900; /* of the scene's 1,000 pictures: both passages of the man are over */
}

/* How many comparisons came out at 0.5 and more: the desk filters sightings of who is withdrawn, but not
 * these. */
static uint32_t likenesses(const struct desk *desk)
{
    uint32_t found = 0;
    for (int bin = HEALTH_BINS * 3 / 4; bin < HEALTH_BINS; bin++)
        found += desk->health.best_scores[bin];
    return found;
}

static bool was_recognised(const struct desk *desk)
{
    return likenesses(desk) > 0;
}

static bool counted_twice_more(const struct desk *desk)
{
    return desk->healths >= 3;
}

/* The man is in view and followed already when he is withdrawn: nothing of it may come out afterwards. */
static void s3_nothing_is_seen_of_an_entry_after_its_withdrawal_was_acknowledged(void **state)
{
    (void)state;
    struct desk *desk = watch_for(3600);
    assert_true(desk_run(desk, looks_for_faces, 60));
    assert_true(desk_run(desk, was_recognised, 60));
    size_t before = desk->sighting_count;
    int64_t told_us = clock_monotonic_us();
    assert_int_equal(supervisor_withdraw(desk->supervisor, NULL, ID("e", "1")), 1);
    assert_true(desk_run(desk, was_withdrawn, 5));
    int64_t took_us = clock_monotonic_us() - told_us;
    print_message("acknowledged after %lld us\n", (long long)took_us);
    assert_true(took_us <= 1000000);
    size_t acknowledged = desk->sighting_count;
    assert_true(acknowledged - before <= 1);
    desk->healths = 0;
    assert_true(desk_run(desk, counted_twice_more, 60)); /* what was counted before is told of */
    uint32_t likenesses_before = likenesses(desk);
    assert_true(desk->health.decoded < 600); /* the second passage is yet to come */
    assert_true(desk_run(desk, went_round, 120));
    print_message("%u comparisons came out alike, %u of them after\n", (unsigned)likenesses(desk),
        (unsigned)(likenesses(desk) - likenesses_before));
    assert_int_equal(likenesses(desk), likenesses_before);
    assert_true(desk->health.passages >= 3);
    assert_int_equal(desk->sighting_count, acknowledged);
    desk_free(desk);
}

static void s3_a_watch_that_does_not_acknowledge_is_killed_and_comes_back_without_the_entry(void **state)
{
    (void)state;
    struct desk *desk = watch_for(3600);
    assert_true(desk_run(desk, is_running, 60));
    int stopped = desk_child("watch");
    assert_int_equal(kill(stopped, SIGSTOP), 0);
    assert_int_equal(supervisor_withdraw(desk->supervisor, NULL, ID("e", "1")), 1);
    assert_true(desk_run(desk, was_withdrawn, 60));
    assert_int_not_equal(desk_child("watch"), stopped);
    assert_true(desk_run(desk, looks_for_faces, 60));
    assert_int_equal(desk->sighting_count, 0);
    assert_int_equal(
        desk->states_seen & 1U << CAMERA_REFUSED, 0); /* the list without it is still the signed one */
    desk_free(desk);
}

static bool is_blind(const struct desk *desk)
{
    return desk->state == CAMERA_BLIND;
}

static void a_camera_that_sends_nothing_is_blind_and_seen_again_when_it_returns(void **state)
{
    (void)state;
    struct desk *desk = watch_for(3600);
    assert_true(desk_run(desk, is_running, 60));
    assert_int_equal(kill(desk->camera_pid, SIGSTOP), 0);
    assert_true(desk_run(desk, is_blind, 60));
    assert_int_equal(kill(desk->camera_pid, SIGCONT), 0);
    assert_true(desk_run(desk, is_running, 60));
    desk_free(desk);
}

static bool is_halted(const struct desk *desk)
{
    return desk->state == CAMERA_HALTED;
}

static bool is_off(const struct desk *desk)
{
    return desk->state == CAMERA_OFF;
}

/* Also over the death of its watch; only another arming undoes it. */
static void s32_a_halted_cameras_watch_looks_at_nothing_more(void **state)
{
    (void)state;
    struct desk *desk = watch_for(3600);
    assert_true(desk_run(desk, looks_for_faces, 60));
    supervisor_halt(desk->supervisor, ID("op", "2"), desk->camera.id);
    supervisor_halt(desk->supervisor, ID("op", "1"), desk->camera.id);
    assert_true(desk_run(desk, is_halted, 10));
    assert_non_null(strstr(desk->reason, "alerts in an hour"));
    desk->healths = 0;
    assert_true(desk_run(desk, counted_once_more, 60));
    uint64_t analysed = desk->health.analysed, decoded = desk->health.decoded;
    desk->healths = 0;
    assert_true(desk_run(desk, counted_once_more, 60));
    assert_int_equal(desk->health.analysed, analysed);
    assert_true(desk->health.decoded > decoded);
    assert_int_equal(kill(desk_child("watch"), SIGKILL), 0);
    desk->healths = 0;
    assert_true(desk_run(desk, counted_once_more, 60));
    assert_int_equal(desk->health.analysed, 0);
    assert_int_equal(desk->state, CAMERA_HALTED);
    supervisor_disarm(desk->supervisor, ID("op", "1"));
    assert_true(desk_run(desk, is_off, 10));
    desk_arm(desk, FLAW_NONE, 3600);
    assert_true(desk_run(desk, is_running, 60));
    desk_free(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s17_a_watch_loads_no_list_with_an_entry_that_no_reason_names),
        cmocka_unit_test(s13_s14_s16_a_watch_without_a_good_token_computes_no_template),
        cmocka_unit_test(s15_the_watch_itself_ends_an_operation_at_its_time),
        cmocka_unit_test(s3_s21_a_withdrawal_is_acknowledged_and_a_pause_stops_templates),
        cmocka_unit_test(s3_nothing_is_seen_of_an_entry_after_its_withdrawal_was_acknowledged),
        cmocka_unit_test(s3_a_watch_that_does_not_acknowledge_is_killed_and_comes_back_without_the_entry),
        cmocka_unit_test(a_camera_that_sends_nothing_is_blind_and_seen_again_when_it_returns),
        cmocka_unit_test(s32_a_halted_cameras_watch_looks_at_nothing_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
