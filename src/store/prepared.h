/* Statements that the database has compiled already: the desk asks the same few hundred again and again, and
 * compiling one costs more than running it. A taken statement belongs to its taker until it is given back,
 * so that the same question may be open twice. Not thread-safe, as its database is not. */
#pragma once

#include "base/memory.h"

#include <sqlite3.h>

enum { PREPARED_PLACES = 512 };

struct prepared {
    sqlite3_stmt *places[PREPARED_PLACES]; /* owned; nobody runs them */
};

/* NULL when none is kept for this text. */
sqlite3_stmt *prepared_take(struct prepared *prepared, const char *sql);
/* Takes the statement, forgets what was bound to it, and ends the one in whose place it comes. */
void prepared_give_back(struct prepared *prepared, sqlite3_stmt *statement);
void prepared_done(struct prepared *prepared);
