#include "site_test.h"

static void the_register_answers_one_question_about_one_number(void **state)
{
    struct fixture *f = *state;
    set_ports(f, "[register]\navailable = yes\n42101-1234567-1 = thumb\n");
    assert_int_equal(register_verify(f->site.ports, "42101-1234567-1", "thumb"), REGISTER_YES);
    assert_int_equal(register_verify(f->site.ports, "42101-1234567-1", "toe"), REGISTER_NO);
    assert_int_equal(register_verify(f->site.ports, "42101-7654321-1", "thumb"), REGISTER_NO);
    assert_int_equal(register_verify(f->site.ports, "available", "yes"), REGISTER_UNAVAILABLE);
    assert_int_equal(register_verify(f->site.ports, "42101-1234567-1", ""), REGISTER_UNAVAILABLE);
}

static void s36_everything_wrong_is_unavailable(void **state)
{
    struct fixture *f = *state;
    set_ports(f, "[register]\navailable = no\n42101-1234567-1 = thumb\n[status]\nk-1 = live\n");
    assert_int_equal(register_verify(f->site.ports, "42101-1234567-1", "thumb"), REGISTER_UNAVAILABLE);
    assert_int_equal(status_of_case(f->site.ports, "k-1"), STATUS_UNAVAILABLE);
    set_ports(f, "not an ini file [[[");
    assert_int_equal(status_of_case(f->site.ports, "k-1"), STATUS_UNAVAILABLE);
    remove(f->ports_path);
    assert_int_equal(status_of_case(f->site.ports, "k-1"), STATUS_UNAVAILABLE);
    assert_int_equal(status_of_case(NULL, "k-1"), STATUS_UNAVAILABLE);
}

static void a_status_is_read_anew_each_time(void **state)
{
    struct fixture *f = *state;
    set_ports(f, "[status]\navailable = yes\nk-1 = live\nk-2 = perhaps\n");
    assert_int_equal(status_of_case(f->site.ports, "k-1"), STATUS_LIVE);
    assert_int_equal(status_of_case(f->site.ports, "k-2"), STATUS_UNAVAILABLE);
    assert_int_equal(status_of_case(f->site.ports, "k-3"), STATUS_UNAVAILABLE);
    set_ports(f, "[status]\navailable = yes\nk-1 = closed\n");
    assert_int_equal(status_of_case(f->site.ports, "k-1"), STATUS_CLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(the_register_answers_one_question_about_one_number),
        SITE_TEST(s36_everything_wrong_is_unavailable),
        SITE_TEST(a_status_is_read_anew_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
