/* A model pack: a folder with pack.ini and the networks it names (docs/pack.md). Every file is checked
 * against the hash in pack.ini; the pack's own hash is SHA-256 of pack.ini's bytes. */
#pragma once

#include "base/crypto.h"
#include "net/net.h"

enum { TEMPLATE_LENGTH = 512, FACE_SIDE = 112 };

enum pack_use { PACK_DEMO, PACK_LIVE };

struct pack;

struct pack *pack_open(const char *folder, struct error *err);
void pack_free(struct pack *pack);
AUTO_FREE(pack, struct pack *, pack_free)

const uint8_t *pack_hash(const struct pack *pack); /* HASH_SIZE bytes, borrowed */
enum pack_use pack_use_of(const struct pack *pack);
const char *pack_name(const struct pack *pack);
