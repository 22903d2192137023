/* A program's own fsync and fdatasync, which stand before the C library's, SQLite's calls included. Who
 * includes this says when they fail. */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool sync_fails(void);

static int sync_with(long call, int descriptor)
{
    if (!sync_fails())
        return (int)syscall(call, descriptor);
    errno = EIO;
    return -1;
}

int fsync(int descriptor)
{
    return sync_with(SYS_fsync, descriptor);
}

int fdatasync(int descriptor)
{
    return sync_with(SYS_fdatasync, descriptor);
}
