/* s27: the scene of a sighting, as the watch's own analysis makes it, on composed streets where it is known
 * to the pixel where everybody's face is. The detector is not asked: these boxes were drawn by hand. */
#include "desk.h"

#include "../../tools/test-camera/clip.h"
#include "face/pack.h"
#include "video/decoder.h"
#include "video/jpeg.h"
#include "watch/analysis.h"

#include <stdlib.h>

/* A face as tall as half of a picture of 720 lines touches eight cells of this side. */
enum { PANES = 16, CELL_PX = 52, EDGE_PX = 17, TURNS = 25 * 14, FLAT = 16, NOT_FLAT = 60 };

/* Where the face lies in the pane that the person is shown in, as shares of its width and height. */
static const struct {
    const char *who;
    struct box face;
} faces[] = {
    {"subject", {0.28F, 0.36F, 0.67F, 0.81F}},
    {"other", {0.21F, 0.12F, 0.74F, 0.90F}},
    {"woman", {0.22F, 0.18F, 0.80F, 0.73F}},
};

struct pane {
    char who[16];
    float begin_s, lasts_s, from_x, to_x, top, width, height;
};

struct street {
    struct pane panes[PANES];
    int pane_count;
    float now_s;
    float from_s; /* nothing is compared before: until then the others are not wholly in the picture */
    struct analysis *analysis;
    int sightings, faces_checked;
    int spread, spread_before; /* the largest in any cell of a face; as filmed, of the face with the least */
};

static void paths_read(struct street *street, const char *name)
{
    AUTO(text) char *file_name = text_format("scenes/%s.paths", name);
    AUTO(text) char *path = asset_path(file_name);
    FILE *file = fopen(path, "r");
    struct pane pane;
    assert_non_null(file);
    while (street->pane_count < PANES &&
           fscanf(file, "%15s %f %f %f %f %f %f %f", pane.who, &pane.begin_s, &pane.lasts_s, &pane.from_x,
               &pane.to_x, &pane.top, &pane.width, &pane.height) == 8)
        street->panes[street->pane_count++] = pane;
    fclose(file);
}

/* The pane now; false when it is not shown. */
static bool pane_box(const struct pane *pane, float now_s, struct box *out)
{
    float share = (now_s - pane->begin_s) / pane->lasts_s;
    float left = pane->from_x + (pane->to_x - pane->from_x) * share;
    *out = (struct box){left, pane->top, left + pane->width, pane->top + pane->height};
    return share >= 0 && share <= 1;
}

static struct box face_in(const struct pane *pane, const struct box *shown)
{
    struct box box = *shown;
    for (size_t i = 0; i < COUNT_OF(faces); i++)
        if (!strcmp(faces[i].who, pane->who))
            box = (struct box){shown->left + faces[i].face.left * pane->width,
                shown->top + faces[i].face.top * pane->height,
                shown->left + faces[i].face.right * pane->width,
                shown->top + faces[i].face.bottom * pane->height};
    return box;
}

static bool overlap(const struct box *a, const struct box *b)
{
    return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

/* How far the brightest and the darkest of one colour lie apart in these pixels. */
static int spread_in(const struct image *image, int left, int top, int right, int bottom)
{
    int spread = 0;
    for (int channel = 0; channel < 3; channel++) {
        int low = 255, high = 0;
        for (int y = top; y < bottom; y++)
            for (int x = left; x < right; x++) {
                int value = image->rgb[(ptrdiff_t)y * image->stride + (ptrdiff_t)x * 3 + channel];
                low = value < low ? value : low;
                high = value > high ? value : high;
            }
        spread = high - low > spread ? high - low : spread;
    }
    return spread;
}

/* The largest spread inside one cell of the face, away from the cell's edges, where the JPEG of halved
 * colours rings. */
static int most_spread(const struct image *image, const struct box *face)
{
    int most = 0;
    for (int top = (int)face->top / CELL_PX * CELL_PX; top < (int)face->bottom; top += CELL_PX)
        for (int left = (int)face->left / CELL_PX * CELL_PX; left < (int)face->right; left += CELL_PX) {
            int right = left + CELL_PX < image->width ? left + CELL_PX : image->width;
            int bottom = top + CELL_PX < image->height ? top + CELL_PX : image->height;
            int spread = spread_in(image, left + EDGE_PX, top + EDGE_PX, right - EDGE_PX, bottom - EDGE_PX);
            most = spread > most ? spread : most;
        }
    return most;
}

/* Faces that are wholly in the picture and apart from every pane of the man on the list. */
static bool is_to_check(const struct street *street, const struct box *face, const struct image *image)
{
    if (face->left < 0 || face->top < 0 || face->right > (float)image->width ||
        face->bottom > (float)image->height)
        return false;
    for (int i = 0; i < street->pane_count; i++) {
        struct box shown;
        if (!strcmp(street->panes[i].who, "subject") && pane_box(&street->panes[i], street->now_s, &shown) &&
            overlap(&shown, face))
            return false;
    }
    return true;
}

static void on_sighting(void *context, const struct sighting *sighting)
{
    struct street *street = context;
    struct error err = {0};
    AUTO(image) struct image scene = {0};
    assert_true(jpeg_read(sighting->scene.data, sighting->scene.size, &scene, &err));
    street->sightings++;
    for (int i = 0; i < street->pane_count; i++) {
        struct box shown;
        if (!pane_box(&street->panes[i], street->now_s, &shown) || !strcmp(street->panes[i].who, "subject"))
            continue;
        struct box face = face_in(&street->panes[i], &shown);
        if (!is_to_check(street, &face, &scene))
            continue;
        int spread = most_spread(&scene, &face);
        street->spread = spread > street->spread ? spread : street->spread;
        assert_true(face.right - face.left <= 7 * CELL_PX && face.bottom - face.top <= 7 * CELL_PX);
        street->faces_checked++;
    }
}

/* The same faces in the picture as it came from the camera: the measure does see them. */
static void look_at_source(struct street *street, const struct image *image)
{
    for (int i = 0; i < street->pane_count; i++) {
        struct box shown;
        if (!pane_box(&street->panes[i], street->now_s, &shown))
            continue;
        struct box face = face_in(&street->panes[i], &shown);
        if (face.left < 0 || face.right > (float)image->width)
            continue;
        int spread = most_spread(image, &face);
        street->spread_before = spread < street->spread_before ? spread : street->spread_before;
    }
}

static void play(struct street *street, struct clip *clip, const struct matching *matching)
{
    const struct stream stream = {.codec = "h264"};
    const struct matching nothing = {.gallery = NULL};
    AUTO(decoder) struct decoder *beside = decoder_new(NULL);
    assert_true(analysis_stream(street->analysis, &stream, NULL));
    assert_true(decoder_start(beside, &stream, NULL));
    for (int turn = 0; turn < TURNS && !street->sightings; turn++) {
        struct clip_picture picture;
        AUTO(image) struct image image = {0};
        assert_true(clip_next(clip, &picture, NULL));
        const struct packet packet = {
            picture.data, picture.size, picture.pts_ns / 1000, picture.pts_ns / 1000, picture.key};
        street->now_s = (float)picture.pts_ns / 1e9F;
        analysis_packet(
            street->analysis, &packet, false, street->now_s < street->from_s ? &nothing : matching);
        decoder_push(beside, &packet);
        if (street->sightings && decoder_image(beside, &image, NULL))
            look_at_source(street, &image);
    }
}

static void check_street(
    const char *name, float from_s, struct desk *desk, const struct pack *pack, int least_faces)
{
    struct street street = {.from_s = from_s, .spread_before = 255};
    struct error err = {0};
    const struct analysis_options options = {.pack = pack, .sighting = on_sighting, .context = &street};
    AUTO(text) char *file_name = text_format("scenes/%s.mp4", name);
    AUTO(text) char *path = asset_path(file_name);
    AUTO(clip) struct clip *clip = clip_open(path, 0, &err);
    AUTO(gallery) struct gallery *gallery = gallery_new(desk->items, desk->item_count, &err);
    const struct matching matching = {.gallery = gallery, .threshold = 0.5F};
    assert_non_null(clip);
    paths_read(&street, name);
    street.analysis = analysis_new(&options, &err);
    assert_non_null(street.analysis);
    play(&street, clip, &matching);
    analysis_free(street.analysis);
    print_message(
        "%s: at %.1f s %d faces beside the man on the list; spread in a cell at most %d, as filmed %d\n",
        name, (double)street.now_s, street.faces_checked, street.spread, street.spread_before);
    assert_int_equal(street.sightings, 1);
    assert_true(street.faces_checked >= least_faces);
    assert_true(street.spread_before >= NOT_FLAT);
    assert_true(street.spread <= FLAT);
}

static void s27_no_face_beside_the_match_spans_eight_pixels_on_annotated_streets(void **state)
{
    (void)state;
    struct error err = {0};
    struct desk *desk = desk_new("scenes/street.mp4", 0);
    if (!desk)
        exit(77);
    desk_enrol(desk, "subject-1", ID("e", "1"));
    AUTO(text) char *folder = asset_path("pack");
    AUTO(pack) struct pack *pack = pack_open(folder, &err);
    assert_non_null(pack);
    check_street("street", 3, desk, pack, 1);
    check_street("rain", 3, desk, pack, 1);
    check_street("crowd", 0, desk, pack, 3);
    desk_free(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s27_no_face_beside_the_match_spans_eight_pixels_on_annotated_streets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
