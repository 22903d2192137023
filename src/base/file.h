/* Whole files, bounded on reading and atomic on writing. */
#pragma once

#include "base/memory.h"

#include <sys/types.h>

/* The whole file, at most `limit` bytes; the buffer has one NUL after `size`. */
bool file_read(const char *path, size_t limit, struct bytes *out, struct error *err);

/* Writes beside the path, fsyncs, renames over it and fsyncs the folder: old or new, never half. */
bool file_write(const char *path, mode_t mode, const void *bytes, size_t size, struct error *err);

/* A copy of a regular file of any size, put in place as file_write does. */
bool file_copy(const char *from, const char *to, mode_t mode, struct error *err);

/* A file or a folder whose content is synced, to another name beside it: whole after a crash, or not there.
 */
bool file_move(const char *from, const char *to, struct error *err);

/* Makes the folder and those above it that are missing. */
bool file_make_folder(const char *path, mode_t mode, struct error *err);
