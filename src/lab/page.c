#include "lab/page.h"

#include <math.h>

enum { PLOT_WIDTH = 420, PLOT_HEIGHT = 300, MARGIN = 52, TOP = 12, BINS = 50, DECADES = 5 };

static const double least_rate = 1e-5;

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

/* 1 and above at 0, `least_rate` and below at 1. */
static double log_share(double rate)
{
    return log10(fmax(rate, least_rate)) / log10(least_rate);
}

static double plot_x(double share)
{
    return MARGIN + share * (PLOT_WIDTH - MARGIN - TOP);
}

static double plot_y(double share)
{
    return TOP + share * (PLOT_HEIGHT - TOP - MARGIN);
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

static void plot_begin(struct text *out, const char *title, const char *below, const char *beside)
{
    text_add(out,
        "<figure><figcaption>%s</figcaption><svg role=\"img\" aria-label=\"%s\" viewBox=\"0 0 %d %d\">"
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#9aa4ae\"/>"
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>"
        "<text x=\"12\" y=\"%d\" text-anchor=\"middle\" transform=\"rotate(-90 12 %d)\">%s</text>\n",
        title, title, PLOT_WIDTH, PLOT_HEIGHT, MARGIN, TOP, PLOT_WIDTH - MARGIN - TOP,
        PLOT_HEIGHT - TOP - MARGIN, PLOT_WIDTH / 2, PLOT_HEIGHT - 14, below, PLOT_HEIGHT / 2, PLOT_HEIGHT / 2,
        beside);
}

static void plot_end(struct text *out)
{
    text_add(out, "</svg></figure>\n");
}

/* 1 at the far end, a tenth less each line; the last one stands for everything under it. */
static void add_log_axes(struct text *out)
{
    static const char *const labels[DECADES + 1] = {"1", "0.1", "0.01", "10⁻³", "10⁻⁴", "≤10⁻⁵"};
    for (int power = 0; power <= DECADES; power++) {
        double x = plot_x(1.0 - (double)power / DECADES);
        double y = plot_y((double)power / DECADES);
        text_add(out,
            "<path d=\"M%.1f %dV%dM%d %.1fH%d\" stroke=\"#e3e7eb\"/>"
            "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>"
            "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
            x, TOP, PLOT_HEIGHT - MARGIN, MARGIN, y, PLOT_WIDTH - TOP, x, PLOT_HEIGHT - MARGIN + 17,
            labels[power], MARGIN - 6, y + 3.5, labels[power]);
    }
}

static void add_curve(struct text *out, const struct trials *trials, const struct search_result *result)
{
    struct curve_point points[CURVE_POINTS];
    trials_curve(trials, points);
    plot_begin(out, "False alerts against misses at every threshold; the red point is the chosen one",
        "false alerts a search (FPIR)", "misses (FNIR)");
    add_log_axes(out);
    text_add(out, "<polyline fill=\"none\" stroke=\"#0b4f8a\" stroke-width=\"1.8\" points=\"");
    for (int i = 0; i < CURVE_POINTS; i++)
        text_add(
            out, "%.1f,%.1f ", plot_x(1.0 - log_share(points[i].fpir)), plot_y(log_share(points[i].fnir)));
    text_add(out, "\"/><circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\" fill=\"#c0392b\"/>\n",
        plot_x(1.0 - log_share(result->fpir)), plot_y(log_share(result->fnir)));
    plot_end(out);
}

static void add_bars(struct text *out, const struct trials *trials, bool mated, const char *colour)
{
    long bins[BINS] = {0};
    long most = 1;
    for (size_t i = 0; i < trials->count; i++) {
        const struct trial *trial = &trials->items[i];
        if (trial->mated != mated || !trial->acquired)
            continue;
        int bin = (int)fmin(fmax((trial->score + 0.25) / 1.25 * BINS, 0.0), BINS - 1.0);
        bins[bin]++;
        most = bins[bin] > most ? bins[bin] : most;
    }
    double width = (double)(PLOT_WIDTH - MARGIN - TOP) / BINS;
    for (int i = 0; i < BINS; i++) {
        double top = plot_y(1.0 - (double)bins[i] / (double)most);
        if (bins[i])
            text_add(out,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\" "
                "fill-opacity=\"0.55\"/>\n",
                plot_x((double)i / BINS), top, width, plot_y(1.0) - top, colour);
    }
}

static void add_histogram(struct text *out, const struct trials *trials, const struct search_result *result)
{
    double threshold = plot_x((result->threshold + 0.25) / 1.25);
    plot_begin(out, "Scores: of others grey, of the same person blue, threshold red",
        "best score of a search", "share, each to its own height");
    for (int i = 0; i <= 4; i++)
        text_add(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.2f</text>\n",
            plot_x((i * 0.25 + 0.25) / 1.25), PLOT_HEIGHT - MARGIN + 17, i * 0.25);
    add_bars(out, trials, false, "#7a8590");
    add_bars(out, trials, true, "#1f77c9");
    text_add(out,
        "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#c0392b\" stroke-width=\"1.8\"/>\n",
        threshold, threshold, TOP, PLOT_HEIGHT - MARGIN);
    plot_end(out);
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
    text_add(out, "</table></div>\n<p>%s</p>\n",
        result->worst_group >= 0 ? "The group in bold has the largest bound; it sets the threshold."
                                 : "No group has a larger bound than all together.");
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

void page_write(struct text *out, const struct page_words *words, const struct trials *trials,
    const struct groups *groups, const struct search_result *result)
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
    text_add(out, "</code></p>\n");
    add_facts(out, result);
    add_tagged(out, "p", words->advice);
    text_add(out, "<div class=\"plots\">\n");
    add_curve(out, trials, result);
    add_histogram(out, trials, result);
    text_add(out, "</div>\n");
    add_rates(out, result);
    if (groups)
        add_groups(out, trials, groups, result);
    text_add(out, "</body></html>\n");
}
