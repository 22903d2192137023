#include "store/store.h"

#include "base/text.h"
#include "store/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct query {
    struct store *store;
    sqlite3_stmt *statement;
    bool finished;
    struct error wrong;
};

static bool refuse(struct error *err, enum error_code code, const char *what, const char *cure)
{
    return fail(err, code, "%s: %s", what, cure);
}

static void give_up_transaction(struct store *store)
{
    if (sqlite3_get_autocommit(store->database) == 0)
        sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
    store->rolled_back = store->begun;
}

/* A write that was not synced, and what cannot be read: neither is over when the disk has room again. */
bool store_means_lost(int extended)
{
    switch (extended) {
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_READ:
    case SQLITE_IOERR_SHORT_READ:
    case SQLITE_IOERR_CORRUPTFS:
    case SQLITE_IOERR_DATA:
        return true;
    default:
        return (extended & 0xff) == SQLITE_CORRUPT || (extended & 0xff) == SQLITE_NOTADB;
    }
}

/* Turns a result of SQLite into an error; the only place that knows its codes. */
static bool sql_fail(struct store *store, int result, struct error *err)
{
    if (store_means_lost(sqlite3_extended_errcode(store->database)))
        store->lost = true;
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return refuse(err, ERROR_CONFLICT, store->path,
            "another process holds the database; stop the desk that runs on it first");
    case SQLITE_CONSTRAINT:
        return fail(err, ERROR_CONFLICT, "%s", sqlite3_errmsg(store->database));
    case SQLITE_FULL:
        give_up_transaction(store);
        return refuse(err, ERROR_UNAVAILABLE, store->path, "the disk is full; make room and try again");
    case SQLITE_IOERR:
        give_up_transaction(store);
        return fail(err, ERROR_UNAVAILABLE, "%s: the disk does not answer: %s", store->path,
            sqlite3_errmsg(store->database));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return refuse(err, ERROR_CORRUPT, store->path,
            "no sound database; check the disk, and restore the backup when the disk is sound");
    default:
        return fail(err, ERROR_SYSTEM, "%s: %s", store->path, sqlite3_errmsg(store->database));
    }
}

static bool usable(const struct store *store, struct error *err)
{
    if (store->lost)
        return refuse(err, ERROR_UNAVAILABLE, store->path,
            "it lost a write or cannot be read; stop, check the disk and open the site again");
    if (store->rolled_back)
        return refuse(err, ERROR_UNAVAILABLE, store->path, "the transaction was rolled back before");
    return true;
}

bool store_is_lost(const struct store *store)
{
    return store->lost;
}

bool store_run(struct store *store, const char *sql, struct error *err)
{
    if (!usable(store, err))
        return false;
    int result = sqlite3_exec(store->database, sql, NULL, NULL, NULL);
    return result == SQLITE_OK || sql_fail(store, result, err);
}

bool store_begin(struct store *store, struct error *err)
{
    if (store->begun)
        return fail(err, ERROR_CONFLICT, "a transaction is open already");
    store->begun = store_run(store, "BEGIN IMMEDIATE", err);
    return store->begun;
}

bool store_commit(struct store *store, struct error *err)
{
    if (!store_run(store, "COMMIT", err)) {
        store_rollback(store);
        return false;
    }
    store->begun = false;
    return true;
}

void store_rollback(struct store *store)
{
    if (sqlite3_get_autocommit(store->database) == 0)
        sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
    store->begun = store->rolled_back = false;
}

bool store_in_transaction(const struct store *store)
{
    return store->begun;
}

static bool set_up(struct store *store, struct error *err)
{
    sqlite3_db_config(store->database, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(store->database, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(store->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    /* Exclusive locking comes before the first access, so that no shared-memory file is ever made; the empty
     * transaction takes the lock for good. */
    return store_run(store,
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
        "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON;"
        "BEGIN EXCLUSIVE; COMMIT;"
        "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
        err);
}

static bool already_applied(
    struct store *store, const struct migration *migration, bool *applied, struct error *err)
{
    AUTO(query) struct query *query = query_new(store, "SELECT 1 FROM migration WHERE name = :name", err);
    query_text(query, ":name", migration->name);
    *applied = query_next(query);
    return query_ok(query, err);
}

static bool apply(struct store *store, const struct migration *migration, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(store, "INSERT INTO migration (name) VALUES (:name)", err);
    query_text(query, ":name", migration->name);
    return query_done(query, err) && store_run(store, migration->sql, err);
}

static bool migrate(struct store *store, const struct migration *migration, struct error *err)
{
    bool applied = false;
    if (!already_applied(store, migration, &applied, err) || applied)
        return applied;
    if (!store_begin(store, err))
        return false;
    if (apply(store, migration, err) && store_commit(store, err))
        return true;
    store_rollback(store);
    return fail_within(err, "migration %s", migration->name);
}

/* An older program would not know what newer tables mean, nor keep what they promise. */
static bool check_known(
    struct store *store, const struct migration *migrations, size_t count, struct error *err)
{
    AUTO(query) struct query *query = query_new(store, "SELECT name FROM migration ORDER BY number", err);
    while (query_next(query)) {
        const char *name = query_get_text(query, 0);
        size_t i = 0;
        while (i < count && strcmp(migrations[i].name, name) != 0)
            i++;
        if (i == count)
            return fail(err, ERROR_CONFLICT,
                "%s was written by a newer program (it has the tables of '%s'); install that one again, "
                "or restore the backup from before the upgrade",
                store->path, name);
    }
    return query_ok(query, err);
}

/* SQLite would make it readable by others; the -wal file takes over the mode. */
bool store_make_file(const char *path, struct error *err)
{
    int descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return fail_errno(err, "%s", path);
    close(descriptor);
    return true;
}

struct store *store_open(
    const char *path, const struct migration *migrations, size_t count, struct error *err)
{
    if (!store_make_file(path, err))
        return NULL;
    AUTO(store) struct store *store = memory_allocate(1, sizeof *store);
    store->path = memory_copy_text(path);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    int result = sqlite3_open_v2(path, &store->database, flags, NULL);
    if (result != SQLITE_OK) {
        fail(err, ERROR_SYSTEM, "%s: %s", path, sqlite3_errstr(result));
        return NULL;
    }
    sqlite3_extended_result_codes(store->database, 1);
    if (!set_up(store, err) || !check_known(store, migrations, count, err))
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (!migrate(store, &migrations[i], err))
            return NULL;
    }
    return STEAL(store);
}

void store_close(struct store *store)
{
    if (!store)
        return;
    prepared_done(&store->prepared);
    sqlite3_close_v2(store->database);
    memory_release(store->path);
    memory_release(store);
}

static sqlite3_stmt *prepare(struct store *store, const char *sql, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    const char *rest = NULL;
    int result = sqlite3_prepare_v3(store->database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, &rest);
    if (result != SQLITE_OK) {
        sql_fail(store, result, err);
        return NULL;
    }
    if (!statement || rest[strspn(rest, " \n;")] != '\0') {
        sqlite3_finalize(statement);
        fail(err, ERROR_SYSTEM, "a query is one statement: %s", sql);
        return NULL;
    }
    return statement;
}

struct query *query_new(struct store *store, const char *sql, struct error *err)
{
    if (!usable(store, err))
        return NULL;
    sqlite3_stmt *statement = prepared_take(&store->prepared, sql);
    if (!statement && !(statement = prepare(store, sql, err)))
        return NULL;
    struct query *query = memory_allocate(1, sizeof *query);
    *query = (struct query){.store = store, .statement = statement};
    return query;
}

void query_free(struct query *query)
{
    if (!query)
        return;
    prepared_give_back(&query->store->prepared, query->statement);
    memory_release(query);
}

/* The place of the name, or 0 when something is wrong already or the name is not in the statement. */
static int place_of(struct query *query, const char *name)
{
    if (!query || query->wrong.code != ERROR_NONE)
        return 0;
    int place = sqlite3_bind_parameter_index(query->statement, name);
    if (place == 0)
        fail(&query->wrong, ERROR_SYSTEM, "no parameter %s in: %s", name, sqlite3_sql(query->statement));
    return place;
}

static void bound(struct query *query, int result)
{
    if (result != SQLITE_OK)
        sql_fail(query->store, result, &query->wrong);
}

void query_text(struct query *query, const char *name, const char *value)
{
    int place = place_of(query, name);
    if (place)
        bound(query, sqlite3_bind_text(query->statement, place, value, -1, SQLITE_TRANSIENT));
}

void query_integer(struct query *query, const char *name, int64_t value)
{
    int place = place_of(query, name);
    if (place)
        bound(query, sqlite3_bind_int64(query->statement, place, value));
}

void query_bytes(struct query *query, const char *name, const void *data, size_t size)
{
    int place = place_of(query, name);
    if (place)
        bound(query, sqlite3_bind_blob64(query->statement, place, data, size, SQLITE_TRANSIENT));
}

bool query_next(struct query *query)
{
    if (!query || query->finished || query->wrong.code != ERROR_NONE || !usable(query->store, &query->wrong))
        return false;
    int result = sqlite3_step(query->statement);
    if (result == SQLITE_ROW)
        return true;
    query->finished = true;
    if (result != SQLITE_DONE) {
        sqlite3_reset(query->statement);
        sql_fail(query->store, result, &query->wrong);
    }
    return false;
}

bool query_ok(struct query *query, struct error *err)
{
    if (!query)
        return false;
    if (query->wrong.code == ERROR_NONE)
        return true;
    return fail_as(err, &query->wrong);
}

bool query_done(struct query *query, struct error *err)
{
    while (query_next(query))
        continue;
    return query_ok(query, err);
}

const char *query_get_text(struct query *query, int column)
{
    return (const char *)sqlite3_column_text(query->statement, column);
}

int64_t query_get_integer(struct query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

struct bytes query_get_bytes(struct query *query, int column)
{
    const void *data = sqlite3_column_blob(query->statement, column);
    return (struct bytes){(uint8_t *)(uintptr_t)data, (size_t)sqlite3_column_bytes(query->statement, column)};
}

int64_t store_changes(const struct store *store)
{
    return sqlite3_changes64(store->database);
}
