/* Who is connected: strangers, until a request of theirs is a signed-in officer's. A connection that does not
 * come to its request in time is ended; when connections become few, the strangers that came first make room,
 * so that those who only connect are in nobody's way but each other's. */
#pragma once

#include "http/bucket.h"
#include "http/request.h"

#include <microhttpd.h>
#include <sys/socket.h>

enum {
    GUARD_HEAD_S = 10, /* from the connection to the end of its first request's head, TLS included */
    GUARD_BODY_S = 60, /* from a head to the end of its body */
    GUARD_IDLE_S = 30, /* from an answer to the end of the next head */
    GUARD_CONNECTIONS_BURST = 256,
    GUARD_CONNECTIONS_A_SECOND = 50, /* by address */
};

struct guard {
    struct guest *first, *last; /* in the order of their coming */
    size_t most;                /* evicts beyond it */
    int head_s, body_s;
    struct connection_counts counts;
    int64_t looked_us;
    struct buckets addresses;
};

/* Zero for `head_s` and `body_s`: GUARD_HEAD_S and GUARD_BODY_S. */
void guard_init(struct guard *guard, size_t most, int head_s, int body_s);
/* The key of an address: IPv4 mapped, IPv6 by its /64. */
void guard_address_key(const struct sockaddr *address, uint8_t out[static BUCKET_KEY_SIZE]);
/* As people write it. */
void guard_address_text(const uint8_t key[static BUCKET_KEY_SIZE], char out[static 46]);
/* Whether this address may connect now. */
bool guard_admits(struct guard *guard, const struct sockaddr *address);
/* MHD's callback of connections that begin and end; `context` is the guard. */
void guard_on_connection(
    void *context, struct MHD_Connection *connection, void **slot, enum MHD_ConnectionNotificationCode what);
/* A whole head came; a body of `has_body` follows. */
void guard_head_came(const struct guard *guard, struct MHD_Connection *connection, bool has_body);
/* The request is a signed-in officer's. */
void guard_know(struct MHD_Connection *connection);
/* The request has been read whole: what follows is the desk's time. */
void guard_read(struct MHD_Connection *connection);
/* It has been answered. */
void guard_answered(struct MHD_Connection *connection);
/* Ends who is late; cheap when called often. */
void guard_look(struct guard *guard);
