#include "cli/client.h"
#include "cli/office.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool read_text(const char *text, struct client_reply *out, struct error *err)
{
    return client_reply_read(text, strlen(text), out, err);
}

static void an_answer_has_status_type_and_the_body_it_promised(void **state)
{
    (void)state;
    AUTO(client_reply) struct client_reply reply = {0};
    struct error err = {0};
    assert_true(read_text("HTTP/1.1 403 Forbidden\r\nContent-Type: application/problem+json; charset=x\r\n"
                          "content-length: 5\r\n\r\nhello",
        &reply, &err));
    assert_int_equal(reply.status, 403);
    assert_string_equal(reply.type, "application/problem+json");
    assert_int_equal(reply.body.size, 5);
}

static void what_is_no_answer_or_not_the_whole_of_it_is_not_taken(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "\r\n\r\n", "SSH-2.0-x\r\n\r\n",
        "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct client_reply reply = {0};
        struct error err = {0};
        if (read_text(texts[i], &reply, &err))
            fail_msg("case %zu was taken", i);
        assert_int_equal(err.code, ERROR_CORRUPT);
        assert_null(reply.body.data);
    }
}

static void an_address_that_is_none_is_refused_before_anything_is_sent(void **state)
{
    (void)state;
    static const char *const urls[] = {"", "localhost:8443", "http://localhost", "https://", "https://:8443",
        "https://host:", "https://host:port", "https://host:123456", "https://host/path", "https://[::1"};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct error err = {0};
        if (client_new(urls[i], "/dev/null", &err) || err.code != ERROR_USAGE)
            fail_msg("'%s': %s", urls[i], err.text);
    }
    struct error err = {0};
    assert_null(client_new("https://localhost", "/dev/null", &err));
    assert_int_equal(err.code, ERROR_MISSING);
}

static void what_the_desk_says_cannot_command_the_terminal(void **state)
{
    (void)state;
    AUTO(json)
    json_t *said = json_loads(
        "{\"name\":\"A\\u001b[2J\\u0007\\u009b1mB\",\"list\":[],\"deep\":{\"one\":1,\"two\":[{\"x\":true}]}}",
        0, NULL);
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    office_print(said, to);
    fclose(to);
    assert_non_null(strstr(text, "name: A?[2J??1mB\n"));
    assert_non_null(strstr(text, "list: none\n"));
    assert_non_null(strstr(text, "deep:\n  one: 1\n  two:\n    - x: true\n"));
    memory_release(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_has_status_type_and_the_body_it_promised),
        cmocka_unit_test(what_is_no_answer_or_not_the_whole_of_it_is_not_taken),
        cmocka_unit_test(an_address_that_is_none_is_refused_before_anything_is_sent),
        cmocka_unit_test(what_the_desk_says_cannot_command_the_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
