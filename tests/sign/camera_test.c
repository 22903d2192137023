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
        "rtsp:///main", "http://10.0.0.1/", "", "rtsp://user@host"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        AUTO(json) json_t *fields = camera_fields(bad[i]);
        struct camera camera;
        assert_false(camera_read(fields, &camera, &err));
    }
}

static void the_record_without_a_name_reads_too(void **state)
{
    (void)state;
    AUTO(json) json_t *fields = camera_fields("rtsps://cam/1");
    json_object_del(fields, "name");
    struct camera camera;
    assert_true(camera_read(fields, &camera, &err));
    assert_string_equal(camera.name, "");
    json_object_del(fields, "tls");
    assert_false(camera_read(fields, &camera, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_key_is_the_hash_of_the_six_fields),
        cmocka_unit_test(s16_another_heading_is_another_key_but_another_name_is_not),
        cmocka_unit_test(addresses_with_credentials_or_of_files_are_refused),
        cmocka_unit_test(the_record_without_a_name_reads_too),
    };
    return crypto_start(NULL) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
