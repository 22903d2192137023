/* Looped scenes, all at once, over the real feed and watch: every passage of the man on the list gives
 * exactly one sighting, and nobody else gives any. passages LOOPS SCENE:PICTURES...   a scene of
 * build/assets/scenes and how many pictures it has; or a whole path of a film in which the man is not A line
 * a scene on standard output: scene, passages of the man, sightings, pictures decoded, turns dropped. Exit
 * status 1 when passages and sightings differ anywhere, 77 when something is missing.
 */
#include "desk.h"

#include "base/clock.h"

#include <poll.h>
#include <stdlib.h>

enum { SCENE_LIMIT = 4, PATIENCE_S = 60, MARGIN_PICTURES = 15, EXIT_USAGE = 64, EXIT_SKIPPED = 77 };

struct scene {
    const char *name;
    struct desk *desk;
    uint64_t pictures; /* of one loop */
    uint64_t passages; /* of the man in one loop */
    uint64_t sightings;
    bool over;
};

struct showing {
    struct scene scenes[SCENE_LIMIT];
    int scene_count;
    uint64_t loops;
};

/* The truth beside a scene: a line for each time that somebody is wholly in the picture. */
static uint64_t passages_in(const char *name)
{
    char line[128];
    uint64_t count = 0;
    AUTO(text) char *file_name = text_format("scenes/%s.txt", name);
    AUTO(text) char *path = asset_path(file_name);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        count += strncmp(line, "subject ", strlen("subject ")) == 0;
    if (file)
        fclose(file);
    return count;
}

static bool scene_open(struct scene *scene, char *word)
{
    char *colon = strrchr(word, ':');
    if (!colon)
        return false;
    *colon = '\0';
    scene->name = word;
    scene->pictures = strtoull(colon + 1, NULL, 10);
    AUTO(text)
    char *film = *word == '/' ? memory_copy_text(word) : text_format("scenes/%s.mp4", word);
    scene->passages = *word == '/' ? 0 : passages_in(word);
    scene->desk = desk_new(film, 0);
    if (!scene->desk)
        exit(EXIT_SKIPPED);
    desk_enrol(scene->desk, "subject-1", ID("e", "1"));
    return scene->pictures > 0;
}

/* Only what lies before the end of the last loop counts; the man may be in view again behind it. */
static void scene_look(struct scene *scene, uint64_t loops)
{
    struct desk *desk = scene->desk;
    supervisor_run(desk->supervisor);
    for (; desk->sighting_count; desk->sighting_count--) {
        bytes_free(&desk->sightings[desk->sighting_count - 1].face);
        bytes_free(&desk->sightings[desk->sighting_count - 1].scene);
        scene->sightings += !scene->over;
    }
    scene->over = scene->over || desk->health.decoded + MARGIN_PICTURES >= scene->pictures * loops;
}

static bool show_all(struct showing *showing)
{
    uint64_t longest = 0;
    for (int i = 0; i < showing->scene_count; i++)
        if (showing->scenes[i].pictures > longest)
            longest = showing->scenes[i].pictures;
    int64_t end_us =
        clock_monotonic_us() + (int64_t)(longest * showing->loops) * 40000 + PATIENCE_S * 1000000LL;
    for (bool over = false; !over;) {
        over = true;
        poll(NULL, 0, 10);
        for (int i = 0; i < showing->scene_count; i++) {
            scene_look(&showing->scenes[i], showing->loops);
            over = over && showing->scenes[i].over;
        }
        if (clock_monotonic_us() > end_us)
            return false;
    }
    return true;
}

static bool tell(const struct showing *showing)
{
    bool same = true;
    for (int i = 0; i < showing->scene_count; i++) {
        const struct scene *scene = &showing->scenes[i];
        const struct watch_health *health = &scene->desk->health;
        uint64_t passages = scene->passages * showing->loops;
        printf("%s\t%llu\t%llu\t%llu\t%llu\n", scene->name, (unsigned long long)passages,
            (unsigned long long)scene->sightings, (unsigned long long)health->decoded,
            (unsigned long long)health->dropped);
        same = same && scene->sightings == passages;
    }
    return same;
}

int main(int count, char *words[])
{
    struct showing showing = {.loops = count > 2 ? strtoull(words[1], NULL, 10) : 0};
    for (int i = 2; i < count && showing.scene_count < SCENE_LIMIT; i++)
        if (!scene_open(&showing.scenes[showing.scene_count++], words[i]))
            return EXIT_USAGE;
    if (!showing.loops)
        return EXIT_USAGE;
    for (int i = 0; i < showing.scene_count; i++)
        desk_arm(showing.scenes[i].desk, FLAW_NONE, 12 * 3600);
    bool shown = show_all(&showing);
    bool same = tell(&showing);
    for (int i = 0; i < showing.scene_count; i++)
        desk_free(showing.scenes[i].desk);
    if (!shown)
        fprintf(stderr, "passages: the scenes did not come to their end\n");
    return !shown || !same;
}
