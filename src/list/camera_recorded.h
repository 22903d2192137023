/* At a start each camera's row is held against the newest record of its registration. */
#pragma once

#include "list/site.h"

/* In the caller's transaction. A row that is not the one that was registered last, however well somebody
 * signed it once, is CAMERA_ROW_CHANGED from then on (list/camera_seen.h), until an administrator registers
 * the camera anew: an older one would put it back to where it stood before (SAFEGUARDS 15, 16, 19, 50). */
bool camera_rows_hold_to_log(struct site *site, struct error *err);
