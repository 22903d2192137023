#include "cli/lab_command.h"

#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER, OPTION_COUNT, OPTION_SIZE };

static const struct option {
    const char *name;
    enum option_kind kind;
    size_t place; /* in struct lab_line */
    double least, most;
} options[] = {
    {"--json", OPTION_FLAG, offsetof(struct lab_line, json), 0, 0},
    {"--help", OPTION_FLAG, offsetof(struct lab_line, help), 0, 0},
    {"-h", OPTION_FLAG, offsetof(struct lab_line, help), 0, 0},
    {"--serve", OPTION_FLAG, offsetof(struct lab_line, serve), 0, 0},
    {"--pack", OPTION_TEXT, offsetof(struct lab_line, pack), 0, 0},
    {"--report", OPTION_TEXT, offsetof(struct lab_line, report), 0, 0},
    {"--sign", OPTION_TEXT, offsetof(struct lab_line, sign), 0, 0},
    {"--camera-class", OPTION_TEXT, offsetof(struct lab_line, camera_class), 0, 0},
    {"--groups", OPTION_TEXT, offsetof(struct lab_line, groups), 0, 0},
    {"--html", OPTION_TEXT, offsetof(struct lab_line, html), 0, 0},
    {"--background", OPTION_TEXT, offsetof(struct lab_line, background), 0, 0},
    {"--stage", OPTION_TEXT, offsetof(struct lab_line, stage), 0, 0},
    {"--program", OPTION_TEXT, offsetof(struct lab_line, program), 0, 0},
    {"--test-camera", OPTION_TEXT, offsetof(struct lab_line, test_camera), 0, 0},
    {"--detect", OPTION_SIZE, 0, 0, 0},
    {"--threshold", OPTION_NUMBER, offsetof(struct lab_line, threshold), 0.0, 1.0},
    {"--passages", OPTION_NUMBER, offsetof(struct lab_line, passages), 1.0, 1e9},
    {"--target", OPTION_NUMBER, offsetof(struct lab_line, target), 1e-6, 1e3},
    {"--seconds", OPTION_NUMBER, offsetof(struct lab_line, seconds), 1.0, 864000.0},
    {"--entries", OPTION_COUNT, offsetof(struct lab_line, entries), 1, 100000},
    {"--walks", OPTION_COUNT, offsetof(struct lab_line, walks), 1, 100000},
    {"--rounds", OPTION_COUNT, offsetof(struct lab_line, rounds), 1, 100000},
    {"--cameras", OPTION_COUNT, offsetof(struct lab_line, cameras), 1, 64},
};

_Static_assert(COUNT_OF(options) <= 32, "lab_line.given has a bit for each");

static const struct option *find_option(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(options); i++)
        if (!strcmp(word, options[i].name))
            return &options[i];
    return NULL;
}

static bool read_number(const struct option *option, const char *value, double *out, struct error *err)
{
    char *end = NULL;
    double number = strtod(value, &end);
    if (end == value || *end || !(number >= option->least && number <= option->most))
        return fail(err, ERROR_USAGE, "%s takes a number from %g to %g, not '%s'", option->name,
            option->least, option->most, value);
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

static bool read_option(
    const struct option *option, const char *value, struct lab_line *out, struct error *err)
{
    char *place = (char *)out + option->place;
    double number = 0.0;
    if (!value)
        return fail(err, ERROR_USAGE, "%s needs a value", option->name);
    if (option->kind == OPTION_SIZE)
        return read_size(value, out, err);
    if (option->kind == OPTION_TEXT) {
        memcpy(place, &value, sizeof value);
        return true;
    }
    if (!read_number(option, value, &number, err))
        return false;
    int count = (int)number;
    if (option->kind == OPTION_COUNT && (double)count != number)
        return fail(err, ERROR_USAGE, "%s takes a whole number, not '%s'", option->name, value);
    if (option->kind == OPTION_COUNT)
        memcpy(place, &count, sizeof count);
    else
        memcpy(place, &number, sizeof number);
    return true;
}

bool lab_line_parse(int argc, char **argv, struct lab_line *out, struct error *err)
{
    struct lab_line line = {.entries = 20,
        .threshold = -1.0,
        .target = 1.0,
        .cameras = 1,
        .camera_class = "stills eyes 24+ px day"};
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        const struct option *option = find_option(word);
        if (option && option->kind == OPTION_FLAG)
            *(bool *)((char *)&line + option->place) = true;
        else if (option) {
            if (!read_option(option, i + 1 < argc ? argv[i + 1] : NULL, &line, err))
                return false;
            line.given |= 1U << (option - options);
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

bool lab_line_allows(const struct lab_line *line, const char *allowed, struct error *err)
{
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        AUTO(text) char *word = text_format(" %s ", options[i].name);
        if ((line->given >> i & 1U) && !strstr(allowed, word))
            return fail(err, ERROR_USAGE, "this command has no use for %s; --help lists what there is",
                options[i].name);
    }
    return true;
}

char *lab_beside_program(int up, const char *rest)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    for (int i = 0; i < up; i++) {
        char *slash = strrchr(path, '/');
        if (slash)
            *slash = '\0';
    }
    return text_format("%s/%s", path, rest);
}

char *lab_pack_folder(const struct lab_line *line)
{
    const char *assets = getenv("MIZAN_ASSETS");
    if (line->pack)
        return memory_copy_text(line->pack);
    return assets ? text_format("%s/pack", assets) : lab_beside_program(3, "assets/pack");
}

struct pack *lab_pack(const struct lab_line *line, struct error *err)
{
    AUTO(text) char *folder = lab_pack_folder(line);
    struct pack *pack = pack_open(folder, err);
    if (!pack)
        fail_within(err, "the model pack (--pack)");
    return pack;
}

struct analyser *lab_analyser(const struct lab_line *line, const struct pack *pack, struct error *err)
{
    struct analyser_options sizes = {line->detect_width, line->detect_height, 0.0f};
    return analyser_new(pack, &sizes, err);
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
