#include "face/model.h"

#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static char *pack_folder;
static char *pack_text;

static char *edited(const char *from, const char *to)
{
    const char *at = strstr(pack_text, from);
    assert_non_null(at);
    return text_format("%.*s%s%s", (int)(at - pack_text), pack_text, to, at + strlen(from));
}

static void refuse_text(const char *from, const char *to, enum error_code code, const char *says)
{
    AUTO(text) char *text = edited(from, to);
    struct error err = {0};
    assert_null(pack_parse(text, "pack.ini", &err));
    assert_int_equal(err.code, code);
    if (!strstr(err.text, says))
        fail_msg("'%s' does not say '%s'", err.text, says);
}

static void the_default_pack_opens_for_demonstrations_only(void **state)
{
    (void)state;
    struct error err = {0};
    AUTO(pack) struct pack *pack = pack_open(pack_folder, &err);
    if (!pack)
        fail_msg("%s", err.text);
    uint8_t hash[HASH_SIZE];
    hash_bytes(pack_text, strlen(pack_text), hash);
    assert_memory_equal(pack_hash(pack), hash, HASH_SIZE);
    assert_int_equal(pack_use_of(pack), PACK_DEMO);
    assert_string_equal(pack_name(pack), "mizan-demo-1");
}

static void s25_a_role_beyond_faces_points_and_templates_is_refused(void **state)
{
    (void)state;
    refuse_text("[embed]", "[gender]\nfile = gender.onnx\n[embed]", ERROR_FORBIDDEN, "gender");
    refuse_text("[landmarks]", "[age]\nfile = age.onnx\n[landmarks]", ERROR_FORBIDDEN, "age");
    refuse_text("decoder = unit", "decoder = emotion", ERROR_INVALID, "decoder");
}

static void texts_that_break_a_rule_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *says;
    } rows[] = {
        {"use = demo", "use = both", "demo or live"},
        {"template_length = 512", "template_length = 128", "template_length"},
        {"file = embed.onnx", "file = ../embed.onnx", "inside"},
        {"file = embed.onnx", "file = /etc/passwd", "inside"},
        {"sha256 = 8", "sha256 = ", "sha256"},
        {"divisor = 128", "divisor = 0", "divisor"},
        {"divisor = 128", "divisor = nan", "divisor"},
        {"mean = 127", "mean = 127 127", "mean"},
        {"colours = bgr", "colours = cmyk", "colours"},
        {"strides = 8 16 32 64", "strides = 8 16 32 64 128 256 512", "strides"},
        {"strides = 8 16 32 64", "strides = 8 0", "strides"},
        {"strides = 8 16 32 64", "strides = 8 x", "strides"},
        {"strides = 8 16 32 64", "strides =", "strides"},
        {"box_sizes_4", "box_sizes_5", "box_sizes_4"},
        {"variances = 0.1 0.2", "variances = 0.1", "variances"},
        {"overlap = 0.4", "overlap = 1", "overlap"},
        {"template = output", "vector = output", "template"},
        {"name = mizan-demo-1", "name =", "name"},
        {"licence = MIT", "licence = MIT\nlicense = MIT", "license"},
        {"decoder = rfb", "decoder = rfb\nthreshold = 0.5", "threshold"},
        {"decoder = rfb", "decoder = rfb\npoints = output", "points"},
        {"decoder = unit", "decoder = unit\nboxes = boxes", "boxes"},
        {"decoder = unit", "decoder = unit\nbox_sizes_1 = 8", "box_sizes_1"},
        {"decoder = rfb", "decoder = rfb\nbox_sizes_5 = 8", "box_sizes_5"},
        {"decoder = rfb", "decoder = rfb\nbox_sizes_1x = 8", "box_sizes_1x"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        refuse_text(rows[i].from, rows[i].to, ERROR_INVALID, rows[i].says);
}

/* A copy of the pack in a folder of its own, with another pack.ini. */
struct copy {
    char folder[32];
};

static void copy_make(struct copy *copy, const char *text)
{
    static const char *const files[] = {"detect.onnx", "landmarks.onnx", "embed.onnx", "embed.ranges"};
    memcpy(copy->folder, "/tmp/mizan-pack-XXXXXX", sizeof "/tmp/mizan-pack-XXXXXX");
    assert_non_null(mkdtemp(copy->folder));
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        AUTO(text) char *from = realpath(pack_folder, NULL);
        AUTO(text) char *target = text_format("%s/%s", from, files[i]);
        AUTO(text) char *link = text_format("%s/%s", copy->folder, files[i]);
        assert_int_equal(symlink(target, link), 0);
    }
    AUTO(text) char *ini = text_format("%s/pack.ini", copy->folder);
    assert_true(file_write(ini, 0644, text, strlen(text), NULL));
}

static void copy_remove(struct copy *copy)
{
    static const char *const files[] = {
        "detect.onnx", "landmarks.onnx", "embed.onnx", "embed.ranges", "pack.ini"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        AUTO(text) char *path = text_format("%s/%s", copy->folder, files[i]);
        unlink(path);
    }
    rmdir(copy->folder);
}

static void refuse_copy(const char *from, const char *to, enum error_code code, const char *says)
{
    AUTO(text) char *text = edited(from, to);
    struct copy copy;
    struct error err = {0};
    copy_make(&copy, text);
    AUTO(pack) struct pack *pack = pack_open(copy.folder, &err);
    copy_remove(&copy);
    assert_null(pack);
    assert_int_equal(err.code, code);
    if (!strstr(err.text, says))
        fail_msg("'%s' does not say '%s'", err.text, says);
}

static void s25_a_graph_with_an_undeclared_output_is_refused(void **state)
{
    (void)state;
    refuse_copy("boxes = boxes\n", "", ERROR_FORBIDDEN, "'boxes'");
}

static void a_file_with_another_hash_is_refused(void **state)
{
    (void)state;
    refuse_copy("sha256 = 87aacdfe", "sha256 = 87aacdff", ERROR_CORRUPT, "embed.onnx");
}

static void ranges_that_pack_ini_does_not_pin_are_refused(void **state)
{
    (void)state;
    refuse_copy("ranges_sha256 = d00c", "ranges_sha256 = d00d", ERROR_CORRUPT, "embed.ranges");
    refuse_copy("ranges_sha256 = ", "; ", ERROR_INVALID, "ranges_sha256");
    refuse_copy("ranges = embed.ranges", "ranges = ../embed.ranges", ERROR_INVALID, "ranges");
}

static void the_default_pack_embeds_in_8_bits_and_another_choice_is_another_pack(void **state)
{
    (void)state;
    struct copy copy;
    AUTO(text) char *without_name = edited("ranges = embed.ranges\n", "");
    char *hash = strstr(without_name, "ranges_sha256");
    assert_non_null(hash);
    *hash = '\0';
    copy_make(&copy, without_name);
    AUTO(pack) struct pack *whole = pack_open(pack_folder, NULL);
    AUTO(pack) struct pack *plain = pack_open(copy.folder, NULL);
    copy_remove(&copy);
    assert_non_null(whole);
    assert_non_null(plain);
    AUTO(net) struct net *bytes = model_load(whole, MODEL_EMBED, FACE_SIDE, FACE_SIDE, NULL);
    AUTO(net) struct net *floats = model_load(plain, MODEL_EMBED, FACE_SIDE, FACE_SIDE, NULL);
    AUTO(text) char *bytes_layers = net_describe(bytes);
    AUTO(text) char *floats_layers = net_describe(floats);
    assert_non_null(strstr(bytes_layers, "bytes:"));
    assert_null(strstr(floats_layers, "bytes:"));
    assert_memory_not_equal(pack_hash(whole), pack_hash(plain), HASH_SIZE);
}

static void a_file_that_is_not_there_is_missing(void **state)
{
    (void)state;
    refuse_copy("file = embed.onnx", "file = other.onnx", ERROR_MISSING, "other.onnx");
    struct error err = {0};
    assert_null(pack_open("/nonexistent", &err));
    assert_int_equal(err.code, ERROR_MISSING);
}

static void a_network_in_another_role_is_refused(void **state)
{
    (void)state;
    AUTO(pack) struct pack *pack = pack_open(pack_folder, NULL);
    assert_non_null(pack);
    struct model embed = pack->models[MODEL_EMBED];
    pack->models[MODEL_EMBED] = pack->models[MODEL_LANDMARKS];
    pack->models[MODEL_LANDMARKS] = embed;
    struct analyser_options options = {0};
    struct error err = {0};
    assert_null(analyser_new(pack, &options, &err));
    assert_int_equal(err.code, ERROR_INVALID);
}

int main(void)
{
    struct bytes text = {NULL, 0};
    pack_folder = fixture_pack_folder();
    AUTO(text) char *path = text_format("%s/pack.ini", pack_folder);
    if (!crypto_start(NULL) || !file_read(path, 1 << 16, &text, NULL))
        return 1;
    pack_text = (char *)text.data;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_pack_opens_for_demonstrations_only),
        cmocka_unit_test(s25_a_role_beyond_faces_points_and_templates_is_refused),
        cmocka_unit_test(texts_that_break_a_rule_are_refused),
        cmocka_unit_test(s25_a_graph_with_an_undeclared_output_is_refused),
        cmocka_unit_test(a_file_with_another_hash_is_refused),
        cmocka_unit_test(ranges_that_pack_ini_does_not_pin_are_refused),
        cmocka_unit_test(the_default_pack_embeds_in_8_bits_and_another_choice_is_another_pack),
        cmocka_unit_test(a_file_that_is_not_there_is_missing),
        cmocka_unit_test(a_network_in_another_role_is_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    bytes_free(&text);
    free(pack_folder);
    return failed;
}
