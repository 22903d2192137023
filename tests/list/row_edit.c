#include "row_edit.h"

#include "base/memory.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { KEPT_COLUMNS = 600 };

/* What an UPDATE reads of its own table it has partly changed: it reads this. */
#define AS_WRITTEN                                                                                           \
    "DROP TABLE IF EXISTS temp.written; CREATE TEMP TABLE written AS SELECT rowid AS was, * FROM %s; "

/* The one text of a question about the table's columns; empty where there is none. */
static char *ask_columns(struct store *store, const char *table, int nth, const char *question)
{
    struct error err = {0};
    AUTO(query) struct query *query = query_new(store, question, &err);
    query_text(query, ":table", table);
    query_integer(query, ":nth", nth);
    char *text = memory_copy_text(query_next(query) ? query_get_text(query, 0) : "");
    if (!query_ok(query, &err))
        fail_msg("%s", err.text);
    return text;
}

static bool says_yes(struct store *store, const char *question)
{
    struct error err = {0};
    AUTO(query) struct query *query = query_new(store, question, &err);
    if (!query_next(query))
        fail_msg("%s", err.text);
    return query_get_integer(query, 0) != 0;
}

static bool has_two_rows(struct store *store, const char *table)
{
    AUTO(text) char *question = text_format("SELECT count(*) > 1 FROM %s", table);
    return says_yes(store, question);
}

size_t row_edit_columns(
    struct store *store, bool (*is_tried)(const char *table), struct row_column *out, size_t room)
{
    struct error err = {0};
    size_t count = 0;
    AUTO(query)
    struct query *query = query_new(store,
        "SELECT m.name, c.name, c.type FROM sqlite_schema AS m, pragma_table_info(m.name) AS c"
        " WHERE m.type = 'table' ORDER BY m.name, c.cid",
        &err);
    while (query_next(query)) {
        if (!is_tried(query_get_text(query, 0)))
            continue;
        assert_true(count < room);
        struct row_column *column = &out[count++];
        snprintf(column->table, sizeof column->table, "%s", query_get_text(query, 0));
        snprintf(column->name, sizeof column->name, "%s", query_get_text(query, 1));
        snprintf(column->type, sizeof column->type, "%s", query_get_text(query, 2));
    }
    if (!query_ok(query, &err))
        fail_msg("%s", err.text);
    return count;
}

char *row_edit_swap(struct store *store, const char *table)
{
    AUTO(text)
    char *fields = ask_columns(store, table, 0,
        "SELECT coalesce(group_concat(name), '') FROM pragma_table_info(:table) WHERE pk = 0 OR :nth > 0");
    if (!*fields || !has_two_rows(store, table))
        return NULL;
    return text_format(AS_WRITTEN
        "UPDATE %s SET (%s) = (SELECT %s FROM written WHERE was ="
        " (SELECT min(was) + max(was) FROM written) - %s.rowid)"
        " WHERE rowid IN (SELECT min(was) FROM written UNION SELECT max(was) FROM written)",
        table, table, fields, fields, table);
}

char *row_edit_copy(struct store *store, const char *table, int nth)
{
    AUTO(text)
    char *names = ask_columns(store, table, nth,
        "SELECT coalesce(group_concat(name), '') FROM pragma_table_info(:table)"
        " WHERE (SELECT max(pk) FROM pragma_table_info(:table)) >= :nth");
    AUTO(text)
    char *values = ask_columns(store, table, nth,
        "SELECT group_concat(CASE WHEN pk <> :nth THEN name"
        " WHEN type = 'INTEGER' THEN '(SELECT max(' || name || ') + 1 FROM written)'"
        " WHEN type = 'BLOB' THEN 'randomblob(length(' || name || '))'"
        " ELSE 'substr(' || name || ', 1, length(' || name || ') - 1) || iif(' || name || ' LIKE ''%1'', 2, "
        "1)' END)"
        " FROM pragma_table_info(:table)");
    return *names ? text_format(AS_WRITTEN
                        "INSERT INTO %s (%s) SELECT %s FROM written ORDER BY was DESC LIMIT 1",
                        table, table, names, values)
                  : NULL;
}

#define KEPT "older_"

bool row_edit_is_kept(const char *table)
{
    return strncmp(table, KEPT, strlen(KEPT)) == 0;
}

void row_edit_keep(struct store *store, bool (*is_tried)(const char *table))
{
    struct error err = {0};
    struct row_column columns[KEPT_COLUMNS];
    size_t count = row_edit_columns(store, is_tried, columns, KEPT_COLUMNS);
    for (size_t i = 0; i < count; i++) {
        const char *table = columns[i].table;
        if (i > 0 && strcmp(table, columns[i - 1].table) == 0)
            continue;
        AUTO(text) char *sql = text_format("CREATE TABLE " KEPT "%s AS SELECT * FROM %s", table, table);
        if (!store_run(store, sql, &err))
            fail_msg("%s", err.text);
    }
}

char *row_edit_put_older(struct store *store, const char *table, bool alone)
{
    AUTO(text)
    char *older =
        text_format("SELECT EXISTS (SELECT * FROM " KEPT "%s EXCEPT SELECT * FROM %s)", table, table);
    AUTO(text)
    char *newer = text_format("SELECT EXISTS (SELECT * FROM " KEPT "%s) AND EXISTS"
                              " (SELECT * FROM %s EXCEPT SELECT * FROM " KEPT "%s)",
        table, table, table);
    if (!says_yes(store, older) && !(alone && says_yes(store, newer)))
        return NULL;
    return alone ? text_format("DELETE FROM %s; INSERT INTO %s SELECT * FROM " KEPT "%s", table, table, table)
                 : text_format("INSERT OR REPLACE INTO %s SELECT * FROM " KEPT "%s", table, table);
}
