/* A grant for measuring: the watch compares nothing without an operation, so a bench brings one. Its officers
 * exist only in this process, its list is random numbers, so nobody can be on it, and it is good for demo
 * sites only: the watches of a real site do not know its root key. */
#pragma once

#include "sign/camera.h"
#include "sign/limits.h"
#include "watch/supervisor.h"

struct grant {
    char folder[32]; /* of the root key */
    char root_key[48];
    uint8_t pack_hash[HASH_SIZE];
    struct grant_officer {
        uint8_t public_key[PUBLIC_KEY_SIZE], secret_key[SECRET_KEY_SIZE];
    } officers[5]; /* root, requester, two authorisers, the laboratory */
    struct gallery_item items[LIMIT_DEMO_ENTRIES];
};

#define GRANT_SITE "bench"
#define GRANT_OPERATION "op-0000000000000001"

/* Writes the root key where the watches can read it. */
bool grant_open(struct grant *grant, const uint8_t pack_hash[static HASH_SIZE], struct error *err);
void grant_close(struct grant *grant);
static inline void grant_auto(struct grant *slot)
{
    grant_close(slot);
}

/* The token of an operation on this one camera for an hour from now. Heap text. */
char *grant_token(const struct grant *grant, const struct camera *camera, struct error *err);
