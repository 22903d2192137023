/* An operation's token, as the watch verifies it (SAFEGUARDS 13–16, 24). */
#pragma once

#include "sign/roster.h"

enum { TOKEN_LIMIT = 2 * ROSTER_LIMIT + (1 << 20) };

struct token_terms { /* what the verified token allows */
    char operation[24];
    uint8_t list_hash[HASH_SIZE];
    int64_t list_size;
    int64_t starts_s;
    int64_t ends_s;
    int64_t roster_number;
    float threshold;
    bool names_entries; /* each with its reason; requests from before have one reason for the whole list */
    uint8_t entries_hash[HASH_SIZE]; /* as gallery_entries_hash has it */
};

struct token_context { /* what the verifier knows by itself */
    const char *site;
    enum site_kind kind;
    const uint8_t *root_key;        /* PUBLIC_KEY_SIZE */
    const uint8_t *endorsement_key; /* the oversight body's, PUBLIC_KEY_SIZE; NULL when none is pinned */
    const uint8_t *camera_key;      /* HASH_SIZE; NULL on the desk, which asks for all of its cameras: */
    const json_t *camera_keys;      /* in hex, each of which has to be named; NULL in the watch */
    const uint8_t *pack_hash;       /* HASH_SIZE */
    bool pack_is_demo;
    int64_t least_roster_number;
    int64_t now_s;
};

/* The roster by the root key and, on a live site, the oversight body's (roster_counts); two `authorised`
 * statements on this request's hash by authorisers of different offices, neither of them the requester; on a
 * live site an outside signer as well, or an authoriser's statement `urgency` on this request, which then
 * lasts LIMIT_URGENT_S at most; times, ceilings, camera, pack; a reason for the place for as many entries as
 * the list has, each in its age; the report by a report key, for this pack,
 * with its bound at or under the compiled maximum, its n at least the list's size, and the request's
 * threshold not under the report's. The error names the first thing that is wrong. */
bool token_verify(const char *bytes, size_t size, const struct token_context *context,
    struct token_terms *out, struct error *err);

/* For the desk: puts a token together, without the `urgency` and the `endorsement` that may be added. A new
 * reference. */
json_t *token_json(const struct envelope *request, const struct envelope *const *authorisations, size_t count,
    const struct envelope *report, const struct envelope *roster);
