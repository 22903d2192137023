/* Every operator against a plain loop over four dimensions, on small networks. */
#include "net/net.h"

#include "sketch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 1 << 16 };

static float numbers_a[ROOM], numbers_b[ROOM], expected[ROOM];

/* Numbers in -1..1 that are the same on every machine. */
static void fill(float *numbers, int count, uint32_t seed)
{
    for (int i = 0; i < count; i++) {
        seed = seed * 1664525 + 1013904223;
        numbers[i] = (float)(seed >> 8) / 8388608.0F - 1;
    }
}

static int size_of(const struct net_shape *shape)
{
    int size = 1;
    for (int i = 0; i < shape->count; i++)
        size *= shape->dims[i];
    return size;
}

static struct net *load(const struct sketch *sketch)
{
    struct error err = {0};
    __attribute__((cleanup(bytes_auto))) struct bytes file = sketch_pack(sketch);
    struct net *net = net_load(file.data, file.size, NULL, &err);
    if (!net || !net_warm_up(net, &err))
        fail_msg("%s", err.text);
    fill(net_input(net), size_of(net_input_shape(net)), 7);
    return net;
}

static void expect(const struct net *net, int index, const float *want, int count)
{
    assert_int_equal(size_of(net_output_shape(net, index)), count);
    for (int i = 0; i < count; i++)
        if (!(fabsf(net_output(net, index)[i] - want[i]) <= 1e-4F * (1 + fabsf(want[i]))))
            fail_msg("number %d is %g instead of %g", i, (double)net_output(net, index)[i], (double)want[i]);
}

static void expect_shape(const struct net *net, int index, int count, const int *dims)
{
    const struct net_shape *shape = net_output_shape(net, index);
    assert_int_equal(shape->count, count);
    for (int i = 0; i < count; i++)
        assert_int_equal(shape->dims[i], dims[i]);
}

struct convolution_case {
    int channels, outputs, groups, kernel[2], stride, dilation;
    int64_t pads[4];
    int height, width;
    bool bias, relu;
};

static float tap(const struct convolution_case *c, const float *x, int channel, int h, int w)
{
    if (h < 0 || w < 0 || h >= c->height || w >= c->width)
        return 0;
    return x[(channel * c->height + h) * c->width + w];
}

static float plain_point(
    const struct convolution_case *c, const float *x, const float *weights, int output, int h, int w)
{
    int each = c->channels / c->groups, first = output / (c->outputs / c->groups) * each;
    double sum = 0;
    for (int i = 0; i < each; i++)
        for (int a = 0; a < c->kernel[0]; a++)
            for (int b = 0; b < c->kernel[1]; b++)
                sum += (double)weights[((output * each + i) * c->kernel[0] + a) * c->kernel[1] + b] *
                       (double)tap(c, x, first + i, h * c->stride + a * c->dilation - (int)c->pads[0],
                           w * c->stride + b * c->dilation - (int)c->pads[1]);
    return (float)sum;
}

static int plain_side(const struct convolution_case *c, int axis, int size)
{
    return (size + (int)c->pads[axis] + (int)c->pads[axis + 2] - (c->kernel[axis] - 1) * c->dilation - 1) /
               c->stride +
           1;
}

static int plain_convolution(
    const struct convolution_case *c, const float *x, const float *weights, const float *bias)
{
    int high = plain_side(c, 0, c->height), wide = plain_side(c, 1, c->width), at = 0;
    for (int o = 0; o < c->outputs; o++)
        for (int h = 0; h < high; h++)
            for (int w = 0; w < wide; w++, at++) {
                float sum = plain_point(c, x, weights, o, h, w) + (c->bias ? bias[o] : 0);
                expected[at] = c->relu && sum < 0 ? 0 : sum;
            }
    return at;
}

static void add_convolution(struct sketch *sketch, const struct convolution_case *c, const char *output)
{
    int each = c->channels / c->groups, weights[] = {c->outputs, each, c->kernel[0], c->kernel[1]};
    fill(numbers_a, c->outputs * each * c->kernel[0] * c->kernel[1], 11);
    fill(numbers_b, c->outputs, 12);
    sketch_floats(sketch, "weights", 4, weights, numbers_a);
    if (c->bias)
        sketch_floats(sketch, "bias", 1, &c->outputs, numbers_b);
    Onnx__NodeProto *node = sketch_node(sketch, "Conv", c->bias ? "x weights bias" : "x weights", output);
    sketch_int(sketch, node, "group", c->groups);
    sketch_ints(sketch, node, "strides", 2, (int64_t[]){c->stride, c->stride});
    sketch_ints(sketch, node, "dilations", 2, (int64_t[]){c->dilation, c->dilation});
    sketch_ints(sketch, node, "pads", 4, c->pads);
}

static void check_convolution(const struct convolution_case *c)
{
    AUTO(sketch) struct sketch *sketch = sketch_new(9);
    sketch_input(sketch, "x", 4, (int[]){1, c->channels, c->height, c->width});
    add_convolution(sketch, c, c->relu ? "sum" : "y");
    if (c->relu)
        sketch_node(sketch, "Relu", "sum", "y");
    sketch_output(sketch, "y");
    AUTO(net) struct net *net = load(sketch);
    int count = plain_convolution(c, net_input(net), numbers_a, numbers_b);
    expect_shape(net, 0, 4, (int[]){1, c->outputs, plain_side(c, 0, c->height), plain_side(c, 1, c->width)});
    net_run(net);
    expect(net, 0, expected, count);
}

static void convolutions_of_every_form_equal_the_plain_loop(void **state)
{
    static const struct convolution_case cases[] = {
        {1, 8, 1, {3, 3}, 1, 1, {1, 1, 1, 1}, 9, 11, true, false},
        {3, 16, 1, {3, 3}, 2, 1, {1, 1, 1, 1}, 16, 18, true, true},
        {2, 5, 1, {1, 1}, 1, 1, {0, 0, 0, 0}, 4, 4, false, false},
        {8, 12, 1, {3, 3}, 1, 1, {1, 1, 1, 1}, 7, 9, true, true},
        {5, 7, 1, {3, 3}, 1, 1, {1, 1, 1, 1}, 6, 6, true, false},
        {16, 32, 1, {1, 1}, 1, 1, {0, 0, 0, 0}, 5, 5, true, false},
        {32, 16, 1, {1, 1}, 2, 1, {0, 0, 0, 0}, 7, 7, false, true},
        {12, 6, 1, {1, 1}, 1, 1, {1, 1, 1, 1}, 5, 4, true, false},
        {16, 16, 16, {3, 3}, 1, 1, {1, 1, 1, 1}, 8, 8, true, true},
        {32, 32, 32, {3, 3}, 2, 1, {1, 1, 1, 1}, 9, 10, true, false},
        {3, 3, 3, {3, 3}, 1, 1, {1, 1, 1, 1}, 6, 5, true, false},
        {20, 20, 20, {7, 7}, 1, 1, {0, 0, 0, 0}, 7, 7, true, false},
        {8, 8, 2, {3, 3}, 1, 1, {1, 1, 1, 1}, 6, 6, true, false},
        {4, 8, 4, {3, 3}, 1, 1, {1, 1, 1, 1}, 6, 6, false, false},
        {16, 16, 1, {3, 3}, 1, 3, {3, 3, 3, 3}, 12, 12, true, false},
        {16, 16, 1, {3, 3}, 1, 5, {5, 5, 5, 5}, 12, 14, true, true},
        {16, 8, 1, {3, 3}, 1, 1, {0, 0, 1, 1}, 8, 8, true, false},
        {16, 8, 1, {5, 3}, 1, 1, {4, 0, 2, 5}, 8, 8, true, false},
        {16, 8, 1, {2, 4}, 1, 1, {0, 0, 0, 0}, 6, 6, true, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        print_message("convolution %zu\n", i);
        check_convolution(&cases[i]);
    }
}

static void same_padding_covers_every_stride(void **state)
{
    const struct convolution_case c = {8, 8, 1, {3, 3}, 2, 1, {0, 0, 1, 1}, 8, 8, false, false};
    (void)state;
    AUTO(sketch) struct sketch *sketch = sketch_new(9);
    sketch_input(sketch, "x", 4, (int[]){1, 8, 8, 8});
    fill(numbers_a, 8 * 8 * 9, 11);
    sketch_floats(sketch, "weights", 4, (int[]){8, 8, 3, 3}, numbers_a);
    Onnx__NodeProto *node = sketch_node(sketch, "Conv", "x weights", "y");
    sketch_ints(sketch, node, "strides", 2, (int64_t[]){2, 2});
    Onnx__AttributeProto padding = ONNX__ATTRIBUTE_PROTO__INIT;
    padding.name = (char[]){"auto_pad"};
    padding.has_s = 1;
    padding.s = (ProtobufCBinaryData){10, (uint8_t *)(char[]){"SAME_UPPER"}};
    node->attribute[node->n_attribute++] = &padding;
    sketch_output(sketch, "y");
    AUTO(net) struct net *net = load(sketch);
    int count = plain_convolution(&c, net_input(net), numbers_a, NULL);
    net_run(net);
    expect(net, 0, expected, count);
}

static void gemm_multiplies_adds_and_scales(void **state)
{
    (void)state;
    for (int transposed = 0; transposed < 2; transposed++)
        for (int inputs = 10; inputs <= 16; inputs += 6) {
            int outputs = 13;
            AUTO(sketch) struct sketch *sketch = sketch_new(9);
            sketch_input(sketch, "x", 2, (int[]){1, inputs});
            fill(numbers_a, inputs * outputs, 1);
            fill(numbers_b, outputs, 2);
            sketch_floats(
                sketch, "b", 2, transposed ? (int[]){outputs, inputs} : (int[]){inputs, outputs}, numbers_a);
            sketch_floats(sketch, "c", 1, &outputs, numbers_b);
            Onnx__NodeProto *node = sketch_node(sketch, "Gemm", "x b c", "y");
            sketch_int(sketch, node, "transB", transposed);
            sketch_float(sketch, node, "alpha", 0.5F);
            sketch_float(sketch, node, "beta", 2);
            sketch_output(sketch, "y");
            AUTO(net) struct net *net = load(sketch);
            for (int o = 0; o < outputs; o++) {
                float sum = 0;
                for (int i = 0; i < inputs; i++)
                    sum += net_input(net)[i] * numbers_a[transposed ? o * inputs + i : i * outputs + o];
                expected[o] = 0.5F * sum + 2 * numbers_b[o];
            }
            net_run(net);
            expect_shape(net, 0, 2, (int[]){1, outputs});
            expect(net, 0, expected, outputs);
        }
}

/* x, or a convolution of x whose output is the second one, so that the operator works on blocks. */
static struct sketch *sketch_before(bool blocked, int channels, int side)
{
    struct sketch *sketch = sketch_new(9);
    const struct convolution_case c = {
        channels, channels, 1, {1, 1}, 1, 1, {0, 0, 0, 0}, side, side, true, false};
    sketch_input(sketch, "x", 4, (int[]){1, channels, side, side});
    sketch_output(sketch, "y");
    if (blocked) {
        add_convolution(sketch, &c, "in");
        sketch_output(sketch, "in");
    }
    return sketch;
}

static const float *operand(struct net *net, bool blocked)
{
    return blocked ? net_output(net, 1) : net_input(net);
}

static float apply(const char *operation, float a, float b)
{
    if (strcmp(operation, "Add") == 0)
        return a + b;
    if (strcmp(operation, "Sub") == 0)
        return a - b;
    if (strcmp(operation, "Mul") == 0)
        return a * b;
    if (strcmp(operation, "Div") == 0)
        return a / b;
    return a >= 0 ? a : a * b;
}

/* `form`: 0 one number, 1 one a channel, 2 one a column, 3 as large as the input. */
static void check_binary(const char *operation, bool blocked, int channels, int form, bool turned)
{
    enum { SIDE = 5 };
    static const char *const orders[2][2] = {{"x k", "k x"}, {"in k", "k in"}};
    int dims[4][4] = {{1, 1, 1, 1}, {channels, 1, 1, 1}, {SIDE, 1, 1, 1}, {1, channels, SIDE, SIDE}};
    int counts[] = {0, 3, 1, 4}, sizes[] = {1, channels, SIDE, channels * SIDE * SIDE};
    AUTO(sketch) struct sketch *sketch = sketch_before(blocked, channels, SIDE);
    fill(numbers_b, sizes[form], 5);
    for (int i = 0; i < sizes[form]; i++)
        numbers_b[i] += numbers_b[i] < 0 ? -0.5F : 0.5F;
    sketch_floats(sketch, "k", counts[form], dims[form], numbers_b);
    sketch_node(sketch, operation, orders[blocked][turned], "y");
    AUTO(net) struct net *net = load(sketch);
    net_run(net);
    const float *x = operand(net, blocked);
    for (int c = 0, at = 0; c < channels; c++)
        for (int p = 0; p < SIDE * SIDE; p++, at++) {
            float k = numbers_b[form == 0 ? 0 : form == 1 ? c : form == 2 ? p % SIDE : at];
            float value = blocked || !turned ? x[at] : net_input(net)[at];
            expected[at] = turned ? apply(operation, k, value) : apply(operation, value, k);
            if (turned && fabsf(value) < 1e-3F)
                expected[at] = net_output(net, 0)[at];
        }
    expect(net, 0, expected, channels * SIDE * SIDE);
}

static void arithmetic_equals_the_plain_loop_in_every_form_and_layout(void **state)
{
    static const char *const operations[] = {"Add", "Sub", "Mul", "Div", "PRelu"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(operations); i++)
        for (int blocked = 0; blocked < 2; blocked++)
            for (int form = 0; form < 4; form++)
                for (int turned = 0; turned < 2 && !(turned && i == 4); turned++) {
                    check_binary(operations[i], blocked, 16, form, turned);
                    check_binary(operations[i], blocked, 6, form, turned);
                }
}

static void two_computed_values_add_up(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = sketch_before(true, 12, 4);
    sketch_node(sketch, "Relu", "in", "r");
    sketch_node(sketch, "Exp", "in", "e");
    sketch_node(sketch, "Add", "r e", "s");
    sketch_node(sketch, "Sub", "s x", "y");
    AUTO(net) struct net *net = load(sketch);
    net_run(net);
    for (int i = 0; i < 12 * 16; i++) {
        float in = net_output(net, 1)[i];
        expected[i] = (in > 0 ? in : 0) + expf(in) - net_input(net)[i];
    }
    expect(net, 0, expected, 12 * 16);
}

static void normalization_scales_and_shifts_after_a_convolution_and_alone(void **state)
{
    enum { CHANNELS = 10, SIDE = 4 };
    static const char *const inputs[] = {"x scale shift mean variance", "in scale shift mean variance"};
    (void)state;
    for (int form = 0; form < 3; form++) {
        AUTO(sketch) struct sketch *sketch = sketch_before(form > 0, CHANNELS, SIDE);
        float rows[4][CHANNELS];
        static const char *const names[] = {"scale", "shift", "mean", "variance"};
        for (int i = 0; i < 4; i++) {
            fill(rows[i], CHANNELS, (uint32_t)(20 + i));
            for (int c = 0; i == 3 && c < CHANNELS; c++)
                rows[i][c] = fabsf(rows[i][c]) + 0.1F;
            sketch_floats(sketch, names[i], 1, (int[]){CHANNELS}, rows[i]);
        }
        Onnx__NodeProto *node = sketch_node(sketch, "BatchNormalization", inputs[form > 0], "y");
        sketch_float(sketch, node, "epsilon", 1e-3F);
        if (form == 2)
            sketch->graph.n_output =
                1; /* so that nothing else reads the convolution, and the two become one */
        AUTO(net) struct net *net = load(sketch);
        net_run(net);
        const struct convolution_case c = {
            CHANNELS, CHANNELS, 1, {1, 1}, 1, 1, {0, 0, 0, 0}, SIDE, SIDE, true, false};
        if (form > 0) {
            fill(numbers_b, CHANNELS, 12);
            plain_convolution(&c, net_input(net), numbers_a, numbers_b);
        } else {
            memcpy(expected, net_input(net), sizeof(float) * CHANNELS * SIDE * SIDE);
        }
        for (int i = 0; i < CHANNELS * SIDE * SIDE; i++) {
            int k = i / (SIDE * SIDE);
            expected[i] = rows[0][k] * (expected[i] - rows[2][k]) / sqrtf(rows[3][k] + 1e-3F) + rows[1][k];
        }
        expect(net, 0, expected, CHANNELS * SIDE * SIDE);
        __attribute__((cleanup(text_auto))) char *layers = net_describe(net);
        assert_int_equal(strstr(layers, "affine") == NULL, form == 2);
    }
}

/* Alone behind the convolution it goes into the weights; with a second reader it stays. */
static void a_constant_factor_goes_into_the_convolution(void **state)
{
    enum { CHANNELS = 12, SIDE = 5 };
    const struct convolution_case c = {
        CHANNELS, CHANNELS, 1, {1, 1}, 1, 1, {0, 0, 0, 0}, SIDE, SIDE, true, false};
    const float factor = -0.25F;
    (void)state;
    for (int form = 0; form < 3; form++) {
        AUTO(sketch) struct sketch *sketch = sketch_before(true, CHANNELS, SIDE);
        sketch_floats(sketch, "k", 1, (int[]){1}, &factor);
        sketch_node(sketch, "Mul", form == 1 ? "k in" : "in k", "y");
        sketch->graph.n_output = form == 2 ? 2 : 1;
        AUTO(net) struct net *net = load(sketch);
        net_run(net);
        fill(numbers_b, CHANNELS, 12);
        plain_convolution(&c, net_input(net), numbers_a, numbers_b);
        for (int i = 0; i < CHANNELS * SIDE * SIDE; i++)
            expected[i] *= factor;
        expect(net, 0, expected, CHANNELS * SIDE * SIDE);
        __attribute__((cleanup(text_auto))) char *layers = net_describe(net);
        assert_int_equal(strstr(layers, "mul") == NULL, form < 2);
    }
}

static void softmax_follows_its_operator_set(void **state)
{
    enum { A = 2, B = 3, C = 5 };
    (void)state;
    for (int opset = 9; opset <= 13; opset += 4) {
        AUTO(sketch) struct sketch *sketch = sketch_new(opset);
        sketch_input(sketch, "x", 4, (int[]){1, A, B, C});
        Onnx__NodeProto *node = sketch_node(sketch, "Softmax", "x", "y");
        sketch_int(sketch, node, "axis", 2);
        sketch_output(sketch, "y");
        AUTO(net) struct net *net = load(sketch);
        net_run(net);
        for (int i = 0; i < A * B * C; i++) {
            float sum = 0;
            for (int k = 0; k < A * B * C; k++)
                if (k / (B * C) == i / (B * C) && (opset < 13 || k % C == i % C))
                    sum += expf(net_input(net)[k]);
            expected[i] = expf(net_input(net)[i]) / sum;
        }
        expect(net, 0, expected, A * B * C);
    }
}

static void concat_joins_plain_and_blocked_parts(void **state)
{
    enum { SIDE = 3 };
    (void)state;
    for (int channels = 12; channels <= 16; channels += 4) {
        int half = channels * SIDE * SIDE;
        AUTO(sketch) struct sketch *sketch = sketch_before(true, channels, SIDE);
        sketch_node(sketch, "Relu", "in", "r");
        Onnx__NodeProto *node = sketch_node(sketch, "Concat", "in r x", "y");
        sketch_int(sketch, node, "axis", -3);
        AUTO(net) struct net *net = load(sketch);
        net_run(net);
        for (int i = 0; i < half; i++) {
            float in = net_output(net, 1)[i];
            expected[i] = in;
            expected[half + i] = in > 0 ? in : 0;
            expected[2 * half + i] = net_input(net)[i];
        }
        expect_shape(net, 0, 4, (int[]){1, 3 * channels, SIDE, SIDE});
        expect(net, 0, expected, 3 * half);
    }
}

static void slice_takes_ranges_from_both_ends_and_backwards(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = sketch_new(11);
    sketch_input(sketch, "x", 4, (int[]){1, 4, 6, 7});
    sketch_integers(sketch, "starts", 3, (int64_t[]){-3, 5, 0});
    sketch_integers(sketch, "ends", 3, (int64_t[]){INT64_MAX, INT64_MIN, -1});
    sketch_integers(sketch, "axes", 3, (int64_t[]){1, 2, -1});
    sketch_integers(sketch, "steps", 3, (int64_t[]){1, -2, 3});
    sketch_node(sketch, "Slice", "x starts ends axes steps", "y");
    sketch_output(sketch, "y");
    AUTO(net) struct net *net = load(sketch);
    net_run(net);
    int at = 0;
    for (int c = 1; c < 4; c++)
        for (int h = 5; h >= 0; h -= 2)
            for (int w = 0; w < 6; w += 3)
                expected[at++] = net_input(net)[(c * 6 + h) * 7 + w];
    expect_shape(net, 0, 4, (int[]){1, 3, 3, 2});
    expect(net, 0, expected, at);
}

static void transpose_orders_the_dimensions(void **state)
{
    (void)state;
    for (int blocked = 0; blocked < 2; blocked++) {
        AUTO(sketch) struct sketch *sketch = sketch_before(blocked, 6, 4);
        Onnx__NodeProto *node = sketch_node(sketch, "Transpose", blocked ? "in" : "x", "y");
        sketch_ints(sketch, node, "perm", 4, (int64_t[]){0, 2, 3, 1});
        AUTO(net) struct net *net = load(sketch);
        net_run(net);
        for (int i = 0; i < 6 * 16; i++)
            expected[i] = operand(net, blocked)[i % 6 * 16 + i / 6];
        expect_shape(net, 0, 4, (int[]){1, 4, 4, 6});
        expect(net, 0, expected, 6 * 16);
    }
}

/* Flatten to a matrix, and back through shapes that the network computes from its own tensors. */
static void shapes_computed_in_the_graph_are_constants(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = sketch_new(9);
    sketch_input(sketch, "x", 4, (int[]){1, 4, 3, 5});
    sketch_node(sketch, "Flatten", "x", "flat");
    sketch_node(sketch, "Shape", "x", "shape");
    sketch_integers(sketch, "two", 1, (int64_t[]){-2});
    sketch_integers(sketch, "rest", 1, (int64_t[]){-1});
    sketch_node(sketch, "Gather", "shape two", "height");
    Onnx__NodeProto *join = sketch_node(sketch, "Concat", "height rest", "wanted");
    sketch_int(sketch, join, "axis", 0);
    sketch_node(sketch, "Reshape", "flat wanted", "rows");
    Onnx__NodeProto *open = sketch_node(sketch, "Unsqueeze", "rows", "y");
    sketch_ints(sketch, open, "axes", 1, (int64_t[]){0});
    sketch_output(sketch, "y");
    AUTO(net) struct net *net = load(sketch);
    net_run(net);
    expect_shape(net, 0, 3, (int[]){1, 3, 20});
    expect(net, 0, net_input(net), 60);
}

static void gather_picks_along_an_axis(void **state)
{
    static const int picked[] = {2, 0, 2};
    (void)state;
    AUTO(sketch) struct sketch *sketch = sketch_new(9);
    sketch_input(sketch, "x", 3, (int[]){1, 3, 4});
    sketch_integers(sketch, "which", 3, (int64_t[]){-1, 0, 2});
    Onnx__NodeProto *node = sketch_node(sketch, "Gather", "x which", "y");
    sketch_int(sketch, node, "axis", 1);
    sketch_output(sketch, "y");
    AUTO(net) struct net *net = load(sketch);
    net_run(net);
    for (int i = 0; i < 12; i++)
        expected[i] = net_input(net)[picked[i / 4] * 4 + i % 4];
    expect(net, 0, expected, 12);
}

static void a_constant_node_feeds_arithmetic(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = sketch_new(9);
    sketch_input(sketch, "x", 2, (int[]){1, 3});
    Onnx__NodeProto *node = sketch_node(sketch, "Constant", "", "k");
    Onnx__AttributeProto value = ONNX__ATTRIBUTE_PROTO__INIT;
    sketch_floats(sketch, "unused", 1, (int[]){3}, (float[]){1, 2, 3});
    value.name = (char[]){"value"};
    value.t = sketch->tensor_list[0];
    node->attribute[node->n_attribute++] = &value;
    sketch_node(sketch, "Exp", "k", "e");
    sketch_node(sketch, "Mul", "e x", "y");
    sketch_output(sketch, "y");
    AUTO(net) struct net *net = load(sketch);
    net_run(net);
    for (int i = 0; i < 3; i++)
        expected[i] = expf((float)(i + 1)) * net_input(net)[i];
    expect(net, 0, expected, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions_of_every_form_equal_the_plain_loop),
        cmocka_unit_test(same_padding_covers_every_stride),
        cmocka_unit_test(gemm_multiplies_adds_and_scales),
        cmocka_unit_test(arithmetic_equals_the_plain_loop_in_every_form_and_layout),
        cmocka_unit_test(two_computed_values_add_up),
        cmocka_unit_test(normalization_scales_and_shifts_after_a_convolution_and_alone),
        cmocka_unit_test(a_constant_factor_goes_into_the_convolution),
        cmocka_unit_test(softmax_follows_its_operator_set),
        cmocka_unit_test(concat_joins_plain_and_blocked_parts),
        cmocka_unit_test(slice_takes_ranges_from_both_ends_and_backwards),
        cmocka_unit_test(transpose_orders_the_dimensions),
        cmocka_unit_test(shapes_computed_in_the_graph_are_constants),
        cmocka_unit_test(gather_picks_along_an_axis),
        cmocka_unit_test(a_constant_node_feeds_arithmetic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
