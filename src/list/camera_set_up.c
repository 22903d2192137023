#include "list/camera_set_up.h"

#include "base/clock.h"
#include "base/text.h"
#include "list/camera.h"
#include "list/row.h"
#include "sign/limits.h"
#include "watch/survey.h"

#include <stdio.h>
#include <string.h>

enum { DAY_S = 86400 };

/* What stays the same when a camera is registered anew under another id: its place and heading, as a keyed
 * hash that the record can hold. */
static bool place_of(
    struct site *site, const struct camera *camera, char out[static HEX_HASH_SIZE], struct error *err)
{
    uint8_t mark[HASH_SIZE];
    AUTO(json)
    json_t *place = json_pack("[I, I, I]", (json_int_t)camera->latitude_e7, (json_int_t)camera->longitude_e7,
        (json_int_t)camera->heading_deg);
    if (!row_mark(site, "camera_place", place, mark, err))
        return false;
    hex_write(mark, sizeof mark, out);
    return true;
}

/* One place and heading is one camera, whatever its id. */
static bool check_count(struct site *site, const char *place, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT count(*) FROM camera_set_up WHERE camera = :camera AND at > :since", err);
    query_text(query, ":camera", place);
    query_integer(query, ":since", clock_now_s() - DAY_S);
    int64_t count = query_next(query) ? query_get_integer(query, 0) : 0;
    if (!query_ok(query, err))
        return false;
    return count < LIMIT_SET_UPS_A_DAY ||
           fail(err, ERROR_FORBIDDEN, "this camera was shown for set-up %d times in 24 hours already",
               LIMIT_SET_UPS_A_DAY);
}

static bool keep(struct site *site, const char *place, int64_t at_s, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "INSERT INTO camera_set_up (camera, at) VALUES (:camera, :at)", err);
    query_text(query, ":camera", place);
    query_integer(query, ":at", at_s);
    return query_done(query, err);
}

bool camera_set_ups_forget(struct site *site, struct error *err)
{
    return store_run(site->ledger->store, "DELETE FROM camera_set_up", err);
}

bool camera_set_up_put_back(struct site *site, const json_t *leaf, struct error *err)
{
    const char *place = json_string_value(json_object_get(leaf, "place_mark"));
    int64_t at_s = json_integer_value(json_object_get(leaf, "at"));
    return !place || at_s <= clock_now_s() - DAY_S || keep(site, place, at_s, err);
}

static bool record(struct site *site, const struct officer *officer, const struct camera *camera,
    const char *place, struct error *err)
{
    uint8_t key[HASH_SIZE];
    char hex[HEX_HASH_SIZE];
    camera_key(camera, key);
    hex_write(key, HASH_SIZE, hex);
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:s, s:s, s:i}", "camera", camera->id, "camera_key", hex, "place_mark",
        place, "seconds", LIMIT_SET_UP_S);
    const struct record record = {.kind = "camera_shown", .by = officer->id, .public_fields = fields};
    return ledger_record(site->ledger, &record, err) &&
           ledger_event(site->ledger, "camera", camera->id, "set_up", err);
}

static bool check_free(struct site *site, const char *camera, struct error *err)
{
    enum camera_state state;
    const char *reason;
    if (!site->supervisor)
        return fail(err, ERROR_UNAVAILABLE, "this desk runs no cameras");
    return !supervisor_health(site->supervisor, camera, &state, &reason) ||
           fail(err, ERROR_CONFLICT, "camera %s is in an operation or shown for set-up already", camera);
}

json_t *camera_set_up(struct site *site, const struct officer *officer, const char *id, struct error *err)
{
    struct camera camera;
    char credentials[128], place[HEX_HASH_SIZE];
    if (!camera_find(site, id, &camera, credentials, err))
        return NULL;
    if (!place_of(site, &camera, place, err) || !check_count(site, place, err) ||
        !check_free(site, camera.id, err) || !ledger_begin(site->ledger, err))
        return NULL;
    if (!keep(site, place, clock_now_s(), err) || !record(site, officer, &camera, place, err) ||
        !ledger_commit(site->ledger, err)) {
        ledger_abort(site->ledger);
        return NULL;
    }
    bool begun = supervisor_set_up(site->supervisor, &camera, credentials, err);
    memory_wipe(credentials, sizeof credentials);
    return begun ? json_pack("{s:s, s:i}", "camera", camera.id, "seconds", LIMIT_SET_UP_S) : NULL;
}

static json_t *sentences_json(const struct survey *survey, enum survey_fitness *fitness)
{
    const char *sentences[SURVEY_SENTENCES];
    size_t count = survey_judge(survey, sentences, fitness);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(sentences[i]));
    return list;
}

/* "eyes_under_24", "eyes_from_24", …: how many faces. */
static json_t *bands_json(const struct survey *survey)
{
    json_t *bands = json_object();
    for (size_t i = 0; i < SURVEY_BANDS; i++) {
        char name[24];
        snprintf(name, sizeof name, i ? "from_%d" : "under_%d", survey_bands_px[i ? i - 1 : 0]);
        json_object_set_new(bands, name, json_integer((json_int_t)survey->bands[i]));
    }
    return bands;
}

static json_t *verdicts_json(const struct survey *survey)
{
    json_t *verdicts = json_object();
    for (int i = 0; i < SURVEY_VERDICTS; i++)
        json_object_set_new(
            verdicts, quality_word((enum quality_verdict)i), json_integer((json_int_t)survey->verdicts[i]));
    return verdicts;
}

static json_int_t percent(uint64_t sum_e6, uint64_t count)
{
    return count ? (json_int_t)(sum_e6 / 10000 / count) : 0;
}

/* "14": of the hours that were looked at. */
static json_t *hours_json(const struct survey *survey)
{
    json_t *hours = json_object();
    for (int i = 0; i < SURVEY_HOURS; i++) {
        char name[4];
        snprintf(name, sizeof name, "%02d", i);
        if (survey->hours[i].previews)
            json_object_set_new(
                hours, name, json_integer(percent(survey->hours[i].light_e6, survey->hours[i].previews)));
    }
    return hours;
}

json_t *camera_set_up_show(struct site *site, const char *camera, struct error *err)
{
    struct bytes preview = {NULL, 0};
    int64_t left_us = 0;
    const struct survey *survey =
        site->supervisor ? supervisor_survey(site->supervisor, camera, &preview, &left_us) : NULL;
    if (!survey) {
        fail(err, ERROR_MISSING, "no set-up view of this camera is going on");
        return NULL;
    }
    enum survey_fitness fitness = SURVEY_UNKNOWN;
    json_t *sentences = sentences_json(survey, &fitness);
    AUTO(text) char *picture = base64_write(preview.data, preview.size);
    return json_pack("{s:s, s:I, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:I, s:I, s:o, s:s, s:o, s:s}", "camera",
        camera, "seconds_left", (json_int_t)((left_us + 999999) / 1000000), "codec", survey->codec, "width",
        (json_int_t)survey->width, "height", (json_int_t)survey->height, "pictures_a_second",
        (json_int_t)(survey_rate(survey) + 0.5), "faces", (json_int_t)survey_faces(survey),
        "eye_distances_px", bands_json(survey), "verdicts", verdicts_json(survey), "sharpness_percent",
        percent(survey->sharpness_e6, survey_faces(survey)), "light_percent",
        percent(survey->light_e6, survey->previews), "light_by_hour", hours_json(survey), "fitness",
        survey_fitness_word(fitness), "findings", sentences, "picture", picture);
}
