#include "people.h"

static struct error err;

/* What a test may change about an otherwise valid token. */
struct plan {
    enum site_kind kind;
    json_t *roster, *report, *request; /* fields; owned until make_token takes them */
    int signers[4];
    size_t signer_count;
    int report_signer;
    bool wrong_request_hash, wrong_report_hash, refused;
    int requester, roster_signer;
    struct token_context context;
    json_t *urgency; /* fields; the request's hash is added */
    int urgency_signer;
    bool unendorsed, endorses_another;
    int endorser;
    int64_t endorsed_s;
};

static uint8_t pack_hash[HASH_SIZE], camera_key_of_test[HASH_SIZE];
static struct key_pair root_pair, oversight_pair;

static struct plan plan_of(enum site_kind kind)
{
    memset(pack_hash, 0xaa, sizeof pack_hash);
    memset(camera_key_of_test, 0xc2, sizeof camera_key_of_test);
    root_pair = key_of(ROOT);
    oversight_pair = key_of(OVERSIGHT);
    struct plan plan = {.kind = kind,
        .roster = roster_fields(),
        .report = report_fields(),
        .request = request_fields(),
        .signers = {FIRST, SECOND, JUDGE},
        .signer_count = kind == SITE_LIVE ? 3 : 2,
        .report_signer = LAB,
        .requester = REQUESTER,
        .roster_signer = ROOT,
        .unendorsed = kind == SITE_DEMO,
        .endorser = OVERSIGHT,
        .endorsed_s = NOW - LIMIT_ROSTER_WAIT_S,
        .context = {.site = "karachi-demo",
            .kind = kind,
            .root_key = root_pair.public_key,
            .endorsement_key = kind == SITE_LIVE ? oversight_pair.public_key : NULL,
            .camera_key = camera_key_of_test,
            .pack_hash = pack_hash,
            .pack_is_demo = kind == SITE_DEMO,
            .least_roster_number = 3,
            .now_s = NOW}};
    const char *word = kind == SITE_LIVE ? "live" : "demo";
    json_object_set_new(plan.roster, "kind", json_string(word));
    json_object_set_new(plan.request, "kind", json_string(word));
    return plan;
}

static struct envelope *sign_with(int key, int claimed, const char *type, json_t *fields)
{
    json_object_set_new(fields, "type", json_string(type));
    json_object_set_new(fields, "site", json_string("karachi-demo"));
    json_object_set_new(fields, "by", json_string(name_of(claimed)));
    json_object_set_new(fields, "at", json_integer(NOW));
    struct error wrong = {0};
    struct envelope *envelope = envelope_sign(fields, key_of(key).secret, &wrong);
    if (!envelope)
        print_error("%s\n", wrong.text);
    assert_non_null(envelope);
    json_decref(fields);
    return envelope;
}

static struct envelope *authorise(const struct plan *plan, const struct envelope *request, int signer)
{
    return sign_with(signer, signer, "authorisation",
        json_pack("{s:s, s:o, s:s, s:s*}", "operation", ID("op", "1"), "request_hash",
            plan->wrong_request_hash ? hex_of(1) : hex_text(request->hash), "answer",
            plan->refused && signer == SECOND ? "refused" : "authorised", "reason",
            plan->refused && signer == SECOND ? "other" : NULL));
}

static json_t *endorse(const struct plan *plan, const struct envelope *roster)
{
    json_t *fields = json_pack("{s:I, s:o, s:s, s:s, s:s, s:I}", "number",
        (json_int_t)json_integer_value(json_object_get(roster->fields, "number")), "roster_hash",
        plan->endorses_another ? hex_of(3) : hex_text(roster->hash), "type", "roster_endorsement", "site",
        "karachi-demo", "by", "oversight", "at", (json_int_t)plan->endorsed_s);
    AUTO(envelope) struct envelope *envelope = envelope_sign(fields, key_of(plan->endorser).secret, &err);
    json_decref(fields);
    assert_non_null(envelope);
    return envelope_json(envelope);
}

static char *make_token(struct plan *plan)
{
    AUTO(envelope) struct envelope *roster = sign_with(plan->roster_signer, ROOT, "roster", plan->roster);
    AUTO(envelope) struct envelope *report = sign_with(plan->report_signer, LAB, "report", plan->report);
    json_object_set_new(
        plan->request, "report_hash", plan->wrong_report_hash ? hex_of(2) : hex_text(report->hash));
    AUTO(envelope)
    struct envelope *request =
        sign_with(plan->requester, plan->requester, "operation_request", plan->request);
    struct envelope *authorisations[4];
    for (size_t i = 0; i < plan->signer_count; i++)
        authorisations[i] = authorise(plan, request, plan->signers[i]);
    AUTO(json)
    json_t *token = token_json(
        request, (const struct envelope *const *)authorisations, plan->signer_count, report, roster);
    if (plan->urgency) {
        if (!json_object_get(plan->urgency, "request_hash"))
            json_object_set_new(plan->urgency, "request_hash", hex_text(request->hash));
        AUTO(envelope)
        struct envelope *urgency =
            sign_with(plan->urgency_signer, plan->urgency_signer, "urgency", plan->urgency);
        json_object_set_new(token, "urgency", envelope_json(urgency));
    }
    if (!plan->unendorsed)
        json_object_set_new(token, "endorsement", endorse(plan, roster));
    for (size_t i = 0; i < plan->signer_count; i++)
        envelope_free(authorisations[i]);
    return json_dumps(token, JSON_COMPACT);
}

static bool verify(struct plan *plan, struct token_terms *terms)
{
    AUTO(text) char *token = make_token(plan);
    err = (struct error){0};
    return token_verify(token, strlen(token), &plan->context, terms, &err);
}

static void refuses(struct plan *plan, const char *says)
{
    struct token_terms terms = {.list_size = -7};
    if (verify(plan, &terms))
        fail_msg("a token that should say '%s' was accepted", says);
    if (!strstr(err.text, says))
        fail_msg("'%s' does not say '%s'", err.text, says);
    assert_int_equal(terms.list_size, -7);
}

static void s13_a_whole_token_gives_its_terms(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    struct token_terms terms;
    assert_true(verify(&plan, &terms));
    assert_string_equal(terms.operation, ID("op", "1"));
    assert_int_equal(terms.list_size, 5);
    assert_int_equal(terms.list_hash[31], 0xbb);
    assert_int_equal(terms.starts_s, NOW - 60);
    assert_int_equal(terms.ends_s, NOW + 3600);
    assert_int_equal(terms.roster_number, 3);
    assert_true(terms.threshold == 0.52F);
    plan = plan_of(SITE_LIVE);
    assert_true(verify(&plan, &terms));
}

static void s13_a_token_of_the_largest_roster_that_there_may_be_is_verified(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_LIVE);
    struct token_terms terms;
    fullest_roster(plan.roster);
    if (!verify(&plan, &terms))
        fail_msg("%s", err.text);
}

static void s13_a_missing_token_is_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    AUTO(text) char *token = make_token(&plan);
    struct token_terms terms;
    assert_false(token_verify("", 0, &plan.context, &terms, &err));
    assert_int_equal(err.code, ERROR_UNSIGNED);
    assert_false(token_verify("{}", 2, &plan.context, &terms, &err));
    assert_false(token_verify("null", 4, &plan.context, &terms, &err));
    assert_false(token_verify(token, strlen(token) / 2, &plan.context, &terms, &err));
}

static void s13_a_token_with_one_signature_is_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    plan.signer_count = 1;
    refuses(&plan, "two authorisers");
    plan = plan_of(SITE_DEMO);
    plan.signer_count = 0;
    refuses(&plan, "two authorisers");
}

static void s13_the_same_authoriser_twice_is_one(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    plan.signers[1] = FIRST;
    refuses(&plan, "two authorisers");
}

static void s13_any_edited_byte_of_a_token_is_found(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    AUTO(text) char *token = make_token(&plan);
    struct token_terms terms;
    size_t size = strlen(token);
    for (size_t i = 0; i < size; i += 7) {
        char kept = token[i];
        token[i] = (char)(kept ^ 1);
        if (token_verify(token, size, &plan.context, &terms, &err))
            fail_msg("byte %zu may be edited", i);
        token[i] = kept;
    }
    assert_true(token_verify(token, size, &plan.context, &terms, &err));
}

static void s13_authorisations_of_another_request_are_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    plan.wrong_request_hash = true;
    refuses(&plan, "authorised another request");
}

static void s13_a_refusal_in_the_token_refuses_it(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    plan.refused = true;
    refuses(&plan, "refused the operation");
}

static void s15_an_expired_token_is_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    plan.context.now_s = NOW + 3600;
    refuses(&plan, "is over");
}

static void s15_a_token_that_has_not_started_is_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    plan.context.now_s = NOW - 61;
    refuses(&plan, "not started yet");
}

static void s15_more_than_twelve_hours_are_refused(void **state)
{
    (void)state;
    struct token_terms terms;
    struct plan plan = plan_of(SITE_DEMO);
    json_object_set_new(plan.request, "ends_at", json_integer(NOW - 60 + 12 * 3600));
    assert_true(verify(&plan, &terms));
    plan = plan_of(SITE_DEMO);
    json_object_set_new(plan.request, "ends_at", json_integer(NOW - 60 + 12 * 3600 + 1));
    refuses(&plan, "longer than 12 hours");
    plan = plan_of(SITE_DEMO);
    json_object_set_new(plan.request, "ends_at", json_integer(NOW - 60));
    refuses(&plan, "ends before it starts");
}

static void s17_a_reason_older_than_thirty_days_is_refused(void **state)
{
    (void)state;
    static const int64_t bad[] = {NOW - 60 - 30 * 86400 - 1, NOW - 59};
    for (size_t i = 0; i < 2; i++) {
        struct plan plan = plan_of(SITE_DEMO);
        json_object_set_new(
            json_array_get(json_object_get(plan.request, "reasons"), 1), "why_dated", json_integer(bad[i]));
        refuses(&plan, "entry " ID("e", "3") " is not of the 30 days");
    }
}

static void s17_as_many_entries_have_a_reason_as_the_list_has_entries(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    json_array_remove(
        json_object_get(json_array_get(json_object_get(plan.request, "reasons"), 0), "entries"), 0);
    refuses(&plan, "4 entries have a reason for the place; the list has 5");
    plan = plan_of(SITE_DEMO);
    json_array_append_new(json_object_get(plan.request, "reasons"),
        reason_json("trial", NOW - 86400, json_pack("[s]", ID("e", "1"))));
    refuses(&plan, "has two reasons");
    plan = plan_of(SITE_DEMO);
    json_object_del(plan.request, "reasons");
    refuses(&plan, "no reason for the place");
}

/* What was signed before the reasons named their entries. */
static void s17_one_reason_from_before_counts_for_the_list_in_its_thirty_days(void **state)
{
    (void)state;
    static const int64_t dated[] = {NOW - 86400, NOW - 60 - 30 * 86400 - 1};
    for (size_t i = 0; i < 2; i++) {
        struct token_terms terms;
        struct plan plan = plan_of(SITE_DEMO);
        json_object_del(plan.request, "reasons");
        json_object_set_new(plan.request, "why_here", json_string("trial"));
        json_object_set_new(plan.request, "why_reference", json_string("T-1"));
        json_object_set_new(plan.request, "why_dated", json_integer(dated[i]));
        if (i == 1)
            refuses(&plan, "30 days");
        else if (!verify(&plan, &terms))
            fail_msg("%s", err.text);
        else
            assert_false(terms.names_entries);
    }
}

static void s13_a_token_of_another_site_is_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    plan.context.site = "lahore";
    refuses(&plan, "for site karachi-demo");
}

static void s16_a_camera_the_token_does_not_name_is_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    camera_key_of_test[0] ^= 1;
    refuses(&plan, "does not name this camera");
    plan = plan_of(SITE_DEMO);
    plan.context.camera_key = NULL;
    struct token_terms terms;
    assert_true(verify(&plan, &terms));
}

static void s11_an_older_roster_is_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    plan.context.least_roster_number = 4;
    refuses(&plan, "number 4 is known already");
}

static void s13_a_roster_with_another_root_is_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    plan.roster_signer = STRANGER;
    refuses(&plan, "root key");
}

static void s13_an_unknown_signer_is_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    plan.signers[1] = STRANGER;
    refuses(&plan, "is not in roster");
    plan = plan_of(SITE_DEMO);
    plan.requester = STRANGER;
    refuses(&plan, "is not in roster");
}

static void s13_a_signer_without_the_role_is_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    plan.signers[1] = REVIEWER;
    refuses(&plan, "is not an authoriser");
    plan = plan_of(SITE_DEMO);
    plan.requester = REVIEWER;
    refuses(&plan, "does not have the role watch_officer");
}

static void s12_two_authorisers_of_one_office_are_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    plan.signers[1] = COLLEAGUE;
    refuses(&plan, "different offices");
}

static void s12_the_requester_does_not_authorise(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    json_t *requester = json_array_get(json_object_get(plan.roster, "officers"), 0);
    json_array_append_new(json_object_get(requester, "roles"), json_string("authoriser"));
    plan.signers[0] = REQUESTER;
    refuses(&plan, "cannot authorise it");
}

static void s13_a_live_site_needs_an_outside_signer(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_LIVE);
    plan.signer_count = 2;
    refuses(&plan, "needs an outside signer");
    plan = plan_of(SITE_LIVE);
    plan.signers[2] = COLLEAGUE;
    refuses(&plan, "needs an outside signer");
    plan = plan_of(SITE_LIVE);
    json_t *judge = json_array_get(json_object_get(plan.roster, "officers"), 4);
    json_object_set_new(judge, "office", json_string(ID("f", "2")));
    refuses(&plan, "signs nothing from outside");
}

static struct plan urgent_plan(const char *reason)
{
    struct plan plan = plan_of(SITE_LIVE);
    plan.signer_count = 2;
    plan.urgency_signer = FIRST;
    plan.urgency = json_pack("{s:s, s:s}", "operation", ID("op", "1"), "reason", reason);
    json_object_set_new(plan.request, "ends_at", json_integer(NOW - 60 + LIMIT_URGENT_S));
    return plan;
}

static void s18_an_urgent_operation_starts_without_the_outside_signer_for_four_hours(void **state)
{
    (void)state;
    struct token_terms terms;
    struct plan plan = urgent_plan("threat_to_life");
    assert_true(verify(&plan, &terms));
    plan = urgent_plan("missing");
    json_object_set_new(plan.request, "purpose", json_string("missing_persons"));
    assert_true(verify(&plan, &terms));
    plan = urgent_plan("missing");
    refuses(&plan, "another purpose");
    plan = urgent_plan("threat_to_life");
    json_object_set_new(plan.request, "ends_at", json_integer(NOW - 60 + LIMIT_URGENT_S + 1));
    refuses(&plan, "at most 4 hours");
}

static void s18_urgency_is_declared_by_an_authoriser_for_this_request(void **state)
{
    (void)state;
    struct plan plan = urgent_plan("threat_to_life");
    plan.urgency_signer = REVIEWER;
    refuses(&plan, "does not have the role authoriser");
    plan = urgent_plan("threat_to_life");
    json_object_set_new(plan.urgency, "request_hash", hex_of(1));
    refuses(&plan, "another request urgent");
    plan = urgent_plan("threat_to_life");
    json_t *requester = json_array_get(json_object_get(plan.roster, "officers"), 0);
    json_array_append_new(json_object_get(requester, "roles"), json_string("authoriser"));
    plan.urgency_signer = REQUESTER;
    refuses(&plan, "cannot declare it urgent");
}

static void s11_a_live_roster_needs_the_oversight_body_s_signature(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_LIVE);
    plan.unendorsed = true;
    refuses(&plan, "not signed by the oversight body");
    plan = plan_of(SITE_LIVE);
    plan.endorser = ROOT;
    refuses(&plan, "not signed by the oversight body");
    plan = plan_of(SITE_LIVE);
    plan.endorser = ROOT;
    plan.context.endorsement_key = root_pair.public_key;
    refuses(&plan, "not signed by the oversight body");
    plan = plan_of(SITE_LIVE);
    plan.endorses_another = true;
    refuses(&plan, "signed another roster");
    plan = plan_of(SITE_LIVE);
    plan.context.endorsement_key = NULL;
    refuses(&plan, "not pinned");
}

static void s11_a_live_roster_counts_after_24_hours(void **state)
{
    (void)state;
    struct token_terms terms;
    struct plan plan = plan_of(SITE_LIVE);
    plan.endorsed_s = NOW - LIMIT_ROSTER_WAIT_S + 1;
    refuses(&plan, "counts 24 hours after");
    plan = plan_of(SITE_LIVE);
    plan.endorsed_s = NOW + 86400;
    refuses(&plan, "counts 24 hours after");
    plan = plan_of(SITE_LIVE);
    assert_true(verify(&plan, &terms));
}

static void s52_a_demo_token_does_not_run_on_a_live_site(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    plan.context.kind = SITE_LIVE;
    refuses(&plan, "another kind of site");
    plan = plan_of(SITE_DEMO);
    json_object_set_new(plan.request, "kind", json_string("live"));
    refuses(&plan, "for a live site");
}

static void s24_a_live_operation_expects_one_false_alert_at_most(void **state)
{
    (void)state;
    struct token_terms terms;
    struct plan plan = plan_of(SITE_LIVE);
    json_object_set_new(plan.request, "expected_passages", json_integer(1112));
    refuses(&plan, "more than one false alert");
    plan = plan_of(SITE_LIVE);
    json_object_set_new(plan.report, "fpir_bound_e9", json_integer(900091));
    refuses(&plan, "more than one false alert");
    plan = plan_of(SITE_LIVE);
    assert_true(verify(&plan, &terms));
    plan = plan_of(SITE_DEMO);
    json_object_set_new(plan.request, "expected_passages", json_integer(1000000));
    assert_true(verify(&plan, &terms));
}

static void s24_the_camera_class_is_the_report_s(void **state)
{
    (void)state;
    static const enum site_kind kinds[] = {SITE_DEMO, SITE_LIVE};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct plan plan = plan_of(kinds[i]);
        json_object_set_new(plan.request, "camera_class", json_string("night"));
        refuses(&plan, "camera class day");
    }
}

static void s24_a_demo_pack_does_not_arm_a_live_site(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_LIVE);
    plan.context.pack_is_demo = true;
    refuses(&plan, "pack for demonstration");
}

static void s24_a_threshold_under_the_report_s_is_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    json_object_set_new(plan.request, "threshold_e6", json_integer(499999));
    refuses(&plan, "threshold is under");
}

static void s24_a_list_larger_than_the_report_s_is_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    json_object_set_new(plan.report, "n", json_integer(4));
    refuses(&plan, "list of 4 entries, not 5");
}

static void s24_a_report_of_another_pack_is_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    json_object_set_new(plan.report, "pack_hash", hex_of(0xab));
    refuses(&plan, "report is of another pack");
}

static void s24_an_operation_for_another_pack_is_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    pack_hash[0] ^= 1;
    refuses(&plan, "for another pack");
}

static void s24_a_bound_over_the_ceiling_is_refused(void **state)
{
    (void)state;
    struct token_terms terms;
    struct plan plan = plan_of(SITE_DEMO);
    json_object_set_new(plan.report, "fpir_bound_e9", json_integer(LIMIT_FPIR_E9));
    assert_true(verify(&plan, &terms));
    plan = plan_of(SITE_DEMO);
    json_object_set_new(plan.report, "fpir_bound_e9", json_integer(LIMIT_FPIR_E9 + 1));
    refuses(&plan, "1 in 1,000");
}

static void s24_a_report_signed_by_nobody_trusted_is_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of(SITE_DEMO);
    plan.report_signer = FIRST;
    refuses(&plan, "report key");
    plan = plan_of(SITE_DEMO);
    plan.wrong_report_hash = true;
    refuses(&plan, "another report");
}

static void fill_cameras(json_t *request, uint8_t count)
{
    json_t *cameras = json_array();
    for (uint8_t i = 0; i < count; i++)
        json_array_append_new(cameras, hex_of((uint8_t)(0xc2 - count + 1 + i)));
    json_object_set_new(request, "cameras", cameras);
}

static void s15_more_cameras_than_the_ceiling_are_refused(void **state)
{
    (void)state;
    struct token_terms terms;
    const struct {
        enum site_kind kind;
        uint8_t most;
    } cases[] = {{SITE_DEMO, 4}, {SITE_LIVE, 42}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct plan plan = plan_of(cases[i].kind);
        fill_cameras(plan.request, cases[i].most);
        assert_true(verify(&plan, &terms));
        plan = plan_of(cases[i].kind);
        fill_cameras(plan.request, (uint8_t)(cases[i].most + 1));
        refuses(&plan, "cameras");
    }
}

/* So many entries, one of them with another reason than the others. */
static void fill_list(json_t *request, int count)
{
    json_t *entries = json_array();
    for (int i = 1; i < count; i++) {
        char id[24];
        snprintf(id, sizeof id, "e-%016d", i);
        json_array_append_new(entries, json_string(id));
    }
    json_object_set_new(request, "list_size", json_integer(count));
    json_object_set_new(request, "reasons",
        json_pack("[o, o]", reason_json("last_seen", NOW - 86400, entries),
            reason_json("trial", NOW - 86400, json_pack("[s]", ID("e", "0")))));
}

static void s09_a_list_over_the_ceiling_is_refused(void **state)
{
    (void)state;
    struct token_terms terms;
    const struct {
        enum site_kind kind;
        int most;
    } cases[] = {{SITE_DEMO, 20}, {SITE_LIVE, 2000}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct plan plan = plan_of(cases[i].kind);
        json_object_set_new(plan.report, "n", json_integer(100000));
        fill_list(plan.request, cases[i].most);
        assert_true(verify(&plan, &terms));
        plan = plan_of(cases[i].kind);
        json_object_set_new(plan.report, "n", json_integer(100000));
        fill_list(plan.request, cases[i].most + 1);
        refuses(&plan, "longer than");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s13_a_whole_token_gives_its_terms),
        cmocka_unit_test(s13_a_token_of_the_largest_roster_that_there_may_be_is_verified),
        cmocka_unit_test(s13_a_missing_token_is_refused),
        cmocka_unit_test(s13_a_token_with_one_signature_is_refused),
        cmocka_unit_test(s13_the_same_authoriser_twice_is_one),
        cmocka_unit_test(s13_any_edited_byte_of_a_token_is_found),
        cmocka_unit_test(s13_authorisations_of_another_request_are_refused),
        cmocka_unit_test(s13_a_refusal_in_the_token_refuses_it),
        cmocka_unit_test(s15_an_expired_token_is_refused),
        cmocka_unit_test(s15_a_token_that_has_not_started_is_refused),
        cmocka_unit_test(s15_more_than_twelve_hours_are_refused),
        cmocka_unit_test(s17_a_reason_older_than_thirty_days_is_refused),
        cmocka_unit_test(s17_as_many_entries_have_a_reason_as_the_list_has_entries),
        cmocka_unit_test(s17_one_reason_from_before_counts_for_the_list_in_its_thirty_days),
        cmocka_unit_test(s13_a_token_of_another_site_is_refused),
        cmocka_unit_test(s16_a_camera_the_token_does_not_name_is_refused),
        cmocka_unit_test(s11_an_older_roster_is_refused),
        cmocka_unit_test(s13_a_roster_with_another_root_is_refused),
        cmocka_unit_test(s13_an_unknown_signer_is_refused),
        cmocka_unit_test(s13_a_signer_without_the_role_is_refused),
        cmocka_unit_test(s12_two_authorisers_of_one_office_are_refused),
        cmocka_unit_test(s12_the_requester_does_not_authorise),
        cmocka_unit_test(s13_a_live_site_needs_an_outside_signer),
        cmocka_unit_test(s18_an_urgent_operation_starts_without_the_outside_signer_for_four_hours),
        cmocka_unit_test(s18_urgency_is_declared_by_an_authoriser_for_this_request),
        cmocka_unit_test(s11_a_live_roster_needs_the_oversight_body_s_signature),
        cmocka_unit_test(s11_a_live_roster_counts_after_24_hours),
        cmocka_unit_test(s52_a_demo_token_does_not_run_on_a_live_site),
        cmocka_unit_test(s24_a_live_operation_expects_one_false_alert_at_most),
        cmocka_unit_test(s24_the_camera_class_is_the_report_s),
        cmocka_unit_test(s24_a_demo_pack_does_not_arm_a_live_site),
        cmocka_unit_test(s24_a_threshold_under_the_report_s_is_refused),
        cmocka_unit_test(s24_a_list_larger_than_the_report_s_is_refused),
        cmocka_unit_test(s24_a_report_of_another_pack_is_refused),
        cmocka_unit_test(s24_an_operation_for_another_pack_is_refused),
        cmocka_unit_test(s24_a_bound_over_the_ceiling_is_refused),
        cmocka_unit_test(s24_a_report_signed_by_nobody_trusted_is_refused),
        cmocka_unit_test(s15_more_cameras_than_the_ceiling_are_refused),
        cmocka_unit_test(s09_a_list_over_the_ceiling_is_refused),
    };
    return crypto_start(NULL) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
