/* Replays a fuzz target's corpus without a fuzzer: every file of the folder, then mutations of them drawn
 * from a fixed seed, so that every run is the same run.
 *
 *   replay FOLDER MUTATIONS
 *
 * A target that dies leaves the name of the file and the number of the mutation on standard error. */
#include "base/file.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES = 64, FILE_LIMIT = 1 << 16, CHANGES = 4 };

struct corpus {
    char names[FILES][256];
    struct bytes files[FILES];
    size_t count;
};

static char current[512];

static void tell_and_die(int number)
{
    size_t size = strlen(current);
    if (write(STDERR_FILENO, current, size) != (ssize_t)size)
        _exit(1);
    signal(number, SIG_DFL);
    raise(number);
}

static uint32_t draw(uint32_t below)
{
    static uint64_t state = 0x9e3779b97f4a7c15;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % below;
}

static int by_name(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

static int is_seed(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool corpus_load(struct corpus *corpus, const char *folder, struct error *err)
{
    struct dirent **entries = NULL;
    int found = scandir(folder, &entries, is_seed, by_name);
    bool good = found > 0 && found <= FILES;
    for (int i = 0; i < found; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        snprintf(corpus->names[corpus->count], sizeof corpus->names[0], "%s", entries[i]->d_name);
        good = good && file_read(path, FILE_LIMIT, &corpus->files[corpus->count], err);
        corpus->count += good;
        free(entries[i]);
    }
    free(entries);
    return good || fail(err, ERROR_MISSING, "%s holds no corpus of 1 to %d files", folder, FILES);
}

/* A copy of exactly its size, so that a sanitiser sees reading past it. */
static void try_input(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = memory_allocate(size ? size : 1, 1);
    if (size)
        memcpy(copy, bytes, size);
    uint8_t *exact = size ? realloc(copy, size) : copy;
    LLVMFuzzerTestOneInput(exact ? exact : copy, size);
    free(exact ? exact : copy);
}

static size_t overwrite(uint8_t *bytes, size_t size)
{
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff, '"', '{', '\n', '-', '9'};
    bytes[draw((uint32_t)size)] = values[draw(COUNT_OF(values))];
    return size;
}

static size_t flip(uint8_t *bytes, size_t size)
{
    bytes[draw((uint32_t)size)] ^= (uint8_t)(1U << draw(8));
    return size;
}

static size_t drop(uint8_t *bytes, size_t size)
{
    uint32_t from = draw((uint32_t)size), length = 1 + draw((uint32_t)size - from);
    memmove(bytes + from, bytes + from + length, size - from - length);
    return size - length;
}

static size_t repeat(uint8_t *bytes, size_t size)
{
    uint32_t from = draw((uint32_t)size), length = 1 + draw((uint32_t)size - from);
    if (size + length > FILE_LIMIT)
        return size;
    memmove(bytes + from + length, bytes + from, size - from);
    return size + length;
}

static size_t mutate(uint8_t *bytes, size_t size)
{
    static size_t (*const changes[CHANGES])(uint8_t *, size_t) = {overwrite, flip, drop, repeat};
    for (uint32_t left = 1 + draw(6); left > 0 && size > 0; left--)
        size = changes[draw(CHANGES)](bytes, size);
    return size;
}

static void replay(const struct corpus *corpus, int mutations)
{
    static uint8_t bytes[FILE_LIMIT];
    for (size_t i = 0; i < corpus->count; i++) {
        snprintf(current, sizeof current, "died on %s as it is\n", corpus->names[i]);
        try_input(corpus->files[i].data, corpus->files[i].size);
    }
    for (int i = 0; i < mutations; i++) {
        size_t which = draw((uint32_t)corpus->count);
        const struct bytes *file = &corpus->files[which];
        if (file->size)
            memcpy(bytes, file->data, file->size);
        snprintf(current, sizeof current, "died on mutation %d, of %s\n", i, corpus->names[which]);
        try_input(bytes, mutate(bytes, file->size));
    }
}

int main(int argc, char **argv)
{
    static struct corpus corpus;
    static const int deaths[] = {SIGABRT, SIGSEGV, SIGILL, SIGTRAP, SIGFPE, SIGBUS};
    struct error err = {0};
    if (argc != 3 || !corpus_load(&corpus, argv[1], &err)) {
        fprintf(stderr, "replay FOLDER MUTATIONS: %s\n", err.text);
        return 2;
    }
    for (size_t i = 0; i < COUNT_OF(deaths); i++)
        signal(deaths[i], tell_and_die);
    replay(&corpus, atoi(argv[2]));
    printf("%zu files and %s mutations\n", corpus.count, argv[2]);
    for (size_t i = 0; i < corpus.count; i++)
        bytes_free(&corpus.files[i]);
    return 0;
}
