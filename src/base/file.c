#include "base/file.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static inline void descriptor_auto(const int *slot)
{
    if (*slot >= 0)
        close(*slot);
}

static bool read_all(int descriptor, const char *path, struct bytes *into, struct error *err)
{
    size_t got = 0;
    while (got < into->size) {
        ssize_t step = read(descriptor, into->data + got, into->size - got);
        if (step < 0 && errno == EINTR)
            continue;
        if (step < 0)
            return fail_errno(err, "%s", path);
        if (step == 0)
            return fail(err, ERROR_CORRUPT, "%s: became shorter while it was read", path);
        got += (size_t)step;
    }
    return true;
}

static bool look_at_regular(int descriptor, const char *path, struct stat *status, struct error *err)
{
    if (descriptor < 0 || fstat(descriptor, status) != 0) {
        bool missing = errno == ENOENT;
        fail_errno(err, "%s", path);
        if (missing && err)
            err->code = ERROR_MISSING;
        return false;
    }
    return S_ISREG(status->st_mode) || fail(err, ERROR_INVALID, "%s: not a regular file", path);
}

static int open_regular(const char *path, struct stat *status, struct error *err)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (look_at_regular(descriptor, path, status, err))
        return descriptor;
    descriptor_auto(&descriptor);
    return -1;
}

bool file_read(const char *path, size_t limit, struct bytes *out, struct error *err)
{
    struct stat status;
    AUTO(descriptor) int descriptor = open_regular(path, &status, err);
    if (descriptor < 0)
        return false;
    size_t size = (size_t)status.st_size;
    if (size > limit)
        return fail(err, ERROR_TOO_LARGE, "%s: %zu bytes; the limit is %zu", path, size, limit);
    struct bytes content = {memory_allocate(size + 1, 1), size};
    if (!read_all(descriptor, path, &content, err)) {
        bytes_free(&content);
        return false;
    }
    *out = content;
    return true;
}

static bool write_all(int descriptor, const uint8_t *bytes, size_t size)
{
    while (size) {
        ssize_t step = write(descriptor, bytes, size);
        if (step < 0 && errno == EINTR)
            continue;
        if (step < 0)
            return false;
        bytes += step;
        size -= (size_t)step;
    }
    return true;
}

static bool sync_folder_of(const char *path, struct error *err)
{
    AUTO(text) char *copy = memory_copy_text(path);
    AUTO(descriptor) int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || fsync(folder) != 0)
        return fail_errno(err, "the folder of %s", path);
    return true;
}

/* Takes the file beside the path, as far as it was written, and leaves the old or the new one, never half. */
static bool put_in_place(
    const char *path, const char *beside, int descriptor, mode_t mode, bool written, struct error *err)
{
    written = written && fchmod(descriptor, mode) == 0 && fsync(descriptor) == 0;
    if (!written || rename(beside, path) != 0) {
        fail_errno(err, "%s", path);
        unlink(beside);
        return false;
    }
    return sync_folder_of(path, err);
}

bool file_move(const char *from, const char *to, struct error *err)
{
    return rename(from, to) == 0 ? sync_folder_of(to, err) : fail_errno(err, "%s", to);
}

static int open_beside(const char *beside, mode_t mode, struct error *err)
{
    int descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (descriptor < 0)
        fail_errno(err, "%s", beside);
    return descriptor;
}

bool file_write(const char *path, mode_t mode, const void *bytes, size_t size, struct error *err)
{
    AUTO(text) char *beside = text_format("%s.new", path);
    AUTO(descriptor) int descriptor = open_beside(beside, mode, err);
    return descriptor >= 0 &&
           put_in_place(path, beside, descriptor, mode, write_all(descriptor, bytes, size), err);
}

static bool copy_all(int from, int to)
{
    uint8_t piece[1 << 16];
    for (;;) {
        ssize_t got = read(from, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        if (!write_all(to, piece, (size_t)got))
            return false;
    }
}

bool file_copy(const char *from, const char *to, mode_t mode, struct error *err)
{
    AUTO(text) char *beside = text_format("%s.new", to);
    AUTO(descriptor) int source = open_regular(from, &(struct stat){0}, err);
    AUTO(descriptor) int descriptor = source >= 0 ? open_beside(beside, mode, err) : -1;
    return descriptor >= 0 && put_in_place(to, beside, descriptor, mode, copy_all(source, descriptor), err);
}

bool file_make_folder(const char *path, mode_t mode, struct error *err)
{
    AUTO(text) char *copy = memory_copy_text(path);
    for (char *slash = copy + 1; *slash; slash++) {
        if (*slash != '/')
            continue;
        *slash = '\0';
        if (mkdir(copy, 0755) != 0 && errno != EEXIST)
            return fail_errno(err, "%s", copy);
        *slash = '/';
    }
    if (mkdir(copy, mode) != 0 && errno != EEXIST)
        return fail_errno(err, "%s", copy);
    return true;
}
