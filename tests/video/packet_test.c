#include "video/packet.h"

#include "video/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { INPUT_LIMIT = 1 + SAMPLE_SIZE + 2 * SAMPLE_PICTURES, PARAMETERS_SIZE = 35, ROUNDS = 4000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The sample in the fuzzer's form, with its parameter sets in the extradata. */
static size_t seed_input(uint8_t input[static INPUT_LIMIT])
{
    const uint8_t *at = sample_h264;
    size_t size = 0;
    input[size++] = PARAMETERS_SIZE;
    memcpy(input + size, at, PARAMETERS_SIZE);
    size += PARAMETERS_SIZE;
    at += PARAMETERS_SIZE;
    for (int i = 0; i < SAMPLE_PICTURES; i++) {
        size_t length = (size_t)sample_sizes[i] - (i == 0 ? PARAMETERS_SIZE : 0);
        input[size++] = (uint8_t)length;
        input[size++] = (uint8_t)(length >> 8);
        memcpy(input + size, at, length);
        size += length;
        at += length;
    }
    return size;
}

static void damaged_parameters_and_packets_do_no_harm(void **state)
{
    (void)state;
    uint32_t random = 2463534242u;
    for (int round = 0; round < ROUNDS; round++) {
        uint8_t input[INPUT_LIMIT];
        size_t size = seed_input(input);
        for (int change = 0; change <= round % 5; change++) {
            random = random * 1664525u + 1013904223u;
            input[(random >> 8) % (round % 2 ? size : PARAMETERS_SIZE + 20)] ^=
                (uint8_t)(1 << (random >> 5) % 8);
        }
        LLVMFuzzerTestOneInput(input, round % 7 ? size : (random >> 8) % size);
    }
}

static void only_pictures_with_an_idr_slice_are_key(void **state)
{
    (void)state;
    const uint8_t *second = sample_h264 + sample_sizes[0];
    assert_true(packet_is_key(sample_h264, (size_t)sample_sizes[0]));
    assert_false(packet_is_key(second, (size_t)sample_sizes[1]));
    assert_false(packet_is_key(sample_h264, 39));
    assert_true(packet_is_key(sample_h264, 40));
    assert_false(packet_is_key(sample_h264, 0));
}

static void only_h264_is_known(void **state)
{
    (void)state;
    assert_true(stream_codec_known("h264"));
    assert_false(stream_codec_known("hevc"));
    assert_false(stream_codec_known(""));
    assert_false(stream_codec_known("h264 "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_parameters_and_packets_do_no_harm),
        cmocka_unit_test(only_pictures_with_an_idr_slice_are_key),
        cmocka_unit_test(only_h264_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
