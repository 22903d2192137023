/* Inside face/: what pack.ini says about each network, and the networks' bytes. */
#pragma once

#include "face/pack.h"
#include "video/image.h"

enum { TENSOR_NAME_SIZE = 64, STRIDE_LIMIT = 6, STRIDE_BOXES = 4, POINTS_68 = 68, ANCHOR_LIMIT = 8 };

enum model_role { MODEL_DETECT, MODEL_LANDMARKS, MODEL_EMBED, MODEL_ROLES };

/* "detect", "landmarks", "embed": its section in pack.ini. */
const char *model_role_word(enum model_role role);

enum colours { COLOURS_RGB, COLOURS_BGR, COLOURS_GREY };

/* How pixels become numbers: (x − mean) / divisor, planes in the order of `colours`. */
struct preparation {
    enum colours colours;
    float mean;
    float divisor;
};

/* Anchors of the RFB family: for each stride, square boxes of these sides in pixels of the input. */
struct rfb {
    int stride_count;
    int strides[STRIDE_LIMIT];
    int box_counts[STRIDE_LIMIT];
    float box_sizes[STRIDE_LIMIT][STRIDE_BOXES];
    float centre_variance;
    float size_variance;
    float overlap; /* two boxes that share more than this are one face */
};

enum detect_decoder { DECODER_RFB, DECODER_YUNET, DECODER_SCRFD, DECODERS };

/* What detectors without priors put out, one tensor for each stride. */
enum grid_kind { GRID_SCORES, GRID_OBJECTS, GRID_BOXES, GRID_POINTS, GRID_KINDS };

/* One map of cells for each stride, `anchors` answers a cell. */
struct grid {
    int stride_count;
    int strides[STRIDE_LIMIT];
    int anchors;
    bool has_points;
    float overlap;
};

/* Tensor names. `outputs` are those that are computed; `ignored` may be "": a further output the graph is
 * known to have, which is never computed. */
struct model {
    char file[TENSOR_NAME_SIZE];
    uint8_t sha256[HASH_SIZE];
    char input[TENSOR_NAME_SIZE];
    char outputs[NET_TENSORS][TENSOR_NAME_SIZE];
    int output_count;
    char ignored[TENSOR_NAME_SIZE];
    struct preparation preparation;
    struct bytes onnx;
    char ranges_file[TENSOR_NAME_SIZE]; /* "": the network runs in float; else in 8 bits, by these ranges */
    uint8_t ranges_sha256[HASH_SIZE];
    struct bytes ranges;
};

struct pack {
    char name[TENSOR_NAME_SIZE];
    enum pack_use use;
    uint8_t hash[HASH_SIZE];
    struct model models[MODEL_ROLES];
    bool has_landmarks; /* else the detector gives the points */
    enum detect_decoder decoder;
    struct rfb rfb;   /* of DECODER_RFB */
    struct grid grid; /* of the others; their outputs lie kind by kind, in each the strides in order */
};

/* Numbers that decoder's tensors hold for one answer; 0 for kinds it does not have. */
int grid_numbers(enum detect_decoder decoder, enum grid_kind kind);

/* pack.ini's text alone, without the files: bytes from outside. */
struct pack *pack_parse(const char *text, const char *name, struct error *err);

/* The network of a role, loaded and warm, with the shapes its role needs. */
struct net *model_load(
    const struct pack *pack, enum model_role role, int height, int width, struct error *err);
/* The same in float whatever the pack says, keeping its ranges for net_ranges. */
struct net *model_load_observed(
    const struct pack *pack, enum model_role role, int height, int width, struct error *err);

/* Fills a network's input from a picture of the input's size. */
void preparation_fill(const struct preparation *preparation, const struct image *image, float *input);
