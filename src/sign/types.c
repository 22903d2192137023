#include "sign/types.h"

#include "sign/roster.h"

#include <string.h>

/* Numbers stay exact in a browser, too. */
#define NUMBER_MOST ((1LL << 53) - 1)

#define END                                                                                                  \
    {                                                                                                        \
        .name = NULL                                                                                         \
    }
#define ID(field, prefix)                                                                                    \
    {                                                                                                        \
        .name = field, .kind = FORM_ID, .of = prefix                                                         \
    }
#define ID_NONE(field, prefix)                                                                               \
    {                                                                                                        \
        .name = field, .kind = FORM_ID_NONE, .of = prefix                                                    \
    }
#define HEX(field)                                                                                           \
    {                                                                                                        \
        .name = field, .kind = FORM_HEX                                                                      \
    }
#define TEXT(field, shortest, longest)                                                                       \
    {                                                                                                        \
        .name = field, .kind = FORM_TEXT, .least = shortest, .most = longest                                 \
    }
#define WORD(field, words)                                                                                   \
    {                                                                                                        \
        .name = field, .kind = FORM_WORD, .of = words                                                        \
    }
#define INTEGER(field, smallest, greatest)                                                                   \
    {                                                                                                        \
        .name = field, .kind = FORM_INTEGER, .least = smallest, .most = greatest                             \
    }
#define TIME(field) INTEGER(field, 0, NUMBER_MOST)
#define LIST(field, fewest, greatest, item)                                                                  \
    {                                                                                                        \
        .name = field, .kind = FORM_LIST, .least = fewest, .most = greatest, .inner = item                   \
    }
#define OBJECT(field, fields)                                                                                \
    {                                                                                                        \
        .name = field, .kind = FORM_OBJECT, .inner = fields                                                  \
    }

#define ROLES                                                                                                \
    "watch_officer authoriser reviewer dispatcher crew station auditor outside_signer inspector admin"
#define GROUNDS                                                                                              \
    "court_warrant proclaimed_offender suspect_with_warrant suspect_fir_only escaped_prisoner "              \
    "missing_or_at_risk consenting_test_subject"
#define FEATURES "face_shape forehead brows eyes nose mouth chin ears hair beard scar glasses age"
#define OUTCOMES                                                                                             \
    "not_found lost not_stopped wrong_person right_person_not_wanted identity_not_established "              \
    "right_person_no_action other_custody custody found_safe contact_declined"

const struct form statement_common[] = {
    TEXT("type", 1, 32), TEXT("site", 1, 63), TEXT("by", 1, 23), TIME("at"), END};

static const struct form hex_item = HEX("hash");

static const struct form role_item = WORD("role", ROLES);
static const struct form post_item = ID("post", "s u");
static const struct form officer_fields[] = {ID("officer", "o"), ID("office", "f"),
    LIST("roles", 1, 10, &role_item), LIST("posts", 0, 8, &post_item), HEX("key"),
    {.name = "service_number", .kind = FORM_SERVICE, .may_lack = true}, END};
static const struct form officer_item = OBJECT("officer", officer_fields);
/* What people call a unit or a station; their ids are drawn. */
#define NAME                                                                                                 \
    {                                                                                                        \
        .name = "name", .kind = FORM_TEXT, .least = 1, .most = 64, .may_lack = true                          \
    }
static const struct form unit_fields[] = {ID("unit", "u"), HEX("key"), NAME, END};
static const struct form unit_item = OBJECT("unit", unit_fields);
static const struct form station_fields[] = {ID("station", "s"), HEX("key"), NAME, END};
static const struct form station_item = OBJECT("station", station_fields);
static const struct form roster[] = {WORD("kind", "demo live"), INTEGER("number", 1, NUMBER_MOST),
    HEX("previous"), LIST("officers", 0, 2000, &officer_item), LIST("units", 0, ROSTER_UNITS, &unit_item),
    LIST("stations", 0, 500, &station_item), LIST("report_keys", 0, 8, &hex_item), HEX("oversight_key"), END};

static const struct form roster_endorsement[] = {INTEGER("number", 1, NUMBER_MOST), HEX("roster_hash"), END};

static const struct form site_certificate[] = {
    HEX("root_key"), HEX("oversight_key"), TIME("expires_at"), END};
static const struct form roster_adoption[] = {INTEGER("number", 1, NUMBER_MOST), HEX("roster_hash"), END};
static const struct form suspension[] = {
    ID("subject", "o u s"), WORD("reason", "left lost_device replaced other"), END};

static const struct form pass_release[] = {ID("officer", "o"), ID("subject", "l p o"),
    WORD("reason", "forgotten lost_phone mistyped broken other"), END};

static const struct form open_item = ID("item", "a q e op");
static const struct form shift_handover[] = {
    ID("shift", "h"), ID("to", "o"), LIST("items", 1, 64, &open_item), END};
static const struct form shift_acceptance[] = {
    ID("shift", "h"), HEX("handover_hash"), WORD("answer", "accepted refused"), END};

static const struct form camera[] = {ID("camera", "c"), TEXT("name", 1, 95), TEXT("address", 1, 255),
    INTEGER("latitude_e7", -900000000, 900000000), INTEGER("longitude_e7", -1800000000, 1800000000),
    INTEGER("heading_deg", 0, 359), TEXT("tls", 0, 95), TIME("sign_checked_at"),
    {.name = "replaces", .kind = FORM_HEX, .may_lack = true}, END};

static const struct form report[] = {HEX("pack_hash"), INTEGER("n", 1, 100000000),
    INTEGER("threshold_e6", 1, 1000000), INTEGER("fpir_bound_e9", 0, 1000000000), TEXT("camera_class", 1, 40),
    WORD("made_on", "images passages"), INTEGER("samples", 1, NUMBER_MOST), END};

static const struct form person_fields[] = {TEXT("name", 1, 120), TEXT("father", 0, 120), TEXT("cnic", 0, 20),
    INTEGER("born", 1900, 2100), WORD("gender", "female male other"), TEXT("description", 0, 500), END};
static const struct form case_fields[] = {ID("case", "k"), WORD("kind", "court fir"), TEXT("number", 1, 60),
    TEXT("section", 1, 60), ID("station", "s"), TIME("dated"), TEXT("officer", 1, 120), END};
static const struct form case_item = OBJECT("case", case_fields);
static const struct form photo_fields[] = {HEX("photo"),
    {.name = "file_hash", .kind = FORM_HEX, .may_lack = true},
    WORD("source", "custody prison court family consenting_subject"), TEXT("record_number", 1, 60),
    TIME("dated"), END};
static const struct form photo_item = OBJECT("photo", photo_fields);
static const struct form entry_proposal[] = {ID("entry", "e"), WORD("ground", GROUNDS),
    OBJECT("person", person_fields), LIST("cases", 0, 20, &case_item), LIST("photos", 0, 10, &photo_item),
    TIME("expires_at"), END};
static const struct form entry_approval[] = {
    ID("entry", "e"), HEX("proposal_hash"), WORD("answer", "approved refused"), TEXT("reason", 0, 500), END};
static const struct form source_fetch[] = {
    ID("entry", "e"), HEX("photo"), HEX("fetched"), TEXT("record_number", 1, 60), END};
static const struct form entry_renewal[] = {ID("entry", "e"), HEX("proposal_hash"), TIME("expires_at"), END};
static const struct form entry_withdrawal[] = {
    ID("entry", "e"), WORD("reason", "no_longer_wanted wrong_photo died in_custody other"), END};

static const struct form case_status_fields[] = {ID("case", "k"), WORD("status", "live closed"), END};
static const struct form case_status_item = OBJECT("case", case_status_fields);
static const struct form status_feed[] = {
    ID("station", "s"), TIME("taken_at"), LIST("cases", 1, 1000, &case_status_item), END};

static const struct form offence_table[] = {HEX("table_hash"), END};

static const struct form place_fields[] = {WORD("kind", "protest worship hospital court polling school"),
    TEXT("name", 1, 95), INTEGER("latitude_e7", -900000000, 900000000),
    INTEGER("longitude_e7", -1800000000, 1800000000), INTEGER("radius_m", 1, 100000), TIME("from"),
    TIME("until"), END};
static const struct form place_item = OBJECT("place", place_fields);
static const struct form protected_places[] = {
    INTEGER("part", 0, 99), INTEGER("number", 1, NUMBER_MOST), LIST("places", 0, 500, &place_item), END};

#define WHY_HERE "intelligence last_seen court_order trial"

static const struct form entry_item = ID("entry", "e");
static const struct form reason_fields[] = {WORD("why_here", WHY_HERE), TEXT("why_reference", 1, 120),
    TIME("why_dated"),
    {.name = "entries", .kind = FORM_RISING, .least = 1, .most = 2000, .inner = &entry_item}, END};
static const struct form reason_item = OBJECT("reason", reason_fields);
#define REASONS                                                                                              \
    {                                                                                                        \
        .name = "reasons", .kind = FORM_LIST, .least = 1, .most = 2000, .inner = &reason_item,               \
        .may_lack = true                                                                                     \
    }
const struct form statement_reasons = REASONS;

/* Statements signed before have one reason for all entries, and none in `reasons`. */
static const struct form operation_request[] = {WORD("kind", "demo live"), ID("operation", "op"),
    WORD("purpose", "arrest_warrants missing_persons trial"),
    {.name = "why_here", .kind = FORM_WORD, .of = WHY_HERE, .may_lack = true},
    {.name = "why_reference", .kind = FORM_TEXT, .least = 1, .most = 120, .may_lack = true},
    {.name = "why_dated", .kind = FORM_INTEGER, .least = 0, .most = NUMBER_MOST, .may_lack = true}, REASONS,
    {.name = "cameras", .kind = FORM_RISING, .least = 1, .most = 200, .inner = &hex_item}, HEX("list_hash"),
    INTEGER("list_size", 1, 1000000), HEX("pack_hash"), HEX("report_hash"),
    INTEGER("threshold_e6", 1, 1000000), TEXT("camera_class", 1, 40),
    INTEGER("expected_passages", 1, 1000000000), HEX("assessment_hash"), TIME("assessment_dated"),
    {.name = "notice_confirmed", .kind = FORM_TRUE}, TIME("starts_at"), TIME("ends_at"), END};
static const struct form authorisation[] = {ID("operation", "op"), HEX("request_hash"),
    WORD("answer", "authorised refused"),
    {.name = "reason",
        .kind = FORM_WORD,
        .of = "wrong_purpose wrong_place wrong_time wrong_list no_reference no_assessment no_notice other",
        .may_lack = true},
    END};
static const struct form urgency[] = {
    ID("operation", "op"), HEX("request_hash"), WORD("reason", "threat_to_life missing"), END};
static const struct form ratification[] = {
    ID("operation", "op"), HEX("request_hash"), WORD("answer", "ratified refused"), END};
static const struct form halt[] = {
    ID("operation", "op"), WORD("reason", "safety wrong_person technical legal other"), END};
static const struct form resume[] = {ID("operation", "op"), TIME("halted_at"),
    WORD("reason", "cause_removed false_alarm checked legal other"), END};
static const struct form publication[] = {
    ID("operation", "op"), INTEGER("through", 0, NUMBER_MOST), HEX("record_hash"), END};
static const struct form operation_end[] = {ID("operation", "op"), END};

static const struct form sign_in[] = {HEX("challenge"), ID_NONE("unit", "u"), END};
static const struct form feature_item = WORD("feature", FEATURES);
static const struct form review[] = {ID("alert", "a"), TEXT("passage", 1, 23), HEX("pictures_hash"),
    WORD("answer", "same different cannot_tell"), LIST("likenesses", 0, 13, &feature_item),
    LIST("differences", 0, 13, &feature_item), END};
static const struct form planting[] = {ID("alert", "a"), ID("operation", "op"), ID("camera", "c"),
    ID("entry", "e"), ID("photo_entry", "e"), HEX("photo"), END};
static const struct form dispatch[] = {ID("alert", "a"), TEXT("passage", 1, 23), HEX("pictures_hash"),
    ID("unit", "u"), WORD("travel", "on_foot motorcycle rickshaw car unknown"),
    WORD("colour", "black white grey red blue green yellow brown unknown"),
    WORD("clothing", "shalwar_kameez trousers_shirt burqa jacket uniform unknown"),
    {.name = "pillion", .kind = FORM_BOOLEAN}, WORD("heading", "north east south west standing unknown"),
    END};
static const struct form acceptance[] = {ID("alert", "a"), WORD("answer", "accepted declined"), END};
static const struct form radio_acknowledgement[] = {
    ID("alert", "a"), ID("unit", "u"), TEXT("read_back", 1, 24), END};
static const struct form alert_only[] = {ID("alert", "a"), END};
/* `fingerprint` stands in statements signed before; the desk takes it no more. */
static const struct form outcome[] = {ID("alert", "a"), WORD("outcome", OUTCOMES),
    WORD("harm", "none resistance injury firearm death"),
    WORD("means", "cnic_verified fingerprint document_and_officer none"), ID_NONE("case", "k"),
    {.name = "slip", .kind = FORM_TEXT, .most = 64, .former = true},
    {.name = "slip_proof", .kind = FORM_HEX, .may_lack = true},
    {.name = "force",
        .kind = FORM_WORD,
        .of = "none self_defence protection_of_others overcame_resistance prevented_escape",
        .may_lack = true},
    {.name = "matter",
        .kind = FORM_WORD,
        .of = "another_fir another_warrant offence_in_stop",
        .may_lack = true},
    {.name = "matter_reference", .kind = FORM_SERVICE, .may_lack = true}, END};
static const struct form concurrence[] = {ID("alert", "a"), WORD("outcome", OUTCOMES " no_unit"),
    {.name = "outcome_hash", .kind = FORM_HEX, .may_lack = true}, END};
static const struct form amendment[] = {
    ID("alert", "a"), WORD("from", OUTCOMES " not_recorded"), WORD("outcome", OUTCOMES), END};
static const struct form handover[] = {ID("alert", "a"), ID("station", "s"), END};
static const struct form receipt[] = {ID("alert", "a"), HEX("handover_hash"), END};

static const struct form copy_opening[] = {
    ID("copy", "a e q"), WORD("reason", "routine wrong_stop harm complaint court"), END};

static const struct form redress_request[] = {ID("request", "q"), WORD("kind", "access complaint correction"),
    TEXT("slip", 0, 16), TEXT("cnic", 1, 20), TEXT("words", 0, 2000), TEXT("contact", 0, 120), END};
static const struct form redress_answer[] = {ID("request", "q"), WORD("answer", "given refused"),
    WORD("reason", "none investigation safety court identity"), END};
static const struct form redress_finding[] = {ID("request", "q"), WORD("finding", "upheld not_upheld"), END};
static const struct form redress_told[] = {ID("request", "q"), END};

static const struct statement_type type_table[] = {
    {"roster", "root", roster},
    {"roster_endorsement", "oversight", roster_endorsement},
    {"site_certificate", "issuer", site_certificate},
    {"roster_adoption", NULL, roster_adoption},
    {"suspension", NULL, suspension},
    {"pass_release", NULL, pass_release},
    {"shift_handover", NULL, shift_handover},
    {"shift_acceptance", NULL, shift_acceptance},
    {"camera", NULL, camera},
    {"report", "lab", report},
    {"entry_proposal", NULL, entry_proposal},
    {"entry_approval", NULL, entry_approval},
    {"source_fetch", NULL, source_fetch},
    {"entry_renewal", NULL, entry_renewal},
    {"entry_withdrawal", NULL, entry_withdrawal},
    {"status_feed", NULL, status_feed},
    {"offence_table", NULL, offence_table},
    {"protected_places", NULL, protected_places},
    {"operation_request", NULL, operation_request},
    {"authorisation", NULL, authorisation},
    {"urgency", NULL, urgency},
    {"ratification", NULL, ratification},
    {"halt", NULL, halt},
    {"resume", NULL, resume},
    {"operation_end", NULL, operation_end},
    {"publication", NULL, publication},
    {"sign_in", NULL, sign_in},
    {"review", NULL, review},
    {"planting", NULL, planting},
    {"dispatch", NULL, dispatch},
    {"acceptance", NULL, acceptance},
    {"acknowledgement", NULL, alert_only},
    {"radio_acknowledgement", NULL, radio_acknowledgement},
    {"arrival", NULL, alert_only},
    {"stop", NULL, alert_only},
    {"outcome", NULL, outcome},
    {"concurrence", NULL, concurrence},
    {"amendment", NULL, amendment},
    {"handover", NULL, handover},
    {"receipt", NULL, receipt},
    {"copy_opening", NULL, copy_opening},
    {"redress_request", NULL, redress_request},
    {"redress_answer", NULL, redress_answer},
    {"redress_finding", NULL, redress_finding},
    {"redress_told", NULL, redress_told},
};

const struct statement_type *statement_type_at(size_t index)
{
    return index < COUNT_OF(type_table) ? &type_table[index] : NULL;
}

const struct statement_type *statement_type_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(type_table); i++) {
        if (strcmp(type_table[i].name, name) == 0)
            return &type_table[i];
    }
    return NULL;
}
