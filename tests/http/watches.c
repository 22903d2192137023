/* No camera runs in these tests: site.supervisor is NULL and nothing here is ever called. */
#include "watch/supervisor.h"

#include <stdlib.h>

const char *camera_state_word(enum camera_state state)
{
    (void)state;
    abort();
}

const struct watch_health *supervisor_health(
    const struct supervisor *supervisor, const char *camera, enum camera_state *state, const char **reason)
{
    (void)supervisor, (void)camera, (void)state, (void)reason;
    abort();
}

bool supervisor_arm(struct supervisor *supervisor, const struct camera *camera, const char *credentials,
    const char *operation, const char *token, const struct gallery_item *items, size_t count,
    struct error *err)
{
    (void)supervisor, (void)camera, (void)credentials, (void)operation, (void)token, (void)items, (void)count,
        (void)err;
    abort();
}

void supervisor_disarm(struct supervisor *supervisor, const char *operation)
{
    (void)supervisor, (void)operation;
    abort();
}

void supervisor_pause(struct supervisor *supervisor, const char *operation, bool paused)
{
    (void)supervisor, (void)operation, (void)paused;
    abort();
}

size_t supervisor_withdraw(struct supervisor *supervisor, const char *entry)
{
    (void)supervisor, (void)entry;
    abort();
}

void enrolment_done(struct enrolment *enrolment)
{
    (void)enrolment;
    abort();
}

bool still_enrol(
    struct supervisor *supervisor, const void *jpeg, size_t size, struct enrolment *out, struct error *err)
{
    (void)supervisor, (void)jpeg, (void)size, (void)out, (void)err;
    abort();
}

bool still_mark(struct supervisor *supervisor, const void *jpeg, size_t size, const char *words,
    struct bytes *out, struct error *err)
{
    (void)supervisor, (void)jpeg, (void)size, (void)words, (void)out, (void)err;
    abort();
}
