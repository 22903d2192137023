#include "video/webcam.h"

#include "base/clock.h"
#include "video/stream_clock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* The size that is asked for; the driver gives the nearest it has. */
enum { WIDTH = 1280, HEIGHT = 720, BUFFERS = 4, READ_TIMEOUT_MS = 10 * 1000, PATH_SHOWN = 64 };

struct webcam {
    char path[PATH_SHOWN];
    int device;
    struct stream stream;
    struct bytes buffers[BUFFERS]; /* the driver's memory, mapped */
    uint32_t buffer_count;
    bool started;
    bool holds; /* the buffer `held` is the caller's until the next read */
    uint32_t held;
    struct stream_clock clock;
};

static int ask(const struct webcam *webcam, unsigned long request, void *argument)
{
    int result;
    do
        result = ioctl(webcam->device, request, argument);
    while (result < 0 && errno == EINTR);
    return result;
}

/* What errno means for a webcam, and the cure. */
static bool refused(const struct webcam *webcam, struct error *err)
{
    switch (errno) {
    case EACCES:
    case EPERM:
        return fail(err, ERROR_FORBIDDEN,
            "%s: the desk's user may not use it; add that user to the group 'video'", webcam->path);
    case ENOENT:
    case ENODEV:
    case ENXIO:
        return fail(err, ERROR_MISSING, "%s: there is no such webcam; is it plugged in?", webcam->path);
    case EBUSY:
        return fail(err, ERROR_UNAVAILABLE, "%s: another program uses it", webcam->path);
    default:
        return fail_errno(err, "%s", webcam->path);
    }
}

static bool open_device(struct webcam *webcam, struct error *err)
{
    webcam->device = open(webcam->path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
    return webcam->device >= 0 || refused(webcam, err);
}

static bool check_abilities(const struct webcam *webcam, struct error *err)
{
    struct v4l2_capability able = {0};
    if (ask(webcam, VIDIOC_QUERYCAP, &able))
        return fail(err, ERROR_INVALID, "%s: is no webcam", webcam->path);
    uint32_t here = able.capabilities & V4L2_CAP_DEVICE_CAPS ? able.device_caps : able.capabilities;
    if (!(here & V4L2_CAP_VIDEO_CAPTURE) || !(here & V4L2_CAP_STREAMING))
        return fail(err, ERROR_INVALID,
            "%s: gives no pictures; a webcam often has several devices, try the next", webcam->path);
    return true;
}

static bool choose_format(struct webcam *webcam, struct error *err)
{
    struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    format.fmt.pix = (struct v4l2_pix_format){
        .width = WIDTH, .height = HEIGHT, .pixelformat = V4L2_PIX_FMT_MJPEG, .field = V4L2_FIELD_ANY};
    if (ask(webcam, VIDIOC_S_FMT, &format))
        return refused(webcam, err);
    uint32_t given = format.fmt.pix.pixelformat;
    if (given != V4L2_PIX_FMT_MJPEG && given != V4L2_PIX_FMT_JPEG)
        return fail(err, ERROR_INVALID,
            "%s: gives no JPEGs, and pictures that are not coded are not taken: use another webcam, or let "
            "ffmpeg code "
            "them (docs/cameras.md)",
            webcam->path);
    webcam->stream = (struct stream){
        .codec = "mjpeg", .width = (int)format.fmt.pix.width, .height = (int)format.fmt.pix.height};
    return true;
}

static bool map_buffer(struct webcam *webcam, uint32_t index, struct error *err)
{
    struct v4l2_buffer buffer = {
        .index = index, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    if (ask(webcam, VIDIOC_QUERYBUF, &buffer))
        return refused(webcam, err);
    void *data = mmap(NULL, buffer.length, PROT_READ, MAP_SHARED, webcam->device, (off_t)buffer.m.offset);
    if (data == MAP_FAILED)
        return refused(webcam, err);
    webcam->buffers[webcam->buffer_count++] = (struct bytes){data, buffer.length};
    return true;
}

static bool map_buffers(struct webcam *webcam, struct error *err)
{
    struct v4l2_requestbuffers wanted = {
        .count = BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    if (ask(webcam, VIDIOC_REQBUFS, &wanted))
        return refused(webcam, err);
    for (uint32_t i = 0; i < wanted.count && i < BUFFERS; i++)
        if (!map_buffer(webcam, i, err))
            return false;
    return webcam->buffer_count > 1 ||
           fail(err, ERROR_SYSTEM, "%s: has no memory for pictures", webcam->path);
}

struct webcam *webcam_open(const char *path, struct error *err)
{
    AUTO(webcam) struct webcam *webcam = memory_allocate(1, sizeof *webcam);
    snprintf(webcam->path, sizeof webcam->path, "%s", path);
    if (!open_device(webcam, err) || !check_abilities(webcam, err) || !choose_format(webcam, err) ||
        !map_buffers(webcam, err))
        return NULL;
    return STEAL(webcam);
}

void webcam_close(struct webcam *webcam)
{
    if (!webcam)
        return;
    for (uint32_t i = 0; i < webcam->buffer_count; i++)
        munmap(webcam->buffers[i].data, webcam->buffers[i].size);
    if (webcam->device >= 0)
        close(webcam->device);
    memory_release(webcam);
}

const struct stream *webcam_stream(const struct webcam *webcam)
{
    return &webcam->stream;
}

static bool queue(const struct webcam *webcam, uint32_t index, struct error *err)
{
    struct v4l2_buffer buffer = {
        .index = index, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    return ask(webcam, VIDIOC_QBUF, &buffer) == 0 ||
           fail(err, ERROR_UNAVAILABLE, "%s: takes no more memory: %s", webcam->path, strerror(errno));
}

static bool start(struct webcam *webcam, struct error *err)
{
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    for (uint32_t i = 0; i < webcam->buffer_count; i++)
        if (!queue(webcam, i, err))
            return false;
    webcam->started = ask(webcam, VIDIOC_STREAMON, &type) == 0;
    return webcam->started ||
           fail(err, ERROR_UNAVAILABLE, "%s: does not start: %s", webcam->path, strerror(errno));
}

/* What the driver says is bounded like anything else from outside. */
static bool take(struct webcam *webcam, struct v4l2_buffer *buffer, struct error *err)
{
    struct pollfd polled = {webcam->device, POLLIN, 0};
    *buffer = (struct v4l2_buffer){.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    if (poll(&polled, 1, READ_TIMEOUT_MS) == 0)
        return fail(
            err, ERROR_UNAVAILABLE, "%s has sent no picture for %d s", webcam->path, READ_TIMEOUT_MS / 1000);
    if (ask(webcam, VIDIOC_DQBUF, buffer))
        return fail(err, ERROR_UNAVAILABLE, "%s: is gone: %s", webcam->path, strerror(errno));
    if (buffer->index >= webcam->buffer_count || buffer->bytesused > webcam->buffers[buffer->index].size)
        return fail(err, ERROR_CORRUPT, "%s: its driver tells of memory that there is not", webcam->path);
    webcam->held = buffer->index;
    webcam->holds = true;
    return true;
}

static bool give_back(struct webcam *webcam, struct error *err)
{
    bool held = webcam->holds;
    webcam->holds = false;
    return !held || queue(webcam, webcam->held, err);
}

bool webcam_read(struct webcam *webcam, struct packet *packet, struct error *err)
{
    struct v4l2_buffer buffer;
    if (!webcam->started && !start(webcam, err))
        return false;
    do
        if (!give_back(webcam, err) || !take(webcam, &buffer, err))
            return false;
    while (buffer.flags & V4L2_BUF_FLAG_ERROR || !buffer.bytesused);
    if (buffer.bytesused > PACKET_SIZE_LIMIT)
        return fail(err, ERROR_TOO_LARGE, "%s sent a picture of %u bytes; the limit is %d", webcam->path,
            buffer.bytesused, (int)PACKET_SIZE_LIMIT);
    int64_t pts_us = (int64_t)buffer.timestamp.tv_sec * 1000000 + buffer.timestamp.tv_usec;
    *packet = (struct packet){
        .data = webcam->buffers[buffer.index].data,
        .size = buffer.bytesused,
        .pts_us = pts_us,
        .captured_us = stream_clock_captured_us(&webcam->clock, pts_us, clock_now_us()),
        .key = true,
    };
    return true;
}
