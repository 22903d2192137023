#include "alert/redress_row.h"

#include "base/text.h"
#include "list/former_roster.h"
#include "list/row.h"

#include <stdio.h>
#include <string.h>

enum { STATEMENTS_LIMIT = 128 * 1024 };

void redress_done(struct redress *redress)
{
    json_decref(redress->stations);
    json_decref(redress->statements);
    redress->stations = redress->statements = NULL;
}

void redress_key_name(const char *id, char out[static 40])
{
    snprintf(out, 40, "redress/%.24s", id);
}

static json_t *marked_fields(const struct redress *redress, const char *statements)
{
    json_t *fields = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:s}", "request", redress->id, "alert",
        redress->alert, "kind", redress->kind, "state", redress->state, "officer", redress->officer,
        "made_us", (json_int_t)redress->made_us, "expires_us", (json_int_t)redress->expires_us, "statements",
        statements);
    if (json_array_size(redress->stations) > 0)
        json_object_set(fields, "stations", redress->stations);
    return fields;
}

static bool open_statements(
    struct site *site, const struct redress *redress, struct bytes sealed, char **out, struct error *err)
{
    char key[40];
    AUTO(bytes) struct bytes plain = {0};
    redress_key_name(redress->id, key);
    if (!keyring_unseal(site->ledger->keyring, key, "statements", sealed.data, sealed.size, &plain, err))
        return false;
    *out = text_format("%.*s", (int)plain.size, (const char *)plain.data);
    return true;
}

bool redress_load(struct site *site, const char *id, struct redress *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT request, alert, kind, state, officer, made_us, expires_us, sealed, mark, stations FROM"
        " redress"
        " WHERE request = :request",
        err);
    query_text(query, ":request", id);
    if (!query_next(query))
        return query_ok(query, err) && fail(err, ERROR_MISSING, "no request %.24s", id);
    AUTO(redress)
    struct redress read = {.made_us = query_get_integer(query, 5), .expires_us = query_get_integer(query, 6)};
    row_text(read.id, sizeof read.id, query_get_text(query, 0));
    row_text(read.alert, sizeof read.alert, query_get_text(query, 1));
    row_text(read.kind, sizeof read.kind, query_get_text(query, 2));
    row_text(read.state, sizeof read.state, query_get_text(query, 3));
    row_text(read.officer, sizeof read.officer, query_get_text(query, 4));
    const char *stations = query_get_text(query, 9);
    read.stations = json_read(stations, strlen(stations), STATEMENTS_LIMIT, NULL);
    AUTO(text) char *statements = NULL;
    if (!open_statements(site, &read, query_get_bytes(query, 7), &statements, err))
        return false;
    AUTO(json) json_t *fields = marked_fields(&read, statements);
    if (!row_check(site, "redress", read.id, fields, query_get_bytes(query, 8), err))
        return false;
    read.statements = json_read(statements, strlen(statements), STATEMENTS_LIMIT, err);
    memory_wipe(statements, strlen(statements));
    if (!read.statements)
        return false;
    *out = read;
    read.stations = read.statements = NULL;
    return true;
}

static bool seal_row(struct site *site, const struct redress *redress, struct bytes *sealed,
    uint8_t mark[static HASH_SIZE], struct error *err)
{
    char key[40];
    AUTO(text) char *statements = json_canonical(redress->statements, err);
    redress_key_name(redress->id, key);
    if (!statements)
        return false;
    if (strlen(statements) >= STATEMENTS_LIMIT)
        return fail(err, ERROR_TOO_LARGE, "request %s has too many statements", redress->id);
    AUTO(json) json_t *fields = marked_fields(redress, statements);
    bool done =
        keyring_seal(site->ledger->keyring, key, "statements", statements, strlen(statements), sealed, err) &&
        row_mark(site, "redress", fields, mark, err);
    memory_wipe(statements, strlen(statements));
    return done;
}

static bool update_row(struct site *site, const struct redress *redress, struct error *err)
{
    uint8_t mark[HASH_SIZE];
    AUTO(bytes) struct bytes sealed = {0};
    if (!seal_row(site, redress, &sealed, mark, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "UPDATE redress SET state = :state, sealed = :sealed, mark = :mark WHERE request = :request", err);
    query_text(query, ":request", redress->id);
    query_text(query, ":state", redress->state);
    query_bytes(query, ":sealed", sealed.data, sealed.size);
    query_bytes(query, ":mark", mark, HASH_SIZE);
    return query_done(query, err);
}

static bool insert_row(struct site *site, const struct redress *redress, struct error *err)
{
    uint8_t mark[HASH_SIZE];
    AUTO(bytes) struct bytes sealed = {0};
    AUTO(text) char *stations = json_canonical(redress->stations, err);
    if (!stations || !seal_row(site, redress, &sealed, mark, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO redress (request, alert, kind, state, officer, made_us, expires_us, sealed, mark, "
        "stations)"
        " VALUES (:request, :alert, :kind, :state, :officer, :made, :expires, :sealed, :mark, :stations)",
        err);
    query_text(query, ":stations", stations);
    query_text(query, ":request", redress->id);
    query_text(query, ":alert", redress->alert);
    query_text(query, ":kind", redress->kind);
    query_text(query, ":state", redress->state);
    query_text(query, ":officer", redress->officer);
    query_integer(query, ":made", redress->made_us);
    query_integer(query, ":expires", redress->expires_us);
    query_bytes(query, ":sealed", sealed.data, sealed.size);
    query_bytes(query, ":mark", mark, HASH_SIZE);
    return query_done(query, err);
}

static bool record_state(
    struct site *site, const struct redress *redress, const char *by, json_t *more, struct error *err)
{
    AUTO(json) json_t *fields = more ? more : json_object();
    char kind[40];
    snprintf(kind, sizeof kind, "redress_%s", redress->state);
    json_object_set_new(fields, "request", json_string(redress->id));
    const struct record record = {.kind = kind, .by = by, .public_fields = fields};
    return ledger_record(site->ledger, &record, err) &&
           ledger_event(site->ledger, "redress", redress->id, redress->state, err);
}

bool redress_is_free(struct site *site, const char *id, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT 1 FROM redress WHERE request = :request", err);
    query_text(query, ":request", id);
    if (query_next(query))
        return fail(err, ERROR_CONFLICT, "there is a request %.24s already: draw a new id", id);
    return query_ok(query, err);
}

bool redress_add(
    struct site *site, const struct redress *redress, const char *by, json_t *more, struct error *err)
{
    if (insert_row(site, redress, err))
        return record_state(site, redress, by, more, err);
    json_decref(more);
    return false;
}

bool redress_move(struct site *site, struct redress *redress, const char *state, const char *by, json_t *more,
    struct error *err)
{
    row_text(redress->state, sizeof redress->state, state);
    if (update_row(site, redress, err))
        return record_state(site, redress, by, more, err);
    json_decref(more);
    return false;
}

struct envelope *redress_statement(
    struct site *site, const struct redress *redress, size_t index, const char *type, struct error *err)
{
    AUTO(envelope)
    struct envelope *envelope = envelope_read(json_array_get(redress->statements, index), err);
    const char *subject = envelope ? json_string_value(json_object_get(envelope->fields, "request")) : NULL;
    struct signer by = {NULL, NULL};
    bool verifies = envelope && envelope_is(envelope, type, err) && subject &&
                    strcmp(subject, redress->id) == 0 && signer_find(site, envelope, UINT32_MAX, &by, err);
    signer_done(&by);
    if (!verifies) {
        fail(err, ERROR_CORRUPT, "a stored statement of request %s does not verify any more", redress->id);
        return NULL;
    }
    return STEAL(envelope);
}
