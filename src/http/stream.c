#include "http/stream.h"

#include "base/clock.h"
#include "http/event.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct stream {
    struct streams *streams;
    struct stream *next;
    struct MHD_Connection *connection;
    struct session session;
    int64_t after; /* the newest event that is in `chunk` or was sent */
    int64_t heartbeat_us;
    uint64_t authority; /* under which the session was found open */
    bool suspended, closing;
    char chunk[STREAM_CHUNK];
    size_t used, sent;
};

static void add_text(struct stream *stream, const char *text)
{
    size_t size = strlen(text);
    memcpy(stream->chunk + stream->used, text, size);
    stream->used += size;
}

/* What can end a session: a sign-out, another roster, a suspended key. Its time is looked at beside this. */
static uint64_t authority_of(const struct service *service)
{
    const struct roster *roster = service->site->roster;
    return service->session_changes + ((uint64_t)roster_number(roster) << 24) +
           ((uint64_t)json_array_size(roster_suspended(roster)) << 48);
}

static bool may_go_on(struct stream *stream)
{
    const struct service *service = stream->streams->service;
    uint64_t authority = authority_of(service);
    if (stream->closing || stream->session.expires_s <= clock_now_s())
        return false;
    if (stream->authority != authority && !session_is_open(service->site, &stream->session))
        return false;
    stream->authority = authority;
    return true;
}

/* Reads on from `after`: what all streams there hear, each what is for its officer. */
static void read_next(struct streams *streams, int64_t after)
{
    streams->next.after = after;
    streams->next.newest = streams->newest;
    streams->next.count = ledger_events(
        streams->service->site->ledger, after, streams->next.events, COUNT_OF(streams->next.events));
}

static void add_events(struct stream *stream)
{
    struct streams *streams = stream->streams;
    struct site *site = streams->service->site;
    while (stream->used == 0 && stream->after < streams->newest) {
        if (streams->next.after != stream->after || streams->next.newest != streams->newest)
            read_next(streams, stream->after);
        if (streams->next.count == 0)
            return;
        for (size_t i = 0; i < streams->next.count; i++) {
            const struct event *event = &streams->next.events[i];
            if (event_is_for(site, stream->session.officer, event))
                stream->used +=
                    event_write(site, event, stream->chunk + stream->used, STREAM_CHUNK - stream->used);
            stream->after = event->seq;
        }
    }
}

/* Where a stream goes on should it be cut: an id alone is no event. */
static void add_place(struct stream *stream)
{
    const struct site *site = stream->streams->service->site;
    char id[EVENT_TEXT_LIMIT];
    snprintf(id, sizeof id, "id: %s:%" PRId64 ":%" PRId64 "\n", site->name, ledger_event_epoch(site->ledger),
        stream->after);
    add_text(stream, id);
}

/* With the place: who hears little would else come back with an event that is too long ago to be replayed. */
static void add_heartbeat(struct stream *stream)
{
    add_place(stream);
    add_text(stream, ": still here\n\n");
}

static void fill(struct stream *stream)
{
    stream->used = stream->sent = 0;
    add_events(stream);
    if (stream->used == 0 && clock_monotonic_us() >= stream->heartbeat_us)
        add_heartbeat(stream);
    if (stream->used)
        stream->heartbeat_us = clock_monotonic_us() + HEARTBEAT_US;
}

static ssize_t read_stream(void *context, uint64_t position, char *out, size_t room)
{
    (void)position;
    struct stream *stream = context;
    if (!may_go_on(stream))
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (stream->sent == stream->used)
        fill(stream);
    size_t size = stream->used - stream->sent;
    size = size < room ? size : room;
    memcpy(out, stream->chunk + stream->sent, size);
    stream->sent += size;
    if (size == 0) {
        stream->suspended = true;
        MHD_suspend_connection(stream->connection);
    }
    return (ssize_t)size;
}

static void release(void *context)
{
    struct stream *stream = context;
    struct streams *streams = stream->streams;
    struct stream **at = &streams->first;
    while (*at && *at != stream)
        at = &(*at)->next;
    if (*at)
        *at = stream->next;
    streams->count--;
    streams->service->streams = streams->count;
    memory_release(stream);
}

static size_t streams_of(const struct streams *streams, const struct session *session)
{
    size_t count = 0;
    for (const struct stream *at = streams->first; at; at = at->next)
        count += strcmp(at->session.id, session->id) == 0;
    return count;
}

/* Something at once, so that the browser knows that the stream stands, and from where to go on. */
static void add_start(struct stream *stream)
{
    add_place(stream);
    add_text(stream, "retry: 1000\n\n");
}

struct MHD_Response *stream_open(struct streams *streams, struct MHD_Connection *connection,
    const struct session *session, int64_t after, struct error *err)
{
    if (streams->count >= STREAMS_LIMIT || streams_of(streams, session) >= STREAMS_A_SESSION) {
        fail(err, ERROR_UNAVAILABLE, "too many event streams are open; close one");
        return NULL;
    }
    struct stream *stream = memory_allocate(1, sizeof *stream);
    stream->streams = streams;
    stream->connection = connection;
    stream->session = *session;
    stream->after = after;
    stream->authority = authority_of(streams->service);
    stream->heartbeat_us = clock_monotonic_us() + HEARTBEAT_US;
    add_start(stream);
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_CHUNK, read_stream, stream, release);
    if (!response) {
        memory_release(stream);
        fail(err, ERROR_UNAVAILABLE, "no memory for another event stream");
        return NULL;
    }
    stream->next = streams->first;
    streams->first = stream;
    streams->count++;
    streams->service->streams = streams->count;
    return response;
}

static void resume(struct stream *stream)
{
    stream->suspended = false;
    MHD_resume_connection(stream->connection);
}

bool streams_wake(struct streams *streams)
{
    bool any = false;
    if (!streams->first)
        return false;
    uint64_t authority = authority_of(streams->service);
    bool look = streams->authority != authority;
    int64_t now_us = clock_monotonic_us();
    streams->newest = ledger_last_event(streams->service->site->ledger);
    streams->authority = authority;
    for (struct stream *at = streams->first; at; at = at->next) {
        if (!at->suspended || (!look && at->after >= streams->newest && now_us < at->heartbeat_us))
            continue;
        resume(at);
        any = true;
    }
    return any;
}

int streams_timeout_ms(const struct streams *streams)
{
    int64_t now_us = clock_monotonic_us(), least_us = -1;
    for (const struct stream *at = streams->first; at; at = at->next) {
        int64_t left_us = at->heartbeat_us > now_us ? at->heartbeat_us - now_us : 0;
        if (at->suspended && (least_us < 0 || left_us < least_us))
            least_us = left_us;
    }
    return least_us < 0 ? -1 : (int)(least_us / 1000) + 1;
}

void streams_close(struct streams *streams)
{
    for (struct stream *at = streams->first; at; at = at->next) {
        at->closing = true;
        if (at->suspended)
            resume(at);
    }
}
