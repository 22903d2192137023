/* An evaluation as one HTML page: plots in SVG, nothing fetched from anywhere, legible on paper. */
#pragma once

#include "base/text.h"
#include "lab/pairs.h"

struct page_words {
    const char *title;
    const char *pack;
    const char *pack_hash; /* hex */
    const char *made_on;   /* what was measured: one sentence */
    const char *advice;    /* one sentence */
    const char *when;      /* the day and the tree it was measured with: one sentence */
};

/* Appends the page. The words are escaped. */
void page_write(struct text *out, const struct page_words *words, const struct trials *trials,
    const struct groups *groups, const struct search_result *result);
/* The same of pairs. */
void page_write_pairs(struct text *out, const struct page_words *words, const struct trials *trials,
    const struct pairs_result *result);
