#include "store/copy.h"

#include "base/file.h"
#include "base/text.h"
#include "store/store_private.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* A megabyte: a few milliseconds with its sync. */
enum { PAGES_AT_ONCE = 256 };

struct store_copy {
    struct store *store; /* borrowed */
    char *path, *beside; /* owned; it grows under the second name */
    sqlite3 *database;   /* its own connection, to `beside` */
    sqlite3_backup *backup;
    int descriptor; /* of `beside`, for its syncs */
    bool ended;
};

/* The copy lies on another disk, as a rule: what that one lacks is not the site's loss, and a
 * page of the site's own that cannot be read is found by the desk's next question. */
static bool copy_fail(struct store_copy *copy, int result, struct error *err)
{
    switch (result & 0xff) {
    case SQLITE_FULL:
        return fail(err, ERROR_UNAVAILABLE, "%s: the disk is full; make room and ask for the backup again",
            copy->path);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return fail(err, ERROR_UNAVAILABLE,
            "%s: the disk does not answer (%s); check it and ask for the backup again", copy->path,
            sqlite3_errstr(result));
    default:
        return fail(err, ERROR_SYSTEM, "%s: %s", copy->path, sqlite3_errstr(result));
    }
}

/* Nothing reads it before it is whole and synced, so that it needs no journal; few pages of it wait in
 * memory for their sync. */
static bool open_copy(struct store_copy *copy, struct error *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    int result = sqlite3_open_v2(copy->beside, &copy->database, flags, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_exec(copy->database,
            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "PRAGMA cache_size = 100",
            NULL, NULL, NULL);
    if (result != SQLITE_OK)
        return copy_fail(copy, result, err);
    copy->backup = sqlite3_backup_init(copy->database, "main", copy->store->database, "main");
    if (!copy->backup)
        return copy_fail(copy, sqlite3_extended_errcode(copy->database), err);
    result = sqlite3_backup_step(copy->backup, 0); /* says how many pages there are */
    return result == SQLITE_OK || copy_fail(copy, result, err);
}

struct store_copy *store_copy_new(struct store *store, const char *path, struct error *err)
{
    AUTO(store_copy) struct store_copy *copy = memory_allocate(1, sizeof *copy);
    *copy = (struct store_copy){.store = store,
        .path = memory_copy_text(path),
        .beside = text_format("%s.new", path),
        .descriptor = -1};
    unlink(copy->beside); /* of one that was killed */
    if (!store_make_file(copy->beside, err))
        return NULL;
    copy->descriptor = open(copy->beside, O_RDONLY | O_CLOEXEC);
    if (copy->descriptor < 0) {
        fail_errno(err, "%s", copy->beside);
        return NULL;
    }
    return open_copy(copy, err) ? STEAL(copy) : NULL;
}

static bool is_free(const struct store_copy *copy, struct error *err)
{
    return !copy->store->begun ||
           fail(err, ERROR_SYSTEM, "a transaction is open: its changes would be missing");
}

bool store_copy_step(struct store_copy *copy, bool *nearly, struct error *err)
{
    if (!is_free(copy, err))
        return false;
    *nearly = sqlite3_backup_remaining(copy->backup) <= PAGES_AT_ONCE;
    int result = *nearly ? SQLITE_OK : sqlite3_backup_step(copy->backup, PAGES_AT_ONCE);
    if (result != SQLITE_OK)
        return copy_fail(copy, result, err);
    return fdatasync(copy->descriptor) == 0 || fail_errno(err, "%s", copy->beside);
}

static int close_copy(struct store_copy *copy)
{
    int result = copy->backup ? sqlite3_backup_finish(copy->backup) : SQLITE_OK;
    int closed = sqlite3_close_v2(copy->database);
    copy->backup = NULL;
    copy->database = NULL;
    return result == SQLITE_OK ? closed : result;
}

/* Without the mark of a database that has a write-ahead log beside it: it can be read where nothing can be
 * written. */
static int finish_copy(struct store_copy *copy)
{
    int result = sqlite3_backup_step(copy->backup, -1);
    if (result != SQLITE_DONE)
        return result;
    result = sqlite3_backup_finish(copy->backup);
    copy->backup = NULL;
    if (result == SQLITE_OK)
        result = sqlite3_exec(copy->database, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    return result == SQLITE_OK ? close_copy(copy) : result;
}

bool store_copy_end(struct store_copy *copy, struct error *err)
{
    if (!is_free(copy, err))
        return false;
    int result = finish_copy(copy);
    if (result != SQLITE_OK)
        return copy_fail(copy, result, err);
    if (fsync(copy->descriptor) != 0)
        return fail_errno(err, "%s", copy->beside);
    copy->ended = file_move(copy->beside, copy->path, err);
    return copy->ended;
}

void store_copy_free(struct store_copy *copy)
{
    if (!copy)
        return;
    close_copy(copy);
    if (!copy->ended)
        unlink(copy->beside);
    if (copy->descriptor >= 0)
        close(copy->descriptor);
    memory_release(copy->path);
    memory_release(copy->beside);
    memory_release(copy);
}
