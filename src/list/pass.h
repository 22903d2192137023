/* What proves the person: a password and a one-time code, beside the key, which proves the device (SAFEGUARDS
 * 10). Whether a session needs them is said in one place, pass_standing. */
#pragma once

#include "list/pass_row.h"

enum {
    PASS_PASSWORD_LEAST = 12,
    PASS_CREW_DIGITS_LEAST = 8, /* of somebody who is crew only: typed in gloves */
    PASS_TRIES = 5,             /* before each lock */
    PASS_LOCK_S = 15 * 60,      /* the first; each one after it twice as long */
    PASS_LOCK_MOST_S = 24 * 3600,
    PASS_RELEASE_S = 24 * 3600, /* until the second signature has to be there */
};

enum standing {
    STANDING_WHOLE,  /* may do what its roles may */
    STANDING_PROVE,  /* may show the pass, and nothing else */
    STANDING_ENROL,  /* may make one, and nothing else */
    STANDING_BROKEN, /* nothing: two persons reset the pass */
};

/* What a session may do that was proved with the pass `proved`, or with the key alone (""): on a live site,
 * and where site.ini asks for it, nothing before the officer has a pass; anywhere nothing without the pass
 * that the officer has now. */
enum standing pass_standing(struct site *site, const char *officer, const char *proved);
const char *standing_word(
    enum standing standing); /* "nothing", "pass", "enrolment", "reset": what it needs */

bool pass_password_holds(const struct officer *officer, const char *password, struct error *err);
/* The pass of somebody who may try now; ERROR_FORBIDDEN while it is locked. */
bool pass_to_try(struct site *site, const char *officer, struct pass *out, struct error *err);
/* Whether password (as the process that hashes found it) and code are right; sets the code's step. */
bool pass_fits(struct site *site, const struct pass *pass, bool password_fits, const char *code,
    int64_t *step, struct error *err);
/* In transactions of their own: one more failure, and perhaps a lock; */
bool pass_failed(struct site *site, const struct pass *pass, struct error *err);
/* and that it was shown with a code of this step, for another to be made. */
bool pass_shown(struct site *site, const struct pass *pass, int64_t step, struct error *err);
/* In the caller's transaction, whose record notes the mark (list/pass_recorded.h). */
bool pass_used(struct site *site, const struct pass *pass, int64_t step, struct error *err);
/* A new pass in place of what there is; fills its id. */
bool pass_make(struct site *site, const char *officer, const struct pass_secrets *secrets, int64_t step,
    char id[static 24], struct error *err);

/* {"officers": [{"officer", "state", "pass", "since", "lock", "locked_until", "failures", "signed_by"}]} */
json_t *pass_list(struct site *site, struct error *err);
/* A statement `pass_release`: of two persons of different offices, neither the subject; the second ends a
 * lock or resets the pass. */
json_t *pass_release(struct site *site, const struct envelope *envelope, struct error *err);
/* Passes of officers whom the roster does not name any more are destroyed. */
bool pass_tick(struct site *site, struct error *err);
