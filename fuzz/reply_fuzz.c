/* What answers the command line: an HTTP reply, and its JSON printed for a terminal. */
#include "cli/office.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_printed(const json_t *json)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    office_print(json, to);
    fclose(to);
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] < 0x20 && text[i] != '\n')
            __builtin_trap();
    }
    memory_release(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    AUTO(client_reply) struct client_reply reply = {0};
    if (!client_reply_read((const char *)data, size, &reply, &err)) {
        if (err.code == ERROR_NONE || reply.body.data)
            __builtin_trap();
        return 0;
    }
    if (reply.status < 200 || reply.status > 599 || reply.body.size > size)
        __builtin_trap();
    AUTO(json)
    json_t *json = json_loadb((const char *)reply.body.data, reply.body.size, JSON_REJECT_DUPLICATES, NULL);
    if (json)
        check_printed(json);
    return 0;
}
