/* mizan-lab itself, given what it cannot use: one clear line, an exit status by the table, no crash. */
#include "base/file.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char *program;
static char folder[] = "/tmp/mizan-lab-XXXXXX";

struct ending {
    int status; /* −1 when a signal ended it */
    char said[1024];
};

/* So much memory a picture's header alone may not ask for. The address sanitiser reserves more at its start.
 */
#ifdef __SANITIZE_ADDRESS__
#define MEMORY_LIMIT ":"
#else
#define MEMORY_LIMIT "ulimit -v 1000000"
#endif

static struct ending run(const char *words)
{
    AUTO(text)
    char *line = text_format(
        "cd %s && ulimit -t 60 && " MEMORY_LIMIT " && exec %s %s 2>&1 >/dev/null", folder, program, words);
    struct ending ending = {-1, ""};
    FILE *pipe = popen(line, "r");
    assert_non_null(pipe);
    size_t size = fread(ending.said, 1, sizeof ending.said - 1, pipe);
    ending.said[size] = '\0';
    int status = pclose(pipe);
    if (WIFEXITED(status))
        ending.status = WEXITSTATUS(status);
    return ending;
}

static void refuse(const char *words, int status, const char *says)
{
    struct ending ending = run(words);
    size_t length = strlen(ending.said);
    if (ending.status != status)
        fail_msg("%s: status %d, not %d: %s", words, ending.status, status, ending.said);
    if (!strstr(ending.said, says))
        fail_msg("%s: '%s' does not say '%s'", words, ending.said, says);
    if (strncmp(ending.said, "mizan-lab: ", 11) != 0 || strchr(ending.said, '\n') != ending.said + length - 1)
        fail_msg("%s: not one line: '%s'", words, ending.said);
}

static void put(const char *name, const void *bytes, size_t size)
{
    AUTO(text) char *path = text_format("%s/%s", folder, name);
    assert_true(file_write(path, 0644, bytes, size, NULL));
}

/* The start of a JPEG of the wanted size, which has no picture in it. */
static void put_header(const char *name, unsigned width, unsigned height)
{
    uint8_t bytes[] = {0xFF, 0xD8, 0xFF, 0xC0, 0x00, 0x11, 0x08, (uint8_t)(height >> 8), (uint8_t)height,
        (uint8_t)(width >> 8), (uint8_t)width, 0x03, 0x01, 0x22, 0x00, 0x02, 0x11, 0x01, 0x03, 0x11, 0x01,
        0xFF, 0xDA, 0x00, 0x0C, 0x03, 0x01, 0x00, 0x02, 0x11, 0x03, 0x11, 0x00, 0x3F, 0x00};
    put(name, bytes, sizeof bytes);
}

static struct bytes asset(const char *place)
{
    const char *assets = getenv("MIZAN_ASSETS");
    AUTO(text) char *path = text_format("%s/%s", assets ? assets : "build/assets", place);
    struct bytes bytes = {NULL, 0};
    if (!file_read(path, 64 << 20, &bytes, NULL)) {
        fprintf(stderr, "skipped: no %s (tools/setup fetches it)\n", path);
        exit(77);
    }
    return bytes;
}

static void pictures_that_are_none_are_refused_with_the_files_name(void **state)
{
    (void)state;
    AUTO(bytes) struct bytes photo = asset("photos/subject-1.jpg");
    put("zero.jpg", "", 0);
    put("text.jpg", "this is a letter, not a picture\n", 32);
    put("half.jpg", photo.data, photo.size / 2);
    put("start.jpg", photo.data, 300);
    put_header("huge.jpg", 30000, 30000);
    put_header("wide.jpg", 65000, 10);
    static const struct {
        const char *name;
        int status;
        const char *says;
    } rows[] = {{"zero.jpg", 65, "zero.jpg"}, {"text.jpg", 65, "text.jpg"}, {"half.jpg", 65, "half.jpg"},
        {"start.jpg", 65, "start.jpg"}, {"huge.jpg", 65, "huge.jpg"}, {"wide.jpg", 65, "wide.jpg"},
        {"none.jpg", 66, "none.jpg"}, {".", 65, "."}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(text) char *faces = text_format("faces %s", rows[i].name);
        AUTO(text) char *compare = text_format("compare %s %s", rows[i].name, rows[i].name);
        refuse(faces, rows[i].status, rows[i].says);
        refuse(compare, rows[i].status, rows[i].says);
    }
}

static void a_pack_with_another_file_than_it_names_is_refused(void **state)
{
    (void)state;
    static const char *const files[] = {"pack.ini", "detect.onnx", "landmarks.onnx", "embed.onnx"};
    AUTO(text) char *copy = text_format("%s/pack", folder);
    assert_int_equal(mkdir(copy, 0755), 0);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        AUTO(text) char *from = text_format("pack/%s", files[i]);
        AUTO(bytes) struct bytes bytes = asset(from);
        if (i == 3)
            bytes.data[bytes.size / 2] ^= 1;
        put(from, bytes.data, bytes.size);
    }
    refuse("faces any.jpg --pack pack", 65, "embed.onnx");
    put("pack/embed.onnx", "", 0);
    refuse("faces any.jpg --pack pack", 65, "embed.onnx");
    put("pack/pack.ini", "[pack]\nname = ", 14);
    refuse("faces any.jpg --pack pack", 65, "pack.ini");
    refuse("faces any.jpg --pack nowhere", 66, "nowhere");
}

static void a_line_that_cannot_be_understood_says_why(void **state)
{
    (void)state;
    static const struct {
        const char *words, *says;
    } rows[] = {{"", "--help"}, {"frobnicate", "--help"}, {"faces", "file"}, {"compare a.jpg", "two files"},
        {"faces --detect 9x9 a.jpg", "--detect"}, {"faces --threshold 2 a.jpg", "--threshold"},
        {"faces --wrong a.jpg", "--wrong"}, {"evaluate search", "folder"},
        {"evaluate search x --report y", "--sign"}, {"evaluate pairs", "folder"}, {"faces --pack", "value"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        refuse(rows[i].words, 64, rows[i].says);
}

static void a_folder_without_pictures_is_missing(void **state)
{
    (void)state;
    refuse("evaluate search /nonexistent", 66, "/nonexistent");
    refuse("evaluate pairs /nonexistent", 66, "pairs.txt");
}

static int clean_up(void **state)
{
    (void)state;
    AUTO(text) char *line = text_format("rm -rf %s", folder);
    return system(line);
}

int main(int argc, char **argv)
{
    if (argc != 2 || !mkdtemp(folder))
        return 1;
    program = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_that_are_none_are_refused_with_the_files_name),
        cmocka_unit_test(a_pack_with_another_file_than_it_names_is_refused),
        cmocka_unit_test(a_line_that_cannot_be_understood_says_why),
        cmocka_unit_test(a_folder_without_pictures_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, clean_up);
}
