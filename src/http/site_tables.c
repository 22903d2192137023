#include "http/site_tables.h"

#include "alert/alert.h"
#include "http/session.h"
#include "list/camera.h"
#include "list/entry.h"
#include "list/operation.h"
#include "list/photo.h"
#include "list/place.h"
#include "list/pass_row.h"
#include "list/presence.h"

#include <assert.h>

size_t site_migrations(struct migration out[static SITE_MIGRATIONS])
{
    const struct {
        const struct migration *first;
        size_t count;
    } nouns[] = {
        {roster_migrations, roster_migration_count},
        {photo_migrations, photo_migration_count},
        {entry_migrations, entry_migration_count},
        {camera_migrations, camera_migration_count},
        {place_migrations, place_migration_count},
        {operation_migrations, operation_migration_count},
        {presence_migrations, presence_migration_count},
        {pass_migrations, pass_migration_count},
        {alert_migrations, alert_migration_count},
        {session_migrations, session_migration_count},
    };
    size_t count = 0;
    for (size_t noun = 0; noun < COUNT_OF(nouns); noun++)
        for (size_t i = 0; i < nouns[noun].count; i++) {
            assert(count < SITE_MIGRATIONS);
            out[count++] = nouns[noun].first[i];
        }
    return count;
}
