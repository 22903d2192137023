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

/* The same after lines of progress. */
static void refuse_last(const char *words, int status, const char *says)
{
    struct ending ending = run(words);
    const char *last = strstr(ending.said, "mizan-lab: ");
    if (ending.status != status || !last || !strstr(last, says))
        fail_msg("%s: status %d, not %d, or it does not say '%s': %s", words, ending.status, status, says,
            ending.said);
    assert_ptr_equal(strchr(last, '\n') + 1, ending.said + strlen(ending.said));
}

static void put_folder(const char *name)
{
    AUTO(text) char *path = text_format("%s/%s", folder, name);
    assert_int_equal(mkdir(path, 0755), 0);
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
        {"none.jpg", 66, "none.jpg"}, {".", 65, "."}, {"'two\nlines\x1B[31m\xFF'", 66, "two?lines?[31m?"}};
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
        {"evaluate search x --report y", "--sign"}, {"evaluate pairs", "folder"},
        {"evaluate passages", "folder"}, {"evaluate passages x --walks 0", "--walks"},
        {"faces --pack", "value"}, {"evaluate pairs x --groups y", "--groups"}, {"key x --pack y", "--pack"},
        {"evaluate search x --entries 1.5", "whole number"}, {"camera x --entries 2", "--entries"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        refuse(rows[i].words, 64, rows[i].says);
}

/* With the pack that the test before left: its description has no files. */
static void every_command_that_needs_a_pack_refuses_a_broken_one(void **state)
{
    (void)state;
    static const char *const commands[] = {"faces any.jpg", "compare any.jpg any.jpg",
        "evaluate search people", "evaluate passages people", "evaluate pairs people", "camera any.mp4",
        "bench", "bench pipeline any.mp4"};
    put_folder("people");
    put("people/pairs.txt", "2\t1\n", 4);
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        AUTO(text) char *broken = text_format("%s --pack pack", commands[i]);
        AUTO(text) char *absent = text_format("%s --pack nowhere", commands[i]);
        refuse(broken, 65, "pack.ini");
        refuse(absent, 66, "nowhere");
    }
}

/* What stands beside the pictures is refused; a picture that is none is a failure to acquire, and counted. */
static void an_evaluation_names_what_it_cannot_read_and_counts_pictures_that_are_none(void **state)
{
    (void)state;
    static const char key[] = "{\"format\":\"mizan-key-v1\"}";
    AUTO(bytes) struct bytes photo = asset("photos/subject-1.jpg");
    put_folder("people/Ann");
    put_folder("people/Bob");
    put("people/Ann/Ann_0001.jpg", photo.data, photo.size);
    put("people/Ann/Ann_0002.jpg", "", 0);
    put_header("people/Bob/Bob_0001.jpg", 30000, 30000);
    put("people/Bob/Bob_0002.jpg", photo.data, photo.size / 2);
    put("labels", "Ann\n", 4);
    put("binary", "Ann a\0b\n", 8);
    put("twice", "Ann a\nAnn b\n", 12);
    put("broken.key", key, sizeof key - 1);
    static const struct {
        const char *more, *says;
        int status;
    } rows[] = {{"--groups none", "none", 66}, {"--groups labels", "line 1", 65},
        {"--groups people", "people", 65}, {"--report none/r.json --sign none.key", "none.key", 66},
        {"--report r.json --sign broken.key", "broken.key", 65}, {"--groups binary", "line 1", 65},
        {"--groups twice", "line 2", 65}, {"--html none/page.html", "none/page.html", 71},
        {"--entries 2", "two lists", 65}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(text)
        char *words = text_format(
            "evaluate %s people --entries 1 --threshold 0.5 %s", i % 2 ? "passages" : "search", rows[i].more);
        refuse(words, rows[i].status, rows[i].says);
    }
    AUTO(text) char *huge = text_format("evaluate passages people --background people/Bob/Bob_0001.jpg");
    refuse(huge, 65, "Bob_0001.jpg");
    refuse("evaluate passages people --background labels", 65, "labels");
    struct ending ending = run("evaluate search people --entries 1 --threshold 0.5");
    if (ending.status != 0)
        fail_msg("status %d: %s", ending.status, ending.said);
    refuse_last("evaluate pairs people", 65, "pairs.txt");
}

/* Half of a recording is measured as far as it goes; what is no recording is refused. */
static void a_recording_may_end_early_but_has_to_be_one(void **state)
{
    (void)state;
    AUTO(bytes) struct bytes film = asset("scenes/nobody.mp4");
    put("half.mp4", film.data, film.size / 2);
    put("head.mp4", film.data, 2000);
    put("noise.mp4", film.data + film.size / 2, film.size / 4);
    struct ending ending = run("camera half.mp4");
    if (ending.status != 0)
        fail_msg("status %d: %s", ending.status, ending.said);
    refuse("camera head.mp4", 65, "head.mp4");
    refuse("camera noise.mp4", 65, "noise.mp4");
    refuse("camera start.jpg", 65, "start.jpg");
    refuse("bench --stage decode noise.mp4", 65, "noise.mp4");
    refuse("camera zero.jpg", 65, "zero.jpg");
    refuse("key none/lab.key", 71, "none/lab.key");
}

static void a_folder_without_pictures_is_missing(void **state)
{
    (void)state;
    refuse("evaluate search /nonexistent", 66, "/nonexistent");
    refuse("evaluate passages /nonexistent", 66, "/nonexistent");
    refuse("evaluate passages . --background none.jpg", 66, "none.jpg");
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
    setenv("MIZAN_PASSPHRASE", "four words to sign with", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_that_are_none_are_refused_with_the_files_name),
        cmocka_unit_test(a_pack_with_another_file_than_it_names_is_refused),
        cmocka_unit_test(every_command_that_needs_a_pack_refuses_a_broken_one),
        cmocka_unit_test(an_evaluation_names_what_it_cannot_read_and_counts_pictures_that_are_none),
        cmocka_unit_test(a_recording_may_end_early_but_has_to_be_one),
        cmocka_unit_test(a_line_that_cannot_be_understood_says_why),
        cmocka_unit_test(a_folder_without_pictures_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, clean_up);
}
