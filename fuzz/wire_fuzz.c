/* Both ends of every link: the first byte chooses the link, the rest is the stream in pieces of growing size.
 * Every whole message is read by its reader. */
#include "watch/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_for_child(const struct wire_message *message)
{
    static struct gallery_item items[ITEMS_A_MESSAGE];
    char text[RECORD_LIMIT];
    struct feed_start start;
    struct stream stream;
    struct packet packet;
    struct arming arming;
    struct bytes jpeg;
    size_t count;
    bool paused;
    switch (message->type) {
    case WIRE_FEED_START:
        message_feed_start(message, &start, NULL);
        break;
    case WIRE_GREETING:
        message_greeting(message, text, NULL);
        break;
    case WIRE_STREAM:
        message_stream(message, &stream, NULL);
        break;
    case WIRE_PACKET:
        message_packet(message, &packet, NULL);
        break;
    case WIRE_ARM:
        message_arm(message, &arming, NULL);
        break;
    case WIRE_ITEMS:
        message_items(message, items, &count, NULL);
        break;
    case WIRE_WITHDRAW:
        message_entry(message, text, NULL);
        break;
    case WIRE_PAUSE:
        message_pause(message, &paused, NULL);
        break;
    case WIRE_ENROL:
        message_enrol(message, &jpeg, NULL);
        break;
    case WIRE_MARK:
        message_mark(message, text, &jpeg, NULL);
        break;
    default:
        break;
    }
}

static void read_for_desk(const struct wire_message *message)
{
    char entry[ENTRY_ID_SIZE];
    struct feed_status status;
    struct child_ready ready;
    struct watch_state state;
    struct watch_health health;
    struct sighting sighting = {0};
    struct enrolment enrolment = {0};
    struct still_failure failure;
    struct survey survey;
    struct bytes jpeg;
    switch (message->type) {
    case WIRE_SURVEYED:
        message_surveyed(message, &survey, &jpeg, NULL);
        break;
    case WIRE_FEED_STATUS:
        message_feed_status(message, &status, NULL);
        break;
    case WIRE_READY:
        message_ready(message, &ready, NULL);
        break;
    case WIRE_STATE:
        message_state(message, &state, NULL);
        break;
    case WIRE_HEALTH:
        message_health(message, &health, NULL);
        break;
    case WIRE_WITHDRAWN:
        message_entry(message, entry, NULL);
        break;
    case WIRE_SIGHTING:
        message_sighting(message, &sighting, NULL);
        break;
    case WIRE_ENROLLED:
        if (message_enrolled(message, &enrolment, NULL))
            enrolment_done(&enrolment);
        break;
    case WIRE_MARKED:
        message_marked(message, &jpeg, NULL);
        break;
    case WIRE_FAILED:
        message_failed(message, &failure, NULL);
        break;
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const uint64_t links[] = {WIRE_FEED_TAKES, WIRE_WATCH_TAKES_FROM_FEED, WIRE_WATCH_TAKES_FROM_DESK,
        WIRE_STILL_TAKES, WIRE_DESK_TAKES_FROM_FEED, WIRE_DESK_TAKES_FROM_WATCH, WIRE_DESK_TAKES_FROM_STILL};
    if (!size)
        return 0;
    struct wire_in in;
    bool good = true;
    wire_in_init(&in, links[bytes[0] % COUNT_OF(links)]);
    for (size_t at = 1, piece = 1; at < size && good; at += piece, piece = piece * 2 + 1) {
        bool found = true;
        wire_feed(&in, bytes + at, size - at < piece ? size - at : piece);
        while (good && found) {
            struct wire_message message;
            good = wire_next(&in, &message, &found, NULL);
            if (!good || !found)
                break;
            read_for_child(&message);
            read_for_desk(&message);
        }
    }
    wire_in_done(&in);
    return 0;
}
