/* Every order of events, as far as a small depth reaches: whatever was said before, whoever speaks next,
 * nobody is sent without two "same" of two offices on these pictures, and nobody is in custody on a face.
 * What was accepted is followed further, what was refused has to have changed nothing. */
#include "world.h"

#include "alert/row.h"
#include "alert/shift.h"
#include "alert/timer.h"
#include "list/succession.h"

#include <stdlib.h>

enum {
    PATH_LIMIT = 12,
    SEEN_LIMIT = 4096,
    SAID_LIMIT = 16,
    TRAIL_LIMIT = 64,
};

struct said { /* an answer that the desk accepted */
    enum person person;
    const char *office;
    int sighting; /* the first, or the one beside it; -1: pictures that nobody was shown */
    char word;
};

struct history {     /* what the desk accepted so far */
    char answers[4]; /* of one, two, three: s, d, c or - */
    struct said said[SAID_LIMIT];
    int said_count;
    int sighting; /* that the next answer or dispatch is about */
    bool seen_again, guests, moved, steered;
    int ticks, declines, dispatches;
    uint32_t suspended; /* a bit for each person */
    bool verified, asked, stopped, custody, taken_along, withdrawn, pending;
    bool documented[2]; /* what is signed waits for the crew's second officer: other_custody, custody */
};

struct search {
    void **state; /* cmocka's, where the world stands */
    struct world *world;
    struct history history;
    char passage[2][24], pictures_hash[2][HEX_HASH_SIZE]; /* of both sightings */
    bool planted;           /* the alert is a pair that measures the reviewers */
    bool missing;           /* the person is an adult who is missed */
    bool loses;             /* somebody may be suspended: such a site is made anew afterwards */
    int trail[TRAIL_LIMIT]; /* what was tried since the start, for who has to find out why */
    int trail_length;
    int accepted[128]; /* how often each event was */
    bool held;
    int paths[SEEN_LIMIT][PATH_LIMIT];
    int lengths[SEEN_LIMIT];
    char seen[SEEN_LIMIT][96];
    size_t count;
    size_t tried;
};

static bool say(struct search *search, enum person person, const char *word)
{
    struct history *history = &search->history;
    if (!review_as(search->world, person, word))
        return false;
    assert_true(history->said_count < SAID_LIMIT);
    history->said[history->said_count++] =
        (struct said){person, officer_of(search->world, person)->office, history->sighting, word[0]};
    return true;
}

static bool review_step(struct search *search, int who, const char *word)
{
    static const enum person reviewers[] = {REVIEWER_ONE, REVIEWER_TWO, REVIEWER_THREE};
    if (!say(search, reviewers[who], word))
        return false;
    if (search->history.sighting == 0)
        search->history.answers[who] = word[0];
    return true;
}

static bool is_independent(const struct said *a, const struct said *b)
{
    return a->person != b->person && strcmp(a->office, b->office) != 0;
}

/* Before somebody is sent, only who may review today counts. */
static bool counts(const struct history *history, const struct said *said, enum person dispatcher)
{
    return said->word == 's' && said->person != dispatcher && said->person != PROPOSER &&
           said->person != APPROVER && !(history->suspended & 1U << said->person);
}

/* The rule, read from what the officers said and not from what the desk keeps of it. */
static void check_agreed(struct search *search, int sighting, enum person dispatcher)
{
    const struct history *history = &search->history;
    const struct said *said = history->said;
    bool two = false;
    for (int i = 0; i < history->said_count; i++) {
        if (said[i].sighting != sighting)
            continue;
        if (said[i].word == 'd')
            fail_msg("agreed though somebody said \"different\"");
        for (int j = 0; j < i; j++)
            two = two || (said[j].sighting == sighting && counts(history, &said[i], dispatcher) &&
                             counts(history, &said[j], dispatcher) && is_independent(&said[i], &said[j]));
    }
    if (!two)
        fail_msg("agreed after the answers %s", history->answers);
}

static bool tick_step(struct search *search)
{
    /* Twice would only be more of the same. */
    if (search->history.ticks || strcmp(state_of(search->world), "raised") != 0)
        return false;
    search->history.ticks++;
    return alert_tick_at(&search->world->site, clock_now_us() + 46000000, &wrong);
}

static bool recall_step(struct search *search)
{
    if (search->history.withdrawn)
        return false;
    search->history.withdrawn = true;
    assert_true(ledger_begin(search->world->site.ledger, &wrong));
    assert_true(alert_recall_entry(&search->world->site, ENTRY, "other", &wrong));
    return ledger_commit(search->world->site.ledger, &wrong);
}

static bool dispatch_step(struct search *search, enum person dispatcher, const char *unit)
{
    if (!dispatch_by(search->world, dispatcher, unit))
        return false;
    search->history.dispatches++;
    search->history.steered = search->history.sighting == 1 || search->history.steered;
    check_agreed(search, search->history.sighting, dispatcher);
    return true;
}

/* With one character of the pictures' hash another. */
static bool swapped_step(struct search *search, bool review)
{
    char *at = &search->world->pictures_hash[3];
    char kept = *at;
    int sighting = search->history.sighting;
    *at = kept == 'a' ? 'b' : 'a';
    search->history.sighting = -1;
    bool done = review ? say(search, REVIEWER_ONE, "same") : dispatch_step(search, DISPATCHER, UNIT);
    *at = kept;
    search->history.sighting = sighting;
    return done;
}

static bool decline_step(struct search *search)
{
    if (search->history.declines || !crew_answers(search->world, "declined"))
        return false;
    search->history.declines++;
    return true;
}

static bool custody_step(struct search *search, const char *means)
{
    if (!outcome(search->world, "custody", means, CASE, slip))
        return false;
    search->history.custody = true;
    return true;
}

static bool other_custody_step(struct search *search, const char *means)
{
    struct world *world = search->world;
    json_t *fields = with_slip(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "alert", world->alert,
                                   "outcome", "other_custody", "harm", "none", "means", means, "case", "",
                                   "matter", "another_fir", "matter_reference", "112/2026"),
        slip);
    if (!act(world, alert_outcome, CREW_ONE, "outcome", fields))
        return false;
    search->history.taken_along = strcmp(means, "document_and_officer") != 0;
    return true;
}

/* By a document: whoever is taken along, and for what. */
static bool document_step(struct search *search, bool custody)
{
    static const char means[] = "document_and_officer";
    if (search->history.documented[custody] ||
        !(custody ? outcome(search->world, "custody", means, CASE, slip) : other_custody_step(search, means)))
        return false;
    search->history.documented[custody] = true;
    return true;
}

static bool second_officer_step(struct search *search, bool custody)
{
    const char *word = custody ? "custody" : "other_custody";
    if (!concur(search->world, CREW_TWO, word))
        return false;
    if (custody)
        search->history.custody = true;
    else
        search->history.taken_along = true;
    return true;
}

static bool question_step(struct search *search, bool person)
{
    bool *done = person ? &search->history.verified : &search->history.asked;
    if (*done || !officer_of(search->world, CREW_ONE) ||
        !(person ? verify(search->world, CNIC, "thumb", "yes") : ask_status(search->world, "live")))
        return false;
    *done = true;
    return true;
}

static bool not_found_step(struct search *search)
{
    if (search->history.pending || !outcome(search->world, "not_found", "none", "", ""))
        return false;
    search->history.pending = true;
    return true;
}

static bool signed_step(
    struct search *search, deed *does, enum person person, const char *type, json_t *fields)
{
    json_object_set_new(fields, "alert", json_string(search->world->alert));
    return act(search->world, does, person, type, fields);
}

static bool stop_step(struct search *search)
{
    search->history.stopped = stop_person(search->world) || search->history.stopped;
    return wrong.code == ERROR_NONE;
}

enum { EVENTS = 33, BESIDE_AMENDS = EVENTS + 2 };

static bool crew_event(struct search *search, int event)
{
    struct world *world = search->world;
    switch (event) {
    case 16:
        return crew_answers(world, "accepted");
    case 17:
        return decline_step(search);
    case 18:
        return arrive(world);
    case 19:
        return stop_step(search);
    case 20:
        return question_step(search, true);
    case 21:
        return question_step(search, false);
    case 22:
        return custody_step(search, "cnic_verified");
    case 23:
        return custody_step(search, "none");
    case 24:
        return outcome(world, "wrong_person", "none", "", slip);
    case 25:
        return not_found_step(search);
    case 26:
        return signed_step(
            search, alert_concur, DISPATCHER, "concurrence", concurrence_fields(world, "not_found"));
    case 27:
        return other_custody_step(search, "none");
    case 28:
        return document_step(search, false);
    case 29:
        return second_officer_step(search, false);
    case 30:
        return document_step(search, true);
    case 31:
        return second_officer_step(search, true);
    default:
        return signed_step(
            search, alert_hand_over, CREW_ONE, "handover", json_pack("{s:s}", "station", STATION_ID));
    }
}

static bool try_event(struct search *search, int event)
{
    static const char *const words[] = {"same", "different", "cannot_tell"};
    wrong = (struct error){0};
    if (event < 9)
        return review_step(search, event / 3, words[event % 3]);
    switch (event) {
    case 9:
        return swapped_step(search, true);
    case 10:
        return say(search, REVIEWER_BESIDE, "same");
    case 11:
        return say(search, APPROVER, "same");
    case 12:
        return dispatch_step(search, DISPATCHER, UNIT);
    case 13:
        return swapped_step(search, false);
    case 14:
        return tick_step(search);
    case 15:
        return recall_step(search);
    default:
        return crew_event(search, event);
    }
}

struct seen { /* the alert as the desk has it */
    enum alert_state state;
    char outcome[40], amended[40];
    bool agreed, sent, overrun;
};

static struct seen look_at(struct search *search)
{
    struct seen seen = {0};
    AUTO(query)
    struct query *query = query_new(search->world->site.ledger->store,
        "SELECT state, outcome, amended, agreed_us, dispatched_us, overrun FROM alert WHERE alert = :alert",
        &wrong);
    query_text(query, ":alert", search->world->alert);
    assert_true(query_next(query));
    assert_true(alert_state_read(query_get_text(query, 0), &seen.state));
    snprintf(seen.outcome, sizeof seen.outcome, "%s", query_get_text(query, 1));
    snprintf(seen.amended, sizeof seen.amended, "%s", query_get_text(query, 2));
    seen.agreed = query_get_integer(query, 3) > 0;
    seen.sent = query_get_integer(query, 4) > 0;
    seen.overrun = query_get_integer(query, 5) == 1;
    return seen;
}

static void check_dispatch(struct search *search, const struct seen *before, const struct seen *now)
{
    if (now->agreed && !before->agreed)
        check_agreed(search, 0, PEOPLE);
    if (now->sent && (!now->agreed || search->history.dispatches == 0))
        fail_msg("dispatched by nobody");
}

static void check_custody(const struct search *search, const struct seen *now)
{
    const struct history *history = &search->history;
    bool custody = strcmp(now->outcome, "custody") == 0;
    assert_int_equal(custody, history->custody);
    if (custody && (!history->stopped || !history->asked || !(history->verified || history->documented[1])))
        fail_msg("custody on a face");
    bool taken_along = strcmp(now->outcome, "other_custody") == 0;
    assert_int_equal(taken_along, history->taken_along);
    if (taken_along && (!history->stopped || !history->documented[0]))
        fail_msg("taken along on a face");
    if (strcmp(now->amended, "custody") == 0 && !history->custody)
        fail_msg("custody written afterwards");
}

/* Whom somebody misses is not wanted: held by nobody, and left alone where found. */
static void check_missing(const struct search *search, const struct seen *now)
{
    if (search->missing && (now->state == ALERT_STOPPED || now->state == ALERT_HANDED_OVER ||
                               strcmp(now->outcome, "custody") == 0))
        fail_msg("a missing adult was %s", alert_state_word(now->state));
    if (!search->missing && strcmp(now->outcome, "found_safe") == 0)
        fail_msg("somebody wanted was found safe");
}

static void check_move(enum alert_state from, enum alert_state to, const char *how)
{
    for (int by = 0; by < ALERT_ACTOR_COUNT; by++) {
        if (from == to || lives_allow(from, to, (enum alert_actor)by, how, NULL))
            return;
    }
    /* Both answers in one step: the second "same" is the move. */
    fail_msg("from %s to %s as %s", alert_state_word(from), alert_state_word(to), how);
}

/* What the log says of a suspension stays said: another site, with everybody. */
static void move_to_another_site(struct search *search)
{
    world_teardown(search->state);
    world_setup(search->state);
    search->world = *search->state;
    sql(search->world, "PRAGMA synchronous = OFF");
    be_present(search->world, CREW_TWO, "crew", UNIT);
}

static void start_again(struct search *search)
{
    search->trail_length = 0;
    if (search->history.suspended)
        move_to_another_site(search);
    struct world *world = search->world;
    static const enum person guests[] = {REVIEWER_BESIDE, APPROVER, BOTH};
    for (size_t i = 0; search->history.guests && i < COUNT_OF(guests); i++)
        leave(world, guests[i]);
    if (search->history.moved)
        be_present(world, CREW_TWO, "crew", UNIT);
    search->history = (struct history){.answers = "---"};
    assert_true(ledger_begin(world->site.ledger, &wrong));
    sql(world, "UPDATE alert SET outcome = '' WHERE outcome IN ('rejected', 'wrong_person')");
    sql(world, "DELETE FROM alert_mute");
    assert_true(ledger_commit(world->site.ledger, &wrong));
    recall_step(search);
    sql(world, "DELETE FROM alert"); /* one camera raises more here than its rate allows */
    sql(world, "DELETE FROM busy_unit");
    search->history.withdrawn = false;
    neighbours = (struct neighbours){.operation_allows = true, .operation_state = "running"};
    leave(world, REVIEWER_THREE);
    slip[0] = 0;
    neighbours.missing = search->missing;
    if (search->planted) {
        neighbours.ground = "consenting_test_subject";
        accepted(plant_pair(world, AUTHORISER_ONE, ENTRY));
    } else {
        raise_one(world);
    }
    be_present(world, REVIEWER_THREE, "reviewer", NULL);
    snprintf(search->passage[0], sizeof search->passage[0], "%s", world->passage);
    snprintf(search->pictures_hash[0], sizeof search->pictures_hash[0], "%s", world->pictures_hash);
}

static void replay(struct search *search, size_t node)
{
    start_again(search);
    for (int i = 0; i < search->lengths[node]; i++)
        assert_true(try_event(search, search->paths[node][i]));
}

/* Two situations are one when the same may follow: after the review it no longer matters who said what. */
static void key_of(struct search *search, char out[static 96])
{
    const struct history *history = &search->history;
    char state[24];
    snprintf(state, sizeof state, "%s", state_of(search->world));
    bool raised = strcmp(state, "raised") == 0;
    snprintf(out, 96, "%s %s %s %d%d%d%d%d%d%d%d", state, outcome_of(search->world),
        raised ? history->answers : "", raised && history->ticks, history->declines, history->verified,
        history->asked, history->withdrawn, history->pending, history->documented[0], history->documented[1]);
}

static void remember(struct search *search, size_t from, int event)
{
    char key[96];
    key_of(search, key);
    for (size_t i = 0; i < search->count; i++) {
        if (strcmp(search->seen[i], key) == 0)
            return;
    }
    int length = search->lengths[from];
    if (length == PATH_LIMIT)
        return;
    assert_true(search->count < SEEN_LIMIT);
    size_t node = search->count++;
    memcpy(search->seen[node], key, sizeof key);
    memcpy(search->paths[node], search->paths[from], sizeof search->paths[from]);
    search->paths[node][length] = event;
    search->lengths[node] = length + 1;
}

static void check_planted(const struct seen *now)
{
    bool over = now->state == ALERT_CLOSED && strcmp(now->outcome, "planted") == 0;
    if ((now->state != ALERT_RAISED && !over) || now->agreed || now->sent)
        fail_msg("a planted pair became %s %s", alert_state_word(now->state), now->outcome);
}

/* Pictures that nobody was shown, a party to the entry, custody on nothing, a second amender of one office.
 */
static bool is_never_accepted(int event)
{
    return event == 9 || event == 11 || event == 13 || event == 23 || event == 27 || event == BESIDE_AMENDS;
}

static void check_step(struct search *search, int event, bool accepted_now, const struct seen *before)
{
    if (accepted_now && is_never_accepted(event))
        fail_msg("event %d was accepted", event);
    struct seen now = look_at(search);
    check_dispatch(search, before, &now);
    check_custody(search, &now);
    check_missing(search, &now);
    check_move(before->state, now.state, now.outcome);
    if (search->planted)
        check_planted(&now);
    if (!accepted_now && before->state != now.state)
        fail_msg("refused, and moved the alert from %s", alert_state_word(before->state));
}

static void explore(struct search *search, size_t node)
{
    replay(search, node);
    for (int event = 0; event < EVENTS; event++) {
        struct seen before = look_at(search);
        struct history history = search->history;
        search->tried++;
        bool accepted_now = try_event(search, event);
        check_step(search, event, accepted_now, &before);
        if (!accepted_now) {
            assert_memory_equal(&history, &search->history, sizeof history);
            continue;
        }
        remember(search, node, event);
        replay(search, node);
    }
}

static bool was_reached(const struct search *search, const char *start)
{
    for (size_t i = 0; i < search->count; i++) {
        if (strncmp(search->seen[i], start, strlen(start)) == 0)
            return true;
    }
    return false;
}

static void s29_no_order_of_events_sends_anybody_without_two_independent_same(void **state)
{
    static struct search search;
    search = (struct search){.world = *state, .count = 1};
    struct world *world = *state;
    be_present(world, CREW_ONE, "crew", UNIT);
    be_present(world, CREW_TWO, "crew", UNIT);
    for (size_t node = 0; node < search.count; node++)
        explore(&search, node);
    /* A search that goes nowhere proves nothing. */
    static const char *const ends[] = {"closed rejected", "closed lapsed", "closed recalled",
        "closed not_found", "closed wrong_person", "closed custody", "closed other_custody",
        "handed_over custody", "stopped ", "on_scene ", "accepted "};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        if (!was_reached(&search, ends[i]))
            fail_msg("no order of events reached %s", ends[i]);
    }
    print_message("%zu situations, %zu events tried\n", search.count, search.tried);
}

/* Events that only happen after others have closed the alert, that change nothing of its state, or that bring
 * more people and pictures: left out of the search above, which would only find them side by side with
 * everything else. */
enum { LATER_EVENTS = 24, SEE_AGAIN = EVENTS + 6, LOOK_AT_THE_OTHER, FOUND = EVENTS + 16, FOUND_AGREED };

static bool amend_step(struct search *search, enum person person, const char *to)
{
    static const char *const amendable[] = {"custody", "wrong_person", "not_found"};
    const char *from = outcome_of(search->world);
    return signed_step(search, alert_amend, person, "amendment",
        json_pack("{s:s, s:s}", "from", word_is_in(from, amendable, COUNT_OF(amendable)) ? from : "lost",
            "outcome", to));
}

static bool receive_step(struct search *search)
{
    AUTO(json)
    json_t *packet = alert_handover_packet(
        &search->world->site, officer_of(search->world, STATION), search->world->alert, &wrong);
    const char *hash = json_string_value(json_object_get(packet, "handover_hash"));
    return hash &&
           signed_step(search, alert_receive, STATION, "receipt", json_pack("{s:s}", "handover_hash", hash));
}

static bool turn_to(struct search *search, int sighting)
{
    struct world *world = search->world;
    search->history.sighting = sighting;
    memcpy(world->passage, search->passage[sighting], sizeof world->passage);
    memcpy(world->pictures_hash, search->pictures_hash[sighting], sizeof world->pictures_hash);
    return true;
}

/* The same person once more; from here on officers speak of these pictures. */
static bool see_again(struct search *search)
{
    struct world *world = search->world;
    if (search->history.seen_again || !alert_state_is_open(look_at(search).state))
        return false; /* it would be another alert */
    world->ago_us = 1000000;
    struct sighting later = sighting_of(world, ENTRY);
    world->ago_us = 2000000;
    raise_again(world, &later);
    memcpy(search->passage[1], world->passage, sizeof world->passage);
    memcpy(search->pictures_hash[1], world->pictures_hash, sizeof world->pictures_hash);
    search->history.seen_again = true;
    return turn_to(search, 1);
}

/* One who shares an office, one who is a party, one who dispatches too. */
static bool guests_come(struct search *search)
{
    search->history.guests = true;
    be_present(search->world, REVIEWER_BESIDE, "reviewer", NULL);
    be_present(search->world, APPROVER, "reviewer", NULL);
    be_present(search->world, BOTH, "reviewer", NULL);
    return true;
}

/* The clock runs ahead to where something is due, and back. */
static bool time_passes(struct search *search, int64_t due_s)
{
    return alert_tick_at(&search->world->site, clock_now_us() + due_s * 1000000, &wrong);
}

static bool suspend(struct search *search, enum person person)
{
    if (!search->loses || !act(search->world, suspension_sign, ADMIN, "suspension",
                              json_pack("{s:s, s:s}", "subject", id_of(person), "reason", "lost_device")))
        return false;
    search->history.suspended |= 1U << person;
    return true;
}

static bool firearm_step(struct search *search)
{
    json_t *fields = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "alert", search->world->alert, "outcome",
        "identity_not_established", "harm", "firearm", "means", "none", "case", "", "force", "none");
    if (!act(search->world, alert_outcome, CREW_ONE, "outcome", with_slip(fields, slip)))
        return false;
    if (strcmp(neighbours.operation_state, "halted") != 0)
        fail_msg("a firearm, and the operation runs");
    return true;
}

/* The dispatcher's alert goes to one who may have reviewed it. */
static bool shift_step(struct search *search)
{
    struct world *world = search->world;
    char shift[24], hash[HEX_HASH_SIZE];
    random_id("h", shift);
    search->history.guests = true;
    be_present(world, BOTH, "dispatcher", NULL);
    AUTO(envelope)
    struct envelope *handover = said_by(world, DISPATCHER, "shift_handover",
        json_pack("{s:s, s:s, s:[s]}", "shift", shift, "to", id_of(BOTH), "items", world->alert));
    AUTO(json) json_t *offered = shift_hand(&world->site, handover, &wrong);
    envelope_hash_hex(handover, hash);
    if (!offered ||
        !act(world, shift_answer, BOTH, "shift_acceptance",
            json_pack("{s:s, s:s, s:s}", "shift", shift, "handover_hash", hash, "answer", "accepted")))
        return false;
    for (int i = 0; i < search->history.said_count; i++) {
        if (search->history.said[i].person == BOTH && search->history.said[i].sighting >= 0)
            fail_msg("who reviewed it took it over");
    }
    return true;
}

static bool rare_event(struct search *search, int event)
{
    static const int64_t due_s[] = {46, 61, 301, 901};
    switch (event) {
    case 16:
        return outcome(search->world, "found_safe", "none", "", "");
    case 17:
        return concur(search->world, DISPATCHER, "found_safe");
    case 18:
        return firearm_step(search);
    case 19:
        return shift_step(search);
    default:
        return time_passes(search, due_s[event - 20]);
    }
}

static bool other_people(struct search *search, int event)
{
    switch (event) {
    case 8:
        return guests_come(search);
    case 9:
        return say(search, BOTH, "same");
    case 10:
        be_present(search->world, BOTH, "dispatcher", NULL);
        return dispatch_step(search, BOTH, UNIT);
    case 11:
        search->history.moved = true;
        be_present(search->world, CREW_TWO, "crew", OTHER_UNIT);
        return dispatch_step(search, DISPATCHER, OTHER_UNIT);
    case 12:
        return say(search, REVIEWER_BESIDE, "cannot_tell");
    case 13:
        return suspend(search, REVIEWER_ONE);
    case 14:
        return suspend(search, DISPATCHER);
    case 15:
        return suspend(search, CREW_ONE);
    default:
        return rare_event(search, event);
    }
}

static bool later_event(struct search *search, int event)
{
    wrong = (struct error){0};
    switch (event) {
    case 0:
        return amend_step(search, AUTHORISER_ONE, "wrong_person");
    case 1:
        return amend_step(search, AUTHORISER_TWO, "wrong_person");
    case 2:
        return amend_step(search, AUTHORISER_BESIDE, "custody");
    case 3:
        return signed_step(search, alert_acknowledge, CREW_ONE, "acknowledgement", json_object());
    case 4:
        return receive_step(search);
    case 5: /* somebody sets the operation running again */
        neighbours.operation_state = "running";
        return true;
    case 6:
        return see_again(search);
    case 7:
        return search->history.seen_again && turn_to(search, 1 - search->history.sighting);
    default:
        return other_people(search, event);
    }
}

/* Three events of four are ones that go on from here, so that the runs come far. */
static int draw_event(const struct search *search, enum alert_state state)
{
    static const int onward[ALERT_STATE_COUNT][4] = {[ALERT_RAISED] = {0, 3, 6, 0},
        [ALERT_AGREED] = {12, 12, 12, 15},
        [ALERT_DISPATCHED] = {16, 16, 17, 12},
        [ALERT_ACCEPTED] = {18, 18, 25, 15},
        [ALERT_ON_SCENE] = {19, 19, 25, 26},

        [ALERT_CLOSED] = {32, EVENTS, EVENTS + 1, EVENTS + 3},
        [ALERT_HANDED_OVER] = {EVENTS + 4, EVENTS + 1, EVENTS + 4, EVENTS},
        [ALERT_RECEIVED] = {EVENTS, EVENTS + 1, EVENTS + 2, EVENTS + 4}};
    static const int of_the_other[] = {0, 3, 6, 12, 12, LOOK_AT_THE_OTHER};
    static const int of_the_missing[] = {FOUND, FOUND_AGREED, 25, 19};
    static const int in_a_stop[] = {20, 21, 21, 22, 24, 28, 30, 30};
    static const int of_a_document[] = {29, 31};
    uint32_t drawn[2];
    random_fill(drawn, sizeof drawn);
    bool may_be_steered = state >= ALERT_AGREED && state <= ALERT_ON_SCENE;
    bool other = may_be_steered && search->history.seen_again;
    if (drawn[0] % 4 == 3)
        return (int)(drawn[1] % (EVENTS + LATER_EVENTS));
    if (may_be_steered && !other && drawn[0] % 4 == 2)
        return SEE_AGAIN;
    if (other && drawn[0] % 4 < 2)
        return of_the_other[drawn[1] % COUNT_OF(of_the_other)];
    if (search->missing && state == ALERT_ON_SCENE)
        return of_the_missing[drawn[1] % COUNT_OF(of_the_missing)];
    if (state == ALERT_STOPPED && drawn[0] % 4 == 2 &&
        (search->history.documented[0] || search->history.documented[1]))
        return of_a_document[search->history.documented[1]];
    if (state == ALERT_STOPPED)
        return in_a_stop[drawn[1] % COUNT_OF(in_a_stop)];
    return onward[state][drawn[1] % 4];
}

static void one_event(struct search *search, int event, const struct seen *before)
{
    assert_true(search->trail_length < TRAIL_LIMIT);
    search->trail[search->trail_length++] = event;
    search->tried++;
    bool accepted_now = event < EVENTS ? try_event(search, event) : later_event(search, event - EVENTS);
    search->accepted[event] += accepted_now;
    check_step(search, event, accepted_now, before);
}

static bool never_recorded(struct search *search, enum person person)
{
    return act(search->world, alert_amend, person, "amendment",
        json_pack("{s:s, s:s, s:s}", "alert", search->world->alert, "from", "not_recorded", "outcome",
            "identity_not_established"));
}

/* A day later two offices close what the crew never recorded. */
static void close_the_stop(struct search *search)
{
    struct alert alert;
    struct site *site = &search->world->site;
    assert_true(alert_load(site, search->world->alert, &alert, &wrong));
    alert.stopped_us -= 2LL * 86400 * 1000000;
    assert_true(alert_save(site, &alert, &wrong));
    accepted(never_recorded(search, AUTHORISER_ONE));
    accepted(never_recorded(search, AUTHORISER_TWO));
}

/* Whatever happened, an hour later it is over; only a stop waits for the crew's word, and says so; without it
 * a day later two offices end it. */
static void check_end(struct search *search)
{
    assert_true(alert_tick_at(&search->world->site, clock_now_us() + 3700000000LL, &wrong));
    struct seen seen = look_at(search);
    if (alert_state_is_open(seen.state) && seen.state != ALERT_STOPPED)
        fail_msg("still %s after an hour", alert_state_word(seen.state));
    if (seen.state != ALERT_STOPPED)
        return;
    if (!seen.overrun)
        fail_msg("a stop of an hour that nobody was told of");
    close_the_stop(search);
    if (alert_state_is_open(look_at(search).state))
        fail_msg("a stop without an end");
}

enum { RANDOM_RUNS = 200, EVENTS_A_RUN = 30, EVENTS_AFTER_THE_END = 6 };

/* Of what comes after the end, where amendments still are possible, a few events and not the rest of the run.
 */
static void one_random_run(struct search *search)
{
    int after = 0;
    uint8_t drawn[2];
    random_fill(drawn, sizeof drawn);
    search->planted = drawn[0] % 8 == 0;
    search->missing = drawn[0] % 8 == 1;
    search->loses = drawn[1] % 32 == 0;
    start_again(search);
    for (int i = 0; i < EVENTS_A_RUN && after < EVENTS_AFTER_THE_END; i++) {
        struct seen before = look_at(search);
        one_event(search, draw_event(search, before.state), &before);
        after += before.state == ALERT_RECEIVED || (before.state == ALERT_CLOSED && !search->history.custody);
    }
    check_end(search);
}

/* One order again, as it was printed: the kind of alert, then the events. Who reviews is drawn anew. */
static void one_given_run(struct search *search, const char *order)
{
    char *next = NULL;
    long kind = strtol(order, &next, 10);
    search->planted = kind == 1;
    search->missing = kind == 2;
    search->loses = true;
    start_again(search);
    for (const char *at = next; *at; at = next) {
        long event = strtol(at, &next, 10);
        if (next == at)
            break;
        struct seen before = look_at(search);
        one_event(search, (int)event, &before);
    }
    check_end(search);
}

static struct search random_search;

static int say_the_order(void **state)
{
    const struct search *search = &random_search;
    if (!search->held) {
        print_error("MIZAN_ORDER='%d", search->planted ? 1 : search->missing ? 2 : 0);
        for (int i = 0; i < search->trail_length; i++)
            print_error(" %d", search->trail[i]);
        print_error("' tries these events again\n");
    }
    return world_teardown(state);
}

/* tools/long/orders asks for a million. */
static void s29_random_orders_send_nobody_without_two_independent_same_and_all_end(void **state)
{
    struct search *search = &random_search;
    *search = (struct search){.state = state, .world = *state};
    const char *asked = getenv("MIZAN_RANDOM_RUNS");
    const char *order = getenv("MIZAN_ORDER");
    long runs = order ? 0 : asked ? strtol(asked, NULL, 10) : RANDOM_RUNS;
    size_t stops = 0, steered = 0, custodies = 0;
    sql(search->world, "PRAGMA synchronous = OFF");
    be_present(search->world, CREW_ONE, "crew", UNIT);
    be_present(search->world, CREW_TWO, "crew", UNIT);
    if (order)
        one_given_run(search, order);
    for (long run = 0; run < runs; run++) {
        one_random_run(search);
        stops += search->history.stopped;
        steered += search->history.steered;
        custodies += search->history.custody;
    }
    /* Runs that go nowhere prove nothing; how far many of them went, tools/long/orders adds up. */
    assert_true(order || (stops > 0 && steered > 0));
    print_message("%ld runs, %zu events tried, %zu of the runs came to a stop, %zu steered a unit to the "
                  "later sighting, %zu ended in custody\n",
        runs, search->tried, stops, steered, custodies);
    print_message("accepted, by event:");
    for (int event = 0; event < EVENTS + LATER_EVENTS; event++)
        is_never_accepted(event) ? print_message(" -") : print_message(" %d", search->accepted[event]);
    print_message("\n");
    search->held = true;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s29_no_order_of_events_sends_anybody_without_two_independent_same),
        cmocka_unit_test_setup_teardown(
            s29_random_orders_send_nobody_without_two_independent_same_and_all_end, world_setup,
            say_the_order),
    };
    if (getenv("MIZAN_RANDOM_RUNS") || getenv("MIZAN_ORDER"))
        cmocka_set_test_filter("s29_random*");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
