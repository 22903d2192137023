/* The one table of an alert's moves (DESIGN §4). Everything else asks it. */
#pragma once

#include "base/error.h"

enum alert_state {
    ALERT_RAISED,
    ALERT_AGREED,
    ALERT_DISPATCHED,
    ALERT_ACCEPTED,
    ALERT_ON_SCENE,
    ALERT_STOPPED,
    ALERT_CLOSED,
    ALERT_HANDED_OVER,
    ALERT_RECEIVED,
    ALERT_STATE_COUNT,
};

enum alert_actor {
    BY_REVIEW, /* the answers of the drawn reviewers, taken together */
    BY_DISPATCHER,
    BY_CREW,
    BY_CREW_CONCURRED, /* the crew's outcome after the dispatcher's concurrence */
    BY_STATION,
    BY_TWO_OFFICES, /* authorisers, where the crew recorded nothing for a day */
    BY_TIMER,
    BY_RULE, /* withdrawn, halted, ended */
    ALERT_ACTOR_COUNT,
};

const char *alert_state_word(enum alert_state state);
bool alert_state_read(const char *word, enum alert_state *out);
/* Raised to stopped: no outcome yet. */
bool alert_state_is_open(enum alert_state state);

/* `outcome` is the closed outcome of the move's closed end ("custody" for closed → handed_over), ""
 * elsewhere. ERROR_CONFLICT names the move when the table does not have it. */
bool lives_allow(
    enum alert_state from, enum alert_state to, enum alert_actor by, const char *outcome, struct error *err);
