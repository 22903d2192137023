#include "lab/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct trial items[] = {{0, 0, 0.2f, false, true, false}, {1, 0, 0.6f, false, true, false},
    {0, 0, 0.8f, true, true, false}, {1, 0, -1.0f, true, false, true}};

static char *page(void)
{
    int group_of[] = {0, 1};
    struct groups groups = {.words = {"one", "<two>"}, .count = 2, .of = group_of};
    struct trials trials = {items, COUNT_OF(items), 2, 1, 2};
    struct search_terms terms = {2, 0.5, 1.0, &groups};
    struct page_words words = {"A & B", "pack<1>", "00ff", "Made of nothing.", "None.", "Today."};
    struct search_result result;
    struct text out = {NULL, 0};
    assert_true(trials_rate(&trials, &terms, &result, NULL));
    page_write(&out, &words, &trials, &groups, &result);
    return out.data;
}

static void the_page_fetches_nothing(void **state)
{
    (void)state;
    static const char *const forbidden[] = {"http", "src=", "href", "url(", "@import", "<script", "<link"};
    AUTO(text) char *html = page();
    for (size_t i = 0; i < COUNT_OF(forbidden); i++)
        assert_null(strstr(html, forbidden[i]));
}

static void the_page_holds_two_plots_the_rates_and_the_groups(void **state)
{
    (void)state;
    static const char *const wanted[] = {"<polyline", "</svg>", "1 of 2", "1 of these covered faces",
        "covered faces, never compared", "<td>&lt;two&gt;</td>", "</html>"};
    AUTO(text) char *html = page();
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        if (!strstr(html, wanted[i]))
            fail_msg("no %s", wanted[i]);
    const char *second = strstr(strstr(html, "<svg") + 1, "<svg");
    assert_non_null(second);
    assert_null(strstr(second + 1, "<svg"));
    assert_null(strstr(html, "nan"));
}

static void pairs_have_their_own_page_with_the_curve_of_accepts(void **state)
{
    (void)state;
    static struct trial four[] = {{0, 0, 0.2f, false, true, false}, {1, 0, 0.3f, false, true, false},
        {0, 0, 0.8f, true, true, false}, {1, 0, 0.1f, true, true, false}};
    const struct trials trials = {four, COUNT_OF(four), 2, 1, 1};
    const struct pairs_result result = {.pairs = 4, .folds = 2, .accuracy = 0.75, .tar_at_1_percent = 0.5};
    const struct page_words words = {"A & B", "pack<1>", "00ff", "Made of nothing.", "None.", "Today."};
    AUTO(text_buffer) struct text out = {NULL, 0};
    page_write_pairs(&out, &words, &trials, &result);
    static const char *const wanted[] = {"<b>0.7500</b>", "1 of 2", "(ROC)", "A &amp; B", "</html>"};
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        if (!strstr(out.data, wanted[i]))
            fail_msg("no %s", wanted[i]);
    assert_null(strstr(out.data, "nan"));
    assert_null(strstr(out.data, "href"));
}

static void words_from_outside_are_escaped(void **state)
{
    (void)state;
    AUTO(text) char *html = page();
    assert_non_null(strstr(html, "A &amp; B"));
    assert_non_null(strstr(html, "pack&lt;1&gt;"));
    assert_null(strstr(html, "<two>"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_fetches_nothing),
        cmocka_unit_test(the_page_holds_two_plots_the_rates_and_the_groups),
        cmocka_unit_test(pairs_have_their_own_page_with_the_curve_of_accepts),
        cmocka_unit_test(words_from_outside_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
