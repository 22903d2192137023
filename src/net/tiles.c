#include "net/tiles.h"

#include <cpuid.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux's names for asking that this process may use the tiles. */
enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };

static bool processor_has_tiles(void)
{
    enum { TILES_OF_BFLOAT = 1 << 22, TILES = 1 << 24, TILES_OF_BYTES = 1 << 25 };
    const unsigned all = TILES_OF_BFLOAT | TILES | TILES_OF_BYTES;
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & all) == all;
}

bool tiles_allowed(void)
{
    enum { UNKNOWN, REFUSED, ALLOWED };
    static atomic_int known;
    if (known == UNKNOWN)
        known = processor_has_tiles() && syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0
                    ? ALLOWED
                    : REFUSED;
    return known == ALLOWED;
}
