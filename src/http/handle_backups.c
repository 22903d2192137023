#include "list/backup.h"

#include "http/handlers.h"

bool backups_create(struct request *request, struct reply *reply, struct error *err)
{
    static const char *const names[] = {NULL};
    return json_only_fields(request->json, names, err) &&
           reply_json(reply, backup_make(request->site, request->officer, err));
}
