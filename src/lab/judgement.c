/* What the numbers of a camera mean, and what to do about them. */
#include "base/text.h"
#include "lab/suitability.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FEW_PASSAGES = 10 };

static const double floor_px = 24.0;
/* A little over the floor: what to aim at. */
static const double aim_px = 32.0;
static const double dark_luma = 0.12;

__attribute__((format(printf, 4, 5))) static void find(
    struct judgement *out, enum finding_weight weight, const char *cure, const char *what, ...)
{
    va_list words;
    if (out->count == FINDINGS_LIMIT)
        return;
    struct finding *finding = &out->findings[out->count++];
    finding->weight = weight;
    snprintf(finding->cure, sizeof finding->cure, "%s", cure);
    va_start(words, what);
    vsnprintf(finding->what, sizeof finding->what, what, words);
    va_end(words);
}

static void judge_stream(const struct camera_facts *facts, struct judgement *out)
{
    const struct view_facts *stream = &facts->stream;
    double damaged = stream->packets ? 100.0 * (double)stream->errors / (double)stream->packets : 0.0;
    if (!stream_codec_known(stream->codec))
        find(out, FINDING_BLOCK, "set the camera to H.264 or H.265", "it sends %s, which no feed takes",
            stream->codec);
    if (!strcmp(stream->codec, "mjpeg"))
        find(out, FINDING_NOTE, "H.264 takes a fraction of the network", "it sends single JPEGs, %.0f kbit/s",
            facts->kbit_s);
    if (facts->rate_hz < 5.0)
        find(out, FINDING_BLOCK, "set it to 15 to 25 pictures a second",
            "%.1f pictures a second, and five are looked at", facts->rate_hz);
    else if (facts->rate_hz < 10.0)
        find(out, FINDING_LIMIT, "set it to 15 to 25", "only %.1f pictures a second", facts->rate_hz);
    if (stream->reorders)
        find(out, FINDING_LIMIT, "switch B pictures off in the camera's coding",
            "pictures come in another order than they are shown: each waits for later ones");
    if (facts->key_every_s > 4.0)
        find(out, FINDING_LIMIT, "set the key interval to one or two seconds",
            "a key picture only every %.1f s: after a loss nothing is seen for so long", facts->key_every_s);
    if (damaged > 1.0)
        find(out, damaged > 10.0 ? FINDING_BLOCK : FINDING_LIMIT,
            "use RTSP over TCP, and look for what loses packets on the way",
            "%.1f %% of the pictures come damaged", damaged);
    if (facts->outages || stream->longest_gap_us > 1000000)
        find(out, FINDING_LIMIT, "look for what interrupts the network or the camera",
            "the pictures broke off %ld times, for up to %.1f s", facts->outages,
            (double)stream->longest_gap_us / 1e6);
    if (stream->size_changes)
        find(out, FINDING_LIMIT, "switch automatic sizes off", "the size of the pictures changed %d times",
            stream->size_changes);
}

static void judge_eyes(const struct camera_facts *facts, struct judgement *out)
{
    double small = 100.0 * (double)facts->verdicts[QUALITY_TOO_SMALL] / (double)facts->passages;
    char cure[160];
    if (facts->eye_px[1] > 0)
        snprintf(
            cure, sizeof cure, "zoom in, or come nearer, by a factor of %.1f", aim_px / facts->eye_px[1]);
    else
        snprintf(cure, sizeof cure, "zoom in, or come nearer");
    if (facts->eye_px[1] < floor_px)
        find(out, FINDING_BLOCK, cure,
            "half of the faces never have more than %.1f px between the eyes; %.0f are needed",
            facts->eye_px[1], floor_px);
    else if (small > 10.0)
        find(out, FINDING_LIMIT, "narrow the view to the way that people take",
            "%.0f %% of the faces stay under %.0f px between the eyes", small, floor_px);
}

static void judge_faces(const struct camera_facts *facts, struct judgement *out)
{
    static const struct {
        enum quality_verdict verdict;
        enum finding_weight most;
        const char *what, *cure;
    } rows[] = {
        {QUALITY_BLURRED, FINDING_BLOCK, "are blurred",
            "focus on where people walk; a shutter of 1/250 s or shorter, with light for it"},
        {QUALITY_TOO_DARK, FINDING_BLOCK, "are too dark",
            "light from the camera's side onto the faces, or switch its backlight compensation on"},
        {QUALITY_TOO_BRIGHT, FINDING_BLOCK, "are too bright",
            "lower the exposure; keep sun and lamps from shining straight onto the faces"},
        {QUALITY_TURNED, FINDING_BLOCK, "are turned too far",
            "look along the way that people walk, from no more than a little above head height"},
        {QUALITY_CUT, FINDING_LIMIT, "are cut by the edge",
            "turn the camera so that people cross the middle"},
        {QUALITY_OCCLUDED, FINDING_NOTE, "are covered",
            "nothing is to be done: covered faces are never compared, and never a reason to stop anybody"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        double share = 100.0 * (double)facts->verdicts[rows[i].verdict] / (double)facts->passages;
        enum finding_weight weight = share > 50.0 ? FINDING_BLOCK : FINDING_LIMIT;
        if (share > 10.0)
            find(out, weight < rows[i].most ? weight : rows[i].most, rows[i].cure, "%.0f %% of the faces %s",
                share, rows[i].what);
    }
}

static void judge_light(const struct camera_facts *facts, struct judgement *out)
{
    int dark = 0;
    int measured = 0;
    for (int i = 0; i < SUITABILITY_HOURS; i++) {
        const struct light_hour *hour = &facts->hours[i];
        measured += hour->pictures > 0;
        dark += hour->pictures && hour->sum / (double)hour->pictures < dark_luma;
    }
    if (dark)
        find(out, FINDING_LIMIT, "light the place, or leave these hours out of operations",
            "%d of %d measured hours are dark", dark, measured);
}

static const char *word_of(const struct camera_facts *facts, const struct judgement *out)
{
    enum finding_weight worst = FINDING_NOTE;
    for (int i = 0; i < out->count; i++)
        if (out->findings[i].weight > worst)
            worst = out->findings[i].weight;
    if (worst == FINDING_BLOCK)
        return "unsuitable";
    if (!facts->passages)
        return "not known: nobody passed";
    return worst == FINDING_LIMIT ? "suitable with limits" : "suitable";
}

void suitability_judge(const struct camera_facts *facts, struct judgement *out)
{
    *out = (struct judgement){.count = 0};
    judge_stream(facts, out);
    if (!facts->passages)
        find(out, FINDING_NOTE, "measure when people pass, for at least ten passages", "nobody passed");
    else {
        judge_eyes(facts, out);
        judge_faces(facts, out);
        if (facts->passages < FEW_PASSAGES)
            find(out, FINDING_NOTE, "measure for longer", "only %ld passages: the shares above say little",
                facts->passages);
    }
    judge_light(facts, out);
    out->verdict = word_of(facts, out);
}
