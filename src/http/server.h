/* The desk's HTTPS server (libmicrohttpd on GnuTLS). Single-threaded: everything happens inside server_run.
 */
#pragma once

#include "http/session.h"
#include "list/site.h"

enum {
    SERVER_CONNECTIONS = 1024,
    SERVER_CONNECTIONS_AN_ADDRESS = 64,
    SERVER_ROOM = 128, /* connections kept free by ending strangers */
    SERVER_IDLE_S = 30,
    SERVER_HEADERS_LIMIT = 32 * 1024, /* a connection's memory: request line, headers, one piece of body */
};

struct server_options {
    const char *address;                     /* IPv4 or IPv6, numeric */
    uint16_t port;                           /* 0: any free one */
    const char *certificate_file, *key_file; /* PEM */
    /* 0 for what runs in earnest: after how many connections strangers are ended, and after how long without
     * a head and without the end of a body. */
    size_t strangers;
    int head_s, body_s;
};

struct server;

/* Borrows the site. */
struct server *server_new(const struct server_options *options, struct site *site, struct error *err);
void server_free(struct server *server);
AUTO_FREE(server, struct server *, server_free)

uint16_t server_port(const struct server *server);
int server_descriptor(const struct server *server); /* readable when server_run has something to do */
int server_timeout_ms(const struct server *server); /* -1: none */
/* Serves what is ready and sends events that happened since. */
void server_run(struct server *server);
