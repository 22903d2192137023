/* The one way a signed statement acts on an alert: checked, run in one ledger transaction, kept, answered the
 * same when it comes again. */
#pragma once

#include "alert/person.h"

struct act {
    struct site *site;
    const struct envelope *envelope;
    const struct officer *officer;
    struct alert alert;
    const char *device; /* it came from; "" when that does not matter */
    bool kept;          /* the statement is stored */
    bool halted;        /* the operation was halted by a rule */
    bool entry_changed; /* the watches are told after the commit */
};

struct action {
    const char *type;
    enum role role;
    json_t *(*run)(struct act *act, struct error *err); /* in a transaction; a new reference */
};

json_t *act_on(
    struct site *site, const struct envelope *envelope, const struct action *action, struct error *err);
json_t *act_on_device(struct site *site, const struct envelope *envelope, const struct action *action,
    const char *device, struct error *err);
/* Stores the statement with its reply, for actions whose own rules read the stored ones; act_on does it for
 * the others. */
bool act_keep(struct act *act, const json_t *reply, struct error *err);
/* Halts the operation when it runs or pauses; nothing when it is over already. In the caller's transaction.
 */
bool operation_breaks(
    struct site *site, const char *operation, const char *reason, bool *halted, struct error *err);
/* After a commit: tells the watches of the entry (NULL: none), disarms what was halted. */
void settle(struct site *site, bool halted, const char *changed_entry);
