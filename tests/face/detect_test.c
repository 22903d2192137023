#include "face/detect.h"

#include "fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct pack *pack;

/* The graph decodes by itself at the size of its file: its `boxes` are the known answer. */
static void decoding_equals_the_graphs_own_boxes(void **state)
{
    (void)state;
    const struct model *model = &pack->models[MODEL_DETECT];
    const char *outputs[] = {"462", "boxes", NULL};
    struct net_options options = {.height = 240, .width = 320, .outputs = outputs};
    AUTO(net) struct net *net = net_load(model->onnx.data, model->onnx.size, &options, NULL);
    assert_non_null(net);
    assert_true(net_warm_up(net, NULL));
    for (int i = 0; i < 3 * 240 * 320; i++)
        net_input(net)[i] = sinf((float)i * 0.01f);
    net_run(net);
    static struct anchor anchors[4420];
    assert_int_equal(rfb_anchors(&pack->rfb, 320, 240, NULL), 4420);
    rfb_anchors(&pack->rfb, 320, 240, anchors);
    for (int i = 0; i < 4420; i++) {
        struct box box = rfb_decode(&pack->rfb, &anchors[i], net_output(net, 0) + 4 * (size_t)i);
        const float *known = net_output(net, 1) + 4 * (size_t)i;
        assert_true(fabsf(box.left - known[0]) < 1e-5f && fabsf(box.top - known[1]) < 1e-5f);
        assert_true(fabsf(box.right - known[2]) < 1e-5f && fabsf(box.bottom - known[3]) < 1e-5f);
    }
}

static void odd_sizes_round_their_cells_up(void **state)
{
    (void)state;
    assert_int_equal(
        rfb_anchors(&pack->rfb, 320, 180, NULL), 40 * 23 * 3 + 20 * 12 * 2 + 10 * 6 * 2 + 5 * 3 * 3);
}

static void overlap_is_shared_area_over_joined_area(void **state)
{
    (void)state;
    struct box a = {0, 0, 10, 10};
    assert_true(fabsf(box_overlap(&a, &a) - 1.0f) < 1e-6f);
    assert_true(fabsf(box_overlap(&a, &(struct box){5, 0, 15, 10}) - 1.0f / 3.0f) < 1e-6f);
    assert_true(box_overlap(&a, &(struct box){10, 0, 20, 10}) == 0.0f);
    assert_true(box_overlap(&(struct box){3, 3, 3, 3}, &(struct box){3, 3, 3, 3}) == 0.0f);
}

static struct face only_face(int width, int height, const struct image *image)
{
    AUTO(detector) struct detector *detector = detector_new(pack, width, height, 0.7f, NULL);
    struct face faces[FACE_LIMIT];
    assert_non_null(detector);
    assert_int_equal(detector_run(detector, image, faces), 1);
    return faces[0];
}

static void a_face_is_found_in_the_same_place_at_every_size(void **state)
{
    (void)state;
    static const int sizes[][2] = {{320, 240}, {320, 256}, {640, 512}, {320, 180}, {640, 480}, {300, 500}};
    AUTO(image) struct image image = fixture_picture("Aaron_Sorkin/Aaron_Sorkin_0002.jpg");
    struct face first = only_face(320, 240, &image);
    for (size_t i = 1; i < COUNT_OF(sizes); i++) {
        struct face face = only_face(sizes[i][0], sizes[i][1], &image);
        assert_true(face.score > 0.9f);
        assert_true(box_overlap(&face.box, &first.box) > 0.6f);
    }
}

static void two_faces_side_by_side_are_two(void **state)
{
    (void)state;
    AUTO(image) struct image one = fixture_picture("Aaron_Sorkin/Aaron_Sorkin_0002.jpg");
    AUTO(image) struct image wide = {NULL, 0, 0, 0};
    assert_true(image_init(&wide, 2 * one.width, one.height, NULL));
    for (int half = 0; half < 2; half++) {
        struct image part = wide;
        part.rgb += (size_t)half * (size_t)one.width * 3;
        part.width = one.width;
        image_scale(&one, &part);
    }
    AUTO(detector) struct detector *detector = detector_new(pack, 640, 320, 0.7f, NULL);
    struct face faces[FACE_LIMIT];
    assert_int_equal(detector_run(detector, &wide, faces), 2);
    assert_true(faces[0].score >= faces[1].score);
    assert_true(fabsf(fabsf(faces[0].box.left - faces[1].box.left) - (float)one.width) < 6.0f);
}

static void an_empty_picture_has_no_face(void **state)
{
    (void)state;
    AUTO(image) struct image image = {NULL, 0, 0, 0};
    AUTO(detector) struct detector *detector = detector_new(pack, 320, 240, 0.7f, NULL);
    struct face faces[FACE_LIMIT];
    assert_true(image_init(&image, 1, 1, NULL));
    assert_int_equal(detector_run(detector, &image, faces), 0);
    image_done(&image);
    assert_true(image_init(&image, 8000, 5, NULL));
    assert_int_equal(detector_run(detector, &image, faces), 0);
}

static void a_pack_with_other_strides_is_refused(void **state)
{
    (void)state;
    struct pack other = *pack;
    other.rfb.stride_count = 3;
    struct error err = {0};
    assert_null(detector_new(&other, 320, 240, 0.7f, &err));
    assert_int_equal(err.code, ERROR_INVALID);
}

int main(void)
{
    AUTO(text) char *folder = fixture_pack_folder();
    struct error err = {0};
    pack = crypto_start(&err) ? pack_open(folder, &err) : NULL;
    if (!pack) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoding_equals_the_graphs_own_boxes),
        cmocka_unit_test(odd_sizes_round_their_cells_up),
        cmocka_unit_test(overlap_is_shared_area_over_joined_area),
        cmocka_unit_test(an_empty_picture_has_no_face),
        cmocka_unit_test(a_pack_with_other_strides_is_refused),
        cmocka_unit_test(a_face_is_found_in_the_same_place_at_every_size),
        cmocka_unit_test(two_faces_side_by_side_are_two),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pack_free(pack);
    return failed;
}
