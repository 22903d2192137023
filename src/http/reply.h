/* What a handler answers. */
#pragma once

#include "base/json.h"
#include "govern/ledger.h"

struct reply {
    int status;
    const char *type;       /* content type; constant */
    struct bytes body;      /* owned */
    struct log_reader *log; /* owned; instead of a body, of `log_size` bytes */
    uint64_t log_size;
    char etag[40];    /* quoted; "" for none */
    char cookie[192]; /* "" for none */
    char device_cookie[192];
    char allow[40]; /* of a 405 */
    bool stays;     /* a page's file: may be kept and asked for again with its ETag */
    bool is_packed; /* the body is gzip */
    bool waits;     /* not filled yet: service_go_on fills it once request->is_answered */
    bool is_stream; /* an event stream that starts after `stream_after` */
    int64_t stream_after;
};

void reply_done(struct reply *reply);
static inline void reply_auto(struct reply *slot)
{
    reply_done(slot);
}

/* Takes the JSON, which may be NULL: then false, and the caller's error stands. */
bool reply_json(struct reply *reply, json_t *json);
/* Takes the bytes. */
void reply_bytes(struct reply *reply, const char *type, struct bytes body);
/* A PNG file of at most `limit` bytes, for a name that the caller has bounded; a file that is none is
 * refused. */
bool reply_png(struct reply *reply, const char *path, size_t limit, struct error *err);
/* RFC 9457 problem from the error; what the desk did wrong is logged and not told. */
void reply_problem(struct reply *reply, const struct error *err);
/* The same with a status of its own. */
void reply_problem_status(struct reply *reply, int status, const struct error *err);
