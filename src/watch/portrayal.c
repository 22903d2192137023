#include "watch/portrayal.h"

#include "video/jpeg.h"
#include "video/reduce.h"
#include "watch/supervisor.h"

#include <math.h>
#include <string.h>

enum { FACE_QUALITY = 92, SCENE_QUALITY = 80, FACE_SIDE_LIMIT = 400, SCENE_SIDE_LIMIT = 1920 };

static const float face_margin = 0.35F;   /* of the box's side, on each side */
static const float person_margin = 0.15F; /* little: whoever stands beside must not be in it */

static float longer_side(const struct box *box)
{
    float width = box->right - box->left;
    float height = box->bottom - box->top;
    return width > height ? width : height;
}

static struct box box_with_margin(const struct box *box, float margin)
{
    float by = margin * longer_side(box);
    return (struct box){box->left - by, box->top - by, box->right + by, box->bottom + by};
}

static float largest_face_px(struct passages *passages)
{
    float largest = 0;
    for (int i = 0; i < passages_count(passages); i++) {
        float side = longer_side(&passages_at(passages, i)->box);
        largest = side > largest ? side : largest;
    }
    return largest;
}

/* A JPEG of at most `limit` bytes: smaller when the picture's sides are over `side_limit`, coarser when that
 * is not enough. */
static bool encode_within(const struct image *image, int side_limit, int quality, size_t limit,
    struct bytes *out, struct error *err)
{
    AUTO(image) struct image smaller = {0};
    int side = image->width > image->height ? image->width : image->height;
    if (side > side_limit) {
        int width = image->width * side_limit / side;
        int height = image->height * side_limit / side;
        if (!image_init(&smaller, width > 0 ? width : 1, height > 0 ? height : 1, err))
            return false;
        image_scale(image, &smaller);
        image = &smaller;
    }
    for (; quality >= 20; quality -= 20) {
        if (!jpeg_write(image, quality, out, err))
            return false;
        if (out->size <= limit)
            return true;
        bytes_free(out);
    }
    return fail(err, ERROR_TOO_LARGE, "a picture of the sighting is over its limit of %zu bytes", limit);
}

/* A square around the middle of the box; black where the picture ends, so that every face is framed alike. */
static bool crop_square(
    const struct image *image, const struct box *box, struct image *out, struct error *err)
{
    float half = longer_side(box) * (0.5F + face_margin);
    int left = (int)floorf((box->left + box->right) / 2 - half);
    int top = (int)floorf((box->top + box->bottom) / 2 - half);
    int side = (int)ceilf(2 * half);
    if (!(half >= 1) || !image_init(out, side, side, err))
        return half >= 1 ? false : fail(err, ERROR_INVALID, "a face's box has no size");
    int from = left > 0 ? 0 : -left;
    int until = image->width - left < side ? image->width - left : side;
    for (int y = 0; y < side && from < until; y++)
        if (top + y >= 0 && top + y < image->height)
            memcpy(out->rgb + (ptrdiff_t)y * out->stride + (ptrdiff_t)from * 3,
                image->rgb + (ptrdiff_t)(top + y) * image->stride + (ptrdiff_t)(left + from) * 3,
                (size_t)(until - from) * 3);
    return true;
}

bool portrayal_face(const struct image *image, const struct box *box, struct bytes *out, struct error *err)
{
    AUTO(image) struct image crop = {0};
    return crop_square(image, box, &crop, err) &&
           encode_within(&crop, FACE_SIDE_LIMIT, FACE_QUALITY, SIGHTING_FACE_LIMIT, out, err);
}

static bool make_scene(struct portrayal *out, const struct image *image, const struct box *box,
    float largest_px, struct error *err)
{
    AUTO(image) struct image reduced = {0};
    const struct box person = box_with_margin(box, person_margin);
    return reduce_scene(image, &person, largest_px, &reduced, err) &&
           encode_within(&reduced, SCENE_SIDE_LIMIT, SCENE_QUALITY, SIGHTING_SCENE_LIMIT, &out->scene, err);
}

bool portrayal_make(struct portrayal *out, const struct image *image, const struct passage *matched,
    struct passages *passages, struct error *err)
{
    return portrayal_face(image, &matched->box, &out->face, err) &&
           make_scene(out, image, &matched->box, largest_face_px(passages), err);
}

void portrayal_done(struct portrayal *portrayal)
{
    if (portrayal->face.data)
        memory_wipe(portrayal->face.data, portrayal->face.size);
    if (portrayal->scene.data)
        memory_wipe(portrayal->scene.data, portrayal->scene.size);
    bytes_free(&portrayal->face);
    bytes_free(&portrayal->scene);
}

bool portrayal_warm_up(struct error *err)
{
    AUTO(image) struct image image = {0};
    AUTO(portrayal) struct portrayal portrayal = {0};
    const struct box box = {40, 40, 80, 80};
    return image_init(&image, 640, 480, err) && portrayal_face(&image, &box, &portrayal.face, err) &&
           make_scene(&portrayal, &image, &box, 40, err);
}
