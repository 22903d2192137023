/* Signed statements (docs/statements.md). */
#pragma once

#include "base/crypto.h"
#include "base/json.h"

/* A roster of 2,000 officers, 500 units and 500 stations has 577 KB, and with every field at its longest 1.2
 * MB. Its quotes are escaped in an envelope: at most twice the size. */
enum {
    STATEMENT_LIMIT = 64 * 1024,
    ROSTER_LIMIT = 1280 * 1024,
    HEX_HASH_SIZE = 2 * HASH_SIZE + 1,
};

struct envelope {
    char *statement; /* the canonical text that was signed */
    json_t *fields;  /* the same, parsed */
    uint8_t key[PUBLIC_KEY_SIZE];
    uint8_t signature[SIGNATURE_SIZE];
    uint8_t hash[HASH_SIZE]; /* SHA-256 of the statement's bytes */
    /* Of the common fields; borrowed from `fields`. */
    const char *type;
    const char *site;
    const char *by;
    int64_t at_s;
};

/* Checks form, canonical bytes, the common fields, that the fields are exactly those of the type (the table
 * in types.c), and that `signature` verifies with `key`. Whose key it is, and whether that person may, is
 * the caller's question (roster_check). NULL with ERROR_INVALID or ERROR_UNSIGNED. */
struct envelope *envelope_read(const json_t *json, struct error *err);
struct envelope *envelope_parse(const char *bytes, size_t size, struct error *err);
/* The same where nothing but a roster is taken: who reads says so before the bytes do, and nothing else gets
 * its room. */
struct envelope *envelope_read_roster(const json_t *json, struct error *err);
struct envelope *envelope_parse_roster(const char *bytes, size_t size, struct error *err);
void envelope_free(struct envelope *envelope);
AUTO_FREE(envelope, struct envelope *, envelope_free)

/* {"key", "signature", "statement"}: a new reference. */
json_t *envelope_json(const struct envelope *envelope);

/* Signs `fields` (type, site, by, at and the type's own). */
struct envelope *envelope_sign(
    const json_t *fields, const uint8_t secret_key[static SECRET_KEY_SIZE], struct error *err);

bool envelope_is(const struct envelope *envelope, const char *type, struct error *err);
void envelope_hash_hex(const struct envelope *envelope, char out[static HEX_HASH_SIZE]);
