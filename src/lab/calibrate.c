#include "lab/calibrate.h"

#include "base/text.h"
#include "face/model.h"
#include "lab/dataset.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

struct calibration {
    struct analyser *analyser; /* finds the faces; NULL where whole pictures are taken */
    struct net *net;           /* observed */
    const struct preparation *preparation;
    struct image input;
    size_t runs;
};

static void calibration_done(struct calibration *calibration)
{
    analyser_free(calibration->analyser);
    net_free(calibration->net);
    image_done(&calibration->input);
}

static void mirror(struct image *image)
{
    for (int y = 0; y < image->height; y++) {
        uint8_t *row = image->rgb + (size_t)y * (size_t)image->stride, pixel[3];
        for (int left = 0, right = image->width - 1; left < right; left++, right--) {
            memcpy(pixel, row + (size_t)left * 3, 3);
            memcpy(row + (size_t)left * 3, row + (size_t)right * 3, 3);
            memcpy(row + (size_t)right * 3, pixel, 3);
        }
    }
}

static void run_both_ways(struct calibration *calibration)
{
    for (int way = 0; way < 2; way++) {
        preparation_fill(calibration->preparation, &calibration->input, net_input(calibration->net));
        net_run(calibration->net);
        mirror(&calibration->input);
    }
    calibration->runs++;
}

static void run_faces(struct calibration *calibration, const struct image *picture)
{
    struct face faces[FACE_LIMIT];
    int count = analyser_detect(calibration->analyser, picture, faces);
    for (int i = 0; i < count; i++) {
        analyser_measure(calibration->analyser, picture, &faces[i]);
        if (faces[i].quality.verdict == QUALITY_TOO_SMALL)
            continue;
        face_align(picture, &faces[i], &calibration->input);
        run_both_ways(calibration);
    }
}

static bool run_picture(struct calibration *calibration, const char *path, struct error *err)
{
    AUTO(image) struct image picture = {NULL, 0, 0, 0};
    if (!picture_read(path, &picture, err))
        return false;
    if (calibration->analyser)
        run_faces(calibration, &picture);
    else {
        image_scale(&picture, &calibration->input);
        run_both_ways(calibration);
    }
    return true;
}

static int is_jpeg(const struct dirent *entry)
{
    const char *end = strrchr(entry->d_name, '.');
    return end && !strcmp(end, ".jpg");
}

static bool run_folder(struct calibration *calibration, const char *folder, struct error *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_jpeg, alphasort);
    bool done = count >= 0 || fail_errno(err, "%s", folder);
    for (int i = 0; i < count; i++) {
        AUTO(text) char *path = text_format("%s/%s", folder, entries[i]->d_name);
        done = done && run_picture(calibration, path, err);
        free(entries[i]);
    }
    free(entries);
    return done &&
           (calibration->runs > 0 || fail(err, ERROR_MISSING, "%s: no picture to calibrate with", folder));
}

static bool calibration_open(struct calibration *calibration, const struct pack *pack, const char *section,
    int width, int height, struct error *err)
{
    const struct analyser_options options = {.detect_width = width, .detect_height = height};
    enum model_role role = MODEL_DETECT;
    if (!strcmp(section, "embed")) {
        role = MODEL_EMBED;
        width = height = FACE_SIDE;
        calibration->analyser = analyser_new(pack, &options, err);
        if (!calibration->analyser)
            return false;
    } else if (strcmp(section, "detect") != 0)
        return fail(err, ERROR_USAGE, "detect or embed can be calibrated, not '%s'", section);
    calibration->preparation = &pack->models[role].preparation;
    calibration->net = model_load_observed(pack, role, height, width, err);
    return calibration->net && image_init(&calibration->input, width, height, err);
}

char *calibrate(const struct pack *pack, const char *section, const char *folder, int width, int height,
    struct error *err)
{
    struct calibration calibration = {.net = NULL};
    char *ranges = NULL;
    if (calibration_open(&calibration, pack, section, width, height, err) &&
        run_folder(&calibration, folder, err))
        ranges = net_ranges(calibration.net);
    calibration_done(&calibration);
    return ranges;
}
