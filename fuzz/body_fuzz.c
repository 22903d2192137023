/* Bodies: the first byte chooses the route, the rest is its body. */
#include "http/route.h"
#include "http/service.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    size_t count = 0;
    if (!crypto_start(&err) || size == 0)
        return 0;
    while (route_at(count))
        count++;
    struct request request = {.route = route_at(data[0] % count)};
    struct bytes body = {(uint8_t *)(uintptr_t)(data + 1), size - 1};
    bool read = service_read_body(&request, body, &err);
    if (read && request.route->body == BODY_ENVELOPE && !request.envelope)
        __builtin_trap();
    if (!read && err.code == ERROR_NONE)
        __builtin_trap();
    request_done(&request);
    return 0;
}
