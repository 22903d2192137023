/* Whose counter a request for redress is at: the stations where the officer who took it was posted then. That
 * officer, who has charge of it, and who is posted at one of the stations see it, answer and tell the person;
 * authorisers and inspectors everywhere. When none of them is left at a station, any station's officer does
 * so: the slip sends people to "any police station", and nobody's complaint goes with an officer who left. */
#pragma once

#include "alert/redress_row.h"

/* The stations among the officer's posts: a new reference. */
json_t *counter_stations(const struct site *site, const struct officer *officer);
/* A request's row as far as it decides: `stations` as it was stored, empty in rows of before. */
struct counter {
    const char *request, *taker;
    const json_t *stations;
};
bool counter_is_open_to(struct site *site, const struct counter *counter, const struct officer *officer,
    bool *out, struct error *err);
/* ERROR_FORBIDDEN for another counter's. */
bool counter_let_in(
    struct site *site, const struct redress *redress, const struct officer *officer, struct error *err);
