/* Planted pairs (SAFEGUARDS 28): in a trial operation, among consenting subjects, somebody who reviews
 * nothing puts a pair of pictures before the reviewers whose answer is known. To them it is an alert like any
 * other; whatever they answer, it ends as `planted`: nobody is sent, and no statistic, breaker or rate counts
 * it. The public record shows how often reviewers were wrong about such pairs. */
#pragma once

#include "alert/row.h"

/* When the answers about a planted alert are in, or cannot come any more: the measurement is recorded and the
 * alert ends. In the caller's transaction. */
bool plant_end(struct site *site, struct alert *alert, struct error *err);
/* Whether a signed planting stands behind this alert, whatever its row says. */
bool plant_is_known(struct site *site, const struct alert *alert, bool *planted, struct error *err);
