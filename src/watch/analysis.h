/* From coded pictures to sightings: decode → sample → detect → passages → measure → embed → compare → decide.
 * One thread. analysis_new does everything that needs files or makes code; afterwards this needs memory only.
 */
#pragma once

#include "watch/supervisor.h"
#include "watch/survey.h"

struct pack;
struct packet;
struct stream;
struct analysis;

struct analysis_options {
    const struct pack *pack;
    /* camera and operation are empty; everything is borrowed during the call */
    void (*sighting)(void *context, const struct sighting *sighting);
    void *context;
};

struct matching {
    const struct gallery *gallery; /* NULL: decode only, no face is looked for */
    float threshold;
};

struct analysis *analysis_new(const struct analysis_options *options, struct error *err);
void analysis_free(struct analysis *analysis);
AUTO_FREE(analysis, struct analysis *, analysis_free)

/* The feed is connected (again). */
bool analysis_stream(struct analysis *analysis, const struct stream *stream, struct error *err);
/* `newer_waiting`: another packet can be read already. */
void analysis_packet(struct analysis *analysis, const struct packet *packet, bool newer_waiting,
    const struct matching *matching);
/* For a set-up view: decodes, finds and measures faces, and tells the survey. Nothing is embedded. */
void analysis_survey(
    struct analysis *analysis, const struct packet *packet, bool newer_waiting, struct survey *survey);
/* The newest picture of it, reduced whole; its light goes into the survey. ERROR_MISSING while there is none.
 * `out` is the caller's. */
bool analysis_preview(struct analysis *analysis, struct survey *survey, struct bytes *out, struct error *err);
/* A pause, an end: passages, pictures and the networks' memory are wiped. */
void analysis_forget(struct analysis *analysis);
void analysis_withdraw(struct analysis *analysis, const char *entry);
/* The counts since the start; the means since the last call. */
void analysis_health(struct analysis *analysis, struct watch_health *out);
