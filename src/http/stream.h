/* Event streams on their connections. A stream with nothing to say is suspended; streams_wake resumes those
 * that have. What a slow reader has not taken waits in the database, not in memory. */
#pragma once

#include "http/event.h"
#include "http/reply.h"
#include "http/request.h"

#include <microhttpd.h>

enum { STREAMS_LIMIT = 512, STREAMS_A_SESSION = 8, STREAM_CHUNK = 4096 };

struct streams {
    struct service *service;
    struct stream *first;
    size_t count;
    uint64_t authority; /* of sessions and roster when streams were last looked at */
    int64_t newest;     /* event, when streams were last looked at */
    struct { /* what happened next, for the streams that are up to date: read once for all of them */
        int64_t after, newest;
        size_t count;
        struct event events[STREAM_CHUNK / EVENT_TEXT_LIMIT];
    } next;
};

/* The response of a stream on this connection. NULL with ERROR_UNAVAILABLE beyond the limits. */
struct MHD_Response *stream_open(struct streams *streams, struct MHD_Connection *connection,
    const struct session *session, int64_t after, struct error *err);
/* Resumes what has events or a heartbeat due, and everything after a sign-out, for streams end with their
 * session; true when there was any. */
bool streams_wake(struct streams *streams);
int streams_timeout_ms(const struct streams *streams); /* until the next heartbeat; -1 for never */
/* Before the daemon stops, which wants no suspended connections. */
void streams_close(struct streams *streams);
