/* Where an event stream is asked to go on: a Last-Event-ID, and a session's token in its two places. */
#include "http/event.h"
#include "http/service.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read says the same when it is written, but for leading zeros and what is past the numbers' end. */
static void check_cursor(const char *text)
{
    char again[96];
    int64_t epoch = -1, seq = -1;
    if (!event_id_read("demo-one", text, &epoch, &seq))
        return;
    if (epoch < 0 || seq < 0)
        __builtin_trap();
    snprintf(again, sizeof again, "demo-one:%" PRId64 ":%" PRId64, epoch, seq);
    int64_t epoch_again = -1, seq_again = -1;
    if (!event_id_read("demo-one", again, &epoch_again, &seq_again) || epoch_again != epoch ||
        seq_again != seq)
        __builtin_trap();
}

static void check_token(const char *text)
{
    const struct request_head heads[] = {{.cookie = text}, {.authorization = text}};
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        char token[SESSION_TOKEN_SIZE];
        if (service_find_token(&heads[i], token) &&
            strspn(token, "0123456789abcdef") != SESSION_TOKEN_SIZE - 1)
            __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = memory_allocate(size + 1, 1);
    memcpy(text, data, size);
    check_cursor(text);
    check_token(text);
    memory_release(text);
    return 0;
}
