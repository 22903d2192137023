#include "list/import.h"
#include "list/status.h"

#include "http/handlers.h"
#include "http/service.h"

static void free_import(void *work)
{
    import_free(work);
}

static bool go_on(struct request *request, struct reply *reply, struct error *err)
{
    bool done = false;
    if (!import_step(request->site, request->officer, request->work, &done, err))
        return false;
    return done ? reply_json(reply, import_report(request->work))
                : service_wait_for_turn(request, go_on, reply, err);
}

/* Takes the import, which may be NULL. */
static bool begin(struct request *request, struct import *import, struct reply *reply, struct error *err)
{
    request->work = import;
    request->free_work = free_import;
    return import && go_on(request, reply, err);
}

bool imports_csv(struct request *request, struct reply *reply, struct error *err)
{
    const struct bytes *body = &request->body;
    return begin(
        request, import_csv(request->site, request->officer, body->data, body->size, err), reply, err);
}

/* Each line is a proposal as good as one sent by itself, so it counts as one. */
bool imports_signed(struct request *request, struct reply *reply, struct error *err)
{
    AUTO(import) struct import *import = import_signed(request->body.data, request->body.size, err);
    return import && service_count(request, import_lines(import), err) &&
           begin(request, STEAL(import), reply, err);
}

bool statuses_create(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, status_feed(request->site, request->envelope, err));
}
