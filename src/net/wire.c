#include "net/wire.h"

#include "base/text.h"

#include <string.h>

enum { FIELDS_MAX = 1 << 20, NUMBER_LIMIT = 1 << 28 };

enum message {
    MODEL,
    GRAPH,
    NODE,
    ATTRIBUTE,
    TENSOR,
    VALUE_INFO,
    TYPE,
    TENSOR_TYPE,
    SHAPE,
    DIMENSION,
    OPERATOR_SET,
    ENTRY,
    MESSAGE_COUNT,
};

enum kind { SKIPPED, VARINT, VARINTS, FLOAT, FLOATS, DOUBLES, BYTES, TEXT, INNER, REFUSED };

struct field {
    uint32_t number;
    enum kind kind;
    enum message inner; /* of INNER */
};

/* From onnx.proto; field numbers end the list with 0. */
static const struct field fields_of[MESSAGE_COUNT][18] = {
    [MODEL] = {{1, VARINT, 0}, {2, TEXT, 0}, {3, TEXT, 0}, {4, TEXT, 0}, {5, VARINT, 0}, {6, TEXT, 0},
        {7, INNER, GRAPH}, {8, INNER, OPERATOR_SET}, {14, INNER, ENTRY}, {20, REFUSED, 0}, {25, REFUSED, 0}},
    [GRAPH] = {{1, INNER, NODE}, {2, TEXT, 0}, {5, INNER, TENSOR}, {10, TEXT, 0}, {11, INNER, VALUE_INFO},
        {12, INNER, VALUE_INFO}, {13, INNER, VALUE_INFO}, {14, REFUSED, 0}, {15, REFUSED, 0}},
    [NODE] = {{1, TEXT, 0}, {2, TEXT, 0}, {3, TEXT, 0}, {4, TEXT, 0}, {5, INNER, ATTRIBUTE}, {6, TEXT, 0},
        {7, TEXT, 0}},
    [ATTRIBUTE] = {{1, TEXT, 0}, {2, FLOAT, 0}, {3, VARINT, 0}, {4, BYTES, 0}, {5, INNER, TENSOR},
        {6, REFUSED, 0}, {7, FLOATS, 0}, {8, VARINTS, 0}, {9, BYTES, 0}, {10, INNER, TENSOR},
        {11, REFUSED, 0}, {13, TEXT, 0}, {14, REFUSED, 0}, {15, REFUSED, 0}, {20, VARINT, 0}, {21, TEXT, 0},
        {22, REFUSED, 0}},
    [TENSOR] = {{1, VARINTS, 0}, {2, VARINT, 0}, {3, REFUSED, 0}, {4, FLOATS, 0}, {5, VARINTS, 0},
        {6, BYTES, 0}, {7, VARINTS, 0}, {8, TEXT, 0}, {9, BYTES, 0}, {10, DOUBLES, 0}, {11, VARINTS, 0},
        {12, TEXT, 0}, {13, REFUSED, 0}, {14, VARINT, 0}},
    [VALUE_INFO] = {{1, TEXT, 0}, {2, INNER, TYPE}, {3, TEXT, 0}},
    [TYPE] = {{1, INNER, TENSOR_TYPE}, {4, REFUSED, 0}, {5, REFUSED, 0}, {6, TEXT, 0}, {7, REFUSED, 0},
        {8, REFUSED, 0}, {9, REFUSED, 0}},
    [TENSOR_TYPE] = {{1, VARINT, 0}, {2, INNER, SHAPE}},
    [SHAPE] = {{1, INNER, DIMENSION}},
    [DIMENSION] = {{1, VARINT, 0}, {2, TEXT, 0}, {3, TEXT, 0}},
    [OPERATOR_SET] = {{1, TEXT, 0}, {2, VARINT, 0}},
    [ENTRY] = {{1, TEXT, 0}, {2, TEXT, 0}},
};

static const char *const message_words[MESSAGE_COUNT] = {"model", "graph", "node", "attribute", "tensor",
    "value", "type", "tensor type", "shape", "dimension", "operator set", "metadata"};

/* What a tensor says and what it carries, gathered while its fields pass. */
struct content {
    uint64_t numbers; /* the product of the dimensions */
    uint64_t type;
    uint64_t raw_bytes, floats, doubles, varints, texts;
};

struct reader {
    const uint8_t *at;
    const uint8_t *end;
    int *fields_left;
};

static bool read_varint(struct reader *reader, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (reader->at == reader->end)
            return false;
        uint8_t byte = *reader->at++;
        if (shift < 64)
            *value |= (uint64_t)(byte & 127) << shift;
        if (!(byte & 128))
            return true;
    }
    return false;
}

static bool take(struct reader *reader, uint64_t size, struct reader *part)
{
    if (size > (uint64_t)(reader->end - reader->at))
        return false;
    *part = (struct reader){reader->at, reader->at + size, reader->fields_left};
    reader->at += size;
    return true;
}

/* The bytes of one field's value; for a varint its bytes, whose value goes to *number. */
static bool read_value(struct reader *reader, unsigned wire, struct reader *part, uint64_t *number)
{
    const uint8_t *start = reader->at;
    if (wire == 0) {
        if (!read_varint(reader, number))
            return false;
        *part = (struct reader){start, reader->at, reader->fields_left};
        return true;
    }
    if (wire == 1)
        return take(reader, 8, part);
    if (wire == 5)
        return take(reader, 4, part);
    return wire == 2 && read_varint(reader, number) && take(reader, *number, part);
}

static bool wire_fits(enum kind kind, unsigned wire)
{
    switch (kind) {
    case SKIPPED:
        return true;
    case VARINT:
        return wire == 0;
    case VARINTS:
        return wire == 0 || wire == 2;
    case FLOAT:
        return wire == 5;
    case FLOATS:
        return wire == 5 || wire == 2;
    case DOUBLES:
        return wire == 1 || wire == 2;
    default:
        return wire == 2;
    }
}

static struct field field_find(enum message message, uint64_t number)
{
    for (const struct field *field = fields_of[message]; field->number; field++)
        if (field->number == number)
            return *field;
    return (struct field){.kind = SKIPPED};
}

static bool add_dimension(struct content *content, uint64_t dimension)
{
    if (dimension > NUMBER_LIMIT || content->numbers * dimension > NUMBER_LIMIT)
        return false;
    content->numbers *= dimension;
    return true;
}

static bool add_dimensions(struct content *content, unsigned wire, struct reader part)
{
    uint64_t value;
    bool fits = true;
    while (fits && part.at < part.end)
        fits = read_varint(&part, &value) && add_dimension(content, value);
    (void)wire;
    return fits;
}

/* Counts the numbers of a run of varints; packed or single. */
static bool count_varints(struct reader part, uint64_t *count)
{
    uint64_t value;
    for (; part.at < part.end; (*count)++)
        if (!read_varint(&part, &value))
            return false;
    return true;
}

static bool count_fixed(struct reader part, unsigned size, uint64_t *count)
{
    uint64_t bytes = (uint64_t)(part.end - part.at);
    *count += bytes / size;
    return bytes % size == 0;
}

static bool tensor_field(
    struct content *content, uint32_t number, unsigned wire, struct reader part, uint64_t value)
{
    switch (number) {
    case 1:
        return add_dimensions(content, wire, part);
    case 2:
        content->type = value;
        return true;
    case 4:
        return count_fixed(part, 4, &content->floats);
    case 5:
    case 7:
    case 11:
        return count_varints(part, &content->varints);
    case 6:
        content->texts++;
        return true;
    case 9:
        content->raw_bytes = (uint64_t)(part.end - part.at);
        return true;
    case 10:
        return count_fixed(part, 8, &content->doubles);
    case 14:
        return value == 0;
    default:
        return true;
    }
}

static bool tensor_is_whole(const struct content *content, struct error *err)
{
    static const unsigned bytes_of_type[] = {[1] = 4,
        [2] = 1,
        [3] = 1,
        [4] = 2,
        [5] = 2,
        [6] = 4,
        [7] = 8,
        [9] = 1,
        [10] = 2,
        [11] = 8,
        [12] = 4,
        [13] = 8,
        [16] = 2};
    uint64_t type = content->type;
    unsigned bytes = type < COUNT_OF(bytes_of_type) ? bytes_of_type[type] : 0;
    if (!bytes)
        return fail(err, ERROR_INVALID, "a tensor has element type %llu, which this program does not know",
            (unsigned long long)type);
    uint64_t typed = type == 1 ? content->floats : type == 11 ? content->doubles : content->varints;
    if (content->raw_bytes ? content->raw_bytes != content->numbers * bytes : typed != content->numbers)
        return fail(err, ERROR_CORRUPT, "a tensor of %llu numbers carries %llu",
            (unsigned long long)content->numbers,
            (unsigned long long)(content->raw_bytes ? content->raw_bytes / bytes : typed));
    return true;
}

static bool check_message(enum message message, struct reader reader, int depth, struct error *err);

static bool check_field(
    enum message message, struct field field, struct reader part, int depth, struct error *err)
{
    const char *word = message_words[message];
    if (field.kind == REFUSED)
        return fail(err, ERROR_INVALID,
            "the %s has field %u: subgraphs, functions, sparse or outside data are not supported", word,
            field.number);
    if (field.kind == TEXT && (!text_is_utf8((const char *)part.at, (size_t)(part.end - part.at)) ||
                                  memchr(part.at, 0, (size_t)(part.end - part.at))))
        return fail(err, ERROR_CORRUPT, "text in field %u of a %s is not UTF-8", field.number, word);
    if (field.kind == INNER)
        return check_message(field.inner, part, depth + 1, err);
    return true;
}

static bool packed_is_whole(enum kind kind, unsigned wire, struct reader part)
{
    uint64_t count = 0;
    if (wire != 2)
        return true;
    if (kind == VARINTS)
        return count_varints(part, &count);
    if (kind == FLOATS || kind == DOUBLES)
        return count_fixed(part, kind == FLOATS ? 4 : 8, &count);
    return true;
}

static bool check_next(
    enum message message, struct reader *reader, struct content *content, int depth, struct error *err)
{
    const char *word = message_words[message];
    uint64_t key, value = 0;
    struct reader part;
    if (!read_varint(reader, &key) || key >> 3 == 0 || key >> 3 > 536870911)
        return fail(err, ERROR_CORRUPT, "a %s is cut short", word);
    unsigned wire = (unsigned)(key & 7);
    if (!read_value(reader, wire, &part, &value))
        return fail(err, ERROR_CORRUPT, "field %u of a %s runs past its end", (unsigned)(key >> 3), word);
    if (--*reader->fields_left < 0)
        return fail(err, ERROR_TOO_LARGE, "more than %d fields", FIELDS_MAX);
    struct field field = field_find(message, key >> 3);
    if (!wire_fits(field.kind, wire) || !packed_is_whole(field.kind, wire, part))
        return fail(err, ERROR_CORRUPT, "field %u of a %s has the wrong form", field.number, word);
    if (message == TENSOR && field.kind != REFUSED && field.number &&
        !tensor_field(content, field.number, wire, part, value))
        return fail(err, ERROR_CORRUPT, "field %u of a tensor has a value that cannot be", field.number);
    return check_field(message, field, part, depth, err);
}

static bool check_message(enum message message, struct reader reader, int depth, struct error *err)
{
    if (depth >= MESSAGE_COUNT)
        return fail(err, ERROR_CORRUPT, "messages nest too deep");
    struct content content = {.numbers = 1};
    while (reader.at < reader.end)
        if (!check_next(message, &reader, &content, depth, err))
            return false;
    return message != TENSOR || tensor_is_whole(&content, err);
}

bool wire_check_onnx(const void *onnx, size_t size, struct error *err)
{
    int fields_left = FIELDS_MAX;
    struct reader reader = {onnx, (const uint8_t *)onnx + size, &fields_left};
    if (size == 0)
        return fail(err, ERROR_CORRUPT, "an empty file");
    return check_message(MODEL, reader, 0, err);
}
