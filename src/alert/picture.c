#include "alert/picture.h"

#include "alert/passage.h"
#include "alert/person.h"
#include "alert/review.h"
#include "alert/waiting.h"
#include "base/clock.h"
#include "list/entry.h"

#include <stdio.h>
#include <string.h>

static bool may_look(struct site *site, const struct officer *viewer, const struct alert *alert,
    const char *name, struct error *err)
{
    struct panel panel;
    if (alert->state == ALERT_RAISED) { /* also when it stands for a passage beside */
        if (!panel_load(site, alert, &panel, err))
            return false;
        const struct asked *asked = panel_find(&panel, viewer->id);
        /* The faces, and nothing around them that could speak for one of the answers. */
        if (asked && !asked->passed && strcmp(name, "scene") != 0)
            return true;
    } else if (alert_state_is_open(alert->state) && officer_has(viewer, ROLE_DISPATCHER)) {
        return true;
    }
    return fail(err, ERROR_FORBIDDEN, "the pictures of alert %s are not shown to %s", alert->id, viewer->id);
}

static bool read_picture(
    struct site *site, const struct alert *alert, const char *name, struct bytes *out, struct error *err)
{
    if (strcmp(name, "enrolled") == 0)
        return entry_picture(site, alert->entry, out, err);
    if (strcmp(name, "probe") != 0 && strcmp(name, "scene") != 0)
        return fail(err, ERROR_MISSING, "no picture %s", name);
    return passage_picture(site, alert->id, alert->passage, name, out, err);
}

bool picture_mark(
    struct site *site, const char *viewer, struct bytes picture, struct bytes *out, struct error *err)
{
    if (!site->supervisor)
        return fail(err, ERROR_UNAVAILABLE, "pictures need the still process, which is not running");
    char when[21];
    char words[128];
    clock_write_iso(clock_now_s(), when);
    snprintf(words, sizeof words, "%s%s %s", site->kind == SITE_DEMO ? "DEMONSTRATION " : "", viewer, when);
    return still_mark(site->supervisor, picture.data, picture.size, words, out, err);
}

/* From now on the reviewer's least time to look runs. */
static bool remember_look(struct site *site, const struct officer *viewer, const struct alert *alert,
    const char *name, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR IGNORE INTO alert_look (passage, officer, name, shown_us)"
        " VALUES (:passage, :officer, :name, :now)",
        err);
    query_text(query, ":passage", alert->passage);
    query_text(query, ":officer", viewer->id);
    query_text(query, ":name", name);
    query_integer(query, ":now", clock_now_us());
    return query_done(query, err);
}

static bool look(struct site *site, const struct officer *viewer, const char *id, const char *name,
    struct bytes *out, struct error *err)
{
    struct alert alert;
    AUTO(bytes) struct bytes picture = {0};
    AUTO(bytes) struct bytes marked = {0};
    if (!alert_load(site, id, &alert, err) || !waiting_for(site, viewer, &alert, err) ||
        !may_look(site, viewer, &alert, name, err) || !read_picture(site, &alert, name, &picture, err) ||
        !picture_mark(site, viewer->id, picture, &marked, err) ||
        !remember_look(site, viewer, &alert, name, err) ||
        !alert_record(site, &alert, "picture_shown", viewer->id, json_pack("{s:s}", "picture", name), err))
        return false;
    *out = marked;
    marked = (struct bytes){0};
    return true;
}

bool alert_picture(struct site *site, const struct officer *viewer, const char *alert, const char *name,
    struct bytes *out, struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return false;
    AUTO(bytes) struct bytes marked = {0};
    if (!look(site, viewer, alert, name, &marked, err)) {
        ledger_abort(site->ledger);
        return false;
    }
    /* Shown only after the record of it is on disk. */
    if (!ledger_commit(site->ledger, err))
        return false;
    *out = marked;
    marked = (struct bytes){0};
    return true;
}
