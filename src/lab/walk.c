#include "lab/walk.h"

#include "base/text.h"
#include "track/passage.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How far the pasted part reaches beyond the detector's box, and between which distances of the eyes it
 * grows. */
static const float reach = 0.25f;
static const float far_eyes_px = 28.0f;
static const float near_eyes_px = 56.0f;

/* Grain as a camera adds it, the same on every run. */
static int grain(int x, int y, int frame)
{
    uint32_t mixed = (uint32_t)x * 2654435761u ^ (uint32_t)y * 2246822519u ^ (uint32_t)frame * 3266489917u;
    mixed = (mixed ^ (mixed >> 15)) * 2246822519u;
    return (int)(mixed >> 29) - 3;
}

static uint8_t clipped(float value)
{
    return (uint8_t)fminf(fmaxf(value, 0.0f), 255.0f);
}

/* 1 inside an ellipse, falling to 0 over a tenth of it. */
static float coverage(const struct image *part, int x, int y)
{
    float across = (2.0f * (float)x + 1.0f) / (float)part->width - 1.0f;
    float down = (2.0f * (float)y + 1.0f) / (float)part->height - 1.0f;
    return fminf(fmaxf((1.0f - sqrtf(across * across + down * down)) * 10.0f, 0.0f), 1.0f);
}

static void paste(const struct image *part, int left, int top, float light, struct image *out)
{
    for (int y = 0; y < part->height; y++)
        for (int x = 0; x < part->width; x++) {
            if (left + x < 0 || left + x >= out->width || top + y < 0 || top + y >= out->height)
                continue;
            const uint8_t *from = part->rgb + (size_t)y * (size_t)part->stride + (size_t)x * 3;
            uint8_t *to = out->rgb + (size_t)(top + y) * (size_t)out->stride + (size_t)(left + x) * 3;
            float share = coverage(part, x, y);
            for (int i = 0; i < 3; i++)
                to[i] = clipped((float)to[i] + share * (light * (float)from[i] - (float)to[i]));
        }
}

static void add_grain(struct image *image, int frame)
{
    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++)
            for (int i = 0; i < 3; i++) {
                uint8_t *value = &image->rgb[(size_t)y * (size_t)image->stride + (size_t)x * 3 + (size_t)i];
                *value = clipped((float)(*value + grain(x, y, frame)));
            }
}

struct box walk_draw(const struct image *background, const struct image *portrait, const struct face *face,
    int frame, struct image *out)
{
    float along = (float)frame / (WALK_FRAMES - 1);
    float wide = face->box.right - face->box.left;
    float high = face->box.bottom - face->box.top;
    struct box wanted = {floorf(fmaxf(face->box.left - reach * wide, 0.0f)),
        floorf(fmaxf(face->box.top - reach * high, 0.0f)), face->box.right + reach * wide,
        face->box.bottom + reach * high};
    float scale = (far_eyes_px + along * (near_eyes_px - far_eyes_px)) / face->quality.eye_distance_px;
    struct box truth = {0.0f, 0.0f, 0.0f, 0.0f};
    AUTO(image) struct image part = {NULL, 0, 0, 0};
    AUTO(image) struct image scaled = {NULL, 0, 0, 0};
    memcpy(out->rgb, background->rgb, (size_t)out->stride * (size_t)out->height);
    if (!image_crop(portrait, &wanted, &part, NULL) ||
        !image_init(
            &scaled, (int)((float)part.width * scale) + 1, (int)((float)part.height * scale) + 1, NULL))
        return truth;
    image_scale(&part, &scaled);
    int left = (int)(60.0f + along * ((float)out->width - 120.0f - (float)scaled.width));
    int top = (int)(160.0f - 40.0f * along + 6.0f * sinf(6.0f * along)) - scaled.height / 8;
    paste(&scaled, left, top, 0.9f + 0.15f * along, out);
    add_grain(out, frame);
    truth.left = (float)left + (face->box.left - wanted.left) * scale;
    truth.top = (float)top + (face->box.top - wanted.top) * scale;
    truth.right = truth.left + wide * scale;
    truth.bottom = truth.top + high * scale;
    return truth;
}

/* The face in the true place, or −1. */
static int find_walker(const struct box *truth, const struct face *faces, int count)
{
    for (int i = 0; i < count; i++) {
        float x = (faces[i].box.left + faces[i].box.right) / 2.0f;
        float y = (faces[i].box.top + faces[i].box.bottom) / 2.0f;
        if (x > truth->left && x < truth->right && y > truth->top && y < truth->bottom)
            return i;
    }
    return -1;
}

static uint32_t shots_held(const struct walk *walk, const struct passage *passage)
{
    uint32_t held = 0;
    for (int i = 0; i < walk->shot_count; i++)
        for (int k = 0; k < passage->shot_count; k++)
            if (walk->shots[i].passage == passage->id &&
                walk->shots[i].captured_us == passage->shots[k]->captured_us)
                held |= 1u << i;
    return held;
}

static void take_shot(struct analyser *analyser, const struct image *image, const struct face *face,
    struct passage *passage, int64_t captured_us, struct walk *walk)
{
    struct shot *shot = passage_wants(passage, face, captured_us);
    walk->verdict = face->quality.verdict;
    if (!shot)
        return;
    face_align(image, face, &shot->aligned);
    analyser_embed(analyser, &shot->aligned, shot->template);
    shot->embedded = true;
    struct walk_shot *kept = &walk->shots[walk->shot_count++];
    kept->captured_us = captured_us;
    kept->passage = passage->id;
    memcpy(kept->template, shot->template, sizeof kept->template);
    kept->held = shots_held(walk, passage);
}

bool walk_follow(struct analyser *analyser, const struct backdrop *backdrop, int number,
    const struct image *portrait, const struct face *face, struct walk *out, struct error *err)
{
    AUTO(image) struct image image = {NULL, 0, 0, 0};
    AUTO(passages) struct passages *passages = passages_new(NULL);
    struct passage *of_face[FACE_LIMIT] = {0};
    struct face faces[FACE_LIMIT];
    uint64_t last_id = 0;
    *out = (struct walk){.verdict = QUALITY_TOO_SMALL};
    if (!image_init(&image, WALK_WIDTH, WALK_HEIGHT, err))
        return false;
    for (int frame = 0; frame < WALK_FRAMES; frame++) {
        int64_t captured_us = (frame + 1) * (int64_t)WALK_PERIOD_US;
        const struct image *behind = backdrop_at(backdrop, number, frame, WALK_FRAMES);
        struct box truth = walk_draw(behind, portrait, face, frame, &image);
        int count = analyser_detect(analyser, &image, faces);
        passages_update(passages, captured_us, faces, count, of_face);
        int walker = find_walker(&truth, faces, count);
        if (walker < 0 || !of_face[walker])
            continue;
        out->passages += of_face[walker]->id != last_id;
        last_id = of_face[walker]->id;
        analyser_measure(analyser, &image, &faces[walker]);
        take_shot(analyser, &image, &faces[walker], of_face[walker], captured_us, out);
    }
    return true;
}

static float score_of(const struct shot_scores *shot, const char *entry)
{
    for (size_t i = 0; i < shot->count; i++)
        if (!strcmp(shot->best[i].entry, entry))
            return shot->best[i].score;
    return -1.0f;
}

/* Two shots apart in time agree up to the lower of their scores; the mean of agreeing shots is never lower.
 */
static float entry_score(const struct shot_scores *shots, size_t count, const char *entry)
{
    float best = -1.0f;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++) {
            if (llabs(shots[i].captured_us - shots[k].captured_us) < DECISION_GAP_US)
                continue;
            best = fmaxf(best, fminf(score_of(&shots[i], entry), score_of(&shots[k], entry)));
        }
    return best;
}

float passage_score(const struct shot_scores *shots, size_t count, const char *entry)
{
    if (entry)
        return entry_score(shots, count, entry);
    float best = -1.0f;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < shots[i].count; k++)
            best = fmaxf(best, entry_score(shots, count, shots[i].best[k].entry));
    return best;
}

/* Over every moment at which the watch would have decided. */
static float walk_score(const struct walk *walk, const struct gallery *gallery, const char *entry)
{
    struct shot_scores all[WALK_FRAMES];
    float best = -1.0f;
    for (int i = 0; i < walk->shot_count; i++) {
        all[i].captured_us = walk->shots[i].captured_us;
        all[i].count = gallery_scan(gallery, walk->shots[i].template, all[i].best, 1 + DECISION_OTHERS);
    }
    for (int i = 0; i < walk->shot_count; i++) {
        struct shot_scores held[WALK_FRAMES];
        size_t count = 0;
        for (int k = 0; k <= i; k++)
            if (walk->shots[i].held >> k & 1)
                held[count++] = all[k];
        best = fmaxf(best, passage_score(held, count, entry));
    }
    return best;
}

static void name_entry(int person, char out[static ENTRY_ID_SIZE])
{
    snprintf(out, ENTRY_ID_SIZE, "e-%d", person);
}

static struct gallery *list_gallery(
    const struct dataset *dataset, const struct lists *lists, int list, struct error *err)
{
    AUTO(heap) struct gallery_item *items = memory_allocate((size_t)lists->entries, sizeof *items);
    size_t count = 0;
    for (int person = 0; person < dataset->person_count; person++) {
        if (lists->of[person] != list || !lists->enrolled[person])
            continue;
        name_entry(person, items[count].entry);
        memcpy(items[count++].template, lists->enrolled[person]->template, sizeof items->template);
    }
    return gallery_new(items, count, err);
}

struct walkers {
    const struct dataset *dataset;
    struct analyser *analyser;
    const struct walk_terms *terms;
    struct lists lists;
    struct gallery **galleries;
};

static void walkers_auto(struct walkers *slot)
{
    for (int i = 0; slot->galleries && i < slot->lists.count; i++)
        gallery_free(slot->galleries[i]);
    free(slot->galleries);
    lists_done(&slot->lists);
}

static void add_trials(
    const struct walkers *walkers, const struct walk *walk, const struct sample *probe, struct trials *trials)
{
    const struct lists *lists = &walkers->lists;
    bool is_enrolled = lists->enrolled[probe->person] == probe;
    char entry[ENTRY_ID_SIZE];
    name_entry(probe->person, entry);
    for (int list = 0; list < lists->count; list++) {
        bool mated = lists->of[probe->person] == list;
        if ((mated && is_enrolled) || (!mated && walk->shot_count == 0))
            continue;
        struct trial trial = {probe->person, list, -1.0f, mated, walk->shot_count > 0, false};
        trial.covered = !trial.acquired && walk->verdict == QUALITY_OCCLUDED;
        trial.score = walk_score(walk, walkers->galleries[list], mated ? entry : NULL);
        trials->items[trials->count++] = trial;
    }
}

/* A picture in which nobody is found cannot be made to walk: it counts as a walk that nothing was taken of.
 */
static bool walk_one(
    const struct walkers *walkers, const struct sample *probe, struct trials *trials, struct error *err)
{
    const char *name = walkers->dataset->names[probe->person];
    AUTO(text)
    char *path = text_format("%s/%s/%s_%04d.jpg", walkers->terms->folder, name, name, probe->number);
    AUTO(image) struct image portrait = {NULL, 0, 0, 0};
    AUTO(heap) struct walk *walk = memory_allocate(1, sizeof *walk);
    struct face face;
    bool readable = probe->acquired != ACQUIRED_NOTHING && picture_read(path, &portrait, NULL);
    if (readable && portrait_find(walkers->analyser, &portrait, &face) &&
        face.quality.eye_distance_px > 8.0f &&
        !walk_follow(walkers->analyser, walkers->terms->backdrop, probe->person, &portrait, &face, walk, err))
        return false;
    add_trials(walkers, walk, probe, trials);
    return true;
}

static bool open_galleries(struct walkers *walkers, struct error *err)
{
    walkers->galleries = memory_allocate((size_t)walkers->lists.count, sizeof(void *));
    for (int list = 0; list < walkers->lists.count; list++) {
        walkers->galleries[list] = list_gallery(walkers->dataset, &walkers->lists, list, err);
        if (!walkers->galleries[list])
            return false;
    }
    return true;
}

bool walk_trials(const struct dataset *dataset, struct analyser *analyser, const struct walk_terms *terms,
    progress_report *progress, struct trials *out, struct error *err)
{
    __attribute__((cleanup(walkers_auto))) struct walkers walkers = {dataset, analyser, terms, {0}, NULL};
    if (!lists_draw(dataset, terms->entries, &walkers.lists, err) || !open_galleries(&walkers, err))
        return false;
    size_t persons = (size_t)dataset->person_count;
    size_t step = terms->walks ? (persons + (size_t)terms->walks - 1) / (size_t)terms->walks : 1;
    AUTO(trials) struct trials trials = {NULL, 0, dataset->person_count, walkers.lists.count, terms->entries};
    trials.items = memory_allocate(persons * (size_t)walkers.lists.count, sizeof *trials.items);
    for (size_t i = 0; i < dataset->sample_count; i++) {
        const struct sample *probe = &dataset->samples[i];
        bool is_last = i + 1 == dataset->sample_count || probe[1].person != probe->person;
        if (!is_last || (size_t)probe->person % step != 0)
            continue;
        if (!walk_one(&walkers, probe, &trials, err))
            return false;
        if (progress)
            progress(i + 1, dataset->sample_count);
    }
    *out = trials;
    trials.items = NULL;
    return true;
}
