/* The whole way from a picture to a template, and the quality gate on spoilt pictures. */
#include "face/face.h"

#include "fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct analyser *analyser;

static const char *const same_man[2] = {
    "Aaron_Sorkin/Aaron_Sorkin_0001.jpg", "Aaron_Sorkin/Aaron_Sorkin_0002.jpg"};
static const char other_man[] = "Abdullah/Abdullah_0002.jpg";

static struct face measured(const struct image *image)
{
    struct face faces[FACE_LIMIT];
    int count = analyser_detect(analyser, image, faces);
    assert_true(count >= 1);
    int largest = 0;
    for (int i = 1; i < count; i++)
        if (faces[i].box.bottom - faces[i].box.top > faces[largest].box.bottom - faces[largest].box.top)
            largest = i;
    analyser_measure(analyser, image, &faces[largest]);
    return faces[largest];
}

static void embedded(const struct image *image, float template[static TEMPLATE_LENGTH])
{
    struct face face = measured(image);
    AUTO(image) struct image aligned = {NULL, 0, 0, 0};
    assert_true(image_init(&aligned, FACE_SIDE, FACE_SIDE, NULL));
    face_align(image, &face, &aligned);
    analyser_embed(analyser, &aligned, template);
}

static double dot(const float *a, const float *b)
{
    double sum = 0.0;
    for (int i = 0; i < TEMPLATE_LENGTH; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

static void check_one_man(double tolerance)
{
    float templates[3][TEMPLATE_LENGTH];
    for (int i = 0; i < 3; i++) {
        AUTO(image) struct image image = fixture_picture(i < 2 ? same_man[i] : other_man);
        embedded(&image, templates[i]);
        assert_true(fabs(dot(templates[i], templates[i]) - 1.0) < 1e-5);
    }
    assert_true(fabs(dot(templates[0], templates[1]) - 0.708) < tolerance);
    assert_true(dot(templates[0], templates[2]) < 0.2);
}

static void one_mans_pictures_agree_and_anothers_do_not(void **state)
{
    (void)state;
    struct error err = {0};
    const struct analyser_options options = {0};
    struct analyser *of_default_pack = analyser;
    AUTO(pack) struct pack *pack = fixture_float_pack(&err);
    analyser = pack ? analyser_new(pack, &options, &err) : NULL;
    if (!analyser)
        fail_msg("%s", err.text);
    check_one_man(0.01);
    analyser_free(analyser);
    analyser = of_default_pack;
    check_one_man(0.05); /* in 8 bits */
}

static void every_template_is_counted(void **state)
{
    (void)state;
    AUTO(image) struct image image = fixture_picture(other_man);
    float template[TEMPLATE_LENGTH];
    uint64_t before = analyser_templates_computed(analyser);
    struct face face = measured(&image);
    assert_int_equal(analyser_templates_computed(analyser), before);
    (void)face;
    embedded(&image, template);
    assert_int_equal(analyser_templates_computed(analyser), before + 1);
}

static void wiping_changes_no_later_result(void **state)
{
    (void)state;
    AUTO(image) struct image image = fixture_picture(other_man);
    float before[TEMPLATE_LENGTH];
    float after[TEMPLATE_LENGTH];
    embedded(&image, before);
    analyser_wipe(analyser);
    embedded(&image, after);
    assert_memory_equal(before, after, sizeof before);
}

static void scale(struct image *image, double factor)
{
    struct image other;
    assert_true(image_init(&other, (int)(image->width * factor), (int)(image->height * factor), NULL));
    image_scale(image, &other);
    image_done(image);
    *image = other;
}

static void leave(struct image *image)
{
    (void)image;
}

static void reduce_a_little(struct image *image)
{
    scale(image, 0.65);
}

static void reduce(struct image *image)
{
    scale(image, 0.5);
}

static void blur(struct image *image)
{
    int width = image->width;
    scale(image, 0.08);
    scale(image, (double)width / image->width);
}

static void lighten(struct image *image, double factor, double offset)
{
    for (int i = 0; i < image->height * image->stride; i++)
        image->rgb[i] = (uint8_t)fmin(image->rgb[i] * factor + offset, 255.0);
}

static void darken(struct image *image)
{
    lighten(image, 0.15, 0.0);
}

static void wash_out(struct image *image)
{
    lighten(image, 0.8, 140.0);
}

/* Cuts the picture through the face. */
static void cut(struct image *image)
{
    struct image part;
    struct box box = {126, 0, 250, 250};
    assert_true(image_crop(image, &box, &part, NULL));
    image_done(image);
    *image = part;
}

static void s5_the_gate_names_what_is_wrong_with_a_picture(void **state)
{
    (void)state;
    static const struct {
        void (*spoil)(struct image *image);
        enum quality_verdict verdict;
    } rows[] = {{leave, QUALITY_OK}, {reduce_a_little, QUALITY_OK}, {reduce, QUALITY_TOO_SMALL},
        {blur, QUALITY_BLURRED}, {darken, QUALITY_TOO_DARK}, {wash_out, QUALITY_TOO_BRIGHT}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(image) struct image image = fixture_picture(same_man[1]);
        rows[i].spoil(&image);
        struct face face = measured(&image);
        if (face.quality.verdict != rows[i].verdict)
            fail_msg("row %zu: %s (eyes %.1f px, sharpness %.2f, exposure %.2f)", i,
                quality_word(face.quality.verdict), (double)face.quality.eye_distance_px,
                (double)face.quality.sharpness, (double)face.quality.exposure);
    }
}

static void a_face_at_the_pictures_edge_is_cut(void **state)
{
    (void)state;
    AUTO(image) struct image whole = fixture_picture(same_man[1]);
    struct face face = measured(&whole);
    cut(&whole);
    face.box.left -= 126.0f;
    face.box.right -= 126.0f;
    analyser_measure(analyser, &whole, &face);
    assert_int_equal(face.quality.verdict, QUALITY_CUT);
}

/* The most turned face of the folder: nearly in profile. */
static void s5_a_face_in_profile_is_turned(void **state)
{
    (void)state;
    AUTO(image) struct image image = fixture_picture("Ken_Watanabe/Ken_Watanabe_0001.jpg");
    struct face face = measured(&image);
    assert_int_equal(face.quality.verdict, QUALITY_TURNED);
}

static void better_shots_come_first(void **state)
{
    (void)state;
    AUTO(image) struct image good = fixture_picture(same_man[1]);
    AUTO(image) struct image soft = image_copy(&good);
    blur(&soft);
    AUTO(image) struct image small = image_copy(&good);
    reduce_a_little(&small);
    float best = measured(&good).quality.overall;
    assert_true(best > measured(&soft).quality.overall);
    assert_true(best > measured(&small).quality.overall);
}

static void a_box_outside_the_picture_is_no_face(void **state)
{
    (void)state;
    AUTO(image) struct image image = fixture_picture(other_man);
    struct face face = {.box = {400, 400, 500, 500}, .score = 0.9f};
    analyser_measure(analyser, &image, &face);
    assert_int_equal(face.quality.verdict, QUALITY_CUT);
    assert_true(face.quality.eye_distance_px == 0.0f);
}

int main(void)
{
    AUTO(text) char *folder = fixture_pack_folder();
    struct error err = {0};
    if (!crypto_start(&err))
        return 1;
    AUTO(pack) struct pack *pack = pack_open(folder, &err);
    struct analyser_options options = {0};
    analyser = pack ? analyser_new(pack, &options, &err) : NULL;
    if (!analyser) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_mans_pictures_agree_and_anothers_do_not),
        cmocka_unit_test(every_template_is_counted),
        cmocka_unit_test(wiping_changes_no_later_result),
        cmocka_unit_test(s5_the_gate_names_what_is_wrong_with_a_picture),
        cmocka_unit_test(a_face_at_the_pictures_edge_is_cut),
        cmocka_unit_test(s5_a_face_in_profile_is_turned),
        cmocka_unit_test(better_shots_come_first),
        cmocka_unit_test(a_box_outside_the_picture_is_no_face),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    analyser_free(analyser);
    return failed;
}
