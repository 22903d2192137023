#include "list/pass.h"

#include "base/clock.h"
#include "base/text.h"
#include "list/pass_recorded.h"
#include "list/row.h"

#include <stdio.h>
#include <string.h>

enum standing pass_standing(struct site *site, const char *officer, const char *proved)
{
    struct pass pass;
    switch (pass_find(site, officer, &pass)) {
    case PASS_NONE:
        return site->kind == SITE_LIVE || site->needs_passes ? STANDING_ENROL : STANDING_WHOLE;
    case PASS_HELD:
        return strcmp(pass.id, proved) == 0 ? STANDING_WHOLE : STANDING_PROVE;
    case PASS_BROKEN:
        break;
    }
    return STANDING_BROKEN;
}

const char *standing_word(enum standing standing)
{
    static const char *const words[] = {[STANDING_WHOLE] = "nothing",
        [STANDING_PROVE] = "pass",
        [STANDING_ENROL] = "enrolment",
        [STANDING_BROKEN] = "reset"};
    return words[standing];
}

static bool is_digits(const char *text)
{
    return text[strspn(text, "0123456789")] == '\0';
}

static size_t distinct_bytes(const char *text)
{
    bool seen[256] = {false};
    size_t count = 0;
    for (; *text; text++) {
        count += !seen[(uint8_t)*text];
        seen[(uint8_t)*text] = true;
    }
    return count;
}

/* 12345678, 87654321, and what is said of them. */
static bool is_a_run(const char *text)
{
    size_t up = 0, down = 0, size = strlen(text);
    for (size_t i = 1; i < size; i++) {
        up += text[i] == text[i - 1] + 1;
        down += text[i] == text[i - 1] - 1;
    }
    return up + 2 >= size || down + 2 >= size;
}

bool pass_password_holds(const struct officer *officer, const char *password, struct error *err)
{
    size_t size = strlen(password);
    bool gloves = officer->roles == 1U << ROLE_CREW && is_digits(password);
    size_t least = gloves ? PASS_CREW_DIGITS_LEAST : PASS_PASSWORD_LEAST;
    if (size < least || size > PASSWORD_MOST)
        return fail(err, ERROR_INVALID, "a password has %d to %d characters; of a crew %d digits will do",
            PASS_PASSWORD_LEAST, PASSWORD_MOST, PASS_CREW_DIGITS_LEAST);
    if (!text_is_utf8(password, size) || distinct_bytes(password) < 4 || is_a_run(password) ||
        strstr(password, officer->id))
        return fail(err, ERROR_INVALID, "this password is too easy to guess; take another");
    return true;
}

bool pass_to_try(struct site *site, const char *officer, struct pass *out, struct error *err)
{
    struct pass pass;
    enum pass_state state = pass_find(site, officer, &pass);
    if (state == PASS_NONE)
        return fail(err, ERROR_CONFLICT, "%s has no password yet", officer);
    if (state == PASS_BROKEN)
        return fail(err, ERROR_FORBIDDEN,
            "the pass of %s was changed outside the desk; two officers have to reset it", officer);
    int64_t left_s = pass.locked_until_s - clock_now_s();
    if (left_s > 0)
        return fail(err, ERROR_FORBIDDEN,
            "too many wrong answers: locked for %lld min more, or until two officers end it",
            (long long)(left_s + 59) / 60);
    *out = pass;
    return true;
}

bool pass_fits(struct site *site, const struct pass *pass, bool password_fits, const char *code,
    int64_t *step, struct error *err)
{
    struct pass_secrets secrets;
    if (!pass_open(site, pass, &secrets, err))
        return false;
    bool code_fits = one_time_code_fits(secrets.code, clock_now_s(), pass->step, code, step);
    memory_wipe(&secrets, sizeof secrets);
    return (password_fits && code_fits) ||
           fail(err, ERROR_UNSIGNED, "the password or the code is not right; a code counts once");
}

static bool record_pass(
    struct site *site, const char *kind, const char *by, json_t *fields, struct error *err)
{
    AUTO(json) json_t *taken = fields;
    const struct record record = {.kind = kind, .by = by, .public_fields = taken};
    return taken && pass_mark_note(site, by, taken, err) && ledger_record(site->ledger, &record, err);
}

static int64_t lock_lasts_s(int64_t failures)
{
    int64_t lasts_s = PASS_LOCK_S;
    for (int64_t locks = failures / PASS_TRIES; locks > 1 && lasts_s < PASS_LOCK_MOST_S; locks--)
        lasts_s *= 2;
    return lasts_s < PASS_LOCK_MOST_S ? lasts_s : PASS_LOCK_MOST_S;
}

static bool note_failure(struct site *site, struct pass *pass, struct error *err)
{
    pass->failures++;
    bool locks = pass->failures % PASS_TRIES == 0;
    if (locks) {
        random_id("l", pass->lock);
        pass->locked_until_s = clock_now_s() + lock_lasts_s(pass->failures);
    }
    return pass_update(site, pass, err) &&
           record_pass(site, "pass_refused", pass->officer,
               json_pack("{s:I}", "failures", (json_int_t)pass->failures), err) &&
           (!locks || record_pass(site, "pass_locked", "site",
                          json_pack("{s:s, s:s, s:I}", "officer", pass->officer, "lock", pass->lock, "until",
                              (json_int_t)pass->locked_until_s),
                          err));
}

bool pass_failed(struct site *site, const struct pass *pass, struct error *err)
{
    struct pass changed = *pass;
    if (!ledger_begin(site->ledger, err))
        return false;
    if (note_failure(site, &changed, err) && ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

bool pass_used(struct site *site, const struct pass *pass, int64_t step, struct error *err)
{
    struct pass changed = *pass;
    changed.step = step;
    changed.failures = 0;
    changed.lock[0] = '\0';
    changed.locked_until_s = 0;
    return pass_update(site, &changed, err);
}

bool pass_shown(struct site *site, const struct pass *pass, int64_t step, struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return false;
    if (pass_used(site, pass, step, err) &&
        record_pass(site, "pass_shown", pass->officer, json_object(), err) &&
        ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

bool pass_make(struct site *site, const char *officer, const struct pass_secrets *secrets, int64_t step,
    char id[static 24], struct error *err)
{
    struct pass pass = {.since_s = clock_now_s(), .step = step};
    random_id("p", pass.id);
    row_text(pass.officer, sizeof pass.officer, officer);
    if (!pass_write(site, &pass, secrets, err) ||
        !record_pass(site, "pass_made", officer, json_pack("{s:s}", "pass", pass.id), err))
        return false;
    memcpy(id, pass.id, sizeof pass.id);
    return true;
}

static bool erase_if_gone(struct site *site, const char *officer, struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return false;
    if (pass_erase(site, officer, err) &&
        record_pass(site, "pass_destroyed", "site", json_pack("{s:s}", "officer", officer), err) &&
        ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

/* Somebody suspended may come back with another key; who is not in the roster any more does not. */
static bool is_in_roster(const struct site *site, const char *officer)
{
    for (size_t i = 0; i < roster_officers(site->roster); i++)
        if (strcmp(roster_officer_at(site->roster, i)->id, officer) == 0)
            return true;
    return false;
}

static bool next_gone(struct site *site, char officer[static 24], bool *found, struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, "SELECT officer FROM pass", err);
    *found = false;
    while (!*found && query_next(query)) {
        row_text(officer, 24, query_get_text(query, 0));
        *found = !is_in_roster(site, officer);
    }
    return query_ok(query, err);
}

bool pass_tick(struct site *site, struct error *err)
{
    int64_t number = roster_number(site->roster);
    bool found = number != site->passes_of_roster;
    while (found) {
        char officer[24];
        if (!next_gone(site, officer, &found, err) || (found && !erase_if_gone(site, officer, err)))
            return false;
    }
    site->passes_of_roster = number;
    return true;
}
