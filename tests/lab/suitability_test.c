#include "lab/suitability.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct camera_facts good(void)
{
    struct camera_facts facts = {.rate_hz = 25.0,
        .kbit_s = 4000.0,
        .key_every_s = 2.0,
        .analyses = 300,
        .faces = 500,
        .passages = 40,
        .eye_px = {30.0, 45.0, 70.0},
        .sharpness = {0.4, 0.5, 0.6},
        .exposure = {0.4, 0.5, 0.6}};
    snprintf(facts.stream.codec, sizeof facts.stream.codec, "h264");
    facts.stream.packets = facts.stream.frames = 1500;
    facts.verdicts[QUALITY_OK] = 40;
    facts.hours[14] = (struct light_hour){300, 150.0, 0.4, 0.6};
    return facts;
}

static void most_are(struct camera_facts *facts, enum quality_verdict verdict, long count)
{
    facts->verdicts[QUALITY_OK] = facts->passages - count;
    facts->verdicts[verdict] = count;
}

/* One change to a good camera; `what` is the row. */
static void spoil(struct camera_facts *facts, int what)
{
    switch (what) {
    case 1:
        snprintf(facts->stream.codec, sizeof facts->stream.codec, "vp9");
        return;
    case 2:
        facts->rate_hz = 4.0;
        return;
    case 3:
        facts->rate_hz = 8.0;
        return;
    case 4:
        facts->stream.reorders = true;
        return;
    case 5:
        facts->key_every_s = 10.0;
        return;
    case 6:
        facts->stream.errors = 300;
        return;
    case 7:
        facts->stream.errors = 30;
        return;
    case 8:
        facts->outages = 2;
        return;
    case 9:
        facts->eye_px[1] = 16.0;
        return;
    case 10:
        most_are(facts, QUALITY_TOO_SMALL, 8);
        return;
    case 11:
        most_are(facts, QUALITY_BLURRED, 30);
        return;
    case 12:
        most_are(facts, QUALITY_TOO_DARK, 10);
        return;
    case 13:
        most_are(facts, QUALITY_TURNED, 10);
        return;
    case 14:
        most_are(facts, QUALITY_OCCLUDED, 30);
        return;
    case 15:
        facts->hours[21] = (struct light_hour){300, 15.0, 0.02, 0.09};
        return;
    case 16:
        facts->passages = 0;
        facts->verdicts[QUALITY_OK] = 0;
        return;
    case 17:
        facts->stream.size_changes = 3;
        return;
    case 18:
        snprintf(facts->stream.codec, sizeof facts->stream.codec, "mjpeg");
        return;
    case 19:
        facts->passages = facts->verdicts[QUALITY_OK] = 3;
        return;
    default:
        return;
    }
}

static void each_fault_is_named_with_its_weight_and_its_cure(void **state)
{
    (void)state;
    static const struct {
        const char *verdict;
        enum finding_weight weight;
        const char *what, *cure;
    } rows[] = {
        {"suitable", FINDING_NOTE, NULL, NULL},
        {"unsuitable", FINDING_BLOCK, "vp9", "H.264"},
        {"unsuitable", FINDING_BLOCK, "4.0 pictures", "15 to 25"},
        {"suitable with limits", FINDING_LIMIT, "8.0 pictures", "15 to 25"},
        {"suitable with limits", FINDING_LIMIT, "another order", "B pictures off"},
        {"suitable with limits", FINDING_LIMIT, "10.0 s", "one or two seconds"},
        {"unsuitable", FINDING_BLOCK, "20.0 %", "TCP"},
        {"suitable with limits", FINDING_LIMIT, "2.0 %", "TCP"},
        {"suitable with limits", FINDING_LIMIT, "2 times", "network"},
        {"unsuitable", FINDING_BLOCK, "16.0 px", "factor of 2.0"},
        {"suitable with limits", FINDING_LIMIT, "20 %", "narrow"},
        {"unsuitable", FINDING_BLOCK, "75 % of the faces are blurred", "shutter"},
        {"suitable with limits", FINDING_LIMIT, "25 % of the faces are too dark", "light"},
        {"suitable with limits", FINDING_LIMIT, "turned", "head height"},
        {"suitable", FINDING_NOTE, "75 % of the faces are covered", "never a reason"},
        {"suitable with limits", FINDING_LIMIT, "1 of 2 measured hours", "light the place"},
        {"not known: nobody passed", FINDING_NOTE, "nobody passed", "when people pass"},
        {"suitable with limits", FINDING_LIMIT, "3 times", "sizes off"},
        {"suitable", FINDING_NOTE, "JPEG", "H.264"},
        {"suitable", FINDING_NOTE, "only 3 passages", "longer"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct camera_facts facts = good();
        struct judgement judgement;
        spoil(&facts, (int)i);
        suitability_judge(&facts, &judgement);
        if (strcmp(judgement.verdict, rows[i].verdict) != 0)
            fail_msg("row %zu: %s, not %s", i, judgement.verdict, rows[i].verdict);
        assert_int_equal(judgement.count, rows[i].what ? 1 : 0);
        if (!rows[i].what)
            continue;
        const struct finding *finding = &judgement.findings[0];
        if (finding->weight != rows[i].weight || !strstr(finding->what, rows[i].what) ||
            !strstr(finding->cure, rows[i].cure))
            fail_msg("row %zu: %d, %s: %s", i, (int)finding->weight, finding->what, finding->cure);
    }
}

static void the_worst_camera_has_room_for_all_its_findings(void **state)
{
    (void)state;
    struct camera_facts facts = good();
    struct judgement judgement;
    for (int i = 1; i <= 19; i++)
        if (i != 16)
            spoil(&facts, i);
    facts.verdicts[QUALITY_BLURRED] = facts.verdicts[QUALITY_TOO_BRIGHT] = facts.verdicts[QUALITY_CUT] = 3;
    suitability_judge(&facts, &judgement);
    assert_string_equal(judgement.verdict, "unsuitable");
    assert_in_range(judgement.count, 12, FINDINGS_LIMIT - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_named_with_its_weight_and_its_cure),
        cmocka_unit_test(the_worst_camera_has_room_for_all_its_findings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
