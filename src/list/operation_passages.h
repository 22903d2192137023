/* A live operation was signed for a number of passages, because the report's bound times that number is how
 * many false alerts are to be expected (SAFEGUARDS 24). What the watches count is held against it. */
#pragma once

#include "list/operation_run.h"

extern const char operation_passages_sql[];

/* With `counts` first adds what the watches have counted since the last time, in a transaction of its own.
 * Sets *why when more have passed than was signed for, until the operation's end; leaves it otherwise. */
bool operation_passages_hinder(
    struct site *site, struct operation_row *row, bool counts, const char **why, struct error *err);
