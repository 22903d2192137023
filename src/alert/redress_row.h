/* A request's row, and its signed statements sealed under a key of its own ("redress/q-…"). */
#pragma once

#include "alert/redress.h"

struct redress {
    char id[ALERT_ID_SIZE];
    char alert[ALERT_ID_SIZE]; /* of the slip; "" without one */
    char kind[16];
    char state[16];
    char officer[ALERT_ID_SIZE];
    int64_t made_us, expires_us;
    json_t *stations;   /* where that officer was posted (redress_counter.h) */
    json_t *statements; /* envelopes, oldest first: the request, then answers, findings */
};
void redress_done(struct redress *redress);
static inline void redress_auto(struct redress *slot)
{
    redress_done(slot);
}

bool redress_load(struct site *site, const char *id, struct redress *out, struct error *err);
/* ERROR_CONFLICT when there is a request of this id: the client draws ids, and none replaces another's. */
bool redress_is_free(struct site *site, const char *id, struct error *err);
/* In the caller's transaction: a new row with its record and event; never one that is there. Takes `more`. */
bool redress_add(
    struct site *site, const struct redress *redress, const char *by, json_t *more, struct error *err);
/* Sets the state of a row that is there, with its record and event. Takes `more`. */
bool redress_move(struct site *site, struct redress *redress, const char *state, const char *by, json_t *more,
    struct error *err);
void redress_key_name(const char *id, char out[static 40]);
/* The request as it was signed, verified again: the caller's. */
struct envelope *redress_statement(
    struct site *site, const struct redress *redress, size_t index, const char *type, struct error *err);
