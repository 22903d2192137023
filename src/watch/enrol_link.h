/* The desk's end of the still process that looks at photographs of enrolment: a process of its own, so that a
 * picture that takes long to decode keeps neither the desk's loop nor the pictures of an alert waiting. Never
 * waits. One picture at a time, in the order they came. A process that does not answer, or answers out of
 * form, is killed and its picture fails; the next one starts another. One thread. */
#pragma once

#include "watch/supervisor.h"

/* ENROL_START_S: to load and compile the networks; ENROL_ANSWER_S: for one picture. */
enum { ENROL_QUEUE = 16, ENROL_EACH = 2, ENROL_START_S = 60, ENROL_ANSWER_S = 10 };

struct enrol_options {
    const char *program;      /* path of the mizan binary; borrowed */
    const char *pack_folder;  /* borrowed */
    const char *site;         /* borrowed */
    const uint8_t *pack_hash; /* HASH_SIZE bytes, of the pack the site runs; borrowed */
    enum site_kind kind;
    unsigned uid; /* 0: the desk's */
    int answer_s; /* 0: ENROL_ANSWER_S */
};

/* `enrolment` is the listener's to end; NULL: there is none, and `err` says why. */
typedef void enrol_heard(void *context, struct enrolment *enrolment, const struct error *err);

struct enrol_link;

/* Starts nothing yet. */
struct enrol_link *enrol_link_new(const struct enrol_options *options, struct error *err);
/* What still waits is answered with an error. */
void enrol_link_free(struct enrol_link *link);
AUTO_FREE(enrol_link, struct enrol_link *, enrol_link_free)

/* `jpeg` is borrowed until `heard` was called, from enrol_link_run, or the question was cancelled.
 * ERROR_UNAVAILABLE when too many wait, of all officers or of this one. */
bool enrol_link_ask(struct enrol_link *link, const char *officer, struct bytes jpeg, enrol_heard *heard,
    void *context, struct error *err);
/* Nobody hears the answer to this context's question any more: it leaves the queue, or is decoded for nobody.
 */
void enrol_link_cancel(struct enrol_link *link, const void *context);

int enrol_link_descriptor(const struct enrol_link *link); /* readable: run */
int enrol_link_timeout_ms(const struct enrol_link *link); /* -1: none */
void enrol_link_run(struct enrol_link *link);
