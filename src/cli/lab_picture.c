#include "cli/lab_command.h"

#include "lab/dataset.h"
#include "match/gallery.h"

#include <stdio.h>

static json_t *face_json(const struct face *face)
{
    json_t *points = json_array();
    for (int i = 0; i < POINT_COUNT; i++)
        json_array_append_new(
            points, json_pack("[f, f]", (double)face->points[i][0], (double)face->points[i][1]));
    const struct quality *quality = &face->quality;
    return json_pack("{s:[f,f,f,f], s:f, s:o, s:s, s:f, s:f, s:f, s:f, s:f}", "box", (double)face->box.left,
        (double)face->box.top, (double)face->box.right, (double)face->box.bottom, "score",
        (double)face->score, "points", points, "verdict", quality_word(quality->verdict), "eye_distance_px",
        (double)quality->eye_distance_px, "sharpness", (double)quality->sharpness, "exposure",
        (double)quality->exposure, "yaw", (double)quality->yaw, "overall", (double)quality->overall);
}

static void print_face(const struct face *face)
{
    const struct quality *quality = &face->quality;
    printf(
        "  box %.0f %.0f %.0f %.0f  score %.3f  eyes %.1f px  sharpness %.2f  exposure %.2f  yaw %+.2f  %s\n",
        (double)face->box.left, (double)face->box.top, (double)face->box.right, (double)face->box.bottom,
        (double)face->score, (double)quality->eye_distance_px, (double)quality->sharpness,
        (double)quality->exposure, (double)quality->yaw, quality_word(quality->verdict));
}

static bool faces_of(
    const struct lab_line *line, struct analyser *analyser, const char *path, json_t *all, struct error *err)
{
    AUTO(image) struct image image = {NULL, 0, 0, 0};
    struct face faces[FACE_LIMIT];
    if (!picture_read(path, &image, err))
        return false;
    int count = analyser_detect(analyser, &image, faces);
    json_t *list = json_array();
    if (!line->json)
        printf("%s: %d × %d, faces: %d\n", path, image.width, image.height, count);
    for (int i = 0; i < count; i++) {
        analyser_measure(analyser, &image, &faces[i]);
        json_array_append_new(list, face_json(&faces[i]));
        if (!line->json)
            print_face(&faces[i]);
    }
    json_array_append_new(all, json_pack("{s:s, s:i, s:i, s:o}", "file", path, "width", image.width, "height",
                                   image.height, "faces", list));
    return true;
}

bool lab_faces(const struct lab_line *line, struct error *err)
{
    if (line->place_count < 1)
        return fail(err, ERROR_USAGE, "faces needs at least one file");
    AUTO(pack) struct pack *pack = lab_pack(line, err);
    AUTO(analyser) struct analyser *analyser = pack ? lab_analyser(line, pack, err) : NULL;
    if (!analyser)
        return false;
    AUTO(json) json_t *all = json_array();
    for (int i = 0; i < line->place_count; i++)
        if (!faces_of(line, analyser, line->places[i], all, err))
            return false;
    if (line->json)
        lab_print_json(json_incref(all));
    return true;
}

static bool portrait_of(struct analyser *analyser, const char *path, struct face *face,
    float template[static TEMPLATE_LENGTH], struct error *err)
{
    AUTO(image) struct image image = {NULL, 0, 0, 0};
    if (!picture_read(path, &image, err))
        return false;
    if (!portrait_find(analyser, &image, face))
        return fail(err, ERROR_INVALID, "%s: no face found", path);
    if (face->quality.verdict != QUALITY_OK)
        return fail(err, ERROR_INVALID, "%s: %s; %s", path, quality_word(face->quality.verdict),
            quality_advice(face->quality.verdict));
    return portrait_embed(analyser, &image, face, template, err);
}

bool lab_compare(const struct lab_line *line, struct error *err)
{
    if (line->place_count != 2)
        return fail(err, ERROR_USAGE, "compare needs two files");
    AUTO(pack) struct pack *pack = lab_pack(line, err);
    AUTO(analyser) struct analyser *analyser = pack ? lab_analyser(line, pack, err) : NULL;
    struct face faces[2];
    float templates[2][TEMPLATE_LENGTH];
    if (!analyser)
        return false;
    for (int i = 0; i < 2; i++)
        if (!portrait_of(analyser, line->places[i], &faces[i], templates[i], err))
            return false;
    double score = score_canonical(templates[0], templates[1], TEMPLATE_LENGTH);
    if (line->json)
        lab_print_json(json_pack(
            "{s:f, s:[o, o]}", "score", score, "faces", face_json(&faces[0]), face_json(&faces[1])));
    else
        printf("score %.3f\n", score);
    return true;
}
