/* Passages over composed scenes, where it is known who is where at each moment: detector and tracker as in
 * the watch, five times a second. Also over a real street, where faces are told apart by their templates. */
#include "../face/fixture.h"

#include "track/passage.h"
#include "video/decoder.h"

#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { PANES = 16, IDS = 512, TURN_US = 200000 };

struct pane {
    char who[16];
    float begin_s, lasts_s, from_x, to_x, top, width, height;
};

struct scene {
    struct pane panes[PANES];
    int pane_count;
    uint64_t last_id_of_pane[PANES];
    int pane_of_id[IDS]; /* plus 1; 0 is nobody yet */
    int faces, told, switches, breaks;
};

static struct analyser *analyser;

static void paths_read(struct scene *scene, const char *name)
{
    AUTO(text) char *path = text_format("%s/scenes/%s.paths", getenv("MIZAN_ASSETS"), name);
    FILE *file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "skipped: no %s (tools/setup makes it)\n", path);
        exit(EXIT_SKIPPED);
    }
    struct pane pane;
    while (scene->pane_count < PANES &&
           fscanf(file, "%15s %f %f %f %f %f %f %f", pane.who, &pane.begin_s, &pane.lasts_s, &pane.from_x,
               &pane.to_x, &pane.top, &pane.width, &pane.height) == 8)
        scene->panes[scene->pane_count++] = pane;
    fclose(file);
}

/* Whose pane the middle of the box lies in, when it lies in one only; −1 else. */
static int pane_at(const struct scene *scene, const struct box *box, float seconds)
{
    float x = (box->left + box->right) / 2, y = (box->top + box->bottom) / 2;
    int found = -1;
    for (int i = 0; i < scene->pane_count; i++) {
        const struct pane *pane = &scene->panes[i];
        float share = (seconds - pane->begin_s) / pane->lasts_s;
        float left = pane->from_x + (pane->to_x - pane->from_x) * share;
        if (share < 0 || share > 1 || x < left || x > left + pane->width || y < pane->top ||
            y > pane->top + pane->height)
            continue;
        if (found >= 0)
            return -1;
        found = i;
    }
    return found;
}

/* A switch: one passage on two persons. A break: a person's second passage. */
static void judge(struct scene *scene, const struct face *face, const struct passage *passage, float seconds)
{
    int pane = pane_at(scene, &face->box, seconds);
    scene->faces++;
    if (pane < 0 || passage->id >= IDS)
        return;
    scene->told++;
    int before = scene->pane_of_id[passage->id] - 1;
    scene->switches += before >= 0 && before != pane;
    scene->pane_of_id[passage->id] = pane + 1;
    scene->breaks += passage->seen_count > 1 && scene->last_id_of_pane[pane] &&
                     scene->last_id_of_pane[pane] != passage->id;
    if (passage->seen_count > 1)
        scene->last_id_of_pane[pane] = passage->id;
}

struct film_reader {
    AVFormatContext *file;
    AVBSFContext *rewriter;
    AVPacket *packet;
    struct decoder *decoder;
    int64_t due_us;
};

static void take_packet(
    struct film_reader *reader, void (*look)(void *, const struct image *, int64_t), void *context)
{
    struct frame frame;
    const AVPacket *from = reader->packet;
    int64_t pts_us = av_rescale_q(from->pts, reader->rewriter->time_base_out, (AVRational){1, 1000000});
    struct packet packet = {from->data, (size_t)from->size, pts_us, pts_us, true};
    AUTO(image) struct image image = {0};
    if (!decoder_push(reader->decoder, &packet) || !decoder_frame(reader->decoder, &frame) ||
        frame.pts_us < reader->due_us)
        return;
    reader->due_us = frame.pts_us + TURN_US;
    assert_true(decoder_image(reader->decoder, &image, NULL));
    look(context, &image, frame.pts_us);
}

/* Shows `look` a picture of the file each TURN_US; false when there is no such file. */
static bool film_show(const char *path, void (*look)(void *, const struct image *, int64_t), void *context)
{
    struct film_reader reader = {.decoder = decoder_new(NULL), .packet = av_packet_alloc()};
    if (avformat_open_input(&reader.file, path, NULL, NULL) < 0) {
        decoder_free(reader.decoder);
        av_packet_free(&reader.packet);
        return false;
    }
    const AVStream *stream = reader.file->streams[0];
    struct stream described = {0};
    snprintf(described.codec, sizeof described.codec, "%s", avcodec_get_name(stream->codecpar->codec_id));
    const char *name = strcmp(described.codec, "hevc") == 0   ? "hevc_mp4toannexb"
                       : strcmp(described.codec, "h264") == 0 ? "h264_mp4toannexb"
                                                              : "null";
    assert_int_equal(av_bsf_alloc(av_bsf_get_by_name(name), &reader.rewriter), 0);
    avcodec_parameters_copy(reader.rewriter->par_in, stream->codecpar);
    reader.rewriter->time_base_in = stream->time_base;
    assert_int_equal(av_bsf_init(reader.rewriter), 0);
    assert_true(decoder_start(reader.decoder, &described, NULL));
    while (av_read_frame(reader.file, reader.packet) >= 0) {
        if (reader.packet->stream_index == 0 && av_bsf_send_packet(reader.rewriter, reader.packet) == 0)
            while (av_bsf_receive_packet(reader.rewriter, reader.packet) == 0)
                take_packet(&reader, look, context);
        av_packet_unref(reader.packet);
    }
    av_packet_free(&reader.packet);
    av_bsf_free(&reader.rewriter);
    avformat_close_input(&reader.file);
    decoder_free(reader.decoder);
    return true;
}

struct viewing {
    struct passages *passages;
    struct scene scene;
};

static void look_at_scene(void *context, const struct image *image, int64_t pts_us)
{
    struct viewing *viewing = context;
    struct face faces[FACE_LIMIT];
    struct passage *of_face[FACE_LIMIT];
    int count = analyser_detect(analyser, image, faces);
    passages_update(viewing->passages, pts_us, faces, count, of_face);
    for (int i = 0; i < count; i++)
        if (of_face[i])
            judge(&viewing->scene, &faces[i], of_face[i], (float)pts_us / 1e6F);
}

static void passages_follow_one_person_each_through_every_scene(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int least_told, most_switches, most_breaks;
    } rows[] = {
        {"street", 45, 0, 1},
        {"street-b", 40, 0, 1},
        {"street-h265", 40, 0, 1},
        {"street-mjpeg", 10, 0, 1},
        {"night", 40, 0, 1},
        {"rain", 40, 0, 1},
        {"rider", 18, 0, 0},
        {"crowd", 350, 0, 1},
    };
    bool held = true;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct viewing viewing = {.passages = passages_new(NULL)};
        const struct scene *scene = &viewing.scene;
        AUTO(text) char *path = text_format("%s/scenes/%s.mp4", getenv("MIZAN_ASSETS"), rows[i].name);
        paths_read(&viewing.scene, rows[i].name);
        assert_true(film_show(path, look_at_scene, &viewing));
        print_message("%s: %d persons, %d faces, %d told apart, %d switches, %d breaks\n", rows[i].name,
            scene->pane_count, scene->faces, scene->told, scene->switches, scene->breaks);
        held = held && scene->told >= rows[i].least_told && scene->switches <= rows[i].most_switches &&
               scene->breaks <= rows[i].most_breaks;
        passages_free(viewing.passages);
    }
    assert_true(held);
}

/* A passage of a real street: how like its faces are to the one before. */
struct likeness {
    struct passages *passages;
    float last[IDS][TEMPLATE_LENGTH];
    bool known[IDS];
    int compared, unlike;
};

static void compare(struct likeness *likeness, const struct image *image, struct face *face, uint64_t id)
{
    float template[TEMPLATE_LENGTH], sum = 0;
    AUTO(image) struct image aligned = {0};
    analyser_measure(analyser, image, face);
    if (id >= IDS || face->quality.verdict != QUALITY_OK || !image_init(&aligned, FACE_SIDE, FACE_SIDE, NULL))
        return;
    face_align(image, face, &aligned);
    analyser_embed(analyser, &aligned, template);
    for (int i = 0; i < TEMPLATE_LENGTH; i++)
        sum += template[i] * likeness -> last[id][i];
    likeness->compared += likeness->known[id];
    likeness->unlike += likeness->known[id] && sum < 0.25F;
    memcpy(likeness->last[id], template, sizeof template);
    likeness->known[id] = true;
}

static void look_at_street(void *context, const struct image *image, int64_t pts_us)
{
    struct likeness *likeness = context;
    struct face faces[FACE_LIMIT];
    struct passage *of_face[FACE_LIMIT];
    int count = analyser_detect(analyser, image, faces);
    passages_update(likeness->passages, pts_us, faces, count, of_face);
    for (int i = 0; i < count; i++)
        if (of_face[i])
            compare(likeness, image, &faces[i], of_face[i]->id);
}

static void passages_of_a_real_street_keep_to_one_face(void **state)
{
    (void)state;
    const char *shared = getenv("MIZAN_SHARED");
    AUTO(text) char *path = text_format("%s/data/clips/street-1080p.mp4", shared ? shared : "../shared");
    struct likeness *likeness = memory_allocate(1, sizeof *likeness);
    likeness->passages = passages_new(NULL);
    bool there = film_show(path, look_at_street, likeness);
    int compared = likeness->compared, unlike = likeness->unlike;
    passages_free(likeness->passages);
    memory_release(likeness);
    if (!there) {
        print_message("skipped: no %s\n", path);
        memory_release(STEAL(path)); /* skipping jumps past the end of this function */
        skip();
    }
    print_message("street: %d pairs of faces of one passage, %d unlike\n", compared, unlike);
    assert_true(compared >= 20);
    assert_true(unlike * 25 <= compared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passages_follow_one_person_each_through_every_scene),
        cmocka_unit_test(passages_of_a_real_street_keep_to_one_face),
    };
    /* Templates measure here how well passages are followed: in float, so that they do not blur it. */
    AUTO(pack) struct pack *pack = fixture_float_pack(NULL);
    const struct analyser_options options = {.detect_width = 640, .detect_height = 480};
    analyser = pack ? analyser_new(pack, &options, NULL) : NULL;
    if (!analyser)
        return 1;
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    analyser_free(analyser);
    return failures;
}
