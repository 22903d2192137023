#include "http/service.h"

#include "base/clock.h"
#include "base/text.h"
#include "http/route.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char cookie_name[] = "mizan_session=";

void service_init(struct service *service, struct site *site)
{
    *service = (struct service){.site = site};
    challenges_init(&service->challenges);
    buckets_init(&service->sessions, REQUESTS_BURST, REQUESTS_A_SECOND);
    buckets_init(&service->addresses, REQUESTS_BURST, REQUESTS_A_SECOND);
}

static void leave_turns(struct request *request)
{
    struct request **at = &request->service->turns;
    while (*at && *at != request)
        at = &(*at)->next_turn;
    if (*at)
        *at = request->next_turn;
}

static bool is_of(const struct request *work, const struct request *request)
{
    return work && work != request && strcmp(work->session.officer, request->session.officer) == 0;
}

void service_stop_waiting(struct request *request)
{
    if (request->site->hashes)
        hash_link_cancel(request->site->hashes, request);
    if (request->site->enrolments)
        enrol_link_cancel(request->site->enrolments, request);
    if (request->site->supervisor)
        still_cancel(request->site->supervisor, request);
    leave_turns(request);
}

void request_done(struct request *request)
{
    if (request->next && !request->is_answered)
        service_stop_waiting(request);
    if (request->service && request->service->in_turn == request)
        request->service->in_turn = NULL;
    if (request->work)
        request->free_work(request->work);
    enrolment_done(&request->enrolment);
    bytes_free(&request->marked);
    memory_wipe(&request->answer, sizeof request->answer);
    json_decref(request->json);
    envelope_free(request->envelope);
    *request = (struct request){0};
}

static bool refuse(struct request *request, struct reply *reply, const struct error *err)
{
    reply->waits = false;
    reply_problem(reply, err);
    request->service->replies[reply->status / 100]++;
    return false;
}

static bool refuse_status(struct request *request, struct reply *reply, int status, const struct error *err)
{
    char allow[sizeof reply->allow];
    memcpy(allow, reply->allow, sizeof allow);
    reply_problem_status(reply, status, err);
    memcpy(reply->allow, allow, sizeof allow);
    request->service->replies[status / 100]++;
    return false;
}

/* Two lengths for one body, or none, are how requests are smuggled past a proxy. */
static bool check_length(const struct request *request, struct error *err)
{
    const struct request_head *head = &request->head;
    if (head->is_doubtful)
        return fail(err, ERROR_INVALID, "a header came twice, or is not of a header's form");
    if (head->transfer_encoding && strcasecmp(head->transfer_encoding, "chunked") != 0)
        return fail(err, ERROR_INVALID, "the Transfer-Encoding has to be chunked");
    if (!head->content_length)
        return true;
    if (head->transfer_encoding)
        return fail(err, ERROR_INVALID, "a request has Content-Length or Transfer-Encoding, not both");
    size_t digits = strspn(head->content_length, "0123456789");
    if (digits == 0 || digits > 18 || head->content_length[digits])
        return fail(err, ERROR_INVALID, "the Content-Length is no number");
    size_t limit = service_body_limit(request);
    if (strtoull(head->content_length, NULL, 10) > limit)
        return fail(err, ERROR_TOO_LARGE, "the body may have %zu bytes here", limit);
    return true;
}

static bool copy_token(const char *from, char token[static SESSION_TOKEN_SIZE])
{
    size_t size = strspn(from, "0123456789abcdef");
    if (size != SESSION_TOKEN_SIZE - 1 || (from[size] && from[size] != ';' && from[size] != ' '))
        return false;
    memcpy(token, from, size);
    token[size] = '\0';
    return true;
}

static bool find_cookie(
    const struct request_head *head, const char *name, char token[static SESSION_TOKEN_SIZE])
{
    for (const char *at = head->cookie; at; at = strchr(at, ';')) {
        at += strspn(at, "; ");
        if (strncmp(at, name, strlen(name)) == 0)
            return copy_token(at + strlen(name), token);
    }
    return false;
}

bool service_find_token(const struct request_head *head, char token[static SESSION_TOKEN_SIZE])
{
    if (head->authorization)
        return strncasecmp(head->authorization, "Bearer ", 7) == 0 &&
               copy_token(head->authorization + 7, token);
    return find_cookie(head, cookie_name, token);
}

bool service_find_device(const struct request_head *head, char device[static SESSION_TOKEN_SIZE])
{
    return find_cookie(head, "mizan_device=", device);
}

void service_device(const struct request_head *head, char hash[static HEX_HASH_SIZE])
{
    char device[SESSION_TOKEN_SIZE];
    uint8_t digest[HASH_SIZE];
    if (!service_find_device(head, device))
        hex_write(head->address, sizeof head->address, device);
    hash_bytes(device, strlen(device), digest);
    hex_write(digest, HASH_SIZE, hash);
}

static bool check_session(struct request *request, struct error *err)
{
    char token[SESSION_TOKEN_SIZE];
    const struct route *route = request->route;
    if (!service_find_token(&request->head, token))
        return fail(err, ERROR_UNSIGNED, "sign in first");
    if (!session_find(request->site, token, &request->session, err))
        return false;
    request->officer = roster_officer(request->site->roster, request->session.officer);
    if (!request->officer)
        return fail(err, ERROR_UNSIGNED, "sign in first");
    if (route->access == ACCESS_SIGNED_IN && request->session.standing != STANDING_WHOLE)
        return fail(err, ERROR_FORBIDDEN, "signing in is not finished: it needs the %s",
            standing_word(request->session.standing));
    if (route->roles && !(request->officer->roles & route->roles))
        return fail(err, ERROR_FORBIDDEN, "%s has no role that may do this", request->officer->id);
    return true;
}

static bool check_access(struct request *request, struct error *err)
{
    const struct route *route = request->route;
    if (route->access == ACCESS_LOOPBACK && !request->head.from_loopback)
        return fail(err, ERROR_FORBIDDEN, "only this machine may ask for this");
    bool safe = strcmp(route->method, "GET") == 0;
    if (!safe && (!request->head.mizan || strcmp(request->head.mizan, "1") != 0))
        return fail(err, ERROR_FORBIDDEN, "the header X-Mizan: 1 is missing");
    return !route_needs_session(route) || check_session(request, err);
}

/* A session's own rate; without one the address's, so that guests take nothing from officers beside them. */
static bool check_rate(struct request *request, struct error *err)
{
    struct service *service = request->service;
    uint8_t key[BUCKET_KEY_SIZE] = {0};
    memcpy(key, request->officer ? (const uint8_t *)request->session.id : request->head.address, sizeof key);
    struct buckets *buckets = request->officer ? &service->sessions : &service->addresses;
    return buckets_take(buckets, key, 1, clock_monotonic_us()) ||
           fail(err, ERROR_UNAVAILABLE, "too many requests; wait a second");
}

bool service_count(struct request *request, size_t requests, struct error *err)
{
    uint8_t key[BUCKET_KEY_SIZE] = {0};
    memcpy(key, request->session.id, sizeof key);
    return buckets_take(&request->service->sessions, key, (int)requests, clock_monotonic_us()) ||
           fail(err, ERROR_UNAVAILABLE, "too many lines in a short time; wait ten seconds");
}

bool service_begin(
    struct service *service, const struct request_head *head, struct request *request, struct reply *reply)
{
    struct error err = {0};
    *request = (struct request){.service = service, .site = service->site, .head = *head};
    if (strlen(head->path) > URI_LIMIT) {
        fail(&err, ERROR_INVALID, "a path has at most %d bytes", URI_LIMIT);
        return refuse_status(request, reply, 414, &err);
    }
    request->route = route_find(head->method, head->path, request->parameters, reply->allow, &err);
    if (!request->route && reply->allow[0])
        return refuse_status(request, reply, 405, &err);
    bool begun = request->route && check_length(request, &err) && check_access(request, &err);
    struct error rate = {0};
    if (!check_rate(request, &rate))
        return refuse_status(request, reply, 429, &rate);
    return begun || refuse(request, reply, &err);
}

size_t service_body_limit(const struct request *request)
{
    return route_body_limit(request->route);
}

void service_refuse_body(struct request *request, struct reply *reply)
{
    struct error err;
    fail(&err, ERROR_TOO_LARGE, "the body may have %zu bytes here", service_body_limit(request));
    refuse(request, reply, &err);
}

/* What the path names has to be what was signed. */
static bool check_subject(const struct request *request, struct error *err)
{
    char name[PARAMETER_SIZE];
    for (size_t i = 0; i < PARAMETERS && route_parameter_name(request->route, i, name); i++) {
        const char *signed_id = json_string_value(json_object_get(request->envelope->fields, name));
        if (signed_id && strcmp(signed_id, request->parameters[i]) != 0)
            return fail(err, ERROR_INVALID, "the statement is about %s %s, the path about %s", name,
                signed_id, request->parameters[i]);
    }
    return true;
}

struct envelope *service_read_envelope(
    const struct request *request, const json_t *json, const char *type, struct error *err)
{
    AUTO(envelope) struct envelope *envelope = envelope_read(json, err);
    if (!envelope || !envelope_is(envelope, type, err))
        return NULL;
    if (!request->officer)
        return STEAL(envelope);
    const struct officer *signer = roster_check_any(request->site->roster, envelope, err);
    if (!signer)
        return NULL;
    if (strcmp(signer->id, request->officer->id) != 0) {
        fail(err, ERROR_UNSIGNED, "the statement is %s's; %s is signed in", signer->id, request->officer->id);
        return NULL;
    }
    return STEAL(envelope);
}

bool service_read_body(struct request *request, struct bytes body, struct error *err)
{
    enum body_kind kind = request->route->body;
    request->body = body;
    if (kind != BODY_JSON && kind != BODY_ENVELOPE && kind != BODY_ROSTER)
        return true;
    request->json =
        json_read(body.data ? (const char *)body.data : "", body.size, route_body_limit(request->route), err);
    if (!request->json)
        return false;
    if (!json_is_object(request->json))
        return fail(err, ERROR_INVALID, "the body has to be a JSON object");
    if (kind != BODY_ENVELOPE)
        return true;
    request->envelope = service_read_envelope(request, request->json, request->route->statement, err);
    return request->envelope && check_subject(request, err);
}

/* A body takes its time: the officer may have signed out, been suspended, or be of a roster that is freed. */
static bool judge_again(struct request *request, struct error *err)
{
    request->officer = NULL;
    return !route_needs_session(request->route) || check_session(request, err);
}

static void settle(struct request *request, bool done, const struct error *err, struct reply *reply)
{
    if (!done)
        refuse(request, reply, err);
    else if (!reply->waits)
        request->service->replies[reply->status / 100]++;
}

void service_finish(struct request *request, struct bytes body, struct reply *reply)
{
    struct error err = {0};
    bool done = judge_again(request, &err) && service_read_body(request, body, &err) &&
                request->route->handle(request, reply, &err);
    settle(request, done, &err, reply);
}

static void wake(struct request *request)
{
    request->is_answered = true;
    if (request->wake)
        request->wake(request->wake_context);
}

static void hear(void *context, const struct hash_answer *answer)
{
    struct request *request = context;
    request->answer = *answer;
    wake(request);
}

static void hear_enrolment(void *context, struct enrolment *enrolment, const struct error *err)
{
    struct request *request = context;
    if (enrolment)
        request->enrolment = *enrolment;
    else
        request->unanswered = *err;
    wake(request);
}

static void wait_for(struct request *request, request_continue *next, struct reply *reply)
{
    request->next = next;
    request->is_answered = false;
    reply->waits = true;
}

bool service_wait_for_turn(
    struct request *request, request_continue *next, struct reply *reply, struct error *err)
{
    struct service *service = request->service;
    struct request **at = &service->turns;
    bool has = is_of(service->in_turn, request);
    for (; *at; at = &(*at)->next_turn)
        has = has || is_of(*at, request);
    if (has)
        return fail(err, ERROR_UNAVAILABLE,
            "the desk still works at something long for %s; wait until it is done", request->session.officer);
    if (service->in_turn == request)
        service->in_turn = NULL;
    *at = request;
    request->next_turn = NULL;
    wait_for(request, next, reply);
    return true;
}

bool service_give_turn(struct service *service)
{
    struct request *request = service->turns;
    if (!request)
        return false;
    service->turns = request->next_turn;
    service->in_turn = request;
    wake(request);
    return true;
}

bool service_wait_for_hash(struct request *request, const char *officer, const char *password,
    const char *stored, request_continue *next, struct reply *reply, struct error *err)
{
    struct hash_link *hashes = request->site->hashes;
    if (!hashes)
        return fail(err, ERROR_UNAVAILABLE, "no password is looked at here");
    if (!hash_link_ask(hashes, officer, password, stored, hear, request, err))
        return false;
    wait_for(request, next, reply);
    return true;
}

bool service_wait_for_key(struct request *request, const char *text,
    const uint8_t salt[static PASSPHRASE_SALT_SIZE], request_continue *next, struct reply *reply,
    struct error *err)
{
    struct hash_link *hashes = request->site->hashes;
    if (!hashes)
        return fail(err, ERROR_UNAVAILABLE, "the number cannot be looked at; try again");
    if (!hash_link_ask_key(hashes, request->officer->id, text, salt, hear, request, err))
        return false;
    wait_for(request, next, reply);
    return true;
}

const uint8_t *service_key(const struct request *request, struct error *err)
{
    if (request->answer.done)
        return request->answer.key;
    fail(err, ERROR_UNAVAILABLE, "the number cannot be looked at; try again");
    return NULL;
}

bool service_wait_for_enrolment(
    struct request *request, request_continue *next, struct reply *reply, struct error *err)
{
    struct enrol_link *enrolments = request->site->enrolments;
    if (!enrolments)
        return fail(err, ERROR_UNAVAILABLE, "no process is there to look at the picture");
    if (!enrol_link_ask(enrolments, request->officer->id, request->body, hear_enrolment, request, err))
        return false;
    wait_for(request, next, reply);
    return true;
}

static void hear_mark(void *context, struct bytes *marked, const struct error *err)
{
    struct request *request = context;
    if (marked)
        request->marked = *marked;
    else
        request->unanswered = *err;
    wake(request);
}

bool service_wait_for_mark(struct request *request, struct bytes picture, const char *words,
    request_continue *next, struct reply *reply, struct error *err)
{
    if (!request->site->supervisor)
        return fail(err, ERROR_UNAVAILABLE, "pictures need the still process, which is not running");
    if (!still_ask(request->site->supervisor, picture.data, picture.size, words, hear_mark, request, err))
        return false;
    wait_for(request, next, reply);
    return true;
}

void service_go_on(struct request *request, struct reply *reply)
{
    struct error err = {0};
    request_continue *next = request->next;
    request->next = NULL;
    reply->waits = false;
    bool answered = judge_again(request, &err) &&
                    (request->unanswered.code == ERROR_NONE || fail_as(&err, &request->unanswered));
    bool done = answered && next(request, reply, &err);
    memory_wipe(&request->answer, sizeof request->answer);
    settle(request, done, &err, reply);
}
