#include "mount.h"

#include "clip.h"

#include <gst/app/gstappsrc.h>
#include <stdio.h>

enum { RTP_STAMP_AT = 4, RTP_STAMP_SIZE = 4, FAST_TICKS = 9, GARBLED_BYTES = 12, UNGARBLED_BYTES = 16 };

struct mount {
    const char *name;
    enum clip_codec codec;
    GMutex lock; /* of what follows; commands come on another thread */
    const char *path;
    int switched; /* how often `path` changed */
    int stall_ms, drop, garble;
    enum stamp_fault stamps;
    guint32 random;
};

/* A mount's clip in one media: it lives as long as its appsrc. */
struct player {
    struct mount *mount;
    struct clip *clip;
    int switched;
    guint32 stamp;
};

static const char *const pipelines[CLIP_CODECS] = {
    "( appsrc name=pictures format=time is-live=false max-bytes=65536 "
    "caps=video/x-h264,stream-format=byte-stream,"
    "alignment=au ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 )",
    "( appsrc name=pictures format=time is-live=false max-bytes=65536 "
    "caps=video/x-h265,stream-format=byte-stream,"
    "alignment=au ! h265parse ! rtph265pay name=pay0 pt=96 config-interval=-1 )",
    "( appsrc name=pictures format=time is-live=false max-bytes=65536 caps=image/jpeg ! jpegparse ! "
    "rtpjpegpay name=pay0 pt=26 )",
};

static guint32 random_next(struct mount *mount)
{
    return mount->random = mount->random * 1664525U + 1013904223U;
}

static void switch_clip(struct player *player)
{
    struct error err;
    struct clip *clip = clip_open(player->mount->path, clip_end_ns(player->clip), &err);
    player->switched = player->mount->switched;
    if (!clip) {
        fprintf(stderr, "mizan-test-camera: %s\n", err.text);
        return;
    }
    clip_close(player->clip);
    player->clip = clip;
}

/* The next picture that is not to be dropped. */
static bool picture_next(struct player *player, struct clip_picture *picture, struct error *err)
{
    for (;;) {
        g_mutex_lock(&player->mount->lock);
        bool wanted = player->mount->drop == 0;
        player->mount->drop -= !wanted;
        if (player->switched != player->mount->switched)
            switch_clip(player);
        g_mutex_unlock(&player->mount->lock);
        if (!clip_next(player->clip, picture, err))
            return false;
        if (wanted)
            return true;
    }
}

static void garble(struct mount *mount, GstBuffer *buffer)
{
    GstMapInfo map;
    g_mutex_lock(&mount->lock);
    bool wanted = mount->garble > 0;
    mount->garble -= wanted;
    if (wanted && gst_buffer_map(buffer, &map, GST_MAP_READWRITE)) {
        for (int i = 0; i < GARBLED_BYTES && map.size > UNGARBLED_BYTES; i++)
            map.data[UNGARBLED_BYTES + (random_next(mount) >> 8) % (map.size - UNGARBLED_BYTES)] ^=
                (guint8)(1U << (mount->random >> 5) % 8);
        gst_buffer_unmap(buffer, &map);
    }
    g_mutex_unlock(&mount->lock);
}

static void push_now(GstAppSrc *pictures, struct player *player)
{
    struct clip_picture picture;
    struct error err;
    if (!picture_next(player, &picture, &err)) {
        fprintf(stderr, "mizan-test-camera: %s\n", err.text);
        gst_app_src_end_of_stream(pictures);
        return;
    }
    GstBuffer *buffer = gst_buffer_new_memdup(picture.data, picture.size);
    GST_BUFFER_PTS(buffer) = (GstClockTime)picture.pts_ns;
    GST_BUFFER_DTS(buffer) = (GstClockTime)picture.dts_ns;
    GST_BUFFER_DURATION(buffer) = (GstClockTime)picture.duration_ns;
    if (!picture.key)
        GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    garble(player->mount, buffer);
    gst_app_src_push_buffer(pictures, buffer);
}

static gboolean push_late(gpointer pictures)
{
    push_now(pictures, g_object_get_data(pictures, "player"));
    return G_SOURCE_REMOVE;
}

static void push_next(GstAppSrc *pictures, guint wanted, gpointer given)
{
    (void)wanted;
    struct player *player = given;
    g_mutex_lock(&player->mount->lock);
    int stall_ms = player->mount->stall_ms;
    player->mount->stall_ms = 0;
    g_mutex_unlock(&player->mount->lock);
    if (stall_ms)
        g_timeout_add_full(
            G_PRIORITY_DEFAULT, (guint)stall_ms, push_late, g_object_ref(pictures), g_object_unref);
    else
        push_now(pictures, player);
}

static void stamp_wrongly(struct player *player, GstBuffer *packet)
{
    struct mount *mount = player->mount;
    g_mutex_lock(&mount->lock);
    enum stamp_fault fault = mount->stamps;
    guint32 random = fault == STAMPS_LEAP ? random_next(mount) : 0;
    g_mutex_unlock(&mount->lock);
    if (fault == STAMPS_RIGHT)
        return;
    player->stamp += FAST_TICKS;
    guint32 stamp = GUINT32_TO_BE(fault == STAMPS_ZERO ? 0 : fault == STAMPS_LEAP ? random : player->stamp);
    gst_buffer_fill(packet, RTP_STAMP_AT, &stamp, RTP_STAMP_SIZE);
}

static gboolean stamp_one(GstBuffer **packet, guint at, gpointer player)
{
    (void)at;
    *packet = gst_buffer_make_writable(*packet);
    stamp_wrongly(player, *packet);
    return TRUE;
}

static GstPadProbeReturn packets_pass(GstPad *pad, GstPadProbeInfo *info, gpointer player)
{
    (void)pad;
    if (GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
        GstBufferList *list = gst_buffer_list_make_writable(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
        gst_buffer_list_foreach(list, stamp_one, player);
        info->data = list;
    } else {
        GstBuffer *packet = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
        stamp_wrongly(player, packet);
        info->data = packet;
    }
    return GST_PAD_PROBE_OK;
}

static void player_free(gpointer given)
{
    struct player *player = given;
    clip_close(player->clip);
    memory_release(player);
}

static struct player *player_new(struct mount *mount)
{
    struct error err;
    struct player *player = memory_allocate(1, sizeof *player);
    player->mount = mount;
    g_mutex_lock(&mount->lock);
    player->switched = mount->switched;
    player->clip = clip_open(mount->path, 0, &err);
    g_mutex_unlock(&mount->lock);
    if (player->clip)
        return player;
    fprintf(stderr, "mizan-test-camera: %s\n", err.text);
    memory_release(player);
    return NULL;
}

static void media_configure(GstRTSPMediaFactory *factory, GstRTSPMedia *media, gpointer mount)
{
    (void)factory;
    struct player *player = player_new(mount);
    if (!player)
        return;
    GstElement *element = gst_rtsp_media_get_element(media);
    GstElement *pictures = gst_bin_get_by_name_recurse_up(GST_BIN(element), "pictures");
    GstElement *payer = gst_bin_get_by_name_recurse_up(GST_BIN(element), "pay0");
    GstPad *packets = gst_element_get_static_pad(payer, "src");
    g_object_set_data_full(G_OBJECT(pictures), "player", player, player_free);
    g_signal_connect(pictures, "need-data", G_CALLBACK(push_next), player);
    gst_pad_add_probe(
        packets, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, packets_pass, player, NULL);
    gst_object_unref(packets);
    gst_object_unref(payer);
    gst_object_unref(pictures);
    gst_object_unref(element);
}

static GstRTSPMediaFactory *factory_new(struct mount *mount, const char *role)
{
    GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new();
    gst_rtsp_media_factory_set_launch(factory, pipelines[mount->codec]);
    gst_rtsp_media_factory_set_shared(factory, TRUE);
    gst_rtsp_media_factory_set_protocols(factory, GST_RTSP_LOWER_TRANS_TCP | GST_RTSP_LOWER_TRANS_UDP);
    if (role)
        gst_rtsp_media_factory_add_role(factory, role, GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN,
            TRUE, GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, NULL);
    g_signal_connect(factory, "media-configure", G_CALLBACK(media_configure), mount);
    return factory;
}

struct mount *mount_add(
    GstRTSPServer *server, const char *name, const char *path, const char *role, struct error *err)
{
    AUTO(clip) struct clip *clip = clip_open(path, 0, err);
    if (!clip)
        return NULL;
    struct mount *mount = memory_allocate(1, sizeof *mount);
    mount->name = name;
    mount->path = path;
    mount->codec = clip_codec(clip);
    g_mutex_init(&mount->lock);
    GstRTSPMountPoints *mounts = gst_rtsp_server_get_mount_points(server);
    char *at = g_strdup_printf("/%s", name);
    gst_rtsp_mount_points_add_factory(mounts, at, factory_new(mount, role));
    g_free(at);
    g_object_unref(mounts);
    return mount;
}

void mount_stall(struct mount *mount, int milliseconds)
{
    g_mutex_lock(&mount->lock);
    mount->stall_ms = milliseconds;
    g_mutex_unlock(&mount->lock);
}

void mount_drop(struct mount *mount, int pictures)
{
    g_mutex_lock(&mount->lock);
    mount->drop = pictures;
    g_mutex_unlock(&mount->lock);
}

void mount_garble(struct mount *mount, int pictures)
{
    g_mutex_lock(&mount->lock);
    mount->garble = pictures;
    g_mutex_unlock(&mount->lock);
}

void mount_stamp(struct mount *mount, enum stamp_fault fault)
{
    g_mutex_lock(&mount->lock);
    mount->stamps = fault;
    g_mutex_unlock(&mount->lock);
}

void mount_switch(struct mount *mount, const struct mount *other)
{
    if (mount->codec != other->codec)
        return;
    g_mutex_lock(&mount->lock);
    mount->path = other->path;
    mount->switched++;
    g_mutex_unlock(&mount->lock);
}
