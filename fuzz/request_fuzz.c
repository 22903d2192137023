/* Request heads: the input's lines are method, path, Authorization, Cookie, Content-Length,
 * Transfer-Encoding. */
#include "http/route.h"
#include "http/service.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES = 6 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = memory_allocate(size + 1, 1);
    char *lines[LINES] = {0}, *at = text;
    memcpy(text, data, size);
    for (size_t i = 0; i < LINES && at; i++)
        lines[i] = strsep(&at, "\n");
    char parameters[PARAMETERS][PARAMETER_SIZE] = {0}, allow[40];
    struct error err = {0};
    const char *path = lines[1] ? lines[1] : "";
    const struct route *route = route_find(lines[0], path, parameters, allow, &err);
    if (!route && err.code == ERROR_NONE)
        __builtin_trap();
    for (size_t i = 0; i < PARAMETERS; i++) {
        if (strpbrk(parameters[i], "./%\\") || memchr(parameters[i], '\0', PARAMETER_SIZE) == NULL)
            __builtin_trap();
    }
    struct request_head head;
    static struct service service;
    if (!service.sessions.burst)
        service_init(&service, NULL);
    struct request request;
    struct reply reply = {0};
    head = (struct request_head){.method = lines[0],
        .path = path,
        .authorization = lines[2],
        .cookie = lines[3],
        .content_length = lines[4],
        .transfer_encoding = lines[5],
        .mizan = "1"};
    /* Signed-in routes need a database once a token has its form; the form itself is tried below. */
    char token[SESSION_TOKEN_SIZE];
    if (!route || route->access != ACCESS_SIGNED_IN || !service_find_token(&head, token))
        service_begin(&service, &head, &request, &reply);
    reply_done(&reply);
    memory_release(text);
    return 0;
}
