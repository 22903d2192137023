/* Every table that a site has: the nouns' migrations in the order in which they are applied. */
#pragma once

#include "store/store.h"

enum { SITE_MIGRATIONS = 64 };

/* How many there are. */
size_t site_migrations(struct migration out[static SITE_MIGRATIONS]);
