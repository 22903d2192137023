#include "cli/commands.h"

#include "watch/child.h"

int feed_main(int argc, char **argv)
{
    return child_main("feed", feed_run, argc, argv);
}
