#include "people.h"

#include "sign/camera.h"

static struct error err;

static json_t *camera_fields(const char *address)
{
    return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:s}", "camera", ID("c", "1"), "name", "Gate", "address",
        address, "latitude_e7", 248600000, "longitude_e7", 670100000, "heading_deg", 90, "tls", "");
}

static void the_key_is_the_hash_of_the_six_fields(void **state)
{
    (void)state;
    AUTO(json) json_t *fields = camera_fields("rtsp://10.0.0.1:554/main");
    struct camera camera;
    assert_true(camera_read(fields, &camera, &err));
    AUTO(text) char *record = camera_record(&camera);
    assert_string_equal(record, "{\"address\":\"rtsp://10.0.0.1:554/main\",\"camera\":\"c-0000000000000001\","
                                "\"heading_deg\":90,\"latitude_e7\":248600000,\"longitude_e7\":670100000,"
                                "\"tls\":\"\"}");
    uint8_t key[HASH_SIZE], expected[HASH_SIZE];
    camera_key(&camera, key);
    hash_bytes(record, strlen(record), expected);
    assert_memory_equal(key, expected, HASH_SIZE);
}

static void s16_another_heading_is_another_key_but_another_name_is_not(void **state)
{
    (void)state;
    AUTO(json) json_t *fields = camera_fields("rtsp://10.0.0.1/main");
    struct camera camera;
    uint8_t key[HASH_SIZE], other[HASH_SIZE];
    assert_true(camera_read(fields, &camera, &err));
    camera_key(&camera, key);
    memcpy(camera.name, "Yard", 5);
    camera_key(&camera, other);
    assert_memory_equal(key, other, HASH_SIZE);
    camera.heading_deg = 91;
    camera_key(&camera, other);
    assert_memory_not_equal(key, other, HASH_SIZE);
}

static void addresses_with_credentials_or_of_files_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"rtsp://user:secret@10.0.0.1/main", "file:/etc/passwd", "rtsp://",
        "rtsp:///main", "rtsp://:554/main", "http:///", "rtsp+udp://", "", "rtsp://user@host",
        "http://user:secret@10.0.0.1/", "https://10.0.0.1/", "rtsps://10.0.0.1/", "/dev/video0",
        "clip:street.mp4", "udp://10.0.0.1", "RTSP://10.0.0.1/", "v4l2:/dev/video", "v4l2:/dev/video0x",
        "v4l2:/dev/video0/../mem", "v4l2:/dev/video1234", "v4l2:/dev/sda", "v4l2:video0"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        AUTO(json) json_t *fields = camera_fields(bad[i]);
        struct camera camera;
        assert_false(camera_read(fields, &camera, &err));
    }
}

static void the_record_without_a_name_reads_too(void **state)
{
    (void)state;
    AUTO(json) json_t *fields = camera_fields("rtsp+udp://cam/1");
    json_object_del(fields, "name");
    struct camera camera;
    assert_true(camera_read(fields, &camera, &err));
    assert_string_equal(camera.name, "");
    json_object_del(fields, "tls");
    assert_false(camera_read(fields, &camera, &err));
}

static void cameras_are_asked_by_rtsp_over_tcp_or_udp_and_by_http(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        uint16_t port;
        bool datagrams;
    } rows[] = {{"rtsp://10.0.0.1/main", 554, false}, {"rtsp+udp://10.0.0.1/main", 554, true},
        {"http://10.0.0.1/video", 80, false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(json) json_t *fields = camera_fields(rows[i].address);
        struct camera camera;
        assert_true(camera_read(fields, &camera, &err));
        assert_int_equal(camera_scheme(camera.address)->port, rows[i].port);
        assert_int_equal(camera_scheme(camera.address)->datagrams, rows[i].datagrams);
    }
}

static void s23_a_live_site_takes_cameras_of_the_network_only(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        bool live;
    } rows[] = {{"rtsp://10.0.0.1/main", true}, {"rtsp+udp://10.0.0.1/main", true},
        {"http://10.0.0.1/video", true}, {"v4l2:/dev/video0", false}, {"v4l2:/dev/video12", false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(json) json_t *fields = camera_fields(rows[i].address);
        struct camera camera;
        assert_true(camera_read(fields, &camera, &err));
        assert_true(camera_fits_site(&camera, SITE_DEMO, &err));
        assert_int_equal(camera_fits_site(&camera, SITE_LIVE, &err), rows[i].live);
    }
}

static void s16_an_encrypted_address_is_refused_with_the_way_round(void **state)
{
    (void)state;
    static const char *const addresses[] = {"rtsps://10.0.0.1/main", "https://10.0.0.1/video"};
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        AUTO(json) json_t *fields = camera_fields(addresses[i]);
        struct camera camera;
        assert_false(camera_read(fields, &camera, &err));
        assert_non_null(strstr(err.text, "tunnel"));
        assert_non_null(strstr(err.text, "docs/cameras.md"));
    }
}

static void s16_a_fingerprint_is_a_hash_and_part_of_the_key(void **state)
{
    (void)state;
    static const char *const bad[] = {"sha256", "AB", "00",
        "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"};
    AUTO(json) json_t *fields = camera_fields("rtsp://127.0.0.1:8554/main");
    struct camera camera;
    uint8_t without[HASH_SIZE], with[HASH_SIZE];
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        json_object_set_new(fields, "tls", json_string(bad[i]));
        assert_false(camera_read(fields, &camera, &err));
    }
    json_object_set_new(fields, "tls", json_string(""));
    assert_true(camera_read(fields, &camera, &err));
    camera_key(&camera, without);
    json_object_set_new(
        fields, "tls", json_string("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"));
    assert_true(camera_read(fields, &camera, &err));
    camera_key(&camera, with);
    assert_memory_not_equal(with, without, HASH_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_key_is_the_hash_of_the_six_fields),
        cmocka_unit_test(s16_another_heading_is_another_key_but_another_name_is_not),
        cmocka_unit_test(addresses_with_credentials_or_of_files_are_refused),
        cmocka_unit_test(the_record_without_a_name_reads_too),
        cmocka_unit_test(cameras_are_asked_by_rtsp_over_tcp_or_udp_and_by_http),
        cmocka_unit_test(s23_a_live_site_takes_cameras_of_the_network_only),
        cmocka_unit_test(s16_an_encrypted_address_is_refused_with_the_way_round),
        cmocka_unit_test(s16_a_fingerprint_is_a_hash_and_part_of_the_key),
    };
    return crypto_start(NULL) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
