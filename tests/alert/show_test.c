/* What a busy control room's list of alerts asks the desk's one loop for. */
#include "world.h"

#include "alert/person.h"
#include "alert/row.h"
#include "list/position.h"

enum { OPEN = 50, PER_CAMERA = 10, UNITS = 2 };

/* In place of the roster's, once there are many: u-0000000000000001 is the last of them. */
static size_t many;
static struct device crowd[ROSTER_UNITS];

const struct device *__real_roster_unit_at(const struct roster *roster, size_t index);
const struct device *__wrap_roster_unit_at(const struct roster *roster, size_t index);
const struct device *__wrap_roster_unit_at(const struct roster *roster, size_t index)
{
    if (!many)
        return __real_roster_unit_at(roster, index);
    return index < many ? &crowd[index] : NULL;
}

const struct device *__real_roster_unit(const struct roster *roster, const char *id);
const struct device *__wrap_roster_unit(const struct roster *roster, const char *id);
const struct device *__wrap_roster_unit(const struct roster *roster, const char *id)
{
    for (size_t i = 0; i < many; i++)
        if (strcmp(crowd[i].id, id) == 0)
            return &crowd[i];
    return __real_roster_unit(roster, id);
}

static int asked;

bool __real_unit_is_free(struct site *site, const char *unit, struct error *err);
bool __wrap_unit_is_free(struct site *site, const char *unit, struct error *err);
bool __wrap_unit_is_free(struct site *site, const char *unit, struct error *err)
{
    asked++;
    return crowd[0].id[0] || __real_unit_is_free(site, unit, err);
}

static void raise_of_entry(struct world *world, int number)
{
    char entry[24];
    snprintf(entry, sizeof entry, "e-%016d", number + 10);
    struct sighting sighting = sighting_of(world, entry);
    snprintf(sighting.camera, sizeof sighting.camera, "c-%016d", number / PER_CAMERA + 1);
    accepted(alert_raise(&world->site, &sighting, &wrong));
}

static void agree_to(struct world *world, const char *id)
{
    struct alert alert;
    assert_true(alert_load(&world->site, id, &alert, &wrong));
    assert_true(ledger_begin(world->site.ledger, &wrong));
    assert_true(alert_move(&world->site, &alert, ALERT_AGREED, "", BY_REVIEW, "site", &wrong));
    assert_true(ledger_commit(world->site.ledger, &wrong));
}

static void a_list_of_many_open_alerts_asks_about_each_unit_once(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < OPEN; i++)
        raise_of_entry(world, i);
    AUTO(json) json_t *ids = alert_open_ids(&world->site, NULL, NULL, &wrong);
    size_t index;
    const json_t *id;
    assert_int_equal(json_array_size(ids), OPEN);
    json_array_foreach (ids, index, id) {
        agree_to(world, json_string_value(id));
    }
    asked = 0;
    AUTO(json) json_t *list = alert_list(&world->site, officer_of(world, DISPATCHER), &wrong);
    const json_t *alert;
    assert_int_equal(json_array_size(json_object_get(list, "alerts")), OPEN);
    json_array_foreach (json_object_get(list, "alerts"), index, alert) {
        const json_t *units = json_object_get(alert, "units");
        assert_int_equal(json_array_size(units), 1); /* the other has no crew */
        assert_string_equal(json_string_value(json_object_get(json_array_get(units, 0), "unit")), UNIT);
    }
    assert_int_equal(asked, UNITS);
}

static void who_is_free_is_asked_anew_for_each_answer(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    AUTO(json) json_t *before = alert_show(&world->site, officer_of(world, DISPATCHER), world->alert, &wrong);
    assert_int_equal(json_array_size(json_object_get(before, "units")), 1);
    leave(world, CREW_ONE);
    AUTO(json) json_t *after = alert_show(&world->site, officer_of(world, DISPATCHER), world->alert, &wrong);
    assert_int_equal(json_array_size(json_object_get(after, "units")), 0);
}

/* One behind the other to the north of the camera, the last of the roster at it; it has not moved for long.
 */
static void a_roster_s_units_say_where_they_are(struct world *world, const json_t *place)
{
    for (size_t i = 0; i < ROSTER_UNITS; i++)
        snprintf(crowd[i].id, sizeof crowd[i].id, "u-%016zu", ROSTER_UNITS - i);
    many = ROSTER_UNITS;
    for (size_t i = ROSTER_UNITS; i-- > 0;) {
        AUTO(json)
        json_t *reply = position_put(&world->site, crowd[i].id,
            json_integer_value(json_object_get(place, "latitude_e7")) + (int64_t)(ROSTER_UNITS - i) * 1000,
            json_integer_value(json_object_get(place, "longitude_e7")), &wrong);
        assert_non_null(reply);
    }
}

static void of_more_units_than_are_shown_the_nearest_is_the_first_wherever_it_stands_in_the_roster(
    void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    AUTO(json) json_t *before = alert_show(&world->site, officer_of(world, DISPATCHER), world->alert, &wrong);
    a_roster_s_units_say_where_they_are(world, json_object_get(before, "place"));
    AUTO(json) json_t *shown = alert_show(&world->site, officer_of(world, DISPATCHER), world->alert, &wrong);
    const json_t *units = json_object_get(shown, "units");
    assert_int_equal(json_array_size(units), 200);
    for (size_t i = 0; i < json_array_size(units); i++) {
        char id[24];
        snprintf(id, sizeof id, "u-%016zu", i + 1);
        assert_string_equal(json_string_value(json_object_get(json_array_get(units, i), "unit")), id);
        assert_true(json_is_integer(json_object_get(json_array_get(units, i), "distance_m")));
    }
    many = 0;
    memset(crowd, 0, sizeof crowd);
}

static bool hears_of_a_register(struct world *world)
{
    AUTO(json) json_t *shown = alert_show(&world->site, officer_of(world, CREW_ONE), world->alert, &wrong);
    const json_t *joined = json_object_get(shown, "register");
    assert_true(json_is_boolean(joined));
    return json_is_true(joined);
}

/* "Unavailable" sounds as if asking again would help. */
static void s36_a_crew_is_told_when_no_register_is_joined_to_the_desk(void **state)
{
    struct world *world = *state;
    struct ports *ports = world->site.ports;
    come_to_stop(world);
    assert_true(hears_of_a_register(world));
    world->site.ports = NULL;
    assert_false(hears_of_a_register(world));
    world->site.ports = ports;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_list_of_many_open_alerts_asks_about_each_unit_once),
        TEST(of_more_units_than_are_shown_the_nearest_is_the_first_wherever_it_stands_in_the_roster),
        TEST(who_is_free_is_asked_anew_for_each_answer),
        TEST(s36_a_crew_is_told_when_no_register_is_joined_to_the_desk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
