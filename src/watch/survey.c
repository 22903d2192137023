#include "watch/survey.h"

#include <string.h>

enum { LEAST_FACES = 10, LEAST_PREVIEWS = 3, LEAST_SIDE_PX = 720 };

const int survey_bands_px[SURVEY_BANDS - 1] = {24, 40, 60, 100};

static const double least_rate = 10;
static const double dark_light = 0.18, bright_light = 0.85;
static const double soft_sharpness = 0.35;

const char *survey_fitness_word(enum survey_fitness fitness)
{
    static const char *const words[] = {"unknown", "suitable", "doubtful", "unsuitable"};
    return words[fitness];
}

void survey_face(struct survey *survey, const struct face *face)
{
    size_t band = 0;
    while (band < SURVEY_BANDS - 1 && face->quality.eye_distance_px >= (float)survey_bands_px[band])
        band++;
    survey->bands[band]++;
    survey->verdicts[face->quality.verdict]++;
    survey->sharpness_e6 += (uint64_t)(face->quality.sharpness * 1e6F);
}

uint64_t survey_faces(const struct survey *survey)
{
    uint64_t faces = 0;
    for (size_t i = 0; i < SURVEY_BANDS; i++)
        faces += survey->bands[i];
    return faces;
}

double survey_rate(const struct survey *survey)
{
    return survey->lasted_ms >= 1000 && survey->pictures > 1
               ? (double)(survey->pictures - 1) * 1000 / survey->lasted_ms
               : 0;
}

void survey_follow(struct survey *newer, const struct survey *older, int hour)
{
    memcpy(newer->hours, older->hours, sizeof newer->hours);
    if (newer->previews <= older->previews || newer->light_e6 < older->light_e6)
        return;
    newer->hours[hour].light_e6 += newer->light_e6 - older->light_e6;
    newer->hours[hour].previews += newer->previews - older->previews;
}

struct finding {
    bool holds;
    enum survey_fitness fitness;
    const char *sentence;
};

static bool more_than(uint64_t part, double share, uint64_t whole)
{
    return (double)part > share * (double)whole;
}

size_t survey_judge(
    const struct survey *survey, const char *sentences[static SURVEY_SENTENCES], enum survey_fitness *fitness)
{
    uint64_t faces = survey_faces(survey);
    bool told = faces >= LEAST_FACES, lit = survey->previews >= LEAST_PREVIEWS;
    double rate = survey_rate(survey),
           light = lit ? (double)survey->light_e6 / 1e6 / (double)survey->previews : 0.5;
    const struct finding findings[SURVEY_SENTENCES] = {
        {!survey->pictures, SURVEY_UNKNOWN, "No picture was decoded."},
        {told && more_than(survey->bands[0], 0.5, faces), SURVEY_UNSUITABLE,
            "Most faces have less than 24 pixels between the eyes, too few to compare: come closer, zoom in, "
            "or use "
            "a larger picture."},
        {told && more_than(survey->verdicts[QUALITY_TURNED], 0.5, faces), SURVEY_UNSUITABLE,
            "Most faces are turned away: aim along the way that people walk, and lower."},
        {lit && light < dark_light, SURVEY_DOUBTFUL,
            "The picture is dark: add light, or use it by day only."},
        {lit && light > bright_light, SURVEY_DOUBTFUL, "The picture is too bright: lower the exposure."},
        {told && ((double)survey->sharpness_e6 / 1e6 / (double)faces < soft_sharpness ||
                     more_than(survey->verdicts[QUALITY_BLURRED], 0.5, faces)),
            SURVEY_DOUBTFUL, "Faces are not sharp: check focus, exposure time and compression."},
        {(rate > 0 && rate < least_rate) || (survey->height && survey->height < LEAST_SIDE_PX),
            SURVEY_DOUBTFUL,
            "Fewer than 10 pictures a second, or fewer than 720 lines: set the camera to more."},
        {survey->pictures && !told, SURVEY_UNKNOWN,
            "Too few faces were seen to judge them: look again while people pass."},
    };
    size_t count = 0;
    *fitness = told ? SURVEY_SUITABLE : SURVEY_UNKNOWN;
    for (size_t i = 0; i < SURVEY_SENTENCES; i++) {
        if (!findings[i].holds)
            continue;
        sentences[count++] = findings[i].sentence;
        *fitness = findings[i].fitness > *fitness ? findings[i].fitness : *fitness;
    }
    return count;
}
