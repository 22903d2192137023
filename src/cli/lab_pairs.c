/* mizan-lab evaluate pairs. */
#include "cli/lab_report.h"

#include "base/file.h"
#include "lab/machine.h"
#include "lab/page.h"
#include "sign/statement.h"

#include <stdio.h>
#include <string.h>

enum { PAIRS_TEXT_LIMIT = 64 << 20 };

struct evaluation {
    struct pack *pack;
    struct dataset dataset;
    struct pairs pairs;
    struct trials trials;
    struct pairs_result result;
};

static inline void evaluation_auto(struct evaluation *slot)
{
    pack_free(slot->pack);
    pairs_done(&slot->pairs);
    trials_done(&slot->trials);
    dataset_done(&slot->dataset);
}

/* True accepts at the false accepts of every hundredth. */
static json_t *roc_json(const struct trials *trials)
{
    struct curve_point points[CURVE_POINTS];
    json_t *roc = json_array();
    trials_curve(trials, points);
    for (int i = 0; i < CURVE_POINTS; i++)
        json_array_append_new(
            roc, json_pack("[f, f, f]", points[i].threshold, points[i].fpir, 1.0 - points[i].fnir));
    return roc;
}

static void print_pairs(const struct lab_line *line, const struct evaluation *evaluation)
{
    const struct dataset *dataset = &evaluation->dataset;
    const struct pairs_result *result = &evaluation->result;
    if (line->json) {
        lab_print_json(json_pack("{s:I, s:i, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:o}",
            "pairs", (json_int_t)result->pairs, "folds", result->folds, "pictures",
            (json_int_t)dataset->sample_count, "no_face", (json_int_t)dataset->nothing_count, "covered",
            (json_int_t)dataset->covered_count, "refused_by_quality", (json_int_t)dataset->poor_count,
            "accuracy", result->accuracy, "standard_error", result->deviation, "threshold", result->threshold,
            "tar_at_far_1e-2", result->tar_at_1_percent, "threshold_at_far_1e-2",
            (double)result->threshold_at_1_percent, "tar_at_far_1e-3", result->tar_at_1_per_mille,
            "threshold_at_far_1e-3", (double)result->threshold_at_1_per_mille, "roc",
            roc_json(&evaluation->trials)));
        return;
    }
    printf("pairs     %zu in %d folds\n", result->pairs, result->folds);
    printf("pictures  %zu; no face found in %zu; covered in %zu; %zu more would be refused by the quality "
           "gate\n",
        dataset->sample_count, dataset->nothing_count, dataset->covered_count, dataset->poor_count);
    printf("accuracy  %.4f ± %.4f (standard error over folds), threshold %.3f\n", result->accuracy,
        result->deviation, result->threshold);
    printf("TAR       %.4f at FAR 1 %% (threshold %.3f), %.4f at FAR 0.1 %% (threshold %.3f)\n",
        result->tar_at_1_percent, (double)result->threshold_at_1_percent, result->tar_at_1_per_mille,
        (double)result->threshold_at_1_per_mille);
}

static bool write_page(const struct lab_line *line, const struct evaluation *evaluation, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    const struct dataset *dataset = &evaluation->dataset;
    AUTO(text_buffer) struct text page = {NULL, 0};
    AUTO(text) char *when = machine_when();
    AUTO(text)
    char *about = text_format(
        "%zu pictures: no face was found in %zu, %zu are covered and %zu more would be refused by "
        "the quality gate; all but those without a face are compared here.",
        dataset->sample_count, dataset->nothing_count, dataset->covered_count, dataset->poor_count);
    hex_write(pack_hash(evaluation->pack), HASH_SIZE, hash);
    struct page_words words = {"Mizan: labelled pairs", pack_name(evaluation->pack), hash,
        "Measured on pairs of pictures, in folds (LFW's protocol, unrestricted).", about, when};
    page_write_pairs(&page, &words, &evaluation->trials, &evaluation->result);
    return file_write(line->html, 0644, page.data, page.size, err);
}

static bool load(const struct lab_line *line, struct evaluation *evaluation, struct error *err)
{
    AUTO(text) char *path = text_format("%s/pairs.txt", line->places[0]);
    AUTO(bytes) struct bytes text = {NULL, 0};
    if (!file_read(path, PAIRS_TEXT_LIMIT, &text, err) || (line->html && !lab_can_write(line->html, err)))
        return false;
    evaluation->pack = lab_pack(line, err);
    AUTO(analyser)
    struct analyser *analyser = evaluation->pack ? lab_analyser(line, evaluation->pack, err) : NULL;
    if (!analyser || !dataset_list(&evaluation->dataset, line->places[0], err) ||
        !pairs_parse(&text, path, &evaluation->dataset, &evaluation->pairs, err))
        return false;
    dataset_acquire(&evaluation->dataset, line->places[0], analyser, lab_progress);
    return true;
}

bool lab_pairs(const struct lab_line *line, struct error *err)
{
    if (line->place_count != 1)
        return fail(err, ERROR_USAGE, "evaluate pairs needs one folder");
    AUTO(evaluation) struct evaluation evaluation = {0};
    if (!load(line, &evaluation, err) || !pairs_evaluate(&evaluation.pairs, &evaluation.result, err))
        return false;
    pairs_trials(&evaluation.pairs, &evaluation.trials);
    print_pairs(line, &evaluation);
    return !line->html || write_page(line, &evaluation, err);
}
