/* Packs with detectors without priors (YuNet, SCRFD) and an ArcFace-like embedder: small networks made here,
 * whose numbers follow from single pixels, so that every box, point and template can be worked out without
 * them. */
#include "face/face.h"
#include "face/model.h"

#include "../net/sketch.h"
#include "base/file.h"
#include "base/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { SIDE = 96, STRIDES = 3, NUMBERS_LIMIT = 20, POOLED = 3 * 7 * 7 };

static const int strides[STRIDES] = {8, 16, 32};

/* One tensor for each stride of a kind: `numbers` an answer, a weighted sum of the cell's first pixel each.
 */
struct kind {
    const char *name;
    int numbers;
    bool squashed; /* through a Sigmoid */
    float size, shift;
};

struct family {
    const char *decoder;
    int anchors;
    float mean, divisor;
    const char *colours;
    struct kind kinds[5]; /* ended by one without a name */
};

static const struct family yunet = {"yunet", 1, 0, 1, "bgr",
    {{"cls", 1, true, 0.06F, -6}, {"obj", 1, true, 0.05F, -4}, {"bbox", 4, false, 0.004F, 0.4F},
        {"kps", 10, false, 0.004F, -0.2F}}};
static const struct family scrfd = {"scrfd", 2, 127.5F, 128, "rgb",
    {{"score", 1, true, 2, 0.1F}, {"bbox", 4, false, 0.7F, 1.2F}, {"kps", 10, false, 0.8F, 0.1F}}};

/* Another for each stride: cells of two strides begin with the same pixel, and would tie. */
static float weight_of(const struct kind *kind, int stride, int output, int channel)
{
    uint32_t seed = (uint32_t)(kind->name[0] * 131 + stride * 37 + output * 17 + channel * 7 + kind->numbers);
    seed = seed * 1664525U + 1013904223U;
    seed = seed * 1664525U + 1013904223U;
    return kind->size * (0.5F + (float)(seed >> 8) / 33554432.0F) * (channel == output % 3 ? 1.0F : -0.3F);
}

static void add_tensor(struct sketch *sketch, const struct kind *kind, int anchors, int stride)
{
    int outputs = kind->numbers * anchors;
    AUTO(text) char *weights = text_format("%s_%d_w", kind->name, stride);
    AUTO(text) char *bias = text_format("%s_%d_b", kind->name, stride);
    AUTO(text) char *map = text_format("%s_%d_map", kind->name, stride);
    AUTO(text) char *turned = text_format("%s_%d_turned", kind->name, stride);
    AUTO(text) char *listed = text_format("%s_%d_listed", kind->name, stride);
    AUTO(text) char *name = text_format("%s_%d", kind->name, stride);
    AUTO(text) char *shape = text_format("%s_%d_shape", kind->name, stride);
    AUTO(text) char *inputs = text_format("x %s %s", weights, bias);
    AUTO(text) char *reshaped = text_format("%s %s", turned, shape);
    size_t area = (size_t)stride * (size_t)stride;
    AUTO(heap) float *numbers = memory_allocate((size_t)outputs * 3 * area, sizeof *numbers);
    float shifts[NUMBERS_LIMIT];
    for (int o = 0; o < outputs; o++) {
        shifts[o] = kind->shift;
        for (int c = 0; c < 3; c++)
            numbers[(size_t)(o * 3 + c) * area] = weight_of(kind, stride, o, c);
    }
    sketch_floats(sketch, weights, 4, (int[]){outputs, 3, stride, stride}, numbers);
    sketch_floats(sketch, bias, 1, &outputs, shifts);
    sketch_integers(sketch, shape, 3, (int64_t[]){1, -1, kind->numbers});
    Onnx__NodeProto *node = sketch_node(sketch, "Conv", inputs, map);
    sketch_ints(sketch, node, "strides", 2, (int64_t[]){stride, stride});
    sketch_ints(sketch, sketch_node(sketch, "Transpose", map, turned), "perm", 4, (int64_t[]){0, 2, 3, 1});
    sketch_node(sketch, "Reshape", reshaped, kind->squashed ? listed : name);
    if (kind->squashed)
        sketch_node(sketch, "Sigmoid", listed, name);
    sketch_output(sketch, name);
}

static struct bytes detector_file(const struct family *family)
{
    AUTO(sketch) struct sketch *sketch = sketch_new(11);
    sketch_input(sketch, "x", 4, (int[]){1, 3, SIDE, SIDE});
    for (const struct kind *kind = family->kinds; kind->name; kind++)
        for (int i = 0; i < STRIDES; i++)
            add_tensor(sketch, kind, family->anchors, strides[i]);
    return sketch_pack(sketch);
}

static float matrix_at(int output, int input)
{
    return (float)((output * 31 + input * 17) % 23 - 11) / 11.0F;
}

/* The mean of squares of 16 pixels, and a matrix of them. */
static struct bytes embedder_file(void)
{
    AUTO(sketch) struct sketch *sketch = sketch_new(11);
    AUTO(heap) float *matrix = memory_allocate((size_t)TEMPLATE_LENGTH * POOLED, sizeof *matrix);
    for (int o = 0; o < TEMPLATE_LENGTH; o++)
        for (int i = 0; i < POOLED; i++)
            matrix[o * POOLED + i] = matrix_at(o, i);
    sketch_input(sketch, "x", 4, (int[]){1, 3, FACE_SIDE, FACE_SIDE});
    sketch_floats(sketch, "matrix", 2, (int[]){TEMPLATE_LENGTH, POOLED}, matrix);
    Onnx__NodeProto *node = sketch_node(sketch, "AveragePool", "x", "mean");
    sketch_ints(sketch, node, "kernel_shape", 2, (int64_t[]){16, 16});
    sketch_ints(sketch, node, "strides", 2, (int64_t[]){16, 16});
    sketch_node(sketch, "Dropout", "mean", "kept");
    sketch_node(sketch, "Flatten", "kept", "row");
    sketch_int(sketch, sketch_node(sketch, "Gemm", "row matrix", "template"), "transB", 1);
    sketch_output(sketch, "template");
    return sketch_pack(sketch);
}

static char folder[] = "/tmp/mizan-grid-XXXXXX";

static void write_network(const char *name, const struct bytes *file, char hash[2 * HASH_SIZE + 1])
{
    uint8_t bytes[HASH_SIZE];
    AUTO(text) char *path = text_format("%s/%s.onnx", folder, name);
    hash_bytes(file->data, file->size, bytes);
    hex_write(bytes, HASH_SIZE, hash);
    assert_true(file_write(path, 0644, file->data, file->size, NULL));
}

static const char *key_of(const struct kind *kind)
{
    static const char *const keys[][2] = {
        {"cls", "scores"}, {"score", "scores"}, {"obj", "objects"}, {"bbox", "boxes"}, {"kps", "points"}};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (!strcmp(kind->name, keys[i][0]))
            return keys[i][1];
    return NULL;
}

/* The text of a pack.ini for the two networks, which are written beside it. */
static char *write_pack(const struct family *family)
{
    char hashes[2][2 * HASH_SIZE + 1];
    AUTO(bytes) struct bytes detector = detector_file(family), embedder = embedder_file();
    struct text text = {0};
    write_network("detect", &detector, hashes[0]);
    write_network("embed", &embedder, hashes[1]);
    text_add(&text, "[pack]\nname = grid\nuse = demo\nlicence = none\ntemplate_length = 512\n");
    text_add(&text,
        "[detect]\nfile = detect.onnx\nsha256 = %s\ninput = x\ncolours = %s\nmean = %g\ndivisor = %g\n",
        hashes[0], family->colours, (double)family->mean, (double)family->divisor);
    text_add(&text, "decoder = %s\nstrides = 8 16 32\noverlap = 0.3\n", family->decoder);
    if (!strcmp(family->decoder, "scrfd"))
        text_add(&text, "anchors = %d\n", family->anchors);
    for (const struct kind *kind = family->kinds; kind->name; kind++)
        text_add(&text, "%s = %s_8 %s_16 %s_32\n", key_of(kind), kind->name, kind->name, kind->name);
    text_add(&text, "[embed]\nfile = embed.onnx\nsha256 = %s\ninput = x\ncolours = rgb\nmean = 127.5\n",
        hashes[1]);
    text_add(&text, "divisor = 128\ndecoder = unit\ntemplate = template\n");
    return text.data;
}

static struct pack *open_text(const char *text, struct error *err)
{
    AUTO(text) char *path = text_format("%s/pack.ini", folder);
    assert_true(file_write(path, 0644, text, strlen(text), NULL));
    return pack_open(folder, err);
}

static struct analyser *analyser_of(const struct family *family)
{
    struct error err = {0};
    const struct analyser_options options = {
        .detect_width = SIDE, .detect_height = SIDE, .least_score = 0.6F};
    AUTO(text) char *text = write_pack(family);
    AUTO(pack) struct pack *pack = open_text(text, &err);
    struct analyser *analyser = pack ? analyser_new(pack, &options, &err) : NULL;
    if (!analyser)
        fail_msg("%s", err.text);
    return analyser;
}

static struct image noise(int side, int zoom)
{
    struct image image;
    uint32_t seed = 99;
    assert_true(image_init(&image, side * zoom, side * zoom, NULL));
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side * 3; x++) {
            seed = seed * 1664525U + 1013904223U;
            for (int i = 0; i < zoom * zoom; i++)
                image.rgb[(y * zoom + i / zoom) * image.stride + (x / 3 * zoom + i % zoom) * 3 + x % 3] =
                    (uint8_t)(seed >> 24);
        }
    return image;
}

/* The number of a tensor that the network would give for a cell. */
static double number_at(const struct family *family, const char *name, const struct image *image, int stride,
    int column, int row, int anchor, int number)
{
    const struct kind *kind = family->kinds;
    while (strcmp(kind->name, name) != 0)
        kind++;
    double sum = (double)kind->shift;
    for (int c = 0; c < 3; c++) {
        int channel = strcmp(family->colours, "bgr") == 0 ? 2 - c : c;
        double pixel = image->rgb[row * stride * image->stride + 3 * column * stride + channel];
        sum += (double)weight_of(kind, stride, anchor * kind->numbers + number, c) *
               (pixel - (double)family->mean) / (double)family->divisor;
    }
    return kind->squashed ? 1 / (1 + exp(-sum)) : sum;
}

struct plain_face {
    double score, box[4], points[POINT_COUNT][2];
};

static double plain_area(const double *box)
{
    return fmax(box[2] - box[0], 0) * fmax(box[3] - box[1], 0);
}

static double plain_overlap(const double *a, const double *b)
{
    const double shared[4] = {fmax(a[0], b[0]), fmax(a[1], b[1]), fmin(a[2], b[2]), fmin(a[3], b[3])};
    return plain_area(shared) / (plain_area(a) + plain_area(b) - plain_area(shared));
}

static struct plain_face plain_answer(
    const struct family *family, const struct image *image, int stride, int column, int row, int anchor)
{
    struct plain_face face = {0};
    double box[4];
    bool is_yunet = family == &yunet;
    face.score = number_at(family, is_yunet ? "cls" : "score", image, stride, column, row, anchor, 0);
    if (is_yunet)
        face.score = sqrt(face.score * number_at(family, "obj", image, stride, column, row, anchor, 0));
    for (int i = 0; i < 4; i++)
        box[i] = number_at(family, "bbox", image, stride, column, row, anchor, i);
    for (int i = 0; i < 4; i++) {
        double cell = i % 2 ? row : column, sign = i < 2 ? -1 : 1;
        double side = is_yunet ? cell + box[i % 2] + sign * exp(box[2 + i % 2]) / 2 : cell + sign * box[i];
        face.box[i] = side * stride;
    }
    for (int i = 0; i < 2 * POINT_COUNT; i++)
        face.points[i / 2][i % 2] =
            ((i % 2 ? row : column) + number_at(family, "kps", image, stride, column, row, anchor, i)) *
            stride;
    return face;
}

static int best_first(const void *left, const void *right)
{
    const struct plain_face *a = left, *b = right;
    return (a->score < b->score) - (a->score > b->score);
}

/* All answers of the whole picture, by the papers' formulas. */
static int plain_faces(const struct family *family, const struct image *image, struct plain_face *faces)
{
    static struct plain_face all[2 * (12 * 12 + 6 * 6 + 3 * 3)];
    int count = 0, kept = 0;
    for (int s = 0; s < STRIDES; s++)
        for (int cell = 0; cell < (SIDE / strides[s]) * (SIDE / strides[s]); cell++)
            for (int anchor = 0; anchor < family->anchors; anchor++) {
                struct plain_face face = plain_answer(family, image, strides[s], cell % (SIDE / strides[s]),
                    cell / (SIDE / strides[s]), anchor);
                if (face.score >= 0.6 && plain_area(face.box) > 0)
                    all[count++] = face;
            }
    qsort(all, (size_t)count, sizeof all[0], best_first);
    for (int i = 0; i < count && kept < FACE_LIMIT; i++) {
        bool alone = true;
        for (int k = 0; k < kept; k++)
            alone = alone && plain_overlap(all[i].box, faces[k].box) <= 0.3;
        if (alone)
            faces[kept++] = all[i];
    }
    return kept;
}

static void expect_near(float found, double expected)
{
    if (!(fabs((double)found - expected) <= 2e-3 * (1 + fabs(expected))))
        fail_msg("%g instead of %g", (double)found, expected);
}

/* `zoom`: the picture is larger than the network's input, so that boxes have to be brought back. */
static void check_family(const struct family *family, int zoom)
{
    struct face faces[FACE_LIMIT];
    struct plain_face expected[FACE_LIMIT];
    AUTO(analyser) struct analyser *analyser = analyser_of(family);
    AUTO(image) struct image picture = noise(SIDE, zoom);
    AUTO(image) struct image small = noise(SIDE, 1);
    int count = analyser_detect(analyser, &picture, faces);
    assert_int_equal(count, plain_faces(family, &small, expected));
    assert_in_range(count, 5, FACE_LIMIT);
    for (int i = 0; i < count; i++) {
        const struct box *box = &faces[i].box;
        analyser_measure(analyser, &picture, &faces[i]);
        expect_near(faces[i].score, expected[i].score);
        expect_near(box->left, zoom * expected[i].box[0]);
        expect_near(box->top, zoom * expected[i].box[1]);
        expect_near(box->right, zoom * expected[i].box[2]);
        expect_near(box->bottom, zoom * expected[i].box[3]);
        for (int k = 0; k < 2 * POINT_COUNT; k++)
            expect_near(faces[i].points[k / 2][k % 2], zoom * expected[i].points[k / 2][k % 2]);
    }
    print_message("%s: %d faces\n", family->decoder, count);
}

static void yunets_boxes_and_points_follow_from_its_tensors(void **state)
{
    (void)state;
    check_family(&yunet, 1);
    check_family(&yunet, 3);
}

static void scrfds_boxes_and_points_follow_from_its_tensors(void **state)
{
    (void)state;
    check_family(&scrfd, 1);
    check_family(&scrfd, 2);
}

static void a_template_of_512_comes_from_an_arcface_like_network(void **state)
{
    (void)state;
    AUTO(analyser) struct analyser *analyser = analyser_of(&scrfd);
    AUTO(image) struct image aligned = noise(FACE_SIDE, 1);
    float template[TEMPLATE_LENGTH];
    double pooled[POOLED] = {0}, expected[TEMPLATE_LENGTH] = {0}, squares = 0;
    analyser_embed(analyser, &aligned, template);
    for (int y = 0; y < FACE_SIDE; y++)
        for (int x = 0; x < FACE_SIDE; x++)
            for (int c = 0; c < 3; c++)
                pooled[c * 49 + y / 16 * 7 + x / 16] +=
                    ((double)aligned.rgb[y * aligned.stride + 3 * x + c] - 127.5) / 128 / 256;
    for (int o = 0; o < TEMPLATE_LENGTH; o++) {
        for (int i = 0; i < POOLED; i++)
            expected[o] += (double)matrix_at(o, i) * pooled[i];
        squares += expected[o] * expected[o];
    }
    for (int o = 0; o < TEMPLATE_LENGTH; o++)
        assert_true(fabs((double)template[o] - expected[o] / sqrt(squares)) < 1e-4);
}

static char *edited(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    return text_format("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

/* The pack or its detector at this size is refused with one line that says what is wrong. */
static void refuse(const struct family *family, const char *from, const char *to, int side,
    enum error_code code, const char *says)
{
    struct error err = {0};
    const struct analyser_options options = {.detect_width = side, .detect_height = side};
    AUTO(text) char *text = write_pack(family);
    AUTO(text) char *other = edited(text, from, to);
    AUTO(pack) struct pack *pack = open_text(other, &err);
    AUTO(analyser) struct analyser *analyser = pack ? analyser_new(pack, &options, &err) : NULL;
    assert_null(analyser);
    assert_int_equal(err.code, code);
    if (!strstr(err.text, says) || strchr(err.text, '\n'))
        fail_msg("'%s' does not say '%s'", err.text, says);
}

static void what_does_not_fit_is_named(void **state)
{
    (void)state;
    static const struct {
        const struct family *family;
        const char *from, *to;
        enum error_code code;
        const char *says;
    } rows[] = {
        {&yunet, "decoder = yunet", "decoder = yolo", ERROR_INVALID, "rfb, yunet or scrfd, not 'yolo'"},
        {&yunet, "decoder = yunet", "decoder = rfb", ERROR_INVALID, "[landmarks]"},
        {&yunet, "points = kps_8 kps_16 kps_32\n", "", ERROR_INVALID, "points: needed"},
        {&yunet, "objects = obj_8 obj_16 obj_32", "objects = obj_8 obj_16", ERROR_INVALID, "objects"},
        {&yunet, "objects = obj_8 obj_16 obj_32", "objects = obj_8 obj_16 obj_32 obj_64", ERROR_INVALID,
            "objects"},
        {&yunet, "objects = ", "anchors = 2\nobjects = ", ERROR_INVALID, "anchors"},
        {&scrfd, "anchors = 2", "anchors = 9", ERROR_INVALID, "anchors"},
        {&scrfd, "anchors = 2", "anchors = 1", ERROR_INVALID, "tensor 'score_8' is not 144 × 1"},
        {&scrfd, "boxes = bbox_8 bbox_16", "boxes = bbox_16 bbox_8", ERROR_INVALID,
            "tensor 'bbox_16' is not 288 × 4"},
        {&scrfd, "strides = 8 16 32", "strides = 8 16 64", ERROR_INVALID, "tensor 'score_32'"},
        {&scrfd, "points = kps_8 kps_16 kps_32", "points = kps_8 kps_16 gender_32", ERROR_FORBIDDEN,
            "'kps_32'"},
        {&scrfd, "template = template", "template = kept", ERROR_FORBIDDEN, "'template'"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        print_message("row %zu\n", i);
        refuse(rows[i].family, rows[i].from, rows[i].to, SIDE, rows[i].code, rows[i].says);
    }
    refuse(&scrfd, "name = grid", "name = other", 100, ERROR_INVALID, "stride 8 asks for at 100 × 100");
}

int main(void)
{
    if (!crypto_start(NULL) || !mkdtemp(folder))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yunets_boxes_and_points_follow_from_its_tensors),
        cmocka_unit_test(scrfds_boxes_and_points_follow_from_its_tensors),
        cmocka_unit_test(a_template_of_512_comes_from_an_arcface_like_network),
        cmocka_unit_test(what_does_not_fit_is_named),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    static const char *const files[] = {"pack.ini", "detect.onnx", "embed.onnx"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        AUTO(text) char *path = text_format("%s/%s", folder, files[i]);
        unlink(path);
    }
    rmdir(folder);
    return failed;
}
