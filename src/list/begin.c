#include "list/begin.h"

#include "list/camera_recorded.h"
#include "list/camera_set_up.h"
#include "list/entry_recorded.h"
#include "list/entry_row.h"
#include "list/look_alike.h"
#include "list/pass_recorded.h"
#include "list/presence.h"
#include "list/status.h"

#include <string.h>

static bool read_leaf(struct site *site, json_t *statuses, const json_t *leaf, struct error *err)
{
    const char *kind = json_string_value(json_object_get(leaf, "kind"));
    if (kind && strcmp(kind, "look_alikes_kept") == 0)
        return look_alikes_put_back(site, leaf, err);
    if (kind && strcmp(kind, "status_fed") == 0)
        status_note(statuses, leaf);
    return !kind || strcmp(kind, "camera_shown") != 0 || camera_set_up_put_back(site, leaf, err);
}

static bool read_log(struct site *site, struct error *err)
{
    AUTO(json) json_t *statuses = json_object();
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT leaf FROM ledger_leaf WHERE leaf LIKE '%\"kind\":\"look_alikes_kept\"%'"
        " OR leaf LIKE '%\"kind\":\"camera_shown\"%' OR leaf LIKE '%\"kind\":\"status_fed\"%' ORDER BY seq",
        err);
    while (query_next(query)) {
        struct bytes text = query_get_bytes(query, 0);
        AUTO(json) json_t *leaf = json_read((const char *)text.data, text.size, text.size, err);
        if (!leaf || !read_leaf(site, statuses, leaf, err))
            return false;
    }
    return query_ok(query, err) && status_put_back(site, statuses, err);
}

bool list_begin(struct site *site, struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return false;
    if (camera_set_ups_forget(site, err) && read_log(site, err) && entry_rows_mark_once(site, err) &&
        entry_rows_hold_to_log(site, err) && pass_rows_hold_to_log(site, err) &&
        pass_releases_hold_to_log(site, err) && camera_rows_hold_to_log(site, err) &&
        presence_rows_hold_to_log(site, err) && look_alikes_forget(site, err) &&
        ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}
