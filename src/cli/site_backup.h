/* `mizan site backup` and `mizan site restore`: a site whose desk does not run. A running one is asked over
 * HTTPS: `mizan backup create`. */
#pragma once

#include "base/error.h"

bool site_backup(int argc, char **argv, struct error *err);
bool site_restore(int argc, char **argv, struct error *err);
