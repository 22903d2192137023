/* A desk for tests: a supervisor over the real program, a real RTSP camera, and a record of all that was
 * said. */
#pragma once

#include "../sign/people.h"

#include "watch/enrol_link.h"

enum { DESK_SIGHTINGS = 32 };

struct desk_sighting {
    char camera[24], operation[24], entry[ENTRY_ID_SIZE];
    float score;
    size_t crops, others;
    struct bytes face, scene;
    int64_t captured_us, decided_us, came_us;
};

struct desk {
    struct supervisor *supervisor;
    struct enrol_link *enrolments;
    struct camera camera;
    uint8_t pack_hash[HASH_SIZE];
    struct gallery_item items[24];
    size_t item_count;
    char folder[64]; /* of the root key */
    char root_key[96];
    int camera_pid;
    char *pack;
    char *address; /* rtsp://… of the test camera */
    bool has_fullest_roster;
    /* what was said */
    struct desk_sighting sightings[DESK_SIGHTINGS];
    size_t sighting_count;
    struct watch_health health;
    size_t healths;
    enum camera_state state;
    char reason[256];
    unsigned states_seen; /* bit 1 << state */
    char withdrawn[ENTRY_ID_SIZE];
    size_t withdrawals;
};

/* What is wrong with a token. */
enum flaw {
    FLAW_NONE,
    FLAW_NO_TOKEN,
    FLAW_ONE_SIGNATURE,
    FLAW_EDITED_LIST, /* another template than the one that was signed */
    FLAW_ADDED_ENTRY,
    FLAW_EXPIRED,
    FLAW_OTHER_CAMERA,
    FLAW_UNKNOWN_SIGNER,
    FLAW_UNLINKED, /* a reason for the place names another entry than the list holds */
};

/* `scene` is a file of the assets, or a whole path. NULL, with the reason printed, when the models or scenes
 * are not there. */
struct desk *desk_new(const char *scene, unsigned uid);
void desk_free(struct desk *desk);

/* Gives the still process a picture and waits for what it says. */
bool desk_photograph(
    struct desk *desk, const void *jpeg, size_t size, struct enrolment *out, struct error *err);
/* Enrols assets/photos/NAME.jpg through the still process, as the next item. */
void desk_enrol(struct desk *desk, const char *photo, const char *entry);
/* A token for the items: heap text. */
char *desk_token(const struct desk *desk, enum flaw flaw, int64_t lasts_s);
/* Arms with a token of these seconds. */
void desk_arm(struct desk *desk, enum flaw flaw, int64_t lasts_s);

/* Runs the supervisor until `until` says so; false after `limit_s`. */
bool desk_run(struct desk *desk, bool (*until)(const struct desk *desk), int limit_s);
/* The process id of the desk's newest child of that kind ("watch"), 0 without. */
int desk_child(const char *kind);
char *asset_path(const char *name);
