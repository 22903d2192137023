#include "http/session.h"

#include "base/clock.h"
#include "base/text.h"
#include "list/pass_recorded.h"
#include "list/row.h"
#include "sign/limits.h"

#include <stdlib.h>
#include <string.h>

const struct migration session_migrations[] = {
    {"0900-session", "CREATE TABLE session ("
                     " id TEXT PRIMARY KEY, officer TEXT NOT NULL, unit TEXT NOT NULL, key TEXT NOT NULL,"
                     " opened INTEGER NOT NULL, expires INTEGER NOT NULL, mark BLOB NOT NULL) STRICT"},
    {"0901-session-pass", "ALTER TABLE session ADD COLUMN pass TEXT NOT NULL DEFAULT ''"},
};
const size_t session_migration_count = COUNT_OF(session_migrations);

enum { CHALLENGE_PLAIN = 16, CHALLENGE_MARK = 16 };

void challenges_init(struct challenges *challenges)
{
    *challenges = (struct challenges){0};
    random_fill(challenges->key, sizeof challenges->key);
}

static void mark_challenge(
    const struct challenges *challenges, const uint8_t *plain, uint8_t mark[static HASH_SIZE])
{
    hash_keyed(challenges->key, plain, CHALLENGE_PLAIN, mark);
}

void challenge_new(
    const struct challenges *challenges, uint8_t out[static CHALLENGE_SIZE], int64_t *expires_s)
{
    uint8_t mark[HASH_SIZE];
    *expires_s = clock_now_s() + CHALLENGE_S;
    memcpy(out, expires_s, 8);
    random_fill(out + 8, CHALLENGE_PLAIN - 8);
    mark_challenge(challenges, out, mark);
    memcpy(out + CHALLENGE_PLAIN, mark, CHALLENGE_MARK);
}

static bool use_challenge(struct challenges *challenges, const uint8_t challenge[static CHALLENGE_SIZE],
    const char *officer, struct error *err)
{
    uint8_t mark[HASH_SIZE];
    int64_t expires_s, now = clock_now_s();
    memcpy(&expires_s, challenge, 8);
    mark_challenge(challenges, challenge, mark);
    if (!bytes_equal(mark, challenge + CHALLENGE_PLAIN, CHALLENGE_MARK) || expires_s <= now)
        return fail(err, ERROR_UNSIGNED, "the challenge is not this desk's, or its time is over; ask again");
    size_t room = CHALLENGES_USED, own = 0;
    for (size_t i = 0; i < CHALLENGES_USED; i++) {
        if (challenges->used[i].expires_s <= now)
            room = i;
        else if (bytes_equal(challenges->used[i].challenge, challenge, CHALLENGE_SIZE))
            return fail(err, ERROR_UNSIGNED, "the challenge was used before; ask again");
        else
            own += strcmp(challenges->used[i].officer, officer) == 0;
    }
    if (own >= CHALLENGES_AN_OFFICER)
        return fail(err, ERROR_UNAVAILABLE, "%s signs in too often; try again in a minute", officer);
    if (room == CHALLENGES_USED)
        return fail(err, ERROR_UNAVAILABLE, "too many officers sign in at once; try again in a minute");
    memcpy(challenges->used[room].challenge, challenge, CHALLENGE_SIZE);
    challenges->used[room].expires_s = expires_s;
    snprintf(challenges->used[room].officer, sizeof challenges->used[room].officer, "%s", officer);
    return true;
}

/* A device that was enrolled before the administrator posted its officer does not know the unit: the roster
 * says it, where it says one only. */
static const char *only_unit(const struct site *site, const struct officer *officer)
{
    const char *found = "";
    size_t index;
    const json_t *item;
    json_array_foreach (officer->posts, index, item) {
        const char *post = json_string_value(item);
        if (!roster_unit(site->roster, post))
            continue;
        if (*found)
            return "";
        found = post;
    }
    return found;
}

static bool check_unit(
    const struct site *site, const struct officer *officer, const char *unit, struct error *err)
{
    if (!*unit)
        return true;
    if (!officer_has(officer, ROLE_CREW))
        return fail(err, ERROR_FORBIDDEN, "%s is no crew and signs in without a unit", officer->id);
    if (!roster_unit(site->roster, unit))
        return fail(err, ERROR_INVALID, "the unit %s is not in the roster", unit);
    if (!officer_is_posted(officer, unit))
        return fail(err, ERROR_FORBIDDEN, "the roster does not post %s to unit %s", officer->id, unit);
    return true;
}

static const struct officer *check_sign_in(struct site *site, struct challenges *challenges,
    const struct envelope *envelope, const char **unit, struct error *err)
{
    uint8_t challenge[CHALLENGE_SIZE];
    if (!envelope_is(envelope, "sign_in", err))
        return NULL;
    const struct officer *officer = roster_check_any(site->roster, envelope, err);
    if (!officer || !json_need_hex(envelope->fields, "challenge", challenge, sizeof challenge, err) ||
        !json_need_text(envelope->fields, "unit", unit, err))
        return NULL;
    if (llabs(envelope->at_s - clock_now_s()) > LIMIT_STATEMENT_SKEW_S) {
        fail(err, ERROR_INVALID,
            "the statement's time lies more than %d s from the desk's; sign it again, or set the device's "
            "clock",
            LIMIT_STATEMENT_SKEW_S);
        return NULL;
    }
    if (!**unit && officer_has(officer, ROLE_CREW))
        *unit = only_unit(site, officer);
    return check_unit(site, officer, *unit, err) && use_challenge(challenges, challenge, officer->id, err)
               ? officer
               : NULL;
}

static json_t *marked_fields(const struct session *session, const char *key)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}", "id", session->id, "officer", session->officer, "unit",
        session->unit, "key", key, "expires", (json_int_t)session->expires_s, "pass", session->pass);
}

/* Of a session that is over the record says as much as finds its row, should somebody put it back. An edited
 * one that is no hash opens nothing. */
static void name_ended(json_t *fields, const char *id)
{
    uint8_t hash[HASH_SIZE];
    char digits[17];
    if (!hex_read(id, hash, sizeof hash))
        return;
    hex_write(hash, 8, digits);
    if (!json_object_get(fields, "ended"))
        json_object_set_new(fields, "ended", json_array());
    json_array_append_new(json_object_get(fields, "ended"), json_sprintf("s-%s", digits));
}

/* Those that only begun take nothing from those that were proved. */
static bool forget_old(struct site *site, const struct session *next, json_t *fields, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "DELETE FROM session WHERE expires <= :now OR (officer = :officer AND pass = :pass AND id NOT IN"
        " (SELECT id FROM session WHERE officer = :officer AND pass = :pass"
        " ORDER BY rowid DESC LIMIT :most)) RETURNING id, expires > :now",
        err);
    query_integer(query, ":now", clock_now_s());
    query_text(query, ":officer", next->officer);
    query_text(query, ":pass", next->pass);
    query_integer(query, ":most", SESSIONS_AN_OFFICER - 1);
    while (query_next(query)) {
        if (query_get_integer(query, 1))
            name_ended(fields, query_get_text(query, 0));
    }
    return query_ok(query, err);
}

static bool keep_session(struct site *site, const struct session *session, const char *key, struct error *err)
{
    uint8_t mark[HASH_SIZE];
    AUTO(json) json_t *fields = marked_fields(session, key);
    if (!row_mark(site, "session", fields, mark, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO session (id, officer, unit, key, opened, expires, pass, mark)"
        " VALUES (:id, :officer, :unit, :key, :opened, :expires, :pass, :mark)",
        err);
    query_text(query, ":id", session->id);
    query_text(query, ":officer", session->officer);
    query_text(query, ":unit", session->unit);
    query_text(query, ":key", key);
    query_integer(query, ":opened", clock_now_s());
    query_integer(query, ":expires", session->expires_s);
    query_text(query, ":pass", session->pass);
    query_bytes(query, ":mark", mark, sizeof mark);
    return query_done(query, err);
}

static bool record_session(
    struct site *site, const char *kind, const struct session *session, json_t *fields, struct error *err)
{
    if (session->unit[0])
        json_object_set_new(fields, "unit", json_string(session->unit));
    const struct record record = {.kind = kind, .by = session->officer, .public_fields = fields};
    return ledger_record(site->ledger, &record, err);
}

static void hash_token(const char *token, char id[static HEX_HASH_SIZE])
{
    uint8_t hash[HASH_SIZE];
    hash_bytes(token, strlen(token), hash);
    hex_write(hash, sizeof hash, id);
}

static void key_hex(const struct officer *officer, char out[static 2 * PUBLIC_KEY_SIZE + 1])
{
    hex_write(officer->key, PUBLIC_KEY_SIZE, out);
}

static void draw_token(char token[static SESSION_TOKEN_SIZE], struct session *session)
{
    uint8_t secret[32];
    random_fill(secret, sizeof secret);
    hex_write(secret, sizeof secret, token);
    hash_token(token, session->id);
}

static bool end_session(struct site *site, const struct session *session, json_t *fields, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store, "DELETE FROM session WHERE id = :id", err);
    query_text(query, ":id", session->id);
    name_ended(fields, session->id);
    return query_done(query, err);
}

/* In the caller's transaction, in the place of `before`, or of none (NULL). */
static bool begin_session(
    struct site *site, const struct session *before, const struct session *session, struct error *err)
{
    char key[2 * PUBLIC_KEY_SIZE + 1];
    const char *kind = session->standing == STANDING_WHOLE ? "signed_in" : "sign_in_begun";
    const struct officer *officer = roster_officer(site->roster, session->officer);
    if (!officer)
        return fail(err, ERROR_UNSIGNED, "sign in first");
    key_hex(officer, key);
    AUTO(json) json_t *fields = json_object();
    return (!before || end_session(site, before, fields, err)) && forget_old(site, session, fields, err) &&
           keep_session(site, session, key, err) &&
           (!session->pass[0] || pass_mark_note(site, session->officer, fields, err)) &&
           record_session(site, kind, session, fields, err);
}

bool session_open(struct site *site, struct challenges *challenges, const struct envelope *envelope,
    char token[static SESSION_TOKEN_SIZE], struct session *out, struct error *err)
{
    const char *unit = "";
    char fresh[SESSION_TOKEN_SIZE];
    const struct officer *officer = check_sign_in(site, challenges, envelope, &unit, err);
    if (!officer)
        return false;
    struct session session = {.standing = pass_standing(site, officer->id, "")};
    session.expires_s = clock_now_s() + (session.standing == STANDING_WHOLE ? SESSION_S : SESSION_BEGUN_S);
    draw_token(fresh, &session);
    row_text(session.officer, sizeof session.officer, officer->id);
    row_text(session.unit, sizeof session.unit, unit);
    if (!ledger_begin(site->ledger, err))
        return false;
    if (!begin_session(site, NULL, &session, err) || !ledger_commit(site->ledger, err)) {
        ledger_abort(site->ledger);
        return false;
    }
    memcpy(token, fresh, sizeof fresh);
    *out = session;
    return true;
}

static struct session whole_after(
    const struct session *before, const char *pass, char token[static SESSION_TOKEN_SIZE])
{
    struct session next = *before;
    next.expires_s = clock_now_s() + SESSION_S;
    next.standing = STANDING_WHOLE;
    row_text(next.pass, sizeof next.pass, pass);
    draw_token(token, &next);
    return next;
}

/* In the caller's transaction, which is ended either way. */
static bool take_place(
    struct site *site, const struct session *before, const struct session *next, bool done, struct error *err)
{
    if (done && begin_session(site, before, next, err) && ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

bool session_prove(struct site *site, const struct session *begun, const struct pass *pass, int64_t step,
    char token[static SESSION_TOKEN_SIZE], struct session *out, struct error *err)
{
    char fresh[SESSION_TOKEN_SIZE];
    struct session next = whole_after(begun, pass->id, fresh);
    if (!ledger_begin(site->ledger, err) ||
        !take_place(site, begun, &next, pass_used(site, pass, step, err), err))
        return false;
    memcpy(token, fresh, sizeof fresh);
    *out = next;
    return true;
}

bool session_renew(struct site *site, const struct session *before, const struct pass_secrets *secrets,
    int64_t step, char token[static SESSION_TOKEN_SIZE], struct session *out, struct error *err)
{
    char fresh[SESSION_TOKEN_SIZE], pass[24] = "";
    if (!ledger_begin(site->ledger, err))
        return false;
    bool made = pass_make(site, before->officer, secrets, step, pass, err);
    struct session next = whole_after(before, pass, fresh);
    if (!take_place(site, before, &next, made, err))
        return false;
    memcpy(token, fresh, sizeof fresh);
    *out = next;
    return true;
}

/* True only for a row with the desk's mark whose officer still has the key that signed in. */
static bool read_row(struct site *site, struct query *query, struct session *out)
{
    struct session row = {.expires_s = query_get_integer(query, 3)};
    char key[2 * PUBLIC_KEY_SIZE + 1], current[2 * PUBLIC_KEY_SIZE + 1];
    row_text(row.id, sizeof row.id, query_get_text(query, 0));
    row_text(row.officer, sizeof row.officer, query_get_text(query, 1));
    row_text(row.unit, sizeof row.unit, query_get_text(query, 2));
    row_text(key, sizeof key, query_get_text(query, 4));
    row_text(row.pass, sizeof row.pass, query_get_text(query, 6));
    AUTO(json) json_t *fields = marked_fields(&row, key);
    if (!row_check(site, "session", row.id, fields, query_get_bytes(query, 5), NULL))
        return false;
    const struct officer *officer = roster_officer(site->roster, row.officer);
    if (!officer)
        return false;
    key_hex(officer, current);
    if (strcmp(current, key) != 0)
        return false;
    row.standing = pass_standing(site, row.officer, row.pass);
    *out = row;
    return true;
}

static bool find_by_id(struct site *site, const char *id, struct session *out)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT id, officer, unit, expires, key, mark, pass FROM session WHERE id = :id AND expires > :now",
        NULL);
    query_text(query, ":id", id);
    query_integer(query, ":now", clock_now_s());
    return query_next(query) && read_row(site, query, out);
}

bool session_find(struct site *site, const char *token, struct session *out, struct error *err)
{
    char id[HEX_HASH_SIZE];
    hash_token(token, id);
    return find_by_id(site, id, out) || fail(err, ERROR_UNSIGNED, "sign in first");
}

bool session_is_open(struct site *site, const struct session *session)
{
    struct session found;
    return find_by_id(site, session->id, &found) && found.standing == STANDING_WHOLE;
}

bool session_close(struct site *site, const struct session *session, struct error *err)
{
    AUTO(json) json_t *fields = json_object();
    if (!ledger_begin(site->ledger, err))
        return false;
    if (end_session(site, session, fields, err) && record_session(site, "signed_out", session, fields, err) &&
        ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}
