#include "lab/dataset.h"

#include "base/file.h"
#include "base/text.h"
#include "video/jpeg.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROGRESS_STEP = 100 };

static inline void folder_auto(DIR **slot)
{
    if (*slot)
        closedir(*slot);
}

bool picture_read(const char *path, struct image *out, struct error *err)
{
    AUTO(bytes) struct bytes bytes = {NULL, 0};
    if (!file_read(path, PICTURE_BYTES, &bytes, err))
        return false;
    if (!jpeg_read(bytes.data, bytes.size, out, err))
        return fail_within(err, "%s", path);
    return true;
}

/* Area, less the square of the distance from the middle: a face in the crowd behind never wins. */
static float prominence(const struct image *image, const struct box *box)
{
    float x = (box->left + box->right - (float)image->width) / 2.0f;
    float y = (box->top + box->bottom - (float)image->height) / 2.0f;
    return (box->right - box->left) * (box->bottom - box->top) - 2.0f * (x * x + y * y);
}

bool portrait_find(struct analyser *analyser, const struct image *image, struct face *out)
{
    struct face faces[FACE_LIMIT];
    int count = analyser_detect(analyser, image, faces);
    if (count == 0)
        return false;
    int best = 0;
    for (int i = 1; i < count; i++)
        if (prominence(image, &faces[i].box) > prominence(image, &faces[best].box))
            best = i;
    analyser_measure(analyser, image, &faces[best]);
    *out = faces[best];
    return true;
}

bool portrait_embed(struct analyser *analyser, const struct image *image, const struct face *face,
    float template[static TEMPLATE_LENGTH], struct error *err)
{
    AUTO(image) struct image aligned = {NULL, 0, 0, 0};
    if (!image_init(&aligned, FACE_SIDE, FACE_SIDE, err))
        return false;
    face_align(image, face, &aligned);
    analyser_embed(analyser, &aligned, template);
    return true;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(left, right);
}

static int by_person_and_number(const void *left, const void *right)
{
    const struct sample *a = left;
    const struct sample *b = right;
    if (a->person != b->person)
        return a->person < b->person ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

static bool read_names(struct dataset *dataset, const char *folder, struct error *err)
{
    AUTO(folder) DIR *open = opendir(folder);
    if (!open) {
        bool missing = errno == ENOENT;
        fail_errno(err, "%s", folder);
        if (missing && err)
            err->code = ERROR_MISSING;
        return false;
    }
    for (struct dirent *item = readdir(open); item; item = readdir(open)) {
        size_t length = strlen(item->d_name);
        if (item->d_name[0] == '.' || length >= DATASET_NAME_SIZE || strchr(item->d_name, '.'))
            continue;
        if (dataset->person_count == DATASET_PICTURES)
            return fail(err, ERROR_TOO_LARGE, "%s: more than %d persons", folder, DATASET_PICTURES);
        size_t count = (size_t)dataset->person_count++;
        if ((count & (count + 1)) == 0)
            dataset->names = memory_resize(dataset->names, 2 * (count + 1), sizeof *dataset->names);
        memcpy(dataset->names[count], item->d_name, length + 1);
    }
    if (dataset->person_count)
        qsort(dataset->names, (size_t)dataset->person_count, sizeof *dataset->names, by_name);
    return true;
}

/* The number in NAME_0001.jpg; 0 when the file is not called so. */
static int picture_number(const char *file, const char *name)
{
    size_t length = strlen(name);
    int number = 0;
    int end = 0;
    if (strncmp(file, name, length) != 0 || file[length] != '_')
        return 0;
    if (sscanf(file + length + 1, "%4d.jpg%n", &number, &end) != 1 || end == 0)
        return 0;
    return file[length + 1 + (size_t)end] == '\0' && number > 0 ? number : 0;
}

static bool list_pictures(struct dataset *dataset, const char *folder, int person, struct error *err)
{
    AUTO(text) char *path = text_format("%s/%s", folder, dataset->names[person]);
    AUTO(folder) DIR *open = opendir(path);
    if (!open)
        return true;
    for (struct dirent *item = readdir(open); item; item = readdir(open)) {
        int number = picture_number(item->d_name, dataset->names[person]);
        if (number == 0)
            continue;
        if (dataset->sample_count == DATASET_PICTURES)
            return fail(err, ERROR_TOO_LARGE, "%s: more than %d pictures", folder, DATASET_PICTURES);
        size_t count = dataset->sample_count++;
        if ((count & (count + 1)) == 0)
            dataset->samples = memory_resize(dataset->samples, 2 * (count + 1), sizeof *dataset->samples);
        dataset->samples[count] = (struct sample){.person = person, .number = number};
    }
    return true;
}

static void acquire(struct sample *sample, const char *path, struct analyser *analyser)
{
    AUTO(image) struct image image = {NULL, 0, 0, 0};
    struct face face;
    sample->acquired = ACQUIRED_NOTHING;
    if (!picture_read(path, &image, NULL) || !portrait_find(analyser, &image, &face))
        return;
    if (!portrait_embed(analyser, &image, &face, sample->template, NULL))
        return;
    bool covered = face.quality.verdict == QUALITY_OCCLUDED;
    sample->acquired = face.quality.verdict == QUALITY_OK ? ACQUIRED
                       : covered                          ? ACQUIRED_COVERED
                                                          : ACQUIRED_POOR;
}

void dataset_acquire(
    struct dataset *dataset, const char *folder, struct analyser *analyser, progress_report *progress)
{
    for (size_t i = 0; i < dataset->sample_count; i++) {
        struct sample *sample = &dataset->samples[i];
        const char *name = dataset->names[sample->person];
        AUTO(text) char *path = text_format("%s/%s/%s_%04d.jpg", folder, name, name, sample->number);
        acquire(sample, path, analyser);
        dataset->poor_count += sample->acquired == ACQUIRED_POOR;
        dataset->covered_count += sample->acquired == ACQUIRED_COVERED;
        dataset->nothing_count += sample->acquired == ACQUIRED_NOTHING;
        if (progress && ((i + 1) % PROGRESS_STEP == 0 || i + 1 == dataset->sample_count))
            progress(i + 1, dataset->sample_count);
    }
}

bool dataset_list(struct dataset *dataset, const char *folder, struct error *err)
{
    AUTO(dataset) struct dataset read = {.names = NULL};
    if (!read_names(&read, folder, err))
        return false;
    for (int person = 0; person < read.person_count; person++)
        if (!list_pictures(&read, folder, person, err))
            return false;
    if (read.sample_count == 0)
        return fail(err, ERROR_MISSING, "%s: no pictures called NAME/NAME_0001.jpg", folder);
    qsort(read.samples, read.sample_count, sizeof *read.samples, by_person_and_number);
    *dataset = read;
    memset(&read, 0, sizeof read);
    return true;
}

void dataset_done(struct dataset *dataset)
{
    if (dataset->samples)
        memory_wipe(dataset->samples, dataset->sample_count * sizeof *dataset->samples);
    free(dataset->samples);
    free(dataset->names);
    memset(dataset, 0, sizeof *dataset);
}

int dataset_person(const struct dataset *dataset, const char *name)
{
    char wanted[DATASET_NAME_SIZE] = "";
    if (!dataset->names || strlen(name) >= sizeof wanted)
        return -1;
    memcpy(wanted, name, strlen(name) + 1);
    const char(*found)[DATASET_NAME_SIZE] =
        bsearch(wanted, dataset->names, (size_t)dataset->person_count, sizeof *dataset->names, by_name);
    return found ? (int)(found - (const char(*)[DATASET_NAME_SIZE])dataset->names) : -1;
}

const struct sample *dataset_find(const struct dataset *dataset, const char *name, int number)
{
    struct sample key = {.person = dataset_person(dataset, name), .number = number};
    return key.person < 0
               ? NULL
               : bsearch(&key, dataset->samples, dataset->sample_count, sizeof key, by_person_and_number);
}
