#include "govern/ledger_find.h"

#include "base/text.h"
#include "govern/ledger_private.h"

#include <string.h>

static const char *const begins[FIND_FIELDS] = {[FIND_KIND] = "\"kind\":\"",
    [FIND_ALERT] = "\"alert\":\"",
    [FIND_OPERATION] = "\"operation\":\"",
    [FIND_ENTRY] = "\"entry\":\"",
    [FIND_REQUEST] = "\"request\":\"",
    [FIND_SIGNED] = "\"signed\":\""};

/* Of a leaf without the field, and of one that has it twice, which is looked at whatever is sought. */
enum { TAG_NONE, TAG_ANY, TAG_FIRST };

/* FNV-1a: two values of one tag cost a look at the leaf. */
static uint32_t tag_of(const char *value, size_t size)
{
    uint32_t tag = 2166136261U;
    for (size_t i = 0; i < size; i++)
        tag = (tag ^ (uint8_t)value[i]) * 16777619U;
    return tag < TAG_FIRST ? TAG_FIRST : tag;
}

static uint32_t tag_in(const char *leaf, size_t size, const char *begin)
{
    const char *end = leaf + size, *at = memmem(leaf, size, begin, strlen(begin));
    if (!at)
        return TAG_NONE;
    at += strlen(begin);
    if (memmem(at, (size_t)(end - at), begin, strlen(begin)))
        return TAG_ANY;
    const char *quote = memchr(at, '"', (size_t)(end - at));
    return quote ? tag_of(at, (size_t)(quote - at)) : TAG_ANY;
}

void ledger_note_tags(struct ledger_tree *tree, const char *leaf, size_t size)
{
    size_t seq = (size_t)tree->now.tree.size;
    if (seq >= tree->tags_room) {
        tree->tags_room = seq ? 2 * seq : 1024;
        tree->tags = memory_resize(tree->tags, tree->tags_room, sizeof *tree->tags);
    }
    for (size_t i = 0; i < FIND_FIELDS; i++)
        tree->tags[seq].of[i] = tag_in(size ? leaf : "", size, begins[i]); /* an emptied one has no bytes */
}

/* A bit for each tag's end: what is found by another alert's tag is one record too many. */
struct alert_tags {
    bool all; /* a record names two alerts */
    uint8_t bits[1 << 17];
};

static void note_alert(struct alert_tags *alerts, uint32_t tag)
{
    alerts->all = alerts->all || tag == TAG_ANY;
    alerts->bits[tag % (8 * sizeof alerts->bits) / 8] |= (uint8_t)(1U << tag % 8);
}

static bool is_noted(const struct alert_tags *alerts, uint32_t tag)
{
    if (tag == TAG_NONE)
        return false;
    return alerts->all || tag == TAG_ANY ||
           (alerts->bits[tag % (8 * sizeof alerts->bits) / 8] >> tag % 8 & 1);
}

/* The index alone, without a leaf: a millisecond for a million records. */
static void note_alerts(struct finding *found, uint32_t operation)
{
    const struct ledger_tree *tree = found->ledger->tree;
    found->alerts = memory_allocate(1, sizeof *found->alerts);
    for (uint64_t seq = 0; seq < tree->now.tree.size; seq++) {
        const uint32_t *of = tree->tags[seq].of;
        if ((of[FIND_OPERATION] == operation || of[FIND_OPERATION] == TAG_ANY) && of[FIND_ALERT] != TAG_NONE)
            note_alert(found->alerts, of[FIND_ALERT]);
    }
}

static bool read_leaf(struct finding *found)
{
    query_free(found->query);
    found->query =
        query_new(found->ledger->store, "SELECT leaf FROM ledger_leaf WHERE seq = :seq", &found->wrong);
    query_integer(found->query, ":seq", found->seq);
    if (query_next(found->query)) {
        const char *text = query_get_text(found->query, 0);
        found->leaf = query_get_bytes(found->query, 0);
        return text != NULL;
    }
    if (query_ok(found->query, &found->wrong))
        fail(&found->wrong, ERROR_CORRUPT, "record %lld is missing", (long long)found->seq);
    return false;
}

static bool has_value(const struct finding *found)
{
    AUTO(text) char *sought = text_format("%s%s\"", begins[found->by], found->value);
    return memmem(found->leaf.data, found->leaf.size, sought, strlen(sought)) != NULL;
}

bool finding_next(struct finding *found)
{
    const struct ledger_tree *tree = found->ledger->tree;
    uint32_t tag = tag_of(found->value, strlen(found->value));
    if (found->and_alerts && !found->alerts)
        note_alerts(found, tag);
    while (found->wrong.code == ERROR_NONE && found->next < (int64_t)tree->now.tree.size) {
        const uint32_t *of = tree->tags[found->next].of;
        bool of_alert = found->alerts && is_noted(found->alerts, of[FIND_ALERT]);
        found->seq = found->next++;
        if ((of_alert || of[found->by] == tag || of[found->by] == TAG_ANY) && read_leaf(found) &&
            (of_alert || has_value(found)))
            return true;
    }
    return false;
}

void finding_rest(struct finding *found)
{
    query_free(found->query);
    found->query = NULL;
    found->leaf = (struct bytes){0};
}

bool finding_ok(struct finding *found, struct error *err)
{
    return found->wrong.code == ERROR_NONE || fail_as(err, &found->wrong);
}

void finding_auto(struct finding *found)
{
    finding_rest(found);
    memory_release(found->alerts);
    found->alerts = NULL;
}
