#include "list/overdue.h"

#include "base/clock.h"
#include "base/log.h"
#include "govern/leaf.h"
#include "govern/ledger_find.h"
#include "list/entry_row.h"
#include "list/operation_row.h"
#include "sign/limits.h"

#include <stdio.h>
#include <string.h>

enum { LOOK_AGAIN_S = 3600, DAY_S = 86400 };

int64_t overdue_time_us(const struct site *site)
{
    return site->time_is_unproven ? 0 : clock_earlier_us();
}

int64_t overdue_time_s(const struct site *site)
{
    return overdue_time_us(site) / 1000000;
}

static bool operation_row_rules(struct site *site, const char *id)
{
    struct operation_row row;
    struct error err = {0};
    return operation_load(site, id, &row, &err) ? !row.wiped
                                                : err.code != ERROR_CORRUPT && err.code != ERROR_MISSING;
}

static bool entry_row_rules(struct site *site, const char *id)
{
    struct entry_row row;
    struct error err = {0};
    return entry_load(site, id, &row, &err) ? !row.wiped
                                            : err.code != ERROR_CORRUPT && err.code != ERROR_MISSING;
}

static int64_t a_day_s(const char *kind, const json_t *fields)
{
    (void)kind, (void)fields;
    return DAY_S;
}

/* Up to the last, which is NULL. */
static bool destroy_sealed(struct site *site, const char *noun, const char *id, const char *kind,
    const char *const *rows, struct error *err)
{
    char key[64];
    snprintf(key, sizeof key, "%s/%.40s", noun, id);
    for (; *rows; rows++) {
        AUTO(query) struct query *query = query_new(site->ledger->store, *rows, err);
        query_text(query, ":id", id);
        if (!query_done(query, err))
            return false;
    }
    AUTO(json) json_t *fields = json_pack("{s:s}", noun, id);
    const struct record record = {.kind = kind, .by = "site", .public_fields = fields};
    return ledger_record(site->ledger, &record, err) && ledger_erase_private(site->ledger, key, err);
}

static bool destroy_operation(struct site *site, const char *id, struct error *err)
{
    static const char *const rows[] = {"DELETE FROM operation_gallery WHERE operation = :id",
        "DELETE FROM operation_statement WHERE operation = :id", NULL};
    return destroy_sealed(site, "operation", id, "operation_erased", rows, err);
}

static bool destroy_entry(struct site *site, const char *id, struct error *err)
{
    static const char *const rows[] = {"DELETE FROM entry_statement WHERE entry = :id",
        "DELETE FROM entry_photo WHERE entry = :id",
        "UPDATE entry SET cnic_lookup = randomblob(32) WHERE entry = :id", NULL};
    return destroy_sealed(site, "entry", id, "entry_wiped", rows, err);
}

/* Its rows are all that uses its key, whatever the log says. */
static bool upload_row_rules(struct site *site, const char *id)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT 1 FROM upload WHERE substr(photo, 1, 40) = :id", NULL);
    query_text(query, ":id", id);
    return query_next(query) || !query_ok(query, NULL);
}

static const struct overdue_noun nouns[] = {
    {"operation", FIND_OPERATION, "operation",
        {"operation_ended", "operation_refused", "operation_cancelled"}, "ends_at", DAY_S, a_day_s,
        operation_row_rules, destroy_operation},
    {"entry", FIND_ENTRY, "entry", {"entry_withdrawn", "entry_expired", "entry_refused"}, NULL, LIMIT_ENTRY_S,
        a_day_s, entry_row_rules, destroy_entry},
    {.key = "upload", .row_rules = upload_row_rules},
};

/* The id in a key's name, or NULL when it is of another noun. */
static const char *id_in(const struct overdue_noun *noun, const char *key_name)
{
    size_t length = strlen(noun->key);
    bool is_its = strncmp(key_name, noun->key, length) == 0 && key_name[length] == '/';
    return is_its ? key_name + length + 1 : NULL;
}

/* Its names are the ids: a new reference. */
static json_t *ids_without_a_row(struct site *site, const struct overdue_noun *noun)
{
    json_t *ids = json_object();
    const char *name;
    for (size_t i = 0; (name = keyring_name(site->ledger->keyring, i)); i++) {
        const char *id = id_in(noun, name);
        if (id && !noun->row_rules(site, id))
            json_object_set_new(ids, id, json_true());
    }
    return ids;
}

static bool is_end(const struct overdue_noun *noun, const char *kind)
{
    for (size_t i = 0; i < COUNT_OF(noun->ends) && noun->ends[i]; i++)
        if (strcmp(kind, noun->ends[i]) == 0)
            return true;
    return false;
}

/* Records come in their order; after an end or a signed time the others say nothing more. */
static void note_record(const struct overdue_noun *noun, const struct leaf *leaf, const json_t *fields,
    int64_t *over_s, bool *settled)
{
    const json_t *until = noun->until ? json_object_get(fields, noun->until) : NULL;
    bool ends = is_end(noun, leaf->kind), is_signed = json_is_integer(until);
    if (!ends && !is_signed && *settled)
        return;
    *over_s = ends ? leaf->at_s : is_signed ? json_integer_value(until) : leaf->at_s + noun->lives_s;
    *over_s += noun->kept_s(leaf->kind, fields);
    *settled = *settled || ends || is_signed;
}

/* When its key's time is over; 0 when no record is about it. */
static bool read_end(
    struct site *site, const struct overdue_noun *noun, const char *id, int64_t *over_s, struct error *err)
{
    bool settled = false;
    AUTO(finding) struct finding found = {.ledger = site->ledger, .by = noun->by, .value = id};
    *over_s = 0;
    while (finding_next(&found)) {
        struct leaf leaf = {0};
        AUTO(json) json_t *fields = NULL;
        if (!leaf_read((const char *)found.leaf.data, found.leaf.size, &leaf, &fields, err))
            return false;
        const char *of = json_string_value(json_object_get(fields, noun->field));
        if (of && strcmp(of, id) == 0)
            note_record(noun, &leaf, fields, over_s, &settled);
    }
    return finding_ok(&found, err);
}

static bool destroy(struct site *site, const struct overdue_noun *noun, const char *id, struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return false;
    if (noun->destroy(site, id, err) && ledger_commit(site->ledger, err)) {
        log_write(LOG_WARNING, "overdue_destroyed",
            "%s %s: its row was changed outside the desk; its time was over by the log, and its key is gone",
            noun->key, id);
        return true;
    }
    ledger_abort(site->ledger);
    return false;
}

/* What a crash leaves that came after the keyring was written and before the rows were: no row and no record
 * ever named it, so nothing is sealed under it. */
static bool destroy_unused(
    struct site *site, const struct overdue_noun *noun, const json_t *unused, struct error *err)
{
    size_t index;
    const json_t *id;
    if (!ledger_begin(site->ledger, err))
        return false;
    bool well = true;
    json_array_foreach (unused, index, id) {
        char key[64];
        snprintf(key, sizeof key, "%s/%.40s", noun->key, json_string_value(id));
        well = well && ledger_erase_private(site->ledger, key, err);
    }
    if (well && ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

static bool look_at(struct site *site, const struct overdue_noun *noun, struct error *err)
{
    AUTO(json) json_t *ids = ids_without_a_row(site, noun);
    AUTO(json) json_t *unused = json_array();
    const char *id;
    json_t *value;
    json_object_foreach (ids, id, value) {
        int64_t over_s = 0;
        if (noun->destroy && !read_end(site, noun, id, &over_s, err))
            return false;
        if (!over_s)
            json_array_append_new(unused, json_string(id));
        else if (over_s <= overdue_time_s(site) && !destroy(site, noun, id, err))
            return false;
    }
    /* Of a restored site a newer backup may still be tried, whose rows need the key. */
    return json_array_size(unused) == 0 || site->ledger->restored_s ||
           destroy_unused(site, noun, unused, err);
}

bool overdue_look(
    struct site *site, const struct overdue_noun *of, size_t count, int64_t *next_s, struct error *err)
{
    if (clock_now_s() < *next_s)
        return true;
    *next_s = clock_now_s() + LOOK_AGAIN_S;
    for (size_t i = 0; i < count; i++)
        if (!look_at(site, &of[i], err))
            return false;
    return true;
}

bool overdue_tick(struct site *site, struct error *err)
{
    return overdue_look(site, nouns, COUNT_OF(nouns), &site->look_overdue_s, err);
}
