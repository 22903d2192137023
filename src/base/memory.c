#include "base/memory.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void out_of_memory(size_t size)
{
    fprintf(stderr, "mizan: out of memory (%zu bytes)\n", size);
    abort();
}

void *memory_allocate(size_t count, size_t size)
{
    void *bytes = calloc(count ? count : 1, size ? size : 1);
    if (!bytes)
        out_of_memory(size);
    return bytes;
}

void *memory_resize(void *old, size_t count, size_t size)
{
    void *bytes = reallocarray(old, count ? count : 1, size ? size : 1);
    if (!bytes)
        out_of_memory(size);
    return bytes;
}

char *memory_copy_text(const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        out_of_memory(strlen(text));
    return copy;
}

void *memory_try_allocate(size_t size, size_t limit, const char *what, struct error *err)
{
    if (size > limit) {
        fail(err, ERROR_TOO_LARGE, "%s would take %zu bytes; the limit is %zu", what, size, limit);
        return NULL;
    }
    void *bytes = calloc(1, size ? size : 1);
    if (!bytes)
        fail(err, ERROR_SYSTEM, "%s: out of memory (%zu bytes)", what, size);
    return bytes;
}

void *memory_allocate_aligned(size_t size)
{
    size_t rounded = (size + 63) & ~(size_t)63;
    void *bytes = aligned_alloc(64, rounded ? rounded : 64);
    if (!bytes)
        out_of_memory(size);
    memset(bytes, 0, rounded ? rounded : 64);
    return bytes;
}

void memory_wipe(void *bytes, size_t size)
{
    sodium_memzero(bytes, size);
}

struct bytes bytes_copy(const void *data, size_t size)
{
    struct bytes copy = {memory_allocate(size, 1), size};
    if (size)
        memcpy(copy.data, data, size);
    return copy;
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){NULL, 0};
}
