#include "list/offence.h"
#include "list/operation_build.h"
#include "base/text.h"
#include "list/entry_rules.h"
#include "list/operation_run.h"
#include "list/section.h"
#include "sign/limits.h"
#include "site_test.h"

static const char two_rows[] = "# act, section, months, what\n"
                               "PPC\t1\t47\tthree years and eleven months\n"
                               "PPC\t2\t48\tfour years\n"
                               "PPC\t34\t0\tcommon intention\n"
                               "SAA\t23(1)(a)\t168\tarms\n";

static void s2_suspects_begin_at_four_years(void **state)
{
    (void)state;
    struct error err = {0};
    assert_false(offence_allows_suspect(two_rows, "1 PPC", &err));
    assert_int_equal(err.code, ERROR_FORBIDDEN);
    assert_true(offence_allows_suspect(two_rows, "2 PPC", &err));
    assert_true(offence_allows_suspect(two_rows, "2/34 PPC", &err));
    assert_true(offence_allows_suspect(two_rows, "1 PPC r/w 23 (1) (a) SAA", &err));
}

static void s2_a_section_that_is_not_in_the_table_allows_nobody(void **state)
{
    (void)state;
    static const char *const unknown[] = {"", "3 PPC", "2", "PPC 2", "2 PECA", "2 PPC and loitering",
        "3 PPC, 4 PPC", "2 PPC, 34", "2(b) PPC", "of interest", "2222222222222222222222222222222 PPC"};
    for (size_t i = 0; i < COUNT_OF(unknown); i++) {
        struct error err = {0};
        if (offence_allows_suspect(two_rows, unknown[i], &err))
            fail_msg("allowed: '%s'", unknown[i]);
        assert_int_equal(err.code, ERROR_INVALID);
    }
}

/* It never widens: what it is beside decides. */
static void s2_an_unknown_section_beside_a_known_one_counts_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *cited;
        int64_t months; /* -1: refused */
    } cases[] = {{"2/3 PPC", 48}, {"3/2 PPC", 48}, {"1/3 PPC", 47}, {"34/3 PPC", 0}, {"3 PPC", -1},
        {"3 PPC, 4 SAA", -1}, {"2 PPC, 512/87 CrPC", 48}, {"2 PPC, 4/5 ESA", 48}, {"2 PPC, 3 XYZ", -1}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        int64_t months = -1;
        offence_gravest(two_rows, cases[i].cited, &months, &err);
        if (months != cases[i].months || (months < 0) != (err.code == ERROR_INVALID))
            fail_msg("%s: %lld months %s", cases[i].cited, (long long)months, err.text);
    }
}

struct cited {
    const char *cited;
    int64_t months;
};

static void assert_months(const struct cited *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct error err = {0};
        int64_t months = -1;
        if (!offence_gravest(offence_table, cases[i].cited, &months, &err) || months != cases[i].months)
            fail_msg("%s: %lld months, not %lld %s", cases[i].cited, (long long)months,
                (long long)cases[i].months, err.text);
    }
}

/* As stations write them, in either script; the act's year may follow it. */
static void s2_a_section_is_found_however_it_is_written(void **state)
{
    (void)state;
    static const struct cited cases[] = {{"420/468/471 PPC", 84}, {"302/324/337-H(ii) PPC", 2400},
        {"u/s 392/397 P.P.C.", 168}, {"۳۹۲ ت پ", 168}, {"۳۰۲/۳۴ ت۔پ", 2400},
        {"زیر دفعہ ۳۹۵ تعزیرات پاکستان", 1200}, {"۳۶۵ الف ت پ", 2400}, {"۵۰۶-ب ت پ", 84},
        {"۳۹۲ ت پ، ۵۱۲ ض ف", 168}, {"۳۹۲ اور ۳۴ ت پ", 168}, {"٣٩٢ ت پ", 168}, {"23(i)A SAA", 168},
        {"23(1)A S.A.A", 168}, {"23-I-A SAA 2013", 168}, {"23 (1) (a) SAA", 168}, {"9-C CNSA", 2400},
        {"6/9-C CNSA 1997", 2400}, {"9(b) CNSA", 84}, {"9(i)3(C) CNSA", 168}, {"337-A(iii) PPC", 120},
        {"337Aiii PPC", 120}, {"337-A (3) PPC", 120}, {"337 A (ii) PPC", 60}, {"337-F(v) ppc", 60},
        {"302 PPC, 512 Cr. P.C.", 2400}, {"7 ATA 1997", 2400}, {"353/324/34 PPC r/w 7 ATA", 2400}};
    assert_months(cases, COUNT_OF(cases));
}

static void s2_the_table_holds_what_a_station_cites_and_nothing_blocked(void **state)
{
    (void)state;
    static const char *const grave[] = {"302/34 PPC", "365-A PPC", "392/397 PPC", "6/7 ATA", "23(1)(a) SAA",
        "6/9(c) CNSA", "9(1)3(c) CNSA", "324, 353, 186, 34 P.P.C & 23(1)(a) SAA", "506-B PPC",
        "324/337-A(i)/337-F(iii) PPC"};
    static const char *const light[] = {
        "379 PPC", "397 PPC", "353/186 PPC", "506 PPC", "337-F(iii) PPC", "9(a) CNSA", "6 ATA"};
    for (size_t i = 0; i < COUNT_OF(grave); i++) {
        struct error err = {0};
        if (!offence_allows_suspect(offence_table, grave[i], &err))
            fail_msg("%s: %s", grave[i], err.text);
    }
    for (size_t i = 0; i < COUNT_OF(light); i++) {
        struct error err = {0};
        assert_false(offence_allows_suspect(offence_table, light[i], &err));
        assert_int_equal(err.code, ERROR_FORBIDDEN);
    }
    for (const char *line = offence_table; *line; line += strcspn(line, "\n") + 1) {
        char act[8], section[24], months[12], cited[40];
        if (line[0] == '#')
            continue;
        assert_int_equal(sscanf(line, "%7[A-Z]\t%23[^\t]\t%11[^\t]", act, section, months), 3);
        snprintf(cited, sizeof cited, "%s %s", section, act);
        if (section_is_blocked(cited))
            fail_msg("a blocked section is in the table: %s", cited);
        struct error err = {0};
        int64_t found = -1, written = months[0] == 'l' ? 1200 : months[0] == 'd' ? 2400 : atoi(months);
        if (!offence_gravest(offence_table, cited, &found, &err) || found != written)
            fail_msg("%s is read as another row: %lld months %s", cited, (long long)found, err.text);
    }
}

/* Of the statutes themselves; a change here wants another reading of them. */
static void s2_the_table_s_maximum_sentences_are_those_of_the_statutes(void **state)
{
    (void)state;
    enum { LIFE = 1200, DEATH = 2400 };
    static const struct cited cases[] = {{"302 PPC", DEATH}, {"316 PPC", 300}, {"324 PPC", 120},
        {"353 PPC", 24}, {"365-A PPC", DEATH}, {"376 PPC", DEATH}, {"379 PPC", 36}, {"381-A PPC", 84},
        {"386 PPC", 120}, {"392 PPC", 168}, {"394 PPC", LIFE}, {"395 PPC", LIFE}, {"396 PPC", DEATH},
        {"397 PPC", 0}, {"409 PPC", LIFE}, {"411 PPC", 36}, {"420 PPC", 84}, {"489-F PPC", 36},
        {"7 ATA", DEATH}, {"11-N ATA", 120}, {"21-L ATA", 120}, {"23(1)(a) SAA", 168}, {"24 SAA", 120},
        {"9(a) CNSA", 24}, {"9(b) CNSA", 84}, {"9(c) CNSA", DEATH}, {"9(1)3(c) CNSA", 168}, {"319 PPC", 60},
        {"320 PPC", 120}, {"337-A(iv) PPC", 120}, {"337-A(v) PPC", 120}, {"337-A(vi) PPC", 168},
        {"337-F(iv) PPC", 60}, {"337-F(vi) PPC", 84}, {"337-G PPC", 60}, {"337-H(i) PPC", 36},
        {"337-H(ii) PPC", 3}, {"342 PPC", 12}, {"354 PPC", 24}, {"371-A PPC", 300}, {"371-B PPC", 300},
        {"401 PPC", 84}, {"467 PPC", LIFE}, {"471 PPC", 0}};
    assert_months(cases, COUNT_OF(cases));
}

/* A complete proposal of a live kind of site. */
static json_t *live_proposal(struct fixture *f, const char *ground, const char *kind, unsigned identity)
{
    char entry[24] = "", photo[HEX_HASH_SIZE];
    upload(f, WATCH_ONE, identity, 0, photo);
    json_t *fields = proposal_fields(f, entry, identity, photo);
    json_t *legal_case = json_array_get(json_object_get(fields, "cases"), 0);
    json_object_set_new(fields, "ground", json_string(ground));
    json_object_set_new(legal_case, "kind", json_string(kind));
    json_object_set_new(legal_case, "section", json_string("392 PPC"));
    json_t *named = json_array_get(json_object_get(fields, "photos"), 0);
    json_object_set_new(named, "source", json_string("court"));
    json_object_set_new(named, "file_hash", json_string(photo));
    return fields;
}

static json_t *propose(struct fixture *f, json_t *fields, struct error *err)
{
    AUTO(envelope) struct envelope *proposal = signed_by(f, WATCH_ONE, "entry_proposal", fields);
    return entry_propose(&f->site, proposal, err);
}

static void expect_proposal(struct fixture *f, json_t *fields)
{
    struct error err = {0};
    expect_field(propose(f, fields, &err), &err, "state", "proposed");
}

static void sign_table(struct fixture *f, enum person person)
{
    struct error err = {0};
    uint8_t hash[HASH_SIZE];
    char hex[HEX_HASH_SIZE];
    hash_bytes(offence_table, strlen(offence_table), hash);
    hex_write(hash, HASH_SIZE, hex);
    clock_pass(1); /* another statement than the last one */
    AUTO(envelope)
    struct envelope *envelope = signed_by(f, person, "offence_table", json_pack("{s:s}", "table_hash", hex));
    expect_field(offence_confirm(&f->site, envelope, &err), &err, "table_hash", hex);
}

static void s2_a_live_site_lists_suspects_once_counsel_has_signed_the_table(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    f->site.kind = SITE_LIVE;
    expect_refusal(propose(f, live_proposal(f, "suspect_with_warrant", "court", 1), &err), &err,
        ERROR_UNAVAILABLE, "unconfirmed");
    sign_table(f, JUDGE);
    expect_proposal(f, live_proposal(f, "suspect_with_warrant", "court", 2));
    expect_proposal(f, live_proposal(f, "court_warrant", "court", 3));
    assert_int_equal(count_records(f, "offence_table_signed"), 1);
}

static void s2_only_the_table_s_own_hash_by_the_right_person_is_taken(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char other[HEX_HASH_SIZE];
    memset(other, '0', HEX_HASH_SIZE - 1);
    other[HEX_HASH_SIZE - 1] = '\0';
    f->site.kind = SITE_LIVE;
    AUTO(envelope)
    struct envelope *wrong = signed_by(f, JUDGE, "offence_table", json_pack("{s:s}", "table_hash", other));
    expect_refusal(offence_confirm(&f->site, wrong, &err), &err, ERROR_CONFLICT, "another offence table");
    AUTO(envelope)
    struct envelope *admin = signed_by(f, ADMIN, "offence_table", json_pack("{s:s}", "table_hash", other));
    expect_refusal(offence_confirm(&f->site, admin, &err), &err, ERROR_FORBIDDEN, "no role");
}

static void s2_nobody_of_the_force_signs_the_table(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    uint8_t hash[HASH_SIZE];
    char hex[HEX_HASH_SIZE];
    hash_bytes(offence_table, strlen(offence_table), hash);
    hex_write(hash, HASH_SIZE, hex);
    f->site.kind = SITE_LIVE;
    AUTO(envelope)
    struct envelope *own =
        signed_by(f, AUTHORISER_ONE, "offence_table", json_pack("{s:s}", "table_hash", hex));
    expect_refusal(offence_confirm(&f->site, own, &err), &err, ERROR_FORBIDDEN, "no role");
    /* Nor does one count that lies in the database: counsel may still sign. */
    AUTO(json) json_t *json = envelope_json(own);
    AUTO(text) char *text = json_canonical(json, &err);
    run_sql(f, "INSERT INTO offence_signature (table_hash, envelope, at) VALUES ('%s', '%s', 1)", hex, text);
    expect_refusal(propose(f, live_proposal(f, "suspect_with_warrant", "court", 1), &err), &err,
        ERROR_UNAVAILABLE, "an outside signer signs it first");
    AUTO(json) json_t *shown = offence_show(&f->site, &err);
    assert_true(json_is_false(json_object_get(shown, "confirmed")));
    sign_table(f, JUDGE);
    assert_true(offence_table_counts(&f->site, &err));
}

static void s50_a_signature_of_the_table_that_was_edited_counts_for_nothing(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    f->site.kind = SITE_LIVE;
    sign_table(f, JUDGE);
    assert_true(offence_table_counts(&f->site, &err));
    run_sql(f, "UPDATE offence_signature SET envelope = replace(envelope, '%s', '%s')", f->officers[JUDGE],
        f->officers[AUTHORISER_ONE]);
    assert_false(offence_table_counts(&f->site, &err));
}

/* Under this table's hash, well signed, and all the same not counsel's word on this table. */
static void put_signature(struct fixture *f, enum person person, const char *hash)
{
    struct error err = {0};
    AUTO(envelope)
    struct envelope *envelope = signed_by(f, person, "offence_table", json_pack("{s:s}", "table_hash", hash));
    AUTO(json) json_t *json = envelope_json(envelope);
    AUTO(text) char *text = json_canonical(json, &err);
    AUTO(query)
    struct query *query =
        query_new(f->site.ledger->store, "UPDATE offence_signature SET envelope = :envelope", &err);
    query_text(query, ":envelope", text);
    assert_true(query_done(query, &err) && store_changes(f->site.ledger->store) == 1);
}

static void s50_another_signature_in_the_place_of_the_table_s_counts_for_nothing(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    uint8_t hash[HASH_SIZE];
    char own[HEX_HASH_SIZE], other[HEX_HASH_SIZE];
    hash_bytes(offence_table, strlen(offence_table), hash);
    hex_write(hash, HASH_SIZE, own);
    hash_bytes("an easier table", 15, hash);
    hex_write(hash, HASH_SIZE, other);
    f->site.kind = SITE_LIVE;
    sign_table(f, JUDGE);
    put_signature(f, JUDGE, other);
    assert_false(offence_table_counts(&f->site, &err));
    put_signature(f, ADMIN, own);
    assert_false(offence_table_counts(&f->site, &err));
    put_signature(f, JUDGE, own);
    assert_true(offence_table_counts(&f->site, &err));
    run_sql(f, "UPDATE offence_signature SET table_hash = '%s'", other);
    assert_false(offence_table_counts(&f->site, &err));
}

/* An administrator suspends nobody who signs from outside. */
static void suspend_by_inspector(struct fixture *f, enum person person)
{
    suspend_by_statement(f, INSPECTOR, person);
}

/* A roster comes in force on a demo site at once. */
static void next_roster(struct fixture *f, void (*change)(struct fixture *, enum person), enum person person)
{
    f->site.kind = SITE_DEMO;
    change(f, person);
    f->site.kind = SITE_LIVE;
}

static void adopt_roster(struct fixture *f)
{
    struct error err = {0};
    if (!roster_adopt(&f->site, &err))
        fail_msg("%s", err.text);
    f->site.kind = SITE_LIVE;
}

static bool is_confirmed(struct fixture *f)
{
    struct error err = {0};
    AUTO(json) json_t *shown = offence_show(&f->site, &err);
    if (!shown)
        fail_msg("%s", err.text);
    assert_true(json_is_true(json_object_get(shown, "confirmed")) == offence_table_counts(&f->site, &err));
    return json_is_true(json_object_get(shown, "confirmed"));
}

/* What the law says does not change with who read it. */
static void s2_the_table_stays_signed_when_counsel_gets_a_new_key_loses_it_or_leaves(void **state)
{
    static void (*const changes[])(struct fixture *, enum person) = {
        give_new_key, suspend_by_inspector, leave_the_force};
    struct fixture *f = *state;
    adopt_roster(f);
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        sign_table(f, i == 2 ? INSIDER : JUDGE);
        next_roster(f, changes[i], i == 2 ? INSIDER : JUDGE);
        assert_true(is_confirmed(f));
    }
}

/* Nor is it said to be broken: whoever is counsel now reads it and signs. */
static void s2_a_table_whose_signature_counts_no_more_is_unconfirmed_and_can_be_signed_again(void **state)
{
    static void (*const changes[])(struct fixture *, enum person) = {give_new_key, suspend_by_inspector};
    struct fixture *f = *state;
    uint8_t hash[HASH_SIZE];
    char own[HEX_HASH_SIZE];
    hash_bytes(offence_table, strlen(offence_table), hash);
    hex_write(hash, HASH_SIZE, own);
    adopt_roster(f);
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        sign_table(f, JUDGE);
        clock_pass(1);
        put_signature(f, JUDGE, own); /* which the log does not know */
        assert_true(is_confirmed(f));
        next_roster(f, changes[i], JUDGE);
        assert_false(is_confirmed(f));
        sign_table(f, INSIDER);
        assert_true(is_confirmed(f));
    }
    run_sql(f, "UPDATE offence_signature SET envelope = replace(envelope, '%s', '%s')", f->officers[INSIDER],
        f->officers[JUDGE]);
    assert_false(is_confirmed(f));
    sign_table(f, INSIDER);
    assert_true(is_confirmed(f));
}

static void s2_a_suspect_s_sections_and_references_are_complete(void **state)
{
    struct fixture *f = *state;
    f->site.kind = SITE_LIVE;
    sign_table(f, JUDGE);
    static const struct {
        const char *ground, *kind, *section;
        enum error_code code;
    } bad[] = {
        {"suspect_with_warrant", "fir", "392 PPC", ERROR_INVALID},
        {"suspect_with_warrant", "court", "379 PPC", ERROR_FORBIDDEN},
        {"suspect_with_warrant", "court", "999 PPC", ERROR_INVALID},
        {"suspect_with_warrant", "court", "124-A PPC", ERROR_FORBIDDEN},
        {"court_warrant", "court", "295-C PPC", ERROR_FORBIDDEN},
        {"suspect_with_warrant", "court", "302/999/149 PPC", ERROR_FORBIDDEN},
        {"suspect_with_warrant", "court", "۳۹۲ ت پ، ۱۴۷ ت پ", ERROR_FORBIDDEN},
        {"suspect_with_warrant", "court", "۳۷۹/۹۹۹ ت پ", ERROR_FORBIDDEN},
        {"court_warrant", "fir", "392 PPC", ERROR_INVALID},
        {"proclaimed_offender", "fir", "392 PPC", ERROR_INVALID},
        {"suspect_fir_only", "court", "392 PPC", ERROR_INVALID},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct error err = {0};
        json_t *fields = live_proposal(f, bad[i].ground, bad[i].kind, 1);
        json_t *legal_case = json_array_get(json_object_get(fields, "cases"), 0);
        json_object_set_new(legal_case, "section", json_string(bad[i].section));
        if (strcmp(bad[i].ground, "suspect_fir_only") == 0)
            json_object_set_new(fields, "expires_at", json_integer(clock_now_s() + LIMIT_FIR_ONLY_S - 10));
        AUTO(json) json_t *reply = propose(f, fields, &err);
        if (reply || err.code != bad[i].code)
            fail_msg("row %zu: %s", i, reply ? "taken" : err.text);
    }
}

static void s2_a_suspect_named_in_an_fir_alone_lives_seven_days(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    f->site.kind = SITE_LIVE;
    sign_table(f, JUDGE);
    json_t *fields = live_proposal(f, "suspect_fir_only", "fir", 1);
    json_object_set_new(fields, "expires_at", json_integer(clock_now_s() + LIMIT_FIR_ONLY_S + 1));
    expect_refusal(propose(f, fields, &err), &err, ERROR_INVALID, "at most 168 hours");
    fields = live_proposal(f, "suspect_fir_only", "fir", 2);
    json_object_set_new(fields, "expires_at", json_integer(clock_now_s() + LIMIT_FIR_ONLY_S));
    expect_proposal(f, fields);
}

/* The approver uploads the record's picture again and says so. */
static void fetch_again(struct fixture *f, const char *entry, unsigned identity)
{
    struct error err = {0};
    char fetched[HEX_HASH_SIZE];
    upload(f, AUTHORISER_ONE, identity, 5, fetched);
    AUTO(json) json_t *shown = entry_show(&f->site, officer_of(f, AUTHORISER_ONE), entry, NULL, &err);
    const json_t *photo = json_array_get(json_object_get(shown, "photos"), 0);
    AUTO(envelope)
    struct envelope *fetch = signed_by(f, AUTHORISER_ONE, "source_fetch",
        json_pack("{s:s, s:O, s:s, s:O}", "entry", entry, "photo", json_object_get(photo, "photo"), "fetched",
            fetched, "record_number", json_object_get(photo, "record_number")));
    expect_field(entry_fetch(&f->site, fetch, &err), &err, "entry", entry);
}

static void list_live(
    struct fixture *f, const char *ground, const char *kind, unsigned identity, json_t *entries)
{
    struct error err = {0};
    json_t *fields = live_proposal(f, ground, kind, identity);
    char entry[24];
    snprintf(entry, sizeof entry, "%s", json_string_value(json_object_get(fields, "entry")));
    json_object_set_new(fields, "expires_at", json_integer(clock_now_s() + LIMIT_FIR_ONLY_S));
    expect_proposal(f, fields);
    fetch_again(f, entry, identity);
    AUTO(envelope)
    struct envelope *approval =
        signed_by(f, AUTHORISER_ONE, "entry_approval", answer_fields(f, entry, "approved"));
    expect_field(entry_approve(&f->site, approval, NULL, &err), &err, "state", "approved");
    json_array_append_new(entries, json_string(entry));
}

static json_t *draft(struct fixture *f, json_t *entries, const char *camera, struct error *err)
{
    char operation[24];
    random_id("op", operation);
    AUTO(json) json_t *cameras = json_pack("[s]", camera);
    AUTO(json) json_t *body = draft_body(operation, entries, cameras);
    return operation_draft(&f->site, officer_of(f, WATCH_ONE), body, NULL, err);
}

static void s2_an_fir_alone_is_a_tenth_of_a_list_at_most(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char camera[24];
    f->site.kind = SITE_LIVE;
    sign_table(f, JUDGE);
    add_camera(f, camera);
    AUTO(json) json_t *entries = json_array();
    list_live(f, "suspect_fir_only", "fir", 1, entries);
    for (unsigned i = 2; i <= 9; i++)
        list_live(f, "court_warrant", "court", i, entries);
    expect_refusal(draft(f, entries, camera, &err), &err, ERROR_FORBIDDEN, "at most 10 %");
    list_live(f, "court_warrant", "court", 10, entries);
    AUTO(json) json_t *terms = draft(f, entries, camera, &err);
    if (!terms)
        fail_msg("%s", err.text);
}

/* Of a suspect and of somebody a court wants, both with a live case: how many arm; the suspect is first. */
static size_t count_arming(struct fixture *f, const char *operation, const char *suspect, bool *suspect_arms)
{
    struct error err = {0};
    struct operation_row row;
    AUTO(json) json_t *armed = json_object();
    if (!operation_load(&f->site, operation, &row, &err))
        fail_msg("%s", err.text);
    AUTO(operation_list) struct operation_list list = {0};
    if (!list_build_take(&f->site, operation, NULL, &list, &err))
        fail_msg("%s", err.text);
    AUTO(json) json_t *withheld = operation_withheld_now(&f->site, &row, &list, armed);
    *suspect_arms = true;
    for (size_t i = 0; i < json_array_size(withheld); i++)
        if (strcmp(json_string_value(json_array_get(withheld, i)), suspect) == 0)
            *suspect_arms = false;
    return json_object_size(armed);
}

/* As after an upgrade that brings another table: counsel has signed the one before. */
static void s2_no_suspect_arms_on_a_live_site_while_the_table_is_unconfirmed(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char camera[24], cases[2][24];
    bool suspect_arms = false;
    f->site.kind = SITE_LIVE;
    sign_table(f, JUDGE);
    add_camera(f, camera);
    AUTO(json) json_t *entries = json_array();
    list_live(f, "suspect_with_warrant", "court", 1, entries);
    list_live(f, "court_warrant", "court", 2, entries);
    const char *suspect = json_string_value(json_array_get(entries, 0));
    case_of(f, suspect, cases[0]);
    case_of(f, json_string_value(json_array_get(entries, 1)), cases[1]);
    AUTO(text)
    char *ini = text_format("[status]\navailable = yes\n%s = live\n%s = live\n", cases[0], cases[1]);
    set_ports(f, ini);
    char operation[24];
    random_id("op", operation);
    AUTO(json) json_t *cameras = json_pack("[s]", camera);
    AUTO(json) json_t *body = draft_body(operation, entries, cameras);
    AUTO(json) json_t *terms = operation_draft(&f->site, officer_of(f, WATCH_ONE), body, NULL, &err);
    if (!terms)
        fail_msg("%s", err.text);
    assert_int_equal(count_arming(f, operation, suspect, &suspect_arms), 2);
    run_sql(f, "DELETE FROM offence_signature");
    assert_int_equal(count_arming(f, operation, suspect, &suspect_arms), 1);
    assert_false(suspect_arms);
    f->site.kind = SITE_DEMO;
    assert_true(offence_table_counts(&f->site, &err));
}

static void s28_on_a_live_site_nobody_wanted_is_in_a_trial(void **state)
{
    struct fixture *f = *state;
    char camera[24], operation[24] = "";
    f->site.kind = SITE_LIVE;
    add_camera(f, camera);
    AUTO(json) json_t *entries = json_array();
    list_live(f, "court_warrant", "court", 1, entries);
    AUTO(json)
    json_t *fields = draft_request(f, operation, json_string_value(json_array_get(entries, 0)), camera);
    json_object_set_new(fields, "kind", json_string("live"));
    static const char *const purposes[] = {"trial", "arrest_warrants"};
    for (size_t i = 0; i < COUNT_OF(purposes); i++) {
        struct error err = {0};
        json_object_set_new(fields, "purpose", json_string(purposes[i]));
        AUTO(envelope)
        struct envelope *request = signed_by(f, WATCH_ONE, "operation_request", json_incref(fields));
        json_t *reply = operation_request(&f->site, request, NULL, &err);
        if (i == 0)
            expect_refusal(reply, &err, ERROR_FORBIDDEN, "consenting subjects alone");
        else
            expect_field(reply, &err, "state", "requested");
    }
}

static json_t *missing(struct fixture *f, int born, const char *kind, int64_t lives_s)
{
    json_t *fields = live_proposal(f, "missing_or_at_risk", kind, 1);
    json_object_set_new(json_object_get(fields, "person"), "born", json_integer(born));
    json_object_set_new(
        json_array_get(json_object_get(fields, "photos"), 0), "source", json_string("family"));
    json_object_set_new(fields, "expires_at", json_integer(clock_now_s() + lives_s));
    return fields;
}

static void s7_a_missing_adult_needs_a_magistrate_and_lives_72_hours(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    f->site.kind = SITE_LIVE;
    expect_refusal(propose(f, missing(f, 1990, "fir", 3600), &err), &err, ERROR_FORBIDDEN, "magistrate");
    expect_refusal(propose(f, missing(f, 1990, "court", LIMIT_MISSING_ADULT_S + 1), &err), &err,
        ERROR_INVALID, "at most 72 hours");
    expect_proposal(f, missing(f, 1990, "court", LIMIT_MISSING_ADULT_S));
}

static void s7_somebody_under_18_is_listed_as_missing_only(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    const int born = 1970 + (int)(clock_now_s() / 31556952) - 16;
    f->site.kind = SITE_LIVE;
    json_t *fields = live_proposal(f, "court_warrant", "court", 2);
    json_object_set_new(json_object_get(fields, "person"), "born", json_integer(born));
    expect_refusal(propose(f, fields, &err), &err, ERROR_FORBIDDEN, "only as missing or at risk");
    expect_proposal(f, missing(f, born, "fir", LIMIT_MISSING_ADULT_S + 3600));
}

static void s7_a_photo_of_the_missing_comes_from_the_family(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    f->site.kind = SITE_LIVE;
    json_t *fields = missing(f, 1990, "court", 3600);
    json_object_set_new(
        json_array_get(json_object_get(fields, "photos"), 0), "source", json_string("custody"));
    expect_refusal(propose(f, fields, &err), &err, ERROR_FORBIDDEN, "cannot come from");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s2_suspects_begin_at_four_years),
        cmocka_unit_test(s2_a_section_that_is_not_in_the_table_allows_nobody),
        cmocka_unit_test(s2_an_unknown_section_beside_a_known_one_counts_nothing),
        cmocka_unit_test(s2_a_section_is_found_however_it_is_written),
        cmocka_unit_test(s2_the_table_holds_what_a_station_cites_and_nothing_blocked),
        cmocka_unit_test(s2_the_table_s_maximum_sentences_are_those_of_the_statutes),
        SITE_TEST(s2_a_live_site_lists_suspects_once_counsel_has_signed_the_table),
        SITE_TEST(s2_only_the_table_s_own_hash_by_the_right_person_is_taken),
        SITE_TEST(s2_nobody_of_the_force_signs_the_table),
        SITE_TEST(s50_another_signature_in_the_place_of_the_table_s_counts_for_nothing),
        SITE_TEST(s50_a_signature_of_the_table_that_was_edited_counts_for_nothing),
        SITE_TEST(s2_the_table_stays_signed_when_counsel_gets_a_new_key_loses_it_or_leaves),
        SITE_TEST(s2_a_table_whose_signature_counts_no_more_is_unconfirmed_and_can_be_signed_again),
        SITE_TEST(s2_a_suspect_s_sections_and_references_are_complete),
        SITE_TEST(s2_a_suspect_named_in_an_fir_alone_lives_seven_days),
        SITE_TEST(s2_an_fir_alone_is_a_tenth_of_a_list_at_most),
        SITE_TEST(s28_on_a_live_site_nobody_wanted_is_in_a_trial),
        SITE_TEST(s2_no_suspect_arms_on_a_live_site_while_the_table_is_unconfirmed),
        SITE_TEST(s7_a_missing_adult_needs_a_magistrate_and_lives_72_hours),
        SITE_TEST(s7_somebody_under_18_is_listed_as_missing_only),
        SITE_TEST(s7_a_photo_of_the_missing_comes_from_the_family),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
