/* Memory and ownership.
 *
 * AUTO(type) frees a local at the end of its scope; STEAL(pointer) takes the value out of such a local, to
 * hand it on. The plain functions abort when memory is out; memory whose size comes from outside goes through
 * memory_try_allocate with a limit. */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* AUTO(gallery) struct gallery *g = ...; calls gallery_free_auto, which AUTO_FREE(gallery, gallery_free)
 * makes. */
#define AUTO(noun) __attribute__((cleanup(noun##_auto)))
#define AUTO_FREE(noun, type, release)                                                                       \
    static inline void noun##_auto(type *slot)                                                               \
    {                                                                                                        \
        if (*slot)                                                                                           \
            release(*slot);                                                                                  \
    }
#define STEAL(pointer) ((__typeof__(pointer))memory_steal(&(pointer)))
static inline void *memory_steal(void *slot)
{
    void *taken;
    __builtin_memcpy(&taken, slot, sizeof taken);
    __builtin_memset(slot, 0, sizeof taken);
    return taken;
}

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Zeroed; aborts when memory is out or the product overflows. */
void *memory_allocate(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *memory_resize(void *old, size_t count, size_t size) __attribute__((returns_nonnull));
char *memory_copy_text(const char *text) __attribute__((malloc, returns_nonnull));

/* Zeroed, at most `limit` bytes; NULL with ERROR_TOO_LARGE naming `what` beyond it. */
void *memory_try_allocate(size_t size, size_t limit, const char *what, struct error *err);

/* Zeroed and aligned to 64 bytes, for vector code; release with free(). */
void *memory_allocate_aligned(size_t size) __attribute__((malloc, returns_nonnull));

/* Overwrites in a way the compiler keeps. */
void memory_wipe(void *bytes, size_t size);

static inline void memory_release(void *pointer)
{
    __builtin_free(pointer);
}
static inline void heap_auto(void *slot)
{
    memory_release(*(void **)slot);
}
static inline void text_auto(char **slot)
{
    memory_release(*slot);
}

/* A run of bytes that owns its memory when it came from bytes_*, and borrows it when a function says so. */
struct bytes {
    uint8_t *data;
    size_t size;
};

struct bytes bytes_copy(const void *data, size_t size);
void bytes_free(struct bytes *bytes); /* wipes nothing; leaves {NULL, 0} */
static inline void bytes_auto(struct bytes *slot)
{
    bytes_free(slot);
}
