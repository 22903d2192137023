#include "list/entry_recorded.h"

#include "base/log.h"
#include "list/entry_row.h"
#include "list/row.h"

#include <string.h>

struct recorded { /* what one leaf after the other leaves */
    enum entry_state state;
    const char *reason;
    int64_t at_s, suspensions;
    int64_t expires_s; /* of the newest renewal; 0: never renewed */
    bool wiped;
};

static const char *word(const json_t *leaf, const char *field)
{
    const char *value = json_string_value(json_object_get(leaf, field));
    return value ? value : "";
}

/* A refusal and a reinstatement are named for what was signed, not for the state they lead to. */
static bool state_after(const char *kind, enum entry_state *out)
{
    static const char prefix[] = "entry_";
    if (strcmp(kind, "entry_refused") == 0)
        *out = ENTRY_WITHDRAWN;
    else if (strcmp(kind, "entry_reinstated") == 0)
        *out = ENTRY_APPROVED;
    else
        return strncmp(kind, prefix, sizeof prefix - 1) == 0 &&
               entry_state_read(kind + sizeof prefix - 1, out);
    return true;
}

/* What an officer signed by which they had a part in the entry. */
static bool is_a_part(const char *kind)
{
    static const char *const kinds[] = {
        "entry_approved", "entry_renewed", "entry_reinstatement_signed", "entry_reinstated"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (strcmp(kind, kinds[i]) == 0)
            return true;
    }
    return false;
}

/* entries: id → the leaves that say what it is and who had a part in it, oldest first. */
static void note_leaf(json_t *entries, json_t *leaf)
{
    enum entry_state state;
    const char *kind = word(leaf, "kind"), *id = word(leaf, "entry");
    if (!state_after(kind, &state) && !is_a_part(kind) && strcmp(kind, "entry_wiped") != 0)
        return;
    if (!json_object_get(entries, id))
        json_object_set_new(entries, id, json_array());
    json_array_append(json_object_get(entries, id), leaf);
}

static json_t *read_log(struct site *site, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT leaf FROM ledger_leaf WHERE leaf LIKE '%\"kind\":\"entry\\_%' ESCAPE '\\' ORDER BY seq", err);
    AUTO(json) json_t *entries = json_object();
    while (query_next(query)) {
        struct bytes text = query_get_bytes(query, 0);
        AUTO(json) json_t *leaf = json_read((const char *)text.data, text.size, text.size, err);
        if (!leaf)
            return NULL;
        note_leaf(entries, leaf);
    }
    return query_ok(query, err) ? STEAL(entries) : NULL;
}

static struct recorded recorded_of(const json_t *leaves)
{
    struct recorded recorded = {.reason = ""};
    size_t index;
    const json_t *leaf;
    json_array_foreach (leaves, index, leaf) {
        const char *kind = word(leaf, "kind");
        recorded.wiped = recorded.wiped || strcmp(kind, "entry_wiped") == 0;
        if (strcmp(kind, "entry_renewed") == 0)
            recorded.expires_s = json_integer_value(json_object_get(leaf, "expires_at"));
        if (!state_after(kind, &recorded.state))
            continue;
        recorded.suspensions += recorded.state == ENTRY_SUSPENDED;
        recorded.reason = word(leaf, "reason");
        recorded.at_s = json_integer_value(json_object_get(leaf, "at"));
    }
    return recorded;
}

static bool put_right(
    struct site *site, struct entry_row *row, const struct recorded *recorded, struct error *err)
{
    row->state = recorded->state;
    row->suspensions = recorded->suspensions;
    row->changed_s = recorded->at_s;
    row->wiped = recorded->wiped;
    if (row->wiped)
        entry_forget_number(row);
    row->reinstater[0] = '\0';
    row_text(row->reason, sizeof row->reason, recorded->reason);
    return entry_save(site, row, err);
}

/* Who approved, renewed or reinstated an entry reviews nothing of it and does not reinstate it again
 * (SAFEGUARDS 12, 31), though the row of what they signed is gone or names another. */
static bool put_part_back(struct site *site, const char *entry, const char *officer, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO entry_statement (entry, hash, step, round, officer, sealed)"
        " SELECT :entry, 'by the log: ' || :officer, 'recorded', 0, :officer, x'' WHERE NOT EXISTS"
        " (SELECT 1 FROM entry_statement WHERE entry = :entry AND officer = :officer"
        "  AND step NOT IN ('withdrawal', 'fetch'))",
        err);
    query_text(query, ":entry", entry);
    query_text(query, ":officer", officer);
    return query_done(query, err);
}

static bool put_parts_back(struct site *site, const char *entry, const json_t *leaves,
    const struct recorded *recorded, struct error *err)
{
    size_t index;
    const json_t *leaf;
    if (recorded->wiped)
        return true;
    json_array_foreach (leaves, index, leaf) {
        if (is_a_part(word(leaf, "kind")) && !put_part_back(site, entry, word(leaf, "by"), err))
            return false;
    }
    return true;
}

/* What is signed of a renewal is not in the log, so a row from before it cannot be put right. */
static bool spoil_mark(struct site *site, const char *entry, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "UPDATE entry SET mark = x'' WHERE entry = :entry", err);
    query_text(query, ":entry", entry);
    return query_done(query, err);
}

/* A row that is gone, or has no good mark, arms nothing as it is; nor does one that is not approved, and
 * without people it does not become so. */
static bool hold(struct site *site, const char *entry, const json_t *leaves, struct error *err)
{
    struct entry_row row = {.state = ENTRY_PROPOSED};
    struct error why = {0};
    const struct recorded recorded = recorded_of(leaves);
    bool found = entry_load(site, entry, &row, &why);
    if (!found && why.code != ERROR_MISSING && why.code != ERROR_CORRUPT)
        return fail_as(err, &why);
    if (!put_parts_back(site, entry, leaves, &recorded, err))
        return false;
    bool lives_as_long = !recorded.expires_s || row.expires_s == recorded.expires_s;
    if (found && row.state == recorded.state && row.suspensions == recorded.suspensions &&
        row.wiped == recorded.wiped && lives_as_long)
        return true;
    log_write(LOG_ERROR, "entry_not_as_recorded", "entry %s is not what the log says", entry);
    bool is_listed = recorded.state == ENTRY_APPROVED || recorded.state == ENTRY_SUSPENDED;
    bool counts = found && lives_as_long && (row.state == ENTRY_APPROVED || row.state == ENTRY_SUSPENDED);
    site->listed_rows_differ = site->listed_rows_differ || (is_listed && !counts);
    bool would_arm = recorded.state == ENTRY_APPROVED && row.state != ENTRY_APPROVED;
    if (found && !lives_as_long)
        return spoil_mark(site, entry, err);
    return !found || would_arm || put_right(site, &row, &recorded, err);
}

bool entry_rows_hold_to_log(struct site *site, struct error *err)
{
    AUTO(json) json_t *entries = read_log(site, err);
    const char *id;
    json_t *leaves;
    if (!entries)
        return false;
    json_object_foreach (entries, id, leaves) {
        if (!hold(site, id, leaves, err))
            return false;
    }
    return true;
}
