#include "lab/suitability.h"

#include "track/passage.h"

#include <math.h>
#include <stdlib.h>

enum { LEAST_SEEN = 2, PASSAGES_KEPT = 100000, LUMA_STEP = 8 };

/* One passage under way, and later its numbers: no pictures, no templates. */
struct passer {
    uint64_t id; /* 0: free */
    float eye_px;
    float sharpness, exposure, overall; /* of the best face */
    enum quality_verdict verdict;
};

struct suitability {
    struct analyser *analyser;
    struct passages *passages;
    struct passer under_way[PASSAGE_LIMIT];
    struct passer *passed; /* owned */
    long passed_count, passed_room;
    struct camera_facts facts;
};

static struct passer *passer_of(struct suitability *suitability, uint64_t id)
{
    struct passer *unused = NULL;
    for (int i = 0; i < PASSAGE_LIMIT; i++) {
        if (suitability->under_way[i].id == id)
            return &suitability->under_way[i];
        if (!unused && !suitability->under_way[i].id)
            unused = &suitability->under_way[i];
    }
    if (unused)
        *unused = (struct passer){.id = id, .overall = -1.0F};
    return unused;
}

static void keep(struct suitability *suitability, const struct passer *passer)
{
    if (suitability->passed_count == PASSAGES_KEPT)
        return;
    if (suitability->passed_count == suitability->passed_room) {
        suitability->passed_room = 2 * suitability->passed_room + 64;
        suitability->passed =
            memory_resize(suitability->passed, (size_t)suitability->passed_room, sizeof *suitability->passed);
    }
    suitability->passed[suitability->passed_count++] = *passer;
}

static void passage_ended(void *context, const struct passage *passage)
{
    struct suitability *suitability = context;
    struct passer *passer = passer_of(suitability, passage->id);
    if (!passer)
        return;
    if (passage->seen_count >= LEAST_SEEN && passer->overall >= 0.0F) {
        suitability->facts.passages++;
        suitability->facts.verdicts[passer->verdict]++;
        keep(suitability, passer);
    }
    *passer = (struct passer){0};
}

struct suitability *suitability_new(struct analyser *analyser)
{
    struct suitability *suitability = memory_allocate(1, sizeof *suitability);
    const struct passages_options options = {.ended = passage_ended, .context = suitability};
    suitability->analyser = analyser;
    suitability->passages = passages_new(&options);
    return suitability;
}

void suitability_free(struct suitability *suitability)
{
    if (!suitability)
        return;
    passages_free(suitability->passages);
    free(suitability->passed);
    free(suitability);
}

static double luma_of(const struct image *image)
{
    double sum = 0.0;
    long count = 0;
    for (int y = 0; y < image->height; y += LUMA_STEP)
        for (int x = 0; x < image->width; x += LUMA_STEP, count++) {
            const uint8_t *pixel = image->rgb + (size_t)y * (size_t)image->stride + (size_t)x * 3;
            sum += (0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]) / 255.0;
        }
    return count ? sum / (double)count : 0.0;
}

static void add_light(struct light_hour *hour, double luma)
{
    hour->least = hour->pictures ? fmin(hour->least, luma) : luma;
    hour->most = hour->pictures ? fmax(hour->most, luma) : luma;
    hour->sum += luma;
    hour->pictures++;
}

static void add_face(struct suitability *suitability, const struct face *face, uint64_t passage)
{
    struct passer *passer = passer_of(suitability, passage);
    const struct quality *quality = &face->quality;
    if (!passer)
        return;
    passer->eye_px = fmaxf(passer->eye_px, quality->eye_distance_px);
    if (quality->overall < passer->overall ||
        (passer->overall >= 0.0F && passer->verdict == QUALITY_OK && quality->verdict != QUALITY_OK))
        return;
    passer->overall = quality->overall;
    passer->sharpness = quality->sharpness;
    passer->exposure = quality->exposure;
    passer->verdict = quality->verdict;
}

void suitability_look(struct suitability *suitability, const struct image *image, int64_t stamp_us, int hour)
{
    struct face faces[FACE_LIMIT];
    struct passage *of_face[FACE_LIMIT] = {0};
    int count = analyser_detect(suitability->analyser, image, faces);
    add_light(&suitability->facts.hours[hour], luma_of(image));
    suitability->facts.analyses++;
    suitability->facts.faces += count;
    passages_update(suitability->passages, stamp_us, faces, count, of_face);
    for (int i = 0; i < count; i++) {
        if (!of_face[i])
            continue;
        analyser_measure(suitability->analyser, image, &faces[i]);
        add_face(suitability, &faces[i], of_face[i]->id);
    }
    if (count)
        analyser_wipe(suitability->analyser);
    memory_wipe(faces, sizeof faces);
}

static int rising(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* 10 %, 50 % and 90 % of a number of the passers (nearest rank); zeros without passers. */
static void spread(
    const struct suitability *suitability, float (*of)(const struct passer *passer), double out[static 3])
{
    size_t count = (size_t)suitability->passed_count;
    AUTO(heap) double *values = memory_allocate(count + 1, sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = (double)of(&suitability->passed[i]);
    qsort(values, count, sizeof *values, rising);
    for (size_t i = 0; i < 3; i++)
        out[i] = count ? values[(count - 1) * (1 + 4 * i) / 10] : 0.0;
}

static float eye_px_of(const struct passer *passer)
{
    return passer->eye_px;
}

static float sharpness_of(const struct passer *passer)
{
    return passer->sharpness;
}

static float exposure_of(const struct passer *passer)
{
    return passer->exposure;
}

void suitability_sum(
    struct suitability *suitability, const struct view_facts *stream, struct camera_facts *out)
{
    struct camera_facts *facts = &suitability->facts;
    double seconds = (double)(stream->last_us - stream->first_us) / 1e6;
    passages_end_all(suitability->passages);
    facts->stream = *stream;
    if (seconds > 0.0) {
        facts->rate_hz = (double)(stream->frames - 1) / seconds;
        facts->kbit_s = (double)stream->bytes * 8.0 / 1e3 / seconds;
        facts->key_every_s = stream->keys ? seconds / (double)stream->keys : seconds;
    }
    spread(suitability, eye_px_of, facts->eye_px);
    spread(suitability, sharpness_of, facts->sharpness);
    spread(suitability, exposure_of, facts->exposure);
    *out = *facts;
}
