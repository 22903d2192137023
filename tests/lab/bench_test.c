#include "lab/bench.h"

#include "program.h"

static void a_spread_has_its_known_ranks(void **state)
{
    (void)state;
    double values[20];
    for (int i = 0; i < 20; i++)
        values[i] = (double)((i * 7) % 20 + 1);
    struct bench_spread spread = bench_spread(values, 20);
    assert_float_equal(spread.least, 1.0, 0.0);
    assert_float_equal(spread.median, 10.0, 0.0);
    assert_float_equal(spread.p95, 19.0, 0.0);
    assert_float_equal(spread.largest, 20.0, 0.0);
    double one[] = {3.5};
    spread = bench_spread(one, 1);
    assert_true(spread.least == 3.5 && spread.median == 3.5 && spread.p95 == 3.5 && spread.largest == 3.5);
}

static void every_stage_of_the_line_has_its_time(void **state)
{
    (void)state;
    AUTO(text) char *clip = lab_asset("scenes/street.mp4");
    AUTO(text) char *words = text_format("bench %s --rounds 2 --json", clip);
    AUTO(json) json_t *answer = lab_answer(lab_folder, words);
    const json_t *stages = json_object_get(answer, "stages");
    size_t count = 0;
    while (bench_name_at(count))
        count++;
    assert_int_equal(json_array_size(stages), count);
    for (size_t i = 0; i < count; i++) {
        const json_t *stage = json_array_get(stages, i);
        assert_string_equal(json_string_value(json_object_get(stage, "stage")), bench_name_at(i));
        assert_true(lab_number(stage, "wall_ms.least") > 0.0);
        assert_true(lab_number(stage, "processor_ms.least") > 0.0);
        assert_true(lab_number(stage, "wall_ms.least") <= lab_number(stage, "wall_ms.largest"));
    }
    const json_t *machine = json_object_get(answer, "machine");
    assert_true(*json_string_value(json_object_get(machine, "commit")));
    assert_true(lab_number(answer, "machine.cores") >= 1.0);
}

static void a_network_names_its_kernels_and_none_is_a_reference_kernel(void **state)
{
    (void)state;
    AUTO(json) json_t *answer = lab_answer(lab_folder, "bench --stage landmarks,search-64 --rounds 1 --json");
    const json_t *stages = json_object_get(answer, "stages");
    const char *kernels = json_string_value(json_object_get(json_array_get(stages, 0), "kernels"));
    assert_non_null(strstr(kernels, "jit"));
    assert_null(strstr(kernels, "ref"));
    kernels = json_string_value(json_object_get(json_array_get(stages, 1), "kernels"));
    assert_non_null(strstr(
        kernels, json_string_value(json_object_get(json_object_get(answer, "machine"), "search_kernel"))));
}

static void a_served_stage_answers_each_number_with_so_many_times(void **state)
{
    (void)state;
    int status = 0;
    AUTO(text) char *told = lab_run(lab_folder, &status, "bench --serve --stage search-10 < numbers");
    assert_int_equal(status, 0);
    assert_int_equal(strncmp(told, "ready\nkernel ", 13), 0);
    const char *times = strstr(told, "\n.\n");
    assert_non_null(times);
    int pairs = 0;
    for (times += 3; *times && *times != '\n'; times++)
        pairs += *times == ':';
    assert_int_equal(pairs, 3);
}

static void what_cannot_be_timed_is_said_in_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *words, *says;
        int status;
    } rows[] = {{"bench --stage knitting", "knitting", 64}, {"bench --stage search-0", "search-0", 64},
        {"bench --stage search-9999999", "search-9999999", 64}, {"bench --serve", "--stage", 64},
        {"bench a b", "one recording", 64}, {"bench --stage decode none.mp4", "none.mp4", 66},
        {"bench --stage decode numbers", "numbers", 65}, {"bench --rounds none", "--rounds", 64},
        {"bench --stage embed --pack nowhere", "nowhere", 66}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(text) char *output = lab_refuse(rows[i].words, rows[i].status, rows[i].says);
    }
}

static int put_numbers(void **state)
{
    (void)state;
    AUTO(text) char *path = text_format("%s/numbers", lab_folder);
    FILE *file = fopen(path, "w");
    return file && fputs("3\n", file) >= 0 && !fclose(file) ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (!lab_begin(argc, argv))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spread_has_its_known_ranks),
        cmocka_unit_test(every_stage_of_the_line_has_its_time),
        cmocka_unit_test(a_network_names_its_kernels_and_none_is_a_reference_kernel),
        cmocka_unit_test(a_served_stage_answers_each_number_with_so_many_times),
        cmocka_unit_test(what_cannot_be_timed_is_said_in_one_line),
    };
    return cmocka_run_group_tests(tests, put_numbers, lab_clean_up);
}
