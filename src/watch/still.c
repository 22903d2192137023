/* The still process: single pictures, behind the same lock-up as the watch. It never learns whose they are.
 */
#include "base/log.h"
#include "face/face.h"
#include "video/jpeg.h"
#include "watch/child.h"
#include "watch/message.h"
#include "watch/portrayal.h"
#include "watch/sandbox.h"
#include "watch/watermark.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { STILL_SIDE_LIMIT = 1280, STILL_QUALITY = 92, DETECT_WIDTH = 640, DETECT_HEIGHT = 480 };

/* A face beside this much larger one is background, not a second person of the photograph. */
static const float dominating = 2.0F;

struct still {
    int desk;
    struct wire_in from_desk;
    struct wire_out to_desk;
    struct analyser *analyser;
    uint8_t pack_hash[HASH_SIZE];
};

static float face_side(const struct face *face)
{
    float width = face->box.right - face->box.left;
    float height = face->box.bottom - face->box.top;
    return sqrtf(fmaxf(width, 0) * fmaxf(height, 0));
}

/* The one face of the photograph; NULL with the verdict filled. */
static struct face *find_only_face(struct face *faces, int count, struct enrolment *out)
{
    int largest = 0;
    for (int i = 1; i < count; i++)
        if (face_side(&faces[i]) > face_side(&faces[largest]))
            largest = i;
    for (int i = 0; i < count; i++)
        if (i != largest && face_side(&faces[largest]) < dominating * face_side(&faces[i])) {
            snprintf(out->verdict, sizeof out->verdict, "several_faces");
            snprintf(out->advice, sizeof out->advice, "Cut the picture so that one person is in it.");
            return NULL;
        }
    if (count)
        return &faces[largest];
    snprintf(out->verdict, sizeof out->verdict, "no_face");
    snprintf(out->advice, sizeof out->advice, "Take a picture in which the face is seen from the front.");
    return NULL;
}

/* At most STILL_SIDE_LIMIT on its longer side. */
static bool read_picture(const struct bytes *jpeg, struct image *out, struct error *err)
{
    AUTO(image) struct image read = {0};
    if (!jpeg_read(jpeg->data, jpeg->size, &read, err))
        return false;
    int side = read.width > read.height ? read.width : read.height;
    if (side <= STILL_SIDE_LIMIT) {
        *out = read;
        read = (struct image){0};
        return true;
    }
    int width = read.width * STILL_SIDE_LIMIT / side;
    int height = read.height * STILL_SIDE_LIMIT / side;
    if (!image_init(out, width > 0 ? width : 1, height > 0 ? height : 1, err))
        return false;
    image_scale(&read, out);
    return true;
}

static struct face *still_look(
    struct still *still, const struct image *image, struct face *faces, struct enrolment *out)
{
    int count = analyser_detect(still->analyser, image, faces);
    struct face *face = find_only_face(faces, count, out);
    if (!face)
        return NULL;
    analyser_measure(still->analyser, image, face);
    out->eye_distance_px = face->quality.eye_distance_px;
    snprintf(out->verdict, sizeof out->verdict, "%s", quality_word(face->quality.verdict));
    snprintf(out->advice, sizeof out->advice, "%s", quality_advice(face->quality.verdict));
    return face->quality.verdict == QUALITY_OK ? face : NULL;
}

/* The template is made from the picture that is kept, as it will be read again, not from the one that came:
 * whoever has the kept picture can make it again. */
static bool enrol_kept(struct still *still, struct enrolment *out, struct error *err)
{
    struct face faces[FACE_LIMIT];
    AUTO(image) struct image kept = {0};
    AUTO(image) struct image aligned = {0};
    if (!jpeg_read(out->picture.data, out->picture.size, &kept, err) ||
        !image_init(&aligned, FACE_SIDE, FACE_SIDE, err))
        return false;
    const struct face *face = still_look(still, &kept, faces, out);
    if (face) {
        face_align(&kept, face, &aligned);
        analyser_embed(still->analyser, &aligned, out->template);
        out->accepted = true;
    } else {
        memory_wipe(out->picture.data, out->picture.size);
        bytes_free(&out->picture);
    }
    memory_wipe(faces, sizeof faces);
    return true;
}

static bool still_enrol_picture(struct still *still, const struct wire_message *message, struct error *err)
{
    struct face faces[FACE_LIMIT];
    struct bytes jpeg;
    struct enrolment out = {0};
    AUTO(image) struct image image = {0};
    if (!message_enrol(message, &jpeg, err) || !read_picture(&jpeg, &image, err))
        return false;
    const struct face *face = still_look(still, &image, faces, &out);
    float eye_distance_px = out.eye_distance_px;
    bool done =
        !face || (portrayal_face(&image, &face->box, &out.picture, err) && enrol_kept(still, &out, err));
    out.eye_distance_px = eye_distance_px;
    if (done)
        message_put_enrolled(&still->to_desk, &out);
    analyser_wipe(still->analyser);
    memory_wipe(faces, sizeof faces);
    enrolment_done(&out);
    return done;
}

static bool still_mark_picture(struct still *still, const struct wire_message *message, struct error *err)
{
    char words[MARK_WORDS_LIMIT];
    struct bytes jpeg;
    AUTO(image) struct image image = {0};
    AUTO(bytes) struct bytes marked = {NULL, 0};
    if (!message_mark(message, words, &jpeg, err) || !jpeg_read(jpeg.data, jpeg.size, &image, err))
        return false;
    watermark_draw(&image, words);
    if (!jpeg_write(&image, STILL_QUALITY, &marked, err))
        return false;
    if (marked.size > STILL_PICTURE_LIMIT)
        return fail(err, ERROR_TOO_LARGE, "the marked picture is over its limit");
    message_put_marked(&still->to_desk, &marked);
    return true;
}

/* A picture that is none is the answer "failed", not the end of the process. */
static bool still_answer(struct still *still, const struct wire_message *message, struct error *err)
{
    struct error cause = {0};
    bool done = message->type == WIRE_ENROL ? still_enrol_picture(still, message, &cause)
                                            : still_mark_picture(still, message, &cause);
    if (!done)
        message_put_failed(&still->to_desk, &cause);
    return wire_send(&still->to_desk, still->desk, err);
}

static bool still_loop(struct still *still, struct error *err)
{
    bool open = true;
    while (open) {
        struct wire_message message;
        bool found = true;
        if (!wire_fill(&still->from_desk, still->desk, &open, err))
            return false;
        while (found) {
            if (!wire_next(&still->from_desk, &message, &found, err) ||
                (found && !still_answer(still, &message, err)))
                return false;
        }
    }
    return true;
}

static bool still_say_ready(struct still *still, const char *missing, struct error *err)
{
    struct child_ready ready = {0};
    memcpy(ready.pack_hash, still->pack_hash, HASH_SIZE);
    snprintf(ready.missing, sizeof ready.missing, "%s", missing);
    message_put_ready(&still->to_desk, &ready);
    return wire_send(&still->to_desk, still->desk, err);
}

static bool still_load(struct still *still, const char *folder, struct error *err)
{
    const struct analyser_options detection = {.detect_width = DETECT_WIDTH, .detect_height = DETECT_HEIGHT};
    AUTO(image) struct image sample = {0};
    AUTO(image) struct image read = {0};
    AUTO(bytes) struct bytes jpeg = {NULL, 0};
    AUTO(pack) struct pack *pack = pack_open(folder, err);
    if (!pack)
        return false;
    memcpy(still->pack_hash, pack_hash(pack), HASH_SIZE);
    still->analyser = analyser_new(pack, &detection, err);
    return still->analyser && image_init(&sample, 320, 240, err) &&
           jpeg_write(&sample, STILL_QUALITY, &jpeg, err) && jpeg_read(jpeg.data, jpeg.size, &read, err);
}

bool still_run(const struct child_options *options, struct error *err)
{
    struct still still = {.desk = options->desk};
    struct sandbox_options sandbox = {
        .role = SANDBOX_STILL,
        .uid = options->uid,
        .live = options->kind == SITE_LIVE,
        .parent = options->parent,
    };
    wire_in_init(&still.from_desk, WIRE_STILL_TAKES);
    bool done = still_load(&still, options->pack_folder, err) && sandbox_lock(&sandbox, err) &&
                still_say_ready(&still, sandbox.missing, err) && still_loop(&still, err);
    analyser_free(still.analyser);
    wire_in_done(&still.from_desk);
    wire_out_done(&still.to_desk);
    return done;
}
