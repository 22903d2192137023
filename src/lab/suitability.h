/* Whether a camera can be used: what its stream is like, how large, sharp and lit the faces are that pass.
 * Nobody is compared with anybody, no template is computed, nothing is kept but numbers. */
#pragma once

#include "base/json.h"
#include "face/face.h"
#include "lab/view.h"

enum { SUITABILITY_HOURS = 24, VERDICTS = QUALITY_CUT + 1 };

struct light_hour {
    long pictures;
    double sum, least, most; /* mean luma of a picture, 0..1 */
};

struct camera_facts {
    struct view_facts stream;
    double rate_hz, kbit_s, key_every_s;
    long outages; /* connections that broke */
    long analyses, faces;
    long passages;
    long verdicts[VERDICTS]; /* of the best face of each passage */
    double eye_px[3];        /* 10 %, 50 % and 90 % of the passages' largest */
    double sharpness[3];
    double exposure[3];
    struct light_hour hours[SUITABILITY_HOURS];
};

struct suitability;

/* Borrows the analyser. */
struct suitability *suitability_new(struct analyser *analyser);
void suitability_free(struct suitability *suitability);
AUTO_FREE(suitability, struct suitability *, suitability_free)

/* One picture to look at. `hour` 0 ≤ … < SUITABILITY_HOURS: whose light this is. */
void suitability_look(struct suitability *suitability, const struct image *image, int64_t stamp_us, int hour);
/* Ends the passages and sums up; the stream's part comes from `stream`, `outages` stays 0. */
void suitability_sum(
    struct suitability *suitability, const struct view_facts *stream, struct camera_facts *out);

enum finding_weight { FINDING_NOTE, FINDING_LIMIT, FINDING_BLOCK };

struct finding {
    enum finding_weight weight;
    char what[160];
    char cure[200];
};

enum { FINDINGS_LIMIT = 24 };

struct judgement {
    const char *verdict; /* "suitable", "suitable with limits", "unsuitable", "not known: nobody passed" */
    struct finding findings[FINDINGS_LIMIT];
    int count;
};

/* From the numbers alone. */
void suitability_judge(const struct camera_facts *facts, struct judgement *out);
