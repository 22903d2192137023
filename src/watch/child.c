#include "watch/child.h"

#include "base/clock.h"
#include "base/log.h"
#include "watch/sandbox.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_number(const char *name, const char *text, long *out, struct error *err)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*end || end == text || value < 0 || value > 0x7FFFFFFF)
        return fail(err, ERROR_USAGE, "--%s wants a number, not '%s'", name, text);
    *out = value;
    return true;
}

static bool read_kind(const char *word, enum site_kind *out, struct error *err)
{
    if (strcmp(word, "demo") && strcmp(word, "live"))
        return fail(err, ERROR_USAGE, "--kind is demo or live, not '%s'", word);
    *out = strcmp(word, "live") ? SITE_DEMO : SITE_LIVE;
    return true;
}

static bool read_option(const char *name, const char *value, struct child_options *out, struct error *err)
{
    long number = 0;
    const struct {
        const char *name;
        const char **to;
    } texts[] = {{"name", &out->name}, {"pack", &out->pack_folder}, {"root-key", &out->root_key_file},
        {"site", &out->site}};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (!strcmp(name, texts[i].name)) {
            *texts[i].to = value;
            return true;
        }
    if (!strcmp(name, "kind"))
        return read_kind(value, &out->kind, err);
    if (!read_number(name, value, &number, err))
        return false;
    if (!strcmp(name, "desk"))
        out->desk = (int)number;
    else if (!strcmp(name, "other"))
        out->other = (int)number;
    else if (!strcmp(name, "parent"))
        out->parent = (int)number;
    else if (!strcmp(name, "uid"))
        out->uid = (unsigned)number;
    else
        return fail(err, ERROR_USAGE, "no option --%s", name);
    return true;
}

bool child_options_read(int argc, char **argv, struct child_options *out, struct error *err)
{
    struct child_options options = {
        .desk = -1, .other = -1, .name = "", .pack_folder = "", .root_key_file = "", .site = ""};
    for (int i = 1; i < argc; i += 2) {
        if (strncmp(argv[i], "--", 2) || i + 1 >= argc)
            return fail(err, ERROR_USAGE, "'%s': the desk starts this process, nobody else", argv[i]);
        if (!read_option(argv[i] + 2, argv[i + 1], &options, err))
            return false;
    }
    if (options.desk < 0)
        return fail(err, ERROR_USAGE, "the desk starts this process, nobody else");
    *out = options;
    return true;
}

int child_main(const char *kind, bool (*run)(const struct child_options *options, struct error *err),
    int argc, char **argv)
{
    struct error err = {0};
    struct child_options options;
    char process[48];
    bool done = child_options_read(argc, argv, &options, &err);
    snprintf(process, sizeof process, "%s %s", kind, done ? options.name : "");
    log_start(process, LOG_INFO);
    signal(SIGPIPE, SIG_IGN);
    done = done && sandbox_follow_parent(options.parent, &err) && run(&options, &err);
    if (!done)
        log_write(err.code == ERROR_UNAVAILABLE ? LOG_INFO : LOG_ERROR, "process_ends", "%s", err.text);
    return done ? 0 : error_exit_status(err.code);
}
