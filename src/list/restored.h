/* A site that came from a backup may have forgotten withdrawals: nothing arms before the status source, or
 * the feed of each case's station, has answered again about everybody (SAFEGUARDS 3, 40). */
#pragma once

#include "list/site.h"

/* True while some case of an approved entry has had no answer since the restore; asks at most every ten
 * seconds. When all have answered, records that and never hinders again. */
bool restored_hinders(struct site *site);
