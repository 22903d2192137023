#include "control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HANG_UP_EVERY_MS = 100 };

static struct mount *find(const struct control *control, const char *name)
{
    for (int i = 0; i < control->stream_count; i++)
        if (strcmp(control->streams[i].name, name) == 0)
            return control->streams[i].mount;
    return NULL;
}

static GstRTSPFilterResult end_client(GstRTSPServer *server, GstRTSPClient *client, gpointer unused)
{
    (void)server, (void)unused;
    /* The client's own thread ends it when it finds the connection shut. Closed from here, that thread can be
     * left reading a stream that is gone, without end. */
    GstRTSPConnection *connection = gst_rtsp_client_get_connection(client);
    GSocket *socket = connection ? gst_rtsp_connection_get_read_socket(connection) : NULL;
    if (socket)
        shutdown(g_socket_get_fd(socket), SHUT_RDWR);
    return GST_RTSP_FILTER_KEEP;
}

static gboolean hang_up(gpointer given)
{
    const struct control *control = given;
    gst_rtsp_server_client_filter(control->server, end_client, NULL);
    return g_get_monotonic_time() < control->hang_up_until_us ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static bool stamp(struct mount *mount, const char *word)
{
    static const char *const words[] = {"right", "zero", "leap", "fast"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(words[i], word) == 0) {
            mount_stamp(mount, (enum stamp_fault)i);
            return true;
        }
    return false;
}

static bool obey(struct control *control, struct mount *mount, const char *verb, const char *rest)
{
    static const struct {
        const char *verb;
        void (*act)(struct mount *mount, int number);
    } acts[] = {{"stall", mount_stall}, {"drop", mount_drop}, {"garble", mount_garble}};
    int number = atoi(rest);
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (strcmp(acts[i].verb, verb) == 0) {
            acts[i].act(mount, number);
            return number > 0;
        }
    const struct mount *other = find(control, rest);
    if (strcmp(verb, "switch") == 0 && other)
        return mount_switch(mount, other), true;
    if (strcmp(verb, "hang-up") == 0) {
        control->hang_up_until_us = g_get_monotonic_time() + number * G_TIME_SPAN_MILLISECOND;
        g_timeout_add(HANG_UP_EVERY_MS, hang_up, control);
        return true;
    }
    return strcmp(verb, "stamps") == 0 && stamp(mount, rest);
}

static gboolean line_came(GIOChannel *input, GIOCondition condition, gpointer control)
{
    (void)condition;
    char *line = NULL;
    char name[64], verb[16], rest[64] = "";
    GIOStatus status = g_io_channel_read_line(input, &line, NULL, NULL, NULL);
    if (status != G_IO_STATUS_NORMAL)
        return status == G_IO_STATUS_AGAIN ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
    int words = sscanf(line, "%63s %15s %63s", name, verb, rest);
    struct mount *mount = words >= 2 ? find(control, name) : NULL;
    if (!mount || !obey(control, mount, verb, rest))
        fprintf(stderr, "mizan-test-camera: not understood: %s", line);
    g_free(line);
    return G_SOURCE_CONTINUE;
}

void control_start(struct control *control)
{
    GIOChannel *input = g_io_channel_unix_new(STDIN_FILENO);
    g_io_channel_set_flags(input, G_IO_FLAG_NONBLOCK, NULL);
    g_io_add_watch(input, G_IO_IN | G_IO_HUP, line_came, control);
    g_io_channel_unref(input);
}
