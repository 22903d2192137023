#include "wire.h"

#include "base/text.h"
#include "http/event.h"
#include "http/guard.h"

#include <sys/socket.h>
#include <unistd.h>

static int64_t later_us;

int64_t __real_clock_monotonic_us(void);
int64_t __wrap_clock_monotonic_us(void);
int64_t __wrap_clock_monotonic_us(void)
{
    return __real_clock_monotonic_us() + later_us;
}

static int serve(void **state)
{
    desk_setup(state);
    wire_serve(*state);
    return 0;
}

static void the_server_answers_over_tls_with_the_headers_of_a_careful_site(void **state)
{
    struct desk *desk = *state;
    struct conversation talk = {
        .send = "GET /api/v1/site HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n"};
    wire_talk(desk, &talk, NULL);
    static const char *const parts[] = {"HTTP/1.1 200 ", "Content-Type: application/json\r\n",
        "Content-Security-Policy: default-src 'self'", "frame-ancestors 'none'",
        "X-Content-Type-Options: nosniff\r\n", "Cache-Control: no-store\r\n", "\"site\":\"demo-one\""};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!strstr(talk.heard, parts[i]))
            fail_msg("'%s' is missing in:\n%s", parts[i], talk.heard);
    }
    memory_release(talk.heard);
}

static void nothing_in_a_request_becomes_a_header_of_the_answer(void **state)
{
    struct desk *desk = *state;
    static const char *const requests[] = {
        "GET /api/v1/entries/a%0d%0aSet-Cookie:%20planted=1 HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n",
        "GET /%0d%0aSet-Cookie:%20planted=1 HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n",
        "GET /api/v1/site?x=%0d%0aSet-Cookie:%20planted=1 HTTP/1.1\r\nHost: d%0d%0aplanted\r\nConnection: "
        "close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: d\r\nIf-None-Match: \"planted\"\r\nOrigin: https://planted\r\nConnection: "
        "close\r\n\r\n",
        "PLANTED / HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n"};
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        struct conversation talk = {.send = requests[i]};
        wire_talk(desk, &talk, NULL);
        char *end = strstr(talk.heard, "\r\n\r\n");
        assert_non_null(end);
        *end = '\0';
        if (strcasestr(talk.heard, "planted") || strcasestr(talk.heard, "Access-Control"))
            fail_msg("request %zu: %s", i, talk.heard);
        memory_release(talk.heard);
    }
}

static int status_of(struct desk *desk, const char *send, size_t size)
{
    struct conversation talk = {.send = send, .send_size = size};
    wire_talk(desk, &talk, NULL);
    int status = wire_status(&talk);
    memory_release(talk.heard);
    return status;
}

static void plain_mistakes_get_plain_answers(void **state)
{
    struct desk *desk = *state;
    static const struct {
        const char *send;
        int status;
    } cases[] = {
        {"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n", 404},
        {"HEAD /api/v1/health HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n", 200},
        {"GET /api/v1/entries HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n", 401},
        {"BREW / HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n", 405},
        {"POST /api/v1/challenges HTTP/1.1\r\nHost: d\r\nX-Mizan: 1\r\nConnection: close\r\n"
         "Content-Length: 2\r\n\r\n{}",
            200},
        {"POST /api/v1/challenges HTTP/1.1\r\nHost: d\r\nX-Mizan: 1\r\nConnection: close\r\n"
         "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            200},
        {"POST /api/v1/challenges HTTP/1.1\r\nHost: d\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
            403},
        {"POST /api/v1/challenges HTTP/1.1\r\nHost: d\r\nX-Mizan: 1\r\nConnection: close\r\n"
         "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            400},
        {"GET /api/v1/site%00.js HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n", 404},
        {"GET /docs/security%00 HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n", 404},
        {"GET /api/v1/%73ite HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n", 404},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int status = status_of(desk, cases[i].send, 0);
        if (status != cases[i].status)
            fail_msg("case %zu: %d", i, status);
    }
}

/* Each of these another reader of the same bytes may take for more, or other, requests than one. What follows
 * the refused head is no request of its own: the connection ends there. */
static void a_head_that_can_be_understood_in_two_ways_is_refused_and_nothing_after_it_is_heard(void **state)
{
    struct desk *desk = *state;
    static const char *const headers[] = {
        "Content-Length: 2\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 2",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding:\r\n chunked",
        "Content-Length: 2\r\n 00",
        "X: a\r\n Transfer-Encoding: chunked\r\nContent-Length: 2",
        "Transfer-Encoding : chunked\r\nContent-Length: 2",
        "Content-Length: 2\r\nContent-Length: 200",
        "Content-Length: 2\r\nContent-Length: 2",
        "Content-Length: 2\r\nX: a\rTransfer-Encoding: chunked",
        "Content-Length: 2\r\nX-Mizan: 0",
        "Content-Length: 2\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b",
        "Content-Length: 2\r\nCookie: mizan_session=a\r\nCookie: mizan_session=b",
    };
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        AUTO(text)
        char *send = text_format("POST /api/v1/challenges HTTP/1.1\r\nHost: d\r\nX-Mizan: 1\r\n%s\r\n\r\n"
                                 "{}GET /api/v1/site HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n",
            headers[i]);
        struct conversation talk = {.send = send};
        wire_talk(desk, &talk, NULL);
        if (wire_status(&talk) != 400 || strstr(talk.heard + 1, "HTTP/1.1 "))
            fail_msg("%s:\n%s", headers[i], talk.heard);
        memory_release(talk.heard);
    }
}

static void a_refusal_is_heard_though_a_body_follows(void **state)
{
    struct desk *desk = *state;
    __attribute__((cleanup(text_buffer_auto))) struct text send = {0};
    text_add(&send,
        "POST /api/v1/challenges HTTP/1.1\r\nHost: d\r\nConnection: close\r\nContent-Length: 60000\r\n\r\n");
    for (size_t i = 0; i < 60000; i++)
        text_add_bytes(&send, " ", 1);
    assert_int_equal(status_of(desk, send.data, send.size), 403);
}

static void ten_megabytes_are_refused_unread(void **state)
{
    struct desk *desk = *state;
    int status = status_of(desk,
        "POST /api/v1/challenges HTTP/1.1\r\nHost: d\r\nX-Mizan: 1\r\nContent-Length: 10485760\r\n\r\n{", 0);
    assert_int_equal(status, 413);
}

static void a_body_in_pieces_ends_at_the_limit(void **state)
{
    struct desk *desk = *state;
    __attribute__((cleanup(text_buffer_auto))) struct text send = {0};
    text_add(&send, "POST /api/v1/challenges HTTP/1.1\r\nHost: d\r\nX-Mizan: 1\r\nTransfer-Encoding: "
                    "chunked\r\n\r\n40000\r\n");
    for (size_t i = 0; i < 0x40000; i++)
        text_add_bytes(&send, " ", 1);
    int status = status_of(desk, send.data, send.size);
    assert_true(status == 0 || status == 413);
    assert_int_equal(
        status_of(desk, "GET /api/v1/health HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n", 0), 200);
}

static void headers_without_end_are_refused(void **state)
{
    struct desk *desk = *state;
    __attribute__((cleanup(text_buffer_auto))) struct text send = {0};
    text_add(&send, "GET / HTTP/1.1\r\nHost: d\r\nX-Long: ");
    for (size_t i = 0; i < 2 * SERVER_HEADERS_LIMIT; i++)
        text_add_bytes(&send, "x", 1);
    text_add(&send, "\r\n\r\n");
    int status = status_of(desk, send.data, send.size);
    assert_true(status == 431 || status == 413 || status == 0);
    assert_int_equal(
        status_of(desk, "GET /api/v1/health HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n", 0), 200);
}

static void add_event(struct desk *desk)
{
    struct error err = {0};
    struct ledger *ledger = desk->site.ledger;
    if (!ledger_begin(ledger, &err) ||
        !ledger_event(ledger, "camera", "c-0000000000000001", "running", &err) ||
        !ledger_commit(ledger, &err))
        fail_msg("%s", err.text);
}

static char *events_request(struct desk *desk, int64_t after)
{
    struct event event = {0};
    ledger_events(desk->site.ledger, 0, &event, 1);
    return text_format("GET /api/v1/events HTTP/1.1\r\nHost: d\r\nAuthorization: Bearer %s\r\n"
                       "Last-Event-ID: demo-one:%lld:%lld\r\n\r\n",
        desk->token[ADMIN], (long long)event.epoch, (long long)after);
}

static void an_event_comes_at_once_and_is_replayed_to_who_missed_it(void **state)
{
    struct desk *desk = *state;
    add_event(desk);
    int64_t seen = ledger_last_event(desk->site.ledger);
    AUTO(text) char *request = events_request(desk, seen);
    struct conversation talk = {.send = request, .until = "\"state\":\"running\"}\n\n"};
    wire_talk(desk, &talk, add_event);
    assert_non_null(strstr(talk.heard, "Content-Type: text/event-stream\r\n"));
    assert_non_null(strstr(talk.heard, "event: camera\ndata: {\"camera\":\"c-0000000000000001\""));
    AUTO(text) char *old = text_format(":%lld\nevent", (long long)seen);
    AUTO(text) char *new = text_format(":%lld\nevent", (long long)seen + 1);
    assert_null(strstr(talk.heard, old));
    assert_non_null(strstr(talk.heard, new));
    memory_release(talk.heard);
    AUTO(text) char *again = events_request(desk, seen);
    struct conversation replay = {.send = again, .until = "\"state\":\"running\"}\n\n"};
    wire_talk(desk, &replay, NULL);
    assert_non_null(strstr(replay.heard, new));
    memory_release(replay.heard);
}

/* An alert that is no business of an administrator's, and 16 seconds. */
static void nothing_to_hear_for_long(struct desk *desk)
{
    struct error err = {0};
    struct ledger *ledger = desk->site.ledger;
    if (!ledger_begin(ledger, &err) || !ledger_event(ledger, "alert", "a-0000000000000001", "raised", &err) ||
        !ledger_commit(ledger, &err))
        fail_msg("%s", err.text);
    later_us += HEARTBEAT_US + 1000000;
}

static void who_hears_little_hears_that_the_stream_stands_and_where_it_would_go_on(void **state)
{
    struct desk *desk = *state;
    int64_t before = ledger_last_event(desk->site.ledger);
    AUTO(text) char *request = events_request(desk, before);
    struct conversation talk = {.send = request, .until = ": still here\n\n"};
    wire_talk(desk, &talk, nothing_to_hear_for_long);
    AUTO(text) char *place = text_format(":%lld\n: still here", (long long)before + 1);
    assert_non_null(strstr(talk.heard, place));
    assert_null(strstr(talk.heard, "event: alert"));
    memory_release(talk.heard);
}

static void sign_out(struct desk *desk)
{
    AUTO(text)
    char *request = text_format("DELETE /api/v1/sessions/current HTTP/1.1\r\nHost: d\r\nConnection: close\r\n"
                                "X-Mizan: 1\r\nCookie: mizan_session=%s\r\n\r\n",
        desk->token[DISPATCHER]);
    assert_int_equal(status_of(desk, request, 0), 200);
}

static void a_stream_ends_with_its_session(void **state)
{
    struct desk *desk = *state;
    AUTO(text)
    char *request = text_format("GET /api/v1/events HTTP/1.1\r\nHost: d\r\nConnection: close\r\n"
                                "Cookie: mizan_session=%s\r\n\r\n",
        desk->token[DISPATCHER]);
    struct conversation talk = {.send = request};
    wire_talk(desk, &talk, sign_out);
    assert_int_equal(wire_status(&talk), 200);
    memory_release(talk.heard);
}

static void who_connects_and_says_nothing_is_ended(void **state)
{
    struct desk *desk = *state;
    int silent = wire_knock(desk, 1), slow = wire_knock(desk, 1);
    /* The beginning of a TLS handshake, byte by byte: never idle for long, never done. */
    static const char hello[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03";
    for (size_t i = 0; i < 10 && !wire_is_over(slow); i++) {
        send(slow, hello + i, 1, MSG_NOSIGNAL);
        wire_pass(desk, 1000 * (WIRE_HEAD_S + 2) / 10);
    }
    assert_true(wire_is_over(silent));
    assert_true(wire_is_over(slow));
    close(silent);
    close(slow);
}

static void who_sends_a_body_byte_by_byte_is_ended_before_its_end(void **state)
{
    struct desk *desk = *state;
    enum { BODY = 100 };
    static const struct {
        int pause_ms, status;
    } cases[] = {{1, 200}, {3 * WIRE_BODY_S * 1000 / BODY, 0}};
    AUTO(text)
    char *request = text_format("POST /api/v1/challenges HTTP/1.1\r\nHost: d\r\nConnection: close\r\n"
                                "X-Mizan: 1\r\nContent-Length: %d\r\n\r\n{%*s",
        BODY, BODY - 1, "}");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct conversation talk = {.send = request, .pause_ms = cases[i].pause_ms};
        wire_talk(desk, &talk, NULL);
        assert_int_equal(wire_status(&talk), cases[i].status);
        memory_release(talk.heard);
    }
}

static void officers_get_through_a_crowd_that_only_connects(void **state)
{
    struct desk *desk = *state;
    int crowd[4 * WIRE_STRANGERS];
    size_t over = 0;
    AUTO(text) char *request = events_request(desk, ledger_last_event(desk->site.ledger));
    for (size_t i = 0; i < COUNT_OF(crowd); i++)
        crowd[i] = wire_knock(desk, 2 + (int)i % 3);
    /* A signed-in officer's stream stands in the crowd and hears what happens while more come. */
    struct conversation talk = {.send = request, .until = "\"state\":\"running\"}\n\n"};
    wire_talk(desk, &talk, add_event);
    assert_non_null(strstr(talk.heard, "event: camera"));
    memory_release(talk.heard);
    for (size_t i = 0; i < COUNT_OF(crowd); i++) {
        over += wire_is_over(crowd[i]);
        close(crowd[i]);
    }
    assert_true(over >= COUNT_OF(crowd) - WIRE_STRANGERS);
}

static void one_address_has_its_share_of_connections(void **state)
{
    struct desk *desk = *state;
    int many[SERVER_CONNECTIONS_AN_ADDRESS + 8];
    size_t over = 0;
    for (size_t i = 0; i < COUNT_OF(many); i++)
        many[i] = wire_knock(desk, 9);
    for (size_t i = 0; i < 2 * GUARD_CONNECTIONS_BURST; i++) {
        int descriptor = wire_knock(desk, 10);
        over += wire_is_over(descriptor);
        close(descriptor);
    }
    assert_true(over > 0);
    assert_int_equal(
        status_of(desk, "GET /api/v1/health HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n", 0), 200);
    for (size_t i = 0; i < COUNT_OF(many); i++)
        close(many[i]);
}

static void a_server_with_a_suspended_stream_stops(void **state)
{
    struct desk *desk = *state;
    AUTO(text) char *request = events_request(desk, ledger_last_event(desk->site.ledger));
    struct conversation talk = {.send = request, .until = "retry: 1000"};
    wire_talk(desk, &talk, NULL);
    memory_release(talk.heard);
    server_free(desk->server);
    desk->server = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_server_answers_over_tls_with_the_headers_of_a_careful_site),
        cmocka_unit_test(nothing_in_a_request_becomes_a_header_of_the_answer),
        cmocka_unit_test(plain_mistakes_get_plain_answers),
        cmocka_unit_test(a_head_that_can_be_understood_in_two_ways_is_refused_and_nothing_after_it_is_heard),
        cmocka_unit_test(a_refusal_is_heard_though_a_body_follows),
        cmocka_unit_test(ten_megabytes_are_refused_unread),
        cmocka_unit_test(a_body_in_pieces_ends_at_the_limit),
        cmocka_unit_test(headers_without_end_are_refused),
        cmocka_unit_test(an_event_comes_at_once_and_is_replayed_to_who_missed_it),
        cmocka_unit_test(who_hears_little_hears_that_the_stream_stands_and_where_it_would_go_on),
        cmocka_unit_test(a_stream_ends_with_its_session),
        cmocka_unit_test(who_connects_and_says_nothing_is_ended),
        cmocka_unit_test(who_sends_a_body_byte_by_byte_is_ended_before_its_end),
        cmocka_unit_test(officers_get_through_a_crowd_that_only_connects),
        cmocka_unit_test(one_address_has_its_share_of_connections),
        cmocka_unit_test(a_server_with_a_suspended_stream_stops),
    };
    return cmocka_run_group_tests(tests, serve, desk_teardown);
}
