/* An HTTPS client of one desk (GnuTLS), for the command line: one connection an exchange, trusting one
 * authority and nothing else on this machine. */
#pragma once

#include "base/memory.h"

enum { CLIENT_REPLY_LIMIT = 1 << 30, CLIENT_SILENCE_S = 30 };

struct client;

/* `url` is https://HOST[:PORT]; `authority_file` a PEM file, the site's ca.pem. */
struct client *client_new(const char *url, const char *authority_file, struct error *err);
void client_free(struct client *client);
AUTO_FREE(client, struct client *, client_free)

struct client_request {
    const char *method;
    const char *path;  /* from the slash on */
    const char *token; /* of a session, or NULL */
    const char *type;  /* of the body, or NULL */
    struct bytes body; /* borrowed */
};

struct client_reply {
    int status;
    char type[64];     /* media type without parameters */
    struct bytes body; /* owned */
};

void client_reply_done(struct client_reply *reply);
static inline void client_reply_auto(struct client_reply *slot)
{
    client_reply_done(slot);
}

/* Head and body of a whole answer as it came over the connection. ERROR_CORRUPT for what is no answer, or is
 * cut short. */
bool client_reply_read(const char *bytes, size_t size, struct client_reply *out, struct error *err);

/* ERROR_UNAVAILABLE when nobody answers, ERROR_UNSIGNED when it is not the desk of that authority. Any status
 * is an answer. */
bool client_ask(
    struct client *client, const struct client_request *request, struct client_reply *out, struct error *err);
/* Hands on each line of an event stream until `heard` says false or the desk ends it. */
bool client_listen(struct client *client, const struct client_request *request,
    bool (*heard)(void *context, const char *line), void *context, struct error *err);
