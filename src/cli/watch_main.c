#include "cli/commands.h"

#include "watch/child.h"

int watch_main(int argc, char **argv)
{
    return child_main("watch", watch_run, argc, argv);
}
