/* mizan-lab evaluate search and passages. */
#include "cli/lab_report.h"

#include "base/file.h"
#include "base/text.h"
#include "lab/machine.h"
#include "lab/page.h"
#include "sign/statement.h"
#include "lab/walk.h"
#include "sign/limits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { GROUPS_TEXT_LIMIT = 16 << 20 };

static json_t *search_json(const struct search_result *result)
{
    return json_pack("{s:[f,f], s:[f,f], s:I, s:f, s:i, s:i, s:i, s:f, s:I, s:I, s:f, s:[f,f], s:f, s:f, "
                     "s:f, s:I, s:I, s:I, s:f, s:[f,f]}",
        "fpir_bootstrap", result->fpir_bootstrap.low, result->fpir_bootstrap.high, "fnir_bootstrap",
        result->fnir_bootstrap.low, result->fnir_bootstrap.high, "covered", (json_int_t)result->covered,
        "worst_bound", result->worst_bound, "n", result->entries, "lists", result->lists, "persons",
        result->persons, "threshold", result->threshold, "non_mated", (json_int_t)result->non_mated,
        "false_alerts", (json_int_t)result->false_alerts, "fpir", result->fpir, "fpir_interval",
        result->fpir_interval.low, result->fpir_interval.high, "design_effect", result->design_effect,
        "fpir_bound", result->fpir_bound, "charged_bound", result->charged_bound, "mated",
        (json_int_t)result->mated, "misses", (json_int_t)result->misses, "failures_to_acquire",
        (json_int_t)result->failures_to_acquire, "fnir", result->fnir, "fnir_interval",
        result->fnir_interval.low, result->fnir_interval.high);
}

static void print_search(const struct search_result *result)
{
    printf("lists     %d of N = %d, from %d persons; threshold %.3f\n", result->lists, result->entries,
        result->persons, result->threshold);
    printf("FPIR      %.3e (%ld false alerts in %ld non-mated searches; Wilson 95 %% %.3e to %.3e)\n",
        result->fpir, result->false_alerts, result->non_mated, result->fpir_interval.low,
        result->fpir_interval.high);
    printf("bound     %.3e (exact, one-sided 95 %%, worth %.0f independent searches: design effect %.2f)\n",
        result->fpir_bound, (double)result->non_mated / result->design_effect, result->design_effect);
    printf(
        "charged   %.3e (× %d: measured on images, not on passages)\n", result->charged_bound, IMAGES_CHARGE);
    printf("FNIR      %.4f (%ld misses in %ld mated searches, %ld of them failures to acquire; Wilson 95 %% "
           "%.4f to %.4f)\n",
        result->fnir, result->misses, result->mated, result->failures_to_acquire, result->fnir_interval.low,
        result->fnir_interval.high);
}

/* What one evaluation of false alerts and misses works with. */
struct evaluation {
    struct pack *pack;
    struct dataset dataset;
    struct groups groups;
    struct trials trials;
    struct search_result result;
    struct lab_report report;
};

static inline void evaluation_auto(struct evaluation *slot)
{
    pack_free(slot->pack);
    dataset_done(&slot->dataset);
    groups_done(&slot->groups);
    trials_done(&slot->trials);
    lab_report_done(&slot->report);
}

static bool load_groups(const struct lab_line *line, struct evaluation *evaluation, struct error *err)
{
    AUTO(bytes) struct bytes text = {NULL, 0};
    return !line->groups ||
           (file_read(line->groups, GROUPS_TEXT_LIMIT, &text, err) &&
               groups_parse(&text, line->groups, &evaluation->dataset, &evaluation->groups, err));
}

static void say_advice(const struct lab_line *line, const struct search_result *result, struct text *out)
{
    double passages = line->passages > 0.0 ? line->passages : line->target / result->worst_bound;
    text_add(out,
        "At threshold %.3f and N = %d, %.0f %s at most %.2f false alerts (one-sided 95 %%, worst group).",
        result->threshold, result->entries, passages,
        lround(passages) == 1 ? "passage brings" : "passages bring", passages * result->worst_bound);
}

/* Covered faces are a group of their own: never compared, so each mated search of one is a miss. */
static json_t *covered_json(const struct search_result *result)
{
    struct interval share = wilson_interval((double)result->covered, (double)result->mated);
    return json_pack("{s:I, s:I, s:f, s:f, s:[f,f]}", "mated", (json_int_t)result->covered, "misses",
        (json_int_t)result->covered, "fnir", result->covered ? 1.0 : 0.0, "share_of_mated",
        result->mated ? (double)result->covered / (double)result->mated : 0.0, "share_interval", share.low,
        share.high);
}

static void print_groups(const struct evaluation *evaluation)
{
    if (evaluation->result.covered)
        printf("covered   %ld of %ld mated searches: never compared, all of them misses\n",
            evaluation->result.covered, evaluation->result.mated);
    if (evaluation->groups.of)
        printf("labels    of %d of %d persons; %ld more are of nobody here\n", evaluation->groups.labelled,
            evaluation->dataset.person_count, evaluation->groups.strangers);
    for (int i = 0; i < evaluation->groups.count; i++) {
        struct search_result one =
            trials_rate_group(&evaluation->trials, &evaluation->groups, i, evaluation->result.threshold);
        printf("group     %-12s FPIR %.3e (%ld of %ld), charged bound %.3e; FNIR %.4f (%ld of %ld)%s\n",
            evaluation->groups.words[i], one.fpir, one.false_alerts, one.non_mated, one.charged_bound,
            one.fnir, one.misses, one.mated,
            i == evaluation->result.worst_group ? "; sets the threshold" : "");
    }
}

static json_t *evaluation_json(const struct evaluation *evaluation, const char *advice)
{
    json_t *all = search_json(&evaluation->result);
    json_t *curve = json_array();
    struct curve_point points[CURVE_POINTS];
    trials_curve(&evaluation->trials, points);
    for (int i = 0; i < CURVE_POINTS; i++)
        json_array_append_new(
            curve, json_pack("[f, f, f]", points[i].threshold, points[i].fpir, points[i].fnir));
    json_object_set_new(all, "curve", curve);
    json_t *groups = json_object();
    for (int i = 0; i < evaluation->groups.count; i++) {
        struct search_result one =
            trials_rate_group(&evaluation->trials, &evaluation->groups, i, evaluation->result.threshold);
        json_object_set_new(groups, evaluation->groups.words[i], search_json(&one));
    }
    json_object_set_new(all, "groups", groups);
    json_object_set_new(all, "labelled", json_integer(evaluation->groups.labelled));
    json_object_set_new(all, "labels_of_nobody", json_integer(evaluation->groups.strangers));
    json_object_set_new(all, "covered_faces", covered_json(&evaluation->result));
    json_object_set_new(all, "made_on", json_string("images"));
    json_object_set_new(all, "advice", json_string(advice));
    return all;
}

static bool write_page(const struct lab_line *line, const struct evaluation *evaluation, const char *made_on,
    const char *advice, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    AUTO(text_buffer) struct text page = {NULL, 0};
    AUTO(text) char *when = machine_when();
    hex_write(pack_hash(evaluation->pack), HASH_SIZE, hash);
    struct page_words words = {
        "Mizan: false alerts and misses", pack_name(evaluation->pack), hash, made_on, advice, when};
    page_write(&page, &words, &evaluation->trials, evaluation->groups.of ? &evaluation->groups : NULL,
        &evaluation->result);
    return file_write(line->html, 0644, page.data, page.size, err);
}

/* Rates the trials and says what came out, in all the ways that the line asks for. */
static bool conclude(
    const struct lab_line *line, struct evaluation *evaluation, const char *made_on, struct error *err)
{
    double most = LIMIT_FPIR_E9 / 1e9;
    if (line->passages > 0.0)
        most = fmin(most, line->target / line->passages);
    struct search_terms terms = {
        line->entries, line->threshold, most, evaluation->groups.of ? &evaluation->groups : NULL};
    if (!trials_rate(&evaluation->trials, &terms, &evaluation->result, err))
        return false;
    AUTO(text_buffer) struct text advice = {NULL, 0};
    say_advice(line, &evaluation->result, &advice);
    if (line->json)
        lab_print_json(evaluation_json(evaluation, advice.data));
    else {
        print_search(&evaluation->result);
        print_groups(evaluation);
        printf("advice    %s\n", advice.data);
    }
    return (!line->html || write_page(line, evaluation, made_on, advice.data, err)) &&
           lab_report_write(&evaluation->report, line, evaluation->pack, &evaluation->result, err);
}

static bool check_words(const struct lab_line *line, struct error *err)
{
    if (line->place_count != 1)
        return fail(err, ERROR_USAGE, "evaluate search and passages need one folder");
    return !line->report == !line->sign ||
           fail(err, ERROR_USAGE, "--report and --sign go together: a report is signed");
}

/* Everything that can be refused before the pictures are looked at. */
static bool prepare(const struct lab_line *line, struct evaluation *evaluation, struct error *err)
{
    evaluation->pack = lab_pack(line, err);
    return evaluation->pack && dataset_list(&evaluation->dataset, line->places[0], err) &&
           lists_possible(&evaluation->dataset, line->entries, err) && load_groups(line, evaluation, err) &&
           lab_report_begin(&evaluation->report, line, evaluation->pack, err) &&
           (!line->html || lab_can_write(line->html, err));
}

static bool acquire(const struct lab_line *line, struct evaluation *evaluation, struct error *err)
{
    AUTO(analyser) struct analyser *analyser = lab_analyser(line, evaluation->pack, err);
    if (analyser)
        dataset_acquire(&evaluation->dataset, line->places[0], analyser, lab_progress);
    return analyser != NULL;
}

bool lab_search(const struct lab_line *line, struct error *err)
{
    AUTO(evaluation) struct evaluation evaluation = {0};
    return check_words(line, err) && prepare(line, &evaluation, err) && acquire(line, &evaluation, err) &&
           search_trials(&evaluation.dataset, line->entries, &evaluation.trials, err) &&
           conclude(line, &evaluation,
               "Measured on single pictures: each searches the lists that its person is not in, and its own.",
               err);
}

bool lab_walks(const struct lab_line *line, struct error *err)
{
    AUTO(evaluation) struct evaluation evaluation = {0};
    AUTO(backdrop) struct backdrop backdrop = {NULL, 0};
    struct lab_line sized = *line;
    if (!sized.detect_width) {
        sized.detect_width = WALK_WIDTH;
        sized.detect_height = WALK_HEIGHT;
    }
    if (!check_words(line, err) ||
        !backdrop_load(&backdrop, line->background, WALK_WIDTH, WALK_HEIGHT, err) ||
        !prepare(line, &evaluation, err) || !acquire(line, &evaluation, err))
        return false;
    AUTO(analyser) struct analyser *analyser = lab_analyser(&sized, evaluation.pack, err);
    const struct walk_terms terms = {line->places[0], &backdrop, line->entries, line->walks};
    return analyser &&
           walk_trials(&evaluation.dataset, analyser, &terms, lab_progress, &evaluation.trials, err) &&
           conclude(line, &evaluation,
               "Measured on walk-bys composed of single pictures, through detection, passages and decision; "
               "charged as images.",
               err);
}
