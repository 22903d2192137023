/* mizan-lab bench pipeline: cameras through real feeds and watches, first comparing, then paused, when a
 * watch only decodes; the difference is what the analysis costs. */
#include "cli/lab_command.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/lab_grant.h"
#include "cli/lab_process.h"
#include "cli/lab_test_cameras.h"
#include "lab/machine.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    START_S = 60,
    DEFAULT_SECONDS = 15,
    CAMERA_HZ = 25,
    ANALYSES_HZ = 5,
    SECONDS_LIMIT = 3000, /* within the grant's hour */
    MEANS_LIMIT = 4096,
};

enum stage { STAGE_DECODE, STAGE_DETECT, STAGE_EMBED, STAGES };

static const char *const stage_names[STAGES] = {"decode", "detect", "embed"};

struct used {
    int64_t feed_us, watch_us;
    struct watch_health health;
};

struct station {
    struct camera camera;
    char *token; /* owned */
    struct watch_health health;
    enum camera_state state;
    char reason[128];
    struct used before, comparing, paused; /* `comparing` and `paused` are differences */
    long feed_pss_kb, watch_pss_kb;
};

struct pipeline {
    struct supervisor *supervisor;
    struct station *stations; /* owned */
    int count;
    uint32_t *means[STAGES]; /* of each second that had any, owned */
    size_t mean_count[STAGES];
    bool measuring;
    long sightings;
    int terminal; /* standard error as it was: the children's log would bury what this program says */
};

static void quiet_begin(struct pipeline *pipeline)
{
    int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
    pipeline->terminal = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (nothing >= 0) {
        dup2(nothing, STDERR_FILENO);
        close(nothing);
    }
}

static void quiet_end(struct pipeline *pipeline)
{
    if (pipeline->terminal < 3)
        return;
    dup2(pipeline->terminal, STDERR_FILENO);
    close(pipeline->terminal);
}

static void pipeline_done(struct pipeline *pipeline)
{
    supervisor_free(pipeline->supervisor);
    quiet_end(pipeline);
    for (int i = 0; pipeline->stations && i < pipeline->count; i++)
        memory_release(pipeline->stations[i].token);
    memory_release(pipeline->stations);
    for (int i = 0; i < STAGES; i++)
        memory_release(pipeline->means[i]);
}

static inline void pipeline_auto(struct pipeline *slot)
{
    pipeline_done(slot);
}

static struct station *station_of(struct pipeline *pipeline, const char *camera)
{
    for (int i = 0; i < pipeline->count; i++)
        if (!strcmp(pipeline->stations[i].camera.id, camera))
            return &pipeline->stations[i];
    return NULL;
}

static void on_sighting(void *context, const struct sighting *sighting)
{
    struct pipeline *pipeline = context;
    (void)sighting;
    pipeline->sightings++;
}

static void on_health(void *context, const char *camera, const struct watch_health *health)
{
    struct pipeline *pipeline = context;
    struct station *station = station_of(pipeline, camera);
    const uint32_t means[STAGES] = {health->decode_us, health->detect_us, health->embed_us};
    if (!station)
        return;
    station->health = *health;
    for (int i = 0; i < STAGES && pipeline->measuring; i++)
        if (means[i] && pipeline->mean_count[i] < MEANS_LIMIT)
            pipeline->means[i][pipeline->mean_count[i]++] = means[i];
}

static void on_state(void *context, const char *camera, enum camera_state state, const char *reason)
{
    struct station *station = station_of(context, camera);
    if (!station)
        return;
    station->state = state;
    snprintf(station->reason, sizeof station->reason, "%s", reason);
}

static void run_for(struct pipeline *pipeline, double seconds)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)(seconds * 1e6);
    for (int64_t left_us; (left_us = end_us - clock_monotonic_us()) > 0;) {
        struct pollfd polled = {supervisor_descriptor(pipeline->supervisor), POLLIN, 0};
        int wait_ms = supervisor_timeout_ms(pipeline->supervisor);
        int left_ms = (int)(left_us / 1000) + 1;
        poll(&polled, 1, wait_ms >= 0 && wait_ms < left_ms ? wait_ms : left_ms);
        supervisor_run(pipeline->supervisor);
    }
}

static const struct station *first_not(const struct pipeline *pipeline, bool paused)
{
    for (int i = 0; i < pipeline->count; i++) {
        const struct station *station = &pipeline->stations[i];
        bool runs = station->state == CAMERA_RUNNING || station->state == CAMERA_DEGRADED;
        if (paused ? station->state != CAMERA_PAUSED : !runs || !station->health.decoded)
            return station;
    }
    return NULL;
}

/* And lets them settle for `settle_s`. */
static bool wait_for_all(struct pipeline *pipeline, bool paused, double settle_s, struct error *err)
{
    int64_t end_us = clock_monotonic_us() + (START_S + pipeline->count) * 1000000LL;
    const struct station *late = first_not(pipeline, paused);
    for (; late; late = first_not(pipeline, paused)) {
        if (clock_monotonic_us() > end_us || late->state == CAMERA_REFUSED)
            return fail(err, ERROR_UNAVAILABLE, "camera %s is %s: %s", late->camera.name,
                camera_state_word(late->state), late->reason[0] ? late->reason : "no picture came");
        run_for(pipeline, 0.1);
    }
    run_for(pipeline, settle_s);
    return true;
}

static struct used use_now(const struct station *station)
{
    return (struct used){
        child_used_us(child_find("feed", station->camera.id)),
        child_used_us(child_find("watch", station->camera.id)),
        station->health,
    };
}

static struct used use_since(const struct station *station)
{
    struct used now = use_now(station);
    const struct watch_health *before = &station->before.health;
    now.feed_us -= station->before.feed_us;
    now.watch_us -= station->before.watch_us;
    now.health.decoded -= before->decoded;
    now.health.analysed -= before->analysed;
    now.health.dropped -= before->dropped;
    now.health.faces -= before->faces;
    now.health.templates_computed -= before->templates_computed;
    return now;
}

/* One span of both: what came in it, and what it took. */
static void measure(struct pipeline *pipeline, double seconds, bool paused)
{
    for (int i = 0; i < pipeline->count; i++)
        pipeline->stations[i].before = use_now(&pipeline->stations[i]);
    pipeline->measuring = !paused;
    run_for(pipeline, seconds);
    pipeline->measuring = false;
    for (int i = 0; i < pipeline->count; i++) {
        struct station *station = &pipeline->stations[i];
        *(paused ? &station->paused : &station->comparing) = use_since(station);
        station->feed_pss_kb = child_pss_kb(child_find("feed", station->camera.id));
        station->watch_pss_kb = child_pss_kb(child_find("watch", station->camera.id));
    }
}

static bool arm_all(struct pipeline *pipeline, const struct grant *grant, const struct test_cameras *served,
    const char *address, struct error *err)
{
    for (int i = 0; i < pipeline->count; i++) {
        struct station *station = &pipeline->stations[i];
        struct camera *camera = &station->camera;
        snprintf(camera->id, sizeof camera->id, "c-%016d", i + 1);
        snprintf(camera->name, sizeof camera->name, "%d", i + 1);
        snprintf(camera->address, sizeof camera->address, "%s", address ? address : served->addresses[i]);
        station->token = grant_token(grant, camera, err);
        if (!station->token || !supervisor_arm(pipeline->supervisor, camera, "", GRANT_OPERATION,
                                   station->token, grant->items, COUNT_OF(grant->items), err))
            return false;
        /* Cameras of a city do not send their pictures at the same moments. */
        run_for(pipeline, 0.2 / pipeline->count);
    }
    return true;
}

static bool run_spans(struct pipeline *pipeline, double seconds, struct error *err)
{
    double settle_s = seconds < 3.0 ? seconds : 3.0;
    if (!wait_for_all(pipeline, false, settle_s, err))
        return false;
    dprintf(pipeline->terminal, "comparing for %.0f s\n", seconds);
    measure(pipeline, seconds, false);
    dprintf(pipeline->terminal, "decoding only for %.0f s\n", seconds);
    supervisor_pause(pipeline->supervisor, GRANT_OPERATION, true);
    if (!wait_for_all(pipeline, true, settle_s, err))
        return false;
    measure(pipeline, seconds, true);
    return true;
}

static int rising(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static json_t *stage_json(struct pipeline *pipeline, enum stage stage)
{
    uint32_t *means = pipeline->means[stage];
    size_t count = pipeline->mean_count[stage];
    if (!count)
        return json_null();
    qsort(means, count, sizeof *means, rising);
    return json_pack("{s:I, s:I, s:I, s:I}", "least_us", (json_int_t)means[0], "median_us",
        (json_int_t)means[count / 2], "p95_us", (json_int_t)means[count * 95 / 100], "largest_us",
        (json_int_t)means[count - 1]);
}

/* Sums over all cameras, and what one picture or one analysis takes of a processor. */
struct totals {
    double feed_us, watch_us, decoded, analysed, dropped, faces, templates;
    double decode_us;   /* a picture, from the paused span */
    double analysis_us; /* an analysis */
    long feed_pss_kb, watch_pss_kb;
};

static struct totals totals_of(const struct pipeline *pipeline)
{
    struct totals totals = {0};
    double paused_us = 0.0;
    double paused_decoded = 0.0;
    for (int i = 0; i < pipeline->count; i++) {
        const struct station *station = &pipeline->stations[i];
        const struct watch_health *health = &station->comparing.health;
        totals.feed_us += (double)station->comparing.feed_us;
        totals.watch_us += (double)station->comparing.watch_us;
        totals.decoded += (double)health->decoded;
        totals.analysed += (double)health->analysed;
        totals.dropped += (double)health->dropped;
        totals.faces += (double)health->faces;
        totals.templates += (double)health->templates_computed;
        paused_us += (double)station->paused.watch_us;
        paused_decoded += (double)station->paused.health.decoded;
        if (station->feed_pss_kb > totals.feed_pss_kb)
            totals.feed_pss_kb = station->feed_pss_kb;
        if (station->watch_pss_kb > totals.watch_pss_kb)
            totals.watch_pss_kb = station->watch_pss_kb;
    }
    totals.decode_us = paused_decoded > 0.0 ? paused_us / paused_decoded : 0.0;
    if (totals.analysed > 0.0)
        totals.analysis_us = (totals.watch_us - totals.decode_us * totals.decoded) / totals.analysed;
    return totals;
}

static json_t *result_json(struct pipeline *pipeline, double seconds, const char *source)
{
    struct totals totals = totals_of(pipeline);
    double spans = seconds * pipeline->count;
    double feed = totals.feed_us / spans / 1e6;
    double decode = totals.decode_us * totals.decoded / spans / 1e6;
    double analysis = totals.analysis_us * totals.analysed / spans / 1e6;
    json_t *stages = json_object();
    for (int i = 0; i < STAGES; i++)
        json_object_set_new(stages, stage_names[i], stage_json(pipeline, (enum stage)i));
    double full = (totals.decode_us * CAMERA_HZ + totals.analysis_us * ANALYSES_HZ) / 1e6 +
                  (totals.decoded > 0.0 ? totals.feed_us / totals.decoded * CAMERA_HZ / 1e6 : 0.0);
    json_t *cores = json_pack("{s:f, s:f, s:f, s:f, s:f}", "feed", feed, "decode", decode, "analysis",
        analysis, "total", feed + decode + analysis, "at_full_rate", full);
    json_t *rates = json_pack("{s:f, s:f, s:I, s:f, s:f}", "decoded_hz", totals.decoded / spans,
        "analysed_hz", totals.analysed / spans, "dropped", (json_int_t)totals.dropped, "faces_an_analysis",
        totals.analysed > 0.0 ? totals.faces / totals.analysed : 0.0, "templates_hz",
        totals.templates / spans);
    return json_pack("{s:o, s:s, s:i, s:f, s:o, s:o, s:f, s:f, s:I, s:I, s:o, s:I}", "machine",
        machine_json(), "source", source, "cameras", pipeline->count, "seconds", seconds, "cores_a_camera",
        cores, "a_camera", rates, "decode_us_a_picture", totals.decode_us, "analysis_us_an_analysis",
        totals.analysis_us, "feed_pss_kb", (json_int_t)totals.feed_pss_kb, "watch_pss_kb",
        (json_int_t)totals.watch_pss_kb, "stages", stages, "sightings", (json_int_t)pipeline->sightings);
}

static double number(const json_t *object, const char *group, const char *name)
{
    return json_number_value(json_object_get(group ? json_object_get(object, group) : object, name));
}

static void print_result(const json_t *result)
{
    AUTO(text) char *machine = machine_line(json_object_get(result, "machine"));
    printf("machine   %s\n", machine);
    printf("cameras   %.0f for %.0f s and again paused, %s\n", number(result, NULL, "cameras"),
        number(result, NULL, "seconds"), json_string_value(json_object_get(result, "source")));
    printf("cores     %.3f a camera, %.3f at 25 pictures and 5 analyses a second: feed %.3f, decode %.3f, "
           "analysis %.3f\n",
        number(result, "cores_a_camera", "total"), number(result, "cores_a_camera", "at_full_rate"),
        number(result, "cores_a_camera", "feed"), number(result, "cores_a_camera", "decode"),
        number(result, "cores_a_camera", "analysis"));
    printf(
        "a camera  %.1f pictures a second decoded, %.2f analysed, %.1f faces each, %.1f templates a second\n",
        number(result, "a_camera", "decoded_hz"), number(result, "a_camera", "analysed_hz"),
        number(result, "a_camera", "faces_an_analysis"), number(result, "a_camera", "templates_hz"));
    printf("dropped   %.0f analyses of all cameras\n", number(result, "a_camera", "dropped"));
    printf("processor %.2f ms a picture decoded, %.2f ms an analysis\n",
        number(result, NULL, "decode_us_a_picture") / 1e3,
        number(result, NULL, "analysis_us_an_analysis") / 1e3);
    printf("PSS       feed %.1f MB, watch %.1f MB (the largest)\n",
        number(result, NULL, "feed_pss_kb") / 1024, number(result, NULL, "watch_pss_kb") / 1024);
    for (int i = 0; i < STAGES; i++) {
        const json_t *stage = json_object_get(json_object_get(result, "stages"), stage_names[i]);
        printf("%-9s %.2f ms least, %.2f median, %.2f p95, %.2f largest (wall, means of a second)\n",
            stage_names[i], number(stage, NULL, "least_us") / 1e3, number(stage, NULL, "median_us") / 1e3,
            number(stage, NULL, "p95_us") / 1e3, number(stage, NULL, "largest_us") / 1e3);
    }
}

static bool supervise(
    struct pipeline *pipeline, const struct lab_line *line, const struct grant *grant, struct error *err)
{
    AUTO(text) char *folder = lab_pack_folder(line);
    AUTO(text) char *beside = lab_beside_program(1, "mizan");
    const struct supervisor_events events = {
        .context = pipeline, .sighting = on_sighting, .health = on_health, .state = on_state};
    const struct supervisor_options options = {.program = line->program ? line->program : beside,
        .pack_folder = folder,
        .root_key_file = grant->root_key,
        .site = GRANT_SITE,
        .kind = SITE_DEMO};
    pipeline->supervisor = supervisor_new(&options, &events, err);
    return pipeline->supervisor != NULL;
}

static void pipeline_init(struct pipeline *pipeline, int count)
{
    pipeline->count = count;
    pipeline->stations = memory_allocate((size_t)count, sizeof *pipeline->stations);
    for (int i = 0; i < STAGES; i++)
        pipeline->means[i] = memory_allocate(MEANS_LIMIT, sizeof *pipeline->means[i]);
}

bool lab_pipeline(const struct lab_line *line, struct error *err)
{
    if (line->place_count != 1)
        return fail(err, ERROR_USAGE, "bench pipeline needs one clip, or the address of a camera");
    double seconds = line->seconds > 0.0 ? line->seconds : DEFAULT_SECONDS;
    if (seconds > SECONDS_LIMIT / 2.0)
        return fail(err, ERROR_USAGE, "bench pipeline takes at most %d seconds", SECONDS_LIMIT / 2);
    const char *source = line->places[0];
    const char *address = strstr(source, "://") ? source : NULL;
    AUTO(text) char *beside = lab_beside_program(3, "tools/test-camera/mizan-test-camera");
    AUTO(pack) struct pack *pack = lab_pack(line, err);
    AUTO(grant) struct grant grant = {.folder = ""};
    AUTO(test_cameras) struct test_cameras served = {0};
    AUTO(pipeline) struct pipeline pipeline = {.supervisor = NULL};
    log_start("mizan-lab", LOG_ERROR);
    if (!pack || !grant_open(&grant, pack_hash(pack), err) || !supervise(&pipeline, line, &grant, err) ||
        (!address && !test_cameras_start(&served, line->test_camera ? line->test_camera : beside, source,
                         line->cameras, err)))
        return false;
    pipeline_init(&pipeline, line->cameras);
    quiet_begin(&pipeline);
    if (!arm_all(&pipeline, &grant, &served, address, err) || !run_spans(&pipeline, seconds, err))
        return false;
    AUTO(json) json_t *result = result_json(&pipeline, seconds, address ? "over the network" : source);
    if (line->json)
        lab_print_json(json_incref(result));
    else
        print_result(result);
    return true;
}
