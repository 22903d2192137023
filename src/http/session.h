/* Signing in: a challenge from the desk, answered with a signed `sign_in`, gives a session of 12 hours. Where
 * the officer has a pass or has to make one (list/pass.h), that session is a beginning of 10 minutes: it may
 * show or make the pass, and then another takes its place. The session's token is known to the officer's
 * device only; the database keeps its hash, so that a desk that was killed knows its sessions again.
 *
 * A record that ends sessions names them in `ended`: "s-" and the first 16 digits of the hash. */
#pragma once

#include "list/pass.h"

enum {
    SESSION_S = 12 * 3600,
    SESSION_BEGUN_S = 10 * 60,
    SESSIONS_AN_OFFICER = 8, /* the oldest ends when there are more */
    CHALLENGE_S = 60,
    CHALLENGE_SIZE = 32,
    CHALLENGES_USED = 256,
    CHALLENGES_AN_OFFICER = 32, /* of those, so that one key keeps nobody else out */
    SESSION_TOKEN_SIZE = 65,    /* 64 hex digits and NUL */
};

extern const struct migration session_migrations[];
extern const size_t session_migration_count;

struct session {
    char id[HEX_HASH_SIZE]; /* hash of the token */
    char officer[24];
    char unit[24]; /* "" for none */
    char pass[24]; /* that proved the person; "": the key alone */
    enum standing standing;
    int64_t expires_s;
};

/* Challenges carry their own end and a keyed hash, so that asking for many fills nothing; only those that an
 * officer used are remembered, until their end. */
struct challenges {
    uint8_t key[32];
    struct {
        uint8_t challenge[CHALLENGE_SIZE];
        char officer[24];
        int64_t expires_s;
    } used[CHALLENGES_USED];
};

void challenges_init(struct challenges *challenges);
void challenge_new(
    const struct challenges *challenges, uint8_t out[static CHALLENGE_SIZE], int64_t *expires_s);

/* Checks a `sign_in` statement, its signer, its challenge and its unit; makes the session and gives its
 * token. */
bool session_open(struct site *site, struct challenges *challenges, const struct envelope *envelope,
    char token[static SESSION_TOKEN_SIZE], struct session *out, struct error *err);
/* ERROR_UNSIGNED for a token that is unknown, over, or of an officer whose key the roster no longer has. */
bool session_find(struct site *site, const char *token, struct session *out, struct error *err);
/* The officer showed the pass, with a code of this step: a session with another token takes the place of
 * `begun`. */
bool session_prove(struct site *site, const struct session *begun, const struct pass *pass, int64_t step,
    char token[static SESSION_TOKEN_SIZE], struct session *out, struct error *err);
/* The officer has a new pass: the same, and every other session of theirs has to show it. */
bool session_renew(struct site *site, const struct session *before, const struct pass_secrets *secrets,
    int64_t step, char token[static SESSION_TOKEN_SIZE], struct session *out, struct error *err);
/* Still there, and may do what its roles may. */
bool session_is_open(struct site *site, const struct session *session);
bool session_close(struct site *site, const struct session *session, struct error *err);
/* At a start, in a transaction of its own: a row that somebody put back after its session was over goes
 * (SAFEGUARDS 10, 50). */
bool session_rows_hold_to_log(struct site *site, struct error *err);
