/* The three subcommands that the desk starts, in a program as small as can be. */
#include "base/clock.h"
#include "base/crypto.h"
#include "cli/commands.h"

#include <string.h>

int main(int argc, char **argv)
{
    struct error err = {0};
    clock_start();
    if (argc < 2 || !crypto_start(&err))
        return 64;
    if (!strcmp(argv[1], "feed"))
        return feed_main(argc - 1, argv + 1);
    if (!strcmp(argv[1], "watch"))
        return watch_main(argc - 1, argv + 1);
    return strcmp(argv[1], "still") ? 64 : still_main(argc - 1, argv + 1);
}
