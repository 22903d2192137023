/* mizan-lab evaluate on two people whose pictures are part of the set-up: every number that comes out is
 * known. */
#include "program.h"

#include "base/file.h"
#include "sign/statement.h"

#include <math.h>
#include <sys/stat.h>

static void put(const char *name, const void *bytes, size_t size)
{
    AUTO(text) char *path = text_format("%s/%s", lab_folder, name);
    assert_true(file_write(path, 0644, bytes, size, NULL));
}

static void copy(const char *photo, const char *name)
{
    AUTO(text) char *from = lab_asset(photo);
    AUTO(bytes) struct bytes bytes = {NULL, 0};
    assert_true(file_read(from, 1 << 20, &bytes, NULL));
    put(name, bytes.data, bytes.size);
}

/* Three pictures of one man, two of another and a letter that is called a picture of him. */
static int make_people(void **state)
{
    static const char letter[] = "this is a letter, not a picture\n";
    static const char groups[] = "Zebulon first\nYsolde second\n";
    (void)state;
    AUTO(text) char *subject = text_format("%s/data/Zebulon", lab_folder);
    AUTO(text) char *other = text_format("%s/data/Ysolde", lab_folder);
    if (!file_make_folder(subject, 0755, NULL) || !file_make_folder(other, 0755, NULL))
        return 1;
    copy("photos/subject-1.jpg", "data/Zebulon/Zebulon_0001.jpg");
    copy("photos/subject-2.jpg", "data/Zebulon/Zebulon_0002.jpg");
    copy("photos/subject-3.jpg", "data/Zebulon/Zebulon_0003.jpg");
    copy("photos/other-1.jpg", "data/Ysolde/Ysolde_0001.jpg");
    copy("photos/other-2.jpg", "data/Ysolde/Ysolde_0002.jpg");
    put("data/Ysolde/Ysolde_0003.jpg", letter, sizeof letter - 1);
    put("groups", groups, sizeof groups - 1);
    return 0;
}

/* Lists of one: each is searched by the other man's pictures, five in all, in vain. Mated are the first man's
 * two further pictures, the second man's one, and the letter. */
static void searches_of_two_known_people_have_their_known_rates(void **state)
{
    (void)state;
    AUTO(json)
    json_t *answer = lab_answer(lab_folder, "evaluate search data --entries 1 --threshold 0.5 --json");
    assert_float_equal(lab_number(answer, "lists"), 2.0, 0.0);
    assert_float_equal(lab_number(answer, "persons"), 2.0, 0.0);
    assert_float_equal(lab_number(answer, "non_mated"), 5.0, 0.0);
    assert_float_equal(lab_number(answer, "false_alerts"), 0.0, 0.0);
    assert_true(fabs(lab_number(answer, "fpir_bound") - (1.0 - pow(0.05, 1.0 / 5.0))) < 1e-8);
    assert_float_equal(lab_number(answer, "charged_bound"), 1.0, 0.0);
    assert_float_equal(lab_number(answer, "mated"), 4.0, 0.0);
    assert_float_equal(lab_number(answer, "misses"), 1.0, 0.0);
    assert_float_equal(lab_number(answer, "failures_to_acquire"), 1.0, 0.0);
    assert_float_equal(lab_number(answer, "fnir"), 0.25, 1e-9);
    assert_string_equal(json_string_value(json_object_get(answer, "made_on")), "images");
    assert_int_equal(json_array_size(json_object_get(answer, "curve")), 101);
}

/* Each man's last picture walks: the first man's past both lists, and the letter, which counts as a miss. */
static void walks_of_two_known_people_over_a_recording_have_their_known_rates(void **state)
{
    (void)state;
    AUTO(text) char *place = lab_asset("scenes/nobody.mp4");
    AUTO(text)
    char *words = text_format(
        "evaluate passages data --entries 1 --threshold 0.5 --background %s --groups groups --json", place);
    AUTO(json) json_t *answer = lab_answer(lab_folder, words);
    assert_float_equal(lab_number(answer, "non_mated"), 1.0, 0.0);
    assert_float_equal(lab_number(answer, "false_alerts"), 0.0, 0.0);
    assert_float_equal(lab_number(answer, "mated"), 2.0, 0.0);
    assert_float_equal(lab_number(answer, "misses"), 1.0, 0.0);
    assert_float_equal(lab_number(answer, "failures_to_acquire"), 1.0, 0.0);
    assert_float_equal(lab_number(answer, "groups.first.misses"), 0.0, 0.0);
    assert_float_equal(lab_number(answer, "groups.second.misses"), 1.0, 0.0);
    assert_float_equal(lab_number(answer, "covered_faces.mated"), 0.0, 0.0);
    assert_string_equal(json_string_value(json_object_get(answer, "made_on")), "images");
}

/* The bound is 1 here, so a target of two alerts allows two passages. */
static void the_advice_says_how_many_passages_the_target_allows(void **state)
{
    (void)state;
    AUTO(json)
    json_t *answer =
        lab_answer(lab_folder, "evaluate search data --entries 1 --threshold 0.5 --target 2 --json");
    assert_string_equal(json_string_value(json_object_get(answer, "advice")),
        "At threshold 0.500 and N = 1, 2 passages bring at most 2.00 false alerts (one-sided 95 %, worst "
        "group).");
}

/* 3 × 6 / 0.001 searches by the rule of three; for 36,000 passages and one alert 3 × 6 × 36,000. */
static void too_few_data_for_a_threshold_say_how_many_it_takes(void **state)
{
    (void)state;
    int status = 0;
    AUTO(text) char *plain = lab_run(lab_folder, &status, "evaluate search data --entries 1");
    assert_int_equal(status, 69);
    assert_non_null(strstr(plain, "takes 18000 independent searches"));
    AUTO(text) char *many = lab_run(lab_folder, &status, "evaluate search data --entries 1 --passages 36000");
    assert_int_equal(status, 69);
    assert_non_null(strstr(many, "takes 648000 independent searches"));
}

static void a_signed_report_says_what_was_measured_and_verifies(void **state)
{
    (void)state;
    int status = 0;
    struct error err = {0};
    setenv("MIZAN_PASSPHRASE", "four words to sign with", 1);
    AUTO(text) char *key = lab_run(lab_folder, &status, "key lab.key");
    assert_int_equal(status, 0);
    AUTO(json)
    json_t *answer =
        lab_answer(lab_folder, "evaluate search data --entries 1 --threshold 0.5 --json --report r.json "
                               "--sign lab.key --html page.html --groups groups");
    AUTO(text) char *path = text_format("%s/r.json", lab_folder);
    AUTO(bytes) struct bytes bytes = {NULL, 0};
    assert_true(file_read(path, 1 << 16, &bytes, &err));
    AUTO(envelope) struct envelope *report = envelope_parse((const char *)bytes.data, bytes.size, &err);
    if (!report)
        fail_msg("%s", err.text);
    char hex[HEX_HASH_SIZE];
    hex_write(report->key, PUBLIC_KEY_SIZE, hex);
    assert_memory_equal(key, hex, 64);
    assert_string_equal(json_string_value(json_object_get(report->fields, "made_on")), "images");
    assert_int_equal(json_integer_value(json_object_get(report->fields, "threshold_e6")), 500000);
    assert_int_equal(json_integer_value(json_object_get(report->fields, "n")), 1);
    assert_int_equal(json_integer_value(json_object_get(report->fields, "fpir_bound_e9")),
        (json_int_t)ceil(lab_number(answer, "worst_bound") * 1e9));
    char *threshold = strstr((char *)bytes.data, "500000");
    assert_non_null(threshold);
    threshold[0] = '4';
    AUTO(envelope) struct envelope *edited = envelope_parse((const char *)bytes.data, bytes.size, &err);
    assert_null(edited);
    assert_int_equal(err.code, ERROR_UNSIGNED);
}

static void must_not_name(const char *words, const char *text)
{
    static const char *const names[] = {"Zebulon", "Ysolde"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strstr(text, names[i]))
            fail_msg("%s names %s: %s", words, names[i], text);
}

static void s23_no_measurement_names_anybody(void **state)
{
    (void)state;
    static const char *const rows[] = {"evaluate search data --entries 1 --threshold 0.5 --groups groups",
        "evaluate search data --entries 1 --threshold 0.5 --groups groups --json --html named.html",
        "evaluate passages data --entries 1 --threshold 0.5 --groups groups --json",
        "evaluate pairs data --json"};
    static const char pairs[] =
        "2\t1\nZebulon\t1\t2\nZebulon\t1\tYsolde\t1\nYsolde\t1\t2\nZebulon\t2\tYsolde\t2\n";
    put("data/pairs.txt", pairs, sizeof pairs - 1);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int status = 0;
        AUTO(text) char *output = lab_run(lab_folder, &status, rows[i]);
        assert_int_equal(status, 0);
        must_not_name(rows[i], output);
    }
    AUTO(text) char *path = text_format("%s/named.html", lab_folder);
    AUTO(bytes) struct bytes page = {NULL, 0};
    assert_true(file_read(path, 1 << 20, &page, NULL));
    must_not_name("the page", (const char *)page.data);
}

int main(int argc, char **argv)
{
    if (argc != 2 || !mkdtemp(lab_folder) || !crypto_start(NULL))
        return 1;
    lab_program = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(searches_of_two_known_people_have_their_known_rates),
        cmocka_unit_test(walks_of_two_known_people_over_a_recording_have_their_known_rates),
        cmocka_unit_test(the_advice_says_how_many_passages_the_target_allows),
        cmocka_unit_test(too_few_data_for_a_threshold_say_how_many_it_takes),
        cmocka_unit_test(s23_no_measurement_names_anybody),
        cmocka_unit_test(a_signed_report_says_what_was_measured_and_verifies),
    };
    return cmocka_run_group_tests(tests, make_people, lab_clean_up);
}
