/* While the file that MIZAN_FAILING_DISK names is there, this process's writes do not reach the disk. */
#include "failing_sync.h"

#include <stdlib.h>

static bool sync_fails(void)
{
    const char *sign = getenv("MIZAN_FAILING_DISK");
    int before = errno;
    bool fails = sign && access(sign, F_OK) == 0;
    errno = before;
    return fails;
}
