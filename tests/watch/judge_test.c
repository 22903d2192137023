#include "watch/post.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int64_t second_us = 1000000;

static void s32_a_camera_over_its_rate_is_halted_visibly(void **state)
{
    (void)state;
    const char *reason = "";
    int64_t now_us = 5000 * second_us;
    struct post *post = memory_allocate(1, sizeof *post);
    for (int i = 0; i < SIGHTINGS_AN_HOUR; i++) {
        AUTO(text) char *entry = text_format("e-%d", i);
        assert_true(post_within_rate(post, entry, now_us + i * second_us));
        assert_true(post_within_rate(post, entry, now_us + i * second_us));
    }
    assert_true(post_within_rate(post, "e-0", now_us + 60 * second_us));
    assert_false(post_within_rate(post, "e-0", now_us + 700 * second_us));
    assert_false(post_within_rate(post, "e-99", now_us + 3599 * second_us));
    assert_true(post_within_rate(post, "e-99", now_us + 3600 * second_us));
    assert_false(post_within_rate(post, "e-98", now_us + 3600 * second_us));
    post->halted = "more sightings in an hour than this camera may report";
    assert_int_equal(post_judge(post, &reason), CAMERA_HALTED);
    assert_true(strlen(reason) > 10);
    assert_string_equal(camera_state_word(CAMERA_HALTED), "halted");
    free(post);
}

struct told {
    size_t sightings, over_rate;
};

static void note_sighting(void *context, const struct sighting *sighting)
{
    struct told *told = context;
    told->sightings++;
    told->over_rate += sighting->over_rate;
}

static void see(struct post *post, const char *entry)
{
    struct error err = {0};
    static uint8_t crop[CROP_BYTES];
    static uint8_t jpeg[] = {0xFF, 0xD8, 0, 0, 0xFF, 0xD9};
    struct sighting sighting = {
        .passage = "p-1", .fused_score = 0.9F, .captured_us = {1, 2}, .crops = {crop, crop}, .crop_count = 2};
    AUTO(wire_out) struct wire_out out = {0};
    snprintf(sighting.entry, sizeof sighting.entry, "%.20s", entry);
    sighting.face = sighting.scene = (struct bytes){jpeg, sizeof jpeg};
    message_put_sighting(&out, &sighting);
    const struct wire_message message = {WIRE_SIGHTING, out.data + WIRE_HEADER, out.size - WIRE_HEADER};
    if (!post_take(post, &message, &err))
        fail_msg("%s", err.text);
}

/* What the desk is not told of it cannot record, and it arms the camera again when it starts anew. */
static void s32_the_sighting_that_is_one_too_many_reaches_the_desk(void **state)
{
    (void)state;
    struct told told = {0};
    const struct supervisor_events events = {.context = &told, .sighting = note_sighting};
    struct gallery_item items[SIGHTINGS_AN_HOUR + 2] = {0};
    struct post *post = memory_allocate(1, sizeof *post);
    post->events = &events;
    post->items = items;
    post->item_count = COUNT_OF(items);
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        snprintf(items[i].entry, sizeof items[i].entry, "e-%zu", i);
        see(post, items[i].entry);
        assert_int_equal(post->halted != NULL, i >= SIGHTINGS_AN_HOUR);
    }
    assert_int_equal(told.sightings, SIGHTINGS_AN_HOUR + 1);
    assert_int_equal(told.over_rate, 1);
    free(post);
}

static void tell_passages(struct post *post, uint64_t passages)
{
    struct error err = {0};
    const struct watch_health health = {.passages = passages};
    AUTO(wire_out) struct wire_out out = {0};
    message_put_health(&out, &health);
    const struct wire_message message = {WIRE_HEALTH, out.data + WIRE_HEADER, out.size - WIRE_HEADER};
    if (!post_take(post, &message, &err))
        fail_msg("%s", err.text);
}

static void s24_passages_of_a_watch_that_died_stay_counted(void **state)
{
    (void)state;
    const struct supervisor_events events = {.context = NULL};
    struct post *post = memory_allocate(1, sizeof *post);
    post->events = &events;
    tell_passages(post, 3);
    tell_passages(post, 5);
    tell_passages(post, 5);
    assert_int_equal(post->passages, 5);
    memset(&post->health, 0, sizeof post->health); /* as the next watch is started */
    tell_passages(post, 2);
    assert_int_equal(post->passages, 7);
    free(post);
}

static void a_camera_that_loses_passages_is_called_degraded_and_recovers(void **state)
{
    static const struct {
        const char *what;
        struct watch_health health;
        bool degraded;
    } windows[] = {
        {"all well", {.analysed = 150, .passages = 4, .failures_to_acquire = 1}, false},
        {"too slow", {.analysed = 100, .dropped = 50, .passages = 4}, true},
        {"too dark", {.analysed = 150, .passages = 4, .failures_to_acquire = 3}, true},
        {"too few to say", {.analysed = 150, .passages = 2, .failures_to_acquire = 2}, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(windows); i++) {
        struct loss loss = {0};
        struct watch_health health = {0};
        loss_update(&loss, &health, second_us);
        loss_update(&loss, &windows[i].health, 30 * second_us);
        assert_null(loss.reason);
        loss_update(&loss, &windows[i].health, 31 * second_us);
        if ((loss.reason != NULL) != windows[i].degraded)
            fail_msg("%s", windows[i].what);
        health = windows[i].health;
        health.analysed += 150;
        loss_update(&loss, &health, 61 * second_us);
        assert_null(loss.reason);
    }
}

static void s3_a_post_keeps_no_template_of_a_withdrawn_entry(void **state)
{
    (void)state;
    static const struct gallery_item nothing;
    struct gallery_item items[2] = {{.entry = "e-1"}, {.entry = "e-2"}};
    const struct supervisor_options options = {.program = "/none"};
    const struct supervisor_events events = {0};
    const struct camera camera = {.id = "c-1"};
    items[0].template[7] = items[1].template[7] = 1;
    const struct post_options made_from = {.options = &options,
        .events = &events,
        .camera = &camera,
        .operation = "op-1",
        .items = items,
        .item_count = COUNT_OF(items)};
    struct post *post = post_new(&made_from);
    assert_false(post_withdraw(post, "e-1"));
    assert_memory_equal(post->items[0].template, nothing.template, sizeof nothing.template);
    assert_true(post->items[0].withheld);
    assert_memory_equal(post->items[1].template, items[1].template, sizeof nothing.template);
    post_free(post);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s32_a_camera_over_its_rate_is_halted_visibly),
        cmocka_unit_test(s32_the_sighting_that_is_one_too_many_reaches_the_desk),
        cmocka_unit_test(s24_passages_of_a_watch_that_died_stay_counted),
        cmocka_unit_test(a_camera_that_loses_passages_is_called_degraded_and_recovers),
        cmocka_unit_test(s3_a_post_keeps_no_template_of_a_withdrawn_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
