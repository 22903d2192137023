#include "base/log.h"

#include "base/clock.h"
#include "base/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char process_name[64] = "mizan";
static enum log_level least_level = LOG_INFO;

void log_start(const char *process, enum log_level least)
{
    snprintf(process_name, sizeof process_name, "%s", process);
    least_level = least;
}

void log_write(enum log_level level, const char *event, const char *format, ...)
{
    static const char *const words[] = {"debug", "info", "warning", "error"};
    if (level < least_level)
        return;
    char sentence[768];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    char when[21];
    clock_write_iso(clock_now_s(), when);
    json_t *line = json_pack("{s:s, s:s, s:s, s:s, s:s?}", "at", when, "level", words[level], "process",
        process_name, "event", event, "text", sentence);
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
    size_t size = text ? strlen(text) : 0;
    if (text) {
        /* Not dprintf: it asks for the file's kind, a call that locked-up processes do not have. */
        text[size] = '\n';
        (void)!write(STDERR_FILENO, text, size + 1);
    }
    free(text);
    json_decref(line);
}
