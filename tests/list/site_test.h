/* Each test gets a fresh site. */
#pragma once

#include "fixture.h"

static inline int make_site(void **state)
{
    struct fixture *fixture = memory_allocate(1, sizeof *fixture);
    fixture_make(fixture, NULL, 0);
    *state = fixture;
    return 0;
}

static inline int remove_site(void **state)
{
    fixture_done(*state);
    memory_release(*state);
    return 0;
}

#define SITE_TEST(name) cmocka_unit_test_setup_teardown(name, make_site, remove_site)
