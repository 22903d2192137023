/* What the commands of mizan-lab share: the command line, the analyser, and how results are printed. */
#pragma once

#include "base/json.h"
#include "face/face.h"

enum { LAB_PLACES = 64 };

struct lab_line {
    const char *places[LAB_PLACES]; /* arguments that are not options */
    int place_count;
    const char *pack;
    const char *report;
    const char *sign;
    const char *camera_class;
    const char *groups;
    const char *html;
    const char *background;
    const char *stage;       /* of bench; NULL: all */
    const char *program;     /* mizan, for bench pipeline */
    const char *test_camera; /* the program that serves clips */
    int entries;
    int detect_width;
    int detect_height;
    double threshold; /* below 0: choose it */
    double passages;  /* expected in an operation; 0: not said */
    double target;    /* false alerts in an operation */
    double seconds;   /* 0: as long as the command thinks right */
    int walks;        /* at most so many; 0: all */
    int rounds;       /* 0: enough of them */
    int cameras;
    bool serve;
    bool json;
    bool help;
    uint32_t given; /* a bit for each option with a value */
};

/* argv without the program's name; borrowed. ERROR_USAGE names what is not understood. */
bool lab_line_parse(int argc, char **argv, struct lab_line *out, struct error *err);

/* ERROR_USAGE when an option with a value was given that is not among the allowed: " --pack --detect ". */
bool lab_line_allows(const struct lab_line *line, const char *allowed, struct error *err);

/* What lies beside this program: the folder so many steps above it, and `rest`. Heap text. */
char *lab_beside_program(int up, const char *rest);

/* From --pack, else $MIZAN_ASSETS/pack, else the build folder's own assets. */
char *lab_pack_folder(const struct lab_line *line); /* heap text */
struct pack *lab_pack(const struct lab_line *line, struct error *err);
struct analyser *lab_analyser(const struct lab_line *line, const struct pack *pack, struct error *err);

/* Counts on standard error, on one line when that is a terminal. */
void lab_progress(size_t done, size_t of);
/* One line of JSON; takes the value. */
void lab_print_json(json_t *value);

bool lab_faces(const struct lab_line *line, struct error *err);
bool lab_calibrate(const struct lab_line *line, struct error *err);
bool lab_compare(const struct lab_line *line, struct error *err);
bool lab_pairs(const struct lab_line *line, struct error *err);
bool lab_walks(const struct lab_line *line, struct error *err);
bool lab_search(const struct lab_line *line, struct error *err);
bool lab_camera(const struct lab_line *line, struct error *err);
bool lab_bench(const struct lab_line *line, struct error *err);
bool lab_pipeline(const struct lab_line *line, struct error *err);
bool lab_key(const struct lab_line *line, struct error *err);
