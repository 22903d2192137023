/* Ceilings that are compiled in (SAFEGUARDS, marked ‡): a site may be stricter, never looser. */
#pragma once

enum {
    LIMIT_OPERATION_S = 12 * 3600,
    LIMIT_URGENT_S = 4 * 3600,  /* an operation that starts before the outside signer signs */
    LIMIT_RATIFY_S = 24 * 3600, /* until that signature is there, or everything of it is destroyed */
    LIMIT_OPERATION_CAMERAS = 42,
    LIMIT_OPERATION_ENTRIES = 2000,
    LIMIT_RUNNING_ENTRIES = 2000,
    LIMIT_ENTRY_PHOTOS = 3,
    LIMIT_ENTRY_S = 90 * 86400,
    LIMIT_FIR_ONLY_S = 7 * 86400,
    LIMIT_ROSTER_WAIT_S = 24 * 3600,
    LIMIT_SUSPECT_MONTHS = 48,
    LIMIT_FIR_ONLY_PERCENT = 10,
    LIMIT_MISSING_ADULT_S = 72 * 3600,
    LIMIT_PROPOSALS_A_DAY = 50,
    LIMIT_ENTRY_OPERATIONS_30_DAYS = 4,
    LIMIT_PLACE_S_30_DAYS = 60 * 3600,
    LIMIT_STATUS_AGE_S = 24 * 3600,
    LIMIT_WHY_AGE_S = 30 * 86400,
    LIMIT_ASSESSMENT_AGE_S = 365 * 86400,
    /* Half of it: paper is read at a desk; a notice in the street fades, is covered or taken, and a round of
     * all cameras twice a year finds it. */
    LIMIT_SIGN_CHECK_AGE_S = 182 * 86400,
    LIMIT_PRESENCE_S = 20 * 60,
    LIMIT_REVIEW_S = 45,
    LIMIT_LOOK_S = 5, /* at least, before a review; a demo site may be quicker */
    LIMIT_DISPATCH_S = 5 * 60,
    LIMIT_PACKET_S = 15 * 60,
    LIMIT_ALERT_S = 60 * 60,
    LIMIT_STOP_S = 10 * 60,
    LIMIT_STATEMENT_SKEW_S = 300,
    LIMIT_FPIR_E9 = 1000000,            /* 1e-3 a passage, one-sided 95 % bound */
    LIMIT_FALSE_ALERTS_E9 = 1000000000, /* one an operation: bound times expected passages */
    LIMIT_DEMO_ENTRIES = 20,
    LIMIT_DEMO_CAMERAS = 4,
    LIMIT_REJECTIONS_AN_HOUR = 3,
    LIMIT_WRONG_STOPS = 2,
    LIMIT_CAMERA_ALERTS_AN_HOUR = 12,
    LIMIT_OUTCOME_S = 24 * 3600,
    LIMIT_EVIDENCE_S = 31 * 24 * 3600, /* of a custody that no station has signed for */
    LIMIT_REJECTIONS_PER_CAMERA = 2,
    /* Without a cosignature for so long matching halts, and a live site's restore takes no older one: a desk
     * posts each minute, so what a witness cosigned earlier is not its newest unless the desk was down, and
     * then the witness cosigns the same again for who asks. */
    LIMIT_WITNESS_SILENT_S = 30 * 60,
    /* A clock that is further ahead of the newest checkpoint is believed on somebody's word only. */
    LIMIT_PAUSE_S = 7 * 86400,
    LIMIT_INSPECTED_REJECTIONS = 20, /* one in so many leaves a copy for the inspector */
    LIMIT_PLANTED_AN_HOUR = 6,       /* pairs that measure reviewers, an operation */
    LIMIT_SET_UP_S = 60,
    LIMIT_SET_UPS_A_DAY = 2, /* of one camera */
};
