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

bool file_read(const char *path, size_t limit, struct bytes *out, struct error *err)
{
    AUTO(descriptor) int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        bool missing = errno == ENOENT;
        fail_errno(err, "%s", path);
        if (missing && err)
            err->code = ERROR_MISSING;
        return false;
    }
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return fail_errno(err, "%s", path);
    if (!S_ISREG(status.st_mode))
        return fail(err, ERROR_INVALID, "%s: not a regular file", path);
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

bool file_write(const char *path, mode_t mode, const void *bytes, size_t size, struct error *err)
{
    AUTO(text) char *beside = text_format("%s.new", path);
    AUTO(descriptor) int descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (descriptor < 0)
        return fail_errno(err, "%s", beside);
    bool written =
        fchmod(descriptor, mode) == 0 && write_all(descriptor, bytes, size) && fsync(descriptor) == 0;
    if (!written || rename(beside, path) != 0) {
        fail_errno(err, "%s", path);
        unlink(beside);
        return false;
    }
    return sync_folder_of(path, err);
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
