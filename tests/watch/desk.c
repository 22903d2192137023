#include "desk.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

char *asset_path(const char *name)
{
    const char *assets = getenv("MIZAN_ASSETS");
    return text_format("%s/%s", assets ? assets : "build/assets", name);
}

static void on_sighting(void *context, const struct sighting *sighting)
{
    struct desk *desk = context;
    assert_true(desk->sighting_count < DESK_SIGHTINGS);
    struct desk_sighting *kept = &desk->sightings[desk->sighting_count++];
    memcpy(kept->camera, sighting->camera, sizeof kept->camera);
    memcpy(kept->operation, sighting->operation, sizeof kept->operation);
    memcpy(kept->entry, sighting->entry, sizeof kept->entry);
    kept->score = sighting->fused_score;
    kept->crops = sighting->crop_count;
    kept->others = sighting->other_count;
    kept->captured_us = sighting->captured_us[sighting->crop_count - 1];
    kept->decided_us = sighting->decided_us;
    kept->came_us = clock_now_us();
    kept->face = bytes_copy(sighting->face.data, sighting->face.size);
    kept->scene = bytes_copy(sighting->scene.data, sighting->scene.size);
}

static void on_health(void *context, const char *camera, const struct watch_health *health)
{
    struct desk *desk = context;
    assert_string_equal(camera, desk->camera.id);
    desk->health = *health;
    desk->healths++;
}

static void on_state(void *context, const char *camera, enum camera_state state, const char *reason)
{
    struct desk *desk = context;
    print_message("camera %s: %s %s\n", camera, camera_state_word(state), reason);
    desk->state = state;
    desk->states_seen |= 1U << state;
    snprintf(desk->reason, sizeof desk->reason, "%s", reason);
}

static void on_withdrawn(void *context, const char *camera, const char *entry)
{
    struct desk *desk = context;
    assert_string_equal(camera, desk->camera.id);
    snprintf(desk->withdrawn, sizeof desk->withdrawn, "%s", entry);
    desk->withdrawals++;
}

/* Starts the test camera with the scene and reads its address from its first line. */
static bool start_camera(struct desk *desk, const char *scene)
{
    int lines[2];
    char line[256] = "";
    AUTO(text) char *path = *scene == '/' ? memory_copy_text(scene) : asset_path(scene);
    AUTO(text) char *clip = text_format("main=%s", path);
    const char *program = getenv("MIZAN_TEST_CAMERA");
    if (!program || access(path, R_OK) || pipe(lines))
        return false;
    desk->camera_pid = fork();
    if (desk->camera_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(lines[1], STDOUT_FILENO);
        execl(program, program, "--port", "0", clip, NULL);
        _exit(127);
    }
    close(lines[1]);
    FILE *output = fdopen(lines[0], "r");
    bool ready = output && fgets(line, sizeof line, output) && !strncmp(line, "ready ", 6);
    if (output)
        fclose(output);
    line[strcspn(line, "\n")] = '\0';
    desk->address = ready ? memory_copy_text(line + 6) : NULL;
    return ready;
}

static void write_root_key(struct desk *desk)
{
    char hex[HEX_HASH_SIZE];
    struct error err = {0};
    snprintf(desk->folder, sizeof desk->folder, "/tmp/mizan-test-XXXXXX");
    assert_non_null(mkdtemp(desk->folder));
    assert_int_equal(chmod(desk->folder, 0755), 0);
    snprintf(desk->root_key, sizeof desk->root_key, "%s/root.pub", desk->folder);
    hex_write(key_of(ROOT).public_key, PUBLIC_KEY_SIZE, hex);
    assert_true(file_write(desk->root_key, 0644, hex, strlen(hex), &err));
}

struct desk *desk_new(const char *scene, unsigned uid)
{
    struct error err = {0};
    AUTO(text) char *pack = asset_path("pack");
    AUTO(text) char *detector = asset_path("pack/detect.onnx");
    struct desk *desk = memory_allocate(1, sizeof *desk);
    const struct supervisor_events events = {desk, on_sighting, on_health, on_state, on_withdrawn};
    log_start("test", LOG_INFO);
    write_root_key(desk);
    if (access(detector, R_OK) || !start_camera(desk, scene)) {
        print_message("skipped: no models, scenes or test camera (tools/setup makes them)\n");
        desk_free(desk);
        return NULL;
    }
    const struct supervisor_options options = {
        .program = getenv("MIZAN_PROGRAM"),
        .pack_folder = pack,
        .root_key_file = desk->root_key,
        .site = "karachi-demo",
        .kind = SITE_DEMO,
        .feed_uid = uid ? uid : 0,
        .watch_uid = uid ? uid + 1 : 0,
        .still_uid = uid ? uid + 2 : 0,
    };
    snprintf(desk->camera.id, sizeof desk->camera.id, ID("c", "1"));
    snprintf(desk->camera.name, sizeof desk->camera.name, "Gate");
    snprintf(desk->camera.address, sizeof desk->camera.address, "%s", desk->address);
    desk->camera.latitude_e7 = 248600000;
    desk->camera.longitude_e7 = 670100000;
    desk->supervisor = supervisor_new(&options, &events, &err);
    if (!desk->supervisor || !still_pack_hash(desk->supervisor, desk->pack_hash, &err))
        fail_msg("%s", err.text);
    desk->pack = STEAL(pack);
    const struct enrol_options enrolments = {
        .program = options.program,
        .pack_folder = desk->pack,
        .site = options.site,
        .pack_hash = desk->pack_hash,
        .kind = options.kind,
        .uid = options.still_uid,
    };
    desk->enrolments = enrol_link_new(&enrolments, &err);
    assert_non_null(desk->enrolments);
    return desk;
}

void desk_free(struct desk *desk)
{
    enrol_link_free(desk->enrolments);
    supervisor_free(desk->supervisor);
    if (desk->camera_pid > 0) {
        kill(desk->camera_pid, SIGTERM);
        waitpid(desk->camera_pid, NULL, 0);
    }
    for (size_t i = 0; i < desk->sighting_count; i++) {
        bytes_free(&desk->sightings[i].face);
        bytes_free(&desk->sightings[i].scene);
    }
    unlink(desk->root_key);
    rmdir(desk->folder);
    memory_release(desk->pack);
    memory_release(desk->address);
    memory_release(desk);
}

struct photographed {
    bool heard, done;
    struct enrolment *enrolment;
    struct error *err;
};

static void hear(void *context, struct enrolment *enrolment, const struct error *err)
{
    struct photographed *asked = context;
    asked->heard = true;
    asked->done = enrolment != NULL;
    if (enrolment)
        *asked->enrolment = *enrolment;
    else
        fail_as(asked->err, err);
}

bool desk_photograph(
    struct desk *desk, const void *jpeg, size_t size, struct enrolment *out, struct error *err)
{
    struct photographed asked = {.enrolment = out, .err = err};
    struct bytes picture = {(uint8_t *)(uintptr_t)jpeg, size};
    if (!enrol_link_ask(desk->enrolments, "o-0000000000000001", picture, hear, &asked, err))
        return false;
    while (!asked.heard) {
        struct pollfd polled = {enrol_link_descriptor(desk->enrolments), POLLIN, 0};
        poll(&polled, 1, enrol_link_timeout_ms(desk->enrolments));
        enrol_link_run(desk->enrolments);
    }
    return asked.done;
}

void desk_enrol(struct desk *desk, const char *photo, const char *entry)
{
    struct error err = {0};
    struct enrolment enrolment;
    AUTO(bytes) struct bytes jpeg = {NULL, 0};
    AUTO(text) char *name = text_format("photos/%s.jpg", photo);
    AUTO(text) char *path = asset_path(name);
    if (!file_read(path, 8 << 20, &jpeg, &err) ||
        !desk_photograph(desk, jpeg.data, jpeg.size, &enrolment, &err))
        fail_msg("%s", err.text);
    if (!enrolment.accepted)
        fail_msg("%s: %s", photo, enrolment.verdict);
    assert_true(desk->item_count < COUNT_OF(desk->items));
    struct gallery_item *item = &desk->items[desk->item_count++];
    snprintf(item->entry, sizeof item->entry, "%s", entry);
    memcpy(item->photo_hash, enrolment.photo_hash, HASH_SIZE);
    memcpy(item->template, enrolment.template, sizeof item->template);
    enrolment_done(&enrolment);
}

static struct envelope *make_report(const struct desk *desk)
{
    json_t *fields = report_fields();
    json_object_set_new(fields, "pack_hash", hex_text(desk->pack_hash));
    return sign_as(LAB, "report", fields);
}

/* Sorted, each once. */
static json_t *named_entries(const struct desk *desk, enum flaw flaw)
{
    json_t *entries = json_array();
    for (size_t i = 0; i < desk->item_count; i++) {
        const char *entry = flaw == FLAW_UNLINKED && i == 0 ? ID("e", "0") : desk->items[i].entry;
        size_t place = 0;
        while (place < json_array_size(entries) &&
               strcmp(json_string_value(json_array_get(entries, place)), entry) < 0)
            place++;
        const char *there = json_string_value(json_array_get(entries, place));
        if (!there || strcmp(there, entry) != 0)
            json_array_insert_new(entries, place, json_string(entry));
    }
    return entries;
}

static struct envelope *make_request(
    const struct desk *desk, const struct envelope *report, enum flaw flaw, int64_t lasts_s)
{
    uint8_t camera[HASH_SIZE], list[HASH_SIZE];
    struct error err = {0};
    struct camera named = desk->camera;
    int64_t starts_s = clock_now_s() - (flaw == FLAW_EXPIRED ? 7200 : 2);
    AUTO(gallery) struct gallery *gallery = gallery_new(desk->items, desk->item_count, &err);
    assert_non_null(gallery);
    named.heading_deg += flaw == FLAW_OTHER_CAMERA;
    camera_key(&named, camera);
    gallery_hash(gallery, list);
    json_t *fields = request_fields();
    json_object_set_new(fields, "cameras", json_pack("[o]", hex_text(camera)));
    json_object_set_new(fields, "list_hash", hex_text(list));
    json_object_set_new(fields, "list_size", json_integer((json_int_t)gallery_entries(gallery)));
    json_object_set_new(fields, "pack_hash", hex_text(desk->pack_hash));
    json_object_set_new(fields, "report_hash", hex_text(report->hash));
    json_object_set_new(fields, "reasons",
        json_pack("[o]", reason_json("trial", starts_s - 86400, named_entries(desk, flaw))));
    json_object_set_new(fields, "starts_at", json_integer(starts_s));
    json_object_set_new(fields, "ends_at", json_integer(starts_s + lasts_s));
    return sign_as(REQUESTER, "operation_request", fields);
}

static struct envelope *authorise(int person, const struct envelope *request)
{
    return sign_as(person, "authorisation",
        json_pack("{s:s, s:o, s:s}", "operation", ID("op", "1"), "request_hash", hex_text(request->hash),
            "answer", "authorised"));
}

char *desk_token(const struct desk *desk, enum flaw flaw, int64_t lasts_s)
{
    json_t *officers = desk->has_fullest_roster ? fullest_roster(roster_fields()) : roster_fields();
    AUTO(envelope) struct envelope *roster = sign_as(ROOT, "roster", officers);
    AUTO(envelope) struct envelope *report = make_report(desk);
    AUTO(envelope) struct envelope *request = make_request(desk, report, flaw, lasts_s);
    AUTO(envelope) struct envelope *first = authorise(FIRST, request);
    AUTO(envelope)
    struct envelope *second = authorise(flaw == FLAW_UNKNOWN_SIGNER ? STRANGER : SECOND, request);
    const struct envelope *both[] = {first, second};
    AUTO(json) json_t *json = token_json(request, both, flaw == FLAW_ONE_SIGNATURE ? 1 : 2, report, roster);
    struct error err = {0};
    char *text = flaw == FLAW_NO_TOKEN ? memory_copy_text("") : json_canonical(json, &err);
    assert_non_null(text);
    return text;
}

void desk_arm(struct desk *desk, enum flaw flaw, int64_t lasts_s)
{
    struct error err = {0};
    struct gallery_item items[25];
    size_t count = desk->item_count;
    AUTO(text) char *token = desk_token(desk, flaw, lasts_s);
    memcpy(items, desk->items, sizeof desk->items);
    if (flaw == FLAW_EDITED_LIST)
        for (size_t i = 0; i < GALLERY_TEMPLATE; i++)
            items[0].template[i] = -items[0].template[i];
    if (flaw == FLAW_ADDED_ENTRY) {
        items[count] = items[0];
        snprintf(items[count++].entry, ENTRY_ID_SIZE, ID("e", "9"));
    }
    if (!supervisor_arm(desk->supervisor, &desk->camera, "", ID("op", "1"), token, items, count, &err))
        fail_msg("%s", err.text);
}

bool desk_run(struct desk *desk, bool (*until)(const struct desk *desk), int limit_s)
{
    int64_t end_us = clock_monotonic_us() + limit_s * 1000000LL;
    while (!until(desk)) {
        struct pollfd polled = {supervisor_descriptor(desk->supervisor), POLLIN, 0};
        if (clock_monotonic_us() > end_us)
            return false;
        poll(&polled, 1, supervisor_timeout_ms(desk->supervisor));
        supervisor_run(desk->supervisor);
    }
    return true;
}

static bool is_child(const char *pid, const char *kind)
{
    char path[64], line[256] = "";
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    FILE *file = fopen(path, "r");
    if (file) {
        if (fscanf(file, "%*d %*s %*c %d", &parent) != 1)
            parent = 0;
        fclose(file);
    }
    snprintf(path, sizeof path, "/proc/%.20s/cmdline", pid);
    file = parent == getpid() ? fopen(path, "r") : NULL;
    if (!file)
        return false;
    size_t size = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    size_t program = strlen(line) + 1;
    return program < size && !strcmp(line + program, kind);
}

int desk_child(const char *kind)
{
    int found = 0;
    DIR *folder = opendir("/proc");
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder));)
        if (atoi(entry->d_name) > found && is_child(entry->d_name, kind))
            found = atoi(entry->d_name);
    closedir(folder);
    return found;
}
