/* Somebody with the disk edits every field of every row that says who is signed in, takes rows away, doubles
 * and exchanges them (SAFEGUARDS 10, 50). After each edit everybody is who they were, may do as much or less,
 * and no lock is open. */
#include "../list/row_edit.h"
#include "desk.h"

#include "base/clock.h"
#include "base/text.h"
#include "list/pass_row.h"

enum { TOKENS = PEOPLE + 2, COLUMNS = 32 };

static const char *const tables[] = {"session", "pass", "pass_release"};

struct seen {                       /* what the desk makes of its rows */
    struct session session[TOKENS]; /* all zero for one that opens nothing */
    bool is_open[TOKENS];
    enum pass_state state[PEOPLE];
    struct pass pass[PEOPLE];
};

struct story {
    char token[TOKENS][SESSION_TOKEN_SIZE]; /* then one that only began, and one that is over */
    char over[HEX_HASH_SIZE], lock[24];
    struct seen before;
    size_t tried;
};

static struct error err;

static void must(bool done)
{
    if (!done)
        fail_msg("%s", err.text);
}

static void make_pass(struct desk *desk, enum person person, char token[static SESSION_TOKEN_SIZE])
{
    const struct pass_secrets secrets = {.password = "a hash of something"};
    struct session begun, whole;
    must(session_find(&desk->site, desk->token[person], &begun, &err));
    must(session_renew(&desk->site, &begun, &secrets, 1, token, &whole, &err));
    assert_int_equal(whole.standing, STANDING_WHOLE);
}

static struct pass lock(struct desk *desk, enum person person)
{
    struct pass pass;
    for (int i = 0; i < PASS_TRIES; i++) {
        assert_int_equal(pass_find(&desk->site, person_id(person), &pass), PASS_HELD);
        must(pass_failed(&desk->site, &pass, &err));
    }
    assert_int_equal(pass_find(&desk->site, person_id(person), &pass), PASS_HELD);
    assert_true(pass.locked_until_s > clock_now_s());
    return pass;
}

static bool release(struct desk *desk, enum person by, const struct story *story)
{
    err = (struct error){0};
    AUTO(envelope)
    struct envelope *statement = desk_sign(desk, by, "pass_release",
        json_pack(
            "{s:s, s:s, s:s}", "officer", person_id(CREW), "subject", story->lock, "reason", "mistyped"));
    AUTO(json) json_t *reply = pass_release(&desk->site, statement, &err);
    return reply != NULL;
}

/* Three with a pass, of whom one is locked out and released by one of two; one who only began to sign in; one
 * whose session is over. */
static void tell_the_story(struct desk *desk, struct story *story)
{
    struct session session;
    desk->site.needs_passes = true;
    memcpy(story->token, desk->token, sizeof desk->token);
    make_pass(desk, AUDITOR, story->token[AUDITOR]);
    make_pass(desk, CREW, story->token[CREW]);
    make_pass(desk, DISPATCHER, story->token[DISPATCHER]);
    snprintf(story->lock, sizeof story->lock, "%s", lock(desk, CREW).lock);
    must(release(desk, ADMIN, story));
    desk_sign_in(desk, AUDITOR, "", story->token[PEOPLE]);
    desk_sign_in(desk, STATION, "", story->token[PEOPLE + 1]);
    must(session_find(&desk->site, story->token[PEOPLE + 1], &session, &err));
    memcpy(story->over, session.id, sizeof story->over);
    must(session_close(&desk->site, &session, &err));
}

static void look(struct desk *desk, const struct story *story, struct seen *out)
{
    *out = (struct seen){0};
    for (size_t i = 0; i < TOKENS; i++)
        out->is_open[i] = session_find(&desk->site, story->token[i], &out->session[i], NULL);
    for (enum person i = 0; i < PEOPLE; i++)
        out->state[i] = pass_find(&desk->site, person_id(i), &out->pass[i]);
}

static bool is_less(enum standing now, enum standing before)
{
    return now == before || now == STANDING_BROKEN ||
           (before == STANDING_WHOLE && (now == STANDING_PROVE || now == STANDING_ENROL));
}

static bool is_same_or_less(const struct seen *now, const struct seen *before, size_t i)
{
    const struct session *a = &now->session[i], *b = &before->session[i];
    return !now->is_open[i] ||
           (before->is_open[i] && strcmp(a->officer, b->officer) == 0 && strcmp(a->unit, b->unit) == 0 &&
               a->expires_s == b->expires_s && is_less(a->standing, b->standing));
}

/* Broken is what keeps its officer out until two others have signed; held by nobody is what would not. */
static bool is_same_or_broken(const struct seen *now, const struct seen *before, enum person i)
{
    const struct pass *a = &now->pass[i], *b = &before->pass[i];
    if (now->state[i] == PASS_BROKEN)
        return true;
    return now->state[i] == before->state[i] && strcmp(a->id, b->id) == 0 && a->since_s == b->since_s &&
           a->step == b->step && a->failures == b->failures && strcmp(a->lock, b->lock) == 0 &&
           a->locked_until_s == b->locked_until_s;
}

static void check_nobody_is_more(struct desk *desk, const struct story *story, const char *edit)
{
    struct seen now;
    struct pass pass;
    look(desk, story, &now);
    for (size_t i = 0; i < TOKENS; i++) {
        if (!is_same_or_less(&now, &story->before, i))
            fail_msg("session %zu opens more after: %s", i, edit);
    }
    for (enum person i = 0; i < PEOPLE; i++) {
        if (!is_same_or_broken(&now, &story->before, i))
            fail_msg("the pass of %s is another after: %s", person_id(i), edit);
    }
    /* The one who has signed signs again: that is no second person. */
    release(desk, ADMIN, story);
    if (pass_find(&desk->site, person_id(CREW), &pass) == PASS_HELD && pass.locked_until_s <= clock_now_s())
        fail_msg("one person opened a lock after: %s", edit);
}

static void keep(struct desk *desk)
{
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        AUTO(text)
        char *sql = text_format("CREATE TEMP TABLE kept_%s AS SELECT * FROM %s", tables[i], tables[i]);
        must(store_run(desk->site.ledger->store, sql, &err));
    }
}

static void put_back(struct desk *desk)
{
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        AUTO(text)
        char *sql = text_format(
            "DELETE FROM %s; INSERT INTO %s SELECT * FROM kept_%s", tables[i], tables[i], tables[i]);
        must(store_run(desk->site.ledger->store, sql, &err));
    }
}

/* False where the table's own rules refuse it. */
static bool try_edit(struct desk *desk, struct story *story, const char *edit)
{
    if (!store_run(desk->site.ledger->store, edit, &err))
        return false;
    if (store_changes(desk->site.ledger->store) == 0)
        fail_msg("tried nothing: %s", edit);
    story->tried++;
    check_nobody_is_more(desk, story, edit);
    put_back(desk);
    return true;
}

static void try_value(
    struct desk *desk, struct story *story, const char *table, const char *column, const char *value)
{
    AUTO(text) char *edit = text_format("UPDATE %s SET %s = %s", table, column, value);
    if (try_edit(desk, story, edit))
        return;
    /* Not the same in every row: in each, then. */
    for (int skip = 0; skip < TOKENS; skip++) {
        AUTO(text)
        char *one = text_format(
            "%s WHERE rowid = (SELECT rowid FROM %s ORDER BY rowid LIMIT 1 OFFSET %d)", edit, table, skip);
        if (!store_run(desk->site.ledger->store, one, &err) || store_changes(desk->site.ledger->store) == 0)
            continue;
        story->tried++;
        check_nobody_is_more(desk, story, one);
        put_back(desk);
    }
}

static void try_column(
    struct desk *desk, struct story *story, const char *table, const char *column, const char *type)
{
    AUTO(text) char *later = text_format("%s + 3600", column);
    AUTO(text) char *random = text_format("randomblob(length(%s))", column);
    AUTO(text) char *newest = text_format("(SELECT max(%s) FROM %s)", column, table);
    AUTO(text) char *over = text_format("'%s'", story->over);
    const char *const numbers[] = {later, newest, "0", "1", NULL};
    const char *const texts[] = {"''", newest, over, "'o-0000000000000007'", "'u-0000000000000001'", NULL};
    const char *const blobs[] = {random, newest, "x''", NULL};
    const char *const *values = strcmp(type, "INTEGER") == 0 ? numbers
                                : strcmp(type, "TEXT") == 0  ? texts
                                                             : blobs;
    for (; *values; values++)
        try_value(desk, story, table, column, *values);
}

static size_t read_columns(struct desk *desk, const char *table, char out[static COLUMNS][2][32])
{
    size_t count = 0;
    AUTO(query)
    struct query *query =
        query_new(desk->site.ledger->store, "SELECT name, type FROM pragma_table_info(:table)", &err);
    query_text(query, ":table", table);
    for (; query_next(query) && count < COLUMNS; count++) {
        snprintf(out[count][0], sizeof out[count][0], "%s", query_get_text(query, 0));
        snprintf(out[count][1], sizeof out[count][1], "%s", query_get_text(query, 1));
    }
    must(query_ok(query, &err));
    return count;
}

static void try_table(struct desk *desk, struct story *story, const char *table)
{
    char columns[COLUMNS][2][32];
    const size_t count = read_columns(desk, table, columns);
    assert_true(count > 2);
    for (size_t i = 0; i < count; i++)
        try_column(desk, story, table, columns[i][0], columns[i][1]);
    AUTO(text) char *all = text_format("DELETE FROM %s", table);
    AUTO(text) char *newest = text_format("%s WHERE rowid = (SELECT max(rowid) FROM %s)", all, table);
    AUTO(text) char *swap = row_edit_swap(desk->site.ledger->store, table);
    AUTO(text) char *copy = row_edit_copy(desk->site.ledger->store, table, 1);
    const char *const edits[] = {all, newest, copy, swap};
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        if (edits[i])
            try_edit(desk, story, edits[i]);
    }
}

static void s10_s50_no_edit_makes_anybody_another_or_opens_a_lock(void **state)
{
    struct desk *desk = *state;
    struct story story = {.tried = 0};
    tell_the_story(desk, &story);
    look(desk, &story, &story.before);
    keep(desk);
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        try_table(desk, &story, tables[i]);
    assert_in_range(story.tried, 80, SIZE_MAX);
    /* What may happen does: otherwise the checks above would prove nothing. */
    struct pass pass;
    assert_true(story.before.is_open[AUDITOR] && story.before.is_open[PEOPLE]);
    assert_false(story.before.is_open[PEOPLE + 1]);
    must(release(desk, AUTHORISER, &story));
    assert_int_equal(pass_find(&desk->site, person_id(CREW), &pass), PASS_HELD);
    assert_true(pass.locked_until_s <= clock_now_s());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s10_s50_no_edit_makes_anybody_another_or_opens_a_lock),
    };
    return cmocka_run_group_tests(tests, desk_setup, desk_teardown);
}
