/* The program's running log: JSON lines on standard error, without personal data. Not the signed record: that
 * is govern/ledger.h. Thread-safe (one write per line). */
#pragma once

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* `process` ("desk", "watch c-12", ...) goes into every line. */
void log_start(const char *process, enum log_level least);

/* event: a fixed snake_case word, e.g. "camera_lost"; the rest is one sentence for people. */
void log_write(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
