/* A folder of pictures, one folder a person: NAME/NAME_0001.jpg. Names stay inside; only counts come out. */
#pragma once

#include "face/face.h"

enum { DATASET_PICTURES = 100000, DATASET_NAME_SIZE = 128, PICTURE_BYTES = 32 << 20 };

/* What became of one picture. */
enum acquired {
    ACQUIRED,         /* the template can be compared */
    ACQUIRED_POOR,    /* a face was found and the gate refuses it; the template is there all the same */
    ACQUIRED_COVERED, /* a covered face, which a site never embeds: compared in `evaluate pairs` only, whose
                         protocol wants every pair answered; in searches and passages a failure to acquire */
    ACQUIRED_NOTHING  /* no face, or not a picture */
};

struct sample {
    int person;
    int number; /* of the picture: the 0001 in its name */
    enum acquired acquired;
    float template[TEMPLATE_LENGTH];
};

struct dataset {
    char (*names)[DATASET_NAME_SIZE]; /* sorted */
    int person_count;
    struct sample *samples; /* by person, then by number */
    size_t sample_count;
    size_t poor_count;
    size_t covered_count;
    size_t nothing_count;
};

/* Called now and then; may be NULL. */
typedef void progress_report(size_t done, size_t of);

/* Who and which pictures there are; nothing is computed yet. ERROR_MISSING when there are no pictures. */
bool dataset_list(struct dataset *dataset, const char *folder, struct error *err);
/* Computes every picture's template. A picture that cannot be read is a failure to acquire. */
void dataset_acquire(
    struct dataset *dataset, const char *folder, struct analyser *analyser, progress_report *progress);
void dataset_done(struct dataset *dataset);
static inline void dataset_auto(struct dataset *slot)
{
    dataset_done(slot);
}

/* −1, or NULL, when it is not there. */
int dataset_person(const struct dataset *dataset, const char *name);
const struct sample *dataset_find(const struct dataset *dataset, const char *name, int number);

/* Reads a JPEG file. */
bool picture_read(const char *path, struct image *out, struct error *err);

/* The face that a portrait is of: large and near the middle. Measured and rated; false when there is none. */
bool portrait_find(struct analyser *analyser, const struct image *image, struct face *out);
/* Aligns and embeds. */
bool portrait_embed(struct analyser *analyser, const struct image *image, const struct face *face,
    float template[static TEMPLATE_LENGTH], struct error *err);
