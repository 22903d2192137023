#include "http/guard.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum { SECOND_US = 1000000 };

struct guest {
    struct guest *next, *previous;
    int descriptor;
    int64_t deadline_us; /* 0: none, it waits for the desk */
    bool is_known, is_ended;
};

void guard_init(struct guard *guard, size_t most, int head_s, int body_s)
{
    *guard = (struct guard){
        .most = most, .head_s = head_s ? head_s : GUARD_HEAD_S, .body_s = body_s ? body_s : GUARD_BODY_S};
    buckets_init(&guard->addresses, GUARD_CONNECTIONS_BURST, GUARD_CONNECTIONS_A_SECOND);
}

void guard_address_key(const struct sockaddr *address, uint8_t out[static BUCKET_KEY_SIZE])
{
    memset(out, 0, BUCKET_KEY_SIZE);
    if (address->sa_family == AF_INET) {
        struct sockaddr_in four;
        memcpy(&four, address, sizeof four);
        memcpy(out + 12, &four.sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 six;
        memcpy(&six, address, sizeof six);
        memcpy(out, &six.sin6_addr, 8);
    }
}

void guard_address_text(const uint8_t key[static BUCKET_KEY_SIZE], char out[static 46])
{
    static const uint8_t four[12] = {0};
    bool is_four = memcmp(key, four, sizeof four) == 0;
    inet_ntop(is_four ? AF_INET : AF_INET6, is_four ? key + sizeof four : key, out, 46);
}

bool guard_admits(struct guard *guard, const struct sockaddr *address)
{
    uint8_t key[BUCKET_KEY_SIZE];
    guard_address_key(address, key);
    bool admits = buckets_take(&guard->addresses, key, 1, clock_monotonic_us());
    guard->counts.refused += !admits;
    return admits;
}

/* The server sees the end of the connection and lets go of it. */
static void end(struct guest *guest)
{
    guest->is_ended = true;
    shutdown(guest->descriptor, SHUT_RDWR);
}

static void make_room(struct guard *guard)
{
    for (struct guest *guest = guard->first; guest; guest = guest->next) {
        if (guest->is_known || guest->is_ended)
            continue;
        end(guest);
        guard->counts.evicted++;
        return;
    }
}

static void begin(struct guard *guard, struct MHD_Connection *connection, void **slot)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct guest *guest = memory_allocate(1, sizeof *guest);
    guest->descriptor = info ? info->connect_fd : -1;
    guest->deadline_us = clock_monotonic_us() + (int64_t)guard->head_s * SECOND_US;
    guest->previous = guard->last;
    if (guard->last)
        guard->last->next = guest;
    else
        guard->first = guest;
    guard->last = guest;
    *slot = guest;
    if (++guard->counts.open > guard->most)
        make_room(guard);
}

static void forget(struct guard *guard, struct guest *guest)
{
    if (guest->previous)
        guest->previous->next = guest->next;
    else
        guard->first = guest->next;
    if (guest->next)
        guest->next->previous = guest->previous;
    else
        guard->last = guest->previous;
    guard->counts.open--;
    memory_release(guest);
}

void guard_on_connection(
    void *context, struct MHD_Connection *connection, void **slot, enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        begin(context, connection, slot);
    } else if (*slot) {
        forget(context, *slot);
        *slot = NULL;
    }
}

static struct guest *guest_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static void set_deadline(struct MHD_Connection *connection, int seconds)
{
    struct guest *guest = guest_of(connection);
    if (guest)
        guest->deadline_us = seconds ? clock_monotonic_us() + (int64_t)seconds * SECOND_US : 0;
}

void guard_head_came(const struct guard *guard, struct MHD_Connection *connection, bool has_body)
{
    set_deadline(connection, has_body ? guard->body_s : 0);
}

void guard_know(struct MHD_Connection *connection)
{
    struct guest *guest = guest_of(connection);
    if (guest)
        guest->is_known = true;
}

void guard_read(struct MHD_Connection *connection)
{
    set_deadline(connection, 0);
}

void guard_answered(struct MHD_Connection *connection)
{
    set_deadline(connection, GUARD_IDLE_S);
}

void guard_look(struct guard *guard)
{
    int64_t now_us = clock_monotonic_us();
    if (now_us - guard->looked_us < SECOND_US)
        return;
    guard->looked_us = now_us;
    for (struct guest *guest = guard->first; guest; guest = guest->next) {
        if (guest->is_ended || !guest->deadline_us || guest->deadline_us > now_us)
            continue;
        end(guest);
        guard->counts.late++;
    }
}
