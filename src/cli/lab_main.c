/* mizan-lab: measures. It prints rates and boxes, never who somebody is, and cannot open a site. */
#include "cli/lab_command.h"

#include "base/clock.h"
#include "base/crypto.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "mizan-lab measures; it never says who somebody is.\n"
    "\n"
    "  mizan-lab faces FILE...            boxes, points and quality of the faces in JPEG pictures\n"
    "  mizan-lab compare A B              the score of the main faces of two pictures\n"
    "  mizan-lab evaluate pairs FOLDER    accuracy over FOLDER/pairs.txt (LFW's layout)\n"
    "  mizan-lab evaluate search FOLDER   false alerts and misses of searches in lists of N people\n"
    "  mizan-lab evaluate passages FOLDER the same for composed walk-bys, through the watch's own chain\n"
    "  mizan-lab camera URL|RECORDING     whether a camera can be used, and what to change; compares nobody\n"
    "  mizan-lab bench [RECORDING]        times of every stage (decode colours letterbox detect-WxH find "
    "landmarks\n"
    "                                     quality align embed embed-float search-N decide reduce jpeg)\n"
    "  mizan-lab bench pipeline CLIP|URL  cameras through real feeds and watches: cores, memory, drops, "
    "times\n"
    "  mizan-lab calibrate NETWORK FOLDER ranges of detect or embed over pictures, for 8 bits\n"
    "  mizan-lab key FILE                 makes a key for signing reports; prints its public half\n"
    "\n"
    "  --json               results as one line of JSON\n"
    "  --pack FOLDER        the model pack (else $MIZAN_ASSETS/pack, else the build's own)\n"
    "  --detect WxH         detection size, 320x240 unless given\n"
    "  --entries N          people in a list, 20 unless given\n"
    "  --threshold T        0 to 1; else the least hundredth that keeps the bound of 1 in 1,000\n"
    "  --report FILE        writes a signed report of the search; needs --sign\n"
    "  --sign KEYFILE       the key to sign with (passphrase from $MIZAN_PASSPHRASE or the terminal)\n"
    "  --camera-class TEXT  goes into the report\n"
    "  --groups FILE        lines of name and group: the worst group sets the threshold\n"
    "  --html FILE          writes the evaluation, of pairs too, as a page with plots\n"
    "  --background FILE    a picture (JPEG) or a recording of the place, for evaluate passages; else a grey "
    "wall\n"
    "  --walks N            at most so many people walk\n"
    "  --seconds S          to measure for: camera 60 (a recording whole), bench pipeline 15, and 15 "
    "decoding only\n"
    "  --stage NAME,...     only these stages of bench\n"
    "  --rounds N           runs of each, 30 unless given\n"
    "  --serve              for bench/run.mjs: times on demand\n"
    "  --cameras N          at once, 1 unless given\n"
    "  --program FILE       mizan, else the one beside this program\n"
    "  --test-camera FILE   what serves the clip, else the build's own\n"
    "  --passages P         expected in one operation: the threshold then keeps\n"
    "  --target A           at most A false alerts in it, 1 unless given\n"
    "\n"
    "Exit status: 0 measured; 64 words not understood; 65 damaged or unfit input; 66 not there; 69 the data "
    "do not\n"
    "allow it; 71 the system refused; 75 a camera or program does not answer; 77 a signature or password "
    "refused.\n";

#define RATES                                                                                                \
    " --pack --detect --entries --threshold --passages --target --groups --html --report --sign "            \
    "--camera-class "

static const struct command {
    const char *first;
    const char *second; /* NULL when one word names the command */
    bool (*run)(const struct lab_line *line, struct error *err);
    const char *options; /* with a value, that it has a use for */
} commands[] = {
    {"faces", NULL, lab_faces, " --pack --detect "},
    {"compare", NULL, lab_compare, " --pack --detect "},
    {"evaluate", "pairs", lab_pairs, " --pack --detect --html "},
    {"evaluate", "search", lab_search, RATES},
    {"evaluate", "passages", lab_walks, RATES "--background --walks "},
    {"camera", NULL, lab_camera, " --pack --detect --seconds "},
    {"calibrate", NULL, lab_calibrate, " --pack --detect "},
    {"bench", "pipeline", lab_pipeline, " --pack --detect --seconds --cameras --program --test-camera "},
    {"bench", NULL, lab_bench, " --pack --stage --rounds "},
    {"key", NULL, lab_key, ""},
};

static const struct command *find_command(const struct lab_line *line, int *words)
{
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        const struct command *command = &commands[i];
        *words = command->second ? 2 : 1;
        if (line->place_count < *words || strcmp(line->places[0], command->first) != 0)
            continue;
        if (!command->second || !strcmp(line->places[1], command->second))
            return command;
    }
    return NULL;
}

static bool run(int argc, char **argv, struct error *err)
{
    struct lab_line line;
    int words = 0;
    if (!lab_line_parse(argc, argv, &line, err))
        return false;
    if (line.help) {
        fputs(help, stdout);
        return true;
    }
    const struct command *command = find_command(&line, &words);
    if (!command)
        return fail(err, ERROR_USAGE, "no such command; --help lists them");
    line.place_count -= words;
    memmove(line.places, line.places + words, (size_t)line.place_count * sizeof *line.places);
    return lab_line_allows(&line, command->options, err) && crypto_start(err) && command->run(&line, err);
}

int main(int argc, char **argv)
{
    struct error err = {0};
    if (argc == 2 && !strcmp(argv[1], "--version")) {
        printf("mizan-lab %s\n", MIZAN_VERSION);
        return 0;
    }
    clock_start();
    bool done = run(argc - 1, argv + 1, &err);
    if (fflush(stdout) != 0 && done)
        done = fail_errno(&err, "standard output");
    if (done)
        return 0;
    fprintf(stderr, "mizan-lab: %s\n", err.text);
    return error_exit_status(err.code);
}
