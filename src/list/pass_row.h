/* An officer's pass as it is kept: a password's hash and the secret of one-time codes, sealed; what was
 * tried, under the row's mark.
 *
 * That an officer has a pass does not rest on the row, which somebody could take out of the database: the
 * keyring holds a key "pass/o-…" as long as there is one. The secrets are sealed under a key of each pass's
 * own, destroyed with it, so that an old copy of the database brings no old password back. */
#pragma once

#include "base/one_time_code.h"
#include "base/password.h"
#include "list/site.h"

extern const struct migration pass_migrations[];
extern const size_t pass_migration_count;

struct pass {
    char id[24]; /* "p-…", another one with every change */
    char officer[24];
    int64_t since_s;
    int64_t step;     /* of the newest code that was used */
    int64_t failures; /* since the last sign-in that went well */
    char lock[24];    /* "l-…" of the newest lock; "" for none */
    int64_t locked_until_s;
};

struct pass_secrets {
    char password[PASSWORD_HASH_SIZE];
    uint8_t code[CODE_SECRET_SIZE];
};

enum pass_state {
    PASS_NONE,
    PASS_HELD,
    PASS_BROKEN, /* the row was changed or is gone: nobody signs in until two persons reset it */
};

/* `out` is filled when PASS_HELD. */
enum pass_state pass_find(struct site *site, const char *officer, struct pass *out);
bool pass_open(struct site *site, const struct pass *pass, struct pass_secrets *out, struct error *err);
/* In the caller's transaction. The first seals the secrets under a new key and lets the old one be destroyed.
 */
bool pass_write(
    struct site *site, const struct pass *pass, const struct pass_secrets *secrets, struct error *err);
bool pass_update(struct site *site, const struct pass *pass, struct error *err);
bool pass_erase(struct site *site, const char *officer, struct error *err);
/* In the caller's transaction: PASS_BROKEN from now on, whatever there is of it. */
bool pass_break(struct site *site, const char *officer, struct error *err);
/* Every row, for administrators: borrows nothing. */
bool pass_each(struct site *site,
    bool (*visit)(void *context, const char *officer, enum pass_state state, const struct pass *pass),
    void *context, struct error *err);
