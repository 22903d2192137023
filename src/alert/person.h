/* Who may act on an alert, and what every step tells of place and marking. */
#pragma once

#include "alert/row.h"

#define DEMO_MARKING "DEMONSTRATION – NOT A WANTED PERSON"

/* The crew officer is with the unit that has the alert: present, or was when it was sent and has neither left
 * nor taken another unit. ERROR_FORBIDDEN otherwise. */
bool crew_has_alert(struct site *site, const char *officer, const struct alert *alert, struct error *err);
/* The alert was handed over to a station where the officer is posted. Of one that is received: where who
 * signed a receipt is posted, too. False also when it cannot be told. */
bool station_has_alert(struct site *site, const struct officer *officer, const struct alert *alert);
/* Somebody is present with it and no open alert has it. */
bool unit_is_free(struct site *site, const char *unit, struct error *err);
/* ERROR_FORBIDDEN for the entry's proposer and approver. */
bool person_is_no_party(struct site *site, const char *officer, const struct alert *alert, struct error *err);
/* {"name", "latitude_e7", "longitude_e7"} of the camera; a new reference. */
json_t *place_json(struct site *site, const char *camera, struct error *err);
