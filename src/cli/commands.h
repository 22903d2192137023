/* The subcommands of `mizan`, each in a file of its own; mizan.c holds the table. All return an exit status.
 */
#pragma once

#include "base/error.h"

#include <stdio.h>

int site_main(int argc, char **argv);
int sign_main(int argc, char **argv);
int desk_main(int argc, char **argv);
int audit_main(int argc, char **argv);
int doctor_main(int argc, char **argv);
int key_main(int argc, char **argv);
/* `mizan NOUN VERB`: argv[0] is the noun. */
int office_main(int argc, char **argv);
bool office_knows(const char *noun);
bool office_knows_verb(const char *noun, const char *verb);
void office_print_nouns(FILE *to);
int feed_main(int argc, char **argv);
int watch_main(int argc, char **argv);
int still_main(int argc, char **argv);
int hash_main(int argc, char **argv);

/* "mizan: <text>" on standard error; returns the exit status of the error's code. */
int report_failure(const struct error *err);
