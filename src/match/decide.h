/* When the shots of one passage make a match (DESIGN §5): at least two shots from different moments pass the
 * threshold for the same entry, and the fused score does too. The fused score is the mean of the entry's
 * agreeing shots' scores. */
#pragma once

#include "match/gallery.h"

enum { DECISION_SHOTS = 6, DECISION_GAP_US = 200000, DECISION_OTHERS = 3 };

struct shot_scores { /* one embedded shot of the passage */
    int64_t captured_us;
    struct candidate best[1 + DECISION_OTHERS];
    size_t count;
};

struct decision {
    bool matched;
    char entry[ENTRY_ID_SIZE];
    float fused_score;
    size_t agreeing;                          /* shots that pass for the entry */
    bool agrees[DECISION_SHOTS];              /* which */
    struct candidate others[DECISION_OTHERS]; /* the best other entries over the passage */
    size_t other_count;
};

void passage_decide(const struct shot_scores *shots, size_t count, float threshold, struct decision *out);
