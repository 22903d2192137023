/* Enrolment and marking through the real, locked-up still process. */
#include "desk.h"

#include "base/file.h"
#include "video/jpeg.h"
#include "watch/still_link.h"
#include "watch/watermark.h"

#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

static struct desk *open_desk(void)
{
    struct desk *desk = desk_new("scenes/nobody.mp4", 0);
    if (!desk)
        exit(77);
    return desk;
}

static struct bytes grey_picture(void)
{
    struct error err = {0};
    struct bytes jpeg = {NULL, 0};
    AUTO(image) struct image image = {0};
    assert_true(image_init(&image, 320, 240, &err));
    for (int y = 0; y < image.height; y++)
        memset(image.rgb + (ptrdiff_t)y * image.stride, 128, (size_t)image.width * 3);
    assert_true(jpeg_write(&image, 90, &jpeg, &err));
    return jpeg;
}

static void a_good_photograph_is_enrolled_with_a_unit_template(void **state)
{
    (void)state;
    struct desk *desk = open_desk();
    float sum = 0;
    desk_enrol(desk, "subject-1", ID("e", "1"));
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++)
        sum += desk->items[0].template[i] * desk -> items[0].template[i];
    assert_true(sum > 0.999F && sum < 1.001F);
    desk_free(desk);
}

static void a_picture_without_a_face_is_refused_with_advice(void **state)
{
    (void)state;
    struct desk *desk = open_desk();
    struct error err = {0};
    struct enrolment enrolment;
    AUTO(bytes) struct bytes jpeg = grey_picture();
    assert_true(desk_photograph(desk, jpeg.data, jpeg.size, &enrolment, &err));
    assert_false(enrolment.accepted);
    assert_string_equal(enrolment.verdict, "no_face");
    assert_true(strlen(enrolment.advice) > 10);
    assert_null(enrolment.picture.data);
    desk_free(desk);
}

static void bytes_that_are_no_picture_fail_and_still_goes_on(void **state)
{
    (void)state;
    struct desk *desk = open_desk();
    struct error err = {0};
    struct enrolment enrolment;
    desk_enrol(desk, "subject-2", ID("e", "2"));
    int before = desk_child("still");
    assert_false(desk_photograph(desk, "not a picture", 13, &enrolment, &err));
    desk_enrol(desk, "subject-1", ID("e", "1"));
    assert_int_equal(desk_child("still"), before);
    desk_free(desk);
}

static const char words[] = "o-0000000000000007 2026-11-22 DEMONSTRATION \xE2\x80\x93 NOT A WANTED PERSON";
static const char plain_words[] = "O-0000000000000007 2026-11-22 DEMONSTRATION - NOT A WANTED PERSON";

static void enrol_photo(struct desk *desk, const char *photo, struct enrolment *out)
{
    struct error err = {0};
    AUTO(bytes) struct bytes jpeg = {NULL, 0};
    AUTO(text) char *name = text_format("photos/%s.jpg", photo);
    AUTO(text) char *path = asset_path(name);
    if (!file_read(path, 8 << 20, &jpeg, &err) || !desk_photograph(desk, jpeg.data, jpeg.size, out, &err))
        fail_msg("%s", err.text);
    if (!out->accepted)
        fail_msg("%s: %s", photo, out->verdict);
}

static struct image mark(struct desk *desk, const struct bytes *jpeg)
{
    struct error err = {0};
    struct image image = {0};
    AUTO(bytes) struct bytes marked = {NULL, 0};
    if (!still_mark(desk->supervisor, jpeg->data, jpeg->size, words, &marked, &err) ||
        !jpeg_read(marked.data, marked.size, &image, &err))
        fail_msg("%s", err.text);
    return image;
}

struct heard {
    size_t count, failed;
    struct bytes marked[4];
};

static void hear(void *context, struct bytes *marked, const struct error *err)
{
    struct heard *heard = context;
    heard->failed += err != NULL;
    if (marked)
        heard->marked[heard->count] = *marked;
    heard->count++;
}

static void until_heard(struct desk *desk, const struct heard *heard, size_t count)
{
    while (heard->count < count) {
        struct pollfd polled = {supervisor_descriptor(desk->supervisor), POLLIN, 0};
        poll(&polled, 1, supervisor_timeout_ms(desk->supervisor));
        supervisor_run(desk->supervisor);
    }
}

/* Of growing sizes, so that it shows whose answer it is. */
static struct bytes sized_picture(int width)
{
    struct error err = {0};
    struct bytes jpeg = {NULL, 0};
    AUTO(image) struct image image = {0};
    assert_true(image_init(&image, width, 240, &err));
    memset(image.rgb, 128, (size_t)image.height * (size_t)image.stride);
    assert_true(jpeg_write(&image, 90, &jpeg, &err));
    return jpeg;
}

/* Nothing of them is heard before the desk's next turn. */
static void pictures_are_marked_while_the_desk_goes_on_each_for_who_asked(void **state)
{
    (void)state;
    struct error err = {0};
    struct heard heard = {0}, nobody = {0};
    struct desk *desk = open_desk();
    for (int i = 0; i < 4; i++) {
        AUTO(bytes) struct bytes jpeg = sized_picture(320 + 16 * i);
        assert_true(
            still_ask(desk->supervisor, jpeg.data, jpeg.size, words, hear, i == 3 ? &nobody : &heard, &err));
    }
    assert_false(still_ask(desk->supervisor, "nothing", 0, words, hear, &nobody, &err));
    still_cancel(desk->supervisor, &nobody);
    assert_int_equal(heard.count, 0);
    until_heard(desk, &heard, 3);
    for (int i = 0; i < 3; i++) {
        AUTO(image) struct image image = {0};
        assert_true(jpeg_read(heard.marked[i].data, heard.marked[i].size, &image, &err));
        assert_int_equal(image.width, 320 + 16 * i);
        bytes_free(&heard.marked[i]);
    }
    assert_int_equal(heard.failed + nobody.count, 0);
    desk_free(desk);
}

/* Whoever asks for many pictures keeps no packet from being sealed. */
static void a_packets_picture_is_marked_however_many_are_asked_for(void **state)
{
    (void)state;
    struct error err = {0};
    struct heard nobody = {0};
    struct desk *desk = open_desk();
    AUTO(bytes) struct bytes jpeg = grey_picture();
    AUTO(bytes) struct bytes marked = {NULL, 0};
    for (int i = 0; i < STILL_QUEUE; i++)
        assert_true(still_ask(desk->supervisor, jpeg.data, jpeg.size, words, hear, &nobody, &err));
    assert_false(still_ask(desk->supervisor, jpeg.data, jpeg.size, words, hear, &nobody, &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    still_cancel(desk->supervisor, &nobody);
    assert_true(still_mark(desk->supervisor, jpeg.data, jpeg.size, words, &marked, &err));
    assert_int_equal(nobody.count, 0);
    desk_free(desk);
}

static void what_is_with_a_process_that_dies_fails_and_the_next_picture_is_marked(void **state)
{
    (void)state;
    struct error err = {0};
    struct heard heard = {0};
    struct desk *desk = open_desk();
    AUTO(bytes) struct bytes jpeg = grey_picture();
    kill(desk_child("still"), SIGSTOP);
    for (int i = 0; i < 2; i++)
        assert_true(still_ask(desk->supervisor, jpeg.data, jpeg.size, words, hear, &heard, &err));
    kill(desk_child("still"), SIGKILL);
    until_heard(desk, &heard, 2);
    assert_int_equal(heard.failed, 2);
    assert_true(still_ask(desk->supervisor, jpeg.data, jpeg.size, words, hear, &heard, &err));
    until_heard(desk, &heard, 3);
    assert_int_equal(heard.failed, 2);
    bytes_free(&heard.marked[2]);
    desk_free(desk);
}

static int luma_at(const struct image *image, int x, int y)
{
    const uint8_t *pixel = image->rgb + (ptrdiff_t)y * image->stride + (ptrdiff_t)x * 3;
    return (pixel[0] * 2 + pixel[1] * 5 + pixel[2]) / 8;
}

static int cell_luma(const struct image *image, int left, int top, int scale)
{
    int sum = 0;
    for (int y = 0; y < scale; y++)
        for (int x = 0; x < scale; x++)
            sum += luma_at(image, left + x, top + y);
    return sum / (scale * scale);
}

/* How well the dots of a glyph stand out against what is between them, whichever way they were shaded. */
static float glyph_score(const struct image *image, char letter, int left, int top, int scale)
{
    float sum[2] = {0, 0};
    int count[2] = {0, 0};
    const uint8_t *rows = watermark_glyph(letter);
    for (int y = 0; rows && y < WATERMARK_GLYPH_HEIGHT; y++)
        for (int x = 0; x < WATERMARK_GLYPH_WIDTH; x++) {
            int dot = rows[y] >> (WATERMARK_GLYPH_WIDTH - 1 - x) & 1;
            sum[dot] += (float)cell_luma(image, left + x * scale, top + y * scale, scale);
            count[dot]++;
        }
    if (!count[0] || !count[1])
        return 0;
    float apart = fabsf(sum[1] / (float)count[1] - sum[0] / (float)count[0]);
    return apart * sqrtf((float)(count[0] * count[1]));
}

/* Reads the words out of the marked picture alone, with all of a letter's places on it added up. */
static void read_back(const struct image *image, size_t count, char *out)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:/_";
    const struct watermark_rows rows = watermark_rows(image, count + WATERMARK_GAP);
    size_t period = count + WATERMARK_GAP;
    for (size_t i = 0; i < count; i++) {
        float best = 200.0F; /* less is a space */
        out[i] = ' ';
        for (const char *letter = letters; *letter; letter++) {
            float score = 0;
            int places = 0;
            size_t at = 0;
            for (int top = rows.first; top + WATERMARK_GLYPH_HEIGHT * rows.scale <= image->height;
                 top += rows.step)
                for (int k = 0; k < rows.letters; k++)
                    if (at++ % period == i && ++places)
                        score +=
                            glyph_score(image, *letter, k * WATERMARK_ADVANCE * rows.scale, top, rows.scale);
            if (places && score / (float)places > best) {
                best = score / (float)places;
                out[i] = *letter;
            }
        }
    }
    out[count] = '\0';
}

static void s51_the_viewer_is_read_back_from_a_marked_picture(void **state)
{
    (void)state;
    char read[sizeof plain_words];
    struct desk *desk = open_desk();
    AUTO(bytes) struct bytes jpeg = grey_picture();
    AUTO(image) struct image grey = mark(desk, &jpeg);
    assert_int_equal(grey.width, 320);
    read_back(&grey, strlen(plain_words), read);
    assert_string_equal(read, plain_words);
    desk_free(desk);
}

/* Over a face some letters drown; the viewer's number and the day must be clear enough to tell who it was. */
static void s51_the_viewer_is_read_back_over_a_face(void **state)
{
    (void)state;
    char read[sizeof plain_words];
    size_t right = 0, letters = strlen(plain_words);
    struct enrolment enrolment;
    struct desk *desk = open_desk();
    enrol_photo(desk, "subject-1", &enrolment);
    AUTO(image) struct image face = mark(desk, &enrolment.picture);
    read_back(&face, letters, read);
    for (size_t i = 0; i < letters; i++)
        right += read[i] == plain_words[i];
    print_message(
        "%d x %d: read back '%s', %zu of %zu letters right\n", face.width, face.height, read, right, letters);
    assert_true(right * 4 >= letters * 3);
    enrolment_done(&enrolment);
    desk_free(desk);
}

static void a_mark_leaves_the_face_to_be_compared(void **state)
{
    (void)state;
    struct error err = {0};
    struct enrolment enrolment;
    struct desk *desk = open_desk();
    int changed = 0, most = 0;
    AUTO(image) struct image plain = {0};
    enrol_photo(desk, "subject-1", &enrolment);
    AUTO(image) struct image marked = mark(desk, &enrolment.picture);
    assert_true(jpeg_read(enrolment.picture.data, enrolment.picture.size, &plain, &err));
    for (int y = 0; y < plain.height; y++)
        for (int x = 0; x < plain.width; x++) {
            int by = abs(luma_at(&plain, x, y) - luma_at(&marked, x, y));
            changed += by > 16;
            most = by > most ? by : most;
        }
    print_message("marked: %.1f %% of the pixels, by at most %d\n",
        100.0 * changed / (plain.width * plain.height), most);
    assert_true(changed < plain.width * plain.height / 12);
    assert_true(most < 96);
    enrolment_done(&enrolment);
    desk_free(desk);
}

static void s28_an_enrolment_keeps_the_face_alone_in_a_square(void **state)
{
    (void)state;
    struct error err = {0};
    struct enrolment enrolment;
    struct desk *desk = open_desk();
    static const char *const photos[] = {"subject-1", "subject-2", "subject-3", "other-1"};
    for (size_t i = 0; i < COUNT_OF(photos); i++) {
        AUTO(image) struct image kept = {0};
        enrol_photo(desk, photos[i], &enrolment);
        assert_true(jpeg_read(enrolment.picture.data, enrolment.picture.size, &kept, &err));
        assert_int_equal(kept.width, kept.height);
        assert_in_range(kept.width, 60, 400);
        enrolment_done(&enrolment);
    }
    desk_free(desk);
}

static void the_kept_picture_gives_the_same_template_again(void **state)
{
    (void)state;
    struct error err = {0};
    struct enrolment first, again;
    uint8_t hash[HASH_SIZE];
    struct desk *desk = open_desk();
    enrol_photo(desk, "subject-1", &first);
    hash_bytes(first.picture.data, first.picture.size, hash);
    assert_memory_equal(hash, first.photo_hash, HASH_SIZE);
    if (!desk_photograph(desk, first.picture.data, first.picture.size, &again, &err))
        fail_msg("%s", err.text);
    assert_true(again.accepted);
    float score = score_canonical(first.template, again.template, GALLERY_TEMPLATE);
    print_message("the kept picture enrolled again: score %.4f\n", (double)score);
    assert_true(score > 0.97F);
    enrolment_done(&first);
    enrolment_done(&again);
    desk_free(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_photograph_is_enrolled_with_a_unit_template),
        cmocka_unit_test(a_picture_without_a_face_is_refused_with_advice),
        cmocka_unit_test(bytes_that_are_no_picture_fail_and_still_goes_on),
        cmocka_unit_test(pictures_are_marked_while_the_desk_goes_on_each_for_who_asked),
        cmocka_unit_test(a_packets_picture_is_marked_however_many_are_asked_for),
        cmocka_unit_test(what_is_with_a_process_that_dies_fails_and_the_next_picture_is_marked),
        cmocka_unit_test(s51_the_viewer_is_read_back_from_a_marked_picture),
        cmocka_unit_test(s51_the_viewer_is_read_back_over_a_face),
        cmocka_unit_test(a_mark_leaves_the_face_to_be_compared),
        cmocka_unit_test(s28_an_enrolment_keeps_the_face_alone_in_a_square),
        cmocka_unit_test(the_kept_picture_gives_the_same_template_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
