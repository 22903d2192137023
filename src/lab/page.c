#include "lab/page.h"

#include "lab/plot.h"

#include <math.h>

static void add_escaped(struct text *out, const char *words)
{
    for (; *words; words++) {
        if (*words == '<')
            text_add(out, "&lt;");
        else if (*words == '>')
            text_add(out, "&gt;");
        else if (*words == '&')
            text_add(out, "&amp;");
        else
            text_add_bytes(out, words, 1);
    }
}

static void add_tagged(struct text *out, const char *tag, const char *words)
{
    text_add(out, "<%s>", tag);
    add_escaped(out, words);
    text_add(out, "</%s>\n", tag);
}

/* 0.0412, 8.30 × 10⁻⁵, 0: as it is read best. */
static void add_rate(struct text *out, double rate)
{
    int power = rate > 0.0 ? (int)floor(log10(rate)) : 0;
    if (!(rate > 0.0))
        text_add(out, "0");
    else if (rate >= 0.01)
        text_add(out, "%.4f", rate);
    else
        text_add(out, "%.2f × 10<sup>−%d</sup>", rate / pow(10.0, power), -power);
}

static void add_interval(struct text *out, const struct interval *interval)
{
    add_rate(out, interval->low);
    text_add(out, " to ");
    add_rate(out, interval->high);
}

static void add_facts(struct text *out, const struct search_result *result)
{
    text_add(out,
        "<div class=\"facts\"><div><b>%.3f</b>threshold</div><div><b>%d</b>people on a list</div><div><b>",
        result->threshold, result->entries);
    add_rate(out, result->worst_bound);
    text_add(out,
        "</b>bound of false alerts a passage, as charged%s</div><div><b>%.2f %%</b>missed</div></div>\n",
        result->worst_group >= 0 ? ", worst group" : "", 100.0 * result->fnir);
}

static void add_row(struct text *out, const char *name, double rate, long hits, long trials,
    const struct interval *wilson, const struct interval *bootstrap)
{
    text_add(out, "<tr><td>%s</td><td>", name);
    add_rate(out, rate);
    text_add(out, "</td><td>%ld of %ld</td><td>", hits, trials);
    add_interval(out, wilson);
    text_add(out, "</td><td>");
    if (bootstrap)
        add_interval(out, bootstrap);
    text_add(out, "</td></tr>\n");
}

static void add_rates(struct text *out, const struct search_result *result)
{
    const struct interval covered = wilson_interval((double)result->covered, (double)result->mated);
    const double share = result->mated ? (double)result->covered / (double)result->mated : 0.0;
    text_add(out, "<h2>Rates</h2>\n<div class=\"scroll\"><table><tr><th>rate</th><th>value</th><th>of</th>"
                  "<th>95 %% (Wilson)</th><th>95 %% (by person)</th></tr>\n");
    add_row(out, "false alerts (FPIR)", result->fpir, result->false_alerts, result->non_mated,
        &result->fpir_interval, &result->fpir_bootstrap);
    add_row(out, "misses (FNIR)", result->fnir, result->misses, result->mated, &result->fnir_interval,
        &result->fnir_bootstrap);
    add_row(out, "covered faces, never compared", share, result->covered, result->mated, &covered, NULL);
    text_add(out,
        "</table></div>\n<p>Of the misses, %ld were failures to acquire, %ld of these covered faces. Lists: "
        "%d of "
        "N = %d, from %d persons. The exact one-sided 95 %% bound of FPIR is ",
        result->failures_to_acquire, result->covered, result->lists, result->entries, result->persons);
    add_rate(out, result->fpir_bound);
    text_add(out, " at a design effect of %.2f; charged %d times, because it was measured on images: ",
        result->design_effect, IMAGES_CHARGE);
    add_rate(out, result->charged_bound);
    text_add(out, ".</p>\n");
}

static void add_groups(struct text *out, const struct trials *trials, const struct groups *groups,
    const struct search_result *result)
{
    text_add(out, "<h2>Groups</h2>\n<div class=\"scroll\"><table><tr><th>group</th><th>FPIR</th><th>of</th>"
                  "<th>charged bound</th><th>FNIR</th><th>of</th></tr>\n");
    for (int i = 0; i < groups->count; i++) {
        struct search_result one = trials_rate_group(trials, groups, i, result->threshold);
        text_add(out, "<tr%s><td>", i == result->worst_group ? " class=\"worst\"" : "");
        add_escaped(out, groups->words[i]);
        text_add(out, "</td><td>");
        add_rate(out, one.fpir);
        text_add(out, "</td><td>%ld of %ld</td><td>", one.false_alerts, one.non_mated);
        add_rate(out, one.charged_bound);
        text_add(out, "</td><td>");
        add_rate(out, one.fnir);
        text_add(out, "</td><td>%ld of %ld</td></tr>\n", one.misses, one.mated);
    }
    text_add(out, "</table></div>\n<p>%s %d of %d persons have a group.</p>\n",
        result->worst_group >= 0 ? "The group in bold has the largest bound; it sets the threshold."
                                 : "No group has a larger bound than all together.",
        groups->labelled, result->persons);
}

static const char style[] =
    "*{box-sizing:border-box}body{font:15px/1.5 "
    "system-ui,sans-serif;color:#1a1f24;background:#fff;max-width:880px;"
    "margin:0 auto;padding:24px 16px}h1{font-size:24px;line-height:1.2;margin:0 0 "
    "8px}h2{font-size:17px;margin:24px 0 "
    "8px}p{margin:8px 0}.about{color:#55606b;font-size:13px}code{overflow-wrap:anywhere}"
    ".facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:16px 0;"
    "font-size:12px;color:#55606b}.facts div{border:1px solid #d5dae0;border-radius:6px;padding:8px 12px}"
    ".facts b{display:block;font-size:20px;color:#1a1f24}sup{font-size:70%;line-height:0}"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:13px;"
    "font-variant-numeric:tabular-nums}th,td{padding:5px 10px;text-align:right;white-space:nowrap;"
    "border-bottom:1px solid "
    "#d5dae0}th{font-weight:600;color:#55606b}th:first-child,td:first-child{text-align:left;"
    "padding-left:0}.worst{font-weight:bold}"
    ".plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(300px,100%),1fr));gap:16px;margin:"
    "16px 0}"
    "figure{margin:0;min-width:0;break-inside:avoid}figcaption{font-size:13px;color:#55606b}"
    "svg{display:block;width:100%;height:auto}svg text{font-size:10.5px;fill:#3b444d}"
    "tr,.facts{break-inside:avoid}h2{break-after:avoid}@page{size:A4;margin:15mm}"
    "@media print{body{padding:0;max-width:none;font-size:12px}.plots{grid-template-columns:1fr 1fr}"
    "table{font-size:11px}.scroll{overflow:visible}}";

static void page_begin(struct text *out, const struct page_words *words)
{
    text_add(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                  "<meta name=\"viewport\" content=\"width=device-width\"><title>");
    add_escaped(out, words->title);
    text_add(out, "</title><style>%s</style></head><body>\n", style);
    add_tagged(out, "h1", words->title);
    text_add(out, "<p class=\"about\">");
    add_escaped(out, words->made_on);
    text_add(out, " Pack <b>");
    add_escaped(out, words->pack);
    text_add(out, "</b>, SHA-256 <code>");
    add_escaped(out, words->pack_hash);
    text_add(out, "</code>. ");
    add_escaped(out, words->when);
    text_add(out, "</p>\n");
}

void page_write(struct text *out, const struct page_words *words, const struct trials *trials,
    const struct groups *groups, const struct search_result *result)
{
    page_begin(out, words);
    add_facts(out, result);
    add_tagged(out, "p", words->advice);
    text_add(out, "<div class=\"plots\">\n");
    plot_trade_off(out, trials, result->fpir, result->fnir);
    plot_scores(out, trials, result->threshold);
    text_add(out, "</div>\n");
    add_rates(out, result);
    if (groups)
        add_groups(out, trials, groups, result);
    text_add(out, "</body></html>\n");
}

static void add_accepts(
    struct text *out, const char *at, double tar, float threshold, const struct pairs_result *result)
{
    const double same = (double)result->pairs / 2.0;
    const struct interval wilson = wilson_interval(round(tar * same), same);
    text_add(out, "<tr><td>true accepts (TAR) at FAR %s</td><td>%.4f</td><td>%.0f of %.0f</td><td>", at, tar,
        round(tar * same), same);
    add_interval(out, &wilson);
    text_add(out, "</td><td>%.3f</td></tr>\n", (double)threshold);
}

void page_write_pairs(struct text *out, const struct page_words *words, const struct trials *trials,
    const struct pairs_result *result)
{
    page_begin(out, words);
    text_add(out,
        "<div class=\"facts\"><div><b>%.4f</b>accuracy, mean of %d folds</div><div><b>± %.4f</b>standard "
        "error over "
        "folds</div><div><b>%.3f</b>threshold, mean of folds</div><div><b>%zu</b>pairs</div></div>\n",
        result->accuracy, result->folds, result->deviation, result->threshold, result->pairs);
    add_tagged(out, "p", words->advice);
    text_add(out, "<div class=\"plots\">\n");
    plot_accepts(out, trials);
    plot_scores(out, trials, result->threshold);
    text_add(out,
        "</div>\n<h2>Rates</h2>\n<div class=\"scroll\"><table><tr><th>rate</th><th>value</th><th>of</th>"
        "<th>95 %% (Wilson)</th><th>threshold</th></tr>\n");
    add_accepts(out, "1 %", result->tar_at_1_percent, result->threshold_at_1_percent, result);
    add_accepts(out, "0.1 %", result->tar_at_1_per_mille, result->threshold_at_1_per_mille, result);
    text_add(out, "</table></div>\n</body></html>\n");
}
