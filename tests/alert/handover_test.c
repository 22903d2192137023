#include "world.h"

#include "alert/passage.h"
#include "alert/timer.h"

static void come_to_custody(struct world *world)
{
    come_to_stop(world);
    assert_true(verify(world, CNIC, "thumb", "yes"));
    assert_true(ask_status(world, "live"));
    accepted(outcome(world, "custody", "cnic_verified", CASE, slip));
}

static bool hand_over(struct world *world, enum person person, const char *station)
{
    return act(world, alert_hand_over, person, "handover",
        json_pack("{s:s, s:s}", "alert", world->alert, "station", station));
}

static bool receive(struct world *world, const char *hash)
{
    return act(world, alert_receive, STATION, "receipt",
        json_pack("{s:s, s:s}", "alert", world->alert, "handover_hash", hash));
}

static json_t *open_handover(struct world *world, char hash[static HEX_HASH_SIZE])
{
    AUTO(json)
    json_t *reply = alert_handover_packet(&world->site, officer_of(world, STATION), world->alert, &wrong);
    assert_non_null(reply);
    AUTO(bytes) struct bytes sealed = {0};
    AUTO(bytes) struct bytes opened = {0};
    AUTO(text) char *context = text_format("handover:%s", world->alert);
    assert_true(base64_read(json_string_value(json_object_get(reply, "packet")), 4 << 20, &sealed, &wrong));
    assert_true(packet_open(world->station_secret, context, sealed.data, sealed.size, &opened, &wrong));
    uint8_t digest[HASH_SIZE];
    hash_bytes(sealed.data, sealed.size, digest);
    hex_write(digest, HASH_SIZE, hash);
    assert_string_equal(hash, json_string_value(json_object_get(reply, "handover_hash")));
    return json_read((const char *)opened.data, opened.size, 4 << 20, &wrong);
}

static void custody_is_handed_over_received_and_then_erased(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    come_to_custody(world);
    accepted(hand_over(world, CREW_ONE, STATION_ID));
    assert_string_equal(state_of(world), "handed_over");
    AUTO(json) json_t *packet = open_handover(world, hash);
    assert_true(number(world, "SELECT COUNT(*) FROM alert_picture") > 0);
    accepted(receive(world, hash));
    assert_string_equal(state_of(world), "received");
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_picture"), 0);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_handover"), 0);
    AUTO(text) char *key = text_format("alert/%s", world->alert);
    assert_null(keyring_key(world->site.ledger->keyring, key, false, NULL));
}

static void s39_the_hashes_are_recomputed_from_the_packet(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    come_to_custody(world);
    accepted(hand_over(world, CREW_ONE, STATION_ID));
    AUTO(json) json_t *packet = open_handover(world, hash);
    static const char *const fields[] = {"alert", "station", "face_recognition_used", "pack_hash", "report",
        "sighting", "pictures", "reviews", "outcomes", "handover", "person", "cases", "earlier_rejections",
        "checkpoint", "roster", "marking", NULL};
    assert_true(json_only_fields(packet, fields, &wrong));
    assert_int_equal(json_object_size(packet), COUNT_OF(fields) - 1);
    const json_t *crops = json_object_get(json_object_get(packet, "pictures"), "crops");
    struct bytes pixels[SIGHTING_CROPS] = {0};
    AUTO(bytes) struct bytes face = {0};
    assert_int_equal(json_array_size(crops), 2);
    for (size_t i = 0; i < 2; i++) {
        const char *base64 = json_string_value(json_object_get(json_array_get(crops, i), "pixels"));
        assert_true(base64_read(base64, CROP_BYTES, &pixels[i], &wrong));
        assert_int_equal(pixels[i].size, CROP_BYTES);
    }
    assert_true(base64_read(json_string_value(json_object_get(json_object_get(packet, "pictures"), "face")),
        SIGHTING_FACE_LIMIT, &face, &wrong));
    char again[HEX_HASH_SIZE];
    pictures_hash(world->passage, pixels, 2, face, again);
    assert_string_equal(again, world->pictures_hash);
    const json_t *sighting = json_object_get(packet, "sighting");
    assert_int_equal(json_integer_value(json_object_get(sighting, "threshold_e6")), 500000);
    assert_int_equal(json_array_size(json_object_get(sighting, "others")), 1);
    assert_int_equal(json_array_size(json_object_get(packet, "reviews")), 2);
    bytes_free(&pixels[0]);
    bytes_free(&pixels[1]);
}

static void only_custody_is_handed_over_and_to_a_station_of_the_roster(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    refused(hand_over(world, CREW_ONE, STATION_ID), ERROR_CONFLICT);
    accepted(outcome(world, "identity_not_established", "none", "", slip));
    refused(hand_over(world, CREW_ONE, STATION_ID), ERROR_CONFLICT);
    come_to_custody(world);
    refused(hand_over(world, CREW_ONE, "s-0000000000000009"), ERROR_MISSING);
    refused(hand_over(world, DISPATCHER, STATION_ID), ERROR_FORBIDDEN);
    refused(hand_over(world, CREW_TWO, STATION_ID), ERROR_FORBIDDEN);
}

static void a_receipt_is_for_this_packet_and_from_a_station(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    come_to_custody(world);
    assert_null(alert_handover_packet(&world->site, officer_of(world, STATION), world->alert, &wrong));
    accepted(hand_over(world, CREW_ONE, STATION_ID));
    assert_null(alert_handover_packet(&world->site, officer_of(world, DISPATCHER), world->alert, &wrong));
    assert_int_equal(wrong.code, ERROR_FORBIDDEN);
    AUTO(json) json_t *packet = open_handover(world, hash);
    hash[0] = hash[0] == '0' ? '1' : '0';
    refused(receive(world, hash), ERROR_CONFLICT);
    refused(act(world, alert_receive, CREW_ONE, "receipt",
                json_pack("{s:s, s:s}", "alert", world->alert, "handover_hash", hash)),
        ERROR_FORBIDDEN);
    assert_string_equal(state_of(world), "handed_over");
}

static void only_officers_of_the_receiving_station_open_the_packet_and_sign(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    come_to_custody(world);
    accepted(hand_over(world, CREW_ONE, STATION_ID));
    AUTO(json) json_t *packet = open_handover(world, hash);
    assert_null(alert_handover_packet(&world->site, officer_of(world, STATION_BESIDE), world->alert, &wrong));
    assert_int_equal(wrong.code, ERROR_FORBIDDEN);
    refused(act(world, alert_receive, STATION_BESIDE, "receipt",
                json_pack("{s:s, s:s}", "alert", world->alert, "handover_hash", hash)),
        ERROR_FORBIDDEN);
    accepted(receive(world, hash));
}

static void s50_custody_written_by_sql_is_not_handed_over(void **state)
{
    struct world *world = *state;
    come_to_custody(world);
    sql(world, "DELETE FROM alert_statement WHERE type = 'outcome'");
    refused(hand_over(world, CREW_ONE, STATION_ID), ERROR_CORRUPT);
}

static void s41_custody_nobody_received_is_erased_after_31_days(void **state)
{
    struct world *world = *state;
    come_to_custody(world);
    assert_true(alert_tick_at(&world->site, clock_now_us() + 30 * 86400000000LL, &wrong));
    assert_true(number(world, "SELECT COUNT(*) FROM alert_picture") > 0);
    assert_true(alert_tick_at(&world->site, clock_now_us() + 32 * 86400000000LL, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_picture"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(custody_is_handed_over_received_and_then_erased),
        TEST(s39_the_hashes_are_recomputed_from_the_packet),
        TEST(only_custody_is_handed_over_and_to_a_station_of_the_roster),
        TEST(a_receipt_is_for_this_packet_and_from_a_station),
        TEST(only_officers_of_the_receiving_station_open_the_packet_and_sign),
        TEST(s50_custody_written_by_sql_is_not_handed_over),
        TEST(s41_custody_nobody_received_is_erased_after_31_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
