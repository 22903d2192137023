/* A passage's pictures and facts, sealed under its alert's key. The facts (entry, camera, times, scores, the
 * pictures' hash) are what the row is checked against before anything rests on it. */
#pragma once

#include "alert/row.h"

/* Refuses a sighting that no honest watch sends: ids, then scores, times, sizes (treated as hostile input).
 * The threshold is the operation's. */
bool passage_check_ids(const struct sighting *sighting, struct error *err);
bool passage_check_form(const struct sighting *sighting, int64_t now_us, struct error *err);

/* Seals everything under "alert/<alert>" and writes the rows. */
/* The evaluation report by which the passage was found, or null when there was none: a new reference. */
json_t *passage_report(struct site *site, const json_t *facts, struct error *err);
bool passage_keep(struct site *site, const char *alert, const struct sighting *sighting, int64_t threshold_e6,
    struct error *err);
/* {"alert", "passage", "entry", "operation", "camera", "pictures_hash", "captured_us" (newest), "decided_us",
 * "raised_at_us", "threshold_e6", "score_e6", "others", "crops" (count), "shots_us", "enrolled_hash"}: a new
 * reference. */
json_t *passage_facts(struct site *site, const char *alert, const char *passage, struct error *err);
/* crop_0 …, probe, scene. */
bool passage_picture(struct site *site, const char *alert, const char *passage, const char *name,
    struct bytes *out, struct error *err);
/* That the row tells the same as the sealed facts of its passage, and that the sealed pictures and the
 * entry's enrolled picture still have the hashes that were shown. Fills the pictures' hash. ERROR_CORRUPT
 * otherwise.
 */
bool passage_verify(struct site *site, const struct alert *alert, char pictures_hash[static HEX_HASH_SIZE],
    struct error *err);
/* When the newest shot of the reviewed passage was taken. */
bool passage_captured(struct site *site, const struct alert *alert, int64_t *captured_us, struct error *err);
/* The passages that wait beside the reviewed one. */
bool passages_waiting(struct site *site, const struct alert *alert, int64_t *count, struct error *err);
/* Keeps the reviewed one and the newest few that wait. */
bool passages_bound(struct site *site, const struct alert *alert, struct error *err);
bool passage_is_known(struct site *site, const char *passage, bool *known, struct error *err);

/* SHA-256 over the passage's id, a newline, then the hashes of crops and face (docs/statements.md). */
void pictures_hash(const char *passage, const struct bytes *crops, size_t crop_count, struct bytes face,
    char out[static HEX_HASH_SIZE]);
