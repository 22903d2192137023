/* Who belongs to whom at the least cost in all: optimal assignment of small matrices. */
#pragma once

#include <stdbool.h>

enum { ASSIGN_LIMIT = 64 }; /* rows, and columns */

/* Gives each row a column of its own, or −1 at the cost `none`, so that the sum of costs is least. `costs` is
 * rows × columns, from 0; a pair that costs `none` or more is never made. */
void assign_least(const float *costs, int rows, int columns, float none, int column_of_row[]);
