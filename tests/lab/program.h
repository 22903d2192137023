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
static char lab_folder[] = "/tmp/mizan-lab-XXXXXX"; /* where it runs; gone at the end */

/* The program's path is the only word of each of these tests. */
static inline bool lab_begin(int argc, char **argv)
{
    lab_program = argc == 2 ? argv[1] : NULL;
    return lab_program && mkdtemp(lab_folder);
}

static inline int lab_clean_up(void **state)
{
    (void)state;
    AUTO(text) char *line = text_format("rm -rf %s", lab_folder);
    return system(line);
}

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

/* It ends with this status and one line at the end of what it wrote, which says this. The heap's. */
static inline char *lab_refuse(const char *words, int wanted, const char *says)
{
    int status = 0;
    char *output = lab_run(lab_folder, &status, words);
    const char *line = strstr(output, "mizan-lab: ");
    if (status != wanted || !line || !strstr(line, says))
        fail_msg("%s: status %d: %s", words, status, output);
    assert_ptr_equal(strchr(line, '\n') + 1, output + strlen(output));
    return output;
}
