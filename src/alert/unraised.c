#include "alert/unraised.h"

#include "list/operation_row.h"

static void bind(struct query *query, const struct sighting *sighting)
{
    query_text(query, ":operation", sighting->operation);
    query_text(query, ":camera", sighting->camera);
}

bool unraised_is_muted(struct site *site, const struct sighting *sighting, bool *muted, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT 1 FROM alert_mute WHERE operation = :operation AND camera = :camera AND entry = :entry", err);
    bind(query, sighting);
    query_text(query, ":entry", sighting->entry);
    *muted = query_next(query);
    return query_ok(query, err);
}

/* `why` may be NULL. */
static bool record(
    struct site *site, const struct sighting *sighting, const char *kind, const char *why, struct error *err)
{
    char key[40];
    operation_key_name(sighting->operation, key);
    AUTO(json) json_t *fields = json_pack("{s:s, s:s*}", "operation", sighting->operation, "why", why);
    AUTO(json)
    json_t *hidden = json_pack("{s:s, s:s}", "entry", sighting->entry, "camera", sighting->camera);
    const struct record written = {
        .kind = kind, .by = "site", .public_fields = fields, .private_fields = hidden, .private_key = key};
    return ledger_record(site->ledger, &written, err);
}

/* `counting` adds this one to its row and gives how many there are. */
static bool record_or_count(struct site *site, const struct sighting *sighting, const char *kind,
    struct query *counting, struct error *err)
{
    int64_t count = 0;
    bind(counting, sighting);
    if (query_next(counting))
        count = query_get_integer(counting, 0);
    return query_ok(counting, err) && (count > SIGHTINGS_RECORDED || record(site, sighting, kind, NULL, err));
}

bool unraised_muted(struct site *site, const struct sighting *sighting, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "UPDATE alert_mute SET sightings = sightings + 1 WHERE operation = :operation AND camera = :camera"
        " AND entry = :entry RETURNING sightings",
        err);
    query_text(query, ":entry", sighting->entry);
    return record_or_count(site, sighting, "sighting_muted", query, err);
}

bool unraised_of_halted_camera(struct site *site, const struct sighting *sighting, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "UPDATE alert_camera_halt SET sightings = sightings + 1 WHERE operation = :operation"
        " AND camera = :camera RETURNING sightings",
        err);
    return record_or_count(site, sighting, "sighting_of_halted_camera", query, err);
}

bool unraised_refused(struct site *site, const struct sighting *sighting, const char *why, struct error *err)
{
    return record(site, sighting, "sighting_refused", why, err) &&
           ledger_event(site->ledger, "operation", sighting->operation, "sighting_refused", err);
}

static struct query *about(struct site *site, const char *sql, const char *operation, struct error *err)
{
    struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":operation", operation);
    query_integer(query, ":recorded", SIGHTINGS_RECORDED);
    return query;
}

static bool counted(
    struct site *site, const char *operation, int64_t *muted, int64_t *halted, struct error *err)
{
    AUTO(query)
    struct query *query = about(site,
        "SELECT (SELECT coalesce(sum(sightings - :recorded), 0) FROM alert_mute"
        " WHERE operation = :operation AND sightings > :recorded),"
        " (SELECT coalesce(sum(sightings - :recorded), 0) FROM alert_camera_halt"
        " WHERE operation = :operation AND sightings > :recorded)",
        operation, err);
    if (query_next(query)) {
        *muted = query_get_integer(query, 0);
        *halted = query_get_integer(query, 1);
    }
    return query_ok(query, err);
}

static bool forget_counted(struct site *site, const char *operation, struct error *err)
{
    static const char *const statements[] = {"UPDATE alert_mute SET sightings = :recorded"
                                             " WHERE operation = :operation AND sightings > :recorded",
        "UPDATE alert_camera_halt SET sightings = :recorded"
        " WHERE operation = :operation AND sightings > :recorded"};
    for (size_t i = 0; i < COUNT_OF(statements); i++) {
        AUTO(query) struct query *query = about(site, statements[i], operation, err);
        if (!query_done(query, err))
            return false;
    }
    return true;
}

bool unraised_tell(struct site *site, const char *operation, struct error *err)
{
    int64_t muted = 0, halted = 0;
    if (!counted(site, operation, &muted, &halted, err))
        return false;
    if (muted == 0 && halted == 0)
        return true;
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:I, s:I}", "operation", operation, "muted", (json_int_t)muted,
        "of_halted_camera", (json_int_t)halted);
    const struct record written = {.kind = "more_sightings_unraised", .by = "site", .public_fields = fields};
    return ledger_record(site->ledger, &written, err) && forget_counted(site, operation, err);
}
