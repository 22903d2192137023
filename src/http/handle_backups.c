#include "list/backup.h"

#include "http/handlers.h"
#include "http/service.h"

static void free_backup(void *backup)
{
    backup_free(backup);
}

static bool go_on(struct request *request, struct reply *reply, struct error *err)
{
    bool done = false;
    if (!backup_step(request->work, &done, err))
        return false;
    if (done)
        return reply_json(reply, backup_reply(request->work, err));
    return service_wait_for_turn(request, go_on, reply, err);
}

bool backups_create(struct request *request, struct reply *reply, struct error *err)
{
    static const char *const names[] = {NULL};
    if (!json_only_fields(request->json, names, err))
        return false;
    request->work = backup_begin(request->site, request->officer, err);
    request->free_work = free_backup;
    return request->work && go_on(request, reply, err);
}
