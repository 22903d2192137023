#include "scratch.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <dirent.h>

void scratch_make(struct scratch *scratch)
{
    struct error err = {0};
    assert_true(crypto_start(&err));
    clock_start();
    *scratch = (struct scratch){.folder = "/tmp/mizan-govern-XXXXXX"};
    assert_non_null(mkdtemp(scratch->folder));
    random_fill(scratch->site_key, sizeof scratch->site_key);
    scratch->options =
        (struct ledger_options){.folder = scratch->folder, .site = "demo-one", .site_key = scratch->site_key};
    if (!ledger_make(&scratch->options, &err))
        fail_msg("%s", err.text);
}

typedef bool file_visit(const char *path, const void *data);

static bool each_file(const struct scratch *scratch, file_visit *visit, const void *data)
{
    DIR *folder = opendir(scratch->folder);
    assert_non_null(folder);
    bool found = false;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        AUTO(text) char *path = scratch_path(scratch, entry->d_name);
        if (entry->d_name[0] != '.')
            found = visit(path, data) || found;
    }
    closedir(folder);
    return found;
}

static bool delete_file(const char *path, const void *data)
{
    (void)data;
    return unlink(path) == 0;
}

void scratch_remove(struct scratch *scratch)
{
    each_file(scratch, delete_file, NULL);
    rmdir(scratch->folder);
}

struct ledger *scratch_open(struct scratch *scratch)
{
    struct error err = {0};
    struct ledger *ledger = ledger_open(&scratch->options, &err);
    if (!ledger)
        fail_msg("%s", err.text);
    return ledger;
}

void scratch_write(struct ledger *ledger, const char *kind, const char *private_name)
{
    struct error err = {0};
    AUTO(json) json_t *public_fields = json_pack("{s:s, s:i}", "entry", "e-0123456789abcdef", "count", 3);
    AUTO(json) json_t *private_fields = private_name ? json_pack("{s:s}", "name", private_name) : NULL;
    struct record record = {.kind = kind,
        .by = "o-0123456789abcdef",
        .public_fields = public_fields,
        .private_fields = private_fields,
        .private_key = private_name ? "entry/e-1" : NULL};
    if (!ledger_begin(ledger, &err) || !ledger_record(ledger, &record, &err) ||
        !ledger_event(ledger, "entry", "e-1", "approved", &err) || !ledger_commit(ledger, &err))
        fail_msg("%s", err.text);
}

int scratch_begin(void **state)
{
    struct scratch *scratch = memory_allocate(1, sizeof *scratch);
    scratch_make(scratch);
    *state = scratch;
    return 0;
}

int scratch_end(void **state)
{
    scratch_remove(*state);
    memory_release(*state);
    return 0;
}

char *scratch_path(const struct scratch *scratch, const char *name)
{
    return text_format("%s/%s", scratch->folder, name);
}

static bool file_holds(const char *path, const void *text)
{
    AUTO(bytes) struct bytes content = {0};
    struct error err = {0};
    assert_true(file_read(path, 64 << 20, &content, &err));
    return memmem(content.data, content.size, text, strlen(text)) != NULL;
}

bool scratch_holds(const struct scratch *scratch, const char *text)
{
    return each_file(scratch, file_holds, text);
}
