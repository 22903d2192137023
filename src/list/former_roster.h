/* What was signed while a roster was in force stays signed when its signer has left the next one, or when the
 * key was suspended since: somebody's leaving takes nothing back, and nothing is added with a key that is
 * suspended. The log says when a statement was taken in and which roster was in force then. */
#pragma once

#include "list/site.h"

/* The name by which the log knows a statement: over its signature too, so that nobody guesses from the log
 * what was said. */
bool statement_name(const struct envelope *envelope, char out[static HEX_HASH_SIZE], struct error *err);
/* The fields of the record with which a statement is taken in, with its name (`signed`): who signed it may
 * have left when it is read again. Takes `fields` and gives it back. */
json_t *statement_named(json_t *fields, const struct envelope *envelope);

struct signer {
    const struct officer *officer; /* borrowed from the site's roster, or from `former` */
    struct roster *former;         /* a share; NULL when the roster in force says so still */
};
void signer_done(struct signer *signer);

/* What of former rosters was read; freed by the desk. */
void former_rosters_free(struct former_rosters *former);

/* The officer who signed, with one of the roles (bits). ERROR_UNSIGNED when neither the roster in force nor
 * that of then has the signer; ERROR_CORRUPT when that of then is not kept as it was adopted. */
bool signer_find(struct site *site, const struct envelope *envelope, uint32_t roles, struct signer *out,
    struct error *err);

/* {"roster": envelope, "endorsement": envelope, on a live site}: the roster that this `roster_adopted` record
 * put in force, as anybody can check that it counted then. ERROR_CORRUPT when it is not kept so. A new
 * reference.
 */
json_t *former_paper(struct site *site, const json_t *record, struct error *err);
/* Roster `number` as it was brought, when it still is what the log says (its hash); ERROR_CORRUPT else. */
struct envelope *former_roster(struct site *site, int64_t number, const char *hash, struct error *err);
