/* While the file that MIZAN_FAILING_DISK names is there, this process's writes do not reach the disk. */
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int sync_with(long call, int descriptor)
{
    const char *sign = getenv("MIZAN_FAILING_DISK");
    int before = errno;
    if (!sign || access(sign, F_OK) != 0) {
        errno = before;
        return (int)syscall(call, descriptor);
    }
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
