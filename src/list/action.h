/* An action is the desk's acceptance of a statement. What all of them share: the signer's roles, the site,
 * the time, and that the same statement again gets the same reply and changes nothing. */
#pragma once

#include "list/site.h"

extern const char action_sql[]; /* the table of accepted statements: hashes, ids and codes only */

#define ROLE_BIT(role) (1U << (role))

struct action {
    const struct officer *officer; /* the signer, from the roster */
    json_t *reply;                 /* a new reference when the statement was accepted before, else NULL */
};

/* The type, this site, a signer in the roster with one of the roles (bits), and, for a statement that was not
 * accepted before, a time within LIMIT_STATEMENT_SKEW_S of the desk's. */
bool action_check(struct site *site, const struct envelope *envelope, const char *type, uint32_t roles,
    struct action *out, struct error *err);
/* Ends the transaction of an action: keeps the reply and commits, or aborts when `done` is false or anything
 * fails. Takes `reply`; gives it back when it is on disk, else NULL. */
json_t *action_commit(
    struct site *site, const struct envelope *envelope, bool done, json_t *reply, struct error *err);
