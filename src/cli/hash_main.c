#include "cli/commands.h"

#include "watch/child.h"

int hash_main(int argc, char **argv)
{
    return child_main("hash", hash_run, argc, argv);
}
