/* The table of routes, from which everything is dispatched: nothing is reachable that is not in it. */
#pragma once

#include "http/reply.h"
#include "http/request.h"

enum access {
    ACCESS_ALL,
    ACCESS_LOOPBACK,
    ACCESS_BEGUN,     /* signed in with the key; the pass may be missing yet */
    ACCESS_SIGNED_IN, /* wholly, with one of `roles`; 0 for any */
};

enum body_kind { BODY_NONE, BODY_JSON, BODY_ENVELOPE, BODY_ROSTER, BODY_PHOTO, BODY_CSV, BODY_LINES };

struct route {
    const char *method;
    const char *path; /* "{entry}" stands for one id; an envelope's field of that name has to be the same */
    enum access access;
    uint32_t roles;
    enum body_kind body;
    const char *statement; /* type of the envelope */
    /* Fills the reply, or the error. */
    bool (*handle)(struct request *request, struct reply *reply, struct error *err);
};

/* With a session: begun, or whole. */
bool route_needs_session(const struct route *route);
const struct route *route_at(size_t index); /* NULL past the end */
/* Fills the parameters. NULL with ERROR_MISSING when no path fits; with ERROR_INVALID and `allow` filled when
 * only the method does not. */
const struct route *route_find(const char *method, const char *path,
    char parameters[static PARAMETERS][PARAMETER_SIZE], char allow[static 40], struct error *err);
size_t route_body_limit(const struct route *route);
/* The name of the path's i-th parameter: copies "entry" for "{entry}"; false past the last. */
bool route_parameter_name(const struct route *route, size_t index, char out[static PARAMETER_SIZE]);
