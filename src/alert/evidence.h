/* What an alert's decisions rest on: the officers' signed statements, verified again whenever they are used
 * (SAFEGUARDS 50), and the desk's own answers of a stop, sealed under the alert's key. */
#pragma once

#include "alert/row.h"
#include "list/former_roster.h"

/* Of one type. No more are kept, so that what is decided on and handed over always has all of them. */
enum { STATEMENTS_AN_ALERT = 128 };

struct statements {
    struct envelope *list[STATEMENTS_AN_ALERT]; /* owns; oldest first */
    struct signer by[STATEMENTS_AN_ALERT]; /* who signed which; with a former roster, one who left since */
    size_t count;
};
void statements_done(struct statements *statements);
static inline void statements_auto(struct statements *slot)
{
    statements_done(slot);
}

/* The stored reply when this statement was accepted before (a new reference); NULL without an error when it
 * was not. */
json_t *statement_replay(struct site *site, const struct envelope *envelope, struct error *err);
/* ERROR_CONFLICT when the alert has as many of the type as can be read back. */
bool statement_keep(struct site *site, const struct alert *alert, const struct envelope *envelope,
    const json_t *reply, struct error *err);
/* ERROR_CORRUPT when a stored one does not verify: signature, role, type, alert, site; the roster in force
 * when the log took it in. A decision that is still to be taken leaves out those of who left since. */
bool statements_load(struct site *site, const struct alert *alert, const char *type, enum role role,
    struct statements *out, struct error *err);
/* The one with this hash, by somebody of today's roster; NULL with ERROR_CORRUPT when it is not there as it
 * was signed, with ERROR_CONFLICT when its signer left since. */
struct envelope *statement_find(
    struct site *site, const struct alert *alert, const char *hash, enum role role, struct error *err);

enum as_of { TODAY, THEN };

/* The two `same` on this passage's pictures, by drawn persons of different offices who are not parties to the
 * entry, and no `different` beside them. Of TODAY: both in the roster in force; somebody's who left since
 * counts for nothing then, except a `different`. Fills two[] with owned envelopes. ERROR_CORRUPT otherwise.
 */
bool evidence_agreed(struct site *site, const struct alert *alert, const char *pictures_hash, enum as_of as,
    struct envelope *two[static 2], struct error *err);
/* The row's state is one that the statements carry: reviews, dispatch to this unit, acceptance, arrival,
 * stop, as far as the state says they happened. What a unit was sent by is not undone when a signer leaves or
 * loses a key afterwards. */
bool evidence_carries(struct site *site, const struct alert *alert, struct error *err);

/* Notes: what the desk itself answered during a stop (register, case status, slip), in order. */
bool note_add(
    struct site *site, const struct alert *alert, const char *kind, const json_t *note, struct error *err);
/* An array, oldest first; a new reference. ERROR_CORRUPT when they are not as many answers as the log says.
 */
json_t *notes_load(struct site *site, const struct alert *alert, const char *kind, struct error *err);
