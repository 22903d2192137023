#include "lab/view.h"

#include "base/clock.h"
#include "lab/clip.h"
#include "video/decoder.h"
#include "video/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct view {
    struct source *source; /* a camera's, with its decoder; NULL for a recording */
    struct decoder *decoder;
    struct clip *clip;
    struct view_facts facts;
    int64_t coded_us; /* the newest packet's stamp */
    int64_t shown_us;
};

bool view_is_url(const char *place)
{
    return strstr(place, "://") != NULL;
}

static bool open_camera(
    struct view *view, const char *place, const char *user, const char *password, struct error *err)
{
    const struct source_options options = {.url = place, .user = user, .password = password};
    view->source = source_open(&options, err);
    view->decoder = view->source ? decoder_new(err) : NULL;
    return view->decoder && decoder_start(view->decoder, source_stream(view->source), err);
}

struct view *view_open(const char *place, const char *user, const char *password, struct error *err)
{
    AUTO(view) struct view *view = memory_allocate(1, sizeof *view);
    bool url = view_is_url(place);
    if (!url)
        view->clip = clip_open(place, err);
    if (url ? !open_camera(view, place, user, password, err) : !view->clip)
        return NULL;
    snprintf(view->facts.codec, sizeof view->facts.codec, "%s",
        url ? source_stream(view->source)->codec : clip_codec(view->clip));
    return STEAL(view);
}

void view_close(struct view *view)
{
    if (!view)
        return;
    decoder_free(view->decoder);
    source_close(view->source);
    clip_close(view->clip);
    free(view);
}

static void count_packet(struct view *view, int64_t pts_us, size_t size, bool key)
{
    struct view_facts *facts = &view->facts;
    facts->reorders = facts->reorders || (facts->packets && pts_us < view->coded_us);
    view->coded_us = pts_us;
    facts->packets++;
    facts->bytes += (int64_t)size;
    facts->keys += key;
}

static void count_picture(struct view *view, int pictures, int64_t pts_us, int width, int height)
{
    struct view_facts *facts = &view->facts;
    bool first = facts->frames == 0;
    if (!first && (facts->width != width || facts->height != height))
        facts->size_changes++;
    if (!first && pts_us - facts->last_us > facts->longest_gap_us)
        facts->longest_gap_us = pts_us - facts->last_us;
    if (first)
        facts->first_us = pts_us;
    facts->frames += pictures;
    facts->last_us = view->shown_us = pts_us;
    facts->width = width;
    facts->height = height;
}

static bool next_of_camera(struct view *view, int *pictures, struct error *err)
{
    struct packet packet;
    struct frame frame;
    if (!source_read(view->source, &packet, err))
        return false;
    count_packet(view, packet.pts_us, packet.size, packet.key);
    *pictures = decoder_push(view->decoder, &packet);
    view->facts.errors = (int64_t)decoder_counts(view->decoder).errors;
    if (*pictures > 0 && decoder_frame(view->decoder, &frame))
        count_picture(view, *pictures, frame.pts_us, frame.width, frame.height);
    return true;
}

static bool next_of_clip(struct view *view, int *pictures, struct error *err)
{
    struct clip_step step;
    if (!clip_step(view->clip, &step, err))
        return false;
    count_packet(view, step.coded_us, step.size, step.key);
    *pictures = step.pictures;
    view->facts.errors += step.damaged;
    if (step.pictures > 0)
        count_picture(view, step.pictures, step.shown_us, step.width, step.height);
    return true;
}

bool view_next(struct view *view, int *pictures, struct error *err)
{
    return view->clip ? next_of_clip(view, pictures, err) : next_of_camera(view, pictures, err);
}

int64_t view_stamp_us(const struct view *view)
{
    return view->shown_us;
}

bool view_image(struct view *view, struct image *image, struct error *err)
{
    return view->clip ? clip_image(view->clip, image, err) : decoder_image(view->decoder, image, err);
}

const struct view_facts *view_facts(const struct view *view)
{
    return &view->facts;
}
