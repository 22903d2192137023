/* bench_stages STAGE [FILE.onnx HEIGHT WIDTH [OUTPUT...]]: gets one stage ready ("net" with the words after
 * it, or "search" with the number of templates), says "ready" and what it is made of, and then answers every
 * line with a number on standard input by one line of that many durations in microseconds. bench/run.mjs
 * drives it in turns with the programs of bench/peers, which speak the same way. */
#include "base/clock.h"
#include "base/file.h"
#include "match/gallery.h"
#include "match/scan.h"
#include "net/net.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEMPLATES_LIMIT = 1 << 20 };

struct stage {
    struct net *net;
    float *templates, *scores; /* own */
    size_t template_count;
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

static void fill_templates(struct stage *stage)
{
    fill(stage->templates, stage->template_count * GALLERY_TEMPLATE);
    for (size_t i = 0; i < stage->template_count; i++) {
        float *row = stage->templates + i * GALLERY_TEMPLATE, squares = 0;
        for (size_t k = 0; k < GALLERY_TEMPLATE; k++)
            squares += row[k] * row[k];
        for (size_t k = 0; k < GALLERY_TEMPLATE; k++)
            row[k] /= sqrtf(squares);
    }
}

static bool ready_search(struct stage *stage, const char *number, struct error *err)
{
    stage->template_count = strtoul(number, NULL, 10);
    if (stage->template_count < 1 || stage->template_count > TEMPLATES_LIMIT)
        return fail(err, ERROR_USAGE, "'%s' is no number of templates", number);
    stage->templates =
        memory_allocate_aligned(stage->template_count * GALLERY_TEMPLATE * sizeof *stage->templates);
    stage->scores = memory_allocate(stage->template_count, sizeof *stage->scores);
    fill_templates(stage);
    printf("ready\nkernel %s\n.\n", score_kernel_best()->name);
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

static void run_once(const struct stage *stage)
{
    if (stage->net) {
        net_run(stage->net);
        return;
    }
    unsigned before = flush_to_zero_begin();
    score_kernel_best()->score_rows(
        stage->templates, stage->templates, stage->template_count, GALLERY_TEMPLATE, stage->scores);
    flush_to_zero_end(before);
}

static void answer(const struct stage *stage)
{
    char line[32];
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        for (long left = strtol(line, NULL, 10); left > 0; left--) {
            int64_t start_us = clock_monotonic_us();
            run_once(stage);
            printf("%lld ", (long long)(clock_monotonic_us() - start_us));
        }
        puts("");
        fflush(stdout);
    }
}

int main(int count, char **words)
{
    struct stage stage = {0};
    struct error err = {0};
    bool done;
    if (count == 3 && !strcmp(words[1], "search"))
        done = ready_search(&stage, words[2], &err);
    else if (count >= 5 && !strcmp(words[1], "net"))
        done = ready_net(&stage, words + 2, count - 2, &err);
    else
        done = fail(&err, ERROR_USAGE, "bench_stages search N | net FILE.onnx HEIGHT WIDTH [OUTPUT...]");
    if (done)
        answer(&stage);
    else
        fprintf(stderr, "bench_stages: %s\n", err.text);
    net_free(stage.net);
    free(stage.templates);
    memory_release(stage.scores);
    return done ? 0 : error_exit_status(err.code);
}
