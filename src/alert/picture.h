/* What is shown carries the mark of whoever it is shown to. */
#pragma once

#include "list/site.h"

enum { PICTURE_WORDS_SIZE = 128 };

/* What is written across a picture for `viewer` now. */
void picture_words(const struct site *site, const char *viewer, char out[static PICTURE_WORDS_SIZE]);
/* A copy with `viewer` and the time written across it, and DEMONSTRATION on a demo site. `viewer`: an
 * officer's id, or a unit's with its alert's. Waits for the still process; ERROR_UNAVAILABLE where there is
 * none. */
bool picture_mark(
    struct site *site, const char *viewer, struct bytes picture, struct bytes *out, struct error *err);
