/* The three default networks against ONNX Runtime's outputs (tools/golden makes them). */
#include "base/file.h"
#include "base/text.h"
#include "net/net.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *assets(void)
{
    const char *folder = getenv("MIZAN_ASSETS");
    return folder ? folder : "build/assets";
}

static struct bytes asset(const char *folder, const char *name, const char *end)
{
    struct bytes out = {0};
    struct error err;
    __attribute__((cleanup(text_auto))) char *path = text_format("%s/%s/%s%s", assets(), folder, name, end);
    if (!file_read(path, NET_FILE_LIMIT, &out, &err))
        fail_msg("%s", err.text);
    return out;
}

static struct net *load(const char *name, const struct net_options *options)
{
    struct error err = {0};
    __attribute__((cleanup(bytes_auto))) struct bytes file = asset("pack", name, ".onnx");
    struct net *net = net_load(file.data, file.size, options, &err);
    if (!net || !net_warm_up(net, &err))
        fail_msg("%s", err.text);
    return net;
}

static void fill_input(struct net *net, const char *name)
{
    __attribute__((cleanup(bytes_auto))) struct bytes input = asset("golden", name, ".input.f32");
    size_t size = 1;
    for (int i = 0; i < net_input_shape(net)->count; i++)
        size *= (size_t)net_input_shape(net)->dims[i];
    assert_int_equal(input.size, size * sizeof(float));
    memcpy(net_input(net), input.data, input.size);
}

/* The largest difference as a part of the expected numbers' range. */
static double difference(const float *got, const float *expected, size_t count)
{
    double least = INFINITY, most = -INFINITY, largest = 0;
    for (size_t i = 0; i < count; i++) {
        least = fmin(least, (double)expected[i]);
        most = fmax(most, (double)expected[i]);
        double apart = fabs((double)got[i] - (double)expected[i]);
        largest = apart <= largest ? largest : apart;
    }
    return largest / (most - least);
}

static void compare(struct net *net, int index, const char *name)
{
    __attribute__((cleanup(text_auto))) char *end = text_format(".%s.f32", net_output_name(net, index));
    __attribute__((cleanup(bytes_auto))) struct bytes expected = asset("golden", name, end);
    const struct net_shape *shape = net_output_shape(net, index);
    size_t count = 1;
    for (int i = 0; i < shape->count; i++)
        count *= (size_t)shape->dims[i];
    assert_int_equal(expected.size, count * sizeof(float));
    double apart = difference(net_output(net, index), (const float *)(const void *)expected.data, count);
    print_message("%s%s: %.1e of the range\n", name, end, apart);
    assert_true(apart < 1e-4);
}

/* Where the environment asks for an older processor, its kernels have to be the ones that are compared. */
static void expect_kernels_as_asked(const struct net *net)
{
    const char *asked = getenv("ONEDNN_MAX_CPU_ISA");
    __attribute__((cleanup(text_auto))) char *layers = net_describe(net);
    if (asked)
        assert_null(strstr(layers, "tiles:"));
    if (asked && !strcmp(asked, "AVX2"))
        assert_null(strstr(layers, "avx512"));
}

static void check_network(const char *name, int outputs)
{
    AUTO(net) struct net *net = load(name, NULL);
    expect_kernels_as_asked(net);
    assert_int_equal(net_output_count(net), outputs);
    for (int run = 0; run < 2; run++) {
        fill_input(net, name);
        net_run(net);
        for (int i = 0; i < outputs; i++)
            compare(net, i, name);
    }
}

static void the_detector_gives_the_reference_outputs(void **state)
{
    (void)state;
    check_network("detect", 2);
}

static void the_landmarks_are_the_reference_outputs(void **state)
{
    (void)state;
    check_network("landmarks", 1);
}

static void the_embedding_is_the_reference_output(void **state)
{
    (void)state;
    check_network("embed", 1);
}

static void an_inner_output_stops_the_detector_before_its_decoding(void **state)
{
    (void)state;
    const char *const wanted[] = {"scores", "462", NULL};
    struct net_options options = {.outputs = wanted};
    AUTO(net) struct net *net = load("detect", &options);
    assert_int_equal(net_output_count(net), 2);
    assert_string_equal(net_output_name(net, 1), "462");
    assert_int_equal(net_output_shape(net, 1)->dims[1], 4420);
    assert_int_equal(net_output_shape(net, 1)->dims[2], 4);
    fill_input(net, "detect");
    net_run(net);
    compare(net, 0, "detect");
}

static int anchors(int height, int width)
{
    int rows = (height + 7) / 8, columns = (width + 7) / 8, sum = rows * columns * 3;
    for (int level = 1; level < 4; level++) {
        rows = (rows + 1) / 2;
        columns = (columns + 1) / 2;
        sum += rows * columns * (level == 3 ? 3 : 2);
    }
    return sum;
}

static void the_detector_runs_at_other_sizes(void **state)
{
    static const int sizes[][2] = {{480, 640}, {180, 320}, {360, 640}, {720, 1280}, {288, 360}, {301, 403}};
    const char *const wanted[] = {"scores", "462", NULL};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct net_options options = {.height = sizes[i][0], .width = sizes[i][1], .outputs = wanted};
        AUTO(net) struct net *net = load("detect", &options);
        int count = anchors(sizes[i][0], sizes[i][1]);
        assert_int_equal(net_output_shape(net, 0)->dims[1], count);
        assert_int_equal(net_output_shape(net, 1)->dims[1], count);
        net_run(net);
        const float *scores = net_output(net, 0);
        for (size_t k = 0; k < (size_t)count; k++)
            assert_true(fabsf(scores[2 * k] + scores[2 * k + 1] - 1) < 1e-5F);
    }
}

static void whole_outputs_at_another_size_are_refused(void **state)
{
    struct error err = {0};
    struct net_options options = {.height = 480, .width = 640};
    __attribute__((cleanup(bytes_auto))) struct bytes file = asset("pack", "detect", ".onnx");
    (void)state;
    assert_null(net_load(file.data, file.size, &options, &err));
    assert_int_equal(err.code, ERROR_INVALID);
    assert_non_null(strstr(err.text, "Mul_156"));
}

static void a_second_load_gives_the_same_numbers(void **state)
{
    (void)state;
    AUTO(net) struct net *first = load("embed", NULL);
    AUTO(net) struct net *second = load("embed", NULL);
    fill_input(first, "embed");
    fill_input(second, "embed");
    net_run(first);
    net_run(second);
    assert_memory_equal(net_output(first, 0), net_output(second, 0), 512 * sizeof(float));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_detector_gives_the_reference_outputs),
        cmocka_unit_test(the_landmarks_are_the_reference_outputs),
        cmocka_unit_test(the_embedding_is_the_reference_output),
        cmocka_unit_test(an_inner_output_stops_the_detector_before_its_decoding),
        cmocka_unit_test(the_detector_runs_at_other_sizes),
        cmocka_unit_test(whole_outputs_at_another_size_are_refused),
        cmocka_unit_test(a_second_load_gives_the_same_numbers),
    };
    __attribute__((cleanup(text_auto))) char *golden = text_format("%s/golden/embed.output.f32", assets());
    FILE *there = fopen(golden, "rb");
    if (!there) {
        printf("skipped: no %s (made by tools/golden)\n", golden);
        return 77;
    }
    fclose(there);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
