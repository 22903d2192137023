#include "base/file.h"

#include "base/config.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/mizan-file-XXXXXX";

static char *in_folder(const char *name)
{
    return text_format("%s/%s", folder, name);
}

static void a_file_is_replaced_whole_and_keeps_its_mode(void **state)
{
    (void)state;
    AUTO(text) char *path = in_folder("key");
    AUTO(text) char *beside = in_folder("key.new");
    AUTO(bytes) struct bytes content = {NULL, 0};
    struct error err = {0};
    assert_true(file_write(path, 0600, "one", 3, &err));
    assert_true(file_write(path, 0600, "second", 6, &err));
    assert_true(file_read(path, 100, &content, &err));
    assert_int_equal(content.size, 6);
    assert_string_equal((const char *)content.data, "second");
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_not_equal(access(beside, F_OK), 0);
}

static void reading_is_bounded_and_names_what_is_wrong(void **state)
{
    (void)state;
    AUTO(text) char *path = in_folder("large");
    AUTO(text) char *missing = in_folder("missing");
    struct bytes none = {NULL, 0};
    struct error err = {0};
    assert_true(file_write(path, 0600, "0123456789", 10, &err));
    assert_false(file_read(path, 9, &none, &err));
    assert_int_equal(err.code, ERROR_TOO_LARGE);
    assert_false(file_read(missing, 9, &none, &err));
    assert_int_equal(err.code, ERROR_MISSING);
    assert_non_null(strstr(err.text, missing));
    assert_false(file_read(folder, 9, &none, &err));
    assert_null(none.data);
}

static void a_copy_has_every_byte_of_a_file_of_any_size(void **state)
{
    (void)state;
    enum { SIZE = (3 << 16) + 5 };
    AUTO(text) char *path = in_folder("from");
    AUTO(text) char *copy = in_folder("to");
    AUTO(bytes) struct bytes content = {memory_allocate(SIZE, 1), SIZE};
    AUTO(bytes) struct bytes copied = {NULL, 0};
    struct error err = {0};
    for (size_t i = 0; i < SIZE; i++)
        content.data[i] = (uint8_t)(i * 31 >> 3);
    assert_true(file_write(path, 0644, content.data, SIZE, &err));
    assert_true(file_copy(path, copy, 0600, &err));
    assert_true(file_read(copy, SIZE, &copied, &err));
    assert_int_equal(copied.size, SIZE);
    assert_memory_equal(copied.data, content.data, SIZE);
    struct stat status;
    assert_int_equal(stat(copy, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_false(file_copy(folder, copy, 0600, &err));
    assert_int_equal(err.code, ERROR_INVALID);
}

static void a_configuration_answers_by_section_and_key(void **state)
{
    (void)state;
    struct error err = {0};
    AUTO(config) struct config *config = config_parse("[a]\nx = 1\n[b]\nx = two\n", "test", &err);
    int64_t number = 0;
    assert_string_equal(config_get(config, "b", "x"), "two");
    assert_true(config_need_integer(config, "a", "x", &number, &err));
    assert_int_equal(number, 1);
    assert_false(config_need_integer(config, "b", "x", &number, &err));
    assert_false(config_need_integer(config, "b", "y", &number, &err));
    assert_non_null(strstr(err.text, "'y'"));
    assert_null(config_parse("[a]\nx = 1\nx = 2\n", "test", &err));
    assert_non_null(strstr(err.text, "twice"));
    assert_null(config_parse("no section, no equals\n", "test", &err));
    assert_non_null(strstr(err.text, "line 1"));
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
    (void)state;
    AUTO(text) char *command = text_format("rm -rf '%s'", folder);
    return system(command); // NOLINT(cert-env33-c): a folder this test made
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_replaced_whole_and_keeps_its_mode),
        cmocka_unit_test(reading_is_bounded_and_names_what_is_wrong),
        cmocka_unit_test(a_copy_has_every_byte_of_a_file_of_any_size),
        cmocka_unit_test(a_configuration_answers_by_section_and_key),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
