/* The part of JSON Schema that docs/openapi.json uses. A keyword that is not known here fails, so that
 * nothing passes unread. */
#pragma once

#include "http/reply.h"
#include "http/route.h"

/* MIZAN_SOURCE/docs/openapi.json; a new reference. */
json_t *schema_load(void);
/* Whether the reply is what the description says of this route and status. `why` tells where it is not. */
bool schema_allows(
    const json_t *openapi, const struct route *route, const struct reply *reply, char *why, size_t room);
