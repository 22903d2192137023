/* The event stream: what other people's actions changed, as ids and codes. No MHD in here. */
#pragma once

#include "http/request.h"

enum { EVENT_TEXT_LIMIT = 320, HEARTBEAT_US = 15000000, EVENTS_BEHIND = 4096 };

/* Where a stream starts: after the event that a `Last-Event-ID` names; after the newest when it names none of
 * this site and epoch (the site was restored since), or one more than EVENTS_BEHIND back. Whoever opens a
 * stream looks at everything first. */
int64_t event_start(struct site *site, const char *last_event_id);

/* "<site>:<epoch>:<seq>" of this site. */
bool event_id_read(const char *site, const char *id, int64_t *epoch, int64_t *seq);

/* Of alerts and packets everybody hears what their page shows. A dispatcher hears everything; who may be
 * drawn to review, also as dispatcher, only on duty as one: how far an alert is tells what others said of it
 * (SAFEGUARDS 29). A crew hears what its unit had when it happened; a station what is handed over to it; who
 * reviews, what concerns an own answer; who amends outcomes, ends. Of everything else that is told, everybody
 * hears. */
bool event_is_for(struct site *site, const char *officer, const struct event *event);

/* "id: …\nevent: …\ndata: …\n\n". Returns the bytes written, 0 for an event that no screen is told of. */
size_t event_write(const struct site *site, const struct event *event, char *out, size_t room);
