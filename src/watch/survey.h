/* What a set-up view tells of a camera: counts and means of at most LIMIT_SET_UP_S seconds. Nothing of it is
 * a face, nothing is compared, nothing is kept. */
#pragma once

#include "face/face.h"

enum {
    SURVEY_BANDS = 5, /* of eye distances: below survey_bands_px[0], from there on, … */
    SURVEY_VERDICTS = QUALITY_CUT + 1,
    SURVEY_PREVIEW_LIMIT = 16 * 1024,
    SURVEY_SENTENCES = 8,
    SURVEY_HOURS = 24,
};

/* No honest count comes near it; sums of counts stay far from overflow. */
static const uint64_t SURVEY_COUNT_LIMIT = 1000000000000ULL;

extern const int survey_bands_px[SURVEY_BANDS - 1];

struct survey {
    char codec[16];
    uint32_t width, height;
    uint32_t lasted_ms;           /* since the first picture */
    uint64_t pictures;            /* decoded */
    uint64_t looked;              /* of these, looked at for faces */
    uint64_t bands[SURVEY_BANDS]; /* faces by the distance between the eyes */
    uint64_t verdicts[SURVEY_VERDICTS];
    uint64_t sharpness_e6; /* sum over the faces, 0..1 each */
    uint64_t light_e6;     /* sum over the pictures that are previewed, 0..1 each */
    uint64_t previews;     /* how many these are */
    struct {
        uint64_t light_e6, previews;
    } hours[SURVEY_HOURS]; /* the same by the hour of the desk's day, which the watch does not know */
};

enum survey_fitness { SURVEY_UNKNOWN, SURVEY_SUITABLE, SURVEY_DOUBTFUL, SURVEY_UNSUITABLE };

const char *survey_fitness_word(enum survey_fitness fitness);

void survey_face(struct survey *survey, const struct face *face);
uint64_t survey_faces(const struct survey *survey);
/* Pictures a second; 0 while that cannot be told. */
double survey_rate(const struct survey *survey);

/* At the desk: `newer` takes over `older`'s hours, and what it adds to the light belongs to this hour. */
void survey_follow(struct survey *newer, const struct survey *older, int hour);

/* What is to be said about it, for people: sentences, most important first; the worst of them decides.
 * Returns how many of `sentences` were filled. */
size_t survey_judge(const struct survey *survey, const char *sentences[static SURVEY_SENTENCES],
    enum survey_fitness *fitness);
