/* Any bytes either load as a network that runs, or fail with a text. */
#include "net/net.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    AUTO(net) struct net *net = net_load(data, size, NULL, &err);
    if (!net && (err.code == ERROR_NONE || !err.text[0]))
        abort();
    if (net && net_warm_up(net, &err))
        net_run(net);
    return 0;
}
