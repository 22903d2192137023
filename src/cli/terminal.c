#include "cli/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { LINE_LIMIT = 256 };

/* A terminal, or a program that types as one would. */
static bool read_line(bool secret, char line[static LINE_LIMIT])
{
    struct termios before;
    bool hides = secret && tcgetattr(STDIN_FILENO, &before) == 0;
    if (hides) {
        struct termios silent = before;
        silent.c_lflag &= (tcflag_t)~ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    char *got = fgets(line, LINE_LIMIT, stdin);
    if (hides) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
    }
    line[got ? strcspn(line, "\n") : 0] = '\0';
    return got != NULL;
}

char *terminal_ask(const char *words, const char *given, bool secret, struct error *err)
{
    char line[LINE_LIMIT] = "";
    const char *value = getenv(given);
    if (value)
        return memory_copy_text(value);
    if (isatty(STDIN_FILENO))
        fprintf(stderr, "%s: ", words);
    if (!read_line(secret, line)) {
        fail(err, ERROR_USAGE, "%s: run this at a terminal, or set %s", words, given);
        return NULL;
    }
    if (!line[0]) {
        fail(err, ERROR_USAGE, "%s: nothing was typed", words);
        return NULL;
    }
    char *copy = memory_copy_text(line);
    memory_wipe(line, sizeof line);
    return copy;
}

char *terminal_ask_if_any(const char *words, const char *given)
{
    char line[LINE_LIMIT] = "";
    const char *value = getenv(given);
    if (!value && isatty(STDIN_FILENO)) {
        fprintf(stderr, "%s: ", words);
        read_line(true, line);
    }
    char *copy = memory_copy_text(value ? value : line);
    memory_wipe(line, sizeof line);
    return copy;
}

void terminal_wipe(char **text)
{
    if (*text)
        memory_wipe(*text, strlen(*text));
    memory_release(*text);
    *text = NULL;
}
