#include "http/server.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "http/guard.h"
#include "http/service.h"
#include "http/stream.h"
#include "watch/hash_link.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { PEM_LIMIT = 64 * 1024, BODY_STEP = 16 * 1024, DRAIN_LIMIT = JSON_BODY_LIMIT };

struct server {
    struct service service;
    struct streams streams;
    struct guard guard;
    struct MHD_Daemon *daemon;
    struct exchange *waiting; /* borrowed: those that are suspended, the newest first */
    struct bytes certificate, key;
};

struct exchange { /* one request on its connection */
    struct server *server;
    struct request request;
    uint8_t *body;
    size_t body_size, body_room;
    bool too_large;
    bool is_refused;      /* by its head */
    struct reply refusal; /* to be sent after its body, which is not kept */
    bool is_waiting;      /* suspended until a process has answered, or until its next turn */
    bool is_abandoned;    /* who asked went away meanwhile */
    struct MHD_Connection *connection;
    struct exchange *next_waiting;
};

/* A name is one word; neither has an end of line or another control character in it. */
static bool header_is_plain(const char *name, const char *value)
{
    for (const char *at = name; *at; at++)
        if (*at <= ' ' || *at == 0x7f)
            return false;
    for (const char *at = value ? value : ""; *at; at++)
        if (((unsigned char)*at < ' ' && *at != '\t') || *at == 0x7f)
            return false;
    return *name != '\0';
}

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in four;
        memcpy(&four, address, sizeof four);
        return (ntohl(four.sin_addr.s_addr) >> 24) == 127;
    }
    if (address->sa_family != AF_INET6)
        return false;
    struct sockaddr_in6 six;
    memcpy(&six, address, sizeof six);
    return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
}

static void add_address(struct MHD_Connection *connection, struct request_head *head)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (!info || !info->client_addr)
        return;
    head->from_loopback = is_loopback(info->client_addr);
    guard_address_key(info->client_addr, head->address);
}

/* The library lets a header come twice, lets blanks into its name, and hangs a folded line on the name: each
 * is a head that a reader before the desk may understand differently. */
static enum MHD_Result add_to_head(
    void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    struct request_head *head = context;
    const struct {
        const char *name, **value;
    } read[] = {{"Authorization", &head->authorization}, {"Cookie", &head->cookie}, {"X-Mizan", &head->mizan},
        {"Content-Length", &head->content_length}, {"Transfer-Encoding", &head->transfer_encoding},
        {"Last-Event-ID", &head->last_event_id}, {"If-None-Match", &head->if_none_match},
        {"Accept-Encoding", &head->accept_encoding}};
    head->is_doubtful = head->is_doubtful || !header_is_plain(name, value);
    for (size_t i = 0; i < COUNT_OF(read); i++) {
        size_t length = strlen(read[i].name);
        if (strncasecmp(read[i].name, name, length) != 0)
            continue;
        head->is_doubtful = head->is_doubtful || name[length] || *read[i].value;
        *read[i].value = value ? value : "";
    }
    return MHD_YES;
}

static struct request_head head_of(struct MHD_Connection *connection, const char *method, const char *path)
{
    struct request_head head = {.method = strcmp(method, "HEAD") == 0 ? "GET" : method, .path = path};
    MHD_get_connection_values(connection, MHD_HEADER_KIND, add_to_head, &head);
    head.build = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "build");
    add_address(connection, &head);
    return head;
}

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
    if (value && *value)
        MHD_add_response_header(response, name, value);
}

/* The clock that statements are held to, which pages count by: the library would take the machine's. */
static void add_date(struct MHD_Response *response)
{
    time_t now_s = (time_t)clock_now_s();
    struct tm utc;
    char date[30];
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now_s, &utc));
    add_header(response, "Date", date);
}

static void add_headers(struct MHD_Response *response, const struct reply *reply)
{
    add_date(response);
    add_header(response, "Content-Type", reply->type);
    add_header(response, "Content-Security-Policy",
        "default-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors "
        "'none'; object-src 'none'");
    add_header(response, "X-Content-Type-Options", "nosniff");
    add_header(response, "X-Frame-Options", "DENY");
    add_header(response, "Referrer-Policy", "no-referrer");
    add_header(response, "Cross-Origin-Opener-Policy", "same-origin");
    add_header(response, "Cross-Origin-Resource-Policy", "same-origin");
    add_header(response, "Cache-Control", reply->stays ? "no-cache" : "no-store");
    add_header(response, "ETag", reply->etag);
    add_header(response, "Content-Encoding", reply->is_packed ? "gzip" : NULL);
    add_header(response, "Vary", reply->stays ? "Accept-Encoding" : NULL);
    add_header(response, "Set-Cookie", reply->cookie);
    add_header(response, "Set-Cookie", reply->device_cookie);
    add_header(response, "Allow", reply->allow);
    if (reply->status == 429)
        add_header(response, "Retry-After", "1");
    if (reply->status == 401)
        add_header(response, "WWW-Authenticate", "Bearer");
}

static ssize_t read_log(void *context, uint64_t position, char *out, size_t room)
{
    (void)position;
    size_t used;
    struct error err = {0};
    if (log_reader_next(context, out, room, &used, &err))
        return used ? (ssize_t)used : MHD_CONTENT_READER_END_OF_STREAM;
    log_write(LOG_ERROR, "log_export", "%s", err.text);
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

static void free_log(void *context)
{
    log_reader_free(context);
}

static struct MHD_Response *response_of(struct reply *reply)
{
    if (reply->log) {
        struct MHD_Response *log =
            MHD_create_response_from_callback(reply->log_size, 1 << 16, read_log, reply->log, free_log);
        reply->log = log ? NULL : reply->log;
        return log;
    }
    struct bytes body = reply->body;
    reply->body = (struct bytes){0};
    if (body.size == 0) {
        bytes_free(&body);
        return MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body.size, body.data, MHD_RESPMEM_MUST_FREE);
    if (!response)
        bytes_free(&body);
    return response;
}

/* Takes what the reply holds. */
static enum MHD_Result send_reply(
    struct exchange *exchange, struct MHD_Connection *connection, struct reply *reply)
{
    struct MHD_Response *response = NULL;
    struct error err = {0};
    if (reply->is_stream) {
        response = stream_open(
            &exchange->server->streams, connection, &exchange->request.session, reply->stream_after, &err);
        if (!response)
            reply_problem(reply, &err);
    }
    if (!response)
        response = response_of(reply);
    if (!response)
        return MHD_NO;
    add_headers(response, reply);
    enum MHD_Result queued = MHD_queue_response(connection, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return queued;
}

/* Of a stated length, and short. */
static bool is_small(const struct request_head *head)
{
    const char *length = head->content_length;
    if (!length || head->transfer_encoding || head->is_doubtful)
        return false;
    size_t digits = strspn(length, "0123456789");
    return digits > 0 && digits < 9 && !length[digits] && strtoul(length, NULL, 10) <= DRAIN_LIMIT;
}

static enum MHD_Result begin(struct server *server, struct MHD_Connection *connection, const char *method,
    const char *path, void **slot)
{
    struct exchange *exchange = memory_allocate(1, sizeof *exchange);
    struct request_head head = head_of(connection, method, path);
    AUTO(reply) struct reply reply = {0};
    exchange->server = server;
    *slot = exchange;
    /* The length and the session of each request are judged before a byte of its body is read. An answer here
     * ends the connection, and the system takes it back when bytes of a body lie unread: what is refused with
     * a small one is answered after it, so that the refusal is heard. */
    guard_head_came(&server->guard, connection, head.content_length || head.transfer_encoding);
    if (service_begin(&server->service, &head, &exchange->request, &reply)) {
        if (exchange->request.officer)
            guard_know(connection);
        return MHD_YES;
    }
    exchange->is_refused = is_small(&head);
    if (!exchange->is_refused)
        return send_reply(exchange, connection, &reply);
    exchange->refusal = reply;
    reply = (struct reply){0};
    return MHD_YES;
}

static void drain(struct exchange *exchange, size_t size)
{
    exchange->body_size += size;
    exchange->too_large = exchange->body_size > DRAIN_LIMIT;
}

static void add_body(struct exchange *exchange, const char *data, size_t size)
{
    size_t limit = service_body_limit(&exchange->request);
    if (exchange->too_large || size > limit - exchange->body_size) {
        exchange->too_large = true;
        return;
    }
    if (exchange->body_size + size > exchange->body_room) {
        exchange->body_room = 2 * exchange->body_room + size + BODY_STEP;
        exchange->body = memory_resize(exchange->body, exchange->body_room, 1);
    }
    memcpy(exchange->body + exchange->body_size, data, size);
    exchange->body_size += size;
}

static void wake(void *context)
{
    struct exchange *exchange = context;
    struct exchange **at = &exchange->server->waiting;
    while (*at != exchange)
        at = &(*at)->next_waiting;
    *at = exchange->next_waiting;
    MHD_resume_connection(exchange->connection);
}

/* The library looks at no socket of a suspended connection. */
static bool has_hung_up(const struct exchange *exchange)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct pollfd polled = {.fd = info ? info->connect_fd : -1, .events = POLLRDHUP};
    return poll(&polled, 1, 0) > 0 && (polled.revents & (POLLRDHUP | POLLHUP | POLLERR));
}

static void abandon(struct exchange *exchange)
{
    service_stop_waiting(&exchange->request);
    exchange->is_abandoned = true;
    wake(exchange);
}

static void let_go(struct server *server)
{
    struct exchange *next = NULL;
    for (struct exchange *exchange = server->waiting; exchange; exchange = next) {
        next = exchange->next_waiting;
        if (has_hung_up(exchange))
            abandon(exchange);
    }
}

static enum MHD_Result wait(struct exchange *exchange, struct MHD_Connection *connection)
{
    exchange->connection = connection;
    exchange->request.wake = wake;
    exchange->request.wake_context = exchange;
    exchange->next_waiting = exchange->server->waiting;
    exchange->server->waiting = exchange;
    MHD_suspend_connection(connection);
    return MHD_YES;
}

static enum MHD_Result finish(struct exchange *exchange, struct MHD_Connection *connection)
{
    AUTO(reply) struct reply reply = {0};
    guard_read(connection);
    if (exchange->is_refused)
        return send_reply(exchange, connection, &exchange->refusal);
    if (exchange->is_abandoned)
        return MHD_NO;
    if (exchange->is_waiting)
        service_go_on(&exchange->request, &reply);
    else if (exchange->too_large)
        service_refuse_body(&exchange->request, &reply);
    else
        service_finish(&exchange->request, (struct bytes){exchange->body, exchange->body_size}, &reply);
    exchange->is_waiting = reply.waits;
    return reply.waits ? wait(exchange, connection) : send_reply(exchange, connection, &reply);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *data, size_t *size, void **slot)
{
    (void)version;
    struct exchange *exchange = *slot;
    if (!exchange)
        return begin(context, connection, method, path, slot);
    if (*size == 0)
        return finish(exchange, connection);
    if (exchange->is_refused)
        drain(exchange, *size);
    else
        add_body(exchange, data, *size);
    *size = 0;
    /* A body in pieces has no stated length: who goes on after the limit is cut off. */
    return exchange->too_large ? MHD_NO : MHD_YES;
}

static void on_completed(
    void *context, struct MHD_Connection *connection, void **slot, enum MHD_RequestTerminationCode how)
{
    (void)context;
    (void)how;
    struct exchange *exchange = *slot;
    guard_answered(connection);
    if (!exchange)
        return;
    request_done(&exchange->request);
    reply_done(&exchange->refusal);
    if (exchange->body)
        memory_wipe(exchange->body, exchange->body_size);
    memory_release(exchange->body);
    memory_release(exchange);
    *slot = NULL;
}

__attribute__((format(printf, 2, 0))) static void on_log(void *context, const char *format, va_list arguments)
{
    (void)context;
    char line[256];
    vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\n")] = '\0';
    log_write(LOG_DEBUG, "http", "%s", line);
}

static bool read_address(
    const struct server_options *options, struct sockaddr_storage *out, struct error *err)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(options->port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(options->port)};
    *out = (struct sockaddr_storage){0};
    if (inet_pton(AF_INET, options->address, &four.sin_addr) == 1)
        memcpy(out, &four, sizeof four);
    else if (inet_pton(AF_INET6, options->address, &six.sin6_addr) == 1)
        memcpy(out, &six, sizeof six);
    else
        return fail(err, ERROR_INVALID, "'%s' is no numeric address to listen at", options->address);
    return true;
}

/* No path of the desk needs an escape: one that has any fits no route, whatever it would stand for. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

static enum MHD_Result on_knock(void *context, const struct sockaddr *address, socklen_t size)
{
    (void)size;
    struct server *server = context;
    return guard_admits(&server->guard, address) ? MHD_YES : MHD_NO;
}

static bool start(struct server *server, const struct server_options *options, struct error *err)
{
    struct sockaddr_storage address;
    if (!read_address(options, &address, err))
        return false;
    unsigned flags = MHD_USE_TLS | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    if (address.ss_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    server->daemon =
        MHD_start_daemon(flags, 0, on_knock, server, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_log,
            NULL, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_HTTPS_MEM_CERT,
            (const char *)server->certificate.data, MHD_OPTION_HTTPS_MEM_KEY, (const char *)server->key.data,
            MHD_OPTION_HTTPS_PRIORITIES, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2",
            MHD_OPTION_CONNECTION_LIMIT, (unsigned)SERVER_CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
            (unsigned)SERVER_CONNECTIONS_AN_ADDRESS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SERVER_IDLE_S,
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SERVER_HEADERS_LIMIT, MHD_OPTION_STRICT_FOR_CLIENT, 1,
            MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
            MHD_OPTION_NOTIFY_CONNECTION, guard_on_connection, &server->guard, MHD_OPTION_END);
    if (!server->daemon)
        return fail_errno(err, "the server cannot listen at %s port %u", options->address, options->port);
    return true;
}

struct server *server_new(const struct server_options *options, struct site *site, struct error *err)
{
    AUTO(server) struct server *server = memory_allocate(1, sizeof *server);
    service_init(&server->service, site);
    server->streams.service = &server->service;
    guard_init(&server->guard, options->strangers ? options->strangers : SERVER_CONNECTIONS - SERVER_ROOM,
        options->head_s, options->body_s);
    if (!file_read(options->certificate_file, PEM_LIMIT, &server->certificate, err) ||
        !file_read(options->key_file, PEM_LIMIT, &server->key, err) || !start(server, options, err))
        return NULL;
    return STEAL(server);
}

void server_free(struct server *server)
{
    if (!server)
        return;
    streams_close(&server->streams);
    while (server->waiting)
        abandon(server->waiting);
    if (server->daemon) {
        MHD_run(server->daemon);
        MHD_stop_daemon(server->daemon);
    }
    if (server->key.data)
        memory_wipe(server->key.data, server->key.size);
    bytes_free(&server->key);
    bytes_free(&server->certificate);
    memory_wipe(&server->service.challenges, sizeof server->service.challenges);
    memory_release(server);
}

uint16_t server_port(const struct server *server)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

int server_descriptor(const struct server *server)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info ? info->epoll_fd : -1;
}

int server_timeout_ms(const struct server *server)
{
    MHD_UNSIGNED_LONG_LONG left_ms;
    int streams_ms = streams_timeout_ms(&server->streams);
    if (server->service.turns)
        return 0;
    if (MHD_get_timeout(server->daemon, &left_ms) != MHD_YES)
        return streams_ms;
    int daemon_ms = left_ms < 60000 ? (int)left_ms : 60000;
    return streams_ms >= 0 && streams_ms < daemon_ms ? streams_ms : daemon_ms;
}

void server_run(struct server *server)
{
    guard_look(&server->guard);
    server->service.connections = server->guard.counts;
    let_go(server);
    service_give_turn(&server->service);
    MHD_run(server->daemon);
    if (streams_wake(&server->streams))
        MHD_run(server->daemon);
}
