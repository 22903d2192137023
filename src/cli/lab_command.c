#include "cli/lab_command.h"

#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_number(
    const char *option, const char *value, double least, double most, double *out, struct error *err)
{
    char *end = NULL;
    double number = strtod(value, &end);
    if (end == value || *end || !(number >= least && number <= most))
        return fail(
            err, ERROR_USAGE, "%s takes a number from %g to %g, not '%s'", option, least, most, value);
    *out = number;
    return true;
}

static bool read_size(const char *value, struct lab_line *out, struct error *err)
{
    int end = 0;
    if (sscanf(value, "%4dx%4d%n", &out->detect_width, &out->detect_height, &end) == 2 && !value[end] &&
        out->detect_width >= 64 && out->detect_height >= 64)
        return true;
    return fail(err, ERROR_USAGE, "--detect takes a size such as 640x480, not '%s'", value);
}

static bool read_count(const char *option, const char *value, int *out, struct error *err)
{
    double count = 0.0;
    if (!read_number(option, value, 1, 100000, &count, err))
        return false;
    *out = (int)count;
    return true;
}

static bool read_option(const char *option, const char *value, struct lab_line *out, struct error *err)
{
    struct {
        const char *name;
        const char **slot;
    } texts[] = {{"--pack", &out->pack}, {"--report", &out->report}, {"--sign", &out->sign},
        {"--camera-class", &out->camera_class}, {"--groups", &out->groups}, {"--html", &out->html},
        {"--background", &out->background}};
    if (!value)
        return fail(err, ERROR_USAGE, "%s needs a value", option);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (!strcmp(option, texts[i].name)) {
            *texts[i].slot = value;
            return true;
        }
    if (!strcmp(option, "--detect"))
        return read_size(value, out, err);
    if (!strcmp(option, "--threshold"))
        return read_number(option, value, 0.0, 1.0, &out->threshold, err);
    if (!strcmp(option, "--passages"))
        return read_number(option, value, 1.0, 1e9, &out->passages, err);
    if (!strcmp(option, "--target"))
        return read_number(option, value, 1e-6, 1e3, &out->target, err);
    return read_count(option, value, strcmp(option, "--walks") ? &out->entries : &out->walks, err);
}

static bool takes_value(const char *option)
{
    static const char *const names[] = {"--pack", "--report", "--sign", "--camera-class", "--detect",
        "--threshold", "--entries", "--groups", "--html", "--passages", "--target", "--background",
        "--walks"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (!strcmp(option, names[i]))
            return true;
    return false;
}

bool lab_line_parse(int argc, char **argv, struct lab_line *out, struct error *err)
{
    struct lab_line line = {
        .entries = 20, .threshold = -1.0, .target = 1.0, .camera_class = "stills eyes 24+ px day"};
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (!strcmp(word, "--json"))
            line.json = true;
        else if (!strcmp(word, "--help") || !strcmp(word, "-h"))
            line.help = true;
        else if (takes_value(word)) {
            if (!read_option(word, i + 1 < argc ? argv[i + 1] : NULL, &line, err))
                return false;
            i++;
        } else if (word[0] == '-' && word[1])
            return fail(err, ERROR_USAGE, "unknown option '%s'; --help lists them", word);
        else if (line.place_count == LAB_PLACES)
            return fail(err, ERROR_USAGE, "more than %d arguments", LAB_PLACES);
        else
            line.places[line.place_count++] = word;
    }
    *out = line;
    return true;
}

/* build/src/cli/mizan-lab → build/assets/pack */
static char *pack_beside_program(void)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length < 0)
        return memory_copy_text("build/assets/pack");
    path[length] = '\0';
    for (int up = 0; up < 3; up++) {
        char *slash = strrchr(path, '/');
        if (slash)
            *slash = '\0';
    }
    return text_format("%s/assets/pack", path);
}

struct pack *lab_pack(const struct lab_line *line, struct error *err)
{
    const char *assets = getenv("MIZAN_ASSETS");
    AUTO(text) char *folder = NULL;
    if (line->pack)
        folder = memory_copy_text(line->pack);
    else if (assets)
        folder = text_format("%s/pack", assets);
    else
        folder = pack_beside_program();
    struct pack *pack = pack_open(folder, err);
    if (!pack)
        fail_within(err, "the model pack (--pack)");
    return pack;
}

struct analyser *lab_analyser(const struct lab_line *line, const struct pack *pack, struct error *err)
{
    struct analyser_options options = {line->detect_width, line->detect_height, 0.0f};
    return analyser_new(pack, &options, err);
}

void lab_progress(size_t done, size_t of)
{
    bool terminal = isatty(STDERR_FILENO);
    fprintf(stderr, "%s%zu of %zu pictures%s", terminal ? "\r" : "", done, of,
        !terminal || done == of ? "\n" : "");
}

void lab_print_json(json_t *value)
{
    AUTO(json) json_t *owned = value;
    AUTO(text) char *text = json_dumps(owned, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(9));
    printf("%s\n", text ? text : "null");
}
