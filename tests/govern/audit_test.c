#include "base/file.h"
#include "base/text.h"
#include "govern/audit.h"
#include "govern/leaf.h"
#include "govern/note.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RECORDS = 6 };

struct sample {
    struct scratch scratch;
    struct bytes export;
    uint8_t key[PUBLIC_KEY_SIZE];
    uint8_t secret[SECRET_KEY_SIZE];
};

static int begin(void **state)
{
    struct sample *sample = memory_allocate(1, sizeof *sample);
    struct error err = {0};
    scratch_make(&sample->scratch);
    struct ledger *ledger = scratch_open(&sample->scratch);
    for (int i = 1; i < RECORDS; i++)
        scratch_write(ledger, i % 2 ? "alert_raised" : "review_given", i % 2 ? "Ghulam" : NULL);
    assert_true(ledger_export(ledger, &sample->export, &err));
    memcpy(sample->key, ledger_log_public_key(ledger), PUBLIC_KEY_SIZE);
    memcpy(sample->secret, ledger->log_key, SECRET_KEY_SIZE);
    ledger_close(ledger);
    *state = sample;
    return 0;
}

static int end(void **state)
{
    struct sample *sample = *state;
    scratch_remove(&sample->scratch);
    bytes_free(&sample->export);
    memory_release(sample);
    return 0;
}

static bool verifies(const struct sample *sample, const void *bytes, size_t size, struct error *err)
{
    struct audit_result result = {0};
    *err = (struct error){0};
    bool held = audit_verify(bytes, size, sample->key, &result, err);
    assert_int_equal(held, err->code == ERROR_NONE);
    return held;
}

static void assert_found(const struct sample *sample, const struct text *export, const char *words)
{
    struct error err;
    if (verifies(sample, export->data, export->size, &err))
        fail_msg("not found: %s", words);
    if (!strstr(err.text, words))
        fail_msg("expected '%s', got: %s", words, err.text);
}

/* The line of the i-th record with its newline; the line after the last is the empty one. */
static struct bytes line(const struct sample *sample, int index)
{
    uint8_t *at = sample->export.data;
    while (index-- > 0)
        at = (uint8_t *)strchr((char *)at, '\n') + 1;
    return (struct bytes){at, (size_t)(strchr((char *)at, '\n') + 1 - (char *)at)};
}

static void add_lines(struct text *text, const struct sample *sample, const int *order, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct bytes one = line(sample, order[i]);
        text_add_bytes(text, one.data, one.size);
    }
}

static void add_note(struct text *text, const struct sample *sample)
{
    struct bytes empty = line(sample, RECORDS);
    text_add_bytes(text, empty.data, (size_t)(sample->export.data + sample->export.size - empty.data));
}

static void an_untouched_export_verifies(void **state)
{
    struct sample *sample = *state;
    struct audit_result result = {0};
    struct error err = {0};
    assert_true(audit_verify(sample->export.data, sample->export.size, sample->key, &result, &err));
    assert_int_equal(result.records, RECORDS);
    assert_string_equal(result.site, "demo-one");
    assert_true(result.newest_s > 0);
    assert_int_equal(strlen(result.root_hex), 64);
}

static void s44_no_changed_byte_escapes(void **state)
{
    struct sample *sample = *state;
    struct error err;
    AUTO(bytes) struct bytes copy = bytes_copy(sample->export.data, sample->export.size);
    for (size_t i = 0; i < copy.size; i++) {
        uint8_t was = copy.data[i];
        const uint8_t others[] = {was ^ 1, was ^ 2, was ^ 4, was ^ 8, was ^ 16, was ^ 32, was ^ 64, was ^ 128,
            0, '\n', ' ', '0', '"', '\\', (uint8_t)(was + 1)};
        for (size_t way = 0; way < sizeof others; way++) {
            copy.data[i] = others[way];
            if (others[way] != was && verifies(sample, copy.data, copy.size, &err))
                fail_msg("byte %zu changed from %02x to %02x was not found", i, was, others[way]);
            if (others[way] != was && !strstr(err.text, "record") && !strstr(err.text, "checkpoint"))
                fail_msg("byte %zu: '%s' names neither record nor checkpoint", i, err.text);
        }
        copy.data[i] = was;
    }
    assert_true(verifies(sample, copy.data, copy.size, &err));
}

static void s44_a_changed_record_is_named(void **state)
{
    struct sample *sample = *state;
    static const int all[] = {0, 1, 2, 3, 4, 5};
    for (int i = 1; i < RECORDS; i++) {
        AUTO(text_buffer) struct text export = {0};
        add_lines(&export, sample, all, RECORDS);
        add_note(&export, sample);
        size_t start = (size_t)(line(sample, i).data - sample->export.data);
        char *count = strstr(export.data + start, "\"count\":3");
        count[8] = '4';
        AUTO(text) char *words = text_format("record %d", i);
        assert_found(sample, &export, words);
    }
}

static void s44_a_record_that_was_made_later_is_named_and_not_the_one_after_it(void **state)
{
    struct sample *sample = *state;
    static const int all[] = {0, 1, 2, 3, 4, 5};
    for (int i = 1; i < RECORDS - 2; i++) {
        AUTO(text_buffer) struct text export = {0};
        add_lines(&export, sample, all, RECORDS);
        add_note(&export, sample);
        char *at = strstr(export.data + (line(sample, i).data - sample->export.data), "\"at\":");
        at[5] = '9';
        AUTO(text) char *words = text_format("record %d was changed", i);
        assert_found(sample, &export, words);
    }
}

static void s44_inserted_and_removed_bytes_are_found(void **state)
{
    struct sample *sample = *state;
    struct error err;
    const struct bytes whole = sample->export;
    for (size_t i = 0; i <= whole.size; i++) {
        AUTO(text_buffer) struct text longer = {0};
        text_add_bytes(&longer, whole.data, i);
        text_add_bytes(&longer, i % 2 ? " " : "\n", 1);
        text_add_bytes(&longer, whole.data + i, whole.size - i);
        assert_false(verifies(sample, longer.data, longer.size, &err));
        assert_true(i == whole.size || !verifies(sample, whole.data, i, &err));
    }
}

static void s44_dropped_repeated_and_swapped_records_are_named(void **state)
{
    static const struct {
        int order[RECORDS + 1];
        size_t count;
        const char *words;
    } rows[] = {
        {{0, 1, 3, 4, 5}, 5, "record 2"},
        {{1, 2, 3, 4, 5}, 5, "record 0"},
        {{0, 1, 2, 3, 4}, 5, "record 5 is missing"},
        {{0}, 0, "record 0 is missing"},
        {{0, 1, 2, 4, 3, 5}, 6, "record 3"},
        {{0, 1, 2, 3, 4, 5, 5}, 7, "record 6"},
        {{0, 1, 1, 2, 3, 4, 5}, 7, "record 2"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(text_buffer) struct text export = {0};
        add_lines(&export, *state, rows[i].order, rows[i].count);
        add_note(&export, *state);
        assert_found(*state, &export, rows[i].words);
    }
}

static void another_logs_key_does_not_verify(void **state)
{
    struct sample *sample = *state;
    struct error err;
    sample->key[0] ^= 1;
    assert_false(verifies(sample, sample->export.data, sample->export.size, &err));
}

/* A log of one record with a good signature over it, so that only the record's form can be wrong. */
static void assert_signed_record(const struct sample *sample, const char *leaf, const char *words)
{
    struct tree tree = {0};
    uint8_t hash[HASH_SIZE];
    struct checkpoint checkpoint = {.site = "demo-one", .size = 1, .keyring_epoch = 1, .at_s = 1763836000};
    tree_leaf_hash(leaf, strlen(leaf), hash);
    tree_add(&tree, hash);
    tree_root(&tree, checkpoint.root);
    AUTO(text) char *note = note_write(&checkpoint, sample->secret);
    AUTO(text_buffer) struct text export = {0};
    text_add(&export, "%s\n\n%s", leaf, note);
    struct error err;
    if (words)
        assert_found(sample, &export, words);
    else if (!verifies(sample, export.data, export.size, &err))
        fail_msg("%s: %s", leaf, err.text);
}

/* The rows of leaves.tsv, which the page's verifier reads as well. */
static void s44_a_signed_record_in_another_form_is_refused(void **state)
{
    AUTO(text) char *path = text_format("%s/tests/govern/leaves.tsv", getenv("MIZAN_SOURCE"));
    AUTO(bytes) struct bytes file = {0};
    int rows = 0;
    assert_true(file_read(path, 1 << 20, &file, NULL));
    char *rest = NULL;
    for (char *row = strtok_r((char *)file.data, "\n", &rest); row; row = strtok_r(NULL, "\n", &rest)) {
        char *tab = strchr(row, '\t');
        if (*row == '#')
            continue;
        assert_non_null(tab);
        *tab = '\0';
        assert_signed_record(*state, tab + 1, strcmp(row, "-") == 0 ? NULL : row);
        rows++;
    }
    assert_true(rows > 50);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(an_untouched_export_verifies),
        EACH(s44_no_changed_byte_escapes),
        EACH(s44_a_changed_record_is_named),
        EACH(s44_a_record_that_was_made_later_is_named_and_not_the_one_after_it),
        EACH(s44_inserted_and_removed_bytes_are_found),
        EACH(s44_dropped_repeated_and_swapped_records_are_named),
        EACH(another_logs_key_does_not_verify),
        EACH(s44_a_signed_record_in_another_form_is_refused),
    };
    return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
