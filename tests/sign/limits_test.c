/* The ceilings of SAFEGUARDS, in figures: what is compiled in may be stricter, never looser. */
#include "sign/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MINUTE_S INT64_C(60)
#define HOUR_S (60 * MINUTE_S)
#define DAY_S (24 * HOUR_S)

static const struct {
    const char *what;
    int64_t compiled, at_most;
} ceilings[] = {
    {"months of a suspect's offence, fewer", -LIMIT_SUSPECT_MONTHS, -48},
    {"a suspect named in an FIR alone", LIMIT_FIR_ONLY_S, 7 * DAY_S},
    {"of a list, named in FIRs alone", LIMIT_FIR_ONLY_PERCENT, 10},
    {"age of a status", LIMIT_STATUS_AGE_S, 24 * HOUR_S},
    {"a missing adult", LIMIT_MISSING_ADULT_S, 72 * HOUR_S},
    {"an entry", LIMIT_ENTRY_S, 90 * DAY_S},
    {"entries of an operation", LIMIT_OPERATION_ENTRIES, 2000},
    {"entries of all that runs", LIMIT_RUNNING_ENTRIES, 2000},
    {"photos of an entry", LIMIT_ENTRY_PHOTOS, 3},
    {"proposals of an officer, a day", LIMIT_PROPOSALS_A_DAY, 50},
    {"operations of an entry in 30 days", LIMIT_ENTRY_OPERATIONS_30_DAYS, 4},
    {"wait for a roster, less", -LIMIT_ROSTER_WAIT_S, -24 * HOUR_S},
    {"an operation", LIMIT_OPERATION_S, 12 * HOUR_S},
    {"a place in 30 days", LIMIT_PLACE_S_30_DAYS, 60 * HOUR_S},
    {"cameras of an operation", LIMIT_OPERATION_CAMERAS, 42},
    {"age of a reason", LIMIT_WHY_AGE_S, 30 * DAY_S},
    {"an urgent operation", LIMIT_URGENT_S, 4 * HOUR_S},
    {"until it is ratified", LIMIT_RATIFY_S, 24 * HOUR_S},
    {"age of an assessment", LIMIT_ASSESSMENT_AGE_S, 366 * DAY_S},
    {"presence", LIMIT_PRESENCE_S, 20 * MINUTE_S},
    {"bound of false alerts, a passage, e-9", LIMIT_FPIR_E9, 1000000},
    {"false alerts of an operation, e-9", LIMIT_FALSE_ALERTS_E9, 1000000000},
    {"a set-up view", LIMIT_SET_UP_S, 60},
    {"set-up views of a camera, a day", LIMIT_SET_UPS_A_DAY, 2},
    {"an unanswered review", LIMIT_REVIEW_S, 45},
    {"rejections that leave an entry on a camera, more", LIMIT_REJECTIONS_PER_CAMERA, 2},
    {"rejections in an hour", LIMIT_REJECTIONS_AN_HOUR, 3},
    {"wrong stops", LIMIT_WRONG_STOPS, 2},
    {"a passage that is sent", LIMIT_DISPATCH_S, 5 * MINUTE_S},
    {"a packet", LIMIT_PACKET_S, 15 * MINUTE_S},
    {"an alert", LIMIT_ALERT_S, 60 * MINUTE_S},
    {"a stop", LIMIT_STOP_S, 10 * MINUTE_S},
    {"an alert without outcome", LIMIT_OUTCOME_S, 24 * HOUR_S},
    {"pictures of a custody nobody signed for", LIMIT_EVIDENCE_S, 31 * DAY_S},
    {"a silent witness", LIMIT_WITNESS_SILENT_S, 30 * MINUTE_S},
    {"rejections without one inspected", LIMIT_INSPECTED_REJECTIONS, 20},
    {"entries of a demo site", LIMIT_DEMO_ENTRIES, 20},
    {"cameras of a demo site", LIMIT_DEMO_CAMERAS, 4},
};

static void s2_s7_s8_s9_s15_s21_s24_s29_s32_s44_s52_no_compiled_ceiling_is_looser_than_its_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ceilings / sizeof *ceilings; i++) {
        if (ceilings[i].compiled > ceilings[i].at_most)
            fail_msg("%s: %lld", ceilings[i].what, (long long)ceilings[i].compiled);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s2_s7_s8_s9_s15_s21_s24_s29_s32_s44_s52_no_compiled_ceiling_is_looser_than_its_rule),
    };
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
