/* A request on its way: its head as it came, then what the checks made of it for its handler. */
#pragma once

#include "http/address_lock.h"
#include "http/bucket.h"
#include "http/session.h"
#include "list/site.h"
#include "watch/enrol_link.h"
#include "watch/hash_link.h"

enum {
    REQUESTS_BURST = 400, /* of one session, or of one address without any */
    REQUESTS_A_SECOND = 40,
    URI_LIMIT = 1024,
    JSON_BODY_LIMIT = 64 * 1024,
    ROSTER_BODY_LIMIT = 2 * ROSTER_LIMIT + JSON_BODY_LIMIT, /* three envelopes, their quotes escaped */
    PHOTO_BODY_LIMIT = 8 << 20,
    CSV_BODY_LIMIT = 10 << 20,
    LINES_BODY_LIMIT = 4 << 20,
    PARAMETERS = 2,
    PARAMETER_SIZE = 48,
    PASS_DRAFTS = 64, /* officers who make a pass at the same time */
};

struct request_head { /* as it came; borrowed; NULL for a header that was not sent */
    const char *method;
    const char *path;
    const char *authorization;
    const char *cookie;
    const char *mizan;
    const char *content_length;
    const char *transfer_encoding;
    const char *last_event_id;
    const char *if_none_match;
    const char *accept_encoding;
    const char *build; /* of the query, nothing else of which is read */
    bool is_doubtful;  /* a header came twice that is read once, or is not of a header's form */
    bool from_loopback;
    uint8_t address[BUCKET_KEY_SIZE]; /* guard_address_key */
};

struct connection_counts {
    size_t open;
    uint64_t refused, evicted, late;
};

struct pass_draft { /* made, and waiting for the first code of its secret; in memory only */
    char officer[24];
    char session[HEX_HASH_SIZE];
    struct pass_secrets secrets;
    int failures;
    int64_t until_us; /* clock_monotonic_us; 0: free */
};

struct service { /* what all requests share */
    struct site *site;
    struct challenges challenges;
    struct buckets sessions, addresses;
    struct address_locks address_locks;
    struct pass_draft pass_drafts[PASS_DRAFTS];
    struct request *turns;   /* who waits for a turn, the longest first; borrowed */
    struct request *in_turn; /* who was given one last, until it waits again or is done; borrowed */
    struct connection_counts connections;
    uint64_t replies[6]; /* by the hundreds of their status */
    size_t streams;
    uint64_t session_changes; /* counts sign-ins and sign-outs, so that streams look at their sessions then */
};

struct route;
struct reply;
struct request;

/* What a handler does once `request->answer`, `enrolment` or `marked` is there, or in its next turn. */
typedef bool request_continue(struct request *request, struct reply *reply, struct error *err);

struct request {
    struct service *service;
    struct site *site;
    const struct route *route;
    struct request_head head;
    char parameters[PARAMETERS][PARAMETER_SIZE]; /* in the order of the path */
    struct session session;
    const struct officer *officer; /* the signed-in one; NULL on open routes */
    struct bytes body;             /* borrowed */
    json_t *json;                  /* owned; routes with a JSON body */
    struct envelope *envelope; /* owned; routes with an envelope: signed by `officer`, of the route's type */
    /* While it waits for a process (service_wait_for_hash, …_enrolment, …_mark) or for its next turn.
     */
    request_continue *next;
    struct hash_answer answer;
    struct enrolment enrolment; /* owned */
    struct bytes marked;        /* owned */
    struct error unanswered;    /* why there is neither of the two */
    bool is_answered;
    struct request *next_turn; /* of who waits for one */
    void *work;                /* what it does turn by turn; freed with the request */
    void (*free_work)(void *work);
    void (*wake)(void *context); /* told when it is; may be NULL */
    void *wake_context;
};

void request_done(struct request *request);
