#include "list/presence.h"

#include "base/clock.h"
#include "list/row.h"
#include "sign/limits.h"

#include <string.h>

const struct migration presence_migrations[] = {
    {"list-0004-presence",
        "CREATE TABLE presence ("
        " officer TEXT PRIMARY KEY, role TEXT NOT NULL, office TEXT NOT NULL, unit TEXT NOT NULL,"
        " until INTEGER NOT NULL, mark BLOB NOT NULL) STRICT;"
        "CREATE TABLE busy_unit (unit TEXT PRIMARY KEY) STRICT"},
    {"list-0015-presence-of-unit", "CREATE INDEX presence_of_unit ON presence (unit)"},
};
const size_t presence_migration_count = COUNT_OF(presence_migrations);

enum { OFFICES_LIMIT = 64, UNITS_LIMIT = 256 };

struct present {
    char officer[24];
    char role[16];
    char office[24];
    char unit[24];
    int64_t until_s;
};

struct room { /* who is there, counted */
    char offices[OFFICES_LIMIT][24];
    size_t office_count;
    char units[UNITS_LIMIT][24]; /* free ones */
    size_t unit_count;
    size_t dispatchers;
};

static json_t *marked_fields(const struct present *present)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:I}", "officer", present->officer, "role", present->role,
        "office", present->office, "unit", present->unit, "until", (json_int_t)present->until_s);
}

/* A row that does not carry the desk's mark, or whose officer or unit left the roster, is nobody. */
static bool read_present(struct site *site, struct query *query, struct present *out)
{
    struct present row = {.until_s = query_get_integer(query, 4)};
    row_text(row.officer, sizeof row.officer, query_get_text(query, 0));
    row_text(row.role, sizeof row.role, query_get_text(query, 1));
    row_text(row.office, sizeof row.office, query_get_text(query, 2));
    row_text(row.unit, sizeof row.unit, query_get_text(query, 3));
    AUTO(json) json_t *fields = marked_fields(&row);
    if (!row_check(site, "presence", row.officer, fields, query_get_bytes(query, 5), NULL))
        return false;
    const struct officer *officer = roster_officer(site->roster, row.officer);
    enum role role;
    if (!officer || !role_read(row.role, &role) || !officer_has(officer, role))
        return false;
    if (row.unit[0] && !(roster_unit(site->roster, row.unit) && officer_is_posted(officer, row.unit)))
        return false;
    *out = row;
    return true;
}

/* Whose presence reached beyond this second. */
#define PRESENT "SELECT officer, role, office, unit, until, mark FROM presence WHERE until > :since"

static struct query *present_query(struct site *site, const char *sql, int64_t since_s, struct error *err)
{
    struct query *query = query_new(site->ledger->store, sql, err);
    query_integer(query, ":since", since_s);
    return query;
}

static bool find_since(struct site *site, const char *officer, int64_t since_s, struct present *out)
{
    AUTO(query) struct query *query = present_query(site, PRESENT " AND officer = :officer", since_s, NULL);
    query_text(query, ":officer", officer);
    return query_next(query) && read_present(site, query, out);
}

static bool find_present(struct site *site, const char *officer, struct present *out)
{
    return find_since(site, officer, clock_now_s(), out);
}

static bool keep_present(struct site *site, const struct present *present, struct error *err)
{
    uint8_t mark[HASH_SIZE];
    AUTO(json) json_t *fields = marked_fields(present);
    if (!row_mark(site, "presence", fields, mark, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO presence (officer, role, office, unit, until, mark)"
        " VALUES (:officer, :role, :office, :unit, :until, :mark) ON CONFLICT (officer) DO UPDATE SET"
        " role = :role, office = :office, unit = :unit, until = :until, mark = :mark",
        err);
    query_text(query, ":officer", present->officer);
    query_text(query, ":role", present->role);
    query_text(query, ":office", present->office);
    query_text(query, ":unit", present->unit);
    query_integer(query, ":until", present->until_s);
    query_bytes(query, ":mark", mark, sizeof mark);
    return query_done(query, err);
}

static bool record_presence(
    struct site *site, const char *kind, const struct present *present, const char *state, struct error *err)
{
    AUTO(json) json_t *fields = json_pack("{s:s, s:s}", "role", present->role, "office", present->office);
    if (present->unit[0])
        json_object_set_new(fields, "unit", json_string(present->unit));
    struct record record = {.kind = kind, .by = present->officer, .public_fields = fields};
    return ledger_record(site->ledger, &record, err) &&
           ledger_event(site->ledger, "presence", present->officer, state, err);
}

static bool check_request(
    struct site *site, const struct officer *officer, const char *as, const char *unit, struct error *err)
{
    enum role role;
    if (!as || !role_read(as, &role) ||
        (role != ROLE_REVIEWER && role != ROLE_DISPATCHER && role != ROLE_CREW))
        return fail(err, ERROR_INVALID, "one is present as reviewer, dispatcher or crew");
    if (!officer_has(officer, role))
        return fail(err, ERROR_FORBIDDEN, "%s does not have the role %s", officer->id, as);
    bool known = unit && *unit && roster_unit(site->roster, unit);
    if (role == ROLE_CREW && !known)
        return fail(err, ERROR_INVALID, "a crew is present with a unit of the roster; sign in with one");
    if (role == ROLE_CREW && !officer_is_posted(officer, unit))
        return fail(err, ERROR_FORBIDDEN, "the roster does not post %s to unit %s", officer->id, unit);
    return true;
}

json_t *presence_confirm(
    struct site *site, const struct officer *officer, const char *as, const char *unit, struct error *err)
{
    if (!check_request(site, officer, as, unit, err))
        return NULL;
    struct present before = {.until_s = 0};
    bool was_here = find_present(site, officer->id, &before);
    struct present now = {.until_s = clock_now_s() + LIMIT_PRESENCE_S};
    row_text(now.officer, sizeof now.officer, officer->id);
    row_text(now.role, sizeof now.role, as);
    row_text(now.office, sizeof now.office, officer->office);
    row_text(now.unit, sizeof now.unit, strcmp(as, "crew") == 0 ? unit : "");
    bool changed = !was_here || strcmp(before.role, now.role) != 0 || strcmp(before.unit, now.unit) != 0;
    if (!ledger_begin(site->ledger, err))
        return NULL;
    bool done = keep_present(site, &now, err) &&
                (!changed || record_presence(site, "presence_started", &now, now.role, err));
    if (!done || !ledger_commit(site->ledger, err)) {
        ledger_abort(site->ledger);
        return NULL;
    }
    return json_pack("{s:I}", "until", (json_int_t)now.until_s);
}

bool presence_leave(struct site *site, const char *officer, struct error *err)
{
    struct present before;
    if (!find_present(site, officer, &before))
        return true;
    return (!site->may_leave || site->may_leave(site, officer, err)) && presence_end(site, officer, err);
}

bool presence_end(struct site *site, const char *officer, struct error *err)
{
    struct present before;
    if (!find_since(site, officer, 0, &before))
        return true;
    if (!ledger_begin(site->ledger, err))
        return false;
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "DELETE FROM presence WHERE officer = :officer", err);
    query_text(query, ":officer", officer);
    if (query_done(query, err) && record_presence(site, "presence_ended", &before, "left", err) &&
        ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

static void add_once(char (*names)[24], size_t *count, size_t room, const char *name)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(names[i], name) == 0)
            return;
    if (*count < room)
        row_text(names[(*count)++], 24, name);
}

static bool count_room(struct site *site, struct room *out, struct error *err)
{
    *out = (struct room){.office_count = 0};
    AUTO(query) struct query *query = present_query(site, PRESENT " ORDER BY officer", clock_now_s(), err);
    while (query_next(query)) {
        struct present row;
        if (!read_present(site, query, &row))
            continue;
        if (strcmp(row.role, "reviewer") == 0) {
            add_once(out->offices, &out->office_count, OFFICES_LIMIT, row.office);
        } else if (strcmp(row.role, "dispatcher") == 0) {
            out->dispatchers++;
        } else if (!presence_unit_busy(site, row.unit)) {
            add_once(out->units, &out->unit_count, UNITS_LIMIT, row.unit);
        }
    }
    return query_ok(query, err);
}

static bool is_enough(const struct room *room)
{
    return room->office_count >= 2 && room->dispatchers > 0 && room->unit_count > 0;
}

json_t *presence_show(struct site *site, const char *viewer, struct error *err)
{
    struct room room;
    struct present own = {.until_s = 0};
    if (!count_room(site, &room, err))
        return NULL;
    find_present(site, viewer, &own);
    return json_pack("{s:I, s:I, s:I, s:b, s:I}", "reviewer_offices", (json_int_t)room.office_count,
        "dispatchers", (json_int_t)room.dispatchers, "units_free", (json_int_t)room.unit_count, "enough",
        is_enough(&room), "until", (json_int_t)own.until_s);
}

bool presence_is_enough(struct site *site, struct error *err)
{
    struct room room;
    return count_room(site, &room, err) && is_enough(&room);
}

bool presence_is_here(struct site *site, const char *officer, const char *as)
{
    struct present row;
    return find_present(site, officer, &row) && strcmp(row.role, as) == 0;
}

const char *presence_unit_since(struct site *site, const char *officer, int64_t since_s)
{
    static struct present row;
    return find_since(site, officer, since_s, &row) && row.unit[0] ? row.unit : NULL;
}

const char *presence_unit_of(struct site *site, const char *officer)
{
    return presence_unit_since(site, officer, clock_now_s());
}

size_t presence_crew_of(struct site *site, const char *unit)
{
    size_t size = 0;
    struct present row;
    AUTO(query) struct query *query = present_query(site, PRESENT " AND unit = :unit", clock_now_s(), NULL);
    query_text(query, ":unit", unit);
    while (query_next(query))
        size += read_present(site, query, &row) && strcmp(row.role, role_word(ROLE_CREW)) == 0;
    return size;
}

bool presence_set_busy(struct site *site, const char *unit, bool busy, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        busy ? "INSERT OR IGNORE INTO busy_unit (unit) VALUES (:unit)"
             : "DELETE FROM busy_unit WHERE unit = :unit",
        err);
    query_text(query, ":unit", unit);
    return query_done(query, err);
}

bool presence_unit_busy(struct site *site, const char *unit)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store, "SELECT 1 FROM busy_unit WHERE unit = :unit", NULL);
    query_text(query, ":unit", unit);
    return query_next(query) || !query_ok(query, NULL);
}

/* The newest record of each officer who came, left, or came as somebody else. */
static const char nobody_by_the_log[] =
    "WITH newest AS (SELECT json_extract(leaf, '$.by') AS officer, json_extract(leaf, '$.kind') AS kind,"
    "  json_extract(leaf, '$.role') AS role, coalesce(json_extract(leaf, '$.unit'), '') AS unit, max(seq)"
    "  FROM ledger_leaf WHERE leaf LIKE '%\"kind\":\"presence\\_%' ESCAPE '\\' GROUP BY officer)"
    " DELETE FROM presence WHERE NOT EXISTS (SELECT 1 FROM newest WHERE newest.officer = presence.officer"
    "  AND kind = 'presence_started' AND newest.role = presence.role AND newest.unit = presence.unit)";

bool presence_rows_hold_to_log(struct site *site, struct error *err)
{
    return store_run(site->ledger->store, nobody_by_the_log, err);
}
