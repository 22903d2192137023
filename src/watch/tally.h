/* What is kept of a passage's shots once their templates are zeroed: the scores. One row for each followed
 * passage. */
#pragma once

#include "match/decide.h"
#include "track/passage.h"

struct tally {
    uint64_t passage; /* 0: free */
    struct shot_scores scores[PASSAGE_SHOTS];
    size_t count;
    float best; /* over every shot ever scored; −2 while there is none */
};

struct tallies {
    struct tally each[PASSAGE_LIMIT];
};

/* The passage's row, made when there is none; NULL when all rows are taken. */
struct tally *tallies_find(struct tallies *tallies, const struct passage *passage);
/* Compares the shot's template with the gallery, keeps the scores and zeroes the template. */
void tally_score(struct tally *tally, struct shot *shot, const struct gallery *gallery);
/* Puts the scores in the order of the passage's shots and forgets those of shots that were replaced.
 * shots[i] is then the shot of scores[i]. */
void tally_order(
    struct tally *tally, const struct passage *passage, struct shot *shots[static PASSAGE_SHOTS]);
/* A withdrawn entry's scores go too. */
void tallies_withdraw(struct tallies *tallies, const char *entry);
/* Wipes the row of a passage that ended; returns its best score, −2 without. */
float tallies_end(struct tallies *tallies, const struct passage *passage);
