#include "told.h"

#include <stdio.h>
#include <string.h>

void told_done(struct supervisor *supervisor)
{
    memory_release(supervisor->token);
    memory_release(supervisor->list);
    *supervisor = (struct supervisor){.arms = 0};
}

bool told_of_withdrawal(const struct supervisor *supervisor, const char *entry)
{
    for (size_t i = 0; i < supervisor->withdrawn_count; i++)
        if (strcmp(supervisor->withdrawn[i], entry) == 0)
            return true;
    return false;
}

bool supervisor_arm(struct supervisor *supervisor, const struct camera *camera, const char *credentials,
    const char *operation, const char *token, const struct gallery_item *items, size_t count,
    struct error *err)
{
    (void)credentials, (void)operation;
    if (supervisor->refuses_to_arm)
        return fail(err, ERROR_UNAVAILABLE, "camera %s does not arm", camera->id);
    memory_release(supervisor->token);
    memory_release(supervisor->list);
    supervisor->token = memory_copy_text(token);
    supervisor->list = memory_allocate(count, sizeof *items);
    memcpy(supervisor->list, items, count * sizeof *items);
    camera_key(camera, supervisor->camera_key);
    supervisor->arms++;
    supervisor->items = count;
    supervisor->armed = true;
    supervisor->paused = false;
    return true;
}

void supervisor_disarm(struct supervisor *supervisor, const char *operation)
{
    (void)operation;
    supervisor->disarms++;
    supervisor->armed = false;
}

void supervisor_pause(struct supervisor *supervisor, const char *operation, bool paused)
{
    (void)operation;
    supervisor->pauses += paused;
    supervisor->resumes += !paused;
    supervisor->paused = paused;
}

size_t supervisor_withdraw(struct supervisor *supervisor, const char *operation, const char *entry)
{
    snprintf(supervisor->withdrawn_from, sizeof supervisor->withdrawn_from, "%s", operation ? operation : "");
    if (supervisor->withdrawn_count < TOLD_ROOM)
        snprintf(supervisor->withdrawn[supervisor->withdrawn_count++], ENTRY_ID_SIZE, "%s", entry);
    return supervisor->armed ? 1 : 0;
}

const struct watch_health *supervisor_health(
    const struct supervisor *supervisor, const char *camera, enum camera_state *state, const char **reason)
{
    static const struct watch_health nothing_yet;
    (void)camera;
    *state = CAMERA_RUNNING;
    *reason = "";
    return supervisor->armed ? &nothing_yet : NULL;
}

uint64_t supervisor_take_passages(struct supervisor *supervisor, const char *operation)
{
    uint64_t taken = supervisor->passages;
    (void)operation;
    supervisor->passages = 0;
    return taken;
}

bool supervisor_set_up(
    struct supervisor *supervisor, const struct camera *camera, const char *credentials, struct error *err)
{
    (void)camera, (void)credentials, (void)err;
    supervisor->set_ups++;
    return true;
}

void supervisor_halt(struct supervisor *supervisor, const char *operation, const char *camera)
{
    (void)operation, (void)camera;
    supervisor->halts++;
}

const struct survey *supervisor_survey(
    const struct supervisor *supervisor, const char *camera, struct bytes *preview, int64_t *left_us)
{
    (void)supervisor, (void)camera, (void)preview, (void)left_us;
    return NULL;
}

const char *camera_state_word(enum camera_state state)
{
    return state == CAMERA_RUNNING ? "running" : "off";
}

void enrolment_done(struct enrolment *enrolment)
{
    bytes_free(&enrolment->picture);
}

bool still_mark(struct supervisor *supervisor, const void *jpeg, size_t size, const char *words,
    struct bytes *out, struct error *err)
{
    (void)supervisor, (void)words, (void)err;
    *out = bytes_copy(jpeg, size);
    return true;
}
