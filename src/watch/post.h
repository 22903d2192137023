/* A camera's post at the desk: its feed and watch, what they were armed with, and how they are. The two live
 * and die together: when one ends, both are started again. */
#pragma once

#include "watch/message.h"
#include "watch/process.h"

struct withdrawal {
    char entry[ENTRY_ID_SIZE];
    int64_t due_us; /* to be acknowledged until then; 0: not told to the present watch yet */
    bool acknowledged;
};

struct sighted { /* an entry that this camera reported */
    char entry[ENTRY_ID_SIZE];
    int64_t first_us; /* 0: free */
    int64_t last_us;
};

/* What was lost of what could be seen, over the last whole window. */
struct loss {
    int64_t began_us;
    struct watch_health at_start; /* the counts when the window began */
    const char *reason;           /* of the last whole window; NULL: nothing to speak of */
};

struct post {
    const struct supervisor_options *options;
    const struct supervisor_events *events;
    int epoll;
    struct camera camera;
    char *credentials;
    char operation[24];
    char *token;
    struct gallery_item
        *items; /* the list as the token names it, withdrawn templates dropped; wiped at the end */
    size_t item_count;
    struct withdrawal *withdrawals;
    size_t withdrawal_count;
    bool paused;
    struct process feed, watch;
    bool up;      /* both were started */
    bool armed;   /* the present watch was handed everything */
    bool leaving; /* disarmed: only its processes are left */
    int64_t leave_us;
    int64_t started_us; /* of the present processes */
    int64_t start_due_us;
    int64_t backoff_us;
    int64_t picture_us; /* when a decoded picture was last counted; 0: never */
    struct feed_status feed_status;
    struct watch_state watch_state; /* WATCH_IDLE until it said something */
    struct watch_health health;
    uint64_t passages; /* of all its watches, since somebody took them */
    struct loss loss;
    struct sighted sighted[SIGHTINGS_AN_HOUR];
    const char *halted; /* why; NULL: it is not */
    bool set_up;        /* a set-up view: no operation, no token, no list */
    int64_t set_up_ends_us;
    struct survey survey;
    struct bytes preview; /* owned; reduced whole */
    enum camera_state state;
    char reason[256];
};

/* What the post is made from; copied. */
struct post_options {
    const struct supervisor_options *options;
    const struct supervisor_events *events;
    int epoll;
    const struct camera *camera;
    const char *credentials;
    const char *operation;
    const char *token;
    const struct gallery_item *items;
    size_t item_count;
    bool set_up; /* instead of an operation: token and items are none */
};

struct post *post_new(const struct post_options *options);
/* Kills what still runs; wipes. */
void post_free(struct post *post);

/* Reads, writes, starts, restarts, notices. Callbacks may call post_leave. */
void post_run(struct post *post);
/* The operation is over for this camera. */
void post_leave(struct post *post);
/* After post_leave: true once nothing of it runs. */
bool post_left(struct post *post);
void post_pause(struct post *post, bool paused);
/* Its watch forgets what it follows and looks at nothing more. Only arming the camera again undoes it. */
void post_halt(struct post *post, const char *why);
/* True when the present watch was told now. */
bool post_withdraw(struct post *post, const char *entry);
/* How long the set-up view still lasts. */
int64_t post_set_up_left_us(const struct post *post);
/* How long nothing has to be done, at most `ms`. */
int post_timeout_ms(const struct post *post, int ms);

/* Inside a post: one message from its feed or watch, how the camera is now, and what was withdrawn. */
bool post_take(struct post *post, const struct wire_message *message, struct error *err);
/* Begins or closes a window of the losses with the newest counts. */
void loss_update(struct loss *loss, const struct watch_health *health, int64_t now_us);
/* Whether one more sighting is within the camera's limit; it is noted then. The same entry again within ten
 * minutes belongs to the same alert and is counted once. */
bool post_within_rate(struct post *post, const char *entry, int64_t now_us);
enum camera_state post_judge(const struct post *post, const char **reason);
struct withdrawal *post_withdrawal(struct post *post, const char *entry);
