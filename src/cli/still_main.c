#include "cli/commands.h"

#include "watch/child.h"

int still_main(int argc, char **argv)
{
    return child_main("still", still_run, argc, argv);
}
