#include "alert/evidence.h"

#include "alert/passage.h"
#include "alert/plant.h"
#include "base/text.h"
#include "govern/ledger_find.h"
#include "list/entry.h"

#include <stdio.h>
#include <string.h>

void statements_done(struct statements *statements)
{
    for (size_t i = 0; i < statements->count; i++) {
        envelope_free(statements->list[i]);
        signer_done(&statements->by[i]);
    }
    statements->count = 0;
}

json_t *statement_replay(struct site *site, const struct envelope *envelope, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(envelope, hash);
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT reply FROM alert_statement WHERE hash = :hash", err);
    query_text(query, ":hash", hash);
    AUTO(json) json_t *reply = NULL;
    if (query_next(query)) {
        const char *text = query_get_text(query, 0);
        reply = json_read(text, strlen(text), STATEMENT_LIMIT, err);
    }
    return query_ok(query, err) ? STEAL(reply) : NULL;
}

static bool has_room(struct site *site, const struct alert *alert, const char *type, struct error *err)
{
    int64_t count = 0;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT COUNT(*) FROM alert_statement WHERE alert = :alert AND type = :type", err);
    query_text(query, ":alert", alert->id);
    query_text(query, ":type", type);
    if (query_next(query))
        count = query_get_integer(query, 0);
    if (!query_ok(query, err))
        return false;
    return count < STATEMENTS_AN_ALERT ||
           fail(err, ERROR_CONFLICT,
               "alert %s has %d statements of type %s and takes no more: what was signed stands", alert->id,
               STATEMENTS_AN_ALERT, type);
}

bool statement_keep(struct site *site, const struct alert *alert, const struct envelope *envelope,
    const json_t *reply, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    if (!has_room(site, alert, envelope->type, err))
        return false;
    envelope_hash_hex(envelope, hash);
    AUTO(json) json_t *json = envelope_json(envelope);
    AUTO(text) char *envelope_text = json_canonical(json, err);
    AUTO(text) char *reply_text = json_canonical(reply, err);
    if (!envelope_text || !reply_text)
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO alert_statement (hash, alert, type, officer, envelope, reply)"
        " VALUES (:hash, :alert, :type, :officer, :envelope, :reply)",
        err);
    query_text(query, ":hash", hash);
    query_text(query, ":alert", alert->id);
    query_text(query, ":type", envelope->type);
    query_text(query, ":officer", envelope->by);
    query_text(query, ":envelope", envelope_text);
    query_text(query, ":reply", reply_text);
    return query_done(query, err);
}

static bool still_verifies(struct site *site, const struct alert *alert, const struct envelope *envelope,
    const char *type, enum role role, struct signer *by)
{
    const char *subject = json_string_value(json_object_get(envelope->fields, "alert"));
    return strcmp(envelope->type, type) == 0 && strcmp(envelope->site, site->name) == 0 && subject &&
           strcmp(subject, alert->id) == 0 && signer_find(site, envelope, 1U << role, by, NULL);
}

/* `query` gives envelope and type. */
static struct envelope *read_statement(struct site *site, const struct alert *alert, struct query *query,
    enum role role, struct signer *by, struct error *err)
{
    const char *text = query_get_text(query, 0);
    const char *type = query_get_text(query, 1);
    AUTO(envelope) struct envelope *envelope = envelope_parse(text, strlen(text), NULL);
    if (!envelope || !still_verifies(site, alert, envelope, type, role, by)) {
        fail(err, ERROR_CORRUPT, "a stored %s of alert %s does not verify any more", type, alert->id);
        return NULL;
    }
    return STEAL(envelope);
}

bool statements_load(struct site *site, const struct alert *alert, const char *type, enum role role,
    struct statements *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT envelope, type FROM alert_statement WHERE alert = :alert AND type = :type ORDER BY number",
        err);
    query_text(query, ":alert", alert->id);
    query_text(query, ":type", type);
    AUTO(statements) struct statements read = {0};
    while (query_next(query)) {
        if (read.count == STATEMENTS_AN_ALERT)
            return fail(err, ERROR_TOO_LARGE, "alert %s has too many statements", alert->id);
        if (!(read.list[read.count] = read_statement(site, alert, query, role, &read.by[read.count], err)))
            return false;
        read.count++;
    }
    if (!query_ok(query, err))
        return false;
    *out = read;
    read.count = 0;
    return true;
}

struct envelope *statement_find(
    struct site *site, const struct alert *alert, const char *hash, enum role role, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT envelope, type FROM alert_statement WHERE hash = :hash", err);
    query_text(query, ":hash", hash);
    if (!query_next(query)) {
        if (query_ok(query, err))
            fail(err, ERROR_CORRUPT, "a statement of alert %s is gone", alert->id);
        return NULL;
    }
    struct signer by = {NULL, NULL};
    AUTO(envelope) struct envelope *envelope = read_statement(site, alert, query, role, &by, err);
    bool is_former = by.former != NULL;
    signer_done(&by);
    char found[HEX_HASH_SIZE] = "";
    if (envelope)
        envelope_hash_hex(envelope, found);
    if (envelope && is_former) {
        fail(err, ERROR_CONFLICT,
            "%s, who signed the outcome of alert %s that waits, is not in the roster any more: say "
            "the outcome anew",
            envelope->by, alert->id);
        return NULL;
    }
    if (envelope && strcmp(found, hash) != 0) {
        fail(err, ERROR_CORRUPT, "a statement of alert %s is not the one that was signed", alert->id);
        return NULL;
    }
    return STEAL(envelope);
}

static const char *field(const struct envelope *envelope, const char *name)
{
    const char *value = json_string_value(json_object_get(envelope->fields, name));
    return value ? value : "";
}

static bool was_drawn(struct site *site, const struct envelope *review)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT 1 FROM alert_draw WHERE passage = :passage AND officer = :officer AND state <> 'passed'",
        NULL);
    query_text(query, ":passage", field(review, "passage"));
    query_text(query, ":officer", review->by);
    return query_next(query);
}

static bool counts_as_same(
    struct site *site, const struct alert *alert, const struct envelope *review, const char *pictures_hash)
{
    /* Unknown counts as a party: without the answer nobody is eligible. */
    struct error unknown = {0};
    return strcmp(field(review, "answer"), "same") == 0 &&
           strcmp(field(review, "pictures_hash"), pictures_hash) == 0 && was_drawn(site, review) &&
           !entry_is_party(site, alert->entry, review->by, &unknown) && unknown.code == ERROR_NONE;
}

static bool are_independent(const struct officer *a, const struct officer *b)
{
    return strcmp(a->id, b->id) != 0 && strcmp(a->office, b->office) != 0 &&
           !bytes_equal(a->key, b->key, PUBLIC_KEY_SIZE);
}

struct agreeing { /* borrowed from the reviews */
    struct envelope **same[2];
    const struct officer *first;
    const char *left; /* who left since and said so, too */
};

static void take_same(struct agreeing *agreeing, struct statements *reviews, size_t i, enum as_of as)
{
    const struct officer *officer = reviews->by[i].officer;
    if (as == TODAY && reviews->by[i].former) {
        agreeing->left = reviews->list[i]->by;
    } else if (!agreeing->same[0]) {
        agreeing->same[0] = &reviews->list[i];
        agreeing->first = officer;
    } else if (!agreeing->same[1] && are_independent(agreeing->first, officer)) {
        agreeing->same[1] = &reviews->list[i];
    }
}

static bool fail_of_two(const struct alert *alert, const struct agreeing *agreeing, struct error *err)
{
    if (agreeing->left)
        return fail(err, ERROR_CONFLICT,
            "%s, who reviewed alert %s, is not in the roster any more: nobody is sent on that answer; a "
            "newer passage is reviewed by others",
            agreeing->left, alert->id);
    return fail(
        err, ERROR_CORRUPT, "alert %s does not have two independent \"same\" on its pictures", alert->id);
}

bool evidence_agreed(struct site *site, const struct alert *alert, const char *pictures_hash, enum as_of as,
    struct envelope *two[static 2], struct error *err)
{
    AUTO(statements) struct statements reviews = {0};
    struct agreeing agreeing = {.left = NULL};
    bool planted = true;
    if (!plant_is_known(site, alert, &planted, err) ||
        !statements_load(site, alert, "review", ROLE_REVIEWER, &reviews, err))
        return false;
    if (planted)
        return fail(err, ERROR_FORBIDDEN, "alert %s was planted: nobody is sent", alert->id);
    for (size_t i = 0; i < reviews.count; i++) {
        const struct envelope *review = reviews.list[i];
        if (strcmp(field(review, "passage"), alert->passage) != 0)
            continue; /* bound to another passage's pictures */
        if (strcmp(field(review, "answer"), "different") == 0)
            return fail(err, ERROR_CORRUPT, "an officer said \"different\" of alert %s", alert->id);
        if (counts_as_same(site, alert, review, pictures_hash))
            take_same(&agreeing, &reviews, i, as);
    }
    if (!agreeing.same[0] || !agreeing.same[1])
        return fail_of_two(alert, &agreeing, err);
    two[0] = STEAL(*agreeing.same[0]);
    two[1] = STEAL(*agreeing.same[1]);
    return true;
}

/* The newest statement of the type; refuses when there is none. */
static bool newest(struct site *site, const struct alert *alert, const char *type, enum role role,
    const char *name, const char *value, struct error *err)
{
    AUTO(statements) struct statements all = {0};
    if (!statements_load(site, alert, type, role, &all, err))
        return false;
    if (all.count == 0 || (name && strcmp(field(all.list[all.count - 1], name), value) != 0))
        return fail(err, ERROR_CORRUPT, "alert %s is %s without its %s", alert->id,
            alert_state_word(alert->state), type);
    return true;
}

static bool reviews_carry(struct site *site, const struct alert *alert, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    struct envelope *two[2] = {NULL, NULL};
    bool is_sent = alert->state > ALERT_AGREED && alert->unit[0];
    bool carried = passage_verify(site, alert, hash, err) &&
                   evidence_agreed(site, alert, hash, is_sent ? THEN : TODAY, two, err);
    envelope_free(two[0]);
    envelope_free(two[1]);
    return carried;
}

bool evidence_carries(struct site *site, const struct alert *alert, struct error *err)
{
    if (alert->state == ALERT_RAISED)
        return true;
    if (!reviews_carry(site, alert, err))
        return false;
    if (alert->state == ALERT_AGREED || (alert->state == ALERT_DISPATCHED && !alert->unit[0]))
        return true;
    return newest(site, alert, "dispatch", ROLE_DISPATCHER, "unit", alert->unit, err) &&
           (alert->state < ALERT_ACCEPTED ||
               newest(site, alert, "acceptance", ROLE_CREW, "answer", "accepted", err)) &&
           (alert->state < ALERT_ON_SCENE || newest(site, alert, "arrival", ROLE_CREW, NULL, NULL, err)) &&
           (alert->state < ALERT_STOPPED || newest(site, alert, "stop", ROLE_CREW, NULL, NULL, err));
}

static bool count_notes(
    struct site *site, const struct alert *alert, const char *kind, int64_t *count, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "SELECT COUNT(*) FROM alert_note WHERE alert = :alert AND kind = :kind", err);
    query_text(query, ":alert", alert->id);
    query_text(query, ":kind", kind);
    if (query_next(query))
        *count = query_get_integer(query, 0);
    return query_ok(query, err);
}

/* The ordinal is bound into the seal, so that notes cannot be swapped, doubled or moved to another alert. */
static void note_field(const char *kind, int64_t ordinal, char out[static 64])
{
    snprintf(out, 64, "note/%s/%lld", kind, (long long)ordinal);
}

bool note_add(
    struct site *site, const struct alert *alert, const char *kind, const json_t *note, struct error *err)
{
    int64_t ordinal = 0;
    char name[40];
    char context[64];
    AUTO(text) char *text = json_canonical(note, err);
    if (!text || !count_notes(site, alert, kind, &ordinal, err))
        return false;
    alert_key_name(alert->id, name);
    note_field(kind, ordinal, context);
    AUTO(bytes) struct bytes sealed = {0};
    if (!keyring_seal(site->ledger->keyring, name, context, text, strlen(text), &sealed, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO alert_note (alert, kind, sealed) VALUES (:alert, :kind, :sealed)", err);
    query_text(query, ":alert", alert->id);
    query_text(query, ":kind", kind);
    query_bytes(query, ":sealed", sealed.data, sealed.size);
    return query_done(query, err);
}

static json_t *open_note(struct site *site, const struct alert *alert, const char *kind, int64_t ordinal,
    struct bytes sealed, struct error *err)
{
    char name[40];
    char context[64];
    alert_key_name(alert->id, name);
    note_field(kind, ordinal, context);
    AUTO(bytes) struct bytes text = {0};
    if (!keyring_unseal(site->ledger->keyring, name, context, sealed.data, sealed.size, &text, err))
        return NULL;
    return json_read((const char *)text.data, text.size, STATEMENT_LIMIT, err);
}

/* The record that each answer of a stop came with; NULL for notes that are no answers. */
static const char *record_of(const char *kind)
{
    static const char *const asked[][2] = {{"register", "register_asked"}, {"status", "case_status_asked"},
        {"earlier_slip", "earlier_slip_shown"}};
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        if (strcmp(asked[i][0], kind) == 0)
            return asked[i][1];
    }
    return NULL;
}

/* The newest "no" taken away would let the "yes" before it stand: the log says how many answers there were in
 * this stop. */
static bool count_answers(
    struct site *site, const struct alert *alert, const char *record, size_t *count, struct error *err)
{
    AUTO(text) char *asked = text_format("\"kind\":\"%s\"", record);
    AUTO(finding) struct finding found = {.ledger = site->ledger, .by = FIND_ALERT, .value = alert->id};
    *count = 0;
    while (alert->stopped_us && finding_next(&found)) {
        const char *leaf = (const char *)found.leaf.data;
        if (strstr(leaf, "\"kind\":\"alert_stopped\""))
            *count = 0;
        *count += strstr(leaf, asked) != NULL;
    }
    return finding_ok(&found, err);
}

static bool answers_are_all_there(
    struct site *site, const struct alert *alert, const char *kind, size_t notes, struct error *err)
{
    size_t asked = 0;
    const char *record = record_of(kind);
    if (!record)
        return true;
    return count_answers(site, alert, record, &asked, err) &&
           (notes == asked ||
               fail(err, ERROR_CORRUPT, "%zu answers of the stop of alert %s are kept, and the log says %zu",
                   notes, alert->id, asked));
}

json_t *notes_load(struct site *site, const struct alert *alert, const char *kind, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT sealed FROM alert_note WHERE alert = :alert AND kind = :kind ORDER BY number", err);
    query_text(query, ":alert", alert->id);
    query_text(query, ":kind", kind);
    AUTO(json) json_t *notes = json_array();
    while (query_next(query)) {
        json_t *note =
            open_note(site, alert, kind, (int64_t)json_array_size(notes), query_get_bytes(query, 0), err);
        if (!note)
            return NULL;
        json_array_append_new(notes, note);
    }
    return query_ok(query, err) && answers_are_all_there(site, alert, kind, json_array_size(notes), err)
               ? STEAL(notes)
               : NULL;
}
