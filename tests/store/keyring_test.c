#include "store/keyring.h"

#include "base/file.h"
#include "base/text.h"
#include "store/keyring_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
    char folder[64];
    char path[96], epoch_path[96], backup[96];
    uint8_t site_key[DATA_KEY_SIZE];
};

static int begin(void **state)
{
    struct place *place = memory_allocate(1, sizeof *place);
    assert_true(crypto_start(NULL));
    *place = (struct place){.folder = "/tmp/mizan-keyring-XXXXXX"};
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/keyring", place->folder);
    snprintf(place->epoch_path, sizeof place->epoch_path, "%s/keyring.epoch", place->folder);
    snprintf(place->backup, sizeof place->backup, "%s/keyring-backup", place->folder);
    random_fill(place->site_key, sizeof place->site_key);
    *state = place;
    return 0;
}

static int end(void **state)
{
    struct place *place = *state;
    unlink(place->path);
    unlink(place->epoch_path);
    unlink(place->backup);
    rmdir(place->folder);
    memory_release(place);
    return 0;
}

static struct keyring *open_at(const struct place *place)
{
    struct error err = {0};
    struct keyring *keyring = keyring_open(place->path, place->site_key, 0, &err);
    if (!keyring)
        fail_msg("%s", err.text);
    return keyring;
}

static void assert_refused(const struct place *place, int64_t least_epoch, enum error_code code)
{
    struct error err = {0};
    assert_null(keyring_open(place->path, place->site_key, least_epoch, &err));
    if (err.code != code)
        fail_msg("expected %s, got: %s", error_word(code), err.text);
}

static void sealed_fields_open_after_a_restart_and_only_in_their_place(void **state)
{
    struct error err = {0};
    AUTO(bytes) struct bytes sealed = {0};
    AUTO(bytes) struct bytes opened = {0};
    struct keyring *keyring = open_at(*state);
    assert_true(keyring_seal(keyring, "entry/e-1", "person", "Ghulam", 6, &sealed, &err));
    assert_non_null(keyring_key(keyring, "entry/e-2", true, &err));
    keyring_close(keyring);
    keyring = open_at(*state);
    assert_true(keyring_unseal(keyring, "entry/e-1", "person", sealed.data, sealed.size, &opened, &err));
    assert_int_equal(opened.size, 6);
    assert_memory_equal(opened.data, "Ghulam", 6);
    bytes_free(&opened);
    assert_false(keyring_unseal(keyring, "entry/e-1", "cases", sealed.data, sealed.size, &opened, &err));
    assert_int_equal(err.code, ERROR_CORRUPT);
    assert_false(keyring_unseal(keyring, "entry/e-2", "person", sealed.data, sealed.size, &opened, &err));
    assert_false(keyring_unseal(keyring, "entry/e-3", "person", sealed.data, sealed.size, &opened, &err));
    assert_int_equal(err.code, ERROR_MISSING);
    keyring_close(keyring);
}

static void a_key_is_on_disk_before_it_is_handed_out(void **state)
{
    struct error err = {0};
    struct keyring *keyring = open_at(*state);
    uint8_t key[DATA_KEY_SIZE];
    memcpy(key, keyring_key(keyring, "alert/a-1", true, &err), sizeof key);
    struct keyring *other = open_at(*state);
    assert_memory_equal(keyring_key(other, "alert/a-1", false, &err), key, sizeof key);
    keyring_close(other);
    keyring_close(keyring);
}

static void what_a_transaction_makes_is_written_at_its_end_or_gone(void **state)
{
    struct error err = {0};
    struct keyring *keyring = open_at(*state);
    uint8_t key[DATA_KEY_SIZE];
    keyring_begin(keyring);
    assert_non_null(keyring_key(keyring, "entry/e-1", true, &err));
    keyring_end(keyring);
    assert_null(keyring_key(keyring, "entry/e-1", false, &err));
    keyring_begin(keyring);
    assert_non_null(keyring_key(keyring, "entry/e-3", true, &err));
    memcpy(key, keyring_key(keyring, "entry/e-2", true, &err), sizeof key);
    struct keyring *other = open_at(*state);
    assert_null(keyring_key(other, "entry/e-2", false, &err));
    keyring_close(other);
    assert_true(keyring_write(keyring, &err));
    keyring_end(keyring);
    other = open_at(*state);
    assert_null(keyring_name(other, 2));
    assert_memory_equal(keyring_key(other, "entry/e-2", false, &err), key, sizeof key);
    assert_memory_equal(keyring_key(keyring, "entry/e-2", false, &err), key, sizeof key);
    keyring_close(other);
    keyring_close(keyring);
}

static void s40_a_destroyed_key_is_gone_and_the_others_stay(void **state)
{
    struct error err = {0};
    struct keyring *keyring = open_at(*state);
    uint8_t kept[DATA_KEY_SIZE];
    memcpy(kept, keyring_key(keyring, "entry/e-2", true, &err), sizeof kept);
    keyring_key(keyring, "entry/e-1", true, &err);
    keyring_key(keyring, "entry/e-3", true, &err);
    assert_int_equal(keyring_epoch(keyring), 1);
    const char *const names[] = {"entry/e-1", "entry/e-3", "entry/never"};
    assert_true(keyring_destroy(keyring, names, COUNT_OF(names), &err));
    assert_int_equal(keyring_epoch(keyring), 2);
    assert_true(keyring_destroy(keyring, names, COUNT_OF(names), &err));
    assert_int_equal(keyring_epoch(keyring), 2);
    keyring_close(keyring);
    keyring = open_at(*state);
    assert_int_equal(keyring_epoch(keyring), 2);
    assert_null(keyring_key(keyring, "entry/e-1", false, &err));
    assert_int_equal(err.code, ERROR_MISSING);
    assert_memory_equal(keyring_key(keyring, "entry/e-2", false, &err), kept, sizeof kept);
    keyring_close(keyring);
}

static void s40_an_old_copy_does_not_open_and_leaves_no_old_bytes(void **state)
{
    const struct place *place = *state;
    struct error err = {0};
    struct keyring *keyring = open_at(place);
    keyring_key(keyring, "entry/e-1", true, &err);
    AUTO(bytes) struct bytes old = {0};
    assert_true(file_read(place->path, 1 << 20, &old, &err));
    AUTO(text) char *link_path = text_format("%s/other-name", place->folder);
    assert_int_equal(link(place->path, link_path), 0);
    assert_true(keyring_destroy(keyring, (const char *const[]){"entry/e-1"}, 1, &err));
    keyring_close(keyring);
    AUTO(bytes) struct bytes scrubbed = {0};
    assert_true(file_read(link_path, 1 << 20, &scrubbed, &err));
    for (size_t i = 0; i < scrubbed.size; i++)
        assert_int_equal(scrubbed.data[i], 0);
    unlink(link_path);
    assert_true(file_write(place->path, 0600, old.data, old.size, &err));
    assert_refused(place, 2, ERROR_CONFLICT);
}

static struct bytes contents(const char *path)
{
    struct error err = {0};
    struct bytes file = {0};
    if (!file_read(path, 1 << 20, &file, &err))
        fail_msg("%s", err.text);
    return file;
}

static void put_back(const char *path, struct bytes file)
{
    assert_true(file_write(path, 0600, file.data, file.size, NULL));
}

static void s40_an_old_copy_and_the_site_key_open_nothing_even_beside_no_log(void **state)
{
    const struct place *place = *state;
    struct error err = {0};
    struct keyring *keyring = open_at(place);
    keyring_key(keyring, "entry/e-1", true, &err);
    AUTO(bytes) struct bytes old = contents(place->path);
    AUTO(bytes) struct bytes old_secret = contents(place->epoch_path);
    assert_true(keyring_destroy(keyring, (const char *const[]){"entry/e-1"}, 1, &err));
    keyring_close(keyring);
    AUTO(bytes) struct bytes secret = contents(place->epoch_path);
    assert_int_equal(secret.size, old_secret.size);
    assert_memory_not_equal(secret.data, old_secret.data, secret.size);
    put_back(place->path, old);
    assert_refused(place, 0, ERROR_CORRUPT); /* nobody says how new it has to be */
    unlink(place->epoch_path);
    assert_refused(place, 0, ERROR_MISSING);
    put_back(place->epoch_path, old_secret); /* the positive control: it is the secret that was missing */
    keyring = open_at(place);
    assert_non_null(keyring_key(keyring, "entry/e-1", false, &err));
    keyring_close(keyring);
}

static void a_crash_between_the_secrets_and_the_keyring_loses_nothing(void **state)
{
    const struct place *place = *state;
    struct error err = {0};
    struct keyring *keyring = open_at(place);
    keyring_key(keyring, "entry/e-1", true, &err);
    keyring_key(keyring, "entry/e-2", true, &err);
    AUTO(bytes) struct bytes old = contents(place->path);
    AUTO(bytes) struct bytes old_secret = contents(place->epoch_path);
    assert_true(keyring_destroy(keyring, (const char *const[]){"entry/e-1"}, 1, &err));
    keyring_close(keyring);
    AUTO(bytes) struct bytes newer = contents(place->path);
    AUTO(bytes) struct bytes secret = contents(place->epoch_path);
    uint8_t both[64];
    memcpy(both, old_secret.data, 32);
    memcpy(both + 32, secret.data, 32);
    const struct bytes left[] = {old, newer}; /* killed before the keyring was written, and after */
    for (size_t i = 0; i < COUNT_OF(left); i++) {
        put_back(place->path, left[i]);
        put_back(place->epoch_path, (struct bytes){both, sizeof both});
        keyring = open_at(place);
        assert_int_equal(keyring_epoch(keyring), 1 + (int64_t)i);
        assert_non_null(keyring_key(keyring, "entry/e-2", false, &err));
        keyring_close(keyring);
        AUTO(bytes) struct bytes one = contents(place->epoch_path);
        assert_int_equal(one.size, 32);
    }
}

static void s40_the_keyring_s_one_backup_forgets_with_it(void **state)
{
    const struct place *place = *state;
    struct error err = {0};
    struct keyring *keyring = open_at(place);
    keyring_key(keyring, "entry/e-1", true, &err);
    uint8_t kept[DATA_KEY_SIZE];
    memcpy(kept, keyring_key(keyring, "entry/e-2", true, &err), sizeof kept);
    assert_true(keyring_back_up(keyring, place->folder, &err));
    AUTO(bytes) struct bytes first = contents(place->backup);
    assert_true(keyring_destroy(keyring, (const char *const[]){"entry/e-1"}, 1, &err));
    keyring_close(keyring);
    AUTO(text) char *elsewhere = text_format("%s/restored", place->folder);
    AUTO(text) char *elsewhere_secret = text_format("%s.epoch", elsewhere);
    assert_true(keyring_restore(elsewhere, place->folder, place->site_key, 2, &err));
    keyring = keyring_open(elsewhere, place->site_key, 2, &err);
    assert_non_null(keyring);
    assert_null(keyring_key(keyring, "entry/e-1", false, &err));
    assert_memory_equal(keyring_key(keyring, "entry/e-2", false, &err), kept, sizeof kept);
    keyring_close(keyring);
    assert_false(keyring_restore(elsewhere, place->folder, place->site_key, 2, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    unlink(elsewhere);
    put_back(place->backup, first); /* somebody kept the backup that was replaced */
    assert_false(keyring_restore(elsewhere, place->folder, place->site_key, 2, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    unlink(elsewhere_secret);
}

static void a_destruction_is_not_done_while_its_backup_cannot_be_replaced(void **state)
{
    const struct place *place = *state;
    struct error err = {0};
    AUTO(text) char *folder = text_format("%s/away", place->folder);
    AUTO(text) char *file = text_format("%s/keyring-backup", folder);
    AUTO(text) char *blocker = text_format("%s.new", file);
    struct keyring *keyring = open_at(place);
    keyring_key(keyring, "entry/e-1", true, &err);
    assert_true(keyring_back_up(keyring, folder, &err));
    assert_int_equal(mkdir(blocker, 0700), 0);
    const char *const names[] = {"entry/e-1"};
    assert_false(keyring_destroy(keyring, names, 1, &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    assert_false(keyring_destroy(keyring, names, 1, &err));
    assert_int_equal(rmdir(blocker), 0);
    assert_true(keyring_destroy(keyring, names, 1, &err));
    AUTO(bytes) struct bytes backup = contents(file);
    AUTO(bytes) struct bytes now = contents(place->path);
    assert_int_equal(backup.size, now.size + 32);
    assert_memory_equal(backup.data + 32, now.data, now.size);
    keyring_close(keyring);
    unlink(file);
    rmdir(folder);
}

static void s49_a_wrong_site_key_or_any_changed_byte_is_refused(void **state)
{
    struct place *place = *state;
    struct error err = {0};
    struct keyring *keyring = open_at(place);
    keyring_key(keyring, "entry/e-1", true, &err);
    keyring_close(keyring);
    AUTO(bytes) struct bytes file = {0};
    assert_true(file_read(place->path, 1 << 20, &file, &err));
    for (size_t i = 0; i < file.size; i++) {
        file.data[i] ^= 0x10;
        FILE *out = fopen(place->path, "w");
        assert_non_null(out);
        assert_int_equal(fwrite(file.data, 1, file.size, out), file.size);
        fclose(out);
        assert_refused(place, 0, ERROR_CORRUPT);
        file.data[i] ^= 0x10;
    }
    assert_true(file_write(place->path, 0600, file.data, file.size / 2, &err));
    assert_refused(place, 0, ERROR_CORRUPT);
    assert_true(file_write(place->path, 0600, file.data, file.size, &err));
    place->site_key[0] ^= 1;
    assert_refused(place, 0, ERROR_CORRUPT);
}

static void a_missing_file_is_made_only_for_a_new_site(void **state)
{
    const struct place *place = *state;
    assert_refused(place, 1, ERROR_MISSING);
    keyring_close(open_at(place));
    struct stat status;
    assert_int_equal(stat(place->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void look_up_keys_differ_by_purpose_and_outlive_destruction(void **state)
{
    struct error err = {0};
    uint8_t cnic[DATA_KEY_SIZE];
    struct keyring *keyring = open_at(*state);
    memcpy(cnic, keyring_site_key(keyring, "lookup/cnic", &err), sizeof cnic);
    assert_memory_not_equal(keyring_site_key(keyring, "lookup/phone", &err), cnic, sizeof cnic);
    keyring_key(keyring, "entry/e-1", true, &err);
    assert_true(keyring_destroy(keyring, (const char *const[]){"entry/e-1"}, 1, &err));
    keyring_close(keyring);
    keyring = open_at(*state);
    assert_memory_equal(keyring_site_key(keyring, "lookup/cnic", &err), cnic, sizeof cnic);
    keyring_close(keyring);
}

static void a_name_with_spaces_or_too_long_is_refused(void **state)
{
    static const char *const names[] = {
        "", "a b", "n\n", "0123456789012345678901234567890123456789012345678901234567890123"};
    struct keyring *keyring = open_at(*state);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct error err = {0};
        assert_null(keyring_key(keyring, names[i], true, &err));
        assert_int_equal(err.code, ERROR_INVALID);
    }
    keyring_close(keyring);
}

static void a_folder_that_cannot_be_written_changes_nothing(void **state)
{
    const struct place *place = *state;
    struct error err = {0};
    struct keyring *keyring = open_at(place);
    keyring_key(keyring, "entry/e-1", true, &err);
    AUTO(text) char *blocker = text_format("%s.new", place->path);
    assert_int_equal(mkdir(blocker, 0700), 0);
    assert_null(keyring_key(keyring, "entry/e-2", true, &err));
    assert_false(keyring_destroy(keyring, (const char *const[]){"entry/e-1"}, 1, &err));
    assert_int_equal(rmdir(blocker), 0);
    assert_int_equal(keyring_epoch(keyring), 1);
    assert_non_null(keyring_key(keyring, "entry/e-1", false, &err));
    assert_null(keyring_key(keyring, "entry/e-2", false, &err));
    keyring_close(keyring);
}

static void a_table_in_any_other_form_is_refused(void **state)
{
    (void)state;
    struct keyring_table table = {.epoch = 3};
    keyring_table_add(&table, "b");
    keyring_table_add(&table, "a");
    assert_string_equal(table.keys[0].name, "a");
    AUTO(bytes) struct bytes bytes = keyring_table_write(&table);
    keyring_table_done(&table);
    for (size_t size = 0; size <= bytes.size; size++) {
        struct error err = {0};
        struct keyring_table read = {0};
        assert_int_equal(keyring_table_read(bytes.data, size, &read, &err), size == bytes.size);
        keyring_table_done(&read);
    }
    struct error err = {0};
    bytes.data[45] = 'c'; /* the first name: out of order now */
    assert_false(keyring_table_read(bytes.data, bytes.size, &table, &err));
    assert_int_equal(err.code, ERROR_CORRUPT);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(sealed_fields_open_after_a_restart_and_only_in_their_place),
        EACH(a_key_is_on_disk_before_it_is_handed_out),
        EACH(what_a_transaction_makes_is_written_at_its_end_or_gone),
        EACH(s40_a_destroyed_key_is_gone_and_the_others_stay),
        EACH(s40_an_old_copy_does_not_open_and_leaves_no_old_bytes),
        EACH(s40_an_old_copy_and_the_site_key_open_nothing_even_beside_no_log),
        EACH(a_crash_between_the_secrets_and_the_keyring_loses_nothing),
        EACH(s40_the_keyring_s_one_backup_forgets_with_it),
        EACH(a_destruction_is_not_done_while_its_backup_cannot_be_replaced),
        EACH(s49_a_wrong_site_key_or_any_changed_byte_is_refused),
        EACH(a_missing_file_is_made_only_for_a_new_site),
        EACH(look_up_keys_differ_by_purpose_and_outlive_destruction),
        EACH(a_name_with_spaces_or_too_long_is_refused),
        EACH(a_folder_that_cannot_be_written_changes_nothing),
        EACH(a_table_in_any_other_form_is_refused),
    };
    return cmocka_run_group_tests_name("keyring", tests, NULL, NULL);
}
