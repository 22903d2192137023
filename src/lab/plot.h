/* Inside lab/: plots of trials as figures with an SVG, nothing fetched from anywhere. */
#pragma once

#include "base/text.h"
#include "lab/trials.h"

/* False alerts against misses at every threshold, both logarithmic (DET), with the point that was chosen. */
void plot_trade_off(struct text *out, const struct trials *trials, double fpir, double fnir);
/* True accepts over false accepts (ROC) of pairs; false accepts logarithmic. */
void plot_accepts(struct text *out, const struct trials *trials);
/* How the scores of mated and of other trials lie, and the threshold. */
void plot_scores(struct text *out, const struct trials *trials, double threshold);
