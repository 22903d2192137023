/* Bytes from outside as a pack's calibrated ranges. */
#include "net/ranges.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    float least = 0, most = 0;
    AUTO(ranges) struct ranges *ranges = ranges_parse((const char *)data, size, &err);
    if (!ranges && err.code == ERROR_NONE)
        abort();
    if (ranges && ranges_find(ranges, "x", &least, &most, &err) && !(least <= most))
        abort();
    return 0;
}
