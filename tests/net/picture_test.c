/* The operators that detectors and embedders of other packs bring, against plain loops. */
#include "net/net.h"

#include "sketch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CHANNELS = 5, HEIGHT = 9, WIDTH = 11, ROOM = 1 << 14 };

static float expected[ROOM];

static size_t size_of(const struct net_shape *shape)
{
    size_t size = 1;
    for (int i = 0; i < shape->count; i++)
        size *= (size_t)shape->dims[i];
    return size;
}

static struct net *load(const struct sketch *sketch)
{
    struct error err = {0};
    AUTO(bytes) struct bytes file = sketch_pack(sketch);
    struct net *net = net_load(file.data, file.size, NULL, &err);
    if (!net || !net_warm_up(net, &err))
        fail_msg("%s", err.text);
    uint32_t seed = 7;
    for (size_t i = 0; i < size_of(net_input_shape(net)); i++) {
        seed = seed * 1664525 + 1013904223;
        net_input(net)[i] = (float)(seed >> 8) / 8388608.0F - 1;
    }
    net_run(net);
    return net;
}

static void expect(const struct net *net, size_t count)
{
    assert_int_equal(size_of(net_output_shape(net, 0)), count);
    for (size_t i = 0; i < count; i++)
        if (!(fabsf(net_output(net, 0)[i] - expected[i]) <= 1e-5F * (1 + fabsf(expected[i]))))
            fail_msg("number %zu is %g instead of %g", i, (double)net_output(net, 0)[i], (double)expected[i]);
}

static struct sketch *picture_sketch(int opset)
{
    struct sketch *sketch = sketch_new(opset);
    sketch_input(sketch, "x", 4, (int[]){1, CHANNELS, HEIGHT, WIDTH});
    sketch_output(sketch, "y");
    return sketch;
}

struct pool_case {
    const char *operation;
    int kernel, stride, dilation;
    int64_t pads[4];
    bool rounds_up, counts_padding;
    int height, width; /* of the output, worked out by hand */
};

static float plain_pool(const struct pool_case *c, const float *plane, int h, int w)
{
    float most = -INFINITY;
    double sum = 0;
    int count = 0;
    for (int a = 0; a < c->kernel; a++)
        for (int b = 0; b < c->kernel; b++) {
            int row = h * c->stride + a * c->dilation - (int)c->pads[0];
            int column = w * c->stride + b * c->dilation - (int)c->pads[1];
            bool inside = row >= 0 && column >= 0 && row < HEIGHT && column < WIDTH;
            bool padded = row < HEIGHT + (int)c->pads[2] && column < WIDTH + (int)c->pads[3];
            count += inside || (padded && c->counts_padding);
            if (inside) {
                most = fmaxf(most, plane[row * WIDTH + column]);
                sum += (double)plane[row * WIDTH + column];
            }
        }
    return strcmp(c->operation, "MaxPool") == 0 ? most : (float)(sum / count);
}

static void check_pool(const struct pool_case *c)
{
    AUTO(sketch) struct sketch *sketch = picture_sketch(11);
    Onnx__NodeProto *node = sketch_node(sketch, c->operation, "x", "y");
    sketch_ints(sketch, node, "kernel_shape", 2, (int64_t[]){c->kernel, c->kernel});
    sketch_ints(sketch, node, "strides", 2, (int64_t[]){c->stride, c->stride});
    sketch_ints(sketch, node, "dilations", 2, (int64_t[]){c->dilation, c->dilation});
    sketch_ints(sketch, node, "pads", 4, c->pads);
    sketch_int(sketch, node, "ceil_mode", c->rounds_up);
    sketch_int(sketch, node, "count_include_pad", c->counts_padding);
    AUTO(net) struct net *net = load(sketch);
    size_t at = 0;
    for (int p = 0; p < CHANNELS; p++)
        for (int h = 0; h < c->height; h++)
            for (int w = 0; w < c->width; w++)
                expected[at++] = plain_pool(c, net_input(net) + p * HEIGHT * WIDTH, h, w);
    expect(net, at);
}

static void pools_of_every_form_equal_the_plain_loop(void **state)
{
    (void)state;
    static const struct pool_case cases[] = {
        {"MaxPool", 2, 2, 1, {0, 0, 0, 0}, false, false, 4, 5},
        {"MaxPool", 3, 2, 1, {1, 1, 1, 1}, false, false, 5, 6},
        {"MaxPool", 2, 2, 1, {0, 0, 0, 0}, true, false, 5, 6},
        {"MaxPool", 3, 1, 2, {2, 2, 2, 2}, false, false, 9, 11},
        {"AveragePool", 2, 2, 1, {0, 0, 0, 0}, true, false, 5, 6},
        {"AveragePool", 3, 2, 1, {1, 1, 1, 1}, false, false, 5, 6},
        {"AveragePool", 3, 2, 1, {1, 1, 1, 1}, true, true, 5, 6},
        {"AveragePool", 3, 1, 1, {1, 0, 1, 0}, false, true, 9, 9},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        print_message("pool %zu\n", i);
        check_pool(&cases[i]);
    }
}

static void a_global_average_is_the_mean_of_each_channel(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = picture_sketch(11);
    sketch_node(sketch, "GlobalAveragePool", "x", "y");
    AUTO(net) struct net *net = load(sketch);
    for (int p = 0; p < CHANNELS; p++) {
        double sum = 0;
        for (int i = 0; i < HEIGHT * WIDTH; i++)
            sum += (double)net_input(net)[p * HEIGHT * WIDTH + i];
        expected[p] = (float)(sum / (HEIGHT * WIDTH));
    }
    expect(net, CHANNELS);
}

/* The number between pixels of one plane, by definition; places beyond the edge count as on it. */
static float plain_between(const float *plane, double row, double column)
{
    double sum = 0;
    row = fmin(fmax(row, 0), HEIGHT - 1);
    column = fmin(fmax(column, 0), WIDTH - 1);
    for (int h = 0; h < HEIGHT; h++)
        for (int w = 0; w < WIDTH; w++)
            sum += fmax(0, 1 - fabs(row - h)) * fmax(0, 1 - fabs(column - w)) * (double)plane[h * WIDTH + w];
    return (float)sum;
}

struct resize_case {
    const char *mode, *places, *rounding;
    float scale[2];
};

static double place_of(const struct resize_case *c, int axis, int out)
{
    double step = 1 / (double)c->scale[axis];
    double place = strcmp(c->places, "asymmetric") == 0 ? out * step : (out + 0.5) * step - 0.5;
    if (strcmp(c->mode, "linear") == 0)
        return place;
    return strcmp(c->rounding, "floor") == 0 ? floor(place) : ceil(place - 0.5);
}

static void check_resize(const struct resize_case *c)
{
    const float scales[4] = {1, 1, c->scale[0], c->scale[1]};
    AUTO(sketch) struct sketch *sketch = picture_sketch(13);
    sketch_floats(sketch, "scales", 1, (int[]){4}, scales);
    Onnx__NodeProto *node = sketch_node(sketch, "Resize", "x - scales", "y");
    sketch_word(sketch, node, "mode", c->mode);
    sketch_word(sketch, node, "coordinate_transformation_mode", c->places);
    sketch_word(sketch, node, "nearest_mode", c->rounding);
    AUTO(net) struct net *net = load(sketch);
    size_t at = 0;
    int height = (int)(HEIGHT * c->scale[0]), width = (int)(WIDTH * c->scale[1]);
    for (int p = 0; p < CHANNELS; p++)
        for (int h = 0; h < height; h++)
            for (int w = 0; w < width; w++)
                expected[at++] =
                    plain_between(net_input(net) + p * HEIGHT * WIDTH, place_of(c, 0, h), place_of(c, 1, w));
    expect(net, at);
}

static void resizing_of_every_form_equals_the_plain_loop(void **state)
{
    (void)state;
    static const struct resize_case cases[] = {
        {"nearest", "asymmetric", "floor", {2, 2}},
        {"nearest", "half_pixel", "round_prefer_floor", {2, 2}},
        {"nearest", "half_pixel", "floor", {3, 1}},
        {"nearest", "asymmetric", "round_prefer_floor", {0.5F, 0.5F}},
        {"linear", "half_pixel", "floor", {2, 2}},
        {"linear", "asymmetric", "floor", {2, 3}},
        {"linear", "half_pixel", "floor", {0.5F, 2}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        print_message("resize %zu\n", i);
        check_resize(&cases[i]);
    }
}

static void an_upsample_of_the_older_operator_set_repeats_pixels(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = picture_sketch(9);
    sketch_floats(sketch, "scales", 1, (int[]){4}, (float[]){1, 1, 2, 2});
    sketch_word(sketch, sketch_node(sketch, "Upsample", "x scales", "y"), "mode", "nearest");
    AUTO(net) struct net *net = load(sketch);
    size_t at = 0;
    for (int p = 0; p < CHANNELS; p++)
        for (int h = 0; h < 2 * HEIGHT; h++)
            for (int w = 0; w < 2 * WIDTH; w++)
                expected[at++] = net_input(net)[(p * HEIGHT + h / 2) * WIDTH + w / 2];
    expect(net, at);
}

/* As the neck of a pyramid network asks for it: the size of another tensor, computed in the graph. */
static void a_map_takes_the_size_of_another_one(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = picture_sketch(12);
    Onnx__NodeProto *pool = sketch_node(sketch, "MaxPool", "x", "small");
    sketch_ints(sketch, pool, "kernel_shape", 2, (int64_t[]){2, 2});
    sketch_ints(sketch, pool, "strides", 2, (int64_t[]){2, 2});
    sketch_integers(sketch, "zero", 1, (int64_t[]){0});
    sketch_integers(sketch, "two", 1, (int64_t[]){2});
    sketch_integers(sketch, "four", 1, (int64_t[]){4});
    sketch_node(sketch, "Shape", "small", "small_shape");
    sketch_node(sketch, "Slice", "small_shape zero two zero", "channels");
    sketch_node(sketch, "Shape", "x", "x_shape");
    sketch_node(sketch, "Slice", "x_shape two four zero", "side");
    sketch_int(sketch, sketch_node(sketch, "Cast", "side", "side_64"), "to", 7);
    sketch_int(sketch, sketch_node(sketch, "Concat", "channels side_64", "sizes"), "axis", 0);
    sketch_floats(sketch, "empty", 1, (int[]){0}, NULL);
    Onnx__NodeProto *node = sketch_node(sketch, "Resize", "small empty empty sizes", "large");
    sketch_word(sketch, node, "mode", "nearest");
    sketch_word(sketch, node, "coordinate_transformation_mode", "asymmetric");
    sketch_word(sketch, node, "nearest_mode", "floor");
    sketch_node(sketch, "Add", "large x", "y");
    AUTO(net) struct net *net = load(sketch);
    static const struct pool_case half = {"MaxPool", 2, 2, 1, {0, 0, 0, 0}, false, false, 4, 5};
    size_t at = 0;
    for (int p = 0; p < CHANNELS; p++)
        for (int h = 0; h < HEIGHT; h++)
            for (int w = 0; w < WIDTH; w++, at++)
                expected[at] = net_input(net)[at] + plain_pool(&half, net_input(net) + p * HEIGHT * WIDTH,
                                                        h * 4 / HEIGHT, w * 5 / WIDTH);
    expect(net, at);
}

static float plain_activation(const char *operation, float x)
{
    if (strcmp(operation, "Sigmoid") == 0)
        return (float)(1 / (1 + exp(-(double)x)));
    if (strcmp(operation, "LeakyRelu") == 0)
        return x < 0 ? 0.25F * x : x;
    if (strcmp(operation, "Clip") == 0)
        return fminf(fmaxf(x, -0.5F), 0.25F);
    return x;
}

/* Alone and behind a convolution of one that leaves everything as it is, so that the operator meets blocks.
 */
static void check_activation(const char *operation, const char *inputs, int opset, bool blocked)
{
    AUTO(sketch) struct sketch *sketch = picture_sketch(opset);
    float ones[CHANNELS * CHANNELS] = {0};
    for (int i = 0; i < CHANNELS; i++)
        ones[i * CHANNELS + i] = 1;
    sketch_floats(sketch, "ones", 4, (int[]){CHANNELS, CHANNELS, 1, 1}, ones);
    sketch_floats(sketch, "least", 0, NULL, (float[]){-0.5F});
    sketch_floats(sketch, "most", 0, NULL, (float[]){0.25F});
    sketch_node(sketch, blocked ? "Conv" : "Identity", blocked ? "x ones" : "x", "in");
    Onnx__NodeProto *node = sketch_node(sketch, operation, inputs, "y");
    if (strcmp(operation, "LeakyRelu") == 0)
        sketch_float(sketch, node, "alpha", 0.25F);
    if (opset < 11 && strcmp(operation, "Clip") == 0) {
        sketch_float(sketch, node, "min", -0.5F);
        sketch_float(sketch, node, "max", 0.25F);
    }
    AUTO(net) struct net *net = load(sketch);
    for (size_t i = 0; i < (size_t)CHANNELS * HEIGHT * WIDTH; i++)
        expected[i] = plain_activation(operation, net_input(net)[i]);
    expect(net, (size_t)CHANNELS * HEIGHT * WIDTH);
}

static void activations_equal_the_plain_loop_in_every_layout(void **state)
{
    (void)state;
    for (int blocked = 0; blocked < 2; blocked++) {
        check_activation("Sigmoid", "in", 9, blocked);
        check_activation("LeakyRelu", "in", 9, blocked);
        check_activation("Clip", "in", 9, blocked);
        check_activation("Clip", "in least most", 11, blocked);
        check_activation("Dropout", "in", 9, blocked);
        check_activation("Identity", "in", 9, blocked);
    }
}

static void a_squeeze_takes_away_sides_of_one(void **state)
{
    (void)state;
    for (int form = 0; form < 2; form++) {
        AUTO(sketch) struct sketch *sketch = picture_sketch(11);
        sketch_node(sketch, "GlobalAveragePool", "x", "mean");
        Onnx__NodeProto *node = sketch_node(sketch, "Squeeze", "mean", "y");
        if (form)
            sketch_ints(sketch, node, "axes", 2, (int64_t[]){2, -1});
        AUTO(net) struct net *net = load(sketch);
        assert_int_equal(net_output_shape(net, 0)->count, form ? 2 : 1);
        assert_int_equal(net_output_shape(net, 0)->dims[form], CHANNELS);
    }
}

static void refuse(struct sketch *sketch, const char *says)
{
    struct error err = {0};
    AUTO(bytes) struct bytes file = sketch_pack(sketch);
    AUTO(net) struct net *net = net_load(file.data, file.size, NULL, &err);
    assert_null(net);
    if (!strstr(err.text, says))
        fail_msg("'%s' does not say '%s'", err.text, says);
}

static void what_is_not_supported_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *operation, *inputs, *attribute, *word, *says;
    } rows[] = {
        {"Resize", "x - scales", "mode", "cubic", "nearest and linear"},
        {"Resize", "x - scales", "coordinate_transformation_mode", "tf_crop_and_resize", "half_pixel"},
        {"Resize", "x - scales", "nearest_mode", "ceil", "round_prefer_floor"},
        {"Resize", "x - channels", "mode", "nearest", "scale 1"},
        {"Resize", "x - x", "mode", "nearest", "constant"},
        {"Resize", "x -", "mode", "nearest", "neither scales nor sizes"},
        {"MaxPool", "x", "auto_pad", "NOTSET", "kernel_shape"},
        {"Clip", "x scales", "none", "", "min"},
        {"HardSwish", "x", "none", "", "HardSwish"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(sketch) struct sketch *sketch = picture_sketch(13);
        sketch_floats(sketch, "scales", 1, (int[]){4}, (float[]){1, 1, 2, 2});
        sketch_floats(sketch, "channels", 1, (int[]){4}, (float[]){1, 2, 2, 2});
        Onnx__NodeProto *node = sketch_node(sketch, rows[i].operation, rows[i].inputs, "y");
        sketch_word(sketch, node, rows[i].attribute, rows[i].word);
        refuse(sketch, rows[i].says);
    }
}

static void a_pool_of_endless_work_is_refused(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = picture_sketch(13);
    Onnx__NodeProto *node = sketch_node(sketch, "MaxPool", "x", "y");
    sketch_ints(sketch, node, "kernel_shape", 2, (int64_t[]){3000, 3000});
    sketch_ints(sketch, node, "pads", 4, (int64_t[]){2000, 2000, 2000, 2000});
    refuse(sketch, "too large");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pools_of_every_form_equal_the_plain_loop),
        cmocka_unit_test(a_global_average_is_the_mean_of_each_channel),
        cmocka_unit_test(resizing_of_every_form_equals_the_plain_loop),
        cmocka_unit_test(an_upsample_of_the_older_operator_set_repeats_pixels),
        cmocka_unit_test(a_map_takes_the_size_of_another_one),
        cmocka_unit_test(activations_equal_the_plain_loop_in_every_layout),
        cmocka_unit_test(a_squeeze_takes_away_sides_of_one),
        cmocka_unit_test(what_is_not_supported_is_named),
        cmocka_unit_test(a_pool_of_endless_work_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
