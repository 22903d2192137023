#include "cli/lab_report.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/keyfile.h"
#include "sign/statement.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool lab_can_write(const char *path, struct error *err)
{
    AUTO(text) char *folder = memory_copy_text(path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder ? 1 : 0] = '\0';
    return access(slash ? folder : ".", W_OK | X_OK) == 0 || fail_errno(err, "%s", path);
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
        (json_int_t)ceil(result->worst_bound * 1e9), "camera_class", line->camera_class, "made_on", "images",
        "samples", (json_int_t)samples);
}

static struct envelope *sign(const struct lab_report *report, const struct lab_line *line,
    const struct pack *pack, const struct search_result *result, struct error *err)
{
    AUTO(json) json_t *fields = report_fields(line, pack, result);
    if (!fields) {
        fail(err, ERROR_INVALID, "--camera-class has to be text in UTF-8");
        return NULL;
    }
    return envelope_sign(fields, report->secret_key, err);
}

bool lab_report_begin(
    struct lab_report *report, const struct lab_line *line, const struct pack *pack, struct error *err)
{
    const struct search_result trial = {.entries = line->entries,
        .threshold = line->threshold >= 0.0 ? line->threshold : 0.5,
        .non_mated = 1,
        .design_effect = 1.0};
    if (!line->report)
        return true;
    AUTO(text) char *passphrase = keyfile_ask_passphrase(line->sign, err);
    if (!passphrase || !keyfile_open(line->sign, passphrase, report->secret_key, err))
        return false;
    AUTO(envelope) struct envelope *envelope = sign(report, line, pack, &trial, err);
    return envelope && lab_can_write(line->report, err);
}

bool lab_report_write(const struct lab_report *report, const struct lab_line *line, const struct pack *pack,
    const struct search_result *result, struct error *err)
{
    if (!line->report)
        return true;
    AUTO(envelope) struct envelope *envelope = sign(report, line, pack, result, err);
    if (!envelope)
        return false;
    AUTO(json) json_t *signed_report = envelope_json(envelope);
    AUTO(text) char *canonical = json_canonical(signed_report, err);
    return canonical && file_write(line->report, 0644, canonical, strlen(canonical), err);
}

void lab_report_done(struct lab_report *report)
{
    memory_wipe(report->secret_key, sizeof report->secret_key);
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
