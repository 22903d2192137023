/* search_trials FIRST COUNT: that many trials from that seed on. Prints "executions findings
 * first-wrong-seed", the last being "-" when there is none. tools/long/search runs it. */
#include "trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words)
{
    if (count != 3) {
        fputs("search_trials FIRST COUNT\n", stderr);
        return 64;
    }
    uint64_t first = strtoull(words[1], NULL, 10), end = first + strtoull(words[2], NULL, 10), wrong_seed = 0;
    size_t wrong = 0;
    for (uint64_t seed = first; seed < end; seed++) {
        size_t found = search_trial(seed);
        wrong_seed = found && !wrong ? seed : wrong_seed;
        wrong += found;
    }
    printf("%" PRIu64 " %zu ", (end - first) * TRIAL_QUERIES, wrong);
    if (wrong)
        printf("%" PRIu64 "\n", wrong_seed);
    else
        puts("-");
    return wrong ? 1 : 0;
}
