#include "alert/picture.h"

#include "alert/alert.h"
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

void picture_words(const struct site *site, const char *viewer, char out[static PICTURE_WORDS_SIZE])
{
    char when[21];
    clock_write_iso(clock_now_s(), when);
    snprintf(
        out, PICTURE_WORDS_SIZE, "%s%s %s", site->kind == SITE_DEMO ? "DEMONSTRATION " : "", viewer, when);
}

bool picture_mark(
    struct site *site, const char *viewer, struct bytes picture, struct bytes *out, struct error *err)
{
    char words[PICTURE_WORDS_SIZE];
    if (!site->supervisor)
        return fail(err, ERROR_UNAVAILABLE, "pictures need the still process, which is not running");
    picture_words(site, viewer, words);
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

/* The alert as it is before this viewer now. */
static bool load_for(struct site *site, const struct officer *viewer, const char *id, const char *name,
    struct alert *alert, struct error *err)
{
    return alert_load(site, id, alert, err) && waiting_for(site, viewer, alert, err) &&
           may_look(site, viewer, alert, name, err);
}

bool alert_picture_ask(struct site *site, const struct officer *viewer, const char *id, const char *name,
    struct picture_asked *out, struct error *err)
{
    struct alert alert;
    struct bytes picture = {0};
    if (!load_for(site, viewer, id, name, &alert, err) || !read_picture(site, &alert, name, &picture, err))
        return false;
    picture_words(site, viewer->id, out->words);
    snprintf(out->passage, sizeof out->passage, "%s", alert.passage);
    out->picture = picture;
    return true;
}

static bool look(struct site *site, const struct officer *viewer, const char *id, const char *name,
    const char *passage, struct error *err)
{
    struct alert alert;
    if (!load_for(site, viewer, id, name, &alert, err))
        return false;
    if (strcmp(alert.passage, passage) != 0)
        return fail(err, ERROR_CONFLICT, "another passage of alert %s is shown now; look again", id);
    return remember_look(site, viewer, &alert, name, err) &&
           alert_record(site, &alert, "picture_shown", viewer->id, json_pack("{s:s}", "picture", name), err);
}

bool alert_picture_shown(struct site *site, const struct officer *viewer, const char *alert, const char *name,
    const struct picture_asked *asked, struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return false;
    if (look(site, viewer, alert, name, asked->passage, err))
        return ledger_commit(site->ledger, err);
    ledger_abort(site->ledger);
    return false;
}

void picture_asked_done(struct picture_asked *asked)
{
    if (asked->picture.data)
        memory_wipe(asked->picture.data, asked->picture.size);
    bytes_free(&asked->picture);
}
