/* One function a route; a file per noun of the path. Thin: the rules are in list/ and alert/. */
#pragma once

#include "http/reply.h"
#include "http/request.h"

#define HANDLER(name) bool name(struct request *request, struct reply *reply, struct error *err)

HANDLER(page_file);
HANDLER(site_show);
HANDLER(site_health);
HANDLER(site_roster);
HANDLER(roster_create);
HANDLER(suspensions_create);
HANDLER(metrics_show);
HANDLER(challenges_create);
HANDLER(sessions_create);
HANDLER(sessions_delete);
HANDLER(map_show);
HANDLER(tiles_show);
HANDLER(positions_put);
HANDLER(presence_put);
HANDLER(presence_delete);
HANDLER(presence_get);
HANDLER(photos_create);
HANDLER(entries_create);
HANDLER(entries_list);
HANDLER(entries_show);
HANDLER(entries_approve);
HANDLER(entries_fetch);
HANDLER(entries_renew);
HANDLER(entries_withdraw);
HANDLER(offences_show);
HANDLER(offences_confirm);
HANDLER(imports_csv);
HANDLER(imports_signed);
HANDLER(statuses_create);
HANDLER(places_create);
HANDLER(places_list);
HANDLER(cameras_create);
HANDLER(cameras_list);
HANDLER(cameras_set_up);
HANDLER(cameras_set_up_show);
HANDLER(operations_draft);
HANDLER(operations_create);
HANDLER(operations_list);
HANDLER(operations_show);
HANDLER(operations_authorise);
HANDLER(operations_declare_urgent);
HANDLER(operations_ratify);
HANDLER(operations_halt);
HANDLER(operations_listed);
HANDLER(operations_resume);
HANDLER(operations_end);
HANDLER(operations_record);
HANDLER(operations_publish);
HANDLER(alerts_list);
HANDLER(alerts_show);
HANDLER(alerts_picture);
HANDLER(alerts_review);
HANDLER(alerts_plant);
HANDLER(alerts_dispatch);
HANDLER(alerts_accept);
HANDLER(alerts_arrive);
HANDLER(alerts_stop);
HANDLER(alerts_outcome);
HANDLER(alerts_concur);
HANDLER(alerts_amend);
HANDLER(alerts_acknowledge);
HANDLER(alerts_radio);
HANDLER(alerts_hand_over);
HANDLER(alerts_receive);
HANDLER(alerts_verify);
HANDLER(alerts_case_status);
HANDLER(packets_show);
HANDLER(handovers_show);
HANDLER(copies_list);
HANDLER(copies_open);
HANDLER(redress_create);
HANDLER(redress_index);
HANDLER(redress_one);
HANDLER(redress_decide);
HANDLER(redress_judge);
HANDLER(redress_report);
HANDLER(events_stream);
HANDLER(backups_create);
HANDLER(log_export);
HANDLER(log_checkpoint);
