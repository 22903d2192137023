#include "people.h"

#include "sign/types.h"

static struct error err;

static struct envelope *halt_by(int person)
{
    return sign_as(person, "halt", json_pack("{s:s, s:s}", "operation", ID("op", "1"), "reason", "safety"));
}

static void a_signed_statement_reads_back(void **state)
{
    (void)state;
    AUTO(envelope) struct envelope *made = halt_by(FIRST);
    AUTO(json) json_t *json = envelope_json(made);
    AUTO(envelope) struct envelope *read = envelope_read(json, &err);
    assert_non_null(read);
    assert_string_equal(read->type, "halt");
    assert_string_equal(read->site, "karachi-demo");
    assert_string_equal(read->by, name_of(FIRST));
    assert_int_equal(read->at_s, NOW);
    assert_memory_equal(read->hash, made->hash, HASH_SIZE);
    assert_true(envelope_is(read, "halt", &err));
    assert_false(envelope_is(read, "stop", &err));
}

static void the_signed_bytes_are_the_preamble_and_the_statement(void **state)
{
    (void)state;
    AUTO(envelope) struct envelope *made = halt_by(FIRST);
    AUTO(text) char *bytes = text_format("mizan-statement-v1\n%s", made->statement);
    assert_true(sign_verify(bytes, strlen(bytes), key_of(FIRST).public_key, made->signature));
}

static void any_edited_byte_is_found(void **state)
{
    (void)state;
    AUTO(envelope) struct envelope *made = halt_by(FIRST);
    AUTO(json) json_t *json = envelope_json(made);
    AUTO(text) char *text = json_dumps(json, JSON_COMPACT);
    size_t size = strlen(text);
    for (size_t i = 0; i < size; i++) {
        char kept = text[i];
        text[i] = (char)(kept ^ 1);
        AUTO(envelope) struct envelope *read = envelope_parse(text, size, &err);
        assert_null(read);
        text[i] = kept;
    }
    AUTO(envelope) struct envelope *read = envelope_parse(text, size, &err);
    assert_non_null(read);
}

typedef struct envelope *reader(const json_t *json, struct error *err);

static enum error_code code_of_signed_by(reader *read_it, const char *statement)
{
    struct key_pair pair = key_of(FIRST);
    uint8_t signature[SIGNATURE_SIZE];
    char signature_hex[2 * SIGNATURE_SIZE + 1];
    AUTO(text) char *bytes = text_format("mizan-statement-v1\n%s", statement);
    sign_bytes(bytes, strlen(bytes), pair.secret, signature);
    hex_write(signature, sizeof signature, signature_hex);
    AUTO(json)
    json_t *json = json_pack("{s:o, s:s, s:s}", "key", hex_text(pair.public_key), "signature", signature_hex,
        "statement", statement);
    err = (struct error){0};
    AUTO(envelope) struct envelope *read = read_it(json, &err);
    return read ? ERROR_NONE : err.code;
}

static enum error_code code_of_signed(const char *statement)
{
    return code_of_signed_by(envelope_read, statement);
}

/* With white space behind it, `size` bytes long. */
static char *padded(const char *statement, size_t size)
{
    char *text = memory_allocate(size + 1, 1);
    memset(text, ' ', size);
    memcpy(text, statement, strlen(statement));
    return text;
}

/* The room of a roster is a roster's alone, and only where nothing else is taken. */
static void a_statement_is_bounded_before_it_is_read(void **state)
{
    (void)state;
    static const char stop[] = "{\"alert\":\"a-0000000000000001\",\"at\":1,\"by\":\"o-0000000000000002\","
                               "\"site\":\"x\",\"type\":\"stop\"}";
    static const struct {
        size_t size;
        reader *read_it;
        enum error_code code;
    } cases[] = {{STATEMENT_LIMIT, envelope_read, ERROR_INVALID},
        {STATEMENT_LIMIT + 1, envelope_read, ERROR_TOO_LARGE},
        {STATEMENT_LIMIT + 1, envelope_read_roster, ERROR_INVALID},
        {ROSTER_LIMIT, envelope_read_roster, ERROR_INVALID},
        {ROSTER_LIMIT + 1, envelope_read_roster, ERROR_TOO_LARGE}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(text) char *statement = padded(stop, cases[i].size);
        assert_int_equal(code_of_signed_by(cases[i].read_it, statement), cases[i].code);
    }
    assert_int_equal(code_of_signed_by(envelope_read_roster, stop), ERROR_INVALID);
    assert_non_null(strstr(err.text, "where 'roster' is needed"));
}

static void what_is_signed_has_its_type_s_room(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        size_t size;
        enum error_code code;
    } cases[] = {{"stop", STATEMENT_LIMIT - 100, ERROR_INVALID}, {"stop", STATEMENT_LIMIT, ERROR_TOO_LARGE},
        {"roster", ROSTER_LIMIT - 100, ERROR_INVALID}, {"roster", ROSTER_LIMIT, ERROR_TOO_LARGE}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(text) char *pad = padded("", cases[i].size);
        AUTO(json) json_t *fields = json_pack("{s:s, s:s}", "type", cases[i].type, "pad", pad);
        AUTO(envelope) struct envelope *made = envelope_sign(fields, key_of(FIRST).secret, &err);
        assert_null(made);
        assert_int_equal(err.code, cases[i].code);
    }
}

static void only_canonical_bytes_of_the_type_s_own_form_are_read(void **state)
{
    (void)state;
    static const struct {
        enum error_code code;
        const char *statement, *says;
    } cases[] = {
        {ERROR_NONE,
            "{\"alert\":\"a-0000000000000001\",\"at\":1,\"by\":\"o-0000000000000002\","
            "\"site\":\"x\",\"type\":\"stop\"}",
            ""},
        {ERROR_INVALID,
            "{\"alert\": \"a-0000000000000001\",\"at\":1,\"by\":\"o-0000000000000002\","
            "\"site\":\"x\",\"type\":\"stop\"}",
            "canonical"},
        {ERROR_INVALID,
            "{\"at\":1,\"alert\":\"a-0000000000000001\",\"by\":\"o-0000000000000002\","
            "\"site\":\"x\",\"type\":\"stop\"}",
            "canonical"},
        {ERROR_INVALID,
            "{\"alert\":\"a-0000000000000001\",\"at\":1,\"at\":2,\"by\":\"o-0000000000000002\","
            "\"site\":\"x\",\"type\":\"stop\"}",
            "uplicate"},
        {ERROR_INVALID,
            "{\"alert\":\"a-0000000000000001\",\"at\":1.5,\"by\":\"o-0000000000000002\","
            "\"site\":\"x\",\"type\":\"stop\"}",
            "'at'"},
        {ERROR_INVALID, "{\"at\":1,\"by\":\"o-0000000000000002\",\"site\":\"x\",\"type\":\"stop\"}",
            "'alert' is missing"},
        {ERROR_INVALID,
            "{\"alert\":\"a-0000000000000001\",\"at\":1,\"by\":\"o-0000000000000002\","
            "\"extra\":1,\"site\":\"x\",\"type\":\"stop\"}",
            "'extra' is not known"},
        {ERROR_INVALID,
            "{\"alert\":\"e-0000000000000001\",\"at\":1,\"by\":\"o-0000000000000002\","
            "\"site\":\"x\",\"type\":\"stop\"}",
            "'alert'"},
        {ERROR_INVALID,
            "{\"alert\":\"a-0000000000000001\",\"at\":1,\"by\":\"root\","
            "\"site\":\"x\",\"type\":\"stop\"}",
            "signed by an officer"},
        {ERROR_INVALID,
            "{\"alert\":\"a-0000000000000001\",\"at\":1,\"by\":\"o-0000000000000002\","
            "\"site\":\"x y\",\"type\":\"stop\"}",
            "site's name"},
        {ERROR_INVALID,
            "{\"alert\":\"a-0000000000000001\",\"at\":1,\"by\":\"o-0000000000000002\","
            "\"site\":\"x\",\"type\":\"search\"}",
            "no statement"},
        {ERROR_INVALID,
            "{\"at\":1,\"by\":\"o-0000000000000002\",\"operation\":\"op-0000000000000001\","
            "\"reason\":\"boredom\",\"site\":\"x\",\"type\":\"halt\"}",
            "one of"},
        {ERROR_INVALID, "[]", "object"},
        {ERROR_INVALID, "", "JSON"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(code_of_signed(cases[i].statement), cases[i].code);
        if (!strstr(err.text, cases[i].says))
            fail_msg("case %zu: '%s' does not say '%s'", i, err.text, cases[i].says);
    }
}

static void another_key_does_not_verify(void **state)
{
    (void)state;
    AUTO(envelope) struct envelope *made = halt_by(FIRST);
    AUTO(json) json_t *json = envelope_json(made);
    json_object_set_new(json, "key", hex_text(key_of(SECOND).public_key));
    AUTO(envelope) struct envelope *read = envelope_read(json, &err);
    assert_null(read);
    assert_int_equal(err.code, ERROR_UNSIGNED);
}

static json_t *proposal_fields(void)
{
    return json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:i, s:s, s:s}, s:[{s:s, s:s, s:s, s:s, s:s, s:i, s:s}], "
                     "s:[{s:o, s:s, s:s, s:i}], s:I}",
        "entry", ID("e", "1"), "ground", "court_warrant", "person", "name", "A B", "father", "C", "cnic",
        "42101-1234567-1", "born", 1990, "gender", "male", "description", "", "cases", "case", ID("k", "1"),
        "kind", "fir", "number", "12/2026", "section", "392 PPC", "station", ID("s", "1"), "dated", 5,
        "officer", "SI D", "photos", "photo", hex_of(1), "source", "custody", "record_number", "R-1", "dated",
        5, "expires_at", (json_int_t)NOW);
}

static void s01_a_ground_outside_the_closed_set_is_refused(void **state)
{
    (void)state;
    AUTO(envelope) struct envelope *good = sign_as(FIRST, "entry_proposal", proposal_fields());
    static const char *const grounds[] = {
        "of_interest", "", "court_warrant ", "court_warrant proclaimed_offender", "COURT_WARRANT", " "};
    for (size_t i = 0; i < COUNT_OF(grounds); i++) {
        AUTO(json) json_t *fields = json_deep_copy(good->fields);
        json_object_set_new(fields, "ground", json_string(grounds[i]));
        AUTO(envelope) struct envelope *bad = envelope_sign(fields, key_of(FIRST).secret, &err);
        assert_null(bad);
        assert_int_equal(err.code, ERROR_INVALID);
    }
}

static void s02_every_field_of_a_proposal_is_needed(void **state)
{
    (void)state;
    AUTO(envelope) struct envelope *good = sign_as(FIRST, "entry_proposal", proposal_fields());
    const char *const holders[] = {NULL, "person", "cases", "photos"};
    for (size_t h = 0; h < COUNT_OF(holders); h++) {
        json_t *holder = holders[h] ? json_object_get(good->fields, holders[h]) : good->fields;
        holder = json_is_array(holder) ? json_array_get(holder, 0) : holder;
        AUTO(json) json_t *names = json_copy(holder);
        const char *name;
        json_t *value;
        json_object_foreach (names, name, value) {
            json_incref(value);
            json_object_del(holder, name);
            AUTO(envelope) struct envelope *bad = envelope_sign(good->fields, key_of(FIRST).secret, &err);
            assert_null(bad);
            json_object_set_new(holder, name, value);
        }
    }
    AUTO(envelope) struct envelope *again = envelope_sign(good->fields, key_of(FIRST).secret, &err);
    assert_non_null(again);
}

static void text_with_control_characters_is_refused(void **state)
{
    (void)state;
    AUTO(json) json_t *fields = proposal_fields();
    json_object_set_new(json_object_get(fields, "person"), "name", json_string("A\nB"));
    AUTO(json)
    json_t *common = json_pack(
        "{s:s, s:s, s:s, s:i}", "type", "entry_proposal", "site", "x", "by", name_of(FIRST), "at", 1);
    json_object_update(fields, common);
    AUTO(envelope) struct envelope *bad = envelope_sign(fields, key_of(FIRST).secret, &err);
    assert_null(bad);
    assert_non_null(strstr(err.text, "control characters"));
}

static void every_type_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; statement_type_at(i); i++)
        assert_ptr_equal(statement_type_find(statement_type_at(i)->name), statement_type_at(i));
    assert_null(statement_type_find("search"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signed_statement_reads_back),
        cmocka_unit_test(the_signed_bytes_are_the_preamble_and_the_statement),
        cmocka_unit_test(any_edited_byte_is_found),
        cmocka_unit_test(only_canonical_bytes_of_the_type_s_own_form_are_read),
        cmocka_unit_test(a_statement_is_bounded_before_it_is_read),
        cmocka_unit_test(what_is_signed_has_its_type_s_room),
        cmocka_unit_test(another_key_does_not_verify),
        cmocka_unit_test(s01_a_ground_outside_the_closed_set_is_refused),
        cmocka_unit_test(s02_every_field_of_a_proposal_is_needed),
        cmocka_unit_test(text_with_control_characters_is_refused),
        cmocka_unit_test(every_type_has_a_name_of_its_own),
    };
    return crypto_start(NULL) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
