/* Every order of events around a later passage, from `agreed` on: whoever answers, is replaced or is
 * recalled in between, no unit is sent to a place without two "same" about that place's own pictures. */
#include "world.h"

enum { PATH_LIMIT = 6, SEEN_LIMIT = 1024, EVENTS = 15 };

struct told {       /* what the desk accepted so far */
    char beside[3]; /* of one, two: s, d, c or - */
    bool later, steered, replaced, withdrawn;
};

struct search {
    struct world *world;
    struct told told;
    char first[24], first_hash[HEX_HASH_SIZE], later[24], later_hash[HEX_HASH_SIZE];
    int paths[SEEN_LIMIT][PATH_LIMIT];
    int lengths[SEEN_LIMIT];
    char seen[SEEN_LIMIT][96];
    size_t count;
};

static void speak_of(struct search *search, bool later)
{
    struct world *world = search->world;
    snprintf(world->passage, sizeof world->passage, "%s", later ? search->later : search->first);
    snprintf(world->pictures_hash, sizeof world->pictures_hash, "%s",
        later ? search->later_hash : search->first_hash);
}

static bool see_again(struct search *search)
{
    struct world *world = search->world;
    if (search->told.later || search->told.withdrawn)
        return false;
    struct sighting later = sighting_of(world, ENTRY);
    snprintf(later.camera, sizeof later.camera, "c-0000000000000002");
    raise_again(world, &later);
    snprintf(search->later, sizeof search->later, "%s", world->passage);
    snprintf(search->later_hash, sizeof search->later_hash, "%s", world->pictures_hash);
    search->told.later = true;
    return true;
}

static bool answer_beside(struct search *search, int who, const char *word)
{
    static const enum person reviewers[] = {REVIEWER_ONE, REVIEWER_TWO};
    speak_of(search, true);
    if (!search->told.later || !review_as(search->world, reviewers[who], word))
        return false;
    search->told.beside[who] = word[0];
    return true;
}

static bool send(struct search *search, bool later, const char *unit, bool *once)
{
    if (*once || (later && !search->told.later))
        return false;
    speak_of(search, later);
    if (!dispatch_by(search->world, DISPATCHER, unit))
        return false;
    *once = later || strcmp(unit, UNIT) != 0;
    return true;
}

static bool recall(struct search *search)
{
    if (search->told.withdrawn)
        return false;
    search->told.withdrawn = true;
    assert_true(ledger_begin(search->world->site.ledger, &wrong));
    assert_true(alert_recall_entry(&search->world->site, ENTRY, "other", &wrong));
    return ledger_commit(search->world->site.ledger, &wrong);
}

static bool try_event(struct search *search, int event)
{
    static const char *const words[] = {"same", "different", "cannot_tell"};
    struct world *world = search->world;
    bool ignored = false;
    wrong = (struct error){0};
    if (event < 6)
        return answer_beside(search, event / 3, words[event % 3]);
    switch (event) {
    case 6:
        return see_again(search);
    case 7:
        return send(search, false, UNIT, &ignored);
    case 8:
        return send(search, true, UNIT, &search->told.steered);
    case 9:
        return send(search, false, OTHER_UNIT, &search->told.replaced);
    case 10:
        return send(search, true, OTHER_UNIT, &search->told.replaced);
    case 11:
        return crew_answers(world, "accepted");
    case 12:
        return arrive(world);
    case 13:
        return stop_person(world);
    default:
        return recall(search);
    }
}

static void start_again(struct search *search)
{
    struct world *world = search->world;
    search->told = (struct told){.beside = "--"};
    recall(search);
    sql(world, "DELETE FROM alert_rejection; DELETE FROM alert_mute");
    sql(world, "DELETE FROM alert"); /* one camera raises more here than its rate allows */
    sql(world, "DELETE FROM busy_unit");
    search->told.withdrawn = false;
    raise_one(world);
    snprintf(search->first, sizeof search->first, "%s", world->passage);
    snprintf(search->first_hash, sizeof search->first_hash, "%s", world->pictures_hash);
    agree(world);
}

static void replay(struct search *search, size_t node)
{
    start_again(search);
    for (int i = 0; i < search->lengths[node]; i++)
        assert_true(try_event(search, search->paths[node][i]));
}

/* Of `select` with :later and :alert. */
static int64_t count_of(struct search *search, const char *select)
{
    AUTO(query) struct query *query = query_new(search->world->site.ledger->store, select, &wrong);
    query_text(query, ":later", search->later);
    query_text(query, ":alert", search->world->alert);
    if (!query_next(query))
        fail_msg("%s: %s", select, wrong.text);
    return query_get_integer(query, 0);
}

static bool is_about_later(struct search *search)
{
    return search->told.later &&
           count_of(search, "SELECT COUNT(*) FROM alert WHERE passage = :later AND alert = :alert") > 0;
}

static void check(struct search *search)
{
    bool agreed = strcmp(search->told.beside, "ss") == 0;
    bool sent = search->told.later &&
                count_of(search, "SELECT COUNT(*) FROM alert_statement WHERE type = 'dispatch' AND"
                                 " instr(envelope, :later) AND alert = :alert") > 0;
    if ((sent || is_about_later(search)) && !agreed)
        fail_msg("steered after the answers %s", search->told.beside);
}

static void key_of(struct search *search, char out[static 96])
{
    const struct told *told = &search->told;
    char state[24];
    snprintf(state, sizeof state, "%s", state_of(search->world));
    bool over = strcmp(state, "closed") == 0 || strcmp(state, "stopped") == 0;
    snprintf(out, 96, "%s %s%s %d%d%d%d", state, outcome_of(search->world), over ? "" : told->beside,
        told->later && !over, told->steered, told->replaced,
        (int)count_of(
            search, "SELECT unit = '" UNIT "' AND :later = :later FROM alert WHERE alert = :alert"));
}

static void remember(struct search *search, size_t from, int event)
{
    char key[96];
    int length = search->lengths[from];
    key_of(search, key);
    for (size_t i = 0; i < search->count; i++) {
        if (strcmp(search->seen[i], key) == 0)
            return;
    }
    if (length == PATH_LIMIT)
        return;
    assert_true(search->count < SEEN_LIMIT);
    size_t node = search->count++;
    memcpy(search->seen[node], key, sizeof key);
    memcpy(search->paths[node], search->paths[from], sizeof search->paths[from]);
    search->paths[node][length] = event;
    search->lengths[node] = length + 1;
}

static void explore(struct search *search, size_t node, bool *steered_on_scene)
{
    replay(search, node);
    for (int event = 0; event < EVENTS; event++) {
        char before[24];
        snprintf(before, sizeof before, "%s", state_of(search->world));
        struct told told = search->told;
        bool done = try_event(search, event);
        check(search);
        if (!done) {
            assert_string_equal(before, state_of(search->world));
            assert_memory_equal(&told, &search->told, sizeof told);
            continue;
        }
        *steered_on_scene = *steered_on_scene || (event == 8 && strcmp(before, "on_scene") == 0);
        remember(search, node, event);
        replay(search, node);
    }
}

static void s30_no_order_of_events_steers_a_unit_without_two_same_of_that_place(void **state)
{
    static struct search search;
    bool steered_on_scene = false;
    search = (struct search){.world = *state, .count = 1};
    register_second_camera(search.world);
    be_present(search.world, CREW_TWO, "crew", OTHER_UNIT);
    for (size_t node = 0; node < search.count; node++)
        explore(&search, node, &steered_on_scene);
    assert_true(steered_on_scene); /* a search that goes nowhere proves nothing */
    print_message("%zu situations\n", search.count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s30_no_order_of_events_steers_a_unit_without_two_same_of_that_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
