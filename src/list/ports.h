/* Ports to the identity register and the case status source. A port only asks one question about one number;
 * there is no search. The simulator answers from an INI file, read again at each question, so tests can
 * change it: [register]  available = yes ; 42101-1234567-1 = <sample word that matches> [status]    available
 * = yes ; k-… = live | closed */
#pragma once

#include "base/error.h"

enum register_answer { REGISTER_YES, REGISTER_NO, REGISTER_UNAVAILABLE };
enum status_answer { STATUS_LIVE, STATUS_CLOSED, STATUS_UNAVAILABLE };

struct ports;

struct ports *ports_simulated(const char *ini_path, struct error *err);
void ports_free(struct ports *ports);

/* 1:1: does this sample belong to this number? Anything wrong is unavailable. */
enum register_answer register_verify(struct ports *ports, const char *cnic, const char *sample);
enum status_answer status_of_case(struct ports *ports, const char *case_id);
