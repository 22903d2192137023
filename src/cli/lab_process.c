#include "cli/lab_process.h"

#include "base/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PROC_TEXT_LIMIT = 16384 };

static bool read_proc(int pid, const char *name, struct bytes *out)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    out->data = memory_allocate(PROC_TEXT_LIMIT + 1, 1);
    out->size = fread(out->data, 1, PROC_TEXT_LIMIT, file);
    fclose(file);
    return out->size > 0;
}

/* The fields of /proc/PID/stat from the state on: the name before it may hold anything. */
static const char *stat_fields(int pid, struct bytes *text)
{
    const char *end = read_proc(pid, "stat", text) ? strrchr((const char *)text->data, ')') : NULL;
    return end && end[1] ? end + 2 : NULL;
}

static bool is_own_child(int pid)
{
    AUTO(bytes) struct bytes text = {NULL, 0};
    const char *fields = stat_fields(pid, &text);
    return fields && fields[0] && strtol(fields + 1, NULL, 10) == getpid();
}

/* The word after `option`, or the second word for NULL. */
static const char *argument_of(const struct bytes *line, const char *option)
{
    const char *word = (const char *)line->data;
    const char *end = word + line->size;
    for (word += strlen(word) + 1; option && word < end && strcmp(word, option) != 0;)
        word += strlen(word) + 1;
    if (option && word < end)
        word += strlen(word) + 1;
    return word < end ? word : "";
}

int child_find(const char *kind, const char *name)
{
    int found = 0;
    DIR *folder = opendir("/proc");
    for (const struct dirent *entry = folder ? readdir(folder) : NULL; entry && !found;
         entry = readdir(folder)) {
        AUTO(bytes) struct bytes line = {NULL, 0};
        int pid = (int)strtol(entry->d_name, NULL, 10);
        if (pid > 0 && is_own_child(pid) && read_proc(pid, "cmdline", &line) &&
            !strcmp(argument_of(&line, NULL), kind) && !strcmp(argument_of(&line, "--name"), name))
            found = pid;
    }
    if (folder)
        closedir(folder);
    return found;
}

int64_t child_used_us(int pid)
{
    AUTO(bytes) struct bytes text = {NULL, 0};
    unsigned long user = 0;
    unsigned long system = 0;
    const char *fields = stat_fields(pid, &text);
    if (!fields || sscanf(fields, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        return 0;
    return (int64_t)(user + system) * (1000000 / sysconf(_SC_CLK_TCK));
}

long child_pss_kb(int pid)
{
    AUTO(bytes) struct bytes text = {NULL, 0};
    const char *line =
        read_proc(pid, "smaps_rollup", &text) ? strstr((const char *)text.data, "\nPss:") : NULL;
    return line ? strtol(line + 5, NULL, 10) : -1;
}
