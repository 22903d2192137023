/* What the files of the store share. */
#pragma once

#include "store/prepared.h"
#include "store/store.h"

struct store {
    sqlite3 *database;
    struct prepared prepared;
    char *path;
    bool begun;       /* by store_begin */
    bool rolled_back; /* by a failed write, while the caller still believes to be in its transaction */
    bool lost;        /* what is on disk is unknown until the file is opened again */
};

/* Whether an extended code of SQLite says that what is on the disk is unknown. */
bool store_means_lost(int extended);
/* Makes the file, for its owner only. */
bool store_make_file(const char *path, struct error *err);
