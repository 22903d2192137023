#include "mount.h"

#include "clip.h"

#include <gst/app/gstappsrc.h>
#include <stdio.h>

static const char pipeline[] = "( appsrc name=pictures format=time is-live=false max-bytes=65536 "
                               "caps=video/x-h264,stream-format=byte-stream,alignment=au ! h264parse ! "
                               "rtph264pay name=pay0 pt=96 config-interval=-1 )";

static void push_next(GstAppSrc *pictures, guint wanted, gpointer opened)
{
    (void)wanted;
    struct clip *clip = opened;
    struct clip_picture picture;
    struct error err;
    if (!clip_next(clip, &picture, &err)) {
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
    gst_app_src_push_buffer(pictures, buffer);
}

static void close_clip(gpointer opened)
{
    clip_close(opened);
}

static void media_configure(GstRTSPMediaFactory *factory, GstRTSPMedia *media, gpointer path)
{
    (void)factory;
    struct error err;
    struct clip *clip = clip_open(path, &err);
    if (!clip) {
        fprintf(stderr, "mizan-test-camera: %s\n", err.text);
        return;
    }
    GstElement *element = gst_rtsp_media_get_element(media);
    GstElement *pictures = gst_bin_get_by_name_recurse_up(GST_BIN(element), "pictures");
    g_object_set_data_full(G_OBJECT(pictures), "clip", clip, close_clip);
    g_signal_connect(pictures, "need-data", G_CALLBACK(push_next), clip);
    gst_object_unref(pictures);
    gst_object_unref(element);
}

void mount_add(GstRTSPServer *server, const char *name, const char *path, const char *role)
{
    GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new();
    gst_rtsp_media_factory_set_launch(factory, pipeline);
    gst_rtsp_media_factory_set_shared(factory, TRUE);
    gst_rtsp_media_factory_set_protocols(factory, GST_RTSP_LOWER_TRANS_TCP);
    if (role)
        gst_rtsp_media_factory_add_role(factory, role, GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN,
            TRUE, GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, NULL);
    g_signal_connect(factory, "media-configure", G_CALLBACK(media_configure), (gpointer)(uintptr_t)path);
    GstRTSPMountPoints *mounts = gst_rtsp_server_get_mount_points(server);
    char *at = g_strdup_printf("/%s", name);
    gst_rtsp_mount_points_add_factory(mounts, at, factory);
    g_free(at);
    g_object_unref(mounts);
}
