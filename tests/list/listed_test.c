#include "list/operation_listed.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "fake_clock.h"
#include "govern/backup.h"
#include "list/action.h"
#include "list/entry.h"
#include "list/operation.h"
#include "list/operation_recorded.h"
#include "site_test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void must(bool done, const struct error *err)
{
    if (!done)
        fail_msg("%s", err->text);
}

static json_t *read_listed(struct fixture *f, const char *operation, uint32_t roles, struct error *err)
{
    const struct officer officer = {.id = "o-00000000000000ff", .roles = roles};
    return operation_listed(&f->site, &officer, operation, err);
}

/* As oversight does it on its own machine. */
static bool is_among(struct fixture *f, const json_t *reply, const char *cnic)
{
    struct error err = {0};
    AUTO(bytes) struct bytes sealed = {0};
    AUTO(bytes) struct bytes key = {0};
    AUTO(bytes) struct bytes tags = {0};
    uint8_t tag[HASH_SIZE];
    bool found = false;
    const char *context = json_string_value(json_object_get(reply, "context"));
    must(base64_read(json_string_value(json_object_get(reply, "sealed_key")), 4096, &sealed, &err), &err);
    must(base64_read(json_string_value(json_object_get(reply, "tags")), 1 << 20, &tags, &err), &err);
    must(packet_open(f->oversight_secret, context, sealed.data, sealed.size, &key, &err), &err);
    assert_int_equal(key.size, DATA_KEY_SIZE);
    listed_tag(key.data, cnic, tag);
    for (size_t at = 0; at < tags.size; at += HASH_SIZE)
        found = found || memcmp(tags.data + at, tag, HASH_SIZE) == 0;
    return found;
}

static void number_of(struct fixture *f, const char *entry, char out[static 24])
{
    struct error err = {0};
    AUTO(json) json_t *person = NULL;
    AUTO(json) json_t *cases = NULL;
    must(entry_open(&f->site, entry, &person, &cases, &err), &err);
    snprintf(out, 24, "%s", json_string_value(json_object_get(person, "cnic")));
}

static void come_to_the_wipe(struct fixture *f, const char *operation)
{
    struct error err = {0};
    clock_pass(13LL * 3600);
    for (int i = 0; i < 3; i++)
        must(operation_tick(&f->site, &err), &err);
    assert_string_equal(operation_state(&f->site, operation, &err), "wiped");
}

static void s40_oversight_can_tell_who_was_listed_after_the_list_is_destroyed(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24], cnic[24], key[48];
    run_operation(f, operation, entry);
    number_of(f, entry, cnic);
    come_to_the_wipe(f, operation);
    snprintf(key, sizeof key, "operation/%s", operation);
    assert_null(keyring_key(f->site.ledger->keyring, key, false, NULL));
    AUTO(json) json_t *reply = read_listed(f, operation, ROLE_BIT(ROLE_INSPECTOR), &err);
    must(reply != NULL, &err);
    assert_true(is_among(f, reply, cnic));
    assert_false(is_among(f, reply, "42101-0000000-0"));
    AUTO(bytes) struct bytes log = {0};
    const char *hash = json_string_value(json_object_get(reply, "listed_hash"));
    must(ledger_export(f->site.ledger, &log, &err), &err);
    assert_non_null(memmem(log.data, log.size, hash, strlen(hash)));
    assert_non_null(memmem(log.data, log.size, "operation_listed_read", 21));
}

static void s40_s50_marks_that_were_edited_say_no_to_nobody(void **state)
{
    static const uint8_t nothing[1] = {0};
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24], hash[HEX_HASH_SIZE];
    uint8_t digest[HASH_SIZE];
    hash_bytes(nothing, 0, digest);
    hex_write(digest, HASH_SIZE, hash);
    run_operation(f, operation, entry);
    AUTO(text) char *emptied = text_format("UPDATE operation_listed SET tags = x'', hash = '%s'", hash);
    /* Under another key nobody's number is among the marks. */
    static const char other_key[] = "UPDATE operation_listed SET sealed = randomblob(length(sealed))";
    const char *const edits[] = {other_key, emptied, "DELETE FROM operation_listed"};
    run_sql(f, "CREATE TABLE kept AS SELECT * FROM operation_listed");
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        must(store_run(f->site.ledger->store, edits[i], &err), &err);
        assert_int_equal(store_changes(f->site.ledger->store), 1);
        assert_null(read_listed(f, operation, ROLE_BIT(ROLE_INSPECTOR), &err));
        assert_int_equal(err.code, ERROR_CORRUPT);
        run_sql(f, "INSERT OR REPLACE INTO operation_listed SELECT * FROM kept");
    }
    assert_null(read_listed(f, "op-0000000000000000", ROLE_BIT(ROLE_INSPECTOR), &err));
    assert_int_equal(err.code, ERROR_MISSING);
}

static void s40_the_desk_cannot_tell_whose_the_tags_are(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    run_operation(f, operation, entry);
    assert_null(read_listed(f, operation, ROLE_BIT(ROLE_ADMIN) | ROLE_BIT(ROLE_AUDITOR), &err));
    assert_int_equal(err.code, ERROR_FORBIDDEN);
    AUTO(json) json_t *reply = read_listed(f, operation, ROLE_BIT(ROLE_INSPECTOR), &err);
    AUTO(bytes) struct bytes sealed = {0};
    AUTO(bytes) struct bytes opened = {0};
    must(base64_read(json_string_value(json_object_get(reply, "sealed_key")), 4096, &sealed, &err), &err);
    const char *context = json_string_value(json_object_get(reply, "context"));
    const uint8_t *const keys[] = {f->site_key, f->site.ledger->log_key, f->site.ledger->log_key + 32,
        keyring_site_key(f->site.ledger->keyring, "lookup/cnic", &err)};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        assert_false(packet_open(keys[i], context, sealed.data, sealed.size, &opened, NULL));
}

static void s40_a_backup_made_while_it_ran_opens_nothing_after_the_wipe(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24], key[48];
    AUTO(text) char *folder = text_format("%s/database", f->folder);
    AUTO(text) char *keys = text_format("%s/keys", f->folder);
    AUTO(text) char *place = text_format("%s/restored", f->folder);
    struct ledger_options options = fixture_options(f);
    options.keys_folder = keys;
    run_operation(f, operation, entry);
    must(ledger_back_up(f->site.ledger, &options, folder, &err), &err);
    come_to_the_wipe(f, operation);
    options.folder = place;
    const struct restoring restoring = {.folder = folder, .keys_folder = keys};
    int64_t lost = 0;
    must(ledger_restore(&options, &restoring, &lost, &err), &err);
    AUTO(ledger) struct ledger *restored = ledger_open(&options, &err);
    assert_non_null(restored);
    AUTO(query)
    struct query *query = query_new(restored->store, "SELECT count(*) FROM operation_gallery", &err);
    assert_true(query_next(query) && query_get_integer(query, 0) == 1); /* the old row is there, sealed */
    snprintf(key, sizeof key, "operation/%s", operation);
    assert_null(keyring_key(restored->keyring, key, false, &err));
    assert_int_equal(err.code, ERROR_MISSING);
}

static bool disk_joins(struct fixture *f, const char *one, const char *two)
{
    struct error err = {0};
    AUTO(text) char *path = text_format("%s/site.db", f->folder);
    AUTO(text) char *joined = text_format("%s%s", one, two);
    AUTO(bytes) struct bytes file = {0};
    must(store_run(f->site.ledger->store, "PRAGMA wal_checkpoint(TRUNCATE)", &err), &err);
    must(file_read(path, 64 << 20, &file, &err), &err);
    return memmem(file.data, file.size, joined, strlen(joined)) != NULL;
}

static void s49_who_was_in_which_operation_is_forgotten_when_no_ceiling_counts_it(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    run_operation(f, operation, entry);
    come_to_the_wipe(f, operation);
    clock_pass(29LL * 86400);
    must(operation_tick(&f->site, &err), &err);
    assert_true(disk_joins(f, operation, entry)); /* as the row and its index lie on the disk */
    clock_pass(86400);
    must(operation_tick(&f->site, &err), &err);
    assert_false(disk_joins(f, operation, entry));
    assert_false(disk_joins(f, entry, operation));
    bool as_recorded = false;
    must(operation_rows_are_as_recorded(&f->site, &as_recorded, &err), &err);
    assert_true(as_recorded);
}

/* Whoever says one again then is refused for its time. */
static void the_replies_to_statements_go_after_a_day(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    run_operation(f, operation, entry);
    assert_true(count_rows(f, "accepted") > 0);
    clock_pass(82000);
    must(operation_tick(&f->site, &err), &err);
    assert_true(count_rows(f, "accepted") > 0);
    clock_pass(8000);
    must(operation_tick(&f->site, &err), &err);
    assert_int_equal(count_rows(f, "accepted"), 0);
}

static void s49_the_log_does_not_say_who_was_withheld_from_an_operation(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    run_operation(f, operation, entry);
    AUTO(query)
    struct query *query = query_new(f->site.ledger->store,
        "SELECT seq, instr(leaf, '\"withheld\"'), instr(leaf, '\"entries_withheld\":0') FROM ledger_leaf"
        " WHERE leaf LIKE '%\"kind\":\"operation_armed\"%'",
        &err);
    assert_true(query_next(query));
    assert_int_equal(query_get_integer(query, 1), 0);
    assert_true(query_get_integer(query, 2) > 0);
    AUTO(json) json_t *hidden = ledger_private(f->site.ledger, query_get_integer(query, 0), &err);
    assert_true(json_is_array(json_object_get(hidden, "withheld")));
}

static void the_tags_go_after_a_year(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    run_operation(f, operation, entry);
    clock_pass(366LL * 86400);
    must(operation_tick(&f->site, &err), &err);
    assert_null(read_listed(f, operation, ROLE_BIT(ROLE_INSPECTOR), &err));
    assert_int_equal(err.code, ERROR_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(s40_oversight_can_tell_who_was_listed_after_the_list_is_destroyed),
        SITE_TEST(s40_s50_marks_that_were_edited_say_no_to_nobody),
        SITE_TEST(s40_the_desk_cannot_tell_whose_the_tags_are),
        SITE_TEST(s40_a_backup_made_while_it_ran_opens_nothing_after_the_wipe),
        SITE_TEST(s49_who_was_in_which_operation_is_forgotten_when_no_ceiling_counts_it),
        SITE_TEST(s49_the_log_does_not_say_who_was_withheld_from_an_operation),
        SITE_TEST(the_tags_go_after_a_year),
        SITE_TEST(the_replies_to_statements_go_after_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
