#include "govern/ledger.h"

#include "http/handlers.h"

#include <string.h>

bool log_export(struct request *request, struct reply *reply, struct error *err)
{
    reply->log = log_reader_new(request->site->ledger, &reply->log_size, err);
    reply->status = 200;
    reply->type = "text/plain; charset=utf-8";
    return reply->log != NULL;
}

bool log_checkpoint(struct request *request, struct reply *reply, struct error *err)
{
    char *note = ledger_checkpoint(request->site->ledger, err);
    if (!note)
        return false;
    reply_bytes(reply, "text/plain; charset=utf-8", (struct bytes){(uint8_t *)note, strlen(note)});
    return true;
}
