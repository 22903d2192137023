#include "video/decoder.h"

#include "film.h"
#include "video/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct film_options small = {
    .width = 96, .height = 64, .pictures = 12, .ground = {120, 128, 128}};

static struct decoder *started(const struct stream *stream)
{
    struct error err;
    struct decoder *decoder = decoder_new(&err);
    assert_non_null(decoder);
    assert_true(decoder_start(decoder, stream, &err));
    return decoder;
}

static int push_all(struct decoder *decoder, const struct film *film)
{
    int frames = 0;
    for (int i = 0; i < film->count; i++) {
        struct packet packet = film_packet(film, i);
        frames += decoder_push(decoder, &packet);
    }
    return frames;
}

static void every_picture_of_a_stream_comes_out_at_once(void **state)
{
    (void)state;
    AUTO(film) struct film film = film_make(&small);
    AUTO(decoder) struct decoder *decoder = started(&film.stream);
    for (int i = 0; i < film.count; i++) {
        struct packet packet = film_packet(&film, i);
        struct frame frame;
        assert_int_equal(decoder_push(decoder, &packet), 1);
        assert_true(decoder_frame(decoder, &frame));
        assert_int_equal(frame.pts_us, packet.pts_us);
        assert_int_equal(frame.captured_us, packet.captured_us);
        assert_int_equal(frame.width, 96);
        assert_int_equal(frame.height, 64);
    }
    assert_int_equal(decoder_counts(decoder).packets, 12);
    assert_int_equal(decoder_counts(decoder).frames, 12);
    assert_int_equal(decoder_counts(decoder).errors, 0);
}

static void pictures_coded_out_of_order_come_out_in_order_with_their_own_stamps(void **state)
{
    (void)state;
    struct film_options options = small;
    options.b_frames = 2;
    AUTO(film) struct film film = film_make(&options);
    assert_true(film.pts_us[1] > film.pts_us[2]);
    AUTO(decoder) struct decoder *decoder = started(&film.stream);
    int64_t last_us = -1;
    for (int i = 0; i < film.count; i++) {
        struct packet packet = film_packet(&film, i);
        struct frame frame;
        if (decoder_push(decoder, &packet) == 0 || !decoder_frame(decoder, &frame))
            continue;
        assert_true(frame.pts_us > last_us);
        assert_int_equal(frame.captured_us, 1000000000 + frame.pts_us);
        last_us = frame.pts_us;
    }
    assert_true(decoder_counts(decoder).frames >= 8);
}

static void parameters_from_the_session_description_are_enough(void **state)
{
    (void)state;
    struct film_options options = small;
    options.bare = true;
    AUTO(film) struct film film = film_make(&options);
    AUTO(decoder) struct decoder *decoder = started(&film.stream);
    assert_int_equal(push_all(decoder, &film), 12);
    film.stream.extradata_size = 0;
    assert_true(decoder_start(decoder, &film.stream, NULL));
    assert_int_equal(push_all(decoder, &film), 0);
}

static void assert_colour(const struct image *image, int x, int y, int red, int green, int blue)
{
    const uint8_t *pixel = image->rgb + (ptrdiff_t)y * image->stride + (ptrdiff_t)3 * x;
    assert_in_range(pixel[0] + 4, red, red + 8);
    assert_in_range(pixel[1] + 4, green, green + 8);
    assert_in_range(pixel[2] + 4, blue, blue + 8);
}

static void colours_are_right_to_the_last_pixel_at_every_width(void **state)
{
    (void)state;
    for (int width = 64; width <= 82; width += 2) {
        /* Pure red in BT.601: (82, 90, 240). */
        struct film_options options = {.width = width, .height = 50, .pictures = 2, .ground = {82, 90, 240}};
        AUTO(film) struct film film = film_make(&options);
        AUTO(decoder) struct decoder *decoder = started(&film.stream);
        push_all(decoder, &film);
        AUTO(image) struct image image = {0};
        assert_true(decoder_image(decoder, &image, NULL));
        assert_int_equal(image.width, width);
        assert_int_equal(image.height, 50);
        for (int x = 0; x < width; x++) {
            assert_colour(&image, x, 20, 255, 0, 0);
            assert_colour(&image, x, 49, 255, 0, 0);
        }
    }
}

static void a_stream_may_change_its_size(void **state)
{
    (void)state;
    struct film_options large = {.width = 320, .height = 240, .pictures = 3, .ground = {60, 128, 128}};
    AUTO(film) struct film first = film_make(&small);
    AUTO(film) struct film second = film_make(&large);
    AUTO(decoder) struct decoder *decoder = started(&first.stream);
    AUTO(image) struct image image = {0};
    push_all(decoder, &first);
    assert_true(decoder_image(decoder, &image, NULL));
    assert_int_equal(image.width, 96);
    push_all(decoder, &second);
    assert_true(decoder_image(decoder, &image, NULL));
    assert_int_equal(image.width, 320);
    assert_int_equal(image.height, 240);
    push_all(decoder, &first);
    assert_true(decoder_image(decoder, &image, NULL));
    assert_int_equal(image.width, 96);
}

static void damage_is_counted_and_the_next_key_picture_decodes(void **state)
{
    (void)state;
    AUTO(film) struct film film = film_make(&small);
    AUTO(decoder) struct decoder *decoder = started(&film.stream);
    static const uint8_t garbage[] = {0, 0, 0, 1, 0x65, 0xFF, 0xFE, 0xA5, 0x5A, 0, 0, 1, 0x41, 0xFF};
    for (int i = 0; i < 20; i++)
        decoder_push(decoder, &(struct packet){.data = garbage, .size = sizeof garbage, .pts_us = i});
    assert_int_equal(decoder_counts(decoder).errors, 20);
    assert_int_equal(decoder_counts(decoder).frames, 0);
    assert_int_equal(push_all(decoder, &film), 12);
    assert_int_equal(decoder_counts(decoder).errors, 20);
}

static void every_codec_decodes_to_its_colours(void **state)
{
    (void)state;
    static const char *const codecs[] = {"h264", "hevc", "mjpeg"};
    for (size_t i = 0; i < COUNT_OF(codecs); i++) {
        /* Pure red in BT.601; JPEG's is of full range. */
        struct film_options options = {
            .codec = codecs[i], .width = 90, .height = 66, .pictures = 8, .ground = {82, 90, 240}};
        if (strcmp(codecs[i], "mjpeg") == 0)
            memcpy(options.ground, (uint8_t[]){76, 85, 255}, 3);
        AUTO(film) struct film film = film_make(&options);
        AUTO(decoder) struct decoder *decoder = started(&film.stream);
        AUTO(image) struct image image = {0};
        push_all(decoder, &film);
        assert_int_equal(decoder_counts(decoder).errors, 0);
        assert_true(decoder_counts(decoder).frames >= 6);
        assert_true(decoder_image(decoder, &image, NULL));
        assert_colour(&image, 45, 60, 255, 0, 0);
        assert_colour(&image, 89, 65, 255, 0, 0);
    }
}

static void one_decoder_takes_one_codec_after_the_other(void **state)
{
    (void)state;
    AUTO(decoder) struct decoder *decoder = started(&(struct stream){.codec = "h264"});
    for (int i = 0; i < 2 * SAMPLE_CODECS; i++) {
        const struct sample *sample = &samples[i % SAMPLE_CODECS];
        struct stream stream = {0};
        struct frame frame;
        strcpy(stream.codec, sample->codec);
        assert_true(decoder_start(decoder, &stream, NULL));
        assert_int_equal(decoder_memory(decoder), 0);
        decoder_push(decoder, &(struct packet){.data = sample->bytes, .size = (size_t)sample->sizes[0]});
        decoder_push(decoder, &(struct packet){.data = sample->bytes, .size = (size_t)sample->sizes[0]});
        assert_true(decoder_memory(decoder) > 0);
        assert_int_equal(decoder_counts(decoder).errors, 0);
        decoder_push(decoder, &(struct packet){.data = sample->bytes, .size = (size_t)sample->sizes[0]});
        assert_true(decoder_frame(decoder, &frame));
    }
}

static void an_empty_or_oversized_packet_is_an_error(void **state)
{
    (void)state;
    AUTO(film) struct film film = film_make(&small);
    AUTO(decoder) struct decoder *decoder = started(&film.stream);
    struct packet packet = film_packet(&film, 0);
    packet.size = 0;
    assert_int_equal(decoder_push(decoder, &packet), 0);
    packet.size = (size_t)PACKET_SIZE_LIMIT + 1;
    assert_int_equal(decoder_push(decoder, &packet), 0);
    assert_int_equal(decoder_counts(decoder).errors, 2);
}

static void push_sample(struct decoder *decoder, const uint8_t *bytes, size_t size)
{
    struct image image = {0};
    size_t at = 0;
    for (int i = 0; i < SAMPLE_PICTURES && at < size; at += (size_t)sample_sizes[i], i++) {
        size_t here = (size_t)sample_sizes[i] < size - at ? (size_t)sample_sizes[i] : size - at;
        decoder_push(decoder, &(struct packet){.data = bytes + at, .size = here, .pts_us = i});
    }
    decoder_image(decoder, &image, NULL);
    image_done(&image);
}

static void a_stream_cut_anywhere_does_no_harm(void **state)
{
    (void)state;
    AUTO(decoder) struct decoder *decoder = started(&(struct stream){.codec = "h264"});
    for (size_t size = 1; size < SAMPLE_SIZE; size++) {
        /* A copy of exactly this size, so that reading past it is seen. */
        uint8_t *cut = memory_allocate(size, 1);
        memcpy(cut, sample_h264, size);
        push_sample(decoder, cut, size);
        free(cut);
    }
    assert_true(decoder_counts(decoder).errors > 100);
}

static void a_stream_with_any_bit_flipped_does_no_harm(void **state)
{
    (void)state;
    AUTO(decoder) struct decoder *decoder = started(&(struct stream){.codec = "h264"});
    uint8_t bytes[SAMPLE_SIZE];
    memcpy(bytes, sample_h264, sizeof bytes);
    for (size_t bit = 0; bit < sizeof bytes * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        push_sample(decoder, bytes, sizeof bytes);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    push_sample(decoder, sample_h264, sizeof bytes);
    struct frame frame;
    assert_true(decoder_frame(decoder, &frame));
    assert_int_equal(frame.width, SAMPLE_WIDTH);
}

static void a_picture_over_the_limits_does_not_come_out(void **state)
{
    (void)state;
    /* 16 × 8208: the pixels are few, the side is too long. */
    struct film_options options = {.width = 16, .height = 8208, .pictures = 2, .ground = {60, 128, 128}};
    AUTO(film) struct film film = film_make(&options);
    AUTO(decoder) struct decoder *decoder = started(&film.stream);
    assert_int_equal(push_all(decoder, &film), 0);
    assert_int_equal(decoder_counts(decoder).errors, 2);
}

static void nothing_is_there_before_the_first_frame_nor_after_a_wipe(void **state)
{
    (void)state;
    AUTO(film) struct film film = film_make(&small);
    struct error err;
    struct frame frame;
    AUTO(image) struct image image = {0};
    AUTO(decoder) struct decoder *decoder = decoder_new(&err);
    struct packet packet = film_packet(&film, 0);
    assert_int_equal(decoder_push(decoder, &packet), 0);
    assert_false(decoder_frame(decoder, &frame));
    assert_false(decoder_image(decoder, &image, &err));
    assert_int_equal(err.code, ERROR_MISSING);
    assert_true(decoder_start(decoder, &film.stream, NULL));
    push_all(decoder, &film);
    assert_true(decoder_frame(decoder, &frame));
    decoder_wipe(decoder);
    assert_false(decoder_frame(decoder, &frame));
    push_all(decoder, &film);
    assert_true(decoder_start(decoder, &film.stream, NULL));
    assert_false(decoder_frame(decoder, &frame));
}

static void unknown_codecs_and_long_parameters_are_refused(void **state)
{
    (void)state;
    struct error err;
    AUTO(decoder) struct decoder *decoder = decoder_new(NULL);
    struct stream stream = {.codec = "vp8"};
    assert_false(decoder_start(decoder, &stream, &err));
    assert_int_equal(err.code, ERROR_INVALID);
    stream = (struct stream){.codec = "h264", .extradata_size = STREAM_EXTRADATA_LIMIT + 1};
    assert_false(decoder_start(decoder, &stream, &err));
    assert_int_equal(err.code, ERROR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_picture_of_a_stream_comes_out_at_once),
        cmocka_unit_test(pictures_coded_out_of_order_come_out_in_order_with_their_own_stamps),
        cmocka_unit_test(parameters_from_the_session_description_are_enough),
        cmocka_unit_test(colours_are_right_to_the_last_pixel_at_every_width),
        cmocka_unit_test(a_stream_may_change_its_size),
        cmocka_unit_test(damage_is_counted_and_the_next_key_picture_decodes),
        cmocka_unit_test(every_codec_decodes_to_its_colours),
        cmocka_unit_test(one_decoder_takes_one_codec_after_the_other),
        cmocka_unit_test(an_empty_or_oversized_packet_is_an_error),
        cmocka_unit_test(a_stream_cut_anywhere_does_no_harm),
        cmocka_unit_test(a_stream_with_any_bit_flipped_does_no_harm),
        cmocka_unit_test(a_picture_over_the_limits_does_not_come_out),
        cmocka_unit_test(nothing_is_there_before_the_first_frame_nor_after_a_wipe),
        cmocka_unit_test(unknown_codecs_and_long_parameters_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
