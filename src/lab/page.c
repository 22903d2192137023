#include "lab/page.h"

#include <math.h>

enum { PLOT_WIDTH = 420, PLOT_HEIGHT = 300, MARGIN = 48, BINS = 50 };

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
    return MARGIN + share * (PLOT_WIDTH - 2 * MARGIN);
}

static double plot_y(double share)
{
    return MARGIN + share * (PLOT_HEIGHT - 2 * MARGIN);
}

static void plot_begin(struct text *out, const char *title, const char *below, const char *beside)
{
    text_add(out,
        "<figure><figcaption>%s</figcaption><svg role=\"img\" viewBox=\"0 0 %d %d\">"
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#888\"/>"
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>"
        "<text x=\"12\" y=\"%d\" text-anchor=\"middle\" transform=\"rotate(-90 12 %d)\">%s</text>\n",
        title, PLOT_WIDTH, PLOT_HEIGHT, MARGIN, MARGIN, PLOT_WIDTH - 2 * MARGIN, PLOT_HEIGHT - 2 * MARGIN,
        PLOT_WIDTH / 2, PLOT_HEIGHT - 8, below, PLOT_HEIGHT / 2, PLOT_HEIGHT / 2, beside);
}

static void plot_end(struct text *out)
{
    text_add(out, "</svg></figure>\n");
}

static void add_curve(struct text *out, const struct trials *trials, const struct search_result *result)
{
    struct curve_point points[CURVE_POINTS];
    trials_curve(trials, points);
    plot_begin(out, "False alerts against misses, one point a hundredth of threshold", "FPIR", "FNIR");
    for (int power = 0; power >= -5; power--)
        text_add(out,
            "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">1e%d</text>"
            "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">1e%d</text>\n",
            plot_x(1.0 + power / 5.0), PLOT_HEIGHT - MARGIN + 14, power, MARGIN - 4,
            plot_y(-power / 5.0) + 4.0, power);
    text_add(out, "<polyline fill=\"none\" stroke=\"#036\" stroke-width=\"1.5\" points=\"");
    for (int i = 0; i < CURVE_POINTS; i++)
        text_add(
            out, "%.1f,%.1f ", plot_x(1.0 - log_share(points[i].fpir)), plot_y(log_share(points[i].fnir)));
    text_add(out, "\"/><circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"#c00\"/>\n",
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
    double width = (PLOT_WIDTH - 2.0 * MARGIN) / BINS;
    for (int i = 0; i < BINS; i++) {
        double top = plot_y(1.0 - (double)bins[i] / (double)most);
        text_add(out,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\" fill-opacity=\"0.6\"/>\n",
            plot_x((double)i / BINS), top, width, plot_y(1.0) - top, colour);
    }
}

static void add_histogram(struct text *out, const struct trials *trials, const struct search_result *result)
{
    double threshold = plot_x((result->threshold + 0.25) / 1.25);
    plot_begin(
        out, "Scores: non-mated grey, mated blue, threshold red (each to its own height)", "score", "share");
    for (int i = 0; i <= 4; i++)
        text_add(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.2f</text>\n",
            plot_x((i * 0.25 + 0.25) / 1.25), PLOT_HEIGHT - MARGIN + 14, i * 0.25);
    add_bars(out, trials, false, "#777");
    add_bars(out, trials, true, "#06c");
    text_add(out,
        "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#c00\" stroke-width=\"1.5\"/>\n",
        threshold, threshold, MARGIN, PLOT_HEIGHT - MARGIN);
    plot_end(out);
}

static void add_rates(struct text *out, const struct search_result *result)
{
    text_add(out,
        "<table><tr><th>rate</th><th>value</th><th>of</th><th>Wilson 95 %%</th><th>by person</th></tr>\n");
    text_add(out,
        "<tr><td>FPIR</td><td>%.3e</td><td>%ld of %ld</td><td>%.3e to %.3e</td><td>%.3e to %.3e</td></tr>\n",
        result->fpir, result->false_alerts, result->non_mated, result->fpir_interval.low,
        result->fpir_interval.high, result->fpir_bootstrap.low, result->fpir_bootstrap.high);
    text_add(out,
        "<tr><td>FNIR</td><td>%.4f</td><td>%ld of %ld</td><td>%.4f to %.4f</td><td>%.4f to %.4f</td></tr>\n",
        result->fnir, result->misses, result->mated, result->fnir_interval.low, result->fnir_interval.high,
        result->fnir_bootstrap.low, result->fnir_bootstrap.high);
    text_add(out,
        "</table>\n<p>Of the misses, %ld were failures to acquire, %ld of these covered faces. Lists: %d of "
        "N = %d, "
        "from %d persons. Threshold %.3f. Exact one-sided 95 %% bound of FPIR %.3e at a design effect of "
        "%.2f; as "
        "charged %.3e.</p>\n",
        result->failures_to_acquire, result->covered, result->lists, result->entries, result->persons,
        result->threshold, result->fpir_bound, result->design_effect, result->charged_bound);
}

static void add_groups(struct text *out, const struct trials *trials, const struct groups *groups,
    const struct search_result *result)
{
    text_add(out, "<h2>Groups</h2>\n<table><tr><th>group</th><th>FPIR</th><th>of</th><th>charged bound</th>"
                  "<th>FNIR</th><th>of</th></tr>\n");
    for (int i = 0; i < groups->count; i++) {
        struct search_result one = trials_rate_group(trials, groups, i, result->threshold);
        text_add(out, "<tr%s><td>", i == result->worst_group ? " class=\"worst\"" : "");
        add_escaped(out, groups->words[i]);
        text_add(out,
            "</td><td>%.3e</td><td>%ld of %ld</td><td>%.3e</td><td>%.4f</td><td>%ld of %ld</td></tr>\n",
            one.fpir, one.false_alerts, one.non_mated, one.charged_bound, one.fnir, one.misses, one.mated);
    }
    text_add(out, "</table>\n<p>The group in bold has the largest bound; it sets the threshold.</p>\n");
}

void page_write(struct text *out, const struct page_words *words, const struct trials *trials,
    const struct groups *groups, const struct search_result *result)
{
    text_add(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
    add_escaped(out, words->title);
    text_add(out,
        "</title><style>body{font:14px sans-serif;max-width:900px;margin:24px auto}"
        "table{border-collapse:collapse}td,th{border:1px solid #888;padding:3px 8px;text-align:left}"
        "figure{display:inline-block;width:420px;margin:8px;break-inside:avoid}"
        "svg text{font-size:10px}.worst{font-weight:bold}"
        "@media print{body{margin:0;max-width:none}}</style></head><body>\n");
    add_tagged(out, "h1", words->title);
    add_tagged(out, "p", words->made_on);
    text_add(out, "<p>Pack <b>");
    add_escaped(out, words->pack);
    text_add(out, "</b>, SHA-256 <code>");
    add_escaped(out, words->pack_hash);
    text_add(out, "</code></p>\n");
    add_rates(out, result);
    add_curve(out, trials, result);
    add_histogram(out, trials, result);
    if (groups)
        add_groups(out, trials, groups, result);
    add_tagged(out, "p", words->advice);
    text_add(out, "</body></html>\n");
}
