/* mizan-test-camera: serves recorded clips as network cameras would, endlessly, over RTSP. For tests and
 * demos. On standard output "ready rtsp://ADDRESS:PORT/NAME", a line a stream, once it can be asked;
 * misbehaves on command (control.h); ends on SIGTERM. */
#include "control.h"

#include <getopt.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STREAM_LIMIT = 64, EXIT_USAGE = 64, EXIT_INPUT = 65, EXIT_NETWORK = 71 };

struct named_clip {
    char *name;
    const char *path;
};

struct settings {
    const char *port;
    const char *bind;
    const char *user;
    const char *password;
    int stream_count;
    struct named_clip streams[STREAM_LIMIT];
};

static const char usage[] =
    "mizan-test-camera --port PORT [--bind 127.0.0.1] [--user USER --password PASSWORD] NAME=FILE.mp4 ...\n"
    "Port 0 takes a free one. Lines on standard input make it misbehave: see control.h.\n";

static bool settings_read(struct settings *settings, int count, char *words[])
{
    static const struct option options[] = {{"port", required_argument, NULL, 'p'},
        {"bind", required_argument, NULL, 'b'}, {"user", required_argument, NULL, 'u'},
        {"password", required_argument, NULL, 'w'}, {NULL, 0, NULL, 0}};
    for (int option; (option = getopt_long(count, words, "", options, NULL)) != -1;)
        switch (option) {
        case 'p':
            settings->port = optarg;
            break;
        case 'b':
            settings->bind = optarg;
            break;
        case 'u':
            settings->user = optarg;
            break;
        case 'w':
            settings->password = optarg;
            break;
        default:
            return false;
        }
    for (int i = optind; i < count && settings->stream_count < STREAM_LIMIT; i++) {
        char *equals = strchr(words[i], '=');
        if (!equals || equals == words[i] || !equals[1])
            return false;
        *equals = '\0';
        settings->streams[settings->stream_count++] = (struct named_clip){words[i], equals + 1};
    }
    return settings->port && settings->stream_count && !settings->user == !settings->password;
}

static void server_protect(GstRTSPServer *server, const struct settings *settings)
{
    GstRTSPAuth *auth = gst_rtsp_auth_new();
    GstRTSPToken *token =
        gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, "viewer", NULL);
    gst_rtsp_auth_set_supported_methods(auth, GST_RTSP_AUTH_BASIC | GST_RTSP_AUTH_DIGEST);
    char *basic = gst_rtsp_auth_make_basic(settings->user, settings->password);
    gst_rtsp_auth_add_basic(auth, basic, token);
    gst_rtsp_auth_add_digest(auth, settings->user, settings->password, token);
    g_free(basic);
    gst_rtsp_token_unref(token);
    gst_rtsp_server_set_auth(server, auth);
    g_object_unref(auth);
}

static bool mounts_add(GstRTSPServer *server, const struct settings *settings, struct controlled *streams)
{
    for (int i = 0; i < settings->stream_count; i++) {
        struct error err;
        const struct named_clip *clip = &settings->streams[i];
        streams[i] = (struct controlled){
            clip->name, mount_add(server, clip->name, clip->path, settings->user ? "viewer" : NULL, &err)};
        if (!streams[i].mount) {
            fprintf(stderr, "mizan-test-camera: %s\n", err.text);
            return false;
        }
    }
    return true;
}

static gboolean stop(gpointer loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_REMOVE;
}

static int serve(const struct settings *settings)
{
    GstRTSPServer *server = gst_rtsp_server_new();
    gst_rtsp_server_set_address(server, settings->bind);
    gst_rtsp_server_set_service(server, settings->port);
    if (settings->user)
        server_protect(server, settings);
    struct controlled streams[STREAM_LIMIT];
    struct control control = {server, streams, settings->stream_count, 0};
    if (!mounts_add(server, settings, streams))
        return EXIT_INPUT;
    GMainLoop *loop = g_main_loop_new(NULL, FALSE);
    g_unix_signal_add(SIGTERM, stop, loop);
    g_unix_signal_add(SIGINT, stop, loop);
    if (!gst_rtsp_server_attach(server, NULL)) {
        fprintf(stderr, "mizan-test-camera: %s:%s cannot be listened on\n", settings->bind, settings->port);
        return EXIT_NETWORK;
    }
    for (int i = 0; i < settings->stream_count; i++)
        printf("ready rtsp://%s:%d/%s\n", settings->bind, gst_rtsp_server_get_bound_port(server),
            settings->streams[i].name);
    fflush(stdout);
    control_start(&control);
    g_main_loop_run(loop);
    g_main_loop_unref(loop);
    g_object_unref(server);
    return EXIT_SUCCESS;
}

int main(int count, char *words[])
{
    struct settings settings = {.bind = "127.0.0.1"};
    if (!settings_read(&settings, count, words)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    gst_init(NULL, NULL);
    return serve(&settings);
}
