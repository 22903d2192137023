/* What the map draws: cameras, units that said where they are, and the places of a file of the site; its
 * tiles from a folder, where there is one. */
#include "base/file.h"
#include "base/text.h"
#include "list/camera.h"
#include "list/position.h"
#include "list/presence.h"

#include "http/handlers.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PLACES_LIMIT = 1 << 20, TILE_LIMIT = 512 * 1024 };

static json_t *no_places(void)
{
    return json_pack("{s:s, s:[]}", "type", "FeatureCollection", "features");
}

/* `map.geojson` of the site's folder: zones, stations, streets. None is fine; a broken one is said. */
static json_t *read_places(const struct site *site, struct error *err)
{
    if (!site->folder)
        return no_places();
    AUTO(text) char *path = text_format("%s/map.geojson", site->folder);
    if (access(path, F_OK) != 0)
        return no_places();
    AUTO(bytes) struct bytes content = {0};
    if (!file_read(path, PLACES_LIMIT, &content, err))
        return NULL;
    AUTO(json) json_t *places = json_read((const char *)content.data, content.size, PLACES_LIMIT, err);
    const char *type = NULL;
    const json_t *features = NULL;
    if (!places || !json_need_text(places, "type", &type, err) ||
        !json_need_array(places, "features", &features, err)) {
        fail_within(err, "map.geojson");
        return NULL;
    }
    if (strcmp(type, "FeatureCollection") != 0) {
        fail(err, ERROR_INVALID, "map.geojson is no FeatureCollection");
        return NULL;
    }
    return STEAL(places);
}

static json_t *units_json(struct site *site)
{
    json_t *units = json_array();
    const struct device *unit = NULL;
    for (size_t i = 0; (unit = roster_unit_at(site->roster, i)); i++) {
        const struct unit_position *at = position_find(site, unit->id);
        if (at)
            json_array_append_new(
                units, json_pack("{s:s, s:I, s:I, s:I, s:b}", "unit", unit->id, "latitude_e7",
                           (json_int_t)at->latitude_e7, "longitude_e7", (json_int_t)at->longitude_e7, "at",
                           (json_int_t)at->at_s, "busy", presence_unit_busy(site, unit->id)));
    }
    return units;
}

static bool has_tiles(const struct site *site)
{
    if (!site->folder)
        return false;
    AUTO(text) char *path = text_format("%s/tiles", site->folder);
    return access(path, X_OK) == 0;
}

/* Where a camera of a refused record stands, nobody can say. */
static json_t *cameras_with_a_place(const json_t *list)
{
    json_t *cameras = json_array(), *camera;
    size_t index;
    json_array_foreach (json_object_get(list, "cameras"), index, camera) {
        if (json_object_get(camera, "latitude_e7"))
            json_array_append(cameras, camera);
    }
    return cameras;
}

bool map_show(struct request *request, struct reply *reply, struct error *err)
{
    struct site *site = request->site;
    AUTO(json) json_t *cameras = camera_list(site, NULL, err);
    AUTO(json) json_t *places = cameras ? read_places(site, err) : NULL;
    if (!places)
        return false;
    return reply_json(reply, json_pack("{s:o, s:o, s:O, s:b}", "cameras", cameras_with_a_place(cameras),
                                 "units", units_json(site), "places", places, "tiles", has_tiles(site)));
}

/* "zoom-column-row", digits only: nothing to climb with. */
static bool read_tile(const char *name, unsigned out[static 3])
{
    char rest;
    return strspn(name, "0123456789-") == strlen(name) &&
           sscanf(name, "%2u-%8u-%8u%c", &out[0], &out[1], &out[2], &rest) == 3;
}

bool tiles_show(struct request *request, struct reply *reply, struct error *err)
{
    unsigned tile[3];
    if (!request->site->folder || !read_tile(request->parameters[0], tile))
        return fail(err, ERROR_MISSING, "there is no such tile");
    AUTO(text)
    char *path = text_format("%s/tiles/%u/%u/%u.png", request->site->folder, tile[0], tile[1], tile[2]);
    if (access(path, R_OK) != 0)
        return fail(err, ERROR_MISSING, "there is no such tile");
    return reply_png(reply, path, TILE_LIMIT, err);
}
