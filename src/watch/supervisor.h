/* The desk's side of feed, watch and still: starts them, restarts them with backoff, arms and disarms them.
 *
 * Single-threaded: everything happens inside supervisor_* calls made by the desk's loop. The loop polls
 * supervisor_descriptor for reading and calls supervisor_run when it is ready or when supervisor_timeout_ms
 * is over. All that comes from a child is bounded and checked before a callback sees it. */
#pragma once

#include "match/decide.h"
#include "match/gallery.h"
#include "sign/camera.h"
#include "sign/roster.h"

enum {
    SIGHTING_CROPS = DECISION_SHOTS,
    SIGHTING_FACE_LIMIT = 256 * 1024,
    SIGHTING_SCENE_LIMIT = 512 * 1024,
    CROP_BYTES = 112 * 112 * 3,
    HEALTH_BINS = 20,
    SIGHTINGS_AN_HOUR = 12, /* different ones of one camera; more halts it */
};

enum camera_state {
    CAMERA_OFF, /* no operation: no feed, no watch */
    CAMERA_STARTING,
    CAMERA_RUNNING,  /* token accepted, pictures arrive, matching */
    CAMERA_PAUSED,   /* told to pause: templates are not computed */
    CAMERA_BLIND,    /* no decoded picture for 3 s */
    CAMERA_REFUSED,  /* the watch refused the token or the list; `reason` says why */
    CAMERA_ENDED,    /* the token's end has come */
    CAMERA_DEGRADED, /* running, but light or load loses passages; `reason` says which */
    CAMERA_SET_UP,   /* shown reduced to whoever sets it up: nothing is compared */
    CAMERA_HALTED, /* it reported more sightings than its rate limit: looked at by nobody until armed again */
};

const char *camera_state_word(enum camera_state state);

struct watch_health { /* counts since the watch started; once a second */
    uint64_t decoded, analysed, dropped, faces, failures_to_acquire, templates_computed, passages;
    uint32_t decode_us, detect_us, embed_us; /* means over the last second, per call */
    uint32_t best_scores[HEALTH_BINS];       /* histogram of best scores from −1 to 1 */
};

struct sighting {
    char camera[24];
    char operation[24];
    char passage[24];
    char entry[ENTRY_ID_SIZE];
    float fused_score;
    struct candidate others[DECISION_OTHERS];
    size_t other_count;
    int64_t captured_us[SIGHTING_CROPS]; /* of the fused shots, clock_now_us of the watch */
    uint8_t *crops[SIGHTING_CROPS]; /* CROP_BYTES each: aligned RGB, lossless; borrowed during the callback */
    size_t crop_count;
    struct bytes face;  /* JPEG of the matched face; borrowed */
    struct bytes scene; /* JPEG, reduced outside the matched person; borrowed */
    int64_t decided_us; /* when the deciding shot was analysed */
    bool over_rate; /* the one too many: the camera's watch is halted with it, and the caller makes that last
                     */
};

struct supervisor_events {
    void *context;
    void (*sighting)(void *context, const struct sighting *sighting);
    void (*health)(void *context, const char *camera, const struct watch_health *health);
    void (*state)(void *context, const char *camera, enum camera_state state, const char *reason);
    void (*withdrawn)(void *context, const char *camera, const char *entry);
};

struct supervisor_options {
    const char *program; /* path of the mizan binary */
    const char *pack_folder;
    const char *root_key_file; /* hex, root-owned; the watch opens it itself */
    const char *site;
    enum site_kind kind;
    unsigned feed_uid, watch_uid,
        still_uid; /* 0: keep the desk's uid (said in the log; refused on live sites) */
};

struct supervisor;
struct survey; /* watch/survey.h */

struct supervisor *supervisor_new(
    const struct supervisor_options *options, const struct supervisor_events *events, struct error *err);
/* Ends every child and waits for it. */
void supervisor_free(struct supervisor *supervisor);
AUTO_FREE(supervisor, struct supervisor *, supervisor_free)

int supervisor_descriptor(const struct supervisor *supervisor);
int supervisor_timeout_ms(const struct supervisor *supervisor);
void supervisor_run(struct supervisor *supervisor);

/* Starts a feed and a watch for the camera and hands the watch the token and the list. Kept for restarts
 * until supervisor_disarm. One operation a camera. `credentials` is "user:password" or "". */
bool supervisor_arm(struct supervisor *supervisor, const struct camera *camera, const char *credentials,
    const char *operation, const char *token, const struct gallery_item *items, size_t count,
    struct error *err);
void supervisor_disarm(struct supervisor *supervisor, const char *operation);
void supervisor_pause(struct supervisor *supervisor, const char *operation, bool paused);
/* The desk's own rate of alerts was passed: the camera's watch looks at nothing more until the camera is
 * armed anew for another operation. Nothing happens when it is not armed for this one, or halted already. */
void supervisor_halt(struct supervisor *supervisor, const char *operation, const char *camera);
/* A set-up view of a camera that is in no operation: for LIMIT_SET_UP_S at most, which the watch keeps
 * itself. Arming the camera ends it. How often is the caller's business. */
bool supervisor_set_up(
    struct supervisor *supervisor, const struct camera *camera, const char *credentials, struct error *err);
/* What it told last; NULL when there is none now. `preview` is borrowed until the supervisor runs again. */
const struct survey *supervisor_survey(
    const struct supervisor *supervisor, const char *camera, struct bytes *preview, int64_t *left_us);
/* Tells every armed watch, or with an operation only those that work for it; one that has not acknowledged in
 * a second is killed (and comes back without the entry). Returns how many watches were told; acknowledgements
 * come through events.withdrawn. */
size_t supervisor_withdraw(struct supervisor *supervisor, const char *operation, const char *entry);
/* NULL when unknown. */
const struct watch_health *supervisor_health(
    const struct supervisor *supervisor, const char *camera, enum camera_state *state, const char **reason);

/* How many passages the operation's watches have counted since this was asked last, whatever died in between;
 * what was counted since the newest health is not in it. */
uint64_t supervisor_take_passages(struct supervisor *supervisor, const char *operation);

/* What the still process makes of a photograph (watch/enrol_link.h). */
struct enrolment {
    bool accepted;
    char verdict[24]; /* quality_word, or "no_face", "several_faces" */
    char advice[160];
    float eye_distance_px;
    struct bytes picture;          /* the picture encoded again; owned by the caller */
    uint8_t photo_hash[HASH_SIZE]; /* SHA-256 of it */
    float template[GALLERY_TEMPLATE];
};
void enrolment_done(struct enrolment *enrolment);

/* The still process that marks, started on first use and again after it dies; what is marked was encoded by
 * the site's own processes.
 *
 * A copy of a JPEG with `words` (the viewer's id and the time; DEMONSTRATION on demo sites) written across
 * it: a big scene takes a tenth of a second, so `heard` is told of it, from supervisor_run. `marked` is the
 * listener's; NULL: there is none, and `err` says why. */
typedef void mark_heard(void *context, struct bytes *marked, const struct error *err);
bool still_ask(struct supervisor *supervisor, const void *jpeg, size_t size, const char *words,
    mark_heard *heard, void *context, struct error *err);
/* Nobody hears the answer to this context's question any more. */
void still_cancel(struct supervisor *supervisor, const void *context);
/* The same at once, for a packet's faces, which take few milliseconds: waits for what is with a process that
 * runs already, each of them for two seconds at most, and is not refused because they are many. */
bool still_mark(struct supervisor *supervisor, const void *jpeg, size_t size, const char *words,
    struct bytes *out, struct error *err);
/* The pack the still process runs, for terms and photos: HASH_SIZE bytes. */
bool still_pack_hash(struct supervisor *supervisor, uint8_t out[static HASH_SIZE], struct error *err);
