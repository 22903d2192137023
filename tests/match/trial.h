/* Searches made to be hard: near ties, duplicates, sums that vanish or overflow, numbers that their 8-bit
 * form does badly, queries that come as near to its bound as any can. Run a few at a time by order_test.c and
 * by the million by tools/long/search. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { TRIAL_QUERIES = 100 };

/* One list and TRIAL_QUERIES searches in it, all made from `seed`: every kernel's scores against the
 * definition, bit by bit; the 8-bit form's bound against those; what searches find with every pair of
 * kernels, and the gallery's order, against the order of those scores. Returns how many searches went wrong.
 */
size_t search_trial(uint64_t seed);
