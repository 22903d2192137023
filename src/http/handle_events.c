#include "http/event.h"

#include "alert/alert.h"
#include "http/handlers.h"
#include "list/presence.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool event_id_read(const char *site, const char *id, int64_t *epoch, int64_t *seq)
{
    size_t size = strlen(site);
    if (strncmp(id, site, size) != 0 || id[size] != ':')
        return false;
    char *end;
    const char *at = id + size + 1;
    if (*at < '0' || *at > '9')
        return false;
    *epoch = strtoll(at, &end, 10);
    if (*end != ':' || end[1] < '0' || end[1] > '9')
        return false;
    *seq = strtoll(end + 1, &end, 10);
    return *end == '\0';
}

int64_t event_start(struct site *site, const char *last_event_id)
{
    int64_t epoch = 0, seq = 0, newest = ledger_last_event(site->ledger);
    if (!last_event_id || !event_id_read(site->name, last_event_id, &epoch, &seq) ||
        epoch != ledger_event_epoch(site->ledger))
        return newest;
    return seq < newest && newest - seq <= EVENTS_BEHIND ? seq : newest;
}

static bool is_code(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(text);
}

static bool is_told(const char *noun)
{
    static const char *const nouns[] = {"alert", "operation", "presence", "camera", "packet"};
    for (size_t i = 0; i < COUNT_OF(nouns); i++) {
        if (strcmp(nouns[i], noun) == 0)
            return true;
    }
    return false;
}

static bool hears_of_all_alerts(struct site *site, const struct officer *officer)
{
    return officer_has(officer, ROLE_DISPATCHER) &&
           (!officer_has(officer, ROLE_REVIEWER) || presence_is_here(site, officer->id, "dispatcher"));
}

bool event_is_for(struct site *site, const char *officer, const struct event *event)
{
    bool packet = strcmp(event->noun, "packet") == 0;
    if (!packet && strcmp(event->noun, "alert") != 0)
        return true;
    const struct officer *known = roster_officer(site->roster, officer);
    if (!known)
        return false;
    return hears_of_all_alerts(site, known) || crew_hears_of_unit(site, known, event->unit) ||
           (!packet && alert_event_is_for(site, officer, event->id, event->state));
}

size_t event_write(const struct site *site, const struct event *event, char *out, size_t room)
{
    if (!is_told(event->noun) || !is_code(event->id) || !is_code(event->state))
        return 0;
    /* A packet is known by its alert. */
    const char *subject = strcmp(event->noun, "packet") == 0 ? "alert" : event->noun;
    int size = snprintf(out, room,
        "id: %s:%" PRId64 ":%" PRId64 "\nevent: %s\ndata: {\"%s\":\"%s\",\"state\":\"%s\"}\n\n", site->name,
        event->epoch, event->seq, event->noun, subject, event->id, event->state);
    return size > 0 && (size_t)size < room ? (size_t)size : 0;
}

bool events_stream(struct request *request, struct reply *reply, struct error *err)
{
    (void)err;
    reply->status = 200;
    reply->type = "text/event-stream";
    reply->is_stream = true;
    reply->stream_after = event_start(request->site, request->head.last_event_id);
    return true;
}
