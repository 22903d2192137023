/* What makes a site a demo or a live one (SAFEGUARDS 52), read from its root.pub, a file of root's:
 *
 *   line 1   the root's Ed25519 public key, 64 hex digits
 *   line 2   live: the oversight body's, that endorses rosters
 *   line 3   live: the envelope of the issuer's statement `site_certificate` about both
 *
 * The desk and every watch read it for themselves. */
#pragma once

#include "sign/roster.h"

enum { SITE_KEYS_LIMIT = 4096 };

struct site_keys {
    uint8_t root[PUBLIC_KEY_SIZE];
    uint8_t oversight[PUBLIC_KEY_SIZE];
    bool has_oversight;
};

/* The issuer whose certificates this build believes: 64 hex digits, or "" in a default build, which makes
 * demo sites only (-Dissuer_key=). */
extern const char issuer_key[];

/* Whether this build can run live sites; ERROR_FORBIDDEN says how such a build is made. */
bool site_may_be_live(struct error *err);

/* Of a live site the certificate has to name the site and both keys, be signed by the issuer and not be over.
 */
bool site_keys_parse(const char *text, enum site_kind kind, const char *site, int64_t now_s,
    struct site_keys *out, struct error *err);

/* The same of a certificate alone: what `mizan site certify` appends. */
bool site_certificate_check(const struct envelope *certificate, const char *site,
    const struct site_keys *keys, int64_t now_s, struct error *err);
