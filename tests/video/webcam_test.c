/* A webcam: real files that are none, and a driver that is played here, behind ioctl (the linker puts
 * __wrap_ioctl in its place). The driver's memory is a file, so that it is really mapped. */
#include "video/webcam.h"

#include "video/sample.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { BUFFER_SIZE = 1 << 16, BUFFER_LIMIT = 4, NOBODY = 65534 };

/* What the driver has, gives and was told. */
static struct driver {
    bool plays;
    uint32_t abilities, format, buffers;
    int format_error;
    uint32_t flags[8], sizes[8], indices[8]; /* of the pictures it gives, one after the other */
    int picture_count, given;
    int end_error; /* behind the last one */
    int queued, started;
} driver;

static char path[] = "/tmp/mizan-webcam-XXXXXX";

int __wrap_ioctl(int descriptor, unsigned long request, void *argument);
int __real_ioctl(int descriptor, unsigned long request, void *argument);

static int answer(int number)
{
    errno = number;
    return number ? -1 : 0;
}

static int take(struct v4l2_buffer *buffer)
{
    if (driver.given >= driver.picture_count)
        return answer(driver.end_error);
    int at = driver.given++;
    buffer->index = driver.indices[at];
    buffer->bytesused = driver.sizes[at];
    buffer->flags = driver.flags[at];
    buffer->timestamp.tv_sec = 100;
    buffer->timestamp.tv_usec = at * 40000;
    return 0;
}

int __wrap_ioctl(int descriptor, unsigned long request, void *argument)
{
    if (!driver.plays)
        return __real_ioctl(descriptor, request, argument);
    switch (request) {
    case VIDIOC_QUERYCAP:
        ((struct v4l2_capability *)argument)->capabilities = driver.abilities;
        return 0;
    case VIDIOC_S_FMT:
        ((struct v4l2_format *)argument)->fmt.pix.pixelformat = driver.format;
        ((struct v4l2_format *)argument)->fmt.pix.width = 640;
        return answer(driver.format_error);
    case VIDIOC_REQBUFS:
        ((struct v4l2_requestbuffers *)argument)->count = driver.buffers;
        return 0;
    case VIDIOC_QUERYBUF:
        ((struct v4l2_buffer *)argument)->length = BUFFER_SIZE;
        ((struct v4l2_buffer *)argument)->m.offset = ((struct v4l2_buffer *)argument)->index * BUFFER_SIZE;
        return 0;
    case VIDIOC_QBUF:
        driver.queued++;
        return 0;
    case VIDIOC_STREAMON:
        driver.started++;
        return 0;
    case VIDIOC_DQBUF:
        return take(argument);
    default:
        return answer(ENOTTY);
    }
}

/* A good one, which gives the sample picture three times and is pulled then. */
static void driver_begin(void)
{
    driver = (struct driver){.plays = true,
        .abilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING,
        .format = V4L2_PIX_FMT_MJPEG,
        .buffers = BUFFER_LIMIT,
        .sizes = {SAMPLE_MJPEG_SIZE, SAMPLE_MJPEG_SIZE, SAMPLE_MJPEG_SIZE},
        .indices = {0, 1, 2},
        .picture_count = 3,
        .end_error = ENODEV};
}

static int make_file(void **state)
{
    (void)state;
    int file = mkstemp(path);
    if (file < 0 || ftruncate(file, (off_t)BUFFER_SIZE * BUFFER_LIMIT))
        return -1;
    for (int i = 0; i < BUFFER_LIMIT; i++)
        if (pwrite(file, sample_mjpeg, SAMPLE_MJPEG_SIZE, (off_t)BUFFER_SIZE * i) != SAMPLE_MJPEG_SIZE)
            return -1;
    return close(file);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void check_refused(const char *which, enum error_code code, const char *says)
{
    struct error err = {0};
    assert_null(webcam_open(which, &err));
    if (err.code != code || !strstr(err.text, says))
        fail_msg("%s: refused with %d, '%s'", which, err.code, err.text);
}

static void what_is_no_webcam_is_refused_in_words(void **state)
{
    (void)state;
    driver.plays = false;
    check_refused("/dev/video998", ERROR_MISSING, "there is no such webcam");
    check_refused("/dev/null", ERROR_INVALID, "is no webcam");
    check_refused("/dev/zero", ERROR_INVALID, "is no webcam");
    check_refused(path, ERROR_INVALID, "is no webcam");
    check_refused("/tmp", ERROR_SYSTEM, "/tmp");
    check_refused("/dev/stdin", ERROR_SYSTEM, "/dev/stdin"); /* a symbolic link */
}

static void a_webcam_of_somebody_elses_is_refused_with_the_cure(void **state)
{
    (void)state;
    driver.plays = false;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(path, 0600), 0);
    pid_t child = fork();
    if (child == 0) {
        struct error err = {0};
        bool refused = setresuid(NOBODY, NOBODY, NOBODY) == 0 && !webcam_open(path, &err) &&
                       err.code == ERROR_FORBIDDEN && strstr(err.text, "group 'video'");
        _exit(refused ? 0 : 1);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void a_webcam_that_gives_no_jpegs_or_is_busy_is_refused(void **state)
{
    (void)state;
    driver_begin();
    driver.format = V4L2_PIX_FMT_YUYV;
    check_refused(path, ERROR_INVALID, "gives no JPEGs");
    driver_begin();
    driver.abilities = V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING;
    check_refused(path, ERROR_INVALID, "try the next");
    driver_begin();
    driver.format_error = EBUSY;
    check_refused(path, ERROR_UNAVAILABLE, "another program");
    driver_begin();
    driver.buffers = 1;
    check_refused(path, ERROR_SYSTEM, "no memory");
}

static void pictures_are_passed_on_as_they_come_until_it_is_pulled(void **state)
{
    (void)state;
    struct error err = {0};
    struct packet packet;
    driver_begin();
    driver.buffers = 32; /* more than were asked for */
    AUTO(webcam) struct webcam *webcam = webcam_open(path, &err);
    assert_non_null(webcam);
    assert_string_equal(webcam_stream(webcam)->codec, "mjpeg");
    assert_int_equal(webcam_stream(webcam)->width, 640);
    assert_int_equal(driver.started + driver.queued, 0); /* behind the lock-up only */
    for (int i = 0; i < 3; i++) {
        assert_true(webcam_read(webcam, &packet, &err));
        assert_int_equal(packet.size, SAMPLE_MJPEG_SIZE);
        assert_memory_equal(packet.data, sample_mjpeg, SAMPLE_MJPEG_SIZE);
        assert_int_equal(packet.pts_us, 100000000 + i * 40000);
        assert_true(packet.key);
        assert_int_equal(driver.queued, BUFFER_LIMIT + i);
    }
    assert_int_equal(driver.started, 1);
    assert_false(webcam_read(webcam, &packet, &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    assert_non_null(strstr(err.text, "is gone"));
}

static void damaged_and_empty_pictures_are_left_out(void **state)
{
    (void)state;
    struct error err = {0};
    struct packet packet;
    driver_begin();
    driver.flags[0] = V4L2_BUF_FLAG_ERROR;
    driver.sizes[1] = 0;
    AUTO(webcam) struct webcam *webcam = webcam_open(path, &err);
    assert_non_null(webcam);
    assert_true(webcam_read(webcam, &packet, &err));
    assert_int_equal(packet.pts_us, 100000000 + 2 * 40000);
    assert_int_equal(driver.queued, BUFFER_LIMIT + 2);
}

static void a_driver_that_tells_of_memory_that_there_is_not_is_not_believed(void **state)
{
    (void)state;
    static const struct {
        uint32_t index, size;
    } lies[] = {{BUFFER_LIMIT, 100}, {0xFFFFFFFF, 100}, {1, BUFFER_SIZE + 1}, {0, 0xFFFFFFFF}};
    for (size_t i = 0; i < COUNT_OF(lies); i++) {
        struct error err = {0};
        struct packet packet;
        driver_begin();
        driver.indices[0] = lies[i].index;
        driver.sizes[0] = lies[i].size;
        AUTO(webcam) struct webcam *webcam = webcam_open(path, &err);
        assert_non_null(webcam);
        assert_false(webcam_read(webcam, &packet, &err));
        assert_int_equal(err.code, ERROR_CORRUPT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_webcam_is_refused_in_words),
        cmocka_unit_test(a_webcam_of_somebody_elses_is_refused_with_the_cure),
        cmocka_unit_test(a_webcam_that_gives_no_jpegs_or_is_busy_is_refused),
        cmocka_unit_test(pictures_are_passed_on_as_they_come_until_it_is_pulled),
        cmocka_unit_test(damaged_and_empty_pictures_are_left_out),
        cmocka_unit_test(a_driver_that_tells_of_memory_that_there_is_not_is_not_believed),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
