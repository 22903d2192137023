/* One leaf of the log: canonical JSON {at, by, commitment, kind, previous, seq, site, ...public fields}.
 *
 * `previous` is the hex hash of the leaf before (64 zeros for seq 0), so that an edited record can be named;
 * `commitment` is "" when there are no private fields. Public fields hold ids, codes, hex, counts, times,
 * true and false, lists and objects of these: no names, no numbers of people, no free text. */
#pragma once

#include "base/json.h"
#include "govern/tree.h"

enum { LEAF_LIMIT = 64 * 1024 };

struct leaf {
    int64_t seq;
    int64_t at_s;
    const char *site, *by, *kind;
    const char *commitment; /* hex or "" */
    uint8_t previous[HASH_SIZE];
};

/* Checks the public fields; NULL is well. The error names the field. */
bool leaf_check_public(const json_t *fields, struct error *err);
/* Heap text. */
char *leaf_write(const struct leaf *leaf, const json_t *public_fields, struct error *err);
/* Checks that the bytes are what leaf_write gives. The texts in `out` are borrowed from *json, which the
 * caller releases. */
bool leaf_read(const char *bytes, size_t size, struct leaf *out, json_t **json, struct error *err);

/* SHA-256(salt ‖ canonical private fields). */
enum { SALT_SIZE = 32 };
void leaf_commitment(
    const uint8_t salt[static SALT_SIZE], const char *private_fields, uint8_t out[static HASH_SIZE]);
