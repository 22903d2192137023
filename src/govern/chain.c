#include "govern/chain.h"

#include <string.h>

struct chain chain_start(const char *site)
{
    struct chain chain = {0};
    memcpy(chain.site, site, strnlen(site, SITE_NAME_SIZE - 1));
    return chain;
}

void chain_append(struct chain *chain, const char *leaf, size_t size, int64_t at_s)
{
    tree_leaf_hash(leaf, size, chain->newest_hash);
    tree_add(&chain->tree, chain->newest_hash);
    chain->newest_s = at_s;
    chain->bytes += size + 1;
}

/* When a link is broken, either record may have been changed; the record after them tells which. */
static bool check_link(struct chain *chain, const struct leaf *leaf, struct error *err)
{
    bool linked = memcmp(leaf->previous, chain->newest_hash, HASH_SIZE) == 0;
    if (chain->broken)
        return fail(err, ERROR_CORRUPT, "record %lld was changed",
            (long long)(linked ? chain->broken - 1 : chain->broken));
    if (!linked && leaf->seq == 0)
        return fail(err, ERROR_CORRUPT, "record 0 was changed");
    if (!linked)
        chain->broken = leaf->seq;
    return true;
}

bool chain_add(struct chain *chain, const char *text, size_t size, struct error *err)
{
    long long seq = (long long)chain->tree.size;
    AUTO(json) json_t *json = NULL;
    struct leaf leaf = {0};
    if (!leaf_read(text, size, &leaf, &json, err)) {
        fail_within(err, "record %lld", seq);
        if (err)
            err->code = ERROR_CORRUPT;
        return false;
    }
    if (leaf.seq != seq)
        return fail(
            err, ERROR_CORRUPT, "record %lld: record %lld stands in its place", seq, (long long)leaf.seq);
    if (strcmp(leaf.site, chain->site) != 0)
        return fail(
            err, ERROR_CORRUPT, "record %lld: of the site %.64s, not %s", seq, leaf.site, chain->site);
    /* Where the link is broken, the time before may be what was changed. */
    if (!check_link(chain, &leaf, err))
        return false;
    if (!chain->broken && leaf.at_s < chain->newest_s)
        return fail(err, ERROR_CORRUPT, "record %lld: older than the record before", seq);
    chain_append(chain, text, size, leaf.at_s);
    return true;
}

bool chain_finish(const struct chain *chain, const struct checkpoint *checkpoint, struct error *err)
{
    long long size = (long long)chain->tree.size;
    if (strcmp(chain->site, checkpoint->site) != 0)
        return fail(
            err, ERROR_CORRUPT, "the checkpoint is of the site %s, not %s", checkpoint->site, chain->site);
    if (size < checkpoint->size)
        return fail(err, ERROR_CORRUPT, "record %lld is missing: the checkpoint signs %lld records", size,
            (long long)checkpoint->size);
    if (size > checkpoint->size)
        return fail(err, ERROR_CORRUPT, "record %lld is not signed: the checkpoint ends before it",
            (long long)checkpoint->size);
    if (chain->broken)
        return fail(err, ERROR_CORRUPT, "record %lld or record %lld was changed",
            (long long)chain->broken - 1, (long long)chain->broken);
    uint8_t root[HASH_SIZE];
    tree_root(&chain->tree, root);
    if (memcmp(root, checkpoint->root, HASH_SIZE) != 0)
        return fail(err, ERROR_CORRUPT,
            "record %lld was changed, or an earlier one with all after it: the signed root is another",
            size - 1);
    if (checkpoint->at_s < chain->newest_s)
        return fail(err, ERROR_CORRUPT, "the checkpoint is older than the newest record");
    return true;
}
