/* s22: what a passer-by leaves in the memory of the real watch, with controls that the search finds what is
 * there. */
#include "desk.h"
#include "traces.h"

#include "base/clock.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

static struct traces *passers_by(void)
{
    AUTO(text) char *clip = asset_path("scenes/other.mp4");
    AUTO(text) char *pack = asset_path("pack");
    return traces_of_clip(clip, pack);
}

static uint64_t passages_before;

static bool has_shots(const struct desk *desk)
{
    return desk->health.templates_computed >= 2;
}

static bool passage_ended(const struct desk *desk)
{
    return desk->health.passages > passages_before;
}

static bool never(const struct desk *desk)
{
    (void)desk;
    return false;
}

static struct found look(struct traces *traces, const char *when)
{
    int64_t began_us = clock_monotonic_us();
    struct found found = traces_find(traces, desk_child("watch"));
    print_message(
        "%s: %zu pieces of crops, %zu of pictures, %zu of 8-bit forms, %zu templates in %.0f MB (%.1f s)\n",
        when, found.crops, found.pictures, found.quantised, found.templates, (double)found.searched / 1e6,
        (double)(clock_monotonic_us() - began_us) / 1e6);
    return found;
}

static void s22_a_passer_by_is_not_in_the_watchs_memory_a_second_after_the_passage(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("skipped: needs root to read another process's memory\n");
        exit(77);
    }
    struct desk *desk = desk_new("scenes/other.mp4", 990);
    if (!desk)
        exit(77);
    struct traces *traces = passers_by();
    desk_enrol(desk, "subject-1", ID("e", "1"));
    desk_arm(desk, FLAW_NONE, 3600);
    assert_true(desk_run(desk, has_shots, 120));
    struct found in_view = look(traces, "in view");
    assert_true(in_view.crops > 0);
    assert_true(in_view.pictures > 0);
    assert_int_equal(in_view.templates, 0); /* zeroed after each comparison */
    assert_int_equal(in_view.quantised, 0);
    /* What was reported while the memory was searched is over: the next end counts. */
    desk_run(desk, never, 1);
    passages_before = desk->health.passages;
    assert_true(desk_run(desk, passage_ended, 60));
    desk_run(desk, never, 1);
    struct found after = look(traces, "a second after the passage ended");
    assert_int_equal(after.crops, 0);
    assert_int_equal(after.pictures, 0);
    assert_int_equal(after.templates, 0);
    assert_int_equal(after.quantised, 0);
    /* The search does find a template that is there: the list's own. */
    traces_add_template(traces, desk->items[0].template);
    struct found listed = look(traces, "with the list's template");
    assert_true(listed.templates > 0);
    assert_true(listed.quantised > 0);
    supervisor_withdraw(desk->supervisor, NULL, ID("e", "1"));
    desk_run(desk, never, 1);
    struct found withdrawn = look(traces, "a second after its withdrawal");
    assert_int_equal(withdrawn.templates, 0);
    assert_int_equal(withdrawn.quantised, 0);
    assert_int_equal(desk->sighting_count, 0);
    traces_free(traces);
    desk_free(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s22_a_passer_by_is_not_in_the_watchs_memory_a_second_after_the_passage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
