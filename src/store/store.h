/* The site's database: SQLite in WAL mode, synchronous FULL, secure_delete, one connection, one thread,
 * exclusive lock.
 *
 * SQL lives with its noun: each module states its tables as a migration (struct migration) and binds by name.
 *   AUTO(query) struct query *q = query_new(store, "SELECT state FROM entry WHERE entry = :entry", err);
 *   query_text(q, ":entry", id); while (query_next(q)) ... query_get_text(q, 0) ...; if (!query_ok(q, err))
 * return false; */
#pragma once

#include "base/json.h"

struct migration {
    const char *name; /* "0003-alert": applied once, in the order given */
    const char *sql;
};

struct store;

/* ERROR_CONFLICT when another process holds the database, or when a newer program has been at it. */
struct store *store_open(
    const char *path, const struct migration *migrations, size_t count, struct error *err);
void store_close(struct store *store);
AUTO_FREE(store, struct store *, store_close)

bool store_begin(struct store *store, struct error *err);
/* Returns after the write-ahead log is on disk. */
bool store_commit(struct store *store, struct error *err);
/* Nothing when no transaction is open. */
void store_rollback(struct store *store);
bool store_in_transaction(const struct store *store);
bool store_run(struct store *store, const char *sql, struct error *err);
/* An fsync failed, or the database cannot be read: nothing is read or written any more, because nobody knows
 * what is on the disk before the file is opened again. A disk without room or that takes no writes is not
 * lost. */
bool store_is_lost(const struct store *store);

struct query;
struct query *query_new(struct store *store, const char *sql, struct error *err);
void query_free(struct query *query);
AUTO_FREE(query, struct query *, query_free)
/* NULL query is allowed everywhere: then nothing happens and query_ok keeps the first error. NULL text or
 * data binds NULL. */
void query_text(struct query *query, const char *name, const char *value);
void query_integer(struct query *query, const char *name, int64_t value);
void query_bytes(struct query *query, const char *name, const void *data, size_t size);
bool query_next(struct query *query); /* true while there is a row */
/* True when every bind and step went well. A broken UNIQUE or CHECK is ERROR_CONFLICT; a full disk
 * ERROR_UNAVAILABLE. */
bool query_ok(struct query *query, struct error *err);
/* Runs a statement that gives no rows: bind, then query_done = step to the end and query_ok. */
bool query_done(struct query *query, struct error *err);
/* Valid until the next query_next. Text is NULL for NULL. */
const char *query_get_text(struct query *query, int column);
int64_t query_get_integer(struct query *query, int column);
struct bytes query_get_bytes(struct query *query, int column); /* borrowed */
int64_t store_changes(const struct store *store);              /* rows of the last statement */
