#include "watch/authority.h"

#include "sign/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void authority_init(struct authority *authority, const struct authority_options *options)
{
    *authority = (struct authority){.options = *options};
}

static void authority_drop_arming(struct authority *authority)
{
    if (authority->items)
        memory_wipe(authority->items, authority->item_count * sizeof *authority->items);
    free(authority->items);
    free(authority->withdrawn);
    bytes_free(&authority->token);
    authority->items = NULL;
    authority->withdrawn = NULL;
    authority->item_count = authority->withdrawn_count = 0;
    authority->arming = authority->begun = false;
}

static void authority_drop_gallery(struct authority *authority)
{
    gallery_free(authority->gallery);
    authority->gallery = NULL;
}

void authority_done(struct authority *authority)
{
    authority_drop_arming(authority);
    authority_drop_gallery(authority);
}

static void authority_say(struct authority *authority, enum watch_word word, const char *reason)
{
    authority->state.word = word;
    snprintf(authority->state.reason, sizeof authority->state.reason, "%.255s", reason);
}

static void authority_refuse(struct authority *authority, const char *reason)
{
    authority_drop_gallery(authority);
    authority_say(authority, WATCH_REFUSED, reason);
}

static bool authority_check_list(struct authority *authority, const struct gallery *gallery,
    const struct token_terms *terms, struct error *err)
{
    uint8_t hash[HASH_SIZE], named[HASH_SIZE];
    size_t limit = authority->options.kind == SITE_DEMO ? LIMIT_DEMO_ENTRIES : LIMIT_OPERATION_ENTRIES;
    size_t entries = gallery_listed(gallery);
    gallery_hash(gallery, hash);
    gallery_entries_hash(gallery, named);
    if (memcmp(hash, terms->list_hash, HASH_SIZE) != 0)
        return fail(err, ERROR_FORBIDDEN, "the list is not the one the token names");
    if (entries > limit || terms->list_size < 0 || (uint64_t)terms->list_size != entries)
        return fail(err, ERROR_FORBIDDEN, "the list has %zu entries; the token says %lld, the limit is %zu",
            entries, (long long)terms->list_size, limit);
    if (terms->names_entries && memcmp(named, terms->entries_hash, HASH_SIZE) != 0)
        return fail(err, ERROR_FORBIDDEN, "an entry of the list has no reason for the place in the request");
    return true;
}

static bool authority_verify(
    const struct authority *authority, int64_t now_s, struct token_terms *terms, struct error *err)
{
    const struct authority_options *options = &authority->options;
    if (memcmp(authority->camera_key, authority->greeting_key, HASH_SIZE) != 0)
        return fail(err, ERROR_FORBIDDEN, "the feed greets for another camera");
    const struct token_context context = {
        .site = options->site,
        .kind = options->kind,
        .root_key = options->root_key,
        .endorsement_key = options->has_endorsement_key ? options->endorsement_key : NULL,
        .camera_key = authority->greeting_key,
        .pack_hash = options->pack_hash,
        .pack_is_demo = options->pack_is_demo,
        .least_roster_number = authority->least_roster_number,
        .now_s = now_s,
    };
    return token_verify((const char *)authority->token.data, authority->token.size, &context, terms, err);
}

static bool authority_accept(struct authority *authority, int64_t now_s, struct error *err)
{
    struct token_terms terms = {0};
    if (!authority->token.size)
        return fail(err, ERROR_UNSIGNED, "there is no token");
    if (!authority_verify(authority, now_s, &terms, err))
        return false;
    AUTO(gallery) struct gallery *gallery = gallery_new(authority->items, authority->item_count, err);
    if (!gallery || !authority_check_list(authority, gallery, &terms, err))
        return false;
    for (size_t i = 0; i < authority->withdrawn_count; i++)
        gallery_withdraw(gallery, authority->withdrawn[i]);
    authority->terms = terms;
    authority->least_roster_number = terms.roster_number;
    authority->gallery = STEAL(gallery);
    return true;
}

static void authority_judge(struct authority *authority, int64_t now_s)
{
    struct error err = {0};
    if (!authority->begun || !authority->greeted)
        return;
    if (authority_accept(authority, now_s, &err))
        authority_say(authority, authority->paused ? WATCH_PAUSED : WATCH_ARMED, "");
    else
        authority_refuse(authority, err.text);
    authority_drop_arming(authority);
}

bool authority_greet(struct authority *authority, const char *record, struct error *err)
{
    uint8_t key[HASH_SIZE];
    struct camera camera;
    AUTO(json) json_t *fields = json_read(record, strlen(record), RECORD_LIMIT, err);
    if (!fields || !camera_read(fields, &camera, err) ||
        !camera_fits_site(&camera, authority->options.kind, err))
        return fail_within(err, "the feed's greeting");
    camera_key(&camera, key);
    if (authority->greeted && memcmp(key, authority->greeting_key, HASH_SIZE) != 0)
        return fail(err, ERROR_CORRUPT, "the feed greets for a second camera");
    memcpy(authority->greeting_key, key, HASH_SIZE);
    authority->greeted = true;
    return true;
}

bool authority_arm(struct authority *authority, const struct arming *arming, struct error *err)
{
    if (authority->arming)
        return fail(err, ERROR_CORRUPT, "the desk arms twice at once");
    if (authority->surveyed)
        return fail(err, ERROR_CORRUPT, "the desk arms the watch of a set-up view");
    authority->armed = true;
    authority_drop_gallery(authority);
    authority_drop_arming(authority);
    authority_say(authority, WATCH_IDLE, "");
    memcpy(authority->camera_key, arming->camera_key, HASH_SIZE);
    authority->token = bytes_copy(arming->token.data, arming->token.size);
    authority->arming = true;
    return true;
}

bool authority_items(
    struct authority *authority, const struct gallery_item *items, size_t count, struct error *err)
{
    if (!authority->arming || count > ITEM_LIMIT - authority->item_count)
        return fail(err, ERROR_CORRUPT, "more list than a list may hold, or at the wrong time");
    size_t total = authority->item_count + count;
    struct gallery_item *larger = memory_allocate(total, sizeof *larger);
    if (authority->item_count) {
        memcpy(larger, authority->items, authority->item_count * sizeof *larger);
        memory_wipe(authority->items, authority->item_count * sizeof *larger);
    }
    memcpy(larger + authority->item_count, items, count * sizeof *larger);
    free(authority->items);
    authority->items = larger;
    authority->item_count = total;
    return true;
}

bool authority_withdraw(struct authority *authority, const char *entry, struct error *err)
{
    if (!authority->arming && !authority->begun) {
        if (authority->gallery)
            gallery_withdraw(authority->gallery, entry);
        return true;
    }
    if (authority->withdrawn_count >= GALLERY_ENTRIES)
        return fail(err, ERROR_CORRUPT, "more withdrawals than entries");
    authority->withdrawn =
        memory_resize(authority->withdrawn, authority->withdrawn_count + 1, sizeof *authority->withdrawn);
    snprintf(authority->withdrawn[authority->withdrawn_count++], ENTRY_ID_SIZE, "%s", entry);
    return true;
}

bool authority_begin(struct authority *authority, int64_t now_s, struct error *err)
{
    if (!authority->arming)
        return fail(err, ERROR_CORRUPT, "the desk begins what it did not arm");
    authority->arming = false;
    authority->begun = true;
    authority_judge(authority, now_s);
    return true;
}

bool authority_survey(struct authority *authority, int64_t now_us, struct error *err)
{
    if (authority->armed || authority->surveyed)
        return fail(err, ERROR_CORRUPT, "the desk asks for a set-up view of a watch that was used before");
    authority->surveyed = true;
    authority->survey_ends_us = now_us + LIMIT_SET_UP_S * 1000000LL;
    return true;
}

bool authority_surveys(const struct authority *authority, int64_t now_us)
{
    return authority->surveyed && authority->greeted && now_us < authority->survey_ends_us;
}

void authority_pause(struct authority *authority, bool paused)
{
    authority->paused = paused;
    if (authority->gallery)
        authority_say(authority, paused ? WATCH_PAUSED : WATCH_ARMED, "");
}

void authority_end(struct authority *authority)
{
    authority_drop_arming(authority);
    authority_drop_gallery(authority);
    authority_say(authority, WATCH_ENDED, "the desk ended the operation");
}

void authority_tick(struct authority *authority, int64_t now_s)
{
    authority_judge(authority, now_s);
    if (!authority->gallery || now_s < authority->terms.ends_s)
        return;
    authority_drop_gallery(authority);
    authority_say(authority, WATCH_ENDED, "the operation's time is over");
}

const struct gallery *authority_gallery(const struct authority *authority, int64_t now_s)
{
    bool in_time = now_s >= authority->terms.starts_s && now_s < authority->terms.ends_s;
    return authority->gallery && !authority->paused && in_time ? authority->gallery : NULL;
}

bool authority_decodes(const struct authority *authority)
{
    return authority->gallery != NULL;
}
