/* The site's roster: who may sign what. Numbered, signed by the site's offline root key, never rolled back.
 */
#pragma once

#include "sign/form.h"
#include "sign/statement.h"

enum role {
    ROLE_WATCH_OFFICER,
    ROLE_AUTHORISER,
    ROLE_REVIEWER,
    ROLE_DISPATCHER,
    ROLE_CREW,
    ROLE_STATION,
    ROLE_AUDITOR,
    ROLE_OUTSIDE_SIGNER,
    ROLE_INSPECTOR,
    ROLE_ADMIN,
    ROLE_COUNT,
};

enum site_kind { SITE_DEMO, SITE_LIVE };

struct officer {
    char id[24];
    char office[24];
    char service_number[SERVICE_NUMBER_SIZE]; /* "" in lines of before there were any */
    uint32_t roles;                           /* bit 1 << role */
    const json_t *posts; /* the stations and units the officer acts for; borrowed from the roster */
    uint8_t key[PUBLIC_KEY_SIZE];
    bool suspended; /* no look-up finds the officer, and there are no roles */
};

struct device { /* a unit's or a station's sealing key */
    char id[24];
    uint8_t key[PUBLIC_KEY_SIZE];
};

struct roster;

enum { ROSTER_UNITS = 500 }; /* at most; its form says so (types.c) */

/* Verifies the root key's signature, the site's name, ids, keys and service numbers that are
 * not used twice, and that officers are posted to stations and units that there are. */
struct roster *roster_read(const struct envelope *envelope, const uint8_t root_key[static PUBLIC_KEY_SIZE],
    const char *site, struct error *err);
/* Whether the roster counts at `now_s` (SAFEGUARDS 11). On a demo site at once. On a live site with the
 * oversight body's statement `roster_endorsement` on this roster, LIMIT_ROSTER_WAIT_S after it was signed,
 * with the key that was pinned beside the root key: never with one the roster brings itself. NULL for what
 * there is not. */
bool roster_counts(const struct roster *roster, const struct envelope *endorsement,
    const uint8_t *endorsement_key, int64_t now_s, struct error *err);
/* The same roster, shared: freed as often as it was shared and once more. */
struct roster *roster_share(struct roster *roster);
void roster_free(struct roster *roster);
AUTO_FREE(roster, struct roster *, roster_free)

int64_t roster_number(const struct roster *roster);
enum site_kind roster_kind(const struct roster *roster);
const char *roster_site(const struct roster *roster);
const uint8_t *roster_oversight_key(const struct roster *roster);
const struct envelope *roster_envelope(const struct roster *roster); /* borrowed */

const struct officer *roster_officer(const struct roster *roster, const char *id); /* NULL when unknown */
size_t roster_officers(const struct roster *roster);
const struct officer *roster_officer_at(const struct roster *roster, size_t index);
const struct device *roster_unit(const struct roster *roster, const char *id);
const struct device *roster_unit_at(const struct roster *roster, size_t index); /* NULL past the end */
const struct device *roster_station(const struct roster *roster, const char *id);
/* The key of an officer, unit or station; false when there is none of that id. */
bool roster_key_of(const struct roster *roster, const char *id, uint8_t out[static PUBLIC_KEY_SIZE]);
/* From now on the roster answers as if it did not name the officer, unit or station that has this key;
 * nothing happens when it has another. */
void roster_suspend(struct roster *roster, const char *id, const uint8_t key[static PUBLIC_KEY_SIZE]);
const json_t *roster_suspended(const struct roster *roster); /* ids; borrowed */
bool roster_trusts_report_key(const struct roster *roster, const uint8_t key[static PUBLIC_KEY_SIZE]);

/* Whether the officer acts for this station or unit. */
bool officer_is_posted(const struct officer *officer, const char *post);
bool officer_has(const struct officer *officer, enum role role);
const char *role_word(enum role role);
bool role_read(const char *word, enum role *out);

/* The signer: the officer named in `by`, whose roster key is the envelope's key, who has the role.
 * ERROR_UNSIGNED for an unknown officer or another key, ERROR_FORBIDDEN without the role; the text says
 * which. */
const struct officer *roster_check(
    const struct roster *roster, const struct envelope *envelope, enum role role, struct error *err);
/* The same for any role. */
const struct officer *roster_check_any(
    const struct roster *roster, const struct envelope *envelope, struct error *err);
