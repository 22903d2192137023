#include "list/camera_set_up.h"

#include "base/clock.h"
#include "base/text.h"
#include "list/camera.h"
#include "list/position.h"
#include "list/row.h"
#include "sign/limits.h"
#include "watch/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_S = 86400, PLACE_M = 50, SAME_WAY_DEG = 90 };

/* One view, as its row has it. `address` is NULL for one whose row was taken away or changed. */
struct view {
    const char *address;
    int64_t latitude_e7, longitude_e7, heading_deg, at_s;
};

/* What the record can hold of where it was: a keyed hash. */
static bool mark_of(
    struct site *site, const struct view *view, char out[static HEX_HASH_SIZE], struct error *err)
{
    uint8_t mark[HASH_SIZE];
    AUTO(json)
    json_t *place = json_pack("[s, I, I, I, I]", view->address, (json_int_t)view->latitude_e7,
        (json_int_t)view->longitude_e7, (json_int_t)view->heading_deg, (json_int_t)view->at_s);
    if (!row_mark(site, "camera_place", place, mark, err))
        return false;
    hex_write(mark, sizeof mark, out);
    return true;
}

static const char columns[] = "SELECT address, latitude_e7, longitude_e7, heading_deg, at FROM camera_set_up";

static struct view view_read(struct query *query)
{
    return (struct view){.address = query_get_text(query, 0),
        .latitude_e7 = query_get_integer(query, 1),
        .longitude_e7 = query_get_integer(query, 2),
        .heading_deg = query_get_integer(query, 3),
        .at_s = query_get_integer(query, 4)};
}

/* One stream, or one place looking the same way, is one camera, whatever its record says: another camera of
 * the same pole looks elsewhere. */
static bool is_of(const struct view *view, const struct camera *camera)
{
    if (!view->address || strcmp(view->address, camera->address) == 0)
        return true;
    int64_t turned_deg = llabs(view->heading_deg - camera->heading_deg) % 360;
    return (turned_deg < SAME_WAY_DEG || turned_deg > 360 - SAME_WAY_DEG) &&
           distance_m(view->latitude_e7, view->longitude_e7, camera->latitude_e7, camera->longitude_e7) <=
               PLACE_M;
}

static bool check_count(struct site *site, const struct camera *camera, struct error *err)
{
    AUTO(text) char *sql = text_format("%s WHERE at > :since", columns);
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_integer(query, ":since", clock_now_s() - DAY_S);
    int count = 0;
    while (query_next(query)) {
        struct view view = view_read(query);
        count += is_of(&view, camera);
    }
    if (!query_ok(query, err))
        return false;
    return count < LIMIT_SET_UPS_A_DAY ||
           fail(err, ERROR_FORBIDDEN, "this camera was shown for set-up %d times in 24 hours already",
               LIMIT_SET_UPS_A_DAY);
}

static bool keep(struct site *site, const char *mark, const struct view *view, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO camera_set_up (camera, at, address, latitude_e7, longitude_e7, heading_deg)"
        " VALUES (:mark, :at, :address, :latitude, :longitude, :heading)",
        err);
    query_text(query, ":mark", mark);
    query_integer(query, ":at", view->at_s);
    query_text(query, ":address", view->address);
    query_integer(query, ":latitude", view->latitude_e7);
    query_integer(query, ":longitude", view->longitude_e7);
    query_integer(query, ":heading", view->heading_deg);
    return query_done(query, err);
}

static bool has_row(struct site *site, const char *mark, bool *out, struct error *err)
{
    char found[HEX_HASH_SIZE] = "";
    AUTO(text) char *sql = text_format("%s WHERE camera = :mark AND address IS NOT NULL", columns);
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":mark", mark);
    *out = false;
    while (!*out && query_next(query)) {
        struct view view = view_read(query);
        if (!mark_of(site, &view, found, err))
            return false;
        *out = strcmp(found, mark) == 0;
    }
    return query_ok(query, err);
}

bool camera_set_up_put_back(struct site *site, const json_t *leaf, struct error *err)
{
    const char *mark = json_string_value(json_object_get(leaf, "place_mark"));
    const struct view of_any_camera = {.at_s = json_integer_value(json_object_get(leaf, "at"))};
    bool found = false;
    if (!mark || of_any_camera.at_s <= clock_now_s() - DAY_S)
        return true;
    return has_row(site, mark, &found, err) && (found || keep(site, mark, &of_any_camera, err));
}

bool camera_set_ups_forget(struct site *site, struct error *err)
{
    return store_run(site->ledger->store, "DELETE FROM camera_set_up WHERE address IS NULL", err);
}

static bool record(struct site *site, const struct officer *officer, const struct camera *camera,
    const char *mark, struct error *err)
{
    uint8_t key[HASH_SIZE];
    char hex[HEX_HASH_SIZE];
    camera_key(camera, key);
    hex_write(key, HASH_SIZE, hex);
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:s, s:s, s:i}", "camera", camera->id, "camera_key", hex, "place_mark",
        mark, "seconds", LIMIT_SET_UP_S);
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
    char credentials[128], mark[HEX_HASH_SIZE];
    if (!camera_find(site, id, &camera, credentials, err))
        return NULL;
    const struct view view = {
        camera.address, camera.latitude_e7, camera.longitude_e7, camera.heading_deg, clock_now_s()};
    if (!mark_of(site, &view, mark, err) || !check_count(site, &camera, err) ||
        !check_free(site, camera.id, err) || !ledger_begin(site->ledger, err))
        return NULL;
    if (!keep(site, mark, &view, err) || !record(site, officer, &camera, mark, err) ||
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

static const struct survey *find_survey(
    struct site *site, const char *camera, struct bytes *preview, int64_t *left_us, struct error *err)
{
    const struct survey *survey =
        site->supervisor ? supervisor_survey(site->supervisor, camera, preview, left_us) : NULL;
    if (!survey)
        fail(err, ERROR_MISSING, "no set-up view of this camera is going on");
    return survey;
}

bool camera_set_up_picture(struct site *site, const char *camera, struct bytes *out, struct error *err)
{
    int64_t left_us = 0;
    return find_survey(site, camera, out, &left_us, err) != NULL;
}

json_t *camera_set_up_show(struct site *site, const char *camera, struct bytes marked, struct error *err)
{
    struct bytes preview = {NULL, 0};
    int64_t left_us = 0;
    const struct survey *survey = find_survey(site, camera, &preview, &left_us, err);
    if (!survey)
        return NULL;
    enum survey_fitness fitness = SURVEY_UNKNOWN;
    json_t *sentences = sentences_json(survey, &fitness);
    AUTO(text) char *picture = base64_write(marked.data, marked.size);
    return json_pack("{s:s, s:I, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:I, s:I, s:o, s:s, s:o, s:s}", "camera",
        camera, "seconds_left", (json_int_t)((left_us + 999999) / 1000000), "codec", survey->codec, "width",
        (json_int_t)survey->width, "height", (json_int_t)survey->height, "pictures_a_second",
        (json_int_t)(survey_rate(survey) + 0.5), "faces", (json_int_t)survey_faces(survey),
        "eye_distances_px", bands_json(survey), "verdicts", verdicts_json(survey), "sharpness_percent",
        percent(survey->sharpness_e6, survey_faces(survey)), "light_percent",
        percent(survey->light_e6, survey->previews), "light_by_hour", hours_json(survey), "fitness",
        survey_fitness_word(fitness), "findings", sentences, "picture", picture);
}
