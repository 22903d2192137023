#include "watch/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void a_message_split_at_every_byte_arrives_whole(void **state)
{
    (void)state;
    struct error err = {0};
    struct watch_state sent = {WATCH_REFUSED, "the list is not the one the token names"};
    struct watch_state got = {0};
    AUTO(wire_out) struct wire_out out = {0};
    struct wire_in in;
    message_put_state(&out, &sent);
    message_put_entry(&out, WIRE_WITHDRAWN, "e-1");
    wire_in_init(&in, WIRE_DESK_TAKES_FROM_WATCH);
    size_t whole = 0;
    for (size_t i = 0; i < out.size; i++) {
        struct wire_message message;
        bool found = false;
        wire_feed(&in, out.data + i, 1);
        assert_true(wire_next(&in, &message, &found, &err));
        if (found && !whole++)
            assert_true(message_state(&message, &got, &err));
    }
    assert_int_equal(whole, 2);
    assert_int_equal(got.word, sent.word);
    assert_string_equal(got.reason, sent.reason);
    wire_in_done(&in);
}

static void a_header_that_breaks_a_rule_breaks_the_link(void **state)
{
    static const struct {
        const char *what;
        size_t at;
        uint8_t value;
    } breaks[] = {{"magic", 0, 'X'}, {"version", 4, 9}, {"flags", 5, 1}, {"unknown type", 6, 39},
        {"type of another link", 6, WIRE_ARM}, {"length", 10, 0xFF}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(breaks); i++) {
        struct error err = {0};
        struct wire_in in;
        struct wire_message message;
        bool found = false;
        AUTO(wire_out) struct wire_out out = {0};
        message_put_entry(&out, WIRE_WITHDRAWN, "e-1");
        out.data[breaks[i].at] = breaks[i].value;
        wire_in_init(&in, WIRE_DESK_TAKES_FROM_WATCH);
        wire_feed(&in, out.data, out.size);
        if (wire_next(&in, &message, &found, &err))
            fail_msg("a wrong %s was taken", breaks[i].what);
        assert_int_equal(err.code, ERROR_CORRUPT);
        wire_in_done(&in);
    }
}

static void a_body_cut_anywhere_is_refused(void **state)
{
    (void)state;
    AUTO(wire_out) struct wire_out out = {0};
    struct watch_health health = {.decoded = 7, .best_scores = {[3] = 4}};
    struct watch_health got;
    message_put_health(&out, &health);
    for (size_t size = 0; size <= out.size - WIRE_HEADER + 1; size++) {
        struct error err = {0};
        uint8_t body[512] = {0};
        memcpy(body, out.data + WIRE_HEADER, out.size - WIRE_HEADER);
        const struct wire_message message = {WIRE_HEALTH, body, size};
        assert_int_equal(message_health(&message, &got, &err), size == out.size - WIRE_HEADER);
    }
}

static void text_that_is_not_plain_is_refused(void **state)
{
    static const char *const texts[] = {"a\nb", "\x1b[31m", "\xC3", "e-0123456789012345678901"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char entry[ENTRY_ID_SIZE];
        struct error err = {0};
        AUTO(wire_out) struct wire_out out = {0};
        message_put_entry(&out, WIRE_WITHDRAWN, texts[i]);
        const struct wire_message message = {WIRE_WITHDRAWN, out.data + WIRE_HEADER, out.size - WIRE_HEADER};
        assert_false(message_entry(&message, entry, &err));
        assert_int_equal(err.code, ERROR_CORRUPT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_split_at_every_byte_arrives_whole),
        cmocka_unit_test(a_header_that_breaks_a_rule_breaks_the_link),
        cmocka_unit_test(a_body_cut_anywhere_is_refused),
        cmocka_unit_test(text_that_is_not_plain_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
