#include "govern/ledger.h"

#include "http/handlers.h"

#include <string.h>

bool log_export(struct request *request, struct reply *reply, struct error *err)
{
    struct bytes content = {0};
    if (!ledger_export(request->site->ledger, &content, err))
        return false;
    reply_bytes(reply, "text/plain; charset=utf-8", content);
    return true;
}

bool log_checkpoint(struct request *request, struct reply *reply, struct error *err)
{
    char *note = ledger_checkpoint(request->site->ledger, err);
    if (!note)
        return false;
    reply_bytes(reply, "text/plain; charset=utf-8", (struct bytes){(uint8_t *)note, strlen(note)});
    return true;
}
