#include "store/prepared.h"

#include <string.h>

static sqlite3_stmt **place_for(struct prepared *prepared, const char *sql)
{
    uint32_t hash = 2166136261U; /* FNV-1a */
    for (const char *at = sql; *at; at++)
        hash = (hash ^ (uint8_t)*at) * 16777619U;
    return &prepared->places[hash % PREPARED_PLACES];
}

sqlite3_stmt *prepared_take(struct prepared *prepared, const char *sql)
{
    sqlite3_stmt **place = place_for(prepared, sql);
    return *place && strcmp(sqlite3_sql(*place), sql) == 0 ? STEAL(*place) : NULL;
}

void prepared_give_back(struct prepared *prepared, sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    sqlite3_stmt **place = place_for(prepared, sqlite3_sql(statement));
    sqlite3_finalize(*place);
    *place = statement;
}

void prepared_done(struct prepared *prepared)
{
    for (size_t i = 0; i < PREPARED_PLACES; i++) {
        sqlite3_finalize(prepared->places[i]);
        prepared->places[i] = NULL;
    }
}
