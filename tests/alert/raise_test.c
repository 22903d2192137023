#include "world.h"

#include <math.h>

static bool raise_sighting(struct world *world, const struct sighting *sighting)
{
    wrong = (struct error){0};
    return alert_raise(&world->site, sighting, &wrong);
}

static void a_sighting_raises_an_alert_and_draws_two_offices(void **state)
{
    struct world *world = *state;
    raise_one(world);
    assert_string_equal(state_of(world), "raised");
    assert_true(is_drawn(world, REVIEWER_ONE));
    assert_true(is_drawn(world, REVIEWER_TWO));
    assert_true(is_recorded(world, "alert_raised"));
    assert_true(is_recorded(world, "reviewer_drawn"));
}

static void a_sighting_the_operation_does_not_allow_raises_nothing(void **state)
{
    struct world *world = *state;
    struct sighting sighting = sighting_of(world, ENTRY);
    neighbours.operation_allows = false;
    refused(raise_sighting(world, &sighting), ERROR_CONFLICT);
    neighbours.operation_allows = true;
    sighting.fused_score = 0.4999f;
    refused(raise_sighting(world, &sighting), ERROR_INVALID);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert"), 0);
}

#define REFUSALS "SELECT COUNT(*) FROM ledger_leaf WHERE leaf LIKE '%\"kind\":\"sighting_refused\"%'"

static void a_sighting_that_is_refused_is_counted_and_recorded_without_who_or_where(void **state)
{
    struct world *world = *state;
    struct sighting sighting = sighting_of(world, ENTRY);
    neighbours.operation_allows = false;
    refused(raise_sighting(world, &sighting), ERROR_CONFLICT);
    assert_string_equal(neighbours.refused_for, "not_running");
    sighting.captured_us[0] = sighting.captured_us[1];
    refused(raise_sighting(world, &sighting), ERROR_INVALID);
    assert_string_equal(neighbours.refused_for, "malformed");
    assert_int_equal(number(world, REFUSALS " AND leaf LIKE '%\"why\":\"malformed\"%'"), 1);
    assert_int_equal(
        number(world, REFUSALS " AND (instr(leaf, '" ENTRY "') OR instr(leaf, '" CAMERA "'))"), 0);
    assert_int_equal(world->site.sightings_refused, 2);
}

/* A watch that was taken over may report for ever. */
static void of_many_refused_sightings_the_log_has_the_first_ones(void **state)
{
    struct world *world = *state;
    struct sighting sighting = sighting_of(world, ENTRY);
    neighbours.operation_allows = false;
    for (int i = 0; i < PASSAGES_RECORDED + 10; i++)
        refused(raise_sighting(world, &sighting), ERROR_CONFLICT);
    assert_int_equal(number(world, REFUSALS), PASSAGES_RECORDED);
    assert_int_equal(neighbours.refused, PASSAGES_RECORDED + 10);
}

static void a_sighting_of_no_operation_is_refused_and_leaves_nothing(void **state)
{
    struct world *world = *state;
    struct sighting sighting = sighting_of(world, ENTRY);
    snprintf(sighting.operation, sizeof sighting.operation, "op-nnnnnnnnnnnnnnnn");
    refused(raise_sighting(world, &sighting), ERROR_CONFLICT);
    snprintf(sighting.operation, sizeof sighting.operation, "no id");
    refused(raise_sighting(world, &sighting), ERROR_INVALID);
    assert_int_equal(number(world, REFUSALS), 0);
    assert_int_equal(world->site.sightings_refused, 2);
}

static void malform(struct sighting *sighting, int how)
{
    static uint8_t text[] = "not a picture";
    switch (how) {
    case 0:
        sighting->fused_score = NAN;
        break;
    case 1:
        sighting->fused_score = 1.5f;
        break;
    case 2:
        sighting->others[0].score = INFINITY;
        break;
    case 3:
        sighting->other_count = DECISION_OTHERS + 1;
        break;
    case 4:
        sighting->crop_count = SIGHTING_CROPS + 1;
        break;
    case 5:
        sighting->crop_count = 1;
        break;
    case 6:
        sighting->crops[1] = NULL;
        break;
    case 7:
        sighting->face = (struct bytes){text, sizeof text};
        break;
    case 8:
        sighting->face.size = SIGHTING_FACE_LIMIT + 1;
        break;
    case 9:
        sighting->scene.size = SIGHTING_SCENE_LIMIT + 1;
        break;
    case 10:
        sighting->scene = (struct bytes){NULL, 0};
        break;
    case 11:
        memset(sighting->entry, 'e', sizeof sighting->entry);
        break;
    case 12:
        snprintf(sighting->passage, sizeof sighting->passage, "p-1' OR 1=1");
        break;
    case 13:
        sighting->camera[0] = 0;
        break;
    case 14:
        sighting->captured_us[1] = clock_now_us() + 3600000000LL;
        break;
    case 15:
        sighting->captured_us[0] = 0;
        break;
    case 16:
        sighting->captured_us[0] = sighting->captured_us[1];
        break; /* one moment, twice */
    case 17:
        sighting->decided_us = sighting->captured_us[1] - 1;
        break;
    case 18:
        sighting->decided_us = clock_now_us() + 3600000000LL;
        break;
    case 19:
        memcpy(sighting->others[0].entry, sighting->entry, sizeof sighting->entry);
        break;
    case 20:
        sighting->captured_us[1] = INT64_MAX;
        break;
    default:
        sighting->captured_us[0] = INT64_MIN;
        break;
    }
}

static void a_malformed_sighting_is_refused(void **state)
{
    struct world *world = *state;
    for (int how = 0; how <= 21; how++) {
        struct sighting sighting = sighting_of(world, ENTRY);
        malform(&sighting, how);
        if (raise_sighting(world, &sighting))
            fail_msg("malformed sighting %d was taken in", how);
        assert_int_equal(wrong.code, ERROR_INVALID);
    }
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert"), 0);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_picture"), 0);
}

static void s30_later_sightings_wait_beside_the_open_alert_and_are_bounded(void **state)
{
    struct world *world = *state;
    raise_one(world);
    char reviewed[24];
    snprintf(reviewed, sizeof reviewed, "%s", world->passage);
    for (int i = 0; i < 5; i++) {
        struct sighting later = sighting_of(world, ENTRY);
        assert_true(raise_sighting(world, &later));
        assert_true(raise_sighting(world, &later)); /* twice is once */
    }
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert"), 1);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_passage"), 4);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_picture"), 16);
    agree(world);
    AUTO(json) json_t *shown = alert_show(&world->site, officer_of(world, DISPATCHER), world->alert, &wrong);
    assert_string_equal(json_string_value(json_object_get(shown, "passage")), reviewed);
    assert_string_equal(json_string_value(json_object_get(shown, "pictures_hash")), world->pictures_hash);
    assert_int_equal(json_integer_value(json_object_get(shown, "unreviewed")), 3);
}

static void another_entry_gets_an_alert_of_its_own(void **state)
{
    struct world *world = *state;
    raise_one(world);
    struct sighting other = sighting_of(world, OTHER_ENTRY);
    assert_true(raise_sighting(world, &other));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert"), 2);
}

static bool any_file_holds(struct world *world, const void *bytes, size_t size)
{
    static const char *const names[] = {"site.db", "site.db-wal", "keyring"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO(text) char *path = text_format("%s/%s", world->folder, names[i]);
        FILE *file = fopen(path, "rb");
        if (!file)
            continue;
        AUTO(text) char *content = memory_allocate(64 << 20, 1);
        size_t length = fread(content, 1, 64 << 20, file);
        fclose(file);
        if (memmem(content, length, bytes, size))
            return true;
    }
    return false;
}

static void s49_pictures_lie_sealed(void **state)
{
    struct world *world = *state;
    raise_one(world);
    assert_true(any_file_holds(world, world->alert, strlen(world->alert)));
    assert_false(any_file_holds(world, world->crop, 64));
}

static void s12_reviewers_who_come_later_are_drawn_then(void **state)
{
    struct world *world = *state;
    leave(world, REVIEWER_ONE);
    leave(world, REVIEWER_TWO);
    raise_one(world);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_draw"), 0);
    be_present(world, APPROVER, "reviewer", NULL); /* a party to the entry */
    assert_true(alert_tick(&world->site, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_draw"), 0);
    be_present(world, REVIEWER_ONE, "reviewer", NULL);
    be_present(world, REVIEWER_BESIDE, "reviewer", NULL); /* the same office */
    assert_true(alert_tick(&world->site, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_draw"), 1);
    be_present(world, REVIEWER_TWO, "reviewer", NULL);
    assert_true(alert_tick(&world->site, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_draw"), 2);
    assert_true(is_drawn(world, REVIEWER_TWO));
}

/* A halt reaches the oldest of many, too. */
static void s32_s34_a_halt_recalls_every_open_alert(void **state)
{
    struct world *world = *state;
    sql(world, "PRAGMA synchronous = OFF");
    for (int i = 0; i < 260; i++) {
        AUTO(text) char *entry = text_format("e-1%015d", i);
        struct sighting sighting = sighting_of(world, entry);
        snprintf(sighting.camera, sizeof sighting.camera, "c-%016d", i / 5 + 10); /* each within its rate */
        accepted(alert_raise(&world->site, &sighting, &wrong));
    }
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert WHERE state = 'raised'"), 260);
    assert_true(ledger_begin(world->site.ledger, &wrong));
    accepted(alert_recall_operation(&world->site, OPERATION, "halted", &wrong));
    assert_true(ledger_commit(world->site.ledger, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert WHERE outcome = 'recalled'"), 260);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s32_s34_a_halt_recalls_every_open_alert),
        TEST(a_sighting_raises_an_alert_and_draws_two_offices),
        TEST(a_sighting_the_operation_does_not_allow_raises_nothing),
        TEST(a_sighting_that_is_refused_is_counted_and_recorded_without_who_or_where),
        TEST(of_many_refused_sightings_the_log_has_the_first_ones),
        TEST(a_sighting_of_no_operation_is_refused_and_leaves_nothing),
        TEST(a_malformed_sighting_is_refused),
        TEST(s30_later_sightings_wait_beside_the_open_alert_and_are_bounded),
        TEST(another_entry_gets_an_alert_of_its_own),
        TEST(s49_pictures_lie_sealed),
        TEST(s12_reviewers_who_come_later_are_drawn_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
