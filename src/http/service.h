/* A request's way to its handler, without sockets: service_begin judges the head before a byte of the body is
 * read, service_finish judges the session again, then the body, and calls the handler. Between the two the
 * desk may do anything: nothing of the roster is held over. */
#pragma once

#include "http/reply.h"
#include "http/request.h"

void service_init(struct service *service, struct site *site);

/* The route, the limits, the session, the role, the header that a foreign page cannot send. False with the
 * problem in `reply`. On success the body may have up to service_body_limit bytes. */
bool service_begin(
    struct service *service, const struct request_head *head, struct request *request, struct reply *reply);
size_t service_body_limit(const struct request *request);
/* Fills the reply, or makes it wait. `body` is borrowed. */
void service_finish(struct request *request, struct bytes body, struct reply *reply);
/* After a reply that waits: judges the session again, then goes on; the reply may wait again. */
void service_go_on(struct request *request, struct reply *reply);
/* For handlers: has the password hashed or compared, and `next` go on with it. Makes the reply wait. */
bool service_wait_for_hash(struct request *request, const char *officer, const char *password,
    const char *stored, request_continue *next, struct reply *reply, struct error *err);
/* The same for a key of `text`, which `next` takes with service_key. */
bool service_wait_for_key(struct request *request, const char *text,
    const uint8_t salt[static PASSPHRASE_SALT_SIZE], request_continue *next, struct reply *reply,
    struct error *err);
/* Borrowed; NULL with ERROR_UNAVAILABLE when there was no answer. */
const uint8_t *service_key(const struct request *request, struct error *err);
/* The same with a still process and the photograph in the request's body: `next` finds `request->enrolment`,
 * and is not called when there is none. */
bool service_wait_for_enrolment(
    struct request *request, request_continue *next, struct reply *reply, struct error *err);
/* The same with the still process that marks, and a picture for its viewer: `next` finds `request->marked`.
 */
bool service_wait_for_mark(struct request *request, struct bytes picture, const char *words,
    request_continue *next, struct reply *reply, struct error *err);
/* For work that takes long: does a few milliseconds of it in each turn of the desk's loop, `next` in a later
 * one, so that no alert waits for it. What is done so far lies in `request->work`. A turn is one request's,
 * and an officer has one such work at a time. */
bool service_wait_for_turn(
    struct request *request, request_continue *next, struct reply *reply, struct error *err);
/* The turn of who has waited longest; whether anybody did. */
bool service_give_turn(struct service *service);
/* What counts as so many requests of this officer's. */
bool service_count(struct request *request, size_t requests, struct error *err);
/* Who asked is gone: nobody is told of an answer any more, and a picture that waits leaves its place. */
void service_stop_waiting(struct request *request);
/* For a body over the limit. */
void service_refuse_body(struct request *request, struct reply *reply);
/* The session's token in `Authorization: Bearer` or, without that header, in the cookie; of its form only. */
bool service_find_token(const struct request_head *head, char token[static SESSION_TOKEN_SIZE]);
/* What the desk gave this browser at its first sign-in, whoever signs in there; false when it has none. */
bool service_find_device(const struct request_head *head, char device[static SESSION_TOKEN_SIZE]);
/* Which device this comes from: the browser, or for who shows no cookie the address, so that leaving the
 * cookie out makes nobody two. */
void service_device(const struct request_head *head, char hash[static HEX_HASH_SIZE]);
/* Reads the JSON and, where the route asks for one, the envelope and whose it is. */
bool service_read_body(struct request *request, struct bytes body, struct error *err);
/* An envelope inside a JSON body: signed by the signed-in officer. NULL on failure. */
struct envelope *service_read_envelope(
    const struct request *request, const json_t *json, const char *type, struct error *err);
