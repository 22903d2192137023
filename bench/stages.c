/* bench_stages STAGE [FILE.onnx HEIGHT WIDTH [OUTPUT...]]: gets one stage ready ("net" with the words after
 * it, "search" with the number of templates, "letterbox" or "warp"), says "ready" and what it is made of, and
 * then answers every line with a number on standard input by one line of that many durations in microseconds,
 * "wall:processor". bench/run.mjs drives it in turns with the programs of bench/peers, which speak the same
 * way. */
#include "base/clock.h"
#include "base/file.h"
#include "match/rows.h"
#include "net/net.h"
#include "video/picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEMPLATES_LIMIT = 1 << 20, BEST = 4 };

struct stage {
    struct net *net;
    struct rows *rows; /* own, like query */
    float *query;
    struct image picture, smaller;
    bool warps;
    uint32_t seed;
};

/* The best scores of one search, as FAISS is asked for. */
struct best {
    float scores[BEST];
    size_t count;
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

/* Normal numbers, as the networks' templates have them: sums of twelve uniform ones. */
static void fill_template(uint32_t *seed, float *to)
{
    double squares = 0;
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++) {
        to[i] = 0;
        for (int k = 0; k < 12; k++)
            to[i] += random_float(seed);
        squares += (double)to[i] * (double)to[i];
    }
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++)
        to[i] = (float)((double)to[i] / sqrt(squares));
}

static bool ready_search(struct stage *stage, const char *number, struct error *err)
{
    size_t count = strtoul(number, NULL, 10);
    if (count < 1 || count > TEMPLATES_LIMIT)
        return fail(err, ERROR_USAGE, "'%s' is no number of templates", number);
    stage->rows = rows_new(count);
    stage->query = memory_allocate(GALLERY_TEMPLATE, sizeof *stage->query);
    for (size_t i = 0; i < count; i++) {
        fill_template(&stage->seed, stage->query);
        rows_set(stage->rows, i, stage->query);
    }
    printf("ready\nkernel %s\nkernel %s\n.\n", half_kernel_best()->name, score_kernel_best()->name);
    return true;
}

/* A frame of 1920 × 1080 into 640 × 480 with its sides kept, or a face of it into 112 × 112. */
static bool ready_picture(struct stage *stage, bool warps, struct error *err)
{
    int width = warps ? 112 : 640, height = warps ? 112 : 360;
    if (!image_init(&stage->picture, 1920, 1080, err) || !image_init(&stage->smaller, width, height, err))
        return false;
    for (int i = 0; i < stage->picture.height * stage->picture.stride; i++)
        stage->picture.rgb[i] = (uint8_t)(127 + 127 * random_float(&stage->seed));
    stage->warps = warps;
    printf("ready\nkernel %s\n.\n", picture_kernel_best()->name);
    return true;
}

static bool ready_net(struct stage *stage, char **words, int count, struct error *err)
{
    __attribute__((cleanup(bytes_auto))) struct bytes file = {0};
    struct net_options options = {.height = atoi(words[1]), .width = atoi(words[2])};
    if (count > 3)
        options.outputs = (const char *const *)(words + 3);
    if (!file_read(words[0], NET_FILE_LIMIT, &file, err))
        return false;
    stage->net = net_load(file.data, file.size, &options, err);
    if (!stage->net || !net_warm_up(stage->net, err))
        return false;
    size_t size = 1;
    for (int i = 0; i < net_input_shape(stage->net)->count; i++)
        size *= (size_t)net_input_shape(stage->net)->dims[i];
    fill(net_input(stage->net), size);
    net_run(stage->net);
    __attribute__((cleanup(text_auto))) char *layers = net_describe(stage->net);
    printf("ready\n%s.\n", layers);
    return true;
}

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

static void run_once(struct stage *stage)
{
    struct best best = {{0}, 0};
    if (stage->net)
        net_run(stage->net);
    else if (stage->warps)
        image_warp(&stage->picture, (float[]){0.7F, 0.1F, -300, -500}, &stage->smaller);
    else if (stage->picture.rgb)
        image_scale(&stage->picture, &stage->smaller);
    else
        rows_search(stage->rows, stage->query, take, &best);
}

/* Another face for every search: what the 8-bit form leaves open depends on it. */
static void prepare(struct stage *stage)
{
    if (stage->rows)
        fill_template(&stage->seed, stage->query);
}

/* The processor time of this process. */
static int64_t used_us(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

static void answer(struct stage *stage)
{
    char line[32];
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        for (long left = strtol(line, NULL, 10); left > 0; left--) {
            prepare(stage);
            int64_t start_us = clock_monotonic_us(), start_used_us = used_us();
            run_once(stage);
            long long used = used_us() - start_used_us, took = clock_monotonic_us() - start_us;
            printf("%lld:%lld ", took, used);
        }
        puts("");
        fflush(stdout);
    }
}

int main(int count, char **words)
{
    struct stage stage = {.seed = 1};
    struct error err = {0};
    bool done;
    if (count == 3 && !strcmp(words[1], "search"))
        done = ready_search(&stage, words[2], &err);
    else if (count >= 5 && !strcmp(words[1], "net"))
        done = ready_net(&stage, words + 2, count - 2, &err);
    else if (count == 2 && (!strcmp(words[1], "letterbox") || !strcmp(words[1], "warp")))
        done = ready_picture(&stage, words[1][0] == 'w', &err);
    else
        done = fail(&err, ERROR_USAGE,
            "bench_stages search N | letterbox | warp | net FILE.onnx HEIGHT WIDTH [OUTPUT...]");
    if (done)
        answer(&stage);
    else
        fprintf(stderr, "bench_stages: %s\n", err.text);
    net_free(stage.net);
    rows_free(stage.rows);
    image_done(&stage.picture);
    image_done(&stage.smaller);
    memory_release(stage.query);
    return done ? 0 : error_exit_status(err.code);
}
