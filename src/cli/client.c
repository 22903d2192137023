#include "cli/client.h"

#include "base/text.h"

#include <gnutls/gnutls.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
    char host[256], port[6];
    char *authority_file; /* owned */
    gnutls_certificate_credentials_t credentials;
};

struct link { /* one connection */
    int descriptor;
    gnutls_session_t session;
};

static bool read_url(const char *url, struct client *client, struct error *err)
{
    const char scheme[] = "https://";
    if (strncmp(url, scheme, sizeof scheme - 1) != 0)
        return fail(err, ERROR_USAGE, "'%s' is no address of a desk: https://HOST:PORT", url);
    const char *host = url + sizeof scheme - 1, *end = host + strcspn(host, "/");
    bool bracketed = *host == '[';
    const char *host_end = bracketed ? strchr(host, ']') : host + strcspn(host, ":/");
    host += bracketed;
    if (!host_end || host_end <= host || (size_t)(host_end - host) >= sizeof client->host ||
        end[strspn(end, "/")])
        return fail(err, ERROR_USAGE, "'%s' is no address of a desk: https://HOST:PORT", url);
    snprintf(client->host, sizeof client->host, "%.*s", (int)(host_end - host), host);
    const char *port = host_end + bracketed;
    size_t digits = *port == ':' ? strspn(port + 1, "0123456789") : 0;
    if (*port == ':' && (digits == 0 || digits > 5 || port + 1 + digits != end))
        return fail(err, ERROR_USAGE, "'%s' has no port that is a number", url);
    snprintf(client->port, sizeof client->port, "%.*s", digits ? (int)digits : 4, digits ? port + 1 : "8443");
    return true;
}

struct client *client_new(const char *url, const char *authority_file, struct error *err)
{
    AUTO(client) struct client *client = memory_allocate(1, sizeof *client);
    if (!read_url(url, client, err))
        return NULL;
    client->authority_file = memory_copy_text(authority_file);
    if (gnutls_certificate_allocate_credentials(&client->credentials) != 0) {
        fail(err, ERROR_SYSTEM, "no memory for TLS");
        return NULL;
    }
    int loaded =
        gnutls_certificate_set_x509_trust_file(client->credentials, authority_file, GNUTLS_X509_FMT_PEM);
    if (loaded <= 0) {
        fail(err, ERROR_MISSING, "%s holds no certificate; take ca.pem of the site", authority_file);
        return NULL;
    }
    return STEAL(client);
}

void client_free(struct client *client)
{
    if (!client)
        return;
    if (client->credentials)
        gnutls_certificate_free_credentials(client->credentials);
    memory_release(client->authority_file);
    memory_release(client);
}

static bool connect_to(const struct client *client, struct link *link, struct error *err)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    const struct timeval silence = {.tv_sec = CLIENT_SILENCE_S};
    struct addrinfo *found = NULL;
    /* RFC 6761, 6.3: localhost is this machine, whatever its files say; a bare system has no /etc/hosts. */
    bool is_here = strcasecmp(client->host, "localhost") == 0;
    int looked_up = getaddrinfo(is_here ? NULL : client->host, client->port, &hints, &found);
    if (looked_up != 0)
        return fail(err, ERROR_UNAVAILABLE, "%s: %s", client->host, gai_strerror(looked_up));
    for (const struct addrinfo *at = found; at && link->descriptor < 0; at = at->ai_next) {
        link->descriptor = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (link->descriptor < 0 || connect(link->descriptor, at->ai_addr, at->ai_addrlen) == 0)
            continue;
        close(link->descriptor);
        link->descriptor = -1;
    }
    freeaddrinfo(found);
    if (link->descriptor < 0)
        return fail(err, ERROR_UNAVAILABLE,
            "no desk answers at %s port %s; is it running, and is the address right?", client->host,
            client->port);
    setsockopt(link->descriptor, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
    setsockopt(link->descriptor, SOL_SOCKET, SO_SNDTIMEO, &silence, sizeof silence);
    return true;
}

static bool shake_hands(const struct client *client, struct link *link, struct error *err)
{
    gnutls_init(&link->session, GNUTLS_CLIENT);
    gnutls_priority_set_direct(link->session, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", NULL);
    gnutls_credentials_set(link->session, GNUTLS_CRD_CERTIFICATE, client->credentials);
    gnutls_server_name_set(link->session, GNUTLS_NAME_DNS, client->host, strlen(client->host));
    gnutls_session_set_verify_cert(link->session, client->host, 0);
    gnutls_transport_set_int(link->session, link->descriptor);
    int shaken;
    do {
        shaken = gnutls_handshake(link->session);
    } while (shaken == GNUTLS_E_INTERRUPTED);
    if (shaken == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
        return fail(err, ERROR_UNSIGNED,
            "what answers at %s port %s is not a desk that %s vouches for: its certificate is another "
            "authority's, "
            "over, or for another name",
            client->host, client->port, client->authority_file);
    return shaken == 0 || fail(err, ERROR_UNAVAILABLE, "%s port %s: %s", client->host, client->port,
                              gnutls_strerror(shaken));
}

static void link_done(struct link *link)
{
    if (link->session)
        gnutls_deinit(link->session);
    if (link->descriptor >= 0)
        close(link->descriptor);
}

static bool send_all(struct link *link, const void *bytes, size_t size, struct error *err)
{
    for (size_t sent = 0; sent < size;) {
        ssize_t now = gnutls_record_send(link->session, (const char *)bytes + sent, size - sent);
        if (now == GNUTLS_E_INTERRUPTED)
            continue;
        if (now < 0)
            return fail(
                err, ERROR_UNAVAILABLE, "the desk does not take the request: %s", gnutls_strerror((int)now));
        sent += (size_t)now;
    }
    return true;
}

/* Version 1.0 for streams: no pieces with lengths between the lines. */
static bool send_request(const struct client *client, struct link *link, const struct client_request *request,
    const char *version, struct error *err)
{
    __attribute__((cleanup(text_buffer_auto))) struct text head = {0};
    text_add(&head, "%s %s HTTP/%s\r\nHost: %s:%s\r\nConnection: close\r\nX-Mizan: 1\r\n", request->method,
        request->path, version, client->host, client->port);
    if (request->token)
        text_add(&head, "Authorization: Bearer %s\r\n", request->token);
    if (request->type)
        text_add(&head, "Content-Type: %s\r\nContent-Length: %zu\r\n", request->type, request->body.size);
    text_add(&head, "\r\n");
    return send_all(link, head.data, head.size, err) &&
           send_all(link, request->body.data, request->body.size, err);
}

/* 0 at the end, negative on failure. A desk that closes without TLS's goodbye has said all the same: lengths
 * are checked. */
static ssize_t receive(struct link *link, char *out, size_t room)
{
    ssize_t got;
    do {
        got = gnutls_record_recv(link->session, out, room);
    } while (got == GNUTLS_E_INTERRUPTED);
    return got == GNUTLS_E_PREMATURE_TERMINATION ? 0 : got;
}

static bool receive_all(struct link *link, struct text *heard, struct error *err)
{
    char piece[16 * 1024];
    for (;;) {
        ssize_t got = receive(link, piece, sizeof piece);
        if (got == 0)
            return true;
        if (got < 0)
            return fail(err, ERROR_UNAVAILABLE, "the desk stopped answering: %s", gnutls_strerror((int)got));
        if (heard->size + (size_t)got > CLIENT_REPLY_LIMIT)
            return fail(err, ERROR_TOO_LARGE, "the desk's answer has more than %d bytes", CLIENT_REPLY_LIMIT);
        text_add_bytes(heard, piece, (size_t)got);
    }
}

bool client_ask(
    struct client *client, const struct client_request *request, struct client_reply *out, struct error *err)
{
    struct link link = {.descriptor = -1};
    __attribute__((cleanup(text_buffer_auto))) struct text heard = {0};
    bool done = connect_to(client, &link, err) && shake_hands(client, &link, err) &&
                send_request(client, &link, request, "1.1", err) && receive_all(&link, &heard, err);
    link_done(&link);
    return done && client_reply_read(heard.data ? heard.data : "", heard.size, out, err);
}

/* Takes whole lines off the front. False when the listener has had enough. */
static bool hand_on(struct text *heard, bool (*listener)(void *context, const char *line), void *context)
{
    char *end;
    while (heard->data && (end = memchr(heard->data, '\n', heard->size))) {
        *end = '\0';
        if (end > heard->data && end[-1] == '\r')
            end[-1] = '\0';
        if (!listener(context, heard->data))
            return false;
        size_t used = (size_t)(end - heard->data) + 1;
        heard->size -= used;
        memmove(heard->data, heard->data + used, heard->size);
        heard->data[heard->size] = '\0';
    }
    return true;
}

static bool listen_on(
    struct link *link, bool (*heard)(void *context, const char *line), void *context, struct error *err)
{
    enum { LINE_LIMIT = 64 * 1024 };
    char piece[4096];
    __attribute__((cleanup(text_buffer_auto))) struct text text = {0};
    for (;;) {
        ssize_t got = receive(link, piece, sizeof piece);
        if (got == 0)
            return true;
        if (got < 0)
            return fail(err, ERROR_UNAVAILABLE, "the desk went silent: %s", gnutls_strerror((int)got));
        text_add_bytes(&text, piece, (size_t)got);
        if (!hand_on(&text, heard, context))
            return true;
        if (text.size > LINE_LIMIT)
            return fail(err, ERROR_TOO_LARGE, "the desk sends a line of more than %d bytes", LINE_LIMIT);
    }
}

bool client_listen(struct client *client, const struct client_request *request,
    bool (*heard)(void *context, const char *line), void *context, struct error *err)
{
    struct link link = {.descriptor = -1};
    bool done = connect_to(client, &link, err) && shake_hands(client, &link, err) &&
                send_request(client, &link, request, "1.0", err) && listen_on(&link, heard, context, err);
    link_done(&link);
    return done;
}
