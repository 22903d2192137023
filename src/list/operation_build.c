#include "list/operation_build.h"

#include "list/entry_proof.h"
#include "list/turn.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct list_build {
    json_t *entries; /* sorted; owned */
    size_t next;
    struct operation_list list;
    int64_t begun_s;
    struct standing standing; /* of who signed, when it began */
};

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static json_t *sorted(const json_t *ids)
{
    size_t count = json_array_size(ids);
    AUTO(heap) const char **texts = memory_allocate(count + 1, sizeof *texts);
    for (size_t i = 0; i < count; i++)
        texts[i] = json_string_value(json_array_get(ids, i));
    qsort(texts, count, sizeof *texts, by_text);
    json_t *out = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(out, json_string(texts[i]));
    return out;
}

struct list_build *list_build_new(struct site *site, json_t *entries)
{
    struct list_build *build = memory_allocate(1, sizeof *build);
    build->entries = sorted(entries);
    json_decref(entries);
    build->list.items =
        memory_allocate(GALLERY_PHOTOS * json_array_size(build->entries), sizeof *build->list.items);
    build->begun_s = clock_now_s();
    build->standing = standing_now(site);
    return build;
}

void list_build_free(struct list_build *build)
{
    if (!build)
        return;
    json_decref(build->entries);
    operation_list_done(&build->list);
    memory_release(build);
}

static bool prove_next(struct site *site, struct list_build *build, struct error *err)
{
    struct operation_list *list = &build->list;
    const char *entry = json_string_value(json_array_get(build->entries, build->next++));
    size_t added = 0;
    if (!entry_items(site, entry, &list->items[list->count], &added, err))
        return false;
    list->count += added;
    return operation_list_measure_next(list, err);
}

bool list_build_step(struct site *site, struct list_build *build, bool *done, struct error *err)
{
    struct turn turn = turn_begin(site);
    *done = false;
    while (build->next < json_array_size(build->entries)) {
        if (!prove_next(site, build, err))
            return false;
        if (turn_is_over(&turn))
            return true;
    }
    *done = true;
    return true;
}

/* An entry's photographs never change, so that what may have changed is whether it is proved. */
static bool still_holds(
    struct site *site, const char *operation, const struct list_build *build, struct error *err)
{
    AUTO(json) json_t *entries = operation_parts(site, operation, "entry", err);
    if (!entries)
        return false;
    if (!json_equal(entries, build->entries) || !standing_is(site, &build->standing))
        return fail(err, ERROR_CONFLICT,
            "the entries of operation %s, or who may sign for them, changed meanwhile; draft again",
            operation);
    AUTO(json) json_t *changed = operation_entries_changed(site, operation, build->begun_s, err);
    size_t index;
    const json_t *entry;
    json_array_foreach (changed, index, entry) {
        if (!entry_is_proved(site, json_string_value(entry), NULL, NULL, err))
            return false;
    }
    return changed != NULL;
}

static bool take(struct site *site, const char *operation, struct list_build *build,
    struct operation_list *out, struct error *err)
{
    assert(build->next == json_array_size(build->entries));
    if (!still_holds(site, operation, build, err))
        return false;
    *out = build->list;
    build->list = (struct operation_list){.items = NULL};
    return true;
}

bool list_build_take(struct site *site, const char *operation, struct list_build *build,
    struct operation_list *out, struct error *err)
{
    if (build)
        return take(site, operation, build, out, err);
    json_t *entries = operation_parts(site, operation, "entry", err);
    if (!entries)
        return false;
    AUTO(list_build) struct list_build *own = list_build_new(site, entries);
    for (bool done = false; !done;) {
        if (!list_build_step(site, own, &done, err))
            return false;
    }
    return take(site, operation, own, out, err);
}
