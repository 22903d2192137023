/* mizan-lab as its users run it: its words in, its lines and its exit status out. */
#pragma once

#include "base/json.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char *lab_program;

static inline char *lab_asset(const char *place)
{
    const char *assets = getenv("MIZAN_ASSETS");
    char *path = text_format("%s/%s", assets ? assets : "build/assets", place);
    if (access(path, R_OK)) {
        fprintf(stderr, "skipped: no %s (tools/setup fetches it)\n", path);
        exit(77);
    }
    return path;
}

/* What it wrote to standard output, with standard error after it where it failed; its status in *status. */
static inline char *lab_run(const char *folder, int *status, const char *words)
{
    AUTO(text)
    char *line = text_format("cd %s && ulimit -t 120 && exec %s %s 2>said", folder, lab_program, words);
    struct text output = {NULL, 0};
    char part[4096];
    FILE *pipe = popen(line, "r");
    assert_non_null(pipe);
    for (size_t size; (size = fread(part, 1, sizeof part, pipe)) > 0;)
        text_add_bytes(&output, part, size);
    int ended = pclose(pipe);
    *status = WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
    if (*status) {
        AUTO(text) char *path = text_format("%s/said", folder);
        FILE *said = fopen(path, "r");
        for (size_t size; said && (size = fread(part, 1, sizeof part, said)) > 0;)
            text_add_bytes(&output, part, size);
        if (said)
            fclose(said);
    }
    return output.data ? output.data : memory_copy_text("");
}

/* Its line of JSON; fails the test when it did not end well. A new reference. */
static inline json_t *lab_answer(const char *folder, const char *words)
{
    int status = 0;
    AUTO(text) char *output = lab_run(folder, &status, words);
    if (status)
        fail_msg("%s: status %d: %s", words, status, output);
    json_t *answer = json_loads(output, JSON_DECODE_ANY, NULL);
    if (!answer)
        fail_msg("%s: not JSON: %s", words, output);
    return answer;
}

/* "a.b.c" of a JSON object, as a number; fails when it is not there. */
static inline double lab_number(const json_t *answer, const char *path)
{
    char name[64];
    const json_t *at = answer;
    for (const char *from = path; *from;) {
        size_t length = strcspn(from, ".");
        snprintf(name, sizeof name, "%.*s", (int)length, from);
        at = json_object_get(at, name);
        from += length + (from[length] == '.');
    }
    if (!json_is_number(at))
        fail_msg("no number at %s", path);
    return json_number_value(at);
}
