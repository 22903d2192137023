/* Networks in 8 bits beside the same ones in float. */
#include "base/file.h"
#include "base/text.h"
#include "net/byte_kernels.h"
#include "net/net.h"

#include "sketch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

enum { SIDE = 13, WIDE = 9, INPUTS = 3, MIDDLE = 24 };

static void fill(float *numbers, size_t count, uint32_t seed)
{
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525U + 1013904223U;
        numbers[i] = (float)(int32_t)seed / 2147483648.0F;
    }
}

static void add_weights(
    struct sketch *sketch, const char *name, int outputs, int inputs, int side, float size)
{
    static float numbers[1 << 14];
    size_t count = (size_t)outputs * (size_t)inputs * (size_t)side * (size_t)side;
    assert_true(count <= COUNT_OF(numbers));
    fill(numbers, count, (uint32_t)name[0] * 7919U + (uint32_t)name[1]);
    for (size_t i = 0; i < count; i++)
        numbers[i] *= size;
    sketch_floats(sketch, name, 4, (int[]){outputs, inputs, side, side}, numbers);
}

static void add_row(struct sketch *sketch, const char *name, int count, const int *dims, uint32_t numbers)
{
    float row[64];
    fill(row, numbers, (uint32_t)name[1]);
    sketch_floats(sketch, name, count, dims, row);
}

/* What the default networks are made of, at sizes that fill no block: a strided first layer, one group a
 * channel, PRelu, sums, Relu after a sum, joined channels, groups, dilation, odd channels. */
static struct bytes sketch_network(void)
{
    AUTO(sketch) struct sketch *sketch = sketch_new(11);
    Onnx__NodeProto *node;
    sketch_input(sketch, "x", 4, (int[]){1, INPUTS, SIDE, WIDE});
    add_weights(sketch, "wa", MIDDLE, INPUTS, 3, 0.5F);
    add_row(sketch, "ba", 1, (int[]){MIDDLE}, MIDDLE);
    add_row(sketch, "sa", 3, (int[]){MIDDLE, 1, 1}, MIDDLE);
    node = sketch_node(sketch, "Conv", "x wa ba", "a");
    sketch_ints(sketch, node, "strides", 2, (int64_t[]){2, 1});
    sketch_ints(sketch, node, "pads", 4, (int64_t[]){1, 1, 1, 1});
    sketch_node(sketch, "PRelu", "a sa", "pa");
    add_weights(sketch, "wb", MIDDLE, 1, 3, 0.7F);
    node = sketch_node(sketch, "Conv", "pa wb", "b");
    sketch_int(sketch, node, "group", MIDDLE);
    sketch_ints(sketch, node, "pads", 4, (int64_t[]){1, 1, 1, 1});
    add_weights(sketch, "wc", MIDDLE, MIDDLE, 1, 0.4F);
    sketch_node(sketch, "Conv", "b wc", "c");
    sketch_node(sketch, "Add", "pa c", "d");
    sketch_node(sketch, "Relu", "d", "e");
    add_weights(sketch, "wf", 12, MIDDLE, 3, 0.3F);
    node = sketch_node(sketch, "Conv", "e wf", "f");
    sketch_ints(sketch, node, "pads", 4, (int64_t[]){2, 2, 2, 2});
    sketch_ints(sketch, node, "dilations", 2, (int64_t[]){2, 2});
    sketch_node(sketch, "Concat", "f e", "g");
    sketch_int(sketch, &sketch->nodes[sketch->graph.n_node - 1], "axis", 1);
    add_weights(sketch, "wh", 6, (MIDDLE + 12) / 2, 1, 0.3F);
    node = sketch_node(sketch, "Conv", "g wh", "h");
    sketch_int(sketch, node, "group", 2);
    sketch_output(sketch, "h");
    return sketch_pack(sketch);
}

static size_t size_of(const struct net_shape *shape)
{
    size_t size = 1;
    for (int i = 0; i < shape->count; i++)
        size *= (size_t)shape->dims[i];
    return size;
}

static struct net *load(const struct bytes *file, const struct net_options *options)
{
    struct error err = {0};
    struct net *net = net_load(file->data, file->size, options, &err);
    if (!net || !net_warm_up(net, &err))
        fail_msg("%s", err.text);
    return net;
}

static void run(struct net *net, uint32_t seed)
{
    fill(net_input(net), size_of(net_input_shape(net)), seed);
    net_run(net);
}

/* Ranges over the inputs of seeds 1 to 8. */
static char *ranges_of(const struct bytes *file)
{
    struct net_options options = {.observed = true};
    AUTO(net) struct net *net = load(file, &options);
    for (uint32_t seed = 1; seed <= 8; seed++)
        run(net, seed);
    return net_ranges(net);
}

static struct net_options in_bytes(const char *ranges)
{
    return (struct net_options){.ranges = {(uint8_t *)(uintptr_t)ranges, strlen(ranges)}};
}

static void the_8_bit_network_follows_the_float_one(void **state)
{
    (void)state;
    __attribute__((cleanup(bytes_auto))) struct bytes file = sketch_network();
    __attribute__((cleanup(text_auto))) char *ranges = ranges_of(&file);
    struct net_options options = in_bytes(ranges);
    AUTO(net) struct net *exact = load(&file, NULL);
    AUTO(net) struct net *net = load(&file, &options);
    size_t count = size_of(net_output_shape(exact, 0));
    assert_int_equal(size_of(net_output_shape(net, 0)), count);
    for (uint32_t seed = 1; seed <= 8; seed++) {
        double squares = 0, apart = 0;
        run(exact, seed);
        run(net, seed);
        for (size_t i = 0; i < count; i++) {
            squares += pow((double)net_output(exact, 0)[i], 2);
            apart += pow((double)(net_output(exact, 0)[i] - net_output(net, 0)[i]), 2);
        }
        assert_true(sqrt(apart / squares) < 0.03);
    }
}

static void every_layer_of_an_8_bit_network_runs_on_bytes(void **state)
{
    (void)state;
    __attribute__((cleanup(bytes_auto))) struct bytes file = sketch_network();
    __attribute__((cleanup(text_auto))) char *ranges = ranges_of(&file);
    struct net_options options = in_bytes(ranges);
    AUTO(net) struct net *net = load(&file, &options);
    __attribute__((cleanup(text_auto))) char *layers = net_describe(net);
    int convolutions = 0, on_bytes = 0;
    for (const char *at = layers; (at = strstr(at, "conv ")); at++)
        convolutions++;
    for (const char *at = layers; (at = strstr(at, " bytes:")); at++)
        on_bytes++;
    assert_int_equal(convolutions, 5);
    assert_int_equal(on_bytes, 5);
    assert_null(strstr(layers, "add 1x"));
    assert_null(strstr(layers, "relu 1x24"));
}

static void the_same_ranges_give_the_same_numbers(void **state)
{
    (void)state;
    __attribute__((cleanup(bytes_auto))) struct bytes file = sketch_network();
    __attribute__((cleanup(text_auto))) char *ranges = ranges_of(&file);
    struct net_options options = in_bytes(ranges);
    AUTO(net) struct net *first = load(&file, &options);
    AUTO(net) struct net *second = load(&file, &options);
    run(first, 99);
    run(second, 3);
    run(second, 99);
    assert_memory_equal(
        net_output(first, 0), net_output(second, 0), size_of(net_output_shape(first, 0)) * sizeof(float));
}

/* What a machine without this one's instructions computes. */
static void compare_sets(const struct bytes *file, struct net_options *options)
{
    AUTO(net) struct net *best = load(file, options);
    size_t count = size_of(net_output_shape(best, 0));
    run(best, 17);
    for (size_t k = 0; byte_kernels_at(k); k++) {
        if (!byte_kernels_at(k)->runs_here())
            continue;
        options->byte_kernels = byte_kernels_at(k);
        AUTO(net) struct net *net = load(file, options);
        __attribute__((cleanup(text_auto))) char *layers = net_describe(net);
        __attribute__((cleanup(text_auto))) char *name = text_format("bytes:%s ", byte_kernels_at(k)->name);
        assert_non_null(strstr(layers, name));
        run(net, 17);
        assert_memory_equal(net_output(best, 0), net_output(net, 0), count * sizeof(float));
    }
}

static void every_set_gives_the_same_numbers(void **state)
{
    (void)state;
    __attribute__((cleanup(bytes_auto))) struct bytes file = sketch_network();
    __attribute__((cleanup(text_auto))) char *ranges = ranges_of(&file);
    struct net_options options = in_bytes(ranges);
    compare_sets(&file, &options);
}

static void refuse(const struct bytes *file, const char *ranges, const char *words)
{
    struct error err = {0};
    struct net_options options = in_bytes(ranges);
    assert_null(net_load(file->data, file->size, &options, &err));
    assert_non_null(strstr(err.text, words));
}

static void a_relu_after_slopes_cuts_at_zero_when_numbers_leave_the_network(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = sketch_new(11);
    sketch_input(sketch, "x", 4, (int[]){1, INPUTS, SIDE, WIDE});
    add_weights(sketch, "wa", 8, INPUTS, 3, 0.5F);
    add_row(sketch, "sa", 3, (int[]){8, 1, 1}, 8);
    sketch_node(sketch, "Conv", "x wa", "a");
    sketch_node(sketch, "PRelu", "a sa", "pa");
    sketch_node(sketch, "Relu", "pa", "r");
    sketch_output(sketch, "r");
    __attribute__((cleanup(bytes_auto))) struct bytes file = sketch_pack(sketch);
    __attribute__((cleanup(text_auto))) char *ranges = ranges_of(&file);
    struct net_options options = in_bytes(ranges);
    AUTO(net) struct net *exact = load(&file, NULL);
    AUTO(net) struct net *net = load(&file, &options);
    run(exact, 5);
    run(net, 5);
    for (size_t i = 0; i < size_of(net_output_shape(exact, 0)); i++)
        assert_true(fabsf(net_output(exact, 0)[i] - net_output(net, 0)[i]) < 0.05F);
}

/* What RLIMIT_DATA counts so far; a sanitiser's own memory is in it. */
static rlim_t data_bytes(void)
{
    char line[128];
    unsigned long kilobytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    assert_non_null(status);
    while (fgets(line, sizeof line, status) && sscanf(line, "VmData: %lu", &kilobytes) != 1) {
    }
    fclose(status);
    assert_true(kilobytes > 0);
    return (rlim_t)kilobytes << 10;
}

/* The row of codes for what lies outside is as wide as the picture, whatever a file says of strides. */
static void wide_strides_over_a_small_picture_need_no_memory(void **state)
{
    (void)state;
    enum { CHANNELS = 1024 };
    AUTO(sketch) struct sketch *sketch = sketch_new(11);
    sketch_input(sketch, "x", 4, (int[]){1, CHANNELS, 1, 1});
    add_weights(sketch, "wa", CHANNELS, 1, 1, 0.5F);
    Onnx__NodeProto *node = sketch_node(sketch, "Conv", "x wa", "a");
    sketch_int(sketch, node, "group", CHANNELS);
    sketch_ints(sketch, node, "strides", 2, (int64_t[]){1, 32768});
    sketch_ints(sketch, node, "pads", 4, (int64_t[]){0, 32768, 0, 32768});
    sketch_output(sketch, "a");
    __attribute__((cleanup(bytes_auto))) struct bytes file = sketch_pack(sketch);
    struct net_options options = in_bytes("x -1 1\na -1 1\n");
    struct rlimit limit, before;
    assert_int_equal(getrlimit(RLIMIT_DATA, &before), 0);
    limit = before;
    limit.rlim_cur = data_bytes() + (32 << 20);
    assert_int_equal(setrlimit(RLIMIT_DATA, &limit), 0);
    struct error err = {0};
    AUTO(net) struct net *net = net_load(file.data, file.size, &options, &err);
    assert_int_equal(setrlimit(RLIMIT_DATA, &before), 0);
    if (!net)
        fail_msg("%s", err.text);
}

static void ranges_that_do_not_fit_are_refused_with_the_cause(void **state)
{
    (void)state;
    __attribute__((cleanup(bytes_auto))) struct bytes file = sketch_network();
    refuse(&file, "x -1 1\n", "no tensor 'pa'");
    refuse(&file, "x -1\n", "line 1");
    refuse(&file, "x -1 1", "lines of text");
    refuse(&file, "x 1 -1\n", "line 1");
    refuse(&file, "x nan 1\n", "line 1");
    refuse(&file, "x 0 inf\n", "line 1");
    refuse(&file, "x -1 1 2\n", "line 1");
    refuse(&file, " -1 1\n", "line 1");
    refuse(&file, "x -1 1\npa -1e38 1e38\nb -1e-38 1e-38\n", "no tensor 'e'");
    refuse(&file, "x -1 1\npa -1e38 2e38\nb 0 0\ne 0 0\nf 0 0\n", "too ");
    refuse(&file, "x -1 1\npa -1e38 2e38\nb 0 0\ne 0 0\nf 0 0\n", "leave 'ranges' out");
    refuse(&file, "x -1 1\npa -3e38 3e38\nb 0 0\ne 0 0\nf 0 0\n", "line 2"); /* wider than a number */
}

static struct bytes asset(const char *path)
{
    struct bytes out = {0};
    struct error err;
    const char *assets = getenv("MIZAN_ASSETS");
    __attribute__((cleanup(text_auto))) char *whole =
        text_format("%s/%s", assets ? assets : "build/assets", path);
    if (!file_read(whole, NET_FILE_LIMIT, &out, &err))
        skip();
    return out;
}

static void every_set_gives_the_same_default_template(void **state)
{
    (void)state;
    __attribute__((cleanup(bytes_auto))) struct bytes file = asset("pack/embed.onnx");
    __attribute__((cleanup(bytes_auto))) struct bytes ranges = asset("pack/embed.ranges");
    struct net_options options = {.ranges = ranges};
    compare_sets(&file, &options);
}

static void the_default_template_stays_close_to_the_reference(void **state)
{
    (void)state;
    __attribute__((cleanup(bytes_auto))) struct bytes file = asset("pack/embed.onnx");
    __attribute__((cleanup(bytes_auto))) struct bytes ranges = asset("pack/embed.ranges");
    __attribute__((cleanup(bytes_auto))) struct bytes input = asset("golden/embed.input.f32");
    __attribute__((cleanup(bytes_auto))) struct bytes output = asset("golden/embed.output.f32");
    struct net_options options = {.ranges = ranges};
    AUTO(net) struct net *net = load(&file, &options);
    const float *expected = (const float *)(const void *)output.data;
    double product = 0, squares = 0, others = 0;
    memcpy(net_input(net), input.data, input.size);
    net_run(net);
    for (size_t i = 0; i < output.size / sizeof(float); i++) {
        product += (double)expected[i] * (double)net_output(net, 0)[i];
        squares += pow((double)expected[i], 2);
        others += pow((double)net_output(net, 0)[i], 2);
    }
    double cosine = product / sqrt(squares * others);
    print_message("cosine to the reference %.4f\n", cosine);
    assert_true(cosine > 0.97);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_8_bit_network_follows_the_float_one),
        cmocka_unit_test(every_layer_of_an_8_bit_network_runs_on_bytes),
        cmocka_unit_test(the_same_ranges_give_the_same_numbers),
        cmocka_unit_test(a_relu_after_slopes_cuts_at_zero_when_numbers_leave_the_network),
        cmocka_unit_test(wide_strides_over_a_small_picture_need_no_memory),
        cmocka_unit_test(ranges_that_do_not_fit_are_refused_with_the_cause),
        cmocka_unit_test(every_set_gives_the_same_numbers),
        cmocka_unit_test(every_set_gives_the_same_default_template),
        cmocka_unit_test(the_default_template_stays_close_to_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
