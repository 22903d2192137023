#include "world.h"

#include "alert/passage.h"
#include "alert/timer.h"
#include "govern/ledger_proof.h"
#include "govern/note.h"
#include "list/former_roster.h"

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
        "checkpoint", "roster", "marking", "list_size", "records", "disclosure", "stations",
        "stations_without_key", "counted", "concurrences", "former_rosters", "standing", NULL};
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

static json_t *packet_for(
    struct world *world, enum person person, const uint8_t secret[static 32], char hash[static HEX_HASH_SIZE])
{
    AUTO(json)
    json_t *reply = alert_handover_packet(&world->site, officer_of(world, person), world->alert, &wrong);
    if (!reply)
        fail_msg("%s", wrong.text);
    AUTO(bytes) struct bytes sealed = {0};
    AUTO(bytes) struct bytes opened = {0};
    AUTO(text) char *context = text_format("handover:%s", world->alert);
    assert_int_equal(json_array_size(json_object_get(reply, "packets")), 1);
    snprintf(hash, HEX_HASH_SIZE, "%s", json_string_value(json_object_get(reply, "handover_hash")));
    assert_true(base64_read(json_string_value(json_object_get(reply, "packet")), 4 << 20, &sealed, &wrong));
    assert_true(packet_open(secret, context, sealed.data, sealed.size, &opened, &wrong));
    return json_read((const char *)opened.data, opened.size, 4 << 20, &wrong);
}

static bool sign_receipt(struct world *world, enum person person, const char *hash)
{
    return act(world, alert_receive, person, "receipt",
        json_pack("{s:s, s:s}", "alert", world->alert, "handover_hash", hash));
}

static void s39_each_case_s_station_has_its_own_packet_and_all_sign_before_the_desk_forgets(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE], other_hash[HEX_HASH_SIZE];
    neighbours.case_station = OTHER_STATION;
    come_to_custody(world);
    accepted(hand_over(world, CREW_ONE, STATION_ID));
    AUTO(json) json_t *packet = packet_for(world, STATION, world->station_secret, hash);
    AUTO(json)
    json_t *other = packet_for(world, STATION_BESIDE, world->other_station_secret, other_hash);
    assert_string_not_equal(hash, other_hash);
    assert_string_equal(json_string_value(json_object_get(other, "station")), OTHER_STATION);
    json_object_del(packet, "station");
    json_object_del(other, "station");
    assert_true(json_equal(packet, other)); /* the same for both, to the letter */
    refused(sign_receipt(world, STATION, other_hash), ERROR_CONFLICT);
    accepted(sign_receipt(world, STATION_BESIDE, other_hash));
    assert_string_equal(state_of(world), "handed_over");
    accepted(sign_receipt(world, STATION_BESIDE, other_hash)); /* twice is not two stations */
    assert_string_equal(state_of(world), "handed_over");
    assert_true(number(world, "SELECT COUNT(*) FROM alert_picture") > 0);
    accepted(sign_receipt(world, STATION, hash));
    assert_string_equal(state_of(world), "received");
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_picture"), 0);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_handover"), 0);
}

static void s39_a_case_s_station_without_a_key_is_named_in_the_packet(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    neighbours.case_station = "s-0000000000000009";
    come_to_custody(world);
    accepted(hand_over(world, CREW_ONE, STATION_ID));
    AUTO(json) json_t *packet = open_handover(world, hash);
    const json_t *without = json_object_get(packet, "stations_without_key");
    assert_string_equal(json_string_value(json_array_get(without, 0)), neighbours.case_station);
    accepted(receive(world, hash));
    assert_string_equal(state_of(world), "received");
}

static void check_proof(const json_t *record, const struct checkpoint *checkpoint)
{
    struct tree_proof proof = {0};
    uint8_t leaf_hash[HASH_SIZE];
    size_t index;
    const json_t *hash;
    const char *leaf = json_string_value(json_object_get(record, "leaf"));
    json_array_foreach (json_object_get(record, "proof"), index, hash) {
        assert_true(hex_read(json_string_value(hash), proof.hashes[proof.count++], HASH_SIZE));
    }
    tree_leaf_hash(leaf, strlen(leaf), leaf_hash);
    uint64_t seq = (uint64_t)json_integer_value(json_object_get(record, "seq"));
    assert_true(tree_check_inclusion(&proof, (uint64_t)checkpoint->size, seq, leaf_hash, checkpoint->root));
    leaf_hash[0] ^= 1;
    assert_false(tree_check_inclusion(&proof, (uint64_t)checkpoint->size, seq, leaf_hash, checkpoint->root));
}

static void s39_the_packet_proves_its_records_with_the_log_s_public_key_alone(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    struct checkpoint checkpoint;
    come_to_custody(world);
    accepted(hand_over(world, CREW_ONE, STATION_ID));
    AUTO(json) json_t *packet = open_handover(world, hash);
    const char *note = json_string_value(json_object_get(packet, "checkpoint"));
    assert_true(
        note_read(note, strlen(note), ledger_log_public_key(world->site.ledger), &checkpoint, &wrong));
    const json_t *records = json_object_get(packet, "records");
    size_t index;
    const json_t *record;
    AUTO(text_buffer) struct text kinds = {0};
    json_array_foreach (records, index, record) {
        check_proof(record, &checkpoint);
        text_add(&kinds, "%s\n", json_string_value(json_object_get(record, "leaf")));
    }
    json_array_foreach (json_object_get(packet, "standing"), index, record) {
        check_proof(record, &checkpoint);
        text_add(&kinds, "%s\n", json_string_value(json_object_get(record, "leaf")));
    }
    static const char *const steps[] = {"roster_adopted", "alert_raised", "reviewer_drawn", "review_received",
        "alert_agreed", "alert_dispatched", "alert_accepted", "alert_on_scene", "alert_stopped",
        "register_asked", "case_status_asked", "outcome_given", "alert_closed"};
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        AUTO(text) char *kind = text_format("\"kind\":\"%s\"", steps[i]);
        if (!kinds.data || !strstr(kinds.data, kind))
            fail_msg("no proof of %s", steps[i]);
    }
}

static void add_records(struct world *world, const char *kind, int count)
{
    assert_true(ledger_begin(world->site.ledger, &wrong));
    for (int i = 0; i < count; i++) {
        AUTO(text) char *of = text_format("k-%016d", 1 + i % 2);
        AUTO(json) json_t *fields = json_pack("{s:s, s:s}", "alert", world->alert, "case", of);
        const struct record record = {.kind = kind, .by = id_of(CREW_ONE), .public_fields = fields};
        assert_true(ledger_record(world->site.ledger, &record, &wrong));
    }
    assert_true(ledger_commit(world->site.ledger, &wrong));
}

static int occurrences(const char *text, const char *of)
{
    int count = 0;
    while ((text = strstr(text, of))) {
        text += strlen(of);
        count++;
    }
    return count;
}

static void s39_what_may_be_often_is_counted_and_never_keeps_a_custody_from_its_hand_over(void **state)
{
    enum { OFTEN = PROVED_RECORDS + 5 };
    static const struct {
        const char *kind;
        int proved; /* of two cases the newest question each */
    } often[] = {{"picture_shown", 0}, {"packet_opened", 0}, {"radio_script_shown", 0}, {"passage_waits", 0},
        {"case_status_asked", 2}};
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    come_to_custody(world);
    for (size_t i = 0; i < COUNT_OF(often); i++)
        add_records(world, often[i].kind, OFTEN);
    accepted(hand_over(world, CREW_ONE, STATION_ID));
    AUTO(json) json_t *packet = open_handover(world, hash);
    AUTO(text) char *records = json_canonical(json_object_get(packet, "records"), &wrong);
    assert_non_null(strstr(records, "outcome_given"));
    for (size_t i = 0; i < COUNT_OF(often); i++) {
        AUTO(text) char *kind = text_format("kind\\\":\\\"%s", often[i].kind);
        json_int_t counted =
            json_integer_value(json_object_get(json_object_get(packet, "counted"), often[i].kind));
        if (occurrences(records, kind) != often[i].proved || counted < OFTEN - often[i].proved)
            fail_msg("%s: %d proved, %d counted", kind, occurrences(records, kind), (int)counted);
    }
}

/* What a script does with the buttons of an alert, and what goes along all the same. */
static void write_often(struct world *world)
{
    static const char *const kinds[] = {
        "alert_dispatched", "packet_erased", "unit_replaced", "unit_declined", "alert_looked_at"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        add_records(world, kinds[i], PROVED_RECORDS / 2);
}

static json_int_t counted_of(const json_t *packet, const char *kind)
{
    return json_integer_value(json_object_get(json_object_get(packet, "counted"), kind));
}

static void expect_each_signed_is_proved(const json_t *packet, const char *name, const char *records)
{
    size_t index;
    const json_t *item;
    json_array_foreach (json_object_get(packet, name), index, item) {
        char hash[HEX_HASH_SIZE];
        AUTO(envelope) struct envelope *envelope = envelope_read(item, &wrong);
        assert_true(envelope && statement_name(envelope, hash, &wrong));
        if (!strstr(records, hash))
            fail_msg("the log's record of the packet's %s %zu is not in it", name, index);
    }
}

static void s39_units_sent_and_replaced_by_a_script_keep_no_custody_from_its_hand_over(void **state)
{
    enum { MOST = 128 };
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    come_to_stop(world);
    be_present(world, CREW_TWO, "crew", UNIT);
    assert_true(ask_status(world, "live"));
    for (int i = 0; i < MOST; i++) {
        accepted(outcome(world, "custody", "document_and_officer", CASE, slip));
        if (i % 20 == 0)
            write_often(world);
    }
    accepted(concur(world, CREW_TWO, "custody"));
    accepted(hand_over(world, CREW_ONE, STATION_ID));
    AUTO(json) json_t *packet = open_handover(world, hash);
    const json_t *records = json_object_get(packet, "records");
    assert_true(json_array_size(records) <= PROVED_RECORDS);
    AUTO(text) char *text = json_canonical(records, &wrong);
    expect_each_signed_is_proved(packet, "reviews", text);
    expect_each_signed_is_proved(packet, "outcomes", text);
    expect_each_signed_is_proved(packet, "concurrences", text);
    assert_int_equal(counted_of(packet, "unit_replaced") + occurrences(text, "kind\\\":\\\"unit_replaced"),
        7 * PROVED_RECORDS / 2);
    assert_non_null(strstr(text, "alert_stopped"));
    assert_int_equal(json_object_size(json_array_get(records, 0)), 3); /* seq, leaf, proof */
    assert_non_null(strstr(text, "alert_raised"));
}

static int64_t records_of(struct world *world, const char *kind)
{
    AUTO(text)
    char *sql = text_format("SELECT COUNT(*) FROM ledger_leaf WHERE leaf LIKE '%%\"kind\":\"%s\"%%'", kind);
    return number(world, sql);
}

/* A person who waits under a camera for most of an hour while the crew is with them. */
static void s39_s46_of_three_hundred_passages_beside_a_stop_fifty_are_recorded_and_the_rest_counted(
    void **state)
{
    enum { WAITING = 300 };
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    come_to_stop(world);
    for (int i = 0; i < WAITING; i++) {
        struct sighting later = sighting_of(world, ENTRY);
        raise_again(world, &later);
    }
    assert_int_equal(records_of(world, "passage_waits"), PASSAGES_RECORDED);
    assert_int_equal(records_of(world, "more_passages_waited"), 0);
    assert_true(verify(world, CNIC, "thumb", "yes"));
    assert_true(ask_status(world, "live"));
    accepted(outcome(world, "custody", "cnic_verified", CASE, slip));
    accepted(hand_over(world, CREW_ONE, STATION_ID));
    AUTO(json) json_t *packet = open_handover(world, hash);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(packet, "counted"), "passage_waits")),
        PASSAGES_RECORDED);
    AUTO(text) char *records = json_canonical(json_object_get(packet, "records"), &wrong);
    AUTO(text) char *more = text_format("\\\"passages\\\":%d", WAITING - PASSAGES_RECORDED);
    assert_non_null(strstr(records, more));
}

/* An outcome that waits is signed anew as often as the crew likes. */
static void s39_as_much_is_signed_of_an_alert_as_its_hand_over_carries(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    enum { MOST = 128 };
    come_to_stop(world);
    be_present(world, CREW_TWO, "crew", UNIT);
    assert_true(ask_status(world, "live"));
    for (int i = 0; i < MOST; i++)
        accepted(outcome(world, "custody", "document_and_officer", CASE, slip));
    refused(outcome(world, "custody", "document_and_officer", CASE, slip), ERROR_CONFLICT);
    assert_non_null(strstr(wrong.text, "what was signed stands"));
    accepted(concur(world, CREW_TWO, "custody"));
    accepted(hand_over(world, CREW_ONE, STATION_ID));
    AUTO(json) json_t *packet = open_handover(world, hash);
    assert_int_equal(json_array_size(json_object_get(packet, "outcomes")), MOST);
}

static void s39_the_second_officer_of_a_document_stands_in_the_hand_over(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    come_to_stop(world);
    be_present(world, CREW_TWO, "crew", UNIT);
    assert_true(ask_status(world, "live"));
    accepted(outcome(world, "custody", "document_and_officer", CASE, slip));
    accepted(concur(world, CREW_TWO, "custody"));
    accepted(hand_over(world, CREW_ONE, STATION_ID));
    AUTO(json) json_t *packet = open_handover(world, hash);
    assert_int_equal(json_array_size(json_object_get(packet, "outcomes")), 1);
    AUTO(text) char *agreed = json_canonical(json_object_get(packet, "concurrences"), &wrong);
    assert_non_null(strstr(agreed, id_of(CREW_TWO)));
}

static void s39_the_defence_s_copy_is_hashed_in_the_log_and_names_nobody_else(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE], hex[HEX_HASH_SIZE];
    uint8_t digest[HASH_SIZE];
    come_to_custody(world);
    accepted(hand_over(world, CREW_ONE, STATION_ID));
    AUTO(json) json_t *packet = open_handover(world, hash);
    const json_t *disclosure = json_object_get(packet, "disclosure");
    static const char *const fields[] = {"alert", "answers", "captured_us", "checkpoint",
        "earlier_rejections", "enrolled_hash", "face_recognition_used", "list_size", "other_scores_e6",
        "pack_hash", "pictures_hash", "report", "score_e6", "shots_us", "threshold_e6", NULL};
    assert_true(json_only_fields(disclosure, fields, &wrong));
    assert_int_equal(json_object_size(disclosure), COUNT_OF(fields) - 1);
    AUTO(text) char *text = json_canonical(disclosure, &wrong);
    hash_bytes(text, strlen(text), digest);
    hex_write(digest, HASH_SIZE, hex);
    AUTO(bytes) struct bytes log = {0};
    AUTO(text) char *logged = text_format("\"disclosure_hash\":\"%s\"", hex);
    assert_true(ledger_export(world->site.ledger, &log, &wrong));
    assert_non_null(memmem(log.data, log.size, logged, strlen(logged)));
    assert_null(strstr(text, "e-0000000000000009")); /* another person's entry */
    for (int person = 0; person < PEOPLE; person++)
        assert_null(strstr(text, id_of((enum person)person)));
    assert_int_equal(json_array_size(json_object_get(disclosure, "answers")), 2);
    assert_int_equal(json_array_size(json_object_get(disclosure, "other_scores_e6")), 1);
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

static bool sees(struct world *world, enum person person)
{
    const char *const told[] = {"handed_over", "received", "raised", "dispatched"};
    const struct officer *officer = officer_of(world, person);
    wrong = (struct error){0};
    AUTO(json) json_t *list = alert_list(&world->site, officer, &wrong);
    AUTO(json) json_t *one = alert_show(&world->site, officer, world->alert, &wrong);
    bool listed = json_array_size(json_object_get(list, "alerts")) == 1;
    assert_true(one || wrong.code == ERROR_FORBIDDEN);
    assert_int_equal(listed, one != NULL);
    for (size_t i = 0; i < COUNT_OF(told); i++)
        assert_int_equal(
            alert_event_is_for(&world->site, officer->id, world->alert, told[i]), listed && i < 2);
    return listed;
}

/* STATION takes the person over; STATION_BESIDE is at another one. */
static void s39_a_station_sees_and_hears_of_what_is_handed_over_to_it_alone(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    come_to_custody(world);
    assert_false(sees(world, STATION) || sees(world, STATION_BESIDE));
    accepted(hand_over(world, CREW_ONE, STATION_ID));
    assert_true(sees(world, STATION));
    assert_false(sees(world, STATION_BESIDE));
    AUTO(json) json_t *packet = open_handover(world, hash);
    refused(sign_receipt(world, STATION_BESIDE, hash), ERROR_FORBIDDEN);
    accepted(receive(world, hash));
    assert_true(sees(world, STATION));
    assert_false(sees(world, STATION_BESIDE));
}

static void s39_each_case_s_station_sees_what_is_handed_over_to_it(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    neighbours.case_station = OTHER_STATION;
    come_to_custody(world);
    accepted(hand_over(world, CREW_ONE, STATION_ID));
    AUTO(json) json_t *own = packet_for(world, STATION, world->station_secret, hash);
    accepted(sign_receipt(world, STATION, hash));
    AUTO(json) json_t *other = packet_for(world, STATION_BESIDE, world->other_station_secret, hash);
    assert_true(sees(world, STATION) && sees(world, STATION_BESIDE));
    accepted(sign_receipt(world, STATION_BESIDE, hash));
    assert_true(sees(world, STATION) && sees(world, STATION_BESIDE));
}

static void s50_custody_written_by_sql_is_not_handed_over(void **state)
{
    struct world *world = *state;
    come_to_custody(world);
    sql(world, "DELETE FROM alert_statement WHERE type = 'outcome'");
    refused(hand_over(world, CREW_ONE, STATION_ID), ERROR_CORRUPT);
}

static void s50_a_packet_gone_by_sql_does_not_let_the_desk_forget_before_all_have_signed(void **state)
{
    static const char *const edits[] = {"DELETE FROM alert_handover WHERE station = '" OTHER_STATION "'",
        "UPDATE alert_handover SET station = '" STATION_ID "x' WHERE station = '" OTHER_STATION "'"};
    struct world *world = *state;
    char hash[HEX_HASH_SIZE];
    neighbours.case_station = OTHER_STATION;
    come_to_custody(world);
    accepted(hand_over(world, CREW_ONE, STATION_ID));
    AUTO(json) json_t *packet = packet_for(world, STATION, world->station_secret, hash);
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        sql(world, "CREATE TABLE kept AS SELECT * FROM alert_handover");
        sql(world, edits[i]);
        refused(sign_receipt(world, STATION, hash), ERROR_CORRUPT);
        assert_string_equal(state_of(world), "handed_over");
        assert_true(number(world, "SELECT COUNT(*) FROM alert_picture") > 0);
        sql(world, "DELETE FROM alert_handover");
        sql(world, "INSERT INTO alert_handover SELECT * FROM kept");
        sql(world, "DROP TABLE kept");
    }
    sql(world, "UPDATE alert SET packets = ''");
    refused(sign_receipt(world, STATION, hash), ERROR_CORRUPT);
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

/* Whatever signed paper: here its hash counts, not what it says. */
static struct envelope *paper(struct world *world)
{
    return said_by(world, ADMIN, "suspension",
        json_pack("{s:s, s:s}", "subject", id_of(REVIEWER_THREE), "reason", "left"));
}

static void s39_the_pack_and_the_report_are_those_by_which_the_person_was_found(void **state)
{
    struct world *world = *state;
    char hash[HEX_HASH_SIZE], pack[HEX_HASH_SIZE];
    AUTO(envelope) struct envelope *report = paper(world);
    AUTO(envelope) struct envelope *next = paper(world);
    memset(world->site.pack_hash, 0x1a, HASH_SIZE);
    hex_write(world->site.pack_hash, HASH_SIZE, pack);
    world->site.report = report;
    come_to_custody(world);
    memset(world->site.pack_hash, 0x2b, HASH_SIZE); /* another pack was put in its place since */
    world->site.report = next;
    accepted(hand_over(world, CREW_ONE, STATION_ID));
    AUTO(json) json_t *packet = open_handover(world, hash);
    assert_string_equal(json_string_value(json_object_get(packet, "pack_hash")), pack);
    AUTO(json) json_t *expected = envelope_json(report);
    assert_true(json_equal(json_object_get(packet, "report"), expected));
    assert_true(json_equal(json_object_get(json_object_get(packet, "disclosure"), "report"), expected));
    world->site.report = NULL;
}

static void s39_s50_a_report_that_was_changed_is_handed_to_nobody(void **state)
{
    struct world *world = *state;
    AUTO(envelope) struct envelope *report = paper(world);
    AUTO(envelope) struct envelope *other = paper(world);
    AUTO(json) json_t *json = envelope_json(other);
    AUTO(text) char *text = json_canonical(json, &wrong);
    world->site.report = report;
    come_to_custody(world);
    AUTO(query)
    struct query *query =
        query_new(world->site.ledger->store, "UPDATE alert_report SET report = :report", &wrong);
    query_text(query, ":report", text);
    accepted(query_done(query, &wrong));
    refused(hand_over(world, CREW_ONE, STATION_ID), ERROR_CORRUPT);
    world->site.report = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s39_the_pack_and_the_report_are_those_by_which_the_person_was_found),
        TEST(s39_s50_a_report_that_was_changed_is_handed_to_nobody),
        TEST(custody_is_handed_over_received_and_then_erased),
        TEST(s39_the_hashes_are_recomputed_from_the_packet),
        TEST(s39_each_case_s_station_has_its_own_packet_and_all_sign_before_the_desk_forgets),
        TEST(s39_a_case_s_station_without_a_key_is_named_in_the_packet),
        TEST(s39_the_packet_proves_its_records_with_the_log_s_public_key_alone),
        TEST(s39_what_may_be_often_is_counted_and_never_keeps_a_custody_from_its_hand_over),
        TEST(s39_units_sent_and_replaced_by_a_script_keep_no_custody_from_its_hand_over),
        TEST(s39_s46_of_three_hundred_passages_beside_a_stop_fifty_are_recorded_and_the_rest_counted),
        TEST(s39_as_much_is_signed_of_an_alert_as_its_hand_over_carries),
        TEST(s39_the_second_officer_of_a_document_stands_in_the_hand_over),
        TEST(s39_the_defence_s_copy_is_hashed_in_the_log_and_names_nobody_else),
        TEST(only_custody_is_handed_over_and_to_a_station_of_the_roster),
        TEST(a_receipt_is_for_this_packet_and_from_a_station),
        TEST(only_officers_of_the_receiving_station_open_the_packet_and_sign),
        TEST(s39_a_station_sees_and_hears_of_what_is_handed_over_to_it_alone),
        TEST(s39_each_case_s_station_sees_what_is_handed_over_to_it),
        TEST(s50_custody_written_by_sql_is_not_handed_over),
        TEST(s50_a_packet_gone_by_sql_does_not_let_the_desk_forget_before_all_have_signed),
        TEST(s41_custody_nobody_received_is_erased_after_31_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
