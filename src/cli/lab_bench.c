/* mizan-lab bench: each stage of the line by itself. */
#include "cli/lab_command.h"

#include "lab/bench.h"
#include "lab/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 30, STAGE_NAME_SIZE = 32 };

struct timing {
    struct bench_spread wall, processor;
};

static bool time_stage(struct bench *bench, int rounds, struct timing *out)
{
    AUTO(heap) double *wall = memory_allocate((size_t)rounds, sizeof *wall);
    AUTO(heap) double *processor = memory_allocate((size_t)rounds, sizeof *processor);
    for (int i = 0; i < rounds; i++) {
        struct bench_time time = bench_run(bench);
        wall[i] = time.wall_us / 1e3;
        processor[i] = time.processor_us / 1e3;
    }
    *out = (struct timing){bench_spread(wall, (size_t)rounds), bench_spread(processor, (size_t)rounds)};
    return true;
}

static json_t *spread_json(const struct bench_spread *spread)
{
    return json_pack("{s:f, s:f, s:f, s:f, s:f}", "least", spread->least, "median", spread->median, "p95",
        spread->p95, "largest", spread->largest, "spread",
        spread->median > 0.0 ? (spread->p95 - spread->least) / spread->median : 0.0);
}

/* "jit:avx2 × 33, jit_dw:avx2 × 17" of the lines that name a kernel. */
static void add_kernels(const char *lines, struct text *out)
{
    enum { KINDS = 16 };
    struct {
        char name[32];
        int count;
    } kinds[KINDS] = {{{0}, 0}};
    static const char *const marks[] = {"jit", "brgconv", "gemm", "ref", "kernel "};
    for (const char *line = lines; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        size_t length = strcspn(line, "\n");
        for (size_t i = 0; i < COUNT_OF(marks); i++) {
            const char *at = memmem(line, length, marks[i], strlen(marks[i]));
            if (!at || (at > line && at[-1] != ' '))
                continue;
            at += i + 1 == COUNT_OF(marks) ? strlen(marks[i]) : 0;
            char name[sizeof kinds[0].name];
            snprintf(
                name, sizeof name, "%.*s", (int)strcspn(at, i + 1 == COUNT_OF(marks) ? "\n" : " \n"), at);
            for (int k = 0; k < KINDS; k++)
                if (!kinds[k].count || !strcmp(kinds[k].name, name)) {
                    memcpy(kinds[k].name, name, sizeof name);
                    kinds[k].count++;
                    break;
                }
            break;
        }
    }
    text_add(out, "%s", "");
    for (int k = 0; k < KINDS && kinds[k].count; k++) {
        text_add(out, "%s%s", k ? ", " : "", kinds[k].name);
        if (kinds[k].count > 1)
            text_add(out, " × %d", kinds[k].count);
    }
}

static void print_heading(const json_t *machine)
{
    AUTO(text) char *line = machine_line(machine);
    printf("%s\n\n%-16s %9s %9s %9s %9s | %9s %9s %9s %9s ms, wall | processor\n", line, "stage", "least",
        "median", "p95", "largest", "least", "median", "p95", "largest");
}

static void print_timing(const char *name, const struct timing *timing, const char *kernels)
{
    printf("%-16s %9.4f %9.4f %9.4f %9.4f | %9.4f %9.4f %9.4f %9.4f  %s\n", name, timing->wall.least,
        timing->wall.median, timing->wall.p95, timing->wall.largest, timing->processor.least,
        timing->processor.median, timing->processor.p95, timing->processor.largest, kernels);
    fflush(stdout);
}

struct benching {
    const struct lab_line *line;
    const struct pack *pack;
    const char *clip;
    json_t *stages; /* borrowed */
};

static bool bench_one(const struct benching *benching, const char *name, struct error *err)
{
    struct timing timing;
    AUTO(text_buffer) struct text about = {NULL, 0};
    AUTO(text_buffer) struct text kernels = {NULL, 0};
    AUTO(bench) struct bench *bench = bench_open(name, benching->pack, benching->clip, err);
    if (!bench || !time_stage(bench, benching->line->rounds ? benching->line->rounds : ROUNDS, &timing))
        return false;
    bench_describe(bench, &about);
    add_kernels(about.data, &kernels);
    if (!benching->line->json)
        print_timing(name, &timing, kernels.data);
    else {
        fprintf(stderr, "%s: %.3f ms\n", name, timing.wall.least);
        json_array_append_new(
            benching->stages, json_pack("{s:s, s:s, s:o, s:o, s:s}", "stage", name, "what", bench_words(name),
                                  "wall_ms", spread_json(&timing.wall), "processor_ms",
                                  spread_json(&timing.processor), "kernels", kernels.data));
    }
    return true;
}

static bool bench_named(const struct benching *benching, struct error *err)
{
    AUTO(text) char *names = memory_copy_text(benching->line->stage);
    char *rest = NULL;
    for (const char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest))
        if (!bench_one(benching, name, err))
            return false;
    return true;
}

/* Without a recording the stages that need one are left out, and named. */
static bool bench_all(const struct benching *benching, struct error *err)
{
    const char *name = NULL;
    for (size_t i = 0; (name = bench_name_at(i)); i++) {
        if (bench_needs_clip(name) && access(benching->clip, R_OK)) {
            fprintf(stderr, "%s is left out: no recording at %s\n", name, benching->clip);
            continue;
        }
        if (bench_one(benching, name, err))
            continue;
        if (err->code != ERROR_MISSING)
            return false;
        fprintf(stderr, "%s is left out: %s\n", name, err->text);
        *err = (struct error){.code = ERROR_NONE};
    }
    return true;
}

/* bench/run.mjs drives it in turns with the programs of bench/peers, which speak the same way: "ready", lines
 * about itself, "."; then each line with a number is answered by one with so many durations in microseconds,
 * "wall:processor". */
static bool serve(const struct benching *benching, struct error *err)
{
    char line[STAGE_NAME_SIZE];
    AUTO(text_buffer) struct text about = {NULL, 0};
    AUTO(bench) struct bench *bench = bench_open(benching->line->stage, benching->pack, benching->clip, err);
    if (!bench)
        return false;
    bench_describe(bench, &about);
    printf("ready\n%s.\n", about.data);
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        for (long left = strtol(line, NULL, 10); left > 0; left--) {
            struct bench_time time = bench_run(bench);
            printf("%.3f:%.3f ", time.wall_us, time.processor_us);
        }
        puts("");
        fflush(stdout);
    }
    return true;
}

bool lab_bench(const struct lab_line *line, struct error *err)
{
    if (line->place_count > 1 || (line->serve && !line->stage))
        return fail(err, ERROR_USAGE, "bench takes one recording at most, and --serve needs --stage");
    AUTO(pack) struct pack *pack = lab_pack(line, err);
    if (!pack)
        return false;
    AUTO(text) char *folder = lab_pack_folder(line);
    AUTO(text) char *scene = text_format("%s/../scenes/street.mp4", folder);
    AUTO(json) json_t *stages = json_array();
    AUTO(json) json_t *machine = machine_json();
    const struct benching benching = {line, pack, line->place_count ? line->places[0] : scene, stages};
    if (line->serve)
        return serve(&benching, err);
    if (!line->json)
        print_heading(machine);
    if (!(line->stage ? bench_named(&benching, err) : bench_all(&benching, err)))
        return false;
    if (line->json)
        lab_print_json(json_pack("{s:O, s:O}", "machine", machine, "stages", stages));
    return true;
}
