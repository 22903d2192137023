/* Files that are damaged, hostile or beyond what the program knows: one clear error each. */
#include "net/net.h"

#include "sketch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void refuse_bytes(const void *data, size_t size, enum error_code code, const char *words)
{
    struct error err = {0};
    struct net *net = net_load(data, size, NULL, &err);
    assert_null(net);
    if (err.code != code || !strstr(err.text, words))
        fail_msg("%s: '%s' instead of '%s'", error_word(err.code), err.text, words);
}

static void refuse(const struct sketch *sketch, enum error_code code, const char *words)
{
    __attribute__((cleanup(bytes_auto))) struct bytes file = sketch_pack(sketch);
    refuse_bytes(file.data, file.size, code, words);
}

/* x → Conv → Relu → Flatten → Gemm → y */
static struct sketch *small_network(void)
{
    static float numbers[8 * 3 * 9];
    struct sketch *sketch = sketch_new(9);
    sketch_input(sketch, "x", 4, (int[]){1, 3, 4, 4});
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        numbers[i] = (float)i / 100;
    sketch_floats(sketch, "w", 4, (int[]){2, 3, 3, 3}, numbers);
    sketch_floats(sketch, "m", 2, (int[]){8, 3}, numbers);
    sketch_node(sketch, "Conv", "x w", "c");
    sketch_node(sketch, "Relu", "c", "r");
    sketch_node(sketch, "Flatten", "r", "f");
    sketch_node(sketch, "Gemm", "f m", "y");
    sketch_output(sketch, "y");
    return sketch;
}

static void the_small_network_itself_loads(void **state)
{
    struct error err = {0};
    (void)state;
    AUTO(sketch) struct sketch *sketch = small_network();
    __attribute__((cleanup(bytes_auto))) struct bytes file = sketch_pack(sketch);
    AUTO(net) struct net *net = net_load(file.data, file.size, NULL, &err);
    if (!net || !net_warm_up(net, &err))
        fail_msg("%s", err.text);
}

static void a_file_cut_anywhere_is_refused(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = small_network();
    __attribute__((cleanup(bytes_auto))) struct bytes file = sketch_pack(sketch);
    for (size_t size = 0; size < file.size; size++) {
        struct error err = {0};
        __attribute__((cleanup(bytes_auto))) struct bytes cut = bytes_copy(file.data, size);
        assert_null(net_load(cut.data, cut.size, NULL, &err));
        assert_true(err.code == ERROR_CORRUPT || err.code == ERROR_INVALID);
    }
}

static void a_gigabyte_tensor_in_a_small_file_is_refused(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = small_network();
    sketch->tensors[0].dims[0] = 16384;
    sketch->tensors[0].dims[1] = 1820;
    refuse(sketch, ERROR_CORRUPT, "a tensor of 268369920 numbers carries 54");
    sketch->tensors[0].dims[1] = INT64_MAX;
    refuse(sketch, ERROR_CORRUPT, "field 1 of a tensor has a value that cannot be");
    sketch->tensors[0].dims[1] = -3;
    refuse(sketch, ERROR_CORRUPT, "field 1 of a tensor has a value that cannot be");
}

static void an_input_too_large_to_compute_is_refused(void **state)
{
    struct error err = {0};
    struct net_options options = {.height = 32768, .width = 32768};
    (void)state;
    AUTO(sketch) struct sketch *sketch = small_network();
    __attribute__((cleanup(bytes_auto))) struct bytes file = sketch_pack(sketch);
    assert_null(net_load(file.data, file.size, &options, &err));
    assert_int_equal(err.code, ERROR_TOO_LARGE);
}

static void a_cycle_is_refused(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = small_network();
    sketch->nodes[1].input[0] = sketch->nodes[2].output[0];
    refuse(sketch, ERROR_INVALID, "node 'Relu' reads 'f', which nothing before it makes");
}

static void a_tensor_made_twice_is_refused(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = small_network();
    sketch->nodes[2].output[0] = sketch->nodes[1].output[0];
    refuse(sketch, ERROR_INVALID, "tensor 'r' is made twice");
}

static void an_unknown_operator_is_named_with_its_node(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = small_network();
    sketch->nodes[1].op_type = (char[]){"HardSwish"};
    sketch->nodes[1].name = (char[]){"block7/act"};
    refuse(sketch, ERROR_INVALID, "node 'block7/act': operator HardSwish is not supported");
}

static void an_unknown_operator_behind_the_wanted_output_does_not_matter(void **state)
{
    struct error err = {0};
    const char *const wanted[] = {"c", NULL};
    struct net_options options = {.outputs = wanted};
    (void)state;
    AUTO(sketch) struct sketch *sketch = small_network();
    sketch->nodes[1].op_type = (char[]){"HardSwish"};
    __attribute__((cleanup(bytes_auto))) struct bytes file = sketch_pack(sketch);
    AUTO(net) struct net *net = net_load(file.data, file.size, &options, &err);
    assert_non_null(net);
}

static void operators_whose_inputs_do_not_fit_are_refused(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *wide = small_network();
    sketch_int(wide, &wide->nodes[0], "group", 3);
    refuse(wide, ERROR_INVALID, "node 'Conv': Conv: 3 channels in 3 groups do not fit");
    AUTO(sketch) struct sketch *strided = small_network();
    sketch_ints(strided, &strided->nodes[0], "strides", 2, (int64_t[]){0, 1});
    refuse(strided, ERROR_INVALID, "attribute strides");
    AUTO(sketch) struct sketch *padded = small_network();
    sketch_ints(padded, &padded->nodes[0], "pads", 4, (int64_t[]){INT64_MAX, INT64_MAX, 0, 0});
    refuse(padded, ERROR_INVALID, "pads are not four sizes");
    AUTO(sketch) struct sketch *flat = small_network();
    sketch_int(flat, &flat->nodes[2], "axis", 9);
    refuse(flat, ERROR_INVALID, "axis 9 of 4 dimensions");
    AUTO(sketch) struct sketch *bare = small_network();
    bare->nodes[3].n_input = 1;
    refuse(bare, ERROR_INVALID, "node 'Gemm': Gemm: 1 inputs");
}

static void names_that_are_not_text_are_refused(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = small_network();
    sketch->nodes[1].name = (char[]){"\xff\xfe"};
    refuse(sketch, ERROR_CORRUPT, "is not UTF-8");
}

static void subgraphs_and_outside_data_are_refused(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = small_network();
    Onnx__AttributeProto branch = ONNX__ATTRIBUTE_PROTO__INIT;
    Onnx__GraphProto inner = ONNX__GRAPH_PROTO__INIT;
    branch.name = (char[]){"then_branch"};
    branch.g = &inner;
    sketch->nodes[1].attribute[sketch->nodes[1].n_attribute++] = &branch;
    refuse(sketch, ERROR_INVALID, "the attribute has field 6");
    AUTO(sketch) struct sketch *outside = small_network();
    outside->tensors[0].has_data_location = 1;
    outside->tensors[0].data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
    refuse(outside, ERROR_CORRUPT, "field 14 of a tensor");
}

static void fields_of_the_wrong_form_are_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *words;
    } cases[] = {
        {"\x38\x01", 2, "field 7 of a model has the wrong form"},            /* graph as a number */
        {"\x3a\x05\x0a", 3, "field 7 of a model runs past its end"},         /* 5 bytes promised, 1 there */
        {"\x3b\x3c", 2, "field 7 of a model runs past its end"},             /* a group */
        {"\x3a\x02\x09\x00", 4, "field 1 of a graph runs past its end"},     /* node as 8 bytes */
        {"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12, "field 7"}, /* a length of 11 bytes */
        {"\x02\x00", 2, "a model is cut short"},                             /* field number 0 */
        {"\x3a\x04\x2a\x02\x10\x63", 6, "element type 99"},                  /* a tensor of an unknown type */
        {"\x3a\x07\x2a\x05\x10\x01\x22\x01\x00", 9, "field 4 of a tensor has the wrong form"},
        {"\x3a\x00", 2, "the file names no operator set"},
        {"\x10", 1, "field 2 of a model runs past its end"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        assert_null(net_load(cases[i].bytes, cases[i].size, NULL, &err));
        if (!strstr(err.text, cases[i].words))
            fail_msg("case %zu: '%s'", i, err.text);
    }
}

/* Protobuf merges a field that is there twice: two whole tensors become one with the dimensions of both. */
static void tensors_that_merge_do_not_smuggle_sizes(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = small_network();
    Onnx__AttributeProto value = ONNX__ATTRIBUTE_PROTO__INIT;
    uint8_t again[64] = {0};
    sketch_floats(sketch, "v", 1, (int[]){2}, (float[]){1, 2});
    value.name = (char[]){"value"};
    value.t = &sketch->tensors[2];
    again[0] = (uint8_t)onnx__tensor_proto__get_packed_size(value.t);
    onnx__tensor_proto__pack(value.t, again + 1);
    ProtobufCMessageUnknownField second = {5, PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, again[0] + 1U, again};
    Onnx__NodeProto *node = sketch_node(sketch, "Constant", "", "k");
    node->attribute[node->n_attribute++] = &value;
    sketch_node(sketch, "Mul", "y k", "z");
    sketch->infos[1].name = (char[]){"z"};
    refuse(sketch, ERROR_INVALID, "3 and 2 numbers do not fit");
    value.base.n_unknown_fields = 1;
    value.base.unknown_fields = &second;
    refuse(sketch, ERROR_CORRUPT, "does not carry what its dimensions say");
}

static void a_bit_turned_anywhere_loads_or_fails_with_a_text(void **state)
{
    (void)state;
    AUTO(sketch) struct sketch *sketch = small_network();
    __attribute__((cleanup(bytes_auto))) struct bytes file = sketch_pack(sketch);
    for (size_t i = 0; i < file.size; i++) {
        uint8_t bit = (uint8_t)(1 << i % 8);
        file.data[i] ^= bit;
        LLVMFuzzerTestOneInput(file.data, file.size);
        file.data[i] ^= bit;
    }
}

static void bytes_from_nowhere_fail_with_a_text(void **state)
{
    uint32_t seed = 5;
    uint8_t noise[64];
    (void)state;
    for (int round = 0; round < 2000; round++) {
        for (size_t i = 0; i < sizeof noise; i++) {
            seed = seed * 1664525 + 1013904223;
            noise[i] = (uint8_t)(seed >> 24);
        }
        noise[0] = 0x3a;
        noise[1] = 62;
        LLVMFuzzerTestOneInput(noise, sizeof noise);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_small_network_itself_loads),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(a_gigabyte_tensor_in_a_small_file_is_refused),
        cmocka_unit_test(an_input_too_large_to_compute_is_refused),
        cmocka_unit_test(a_cycle_is_refused),
        cmocka_unit_test(a_tensor_made_twice_is_refused),
        cmocka_unit_test(an_unknown_operator_is_named_with_its_node),
        cmocka_unit_test(an_unknown_operator_behind_the_wanted_output_does_not_matter),
        cmocka_unit_test(operators_whose_inputs_do_not_fit_are_refused),
        cmocka_unit_test(names_that_are_not_text_are_refused),
        cmocka_unit_test(subgraphs_and_outside_data_are_refused),
        cmocka_unit_test(fields_of_the_wrong_form_are_refused),
        cmocka_unit_test(tensors_that_merge_do_not_smuggle_sizes),
        cmocka_unit_test(a_bit_turned_anywhere_loads_or_fails_with_a_text),
        cmocka_unit_test(bytes_from_nowhere_fail_with_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
