#include "lab/bench.h"

#include "face/model.h"
#include "face/quality.h"
#include "lab/clip.h"
#include "match/decide.h"
#include "match/rows.h"
#include "video/decoder.h"
#include "video/jpeg.h"
#include "video/reduce.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    WIDTH = 1920,
    HEIGHT = 1080,
    DETECT_WIDTH = 640,
    DETECT_HEIGHT = 480,
    LETTERBOXED_HEIGHT = 360,
    LANDMARKS_SIDE = 64,
    SCENE_QUALITY = 85,
    TEMPLATES_LIMIT = 1 << 20,
    BEST = 4,
    QUERIES = 64,
    PICTURES = 100,
    LEAST_US = 200,
    REPEATS_LIMIT = 1 << 16,
};

struct stage;

struct bench {
    const struct stage *stage;
    int repeats;
    struct net *net;
    struct analyser *analyser;
    struct image picture, small, aligned;
    struct face face;
    struct rows *rows;
    float (*queries)[GALLERY_TEMPLATE];
    size_t template_count, next_query;
    struct shot_scores shots[DECISION_SHOTS];
    struct decoder *decoder;
    struct clip_pictures pictures;
    size_t next_picture;
};

struct stage {
    const char *name;
    const char *words;
    bool needs_clip;
    int width, height;
    enum model_role role;
    bool in_float; /* whatever the pack says */
    bool (*ready)(struct bench *bench, const struct pack *pack, struct error *err);
    void (*run)(struct bench *bench);
};

static float random_float(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (float)(int32_t)*seed / 2147483648.0F;
}

static void fill(float *to, size_t count)
{
    uint32_t seed = 1;
    for (size_t i = 0; i < count; i++)
        to[i] = random_float(&seed);
}

/* Slopes and grain, so that no coder finds it easy; and where a face would be in it. */
static bool ready_picture(struct bench *bench, const struct pack *pack, struct error *err)
{
    static const float points[POINT_COUNT][2] = {
        {938.0F, 520.0F}, {983.0F, 520.0F}, {960.0F, 545.0F}, {942.0F, 572.0F}, {979.0F, 572.0F}};
    uint32_t seed = 1;
    (void)pack;
    if (!image_init(&bench->picture, WIDTH, HEIGHT, err) ||
        !image_init(&bench->small, DETECT_WIDTH, LETTERBOXED_HEIGHT, err) ||
        !image_init(&bench->aligned, FACE_SIDE, FACE_SIDE, err))
        return false;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH * 3; x++)
            bench->picture.rgb[(size_t)y * (size_t)bench->picture.stride + (size_t)x] =
                (uint8_t)(x / 24 + y / 8 + (int)(8.0F * random_float(&seed)));
    bench->face.box = (struct box){910.0F, 470.0F, 1010.0F, 600.0F};
    memcpy(bench->face.points, points, sizeof points);
    return true;
}

static bool ready_analyser(struct bench *bench, const struct pack *pack, struct error *err)
{
    const struct analyser_options options = {.detect_width = DETECT_WIDTH, .detect_height = DETECT_HEIGHT};
    bench->analyser = analyser_new(pack, &options, err);
    return bench->analyser && ready_picture(bench, pack, err);
}

static bool ready_net(struct bench *bench, const struct pack *pack, struct error *err)
{
    size_t size = 1;
    struct pack chosen = *pack;
    if (bench->stage->in_float)
        chosen.models[bench->stage->role].ranges = (struct bytes){NULL, 0};
    bench->net = model_load(&chosen, bench->stage->role, bench->stage->height, bench->stage->width, err);
    if (!bench->net)
        return false;
    for (int i = 0; i < net_input_shape(bench->net)->count; i++)
        size *= (size_t)net_input_shape(bench->net)->dims[i];
    fill(net_input(bench->net), size);
    return true;
}

/* Normal numbers, as the networks' templates have them: sums of twelve uniform ones. */
static void fill_template(uint32_t *seed, float *to)
{
    double squares = 0.0;
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++) {
        to[i] = 0.0F;
        for (int k = 0; k < 12; k++)
            to[i] += random_float(seed);
        squares += (double)to[i] * (double)to[i];
    }
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++)
        to[i] = (float)((double)to[i] / sqrt(squares));
}

static bool ready_search(struct bench *bench, const struct pack *pack, struct error *err)
{
    uint32_t seed = 1;
    (void)pack;
    (void)err;
    bench->rows = rows_new(bench->template_count);
    bench->queries = memory_allocate(QUERIES, sizeof *bench->queries);
    for (size_t i = 0; i < bench->template_count; i++) {
        fill_template(&seed, bench->queries[0]);
        rows_set(bench->rows, i, bench->queries[0]);
    }
    for (size_t i = 0; i < QUERIES; i++)
        fill_template(&seed, bench->queries[i]);
    return true;
}

static bool ready_shots(struct bench *bench, const struct pack *pack, struct error *err)
{
    (void)pack;
    (void)err;
    for (int i = 0; i < DECISION_SHOTS; i++) {
        struct shot_scores *shot = &bench->shots[i];
        shot->captured_us = (int64_t)DECISION_GAP_US * 2 * (i + 1);
        shot->count = COUNT_OF(shot->best);
        for (size_t k = 0; k < shot->count; k++) {
            snprintf(shot->best[k].entry, ENTRY_ID_SIZE, "e-%016zu", k);
            shot->best[k].score = 0.7F - 0.1F * (float)k;
        }
    }
    return true;
}

static bool ready_decoder(struct bench *bench, const struct pack *pack, struct error *err)
{
    (void)pack;
    bench->decoder = decoder_new(err);
    return bench->decoder && decoder_start(bench->decoder, &bench->pictures.stream, err);
}

static void run_decode(struct bench *bench)
{
    struct clip_pictures *pictures = &bench->pictures;
    const struct bytes *bytes = &pictures->pictures[bench->next_picture];
    const struct packet packet = {.data = bytes->data,
        .size = bytes->size,
        .pts_us = (int64_t)bench->next_picture * 40000,
        .key = bench->next_picture == 0};
    decoder_push(bench->decoder, &packet);
    bench->next_picture = (bench->next_picture + 1) % pictures->count;
}

static void run_colours(struct bench *bench)
{
    decoder_image(bench->decoder, &bench->picture, NULL);
}

static bool ready_colours(struct bench *bench, const struct pack *pack, struct error *err)
{
    struct frame frame;
    if (!ready_decoder(bench, pack, err))
        return false;
    for (size_t i = 0; i < bench->pictures.count && !decoder_frame(bench->decoder, &frame); i++)
        run_decode(bench);
    return decoder_image(bench->decoder, &bench->picture, err);
}

static void run_letterbox(struct bench *bench)
{
    image_scale(&bench->picture, &bench->small);
}

static void run_find(struct bench *bench)
{
    struct face faces[FACE_LIMIT];
    analyser_detect(bench->analyser, &bench->picture, faces);
}

static void run_net(struct bench *bench)
{
    net_run(bench->net);
}

static void run_quality(struct bench *bench)
{
    bench->face.quality = quality_rate(&bench->picture, &bench->face);
}

static void run_align(struct bench *bench)
{
    face_align(&bench->picture, &bench->face, &bench->aligned);
}

/* The best scores of one search. */
struct best {
    float scores[BEST];
    size_t count;
};

static float take(void *context, size_t row, float score)
{
    (void)row;
    struct best *best = context;
    size_t at = best->count;
    while (at > 0 && best->scores[at - 1] < score)
        at--;
    if (at < BEST) {
        best->count += best->count < BEST;
        memmove(best->scores + at + 1, best->scores + at, (best->count - 1 - at) * sizeof score);
        best->scores[at] = score;
    }
    return best->count == BEST ? best->scores[BEST - 1] : -INFINITY;
}

/* Another face for every search: what the 8-bit form leaves open depends on it. */
static void run_search(struct bench *bench)
{
    struct best best = {{0}, 0};
    rows_search(bench->rows, bench->queries[bench->next_query++ % QUERIES], take, &best);
}

static void run_decide(struct bench *bench)
{
    struct decision decision;
    passage_decide(bench->shots, COUNT_OF(bench->shots), 0.5F, &decision);
}

static void run_reduce(struct bench *bench)
{
    struct image reduced = {NULL, 0, 0, 0};
    if (reduce_scene(&bench->picture, &bench->face.box, 130.0F, &reduced, NULL))
        image_done(&reduced);
}

static void run_jpeg(struct bench *bench)
{
    struct bytes jpeg = {NULL, 0};
    if (jpeg_write(&bench->picture, SCENE_QUALITY, &jpeg, NULL))
        bytes_free(&jpeg);
}

static const struct stage stages[] = {
    {.name = "decode",
        .words = "one coded picture of the recording",
        .needs_clip = true,
        .ready = ready_decoder,
        .run = run_decode},
    {.name = "colours",
        .words = "a picture of the recording to RGB",
        .needs_clip = true,
        .ready = ready_colours,
        .run = run_colours},
    {.name = "letterbox", .words = "1920 × 1080 to 640 × 360", .ready = ready_picture, .run = run_letterbox},
    {.name = "detect-320x240",
        .words = "the network alone",
        .width = 320,
        .height = 240,
        .role = MODEL_DETECT,
        .ready = ready_net,
        .run = run_net},
    {.name = "detect-640x480",
        .words = "the network alone",
        .width = 640,
        .height = 480,
        .role = MODEL_DETECT,
        .ready = ready_net,
        .run = run_net},
    {.name = "find",
        .words = "letterbox, network 640 × 480 and boxes of a 1920 × 1080 picture",
        .ready = ready_analyser,
        .run = run_find},
    {.name = "landmarks",
        .words = "the network alone",
        .width = LANDMARKS_SIDE,
        .height = LANDMARKS_SIDE,
        .role = MODEL_LANDMARKS,
        .ready = ready_net,
        .run = run_net},
    {.name = "quality", .words = "one face", .ready = ready_picture, .run = run_quality},
    {.name = "align", .words = "one face to 112 × 112", .ready = ready_picture, .run = run_align},
    {.name = "embed",
        .words = "the network alone",
        .width = FACE_SIDE,
        .height = FACE_SIDE,
        .role = MODEL_EMBED,
        .ready = ready_net,
        .run = run_net},
    {.name = "embed-float",
        .words = "the same in float, whatever the pack says",
        .width = FACE_SIDE,
        .height = FACE_SIDE,
        .role = MODEL_EMBED,
        .in_float = true,
        .ready = ready_net,
        .run = run_net},
    {.name = "search-6000",
        .words = "the best four of 6,000 templates",
        .ready = ready_search,
        .run = run_search},
    {.name = "search-100000",
        .words = "the best four of 100,000 templates",
        .ready = ready_search,
        .run = run_search},
    {.name = "decide",
        .words = "a passage of six shots, fused and decided",
        .ready = ready_shots,
        .run = run_decide},
    {.name = "reduce",
        .words = "a 1920 × 1080 scene outside one person",
        .ready = ready_picture,
        .run = run_reduce},
    {.name = "jpeg", .words = "a 1920 × 1080 scene, written", .ready = ready_picture, .run = run_jpeg},
};

const char *bench_name_at(size_t index)
{
    return index < COUNT_OF(stages) ? stages[index].name : NULL;
}

/* `search-N` for every N is the stage of the first search. */
static const struct stage *find_stage(const char *name, size_t *templates)
{
    int end = 0;
    *templates = 0;
    bool search = sscanf(name, "search-%7zu%n", templates, &end) == 1 && !name[end];
    if (search && (*templates < 1 || *templates > TEMPLATES_LIMIT))
        return NULL;
    for (size_t i = 0; i < COUNT_OF(stages); i++)
        if (!strcmp(stages[i].name, name) || (search && stages[i].run == run_search))
            return &stages[i];
    return NULL;
}

const char *bench_words(const char *name)
{
    size_t templates = 0;
    const struct stage *stage = find_stage(name, &templates);
    return stage ? stage->words : "";
}

bool bench_needs_clip(const char *name)
{
    size_t templates = 0;
    const struct stage *stage = find_stage(name, &templates);
    return stage && stage->needs_clip;
}

static double now_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

struct bench_time bench_run(struct bench *bench)
{
    double wall_us = now_us(CLOCK_MONOTONIC);
    double processor_us = now_us(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < bench->repeats; i++)
        bench->stage->run(bench);
    return (struct bench_time){
        .wall_us = (now_us(CLOCK_MONOTONIC) - wall_us) / bench->repeats,
        .processor_us = (now_us(CLOCK_THREAD_CPUTIME_ID) - processor_us) / bench->repeats,
    };
}

/* Doubles the repetitions until a run is long enough for the clock. */
static void choose_repeats(struct bench *bench)
{
    bench->repeats = 1;
    while (bench_run(bench).processor_us * bench->repeats < LEAST_US && bench->repeats < REPEATS_LIMIT)
        bench->repeats *= 2;
}

struct bench *bench_open(const char *name, const struct pack *pack, const char *clip, struct error *err)
{
    AUTO(bench) struct bench *bench = memory_allocate(1, sizeof *bench);
    bench->stage = find_stage(name, &bench->template_count);
    if (!bench->stage) {
        fail(err, ERROR_USAGE, "'%s' is no stage; --help lists them", name);
        return NULL;
    }
    if (bench->stage->needs_clip && !clip_read_pictures(clip, PICTURES, &bench->pictures, err))
        return NULL;
    if (!bench->stage->ready(bench, pack, err))
        return NULL;
    choose_repeats(bench);
    return STEAL(bench);
}

void bench_close(struct bench *bench)
{
    if (!bench)
        return;
    net_free(bench->net);
    analyser_free(bench->analyser);
    image_done(&bench->picture);
    image_done(&bench->small);
    image_done(&bench->aligned);
    rows_free(bench->rows);
    free(bench->queries);
    decoder_free(bench->decoder);
    clip_pictures_done(&bench->pictures);
    free(bench);
}

void bench_describe(const struct bench *bench, struct text *out)
{
    AUTO(text) char *layers = bench->net ? net_describe(bench->net) : NULL;
    text_add(out, "%s", layers ? layers : "");
    if (bench->rows)
        text_add(out, "kernel %s\n", score_kernel_best()->name);
    if (bench->stage->needs_clip)
        text_add(out, "kernel %s of %d × %d\n", bench->pictures.stream.codec, bench->pictures.stream.width,
            bench->pictures.stream.height);
}

static int rising(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

struct bench_spread bench_spread(double *values, size_t count)
{
    qsort(values, count, sizeof *values, rising);
    return (struct bench_spread){
        values[0], values[(count - 1) / 2], values[(95 * count + 99) / 100 - 1], values[count - 1]};
}
