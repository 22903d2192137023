#include "alert/lives.h"

#include "base/memory.h"

#include <string.h>

struct move {
    enum alert_state from;
    enum alert_state to;
    enum alert_actor by;
    const char *outcome;
};

static const struct move moves[] = {
    {ALERT_RAISED, ALERT_AGREED, BY_REVIEW, ""},
    {ALERT_RAISED, ALERT_CLOSED, BY_REVIEW, "rejected"},
    {ALERT_RAISED, ALERT_CLOSED, BY_TIMER, "lapsed"},
    {ALERT_RAISED, ALERT_CLOSED, BY_RULE, "recalled"},
    {ALERT_RAISED, ALERT_CLOSED, BY_RULE, "planted"}, /* a pair that measured the reviewers */

    {ALERT_AGREED, ALERT_DISPATCHED, BY_DISPATCHER, ""},
    {ALERT_AGREED, ALERT_CLOSED, BY_DISPATCHER, "no_unit"},
    {ALERT_AGREED, ALERT_CLOSED, BY_TIMER, "lapsed"},
    {ALERT_AGREED, ALERT_CLOSED, BY_RULE, "recalled"},

    {ALERT_DISPATCHED, ALERT_ACCEPTED, BY_CREW, ""},
    {ALERT_DISPATCHED, ALERT_DISPATCHED, BY_CREW, ""},       /* declined */
    {ALERT_DISPATCHED, ALERT_DISPATCHED, BY_TIMER, ""},      /* silent */
    {ALERT_DISPATCHED, ALERT_DISPATCHED, BY_DISPATCHER, ""}, /* the next unit */
    {ALERT_DISPATCHED, ALERT_CLOSED, BY_CREW, "not_found"},
    {ALERT_DISPATCHED, ALERT_CLOSED, BY_CREW, "lost"},
    {ALERT_DISPATCHED, ALERT_CLOSED, BY_CREW, "not_stopped"},
    {ALERT_DISPATCHED, ALERT_CLOSED, BY_TIMER, "lapsed"},
    {ALERT_DISPATCHED, ALERT_CLOSED, BY_RULE, "recalled"},

    {ALERT_ACCEPTED, ALERT_ON_SCENE, BY_CREW, ""},
    {ALERT_ACCEPTED, ALERT_ACCEPTED, BY_DISPATCHER, ""}, /* the same unit, to a newer place */
    {ALERT_ACCEPTED, ALERT_CLOSED, BY_CREW, "not_found"},
    {ALERT_ACCEPTED, ALERT_CLOSED, BY_CREW, "lost"},
    {ALERT_ACCEPTED, ALERT_CLOSED, BY_CREW, "not_stopped"},
    {ALERT_ACCEPTED, ALERT_CLOSED, BY_TIMER, "lapsed"},
    {ALERT_ACCEPTED, ALERT_CLOSED, BY_RULE, "recalled"},

    {ALERT_ON_SCENE, ALERT_STOPPED, BY_CREW, ""},
    {ALERT_ON_SCENE, ALERT_ON_SCENE, BY_DISPATCHER, ""}, /* to a newer place */
    {ALERT_ON_SCENE, ALERT_CLOSED, BY_CREW_CONCURRED, "not_found"},
    {ALERT_ON_SCENE, ALERT_CLOSED, BY_CREW_CONCURRED, "lost"},
    {ALERT_ON_SCENE, ALERT_CLOSED, BY_CREW_CONCURRED, "not_stopped"},
    {ALERT_ON_SCENE, ALERT_CLOSED, BY_CREW_CONCURRED, "found_safe"}, /* of the missing, whom nobody stops */
    {ALERT_ON_SCENE, ALERT_CLOSED, BY_CREW_CONCURRED, "contact_declined"},
    {ALERT_ON_SCENE, ALERT_CLOSED, BY_TIMER, "lapsed"},
    {ALERT_ON_SCENE, ALERT_CLOSED, BY_RULE, "recalled"},

    {ALERT_STOPPED, ALERT_STOPPED, BY_RULE, ""}, /* the crew is told instead of recalled */
    {ALERT_STOPPED, ALERT_CLOSED, BY_CREW, "wrong_person"},
    {ALERT_STOPPED, ALERT_CLOSED, BY_CREW, "right_person_not_wanted"},
    {ALERT_STOPPED, ALERT_CLOSED, BY_CREW, "identity_not_established"},
    {ALERT_STOPPED, ALERT_CLOSED, BY_CREW, "right_person_no_action"},
    {ALERT_STOPPED, ALERT_CLOSED, BY_CREW, "other_custody"},
    {ALERT_STOPPED, ALERT_CLOSED, BY_CREW, "custody"},
    {ALERT_STOPPED, ALERT_CLOSED, BY_CREW, "found_safe"},
    {ALERT_STOPPED, ALERT_CLOSED, BY_CREW, "contact_declined"},
    {ALERT_STOPPED, ALERT_CLOSED, BY_TWO_OFFICES, "identity_not_established"}, /* never recorded */

    {ALERT_CLOSED, ALERT_HANDED_OVER, BY_CREW, "custody"},
    {ALERT_HANDED_OVER, ALERT_RECEIVED, BY_STATION, "custody"},
};

static const char *const words[ALERT_STATE_COUNT] = {
    "raised", "agreed", "dispatched", "accepted", "on_scene", "stopped", "closed", "handed_over", "received"};

const char *alert_state_word(enum alert_state state)
{
    return words[state];
}

bool alert_state_read(const char *word, enum alert_state *out)
{
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (word && strcmp(word, words[i]) == 0) {
            *out = (enum alert_state)i;
            return true;
        }
    }
    return false;
}

bool alert_state_is_open(enum alert_state state)
{
    return state <= ALERT_STOPPED;
}

bool lives_allow(
    enum alert_state from, enum alert_state to, enum alert_actor by, const char *outcome, struct error *err)
{
    for (size_t i = 0; i < COUNT_OF(moves); i++) {
        const struct move *move = &moves[i];
        if (move->from == from && move->to == to && move->by == by && strcmp(move->outcome, outcome) == 0)
            return true;
    }
    return fail(err, ERROR_CONFLICT, "an alert does not go from %s to %s%s%s this way", words[from],
        words[to], outcome[0] ? " as " : "", outcome);
}
