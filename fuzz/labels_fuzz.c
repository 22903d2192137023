/* Bytes from outside as the labels and the list of pairs that lie beside a folder of pictures. */
#include "lab/groups.h"
#include "lab/pairs.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char names[3][DATASET_NAME_SIZE] = {"Ann", "Bob", "Cem"};
static struct sample samples[6] = {{0, 1, ACQUIRED, {0}}, {0, 2, ACQUIRED, {0}}, {1, 1, ACQUIRED, {0}},
    {1, 2, ACQUIRED, {0}}, {2, 1, ACQUIRED, {0}}, {2, 2, ACQUIRED_NOTHING, {0}}};
static const struct dataset dataset = {
    .names = names, .person_count = 3, .samples = samples, .sample_count = 6};

static void check_groups(const struct bytes *text)
{
    AUTO(groups) struct groups groups = {.of = NULL};
    struct error err = {0};
    if (!groups_parse(text, "labels", &dataset, &groups, &err)) {
        if (err.code == ERROR_NONE || groups.of)
            abort();
        return;
    }
    if (groups.count < 1 || groups.count > 3 || groups.labelled < groups.count)
        abort();
    for (int i = 0; i < dataset.person_count; i++)
        if (groups.of[i] < -1 || groups.of[i] >= groups.count)
            abort();
}

static void check_pairs(const struct bytes *text)
{
    AUTO(pairs) struct pairs pairs = {NULL, 0, 0};
    struct error err = {0};
    struct pairs_result result;
    if (!pairs_parse(text, "pairs.txt", &dataset, &pairs, &err)) {
        if (err.code == ERROR_NONE || pairs.items)
            abort();
        return;
    }
    if (pairs.count < 4 || !pairs_evaluate(&pairs, &result, &err) ||
        !(result.accuracy >= 0.0 && result.accuracy <= 1.0))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes text = {(uint8_t *)data, size};
    check_groups(&text);
    check_pairs(&text);
    return 0;
}
