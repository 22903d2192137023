#include "list/position.h"
#include "site_test.h"

static void a_unit_is_where_it_last_said(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    assert_null(position_find(&f->site, f->unit));
    AUTO(json) json_t *first = position_put(&f->site, f->unit, 248607000, 670011000, &err);
    AUTO(json) json_t *second = position_put(&f->site, f->unit, 248608000, 670012000, &err);
    assert_non_null(first);
    assert_non_null(second);
    assert_int_equal(position_find(&f->site, f->unit)->latitude_e7, 248608000);
    assert_int_equal(position_find(&f->site, f->unit)->longitude_e7, 670012000);
}

static void a_position_is_forgotten_after_five_minutes(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    AUTO(json) json_t *reply = position_put(&f->site, f->unit, 248607000, 670011000, &err);
    assert_non_null(reply);
    clock_pass(299);
    assert_non_null(position_find(&f->site, f->unit));
    clock_pass(2);
    assert_null(position_find(&f->site, f->unit));
}

static void a_place_off_the_globe_and_a_unit_nobody_knows_are_refused(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *unit;
        int64_t latitude_e7, longitude_e7;
    } wrong[] = {{NULL, 900000001, 0}, {NULL, -900000001, 0}, {NULL, 0, 1800000001}, {NULL, 0, -1800000001},
        {"", 0, 0}, {"u-0000000000000000", 0, 0}};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct error err = {0};
        const char *unit = wrong[i].unit ? wrong[i].unit : f->unit;
        assert_null(position_put(&f->site, unit, wrong[i].latitude_e7, wrong[i].longitude_e7, &err));
        assert_int_equal(err.code, ERROR_INVALID);
    }
    assert_null(position_find(&f->site, f->unit));
}

static void distances_are_those_on_the_ground(void **state)
{
    (void)state;
    /* A minute of latitude is 1,853 m on the sphere; of longitude, cos 60 degrees of that. */
    assert_int_equal(distance_m(0, 0, 166667, 0), 1853);
    assert_in_range(distance_m(600000000, 0, 600000000, 166667), 926, 927);
    assert_int_equal(distance_m(248607000, 670011000, 248607000, 670011000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(a_unit_is_where_it_last_said),
        SITE_TEST(a_position_is_forgotten_after_five_minutes),
        SITE_TEST(a_place_off_the_globe_and_a_unit_nobody_knows_are_refused),
        cmocka_unit_test(distances_are_those_on_the_ground),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
