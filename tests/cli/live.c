/* What mizan-live has in place of the library's and the machine's own. */
#include "sign/site.h"

#include <stdbool.h>
#include <sys/mman.h>
#include <sys/resource.h>

/* The public key of thirty-two bytes of 7 (tests/api/live.mjs). */
const char issuer_key[] = "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c";

int __real_setrlimit64(int resource, const struct rlimit *limit);
int __wrap_setrlimit64(int resource, const struct rlimit *limit);
int __real_mlockall(int flags);
int __wrap_mlockall(int flags);

/* A machine that lets nobody lock memory runs no live site; its stories run without locking. */
static bool may_not_lock;

int __wrap_setrlimit64(int resource, const struct rlimit *limit)
{
    int set = __real_setrlimit64(resource, limit);
    may_not_lock = may_not_lock || (resource == RLIMIT_MEMLOCK && set != 0);
    return resource == RLIMIT_MEMLOCK ? 0 : set;
}

int __wrap_mlockall(int flags)
{
    return may_not_lock ? 0 : __real_mlockall(flags);
}
