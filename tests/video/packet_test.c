#include "video/packet.h"

#include "video/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { INPUT_LIMIT = 2 + SAMPLE_MJPEG_SIZE + 2 * SAMPLE_PICTURES, ROUNDS = 6000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A sample in the fuzzer's form; the first bytes of the video ones, their parameter sets, as extradata. */
static size_t seed_input(int codec, uint8_t input[static INPUT_LIMIT])
{
    const struct sample *sample = &samples[codec];
    static const int parameters_sizes[SAMPLE_CODECS] = {35, 79, 0};
    int parameters_size = parameters_sizes[codec];
    const uint8_t *at = sample->bytes;
    size_t size = 0;
    input[size++] = (uint8_t)codec;
    input[size++] = (uint8_t)parameters_size;
    memcpy(input + size, at, (size_t)parameters_size);
    size += (size_t)parameters_size;
    at += parameters_size;
    for (int i = 0; i < sample->pictures; i++) {
        size_t length = (size_t)(sample->sizes[i] - (i == 0 ? parameters_size : 0));
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
        size_t size = seed_input(round % SAMPLE_CODECS, input);
        for (int change = 0; change <= round % 5; change++) {
            random = random * 1664525u + 1013904223u;
            input[(random >> 8) % (round % 2 ? size : 80)] ^= (uint8_t)(1 << (random >> 5) % 8);
        }
        LLVMFuzzerTestOneInput(input, round % 7 ? size : (random >> 8) % size);
    }
}

static void a_decoder_starts_at_idr_slices_random_access_pictures_and_any_jpeg(void **state)
{
    (void)state;
    const uint8_t *second = sample_h264 + sample_sizes[0];
    assert_true(packet_is_key("h264", sample_h264, (size_t)sample_sizes[0]));
    assert_false(packet_is_key("h264", second, (size_t)sample_sizes[1]));
    assert_false(packet_is_key("h264", sample_h264, 39));
    assert_true(packet_is_key("h264", sample_h264, 40));
    assert_false(packet_is_key("h264", sample_h264, 0));
    assert_true(packet_is_key("hevc", sample_hevc, 561));
    assert_false(packet_is_key("hevc", sample_hevc + 561, 17));
    assert_true(packet_is_key("mjpeg", sample_mjpeg, SAMPLE_MJPEG_SIZE));
    assert_false(packet_is_key("mjpeg", sample_mjpeg, 0));
}

static void three_codecs_are_known(void **state)
{
    (void)state;
    static const char *const others[] = {"", "h264 ", "H264", "vp8", "av1", "mpeg4", "rawvideo", "png"};
    for (int i = 0; i < SAMPLE_CODECS; i++)
        assert_true(stream_codec_known(samples[i].codec));
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_false(stream_codec_known(others[i]));
}

static void jpegs_of_many_passes_are_not_plain(void **state)
{
    (void)state;
    uint8_t bytes[SAMPLE_MJPEG_SIZE + 2 * JPEG_SCAN_LIMIT];
    memcpy(bytes, sample_mjpeg, SAMPLE_MJPEG_SIZE);
    assert_true(packet_jpeg_is_plain(bytes, SAMPLE_MJPEG_SIZE));
    for (int i = 0; i < 2 * JPEG_SCAN_LIMIT; i++)
        bytes[SAMPLE_MJPEG_SIZE + i] = i % 2 ? 0xDA : 0xFF;
    assert_true(packet_jpeg_is_plain(bytes, sizeof bytes - 2));
    assert_false(packet_jpeg_is_plain(bytes, sizeof bytes));
    uint8_t *frame = memmem(bytes, SAMPLE_MJPEG_SIZE, "\xFF\xC0", 2);
    assert_non_null(frame);
    frame[1] = 0xC2;
    assert_false(packet_jpeg_is_plain(bytes, SAMPLE_MJPEG_SIZE));
    assert_false(packet_jpeg_is_plain((const uint8_t *)"", 0));
    assert_false(packet_jpeg_is_plain(sample_h264, SAMPLE_SIZE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_parameters_and_packets_do_no_harm),
        cmocka_unit_test(a_decoder_starts_at_idr_slices_random_access_pictures_and_any_jpeg),
        cmocka_unit_test(three_codecs_are_known),
        cmocka_unit_test(jpegs_of_many_passes_are_not_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
