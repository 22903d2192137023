/* Streams made to harm, put to the decoder as a feed would pass them on: it goes on, its memory stays under
 * its ceiling, and an honest stream afterwards decodes. */
#include "film.h"
#include "video/decoder.h"
#include "video/frame_buffer.h"
#include "video/sample.h"
#include "video/sampler.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A sanitised round takes 25 times as long. */
#ifdef __SANITIZE_ADDRESS__
enum { ROUNDS = 8 };
#else
enum { ROUNDS = 40 };
#endif

enum { MEMORY_ABOVE_PICTURES = 160 << 20 };

struct hostile {
    struct decoder *decoder;
    struct film film; /* honest, of the row's codec */
    uint32_t random;
    size_t most_held;
};

static uint32_t random_next(struct hostile *hostile)
{
    hostile->random = hostile->random * 1664525U + 1013904223U;
    return hostile->random >> 8;
}

static void push(struct hostile *hostile, const uint8_t *bytes, size_t size, int64_t pts_us)
{
    /* A copy of exactly this size, so that a sanitiser sees reading past it. */
    uint8_t *copy = memory_allocate(size ? size : 1, 1);
    memcpy(copy, bytes, size);
    decoder_push(
        hostile->decoder, &(struct packet){.data = copy, .size = size, .pts_us = pts_us, .key = true});
    free(copy);
    if (decoder_memory(hostile->decoder) > hostile->most_held)
        hostile->most_held = decoder_memory(hostile->decoder);
}

static void push_film(struct hostile *hostile, const struct film *film)
{
    for (int i = 0; i < film->count; i++)
        push(hostile, film->pictures[i].data, film->pictures[i].size, film->pts_us[i]);
}

static void truncated(struct hostile *hostile)
{
    for (int i = 0; i < hostile->film.count; i++)
        push(hostile, hostile->film.pictures[i].data,
            random_next(hostile) % (hostile->film.pictures[i].size + 1), i);
}

static void flip(struct hostile *hostile, size_t from, int times)
{
    for (int i = 0; i < hostile->film.count; i++) {
        AUTO(bytes)
        struct bytes copy = bytes_copy(hostile->film.pictures[i].data, hostile->film.pictures[i].size);
        for (int flips = 0; flips < times && copy.size > from; flips++)
            copy.data[from + random_next(hostile) % (copy.size - from)] ^=
                (uint8_t)(1U << random_next(hostile) % 8);
        push(hostile, copy.data, copy.size, i);
    }
}

static void one_bit_flipped(struct hostile *hostile)
{
    flip(hostile, 0, 1);
}

static void many_bits_flipped(struct hostile *hostile)
{
    flip(hostile, 4, 60);
}

static void noise(struct hostile *hostile)
{
    uint8_t bytes[4096] = {0, 0, 0, 1, 0x65};
    for (size_t i = 5; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)random_next(hostile);
    push(hostile, bytes, sizeof bytes, 0);
    push(hostile, bytes, random_next(hostile) % sizeof bytes, 0);
}

static void pictures_in_the_wrong_order(struct hostile *hostile)
{
    for (int i = 0; i < hostile->film.count; i++) {
        size_t at = random_next(hostile) % (size_t)hostile->film.count;
        push(hostile, hostile->film.pictures[at].data, hostile->film.pictures[at].size, i);
    }
}

static void two_pictures_joined(struct hostile *hostile)
{
    for (int i = 0; i + 1 < hostile->film.count; i++) {
        const struct bytes *first = &hostile->film.pictures[i], *second = &hostile->film.pictures[i + 1];
        struct bytes both = {memory_allocate(first->size + second->size, 1), first->size + second->size};
        memcpy(both.data, first->data, first->size);
        memcpy(both.data + first->size, second->data, second->size);
        push(hostile, both.data, both.size, i);
        bytes_free(&both);
    }
}

static void another_codec(struct hostile *hostile)
{
    for (int i = 0; i < SAMPLE_CODECS; i++)
        push(hostile, samples[i].bytes, (size_t)samples[i].sizes[0], i);
}

static void size_jumps(struct hostile *hostile)
{
    static const int sizes[][2] = {{16, 16}, {640, 32}, {32, 640}, {1280, 720}, {66, 66}};
    size_t row = random_next(hostile) % COUNT_OF(sizes);
    struct film_options options = {.codec = hostile->film.stream.codec,
        .width = sizes[row][0],
        .height = sizes[row][1],
        .pictures = 2,
        .ground = {60, 128, 128}};
    AUTO(film) struct film other = film_make(&options);
    push_film(hostile, &other);
    push_film(hostile, &hostile->film);
}

static void parameter_sets_without_end(struct hostile *hostile)
{
    const struct bytes *first = &hostile->film.pictures[0];
    size_t unit = first->size < 64 ? first->size : 64, size = 200000;
    uint8_t *bytes = memory_allocate(size, 1);
    for (size_t at = 0; at + unit <= size; at += unit) {
        memcpy(bytes + at, first->data, unit);
        bytes[at + 20 + random_next(hostile) % (unit - 20)] ^= (uint8_t)random_next(hostile);
    }
    push(hostile, bytes, size, 0);
    free(bytes);
}

static void zeros(struct hostile *hostile)
{
    uint8_t *bytes = memory_allocate(1 << 18, 1);
    push(hostile, bytes, 1 << 18, 0);
    for (size_t i = 0; i + 4 < 1 << 18; i += 4)
        bytes[i + 2] = 1;
    push(hostile, bytes, 1 << 18, 0);
    free(bytes);
}

static void stamps_at_the_ends_of_time(struct hostile *hostile)
{
    static const int64_t stamps[] = {INT64_MIN, INT64_MAX, 0, -1, INT64_MIN + 1, 1};
    for (int i = 0; i < hostile->film.count; i++)
        push(hostile, hostile->film.pictures[i].data, hostile->film.pictures[i].size,
            stamps[random_next(hostile) % COUNT_OF(stamps)]);
}

struct row {
    const char *name;
    void (*attack)(struct hostile *hostile);
};

static const struct row rows[] = {
    {"truncated", truncated},
    {"one bit flipped", one_bit_flipped},
    {"many bits flipped", many_bits_flipped},
    {"noise", noise},
    {"wrong order", pictures_in_the_wrong_order},
    {"two pictures joined", two_pictures_joined},
    {"another codec", another_codec},
    {"size jumps", size_jumps},
    {"parameter sets without end", parameter_sets_without_end},
    {"zeros", zeros},
    {"stamps at the ends of time", stamps_at_the_ends_of_time},
};

static void an_attack_leaves_the_decoder_working(const char *codec, const struct row *row)
{
    struct hostile hostile = {.decoder = decoder_new(NULL), .random = 2463534242U};
    struct film_options options = {
        .codec = codec, .width = 128, .height = 96, .pictures = 12, .ground = {90, 128, 128}};
    AUTO(image) struct image image = {0};
    hostile.film = film_make(&options);
    assert_true(decoder_start(hostile.decoder, &hostile.film.stream, NULL));
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (int round = 0; round < ROUNDS; round++) {
        row->attack(&hostile);
        struct frame frame;
        if (decoder_frame(hostile.decoder, &frame) && frame.width <= 4096 && frame.height <= 4096)
            decoder_image(hostile.decoder, &image, NULL);
    }
    size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
    assert_in_range(hostile.most_held, 0, FRAME_MEMORY_LIMIT);
    assert_true(after <= before + FRAME_MEMORY_LIMIT + MEMORY_ABOVE_PICTURES);
    assert_true(decoder_start(hostile.decoder, &hostile.film.stream, NULL));
    uint64_t frames = decoder_counts(hostile.decoder).frames;
    push_film(&hostile, &hostile.film);
    assert_true(decoder_counts(hostile.decoder).frames >= frames + 10);
    film_done(&hostile.film);
    decoder_free(hostile.decoder);
}

static void every_attack_on_every_codec_leaves_the_decoder_working(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (int codec = 0; codec < SAMPLE_CODECS; codec++) {
            print_message("%s: %s\n", samples[codec].codec, rows[i].name);
            an_attack_leaves_the_decoder_working(samples[codec].codec, &rows[i]);
        }
}

static void pictures_beyond_the_memory_ceiling_do_not_decode(void **state)
{
    (void)state;
    /* 8176 × 4880 is inside image.h's limits, but five such pictures are more than may be held. */
    struct film_options large = {
        .width = 8176, .height = 4880, .pictures = 8, .references = 8, .ground = {60, 128, 128}};
    struct hostile hostile = {.decoder = decoder_new(NULL)};
    hostile.film = film_make(&large);
    assert_true(decoder_start(hostile.decoder, &hostile.film.stream, NULL));
    push_film(&hostile, &hostile.film);
    assert_in_range(hostile.most_held, 1, FRAME_MEMORY_LIMIT);
    assert_true(decoder_counts(hostile.decoder).errors > 0);
    assert_in_range(decoder_counts(hostile.decoder).frames, 1, 6);
    film_done(&hostile.film);
    decoder_free(hostile.decoder);
}

/* The bytes of a 64 × 48 JPEG whose head claims another size. */
static void jpeg_claiming(int width, int height, uint8_t bytes[static SAMPLE_MJPEG_SIZE])
{
    memcpy(bytes, sample_mjpeg, SAMPLE_MJPEG_SIZE);
    uint8_t *frame = memmem(bytes, SAMPLE_MJPEG_SIZE, "\xFF\xC0", 2);
    assert_non_null(frame);
    frame[5] = (uint8_t)(height >> 8);
    frame[6] = (uint8_t)height;
    frame[7] = (uint8_t)(width >> 8);
    frame[8] = (uint8_t)width;
}

static void jpeg_bombs_do_not_go_off(void **state)
{
    (void)state;
    static const int sizes[][2] = {{65535, 65535}, {65535, 1}, {1, 65535}, {0, 0}, {8193, 4}, {8192, 8192}};
    struct hostile hostile = {.decoder = decoder_new(NULL)};
    struct frame frame;
    assert_true(decoder_start(hostile.decoder, &(struct stream){.codec = "mjpeg"}, NULL));
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        uint8_t bytes[SAMPLE_MJPEG_SIZE];
        jpeg_claiming(sizes[i][0], sizes[i][1], bytes);
        push(&hostile, bytes, sizeof bytes, 0);
        assert_int_equal(decoder_counts(hostile.decoder).errors, i + 1);
        assert_false(decoder_frame(hostile.decoder, &frame));
    }
    assert_in_range(hostile.most_held, 0, FRAME_MEMORY_LIMIT);
    push(&hostile, sample_mjpeg, SAMPLE_MJPEG_SIZE, 0);
    push(&hostile, sample_mjpeg, SAMPLE_MJPEG_SIZE, 0);
    assert_true(decoder_frame(hostile.decoder, &frame));
    decoder_free(hostile.decoder);
}

static void stamps_of_any_rate_never_ask_for_more_than_their_turns(void **state)
{
    (void)state;
    static const struct {
        int64_t step_us;
        int pictures;
        uint64_t most;
    } rates[] = {
        {0, 100000, 1},         /* all the same */
        {100, 100000, 51},      /* 10,000 a second: ten seconds */
        {-40000, 100000, 4002}, /* backwards: a new grid at each second */
        {1, 100000, 2},
        {60000000, 100, 100},
    };
    for (size_t i = 0; i < COUNT_OF(rates); i++) {
        struct sampler sampler;
        uint64_t wanted = 0;
        sampler_init(&sampler, SAMPLER_PER_SECOND);
        for (int64_t at = 0; at < rates[i].pictures; at++)
            wanted += sampler_wants(&sampler, at * rates[i].step_us, false);
        assert_in_range(wanted, 1, rates[i].most);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_attack_on_every_codec_leaves_the_decoder_working),
        cmocka_unit_test(pictures_beyond_the_memory_ceiling_do_not_decode),
        cmocka_unit_test(jpeg_bombs_do_not_go_off),
        cmocka_unit_test(stamps_of_any_rate_never_ask_for_more_than_their_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
