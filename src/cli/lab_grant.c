#include "cli/lab_grant.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "sign/token.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum grant_person { ROOT, REQUESTER, FIRST, SECOND, LABORATORY, PEOPLE };

enum { LASTS_S = 3600, DAY_S = 86400, THRESHOLD_E6 = 999999 };

static const char *const names[PEOPLE] = {
    "root", "o-0000000000000001", "o-0000000000000002", "o-0000000000000003", "lab"};
static const char *const offices[PEOPLE] = {
    NULL, "f-0000000000000001", "f-0000000000000001", "f-0000000000000002", NULL};

static const char camera_class[] = "bench";

/* Directions drawn evenly from the sphere: two such templates, or one and a face's, are nearly at right
 * angles. */
static void draw_items(struct gallery_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double squares = 0.0;
        snprintf(items[i].entry, sizeof items[i].entry, "e-%016zu", i);
        random_fill(items[i].photo_hash, HASH_SIZE);
        for (size_t k = 0; k < GALLERY_TEMPLATE; k++) {
            uint8_t bytes[12];
            float sum = 0.0F;
            random_fill(bytes, sizeof bytes);
            for (size_t n = 0; n < sizeof bytes; n++)
                sum += (float)bytes[n] - 127.5F;
            items[i].template[k] = sum;
            squares += (double)(sum * sum);
        }
        for (size_t k = 0; k < GALLERY_TEMPLATE; k++)
            items[i].template[k] = (float)(items[i].template[k] / sqrt(squares));
    }
}

bool grant_open(struct grant *grant, const uint8_t pack_hash[static HASH_SIZE], struct error *err)
{
    char hex[2 * PUBLIC_KEY_SIZE + 1];
    memcpy(grant->pack_hash, pack_hash, HASH_SIZE);
    for (int i = 0; i < PEOPLE; i++)
        sign_key_new(grant->officers[i].public_key, grant->officers[i].secret_key);
    draw_items(grant->items, COUNT_OF(grant->items));
    snprintf(grant->folder, sizeof grant->folder, "/tmp/mizan-grant-XXXXXX");
    if (!mkdtemp(grant->folder) || chmod(grant->folder, 0755)) {
        grant->folder[0] = '\0';
        return fail_errno(err, "a folder in /tmp");
    }
    snprintf(grant->root_key, sizeof grant->root_key, "%s/root.pub", grant->folder);
    hex_write(grant->officers[ROOT].public_key, PUBLIC_KEY_SIZE, hex);
    return file_write(grant->root_key, 0644, hex, strlen(hex), err);
}

void grant_close(struct grant *grant)
{
    if (grant->folder[0]) {
        unlink(grant->root_key);
        rmdir(grant->folder);
    }
    memory_wipe(grant, sizeof *grant);
}

static json_t *hex_text(const uint8_t bytes[static 32])
{
    char hex[HEX_HASH_SIZE];
    hex_write(bytes, 32, hex);
    return json_string(hex);
}

static json_t *hex_zero(void)
{
    static const uint8_t zero[32];
    return hex_text(zero);
}

/* Takes `fields`. */
static struct envelope *sign_as(
    const struct grant *grant, enum grant_person person, const char *type, json_t *fields, struct error *err)
{
    AUTO(json) json_t *owned = fields;
    AUTO(json)
    json_t *common = json_pack("{s:s, s:s, s:s, s:I}", "type", type, "site", GRANT_SITE, "by", names[person],
        "at", (json_int_t)clock_now_s());
    json_object_update(owned, common);
    return envelope_sign(owned, grant->officers[person].secret_key, err);
}

static json_t *officer_json(const struct grant *grant, enum grant_person person, const char *role)
{
    return json_pack("{s:s, s:s, s:[s], s:[], s:o}", "officer", names[person], "office", offices[person],
        "roles", role, "posts", "key", hex_text(grant->officers[person].public_key));
}

static json_t *roster_fields(const struct grant *grant)
{
    return json_pack("{s:s, s:i, s:o, s:[o, o, o], s:[], s:[], s:[o], s:o}", "kind", "demo", "number", 1,
        "previous", hex_zero(), "officers", officer_json(grant, REQUESTER, "watch_officer"),
        officer_json(grant, FIRST, "authoriser"), officer_json(grant, SECOND, "authoriser"), "units",
        "stations", "report_keys", hex_text(grant->officers[LABORATORY].public_key), "oversight_key",
        hex_zero());
}

static json_t *report_fields(const struct grant *grant)
{
    return json_pack("{s:o, s:i, s:i, s:i, s:s, s:s, s:i}", "pack_hash", hex_text(grant->pack_hash), "n",
        LIMIT_DEMO_ENTRIES, "threshold_e6", THRESHOLD_E6, "fpir_bound_e9", 1, "camera_class", camera_class,
        "made_on", "images", "samples", 1);
}

static json_t *entries_of(const struct grant *grant)
{
    json_t *entries = json_array();
    for (size_t i = 0; i < COUNT_OF(grant->items); i++)
        json_array_append_new(entries, json_string(grant->items[i].entry));
    return entries;
}

static json_t *request_fields(
    const struct grant *grant, const struct camera *camera, const struct envelope *report, struct error *err)
{
    uint8_t key[HASH_SIZE];
    uint8_t list[HASH_SIZE];
    json_int_t now = (json_int_t)clock_now_s();
    AUTO(gallery) struct gallery *gallery = gallery_new(grant->items, COUNT_OF(grant->items), err);
    if (!gallery)
        return NULL;
    camera_key(camera, key);
    gallery_hash(gallery, list);
    AUTO(json)
    json_t *more = json_pack("{s:o, s:i, s:o, s:o, s:i, s:s, s:i, s:o, s:I, s:b, s:I, s:I}", "list_hash",
        hex_text(list), "list_size", LIMIT_DEMO_ENTRIES, "pack_hash", hex_text(grant->pack_hash),
        "report_hash", hex_text(report->hash), "threshold_e6", THRESHOLD_E6, "camera_class", camera_class,
        "expected_passages", 1, "assessment_hash", hex_zero(), "assessment_dated", now - DAY_S,
        "notice_confirmed", 1, "starts_at", now - 2, "ends_at", now + LASTS_S);
    json_t *fields = json_pack("{s:s, s:s, s:s, s:[{s:s, s:s, s:I, s:o}], s:[o]}", "kind", "demo",
        "operation", GRANT_OPERATION, "purpose", "trial", "reasons", "why_here", "trial", "why_reference",
        "bench", "why_dated", now - DAY_S, "entries", entries_of(grant), "cameras", hex_text(key));
    json_object_update(fields, more);
    return fields;
}

static struct envelope *authorise(
    const struct grant *grant, enum grant_person person, const struct envelope *request, struct error *err)
{
    return sign_as(grant, person, "authorisation",
        json_pack("{s:s, s:o, s:s}", "operation", GRANT_OPERATION, "request_hash", hex_text(request->hash),
            "answer", "authorised"),
        err);
}

static struct envelope *request_operation(
    const struct grant *grant, const struct camera *camera, const struct envelope *report, struct error *err)
{
    json_t *fields = report ? request_fields(grant, camera, report, err) : NULL;
    return fields ? sign_as(grant, REQUESTER, "operation_request", fields, err) : NULL;
}

char *grant_token(const struct grant *grant, const struct camera *camera, struct error *err)
{
    AUTO(envelope) struct envelope *roster = sign_as(grant, ROOT, "roster", roster_fields(grant), err);
    AUTO(envelope)
    struct envelope *report = roster ? sign_as(grant, LABORATORY, "report", report_fields(grant), err) : NULL;
    AUTO(envelope) struct envelope *request = request_operation(grant, camera, report, err);
    AUTO(envelope) struct envelope *first = request ? authorise(grant, FIRST, request, err) : NULL;
    AUTO(envelope) struct envelope *second = first ? authorise(grant, SECOND, request, err) : NULL;
    if (!second)
        return NULL;
    const struct envelope *both[] = {first, second};
    AUTO(json) json_t *token = token_json(request, both, COUNT_OF(both), report, roster);
    return json_canonical(token, err);
}
