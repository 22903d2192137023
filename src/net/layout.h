/* How each value lies in memory. */
#pragma once

#include "net/graph.h"

/* Convolutions work on blocks of channels, padded with zeroes; sums and activations of blocked values stay
 * blocked, everything else is plain, and REORDER nodes stand between. In an 8-bit network convolutions and
 * what joins their results work on BYTES instead. Convolutions in groups that are not one
 * a channel are written out without groups. Rebuilds the list of nodes without the gone ones. */
bool layout_graph(struct graph *graph, struct error *err);

/* Whether the value is a constant that is one number, or one a channel of `beside`. */
bool layout_is_row(const struct value *value, const struct value *beside);

/* Whether a blocked value's bytes are those of its plain twin. */
bool layout_is_plain(const struct graph *graph, const struct value *value);
