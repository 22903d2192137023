/* The set-up view of a camera, and the check made of it: for who mounts and aims it. Reduced whole, at most
 * LIMIT_SET_UP_S, LIMIT_SET_UPS_A_DAY times in 24 hours, recorded; nothing of it is kept (SAFEGUARDS 27). */
#pragma once

#include "list/site.h"

/* Begins one: {"camera", "seconds"}. ERROR_FORBIDDEN after the day's last; ERROR_CONFLICT while the camera is
 * in an operation. */
json_t *camera_set_up(
    struct site *site, const struct officer *officer, const char *camera, struct error *err);
/* In the caller's transaction, at a start: a view of the last day whose row is not as its record says counts
 * for every camera. */
bool camera_set_ups_forget(struct site *site, struct error *err);
bool camera_set_up_put_back(struct site *site, const json_t *leaf, struct error *err);
/* Its newest picture, reduced; no bytes before the first; the supervisor's, until it takes in another one.
 * ERROR_MISSING when none is going on. */
bool camera_set_up_picture(struct site *site, const char *camera, struct bytes *out, struct error *err);
/* How it looks and what is to be said about it, with the picture marked for its viewer. */
json_t *camera_set_up_show(struct site *site, const char *camera, struct bytes marked, struct error *err);
