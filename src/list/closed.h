/* What is over, newest first. A list that screens ask for again and again gives what is open, always and
 * whole, and of the rest what closed lately; older ones are asked for by the page. */
#pragma once

#include "list/site.h"

enum { CLOSED_SHOWN_DAYS = 31, CLOSED_SHOWN = 100, CLOSED_PAGE = 50 };

struct closed {
    json_t *ids;    /* owned */
    char older[24]; /* the first that is left out; "" when none is */
};
void closed_done(struct closed *closed);
static inline void closed_auto(struct closed *slot)
{
    closed_done(slot);
}

/* `noun` is "entry" or "operation", `where` a constant of the code that says which of its rows are over. With
 * `from` NULL those of the last CLOSED_SHOWN_DAYS, else a page that begins with that one: ERROR_MISSING when
 * there is no such one. */
bool closed_list(struct site *site, const char *noun, const char *where, const char *from, struct closed *out,
    struct error *err);
/* Names in `list` the first that was left out. */
void closed_name_older(const struct closed *closed, json_t *list);
