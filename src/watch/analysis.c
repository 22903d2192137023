#include "watch/analysis.h"

#include "base/clock.h"
#include "base/log.h"
#include "face/face.h"
#include "video/decoder.h"
#include "video/jpeg.h"
#include "video/reduce.h"
#include "video/sampler.h"
#include "watch/portrayal.h"
#include "watch/tally.h"

#include <math.h>
#include <string.h>

enum { DETECT_WIDTH = 640, DETECT_HEIGHT = 480, LEAST_SEEN = 2, PREVIEW_QUALITY = 80 };

struct mean {
    int64_t total_us;
    int64_t count;
};

struct analysis {
    struct analysis_options options;
    struct analyser *analyser;
    struct decoder *decoder;
    struct sampler sampler;
    struct passages *passages;
    struct tallies tallies;
    struct image image;
    struct image aligned;
    bool need_key;
    int64_t
        analysed_us; /* captured_us of the newest analysis: never goes back, whatever the order of coding */
    uint64_t templates_at_start;
    int64_t survey_began_us;
    float largest_px; /* of the faces in the picture looked at last, in a set-up view */
    struct watch_health counts;
    struct mean decode, detect, embed;
};

static void mean_add(struct mean *mean, int64_t began_us)
{
    mean->total_us += clock_monotonic_us() - began_us;
    mean->count++;
}

static uint32_t mean_take(struct mean *mean)
{
    uint32_t value = mean->count ? (uint32_t)(mean->total_us / mean->count) : 0;
    *mean = (struct mean){0, 0};
    return value;
}

static void analysis_ended(void *context, const struct passage *passage)
{
    struct analysis *analysis = context;
    float best = tallies_end(&analysis->tallies, passage);
    if (passage->seen_count < LEAST_SEEN)
        return;
    analysis->counts.passages++;
    if (best < -1.5F) {
        analysis->counts.failures_to_acquire++;
        return;
    }
    int bin = (int)((best + 1.0F) * 0.5F * HEALTH_BINS);
    bin = bin < 0 ? 0 : bin >= HEALTH_BINS ? HEALTH_BINS - 1 : bin;
    analysis->counts.best_scores[bin]++;
}

struct analysis *analysis_new(const struct analysis_options *options, struct error *err)
{
    const struct analyser_options detection = {.detect_width = DETECT_WIDTH, .detect_height = DETECT_HEIGHT};
    AUTO(analysis) struct analysis *analysis = memory_allocate(1, sizeof *analysis);
    const struct passages_options following = {.ended = analysis_ended, .context = analysis};
    analysis->options = *options;
    analysis->passages = passages_new(&following);
    sampler_init(&analysis->sampler, SAMPLER_PER_SECOND);
    analysis->decoder = decoder_new(err);
    analysis->analyser = analysis->decoder ? analyser_new(options->pack, &detection, err) : NULL;
    if (!analysis->analyser || !image_init(&analysis->aligned, FACE_SIDE, FACE_SIDE, err) ||
        !portrayal_warm_up(err))
        return NULL;
    analysis->templates_at_start = analyser_templates_computed(analysis->analyser);
    return STEAL(analysis);
}

void analysis_free(struct analysis *analysis)
{
    if (!analysis)
        return;
    passages_free(analysis->passages);
    if (analysis->analyser)
        analyser_wipe(analysis->analyser);
    analyser_free(analysis->analyser);
    if (analysis->decoder)
        decoder_wipe(analysis->decoder);
    decoder_free(analysis->decoder);
    image_done(&analysis->image);
    image_done(&analysis->aligned);
    memory_release(analysis);
}

bool analysis_stream(struct analysis *analysis, const struct stream *stream, struct error *err)
{
    analysis->need_key = true;
    return decoder_start(analysis->decoder, stream, err);
}

/* The matched passage: its fused shots, its pictures, and then no more shots of it. */
static void analysis_report(struct analysis *analysis, struct passage *passage,
    const struct decision *decision, struct shot *const *shots, size_t shot_count)
{
    struct sighting sighting = {.fused_score = decision->fused_score, .decided_us = clock_now_us()};
    struct error err = {0};
    AUTO(portrayal) struct portrayal portrayal = {0};
    passage->settled = true;
    if (!portrayal_make(&portrayal, &analysis->image, passage, analysis->passages, &err)) {
        log_write(LOG_ERROR, "sighting_lost", "%s", err.text);
        return;
    }
    random_id("p", sighting.passage);
    memcpy(sighting.entry, decision->entry, sizeof sighting.entry);
    memcpy(sighting.others, decision->others, sizeof sighting.others);
    sighting.other_count = decision->other_count;
    for (size_t i = 0; i < shot_count; i++) {
        if (!decision->agrees[i])
            continue;
        sighting.captured_us[sighting.crop_count] = shots[i]->captured_us;
        sighting.crops[sighting.crop_count++] = shots[i]->pixels;
    }
    sighting.face = portrayal.face;
    sighting.scene = portrayal.scene;
    analysis->options.sighting(analysis->options.context, &sighting);
}

static void analysis_embed(struct analysis *analysis, const struct face *face, struct passage *passage,
    const struct matching *matching)
{
    struct shot *shots[PASSAGE_SHOTS] = {0};
    struct decision decision = {0};
    struct shot *shot = passage_wants(passage, face, analysis->analysed_us);
    struct tally *tally = shot ? tallies_find(&analysis->tallies, passage) : NULL;
    if (!tally)
        return;
    int64_t began_us = clock_monotonic_us();
    face_align(&analysis->image, face, &shot->aligned);
    analyser_embed(analysis->analyser, &shot->aligned, shot->template);
    shot->embedded = true;
    tally_score(tally, shot, matching->gallery);
    mean_add(&analysis->embed, began_us);
    tally_order(tally, passage, shots);
    passage_decide(tally->scores, tally->count, matching->threshold, &decision);
    if (decision.matched)
        analysis_report(analysis, passage, &decision, shots, tally->count);
}

static void analysis_look(struct analysis *analysis, const struct matching *matching)
{
    struct face faces[FACE_LIMIT];
    struct passage *of_face[FACE_LIMIT] = {0};
    int64_t began_us = clock_monotonic_us();
    int count = analyser_detect(analysis->analyser, &analysis->image, faces);
    mean_add(&analysis->detect, began_us);
    analysis->counts.analysed++;
    analysis->counts.faces += (uint64_t)count;
    passages_update(analysis->passages, analysis->analysed_us, faces, count, of_face);
    for (int i = 0; i < count; i++) {
        if (!of_face[i] || of_face[i]->settled)
            continue;
        analyser_measure(analysis->analyser, &analysis->image, &faces[i]);
        analysis_embed(analysis, &faces[i], of_face[i], matching);
    }
    /* The networks keep their last picture and their last answer: the template of a passer-by. */
    if (count)
        analyser_wipe(analysis->analyser);
    memory_wipe(faces, sizeof faces);
}

/* The newest frame's picture in analysis->image, when it is this frame's turn. */
static bool analysis_turn(struct analysis *analysis, bool newer_waiting)
{
    struct frame frame;
    struct error err = {0};
    if (!decoder_frame(analysis->decoder, &frame) ||
        !sampler_wants(&analysis->sampler, frame.pts_us, newer_waiting))
        return false;
    if (frame.captured_us > analysis->analysed_us)
        analysis->analysed_us = frame.captured_us;
    int64_t began_us = clock_monotonic_us();
    if (!decoder_image(analysis->decoder, &analysis->image, &err))
        return false;
    mean_add(&analysis->decode, began_us);
    return true;
}

/* How many frames came out. */
static int analysis_decode(struct analysis *analysis, const struct packet *packet)
{
    if (analysis->need_key && !packet->key)
        return 0;
    analysis->need_key = false;
    int64_t began_us = clock_monotonic_us();
    int frames = decoder_push(analysis->decoder, packet);
    mean_add(&analysis->decode, began_us);
    return frames;
}

void analysis_packet(struct analysis *analysis, const struct packet *packet, bool newer_waiting,
    const struct matching *matching)
{
    if (analysis_decode(analysis, packet) > 0 && matching->gallery && analysis_turn(analysis, newer_waiting))
        analysis_look(analysis, matching);
}

static void analysis_look_round(struct analysis *analysis, struct survey *survey)
{
    struct face faces[FACE_LIMIT];
    int count = analyser_detect(analysis->analyser, &analysis->image, faces);
    analysis->counts.analysed++;
    analysis->counts.faces += (uint64_t)count;
    analysis->largest_px = 0;
    for (int i = 0; i < count; i++) {
        analyser_measure(analysis->analyser, &analysis->image, &faces[i]);
        survey_face(survey, &faces[i]);
        analysis->largest_px = fmaxf(analysis->largest_px, faces[i].box.right - faces[i].box.left);
        analysis->largest_px = fmaxf(analysis->largest_px, faces[i].box.bottom - faces[i].box.top);
    }
    survey->looked++;
    if (count)
        analyser_wipe(analysis->analyser);
    memory_wipe(faces, sizeof faces);
}

void analysis_survey(
    struct analysis *analysis, const struct packet *packet, bool newer_waiting, struct survey *survey)
{
    int frames = analysis_decode(analysis, packet);
    if (frames <= 0)
        return;
    if (!survey->pictures)
        analysis->survey_began_us = clock_monotonic_us();
    survey->pictures += (uint64_t)frames;
    survey->lasted_ms = (uint32_t)((clock_monotonic_us() - analysis->survey_began_us) / 1000);
    if (!analysis_turn(analysis, newer_waiting))
        return;
    survey->width = (uint32_t)analysis->image.width;
    survey->height = (uint32_t)analysis->image.height;
    analysis_look_round(analysis, survey);
}

/* Mean luma, in millionths. */
static uint64_t light_of(const struct image *image)
{
    uint64_t sum = 0;
    for (int y = 0; y < image->height; y++) {
        const uint8_t *pixel = image->rgb + (ptrdiff_t)y * image->stride;
        for (int x = 0; x < image->width; x++, pixel += 3)
            sum += 299U * pixel[0] + 587U * pixel[1] + 114U * pixel[2];
    }
    return sum * 1000 / 255 / ((uint64_t)image->width * (uint64_t)image->height);
}

bool analysis_preview(struct analysis *analysis, struct survey *survey, struct bytes *out, struct error *err)
{
    AUTO(image) struct image reduced = {0};
    if (!survey->looked)
        return fail(err, ERROR_MISSING, "no picture was looked at yet");
    if (!reduce_whole(&analysis->image, analysis->largest_px, &reduced, err) ||
        !jpeg_write(&reduced, PREVIEW_QUALITY, out, err))
        return false;
    survey->light_e6 += light_of(&reduced);
    survey->previews++;
    return true;
}

void analysis_forget(struct analysis *analysis)
{
    passages_end_all(analysis->passages);
    analyser_wipe(analysis->analyser);
    decoder_wipe(analysis->decoder);
    if (analysis->image.rgb)
        memory_wipe(analysis->image.rgb, (size_t)analysis->image.stride * (size_t)analysis->image.height);
}

void analysis_withdraw(struct analysis *analysis, const char *entry)
{
    tallies_withdraw(&analysis->tallies, entry);
}

void analysis_health(struct analysis *analysis, struct watch_health *out)
{
    *out = analysis->counts;
    out->decoded = decoder_counts(analysis->decoder).frames;
    out->dropped = analysis->sampler.dropped;
    out->templates_computed = analyser_templates_computed(analysis->analyser) - analysis->templates_at_start;
    out->decode_us = mean_take(&analysis->decode);
    out->detect_us = mean_take(&analysis->detect);
    out->embed_us = mean_take(&analysis->embed);
}
