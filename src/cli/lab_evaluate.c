#include "cli/lab_command.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/keyfile.h"
#include "lab/pairs.h"
#include "lab/search.h"
#include "sign/limits.h"
#include "sign/statement.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PAIRS_TEXT_LIMIT = 64 << 20 };

static bool load(const struct lab_line *line, struct pack **pack, struct dataset *dataset, struct error *err)
{
    AUTO(pack) struct pack *open = lab_pack(line, err);
    AUTO(analyser) struct analyser *analyser = open ? lab_analyser(line, open, err) : NULL;
    if (!analyser || !dataset_load(dataset, line->places[0], analyser, lab_progress, err))
        return false;
    *pack = STEAL(open);
    return true;
}

static void print_pairs(
    const struct lab_line *line, const struct dataset *dataset, const struct pairs_result *result)
{
    if (line->json) {
        lab_print_json(json_pack("{s:I, s:i, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "pairs",
            (json_int_t)result->pairs, "folds", result->folds, "pictures", (json_int_t)dataset->sample_count,
            "no_face", (json_int_t)dataset->nothing_count, "covered", (json_int_t)dataset->covered_count,
            "refused_by_quality", (json_int_t)dataset->poor_count, "accuracy", result->accuracy,
            "standard_error", result->deviation, "threshold", result->threshold, "tar_at_far_1e-2",
            result->tar_at_1_percent, "threshold_at_far_1e-2", (double)result->threshold_at_1_percent,
            "tar_at_far_1e-3", result->tar_at_1_per_mille, "threshold_at_far_1e-3",
            (double)result->threshold_at_1_per_mille));
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

bool lab_pairs(const struct lab_line *line, struct error *err)
{
    if (line->place_count != 1)
        return fail(err, ERROR_USAGE, "evaluate pairs needs one folder");
    AUTO(text) char *path = text_format("%s/pairs.txt", line->places[0]);
    AUTO(bytes) struct bytes text = {NULL, 0};
    AUTO(pack) struct pack *pack = NULL;
    AUTO(dataset) struct dataset dataset = {.names = NULL};
    AUTO(pairs) struct pairs pairs = {NULL, 0, 0};
    struct pairs_result result;
    if (!file_read(path, PAIRS_TEXT_LIMIT, &text, err) || !load(line, &pack, &dataset, err) ||
        !pairs_parse((const char *)text.data, path, &dataset, &pairs, err) ||
        !pairs_evaluate(&pairs, &result, err))
        return false;
    print_pairs(line, &dataset, &result);
    return true;
}

static json_t *search_json(const struct search_result *result)
{
    return json_pack(
        "{s:i, s:i, s:i, s:f, s:I, s:I, s:f, s:[f,f], s:f, s:f, s:f, s:I, s:I, s:I, s:f, s:[f,f]}", "n",
        result->entries, "lists", result->lists, "persons", result->persons, "threshold", result->threshold,
        "non_mated", (json_int_t)result->non_mated, "false_alerts", (json_int_t)result->false_alerts, "fpir",
        result->fpir, "fpir_interval", result->fpir_interval.low, result->fpir_interval.high, "design_effect",
        result->design_effect, "fpir_bound", result->fpir_bound, "charged_bound", result->charged_bound,
        "mated", (json_int_t)result->mated, "misses", (json_int_t)result->misses, "failures_to_acquire",
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

/* Bounds are rounded up, never down. `samples` is what the searches are worth as independent ones. */
static json_t *report_fields(
    const struct lab_line *line, const struct pack *pack, const struct search_result *result)
{
    char hash[HEX_HASH_SIZE];
    hex_write(pack_hash(pack), HASH_SIZE, hash);
    double samples = floor((double)result->non_mated / result->design_effect);
    return json_pack("{s:s, s:s, s:s, s:I, s:s, s:i, s:I, s:I, s:s, s:s, s:I}", "type", "report", "site",
        "lab", "by", "lab", "at", (json_int_t)clock_now_s(), "pack_hash", hash, "n", result->entries,
        "threshold_e6", (json_int_t)llround(result->threshold * 1e6), "fpir_bound_e9",
        (json_int_t)ceil(result->charged_bound * 1e9), "camera_class", line->camera_class, "made_on",
        "images", "samples", (json_int_t)samples);
}

static bool write_report(const struct lab_line *line, const struct pack *pack,
    const struct search_result *result, struct error *err)
{
    uint8_t secret_key[SECRET_KEY_SIZE];
    AUTO(text) char *passphrase = keyfile_ask_passphrase(line->sign, err);
    if (!passphrase || !keyfile_open(line->sign, passphrase, secret_key, err))
        return false;
    AUTO(json) json_t *fields = report_fields(line, pack, result);
    AUTO(envelope) struct envelope *envelope = envelope_sign(fields, secret_key, err);
    memory_wipe(secret_key, sizeof secret_key);
    if (!envelope)
        return false;
    AUTO(json) json_t *signed_report = envelope_json(envelope);
    AUTO(text) char *canonical = json_canonical(signed_report, err);
    return canonical && file_write(line->report, 0644, canonical, strlen(canonical), err);
}

bool lab_search(const struct lab_line *line, struct error *err)
{
    if (line->place_count != 1)
        return fail(err, ERROR_USAGE, "evaluate search needs one folder");
    if (!line->report != !line->sign)
        return fail(err, ERROR_USAGE, "--report and --sign go together: a report is signed");
    AUTO(pack) struct pack *pack = NULL;
    AUTO(dataset) struct dataset dataset = {.names = NULL};
    struct search_terms terms = {line->entries, line->threshold, LIMIT_FPIR_E9 / 1e9};
    struct search_result result;
    if (!load(line, &pack, &dataset, err) || !search_evaluate(&dataset, &terms, &result, err))
        return false;
    if (line->json)
        lab_print_json(search_json(&result));
    else
        print_search(&result);
    return !line->report || write_report(line, pack, &result, err);
}

bool lab_key(const struct lab_line *line, struct error *err)
{
    if (line->place_count != 1)
        return fail(err, ERROR_USAGE, "key needs one file");
    uint8_t public_key[PUBLIC_KEY_SIZE];
    char hex[2 * PUBLIC_KEY_SIZE + 1];
    AUTO(text) char *passphrase = keyfile_ask_passphrase(line->places[0], err);
    if (!passphrase || !keyfile_make(line->places[0], passphrase, public_key, err))
        return false;
    hex_write(public_key, sizeof public_key, hex);
    if (line->json)
        lab_print_json(json_pack("{s:s}", "public", hex));
    else
        printf("%s\n", hex);
    return true;
}
