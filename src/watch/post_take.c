/* What feed and watch say to the desk. Everything in it is hostile until it is checked. */
#include "watch/post.h"

#include "base/clock.h"
#include "base/log.h"
#include "sign/limits.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ARMING_US = 10 * 1000 * 1000 };

/* The list goes as the token names it, without the templates of what was withdrawn since. The withdrawals
 * follow before BEGIN all the same: each is acknowledged before the first picture is looked at. */
static void post_arm(struct post *post)
{
    uint8_t key[HASH_SIZE];
    struct wire_out *out = &post->watch.out;
    int64_t due_us = clock_monotonic_us() + ARMING_US;
    camera_key(&post->camera, key);
    message_put_arm(out, key, post->token, strlen(post->token));
    message_put_items(out, post->items, post->item_count);
    for (size_t i = 0; i < post->withdrawal_count; i++) {
        message_put_entry(out, WIRE_WITHDRAW, post->withdrawals[i].entry);
        post->withdrawals[i].due_us = due_us;
        post->withdrawals[i].acknowledged = false;
    }
    message_put_pause(out, post->paused || post->halted);
    message_put_empty(out, WIRE_BEGIN);
    post->armed = true;
}

/* A watch shows a camera once in its life: one that died in it ends the view. */
static void post_begin_set_up(struct post *post)
{
    post->set_up_ends_us = clock_monotonic_us() + LIMIT_SET_UP_S * 1000000LL;
    message_put_empty(&post->watch.out, WIRE_SURVEY);
    post->armed = true;
}

struct withdrawal *post_withdrawal(struct post *post, const char *entry)
{
    for (size_t i = 0; i < post->withdrawal_count; i++)
        if (!strcmp(post->withdrawals[i].entry, entry))
            return &post->withdrawals[i];
    return NULL;
}

static bool post_lists(const struct post *post, const char *entry)
{
    for (size_t i = 0; i < post->item_count; i++)
        if (!strcmp(post->items[i].entry, entry))
            return true;
    return false;
}

static bool take_withdrawn(struct post *post, const struct wire_message *message, struct error *err)
{
    char entry[ENTRY_ID_SIZE];
    if (!message_entry(message, entry, err))
        return false;
    struct withdrawal *withdrawal = post_withdrawal(post, entry);
    if (!withdrawal)
        return fail(err, ERROR_CORRUPT, "the watch acknowledges a withdrawal that was not told");
    if (!withdrawal->acknowledged && post->events->withdrawn && !post->leaving)
        post->events->withdrawn(post->events->context, post->camera.id, entry);
    withdrawal->acknowledged = true;
    return true;
}

static bool take_sighting(struct post *post, const struct wire_message *message, struct error *err)
{
    struct sighting sighting = {0};
    if (!message_sighting(message, &sighting, err))
        return false;
    bool listed = post_lists(post, sighting.entry);
    for (size_t i = 0; i < sighting.other_count; i++)
        listed = listed && post_lists(post, sighting.others[i].entry);
    if (!listed)
        return fail(err, ERROR_CORRUPT, "the watch reports an entry that is not on its list");
    if (post->leaving || post->paused || post->halted || post_withdrawal(post, sighting.entry))
        return true;
    sighting.over_rate = !post_within_rate(post, sighting.entry, clock_monotonic_us());
    snprintf(sighting.camera, sizeof sighting.camera, "%s", post->camera.id);
    snprintf(sighting.operation, sizeof sighting.operation, "%s", post->operation);
    if (post->events->sighting)
        post->events->sighting(post->events->context, &sighting);
    if (sighting.over_rate)
        post_halt(post, "more sightings in an hour than this camera may report");
    return true;
}

static bool take_health(struct post *post, const struct wire_message *message, struct error *err)
{
    uint64_t decoded = post->health.decoded;
    uint64_t passages = post->health.passages;
    if (!message_health(message, &post->health, err))
        return false;
    if (post->health.decoded > decoded)
        post->picture_us = clock_monotonic_us();
    if (post->health.passages > passages)
        post->passages += post->health.passages - passages;
    loss_update(&post->loss, &post->health, clock_monotonic_us());
    if (post->events->health && !post->leaving)
        post->events->health(post->events->context, post->camera.id, &post->health);
    return true;
}

static bool take_ready(struct post *post, const struct wire_message *message, struct error *err)
{
    struct child_ready ready = {0};
    if (!message_ready(message, &ready, err))
        return false;
    if (post->armed)
        return fail(err, ERROR_CORRUPT, "the watch is ready twice");
    if (post->leaving)
        return true;
    if (post->set_up)
        post_begin_set_up(post);
    else
        post_arm(post);
    return true;
}

static int hour_of_the_day(void)
{
    time_t now = (time_t)clock_now_s();
    struct tm local;
    return localtime_r(&now, &local) ? local.tm_hour : 0;
}

static bool take_surveyed(struct post *post, const struct wire_message *message, struct error *err)
{
    struct bytes preview;
    struct survey survey;
    if (!message_surveyed(message, &survey, &preview, err))
        return false;
    if (!post->set_up)
        return fail(err, ERROR_CORRUPT, "the watch shows what it was not asked for");
    survey_follow(&survey, &post->survey, hour_of_the_day());
    post->survey = survey;
    bytes_free(&post->preview);
    post->preview = bytes_copy(preview.data, preview.size);
    return true;
}

bool post_take(struct post *post, const struct wire_message *message, struct error *err)
{
    switch (message->type) {
    case WIRE_FEED_STATUS:
        return message_feed_status(message, &post->feed_status, err);
    case WIRE_READY:
        return take_ready(post, message, err);
    case WIRE_STATE:
        return message_state(message, &post->watch_state, err);
    case WIRE_HEALTH:
        return take_health(post, message, err);
    case WIRE_WITHDRAWN:
        return take_withdrawn(post, message, err);
    case WIRE_SIGHTING:
        return take_sighting(post, message, err);
    case WIRE_SURVEYED:
        return take_surveyed(post, message, err);
    default:
        return fail(err, ERROR_CORRUPT, "a message of type %d", (int)message->type);
    }
}
