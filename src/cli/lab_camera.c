/* mizan-lab camera: looks at a camera or a recording for a while and says whether it can be used, and what to
 * change. */
#include "cli/lab_command.h"

#include "base/clock.h"
#include "base/text.h"
#include "lab/suitability.h"
#include "video/sampler.h"
#include "watch/address.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    CAMERA_SECONDS = 60,
    DETECT_WIDTH = 640,
    DETECT_HEIGHT = 480,
    PROGRESS_US = 5 * 1000 * 1000,
    HOUR_S = 3600
};

static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

struct looking {
    const char *place;
    char address[320]; /* numeric; "" for a recording */
    struct analyser *analyser;
    struct suitability *suitability;
    struct sampler sampler;
    struct image image;
    struct view_facts total; /* of all connections; its stamps count from 0 */
    long outages;
    int64_t end_us; /* of the clock; cameras */
    double seconds; /* of the recording; 0: all */
    int64_t told_us;
    uint64_t templates_at_start;
};

static void looking_auto(struct looking *slot)
{
    suitability_free(slot->suitability);
    analyser_free(slot->analyser);
    image_done(&slot->image);
}

static int hour_of(const struct looking *looking, const struct view *view)
{
    time_t now = time(NULL);
    struct tm local;
    if (looking->address[0])
        return localtime_r(&now, &local) ? local.tm_hour : 0;
    int64_t since_us = view_stamp_us(view) - view_facts(view)->first_us;
    return since_us > 0 ? (int)(since_us / 1000000 / HOUR_S % SUITABILITY_HOURS) : 0;
}

static void tell(struct looking *looking, const struct view_facts *facts)
{
    int64_t now_us = clock_monotonic_us();
    if (now_us - looking->told_us < PROGRESS_US)
        return;
    looking->told_us = now_us;
    double seconds = (double)(looking->total.last_us + facts->last_us - facts->first_us) / 1e6;
    fprintf(stderr, "%s%.0f s, %lld pictures%s", isatty(STDERR_FILENO) ? "\r" : "", seconds,
        (long long)(looking->total.frames + facts->frames), isatty(STDERR_FILENO) ? "" : "\n");
}

static bool is_over(const struct looking *looking, const struct view_facts *facts)
{
    if (stopped)
        return true;
    if (looking->address[0])
        return clock_monotonic_us() >= looking->end_us;
    return looking->seconds > 0.0 && (double)(facts->last_us - facts->first_us) / 1e6 >= looking->seconds;
}

/* One connection, or the recording, to its end. */
static bool look(struct looking *looking, struct view *view, struct error *err)
{
    int pictures = 0;
    while (!is_over(looking, view_facts(view))) {
        if (!view_next(view, &pictures, err))
            return false;
        if (pictures < 1 || !sampler_wants(&looking->sampler, view_stamp_us(view), false))
            continue;
        if (!view_image(view, &looking->image, err))
            return false;
        suitability_look(looking->suitability, &looking->image, view_stamp_us(view), hour_of(looking, view));
        tell(looking, view_facts(view));
    }
    return true;
}

static void add_connection(struct view_facts *total, const struct view_facts *facts)
{
    int64_t lasted_us = total->last_us + facts->last_us - facts->first_us;
    struct view_facts sum = *facts;
    sum.packets += total->packets;
    sum.frames += total->frames;
    sum.errors += total->errors;
    sum.keys += total->keys;
    sum.bytes += total->bytes;
    sum.size_changes += total->size_changes;
    sum.reorders = sum.reorders || total->reorders;
    if (total->longest_gap_us > sum.longest_gap_us)
        sum.longest_gap_us = total->longest_gap_us;
    sum.first_us = 0;
    sum.last_us = lasted_us;
    *total = sum;
}

/* A camera that breaks off is asked again; one that never answers is an error, as is a recording that cannot
 * be read. */
static bool look_all(struct looking *looking, struct error *err)
{
    const char *place = looking->address[0] ? looking->address : looking->place;
    for (;;) {
        struct error lost = {0};
        AUTO(view)
        struct view *view =
            view_open(place, getenv("MIZAN_CAMERA_USER"), getenv("MIZAN_CAMERA_PASSWORD"), &lost);
        if (!view && !looking->total.frames) {
            *err = lost;
            return false;
        }
        bool whole = view && look(looking, view, &lost);
        if (view)
            add_connection(&looking->total, view_facts(view));
        if (whole || !looking->address[0] || is_over(looking, &looking->total))
            return whole || lost.code == ERROR_MISSING || fail(err, lost.code, "%s", lost.text);
        looking->outages++;
        sleep(1);
    }
}

static json_t *three(const double values[static 3])
{
    return json_pack("{s:f, s:f, s:f}", "p10", values[0], "p50", values[1], "p90", values[2]);
}

static json_t *hours_json(const struct camera_facts *facts)
{
    json_t *hours = json_array();
    for (int i = 0; i < SUITABILITY_HOURS; i++) {
        const struct light_hour *hour = &facts->hours[i];
        if (hour->pictures)
            json_array_append_new(hours,
                json_pack("{s:i, s:I, s:f, s:f, s:f}", "hour", i, "pictures", (json_int_t)hour->pictures,
                    "mean", hour->sum / (double)hour->pictures, "least", hour->least, "most", hour->most));
    }
    return hours;
}

static json_t *stream_json(const struct camera_facts *facts)
{
    const struct view_facts *stream = &facts->stream;
    return json_pack("{s:s, s:i, s:i, s:f, s:f, s:f, s:b, s:I, s:I, s:I, s:f, s:i}", "codec", stream->codec,
        "width", stream->width, "height", stream->height, "pictures_hz", facts->rate_hz, "kbit_s",
        facts->kbit_s, "key_every_s", facts->key_every_s, "reorders", (int)stream->reorders, "pictures",
        (json_int_t)stream->frames, "damaged", (json_int_t)stream->errors, "outages",
        (json_int_t)facts->outages, "longest_gap_s", (double)stream->longest_gap_us / 1e6, "size_changes",
        stream->size_changes);
}

static json_t *faces_json(const struct camera_facts *facts)
{
    json_t *verdicts = json_object();
    for (int i = 0; i < VERDICTS; i++)
        json_object_set_new(
            verdicts, quality_word((enum quality_verdict)i), json_integer((json_int_t)facts->verdicts[i]));
    return json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "analyses", (json_int_t)facts->analyses, "faces",
        (json_int_t)facts->faces, "passages", (json_int_t)facts->passages, "eye_distance_px",
        three(facts->eye_px), "sharpness", three(facts->sharpness), "exposure", three(facts->exposure),
        "best_face", verdicts);
}

static const char *weight_word(enum finding_weight weight)
{
    return weight == FINDING_BLOCK ? "block" : weight == FINDING_LIMIT ? "limit" : "note";
}

static json_t *result_json(
    const struct looking *looking, const struct camera_facts *facts, const struct judgement *judgement)
{
    json_t *findings = json_array();
    for (int i = 0; i < judgement->count; i++)
        json_array_append_new(
            findings, json_pack("{s:s, s:s, s:s}", "weight", weight_word(judgement->findings[i].weight),
                          "what", judgement->findings[i].what, "cure", judgement->findings[i].cure));
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:I}", "verdict", judgement->verdict, "findings", findings,
        "stream", stream_json(facts), "faces", faces_json(facts), "light", hours_json(facts),
        "templates_computed",
        (json_int_t)(analyser_templates_computed(looking->analyser) - looking->templates_at_start));
}

static void print_three(const char *name, const char *unit, const double values[static 3])
{
    printf("%-10s %.2f %.2f %.2f%s (a tenth, half, nine tenths of the passages lie under)\n", name, values[0],
        values[1], values[2], unit);
}

static void print_faces(const struct camera_facts *facts)
{
    printf("faces      %ld in %ld analyses, %ld passages\n", facts->faces, facts->analyses, facts->passages);
    if (!facts->passages)
        return;
    print_three("eyes", " px", facts->eye_px);
    print_three("sharpness", "", facts->sharpness);
    print_three("exposure", "", facts->exposure);
    printf("best face ");
    for (int i = 0; i < VERDICTS; i++)
        if (facts->verdicts[i])
            printf(" %s %ld", quality_word((enum quality_verdict)i), facts->verdicts[i]);
    printf("\n");
}

static void print_result(
    const struct looking *looking, const struct camera_facts *facts, const struct judgement *judgement)
{
    const struct view_facts *stream = &facts->stream;
    printf("stream     %s %d × %d, %.1f pictures a second, %.0f kbit/s, a key picture every %.1f s\n",
        stream->codec, stream->width, stream->height, facts->rate_hz, facts->kbit_s, facts->key_every_s);
    printf("network    %lld of %lld pictures damaged, %ld outages, longest gap %.2f s\n",
        (long long)stream->errors, (long long)stream->packets, facts->outages,
        (double)stream->longest_gap_us / 1e6);
    print_faces(facts);
    for (int i = 0; i < SUITABILITY_HOURS; i++) {
        const struct light_hour *hour = &facts->hours[i];
        if (hour->pictures)
            printf("light      %s %02d: %.2f, from %.2f to %.2f\n",
                looking->address[0] ? "hour" : "hour of the recording", i, hour->sum / (double)hour->pictures,
                hour->least, hour->most);
    }
    for (int i = 0; i < judgement->count; i++)
        printf("%-10s %s: %s\n", weight_word(judgement->findings[i].weight), judgement->findings[i].what,
            judgement->findings[i].cure);
    printf("verdict    %s\n", judgement->verdict);
}

/* Names are looked up for RTSP over TCP, as the desk does; the other manners take numbers. The address itself
 * is never repeated where it may hold a password. */
static bool read_address(struct looking *looking, struct error *err)
{
    const char *host = strstr(looking->place, "://") + 3;
    if (memchr(host, '@', strcspn(host, "/")))
        return fail(err, ERROR_USAGE,
            "an address holds no credentials: they go into MIZAN_CAMERA_USER and MIZAN_CAMERA_PASSWORD");
    if (!strncmp(looking->place, "rtsp://", 7))
        return address_resolve(looking->place, looking->address, sizeof looking->address, err);
    int written = snprintf(looking->address, sizeof looking->address, "%s", looking->place);
    return (size_t)written < sizeof looking->address || fail(err, ERROR_TOO_LARGE, "the address is too long");
}

static bool begin(const struct lab_line *line, struct looking *looking, struct error *err)
{
    AUTO(pack) struct pack *pack = NULL;
    struct lab_line sized = *line;
    looking->place = line->places[0];
    if (view_is_url(looking->place) && !read_address(looking, err))
        return false;
    if (!sized.detect_width) {
        sized.detect_width = DETECT_WIDTH;
        sized.detect_height = DETECT_HEIGHT;
    }
    pack = lab_pack(line, err);
    looking->analyser = pack ? lab_analyser(&sized, pack, err) : NULL;
    if (!looking->analyser)
        return false;
    looking->suitability = suitability_new(looking->analyser);
    looking->templates_at_start = analyser_templates_computed(looking->analyser);
    looking->seconds = line->seconds;
    double seconds = line->seconds > 0.0 ? line->seconds : CAMERA_SECONDS;
    looking->told_us = clock_monotonic_us();
    looking->end_us = looking->told_us + (int64_t)(seconds * 1e6);
    sampler_init(&looking->sampler, SAMPLER_PER_SECOND);
    signal(SIGINT, stop);
    return true;
}

bool lab_camera(const struct lab_line *line, struct error *err)
{
    struct camera_facts facts;
    struct judgement judgement;
    __attribute__((cleanup(looking_auto))) struct looking looking = {.place = NULL};
    if (line->place_count != 1)
        return fail(err, ERROR_USAGE, "camera needs one address or recording");
    if (!begin(line, &looking, err) || !look_all(&looking, err))
        return false;
    if (!looking.total.frames)
        return fail(err, ERROR_INVALID, "%s: no picture could be decoded",
            looking.address[0] ? "the camera" : looking.place);
    suitability_sum(looking.suitability, &looking.total, &facts);
    facts.outages = looking.outages;
    suitability_judge(&facts, &judgement);
    if (line->json)
        lab_print_json(result_json(&looking, &facts, &judgement));
    else
        print_result(&looking, &facts, &judgement);
    return true;
}
