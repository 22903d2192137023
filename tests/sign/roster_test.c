#include "people.h"

static struct error err;

static struct roster *read_as(int signer, json_t *fields, const char *site)
{
    AUTO(envelope) struct envelope *envelope = NULL;
    json_object_set_new(fields, "type", json_string("roster"));
    if (!json_object_get(fields, "site"))
        json_object_set_new(fields, "site", json_string("karachi-demo"));
    json_object_set_new(fields, "by", json_string("root"));
    json_object_set_new(fields, "at", json_integer(NOW));
    envelope = envelope_sign(fields, key_of(signer).secret, &err);
    json_decref(fields);
    assert_non_null(envelope);
    return roster_read(envelope, key_of(ROOT).public_key, site, &err);
}

static void a_roster_answers_for_its_officers_units_and_stations(void **state)
{
    (void)state;
    AUTO(roster) struct roster *roster = read_as(ROOT, roster_fields(), "karachi-demo");
    assert_non_null(roster);
    assert_int_equal(roster_number(roster), 3);
    assert_int_equal(roster_kind(roster), SITE_DEMO);
    assert_int_equal(roster_officers(roster), 6);
    const struct officer *first = roster_officer(roster, name_of(FIRST));
    assert_true(officer_has(first, ROLE_AUTHORISER));
    assert_false(officer_has(first, ROLE_REVIEWER));
    assert_null(roster_officer(roster, name_of(STRANGER)));
    assert_non_null(roster_unit(roster, ID("u", "1")));
    assert_null(roster_unit_at(roster, 1));
    assert_non_null(roster_station(roster, ID("s", "1")));
    assert_true(roster_trusts_report_key(roster, key_of(LAB).public_key));
    assert_false(roster_trusts_report_key(roster, key_of(FIRST).public_key));
}

static void a_roster_is_as_large_as_its_form_lets_it_be(void **state)
{
    (void)state;
    AUTO(roster) struct roster *roster = read_as(ROOT, fullest_roster(roster_fields()), "karachi-demo");
    if (!roster)
        fail_msg("%s", err.text);
    assert_int_equal(roster_officers(roster), 2000);
    assert_non_null(roster_unit_at(roster, 499));
    /* Where it is kept and brought. */
    AUTO(json) json_t *json = envelope_json(roster_envelope(roster));
    AUTO(text) char *text = json_canonical(json, &err);
    AUTO(envelope) struct envelope *read = envelope_parse_roster(text, strlen(text), &err);
    assert_non_null(read);
}

static void a_roster_signed_by_another_key_is_refused(void **state)
{
    (void)state;
    assert_null(read_as(FIRST, roster_fields(), "karachi-demo"));
    assert_int_equal(err.code, ERROR_UNSIGNED);
}

static void a_roster_of_another_site_is_refused(void **state)
{
    (void)state;
    assert_null(read_as(ROOT, roster_fields(), "lahore"));
    assert_int_equal(err.code, ERROR_UNSIGNED);
}

static void s08_one_key_for_two_officers_is_refused(void **state)
{
    (void)state;
    json_t *fields = roster_fields();
    json_t *officers = json_object_get(fields, "officers");
    json_object_set_new(json_array_get(officers, 1), "key", hex_text(key_of(REQUESTER).public_key));
    assert_null(read_as(ROOT, fields, "karachi-demo"));
    assert_non_null(strstr(err.text, "one key twice"));
}

static json_t *roster_numbered(const char *first, const char *second)
{
    json_t *fields = roster_fields();
    json_t *officers = json_object_get(fields, "officers");
    json_object_set_new(json_array_get(officers, 1), "service_number", json_string(first));
    json_object_set_new(json_array_get(officers, 2), "service_number", json_string(second));
    return fields;
}

static void s08_one_service_number_for_two_officers_is_refused_whatever_its_case(void **state)
{
    (void)state;
    static const char *const same[] = {"KHI-48213", "khi-48213"};
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        assert_null(read_as(ROOT, roster_numbered("KHI-48213", same[i]), "karachi-demo"));
        assert_int_equal(err.code, ERROR_INVALID);
        assert_non_null(strstr(err.text, name_of(FIRST)));
        assert_non_null(strstr(err.text, name_of(SECOND)));
        assert_non_null(strstr(err.text, "one person is one officer"));
    }
    AUTO(roster)
    struct roster *roster = read_as(ROOT, roster_numbered("KHI-48213", "KHI-48214"), "karachi-demo");
    assert_non_null(roster);
    assert_string_equal(roster_officer(roster, name_of(FIRST))->service_number, "KHI-48213");
    assert_string_equal(roster_officer(roster, name_of(REVIEWER))->service_number, "");
}

static void a_service_number_is_2_to_24_letters_digits_hyphens_and_slashes(void **state)
{
    (void)state;
    static const struct {
        const char *number;
        bool taken;
    } cases[] = {{"A1", true}, {"KHI/2024-48213", true}, {"abcdefghijklmnopqrstuvwx", true}, {"7", false},
        {"", false}, {"abcdefghijklmnopqrstuvwxy", false}, {"KHI 48213", false}, {"KHI_48213", false},
        {"<b>", false}, {"\xd9\xa4\xd9\xa8", false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_t *officer = officer_json(FIRST, ID("f", "1"), "authoriser");
        json_object_set_new(officer, "service_number", json_string(cases[i].number));
        json_t *fields = roster_fields();
        json_array_set_new(json_object_get(fields, "officers"), 1, officer);
        AUTO(json) json_t *statement = fields;
        json_object_set_new(fields, "type", json_string("roster"));
        json_object_set_new(fields, "site", json_string("karachi-demo"));
        json_object_set_new(fields, "by", json_string("root"));
        json_object_set_new(fields, "at", json_integer(NOW));
        AUTO(envelope) struct envelope *envelope = envelope_sign(statement, key_of(ROOT).secret, &err);
        assert_int_equal(envelope != NULL, cases[i].taken);
    }
}

static void a_unit_s_and_a_station_s_name_is_1_to_64_bytes_and_may_lack(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool taken;
    } cases[] = {{"ERV-07", true}, {"\xd8\xb5\xd8\xaf\xd8\xb1", true},
        {"0123456789012345678901234567890123456789012345678901234567890123", true}, {"", false},
        {"01234567890123456789012345678901234567890123456789012345678901234", false}, {"a\nb", false}};
    static const char *const lists[] = {"units", "stations"};
    for (size_t i = 0; i < COUNT_OF(cases) * COUNT_OF(lists); i++) {
        AUTO(json) json_t *fields = roster_fields();
        json_t *list = json_object_get(fields, lists[i % COUNT_OF(lists)]);
        const bool taken = cases[i / COUNT_OF(lists)].taken;
        json_object_set_new(json_array_get(list, 0), "name", json_string(cases[i / COUNT_OF(lists)].name));
        json_object_set_new(fields, "type", json_string("roster"));
        json_object_set_new(fields, "site", json_string("karachi-demo"));
        json_object_set_new(fields, "by", json_string("root"));
        json_object_set_new(fields, "at", json_integer(NOW));
        AUTO(envelope) struct envelope *envelope = envelope_sign(fields, key_of(ROOT).secret, &err);
        assert_int_equal(envelope != NULL, taken);
    }
}

static void an_officer_named_twice_is_refused(void **state)
{
    (void)state;
    json_t *fields = roster_fields();
    json_t *officers = json_object_get(fields, "officers");
    json_object_set_new(json_array_get(officers, 1), "officer", json_string(name_of(REQUESTER)));
    assert_null(read_as(ROOT, fields, "karachi-demo"));
    assert_non_null(strstr(err.text, "twice"));
}

static void an_officer_acts_for_the_stations_and_units_the_roster_posts_to(void **state)
{
    (void)state;
    json_t *fields = roster_fields();
    json_t *officers = json_object_get(fields, "officers");
    json_object_set_new(json_array_get(officers, 5), "posts", json_pack("[s]", ID("u", "1")));
    AUTO(roster) struct roster *roster = read_as(ROOT, fields, "karachi-demo");
    assert_non_null(roster);
    assert_true(officer_is_posted(roster_officer(roster, name_of(REVIEWER)), ID("u", "1")));
    assert_false(officer_is_posted(roster_officer(roster, name_of(REVIEWER)), ID("s", "1")));
    assert_false(officer_is_posted(roster_officer(roster, name_of(FIRST)), ID("u", "1")));
    fields = roster_fields();
    officers = json_object_get(fields, "officers");
    json_object_set_new(json_array_get(officers, 5), "posts", json_pack("[s]", ID("s", "9")));
    assert_null(read_as(ROOT, fields, "karachi-demo"));
    assert_non_null(strstr(err.text, "which is not in it"));
}

static struct envelope *halt_signed_with(int claimed, int key, const char *site)
{
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "type", "halt", "site", site, "by",
        name_of(claimed), "operation", ID("op", "1"), "reason", "safety", "at", 1);
    return envelope_sign(fields, key_of(key).secret, &err);
}

static void s10_a_statement_counts_only_with_the_officer_s_own_key_and_role(void **state)
{
    (void)state;
    AUTO(roster) struct roster *roster = read_as(ROOT, roster_fields(), "karachi-demo");
    static const struct {
        int claimed, key;
        const char *site;
        enum role role;
        enum error_code code;
    } cases[] = {
        {FIRST, FIRST, "karachi-demo", ROLE_AUTHORISER, ERROR_NONE},
        {FIRST, SECOND, "karachi-demo", ROLE_AUTHORISER, ERROR_UNSIGNED},
        {STRANGER, STRANGER, "karachi-demo", ROLE_AUTHORISER, ERROR_UNSIGNED},
        {FIRST, FIRST, "lahore", ROLE_AUTHORISER, ERROR_UNSIGNED},
        {REVIEWER, REVIEWER, "karachi-demo", ROLE_AUTHORISER, ERROR_FORBIDDEN},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(envelope)
        struct envelope *envelope = halt_signed_with(cases[i].claimed, cases[i].key, cases[i].site);
        err = (struct error){0};
        const struct officer *officer = roster_check(roster, envelope, cases[i].role, &err);
        assert_int_equal(officer != NULL, cases[i].code == ERROR_NONE);
        assert_int_equal(err.code, cases[i].code);
    }
}

static void who_holds_a_suspended_key_is_told_so_and_nobody_else(void **state)
{
    (void)state;
    AUTO(roster) struct roster *roster = read_as(ROOT, roster_fields(), "karachi-demo");
    roster_suspend(roster, name_of(FIRST), key_of(FIRST).public_key);
    static const struct {
        int key;
        const char *told;
    } cases[] = {{FIRST, "was suspended"}, {STRANGER, "is not in roster 3"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(envelope) struct envelope *envelope = halt_signed_with(FIRST, cases[i].key, "karachi-demo");
        assert_null(roster_check_any(roster, envelope, &err));
        assert_int_equal(err.code, ERROR_UNSIGNED);
        assert_non_null(strstr(err.text, cases[i].told));
    }
}

static void every_role_has_a_word(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        enum role role;
        assert_true(role_read(role_word((enum role)i), &role));
        assert_int_equal(role, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_roster_answers_for_its_officers_units_and_stations),
        cmocka_unit_test(a_roster_is_as_large_as_its_form_lets_it_be),
        cmocka_unit_test(a_roster_signed_by_another_key_is_refused),
        cmocka_unit_test(a_roster_of_another_site_is_refused),
        cmocka_unit_test(s08_one_key_for_two_officers_is_refused),
        cmocka_unit_test(s08_one_service_number_for_two_officers_is_refused_whatever_its_case),
        cmocka_unit_test(a_service_number_is_2_to_24_letters_digits_hyphens_and_slashes),
        cmocka_unit_test(a_unit_s_and_a_station_s_name_is_1_to_64_bytes_and_may_lack),
        cmocka_unit_test(an_officer_named_twice_is_refused),
        cmocka_unit_test(s10_a_statement_counts_only_with_the_officer_s_own_key_and_role),
        cmocka_unit_test(an_officer_acts_for_the_stations_and_units_the_roster_posts_to),
        cmocka_unit_test(who_holds_a_suspended_key_is_told_so_and_nobody_else),
        cmocka_unit_test(every_role_has_a_word),
    };
    return crypto_start(NULL) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
