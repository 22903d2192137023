#include "lab/plot.h"

#include <math.h>
#include <stdio.h>

enum { PLOT_WIDTH = 420, PLOT_HEIGHT = 300, MARGIN = 52, TOP = 12, BINS = 50, DECADES = 5, TAR_LINES = 5 };

static const double least_rate = 1e-5;

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

static const char *const decades[DECADES + 1] = {"1", "0.1", "0.01", "10⁻³", "10⁻⁴", "≤10⁻⁵"};

static void add_line_across(struct text *out, double x, const char *label)
{
    text_add(out,
        "<path d=\"M%.1f %dV%d\" stroke=\"#e3e7eb\"/><text x=\"%.1f\" y=\"%d\" "
        "text-anchor=\"middle\">%s</text>\n",
        x, TOP, PLOT_HEIGHT - MARGIN, x, PLOT_HEIGHT - MARGIN + 17, label);
}

static void add_line_up(struct text *out, double y, const char *label)
{
    text_add(out,
        "<path d=\"M%d %.1fH%d\" stroke=\"#e3e7eb\"/><text x=\"%d\" y=\"%.1f\" "
        "text-anchor=\"end\">%s</text>\n",
        MARGIN, y, PLOT_WIDTH - TOP, MARGIN - 6, y + 3.5, label);
}

/* 1 at the far end, a tenth less each line; the last one stands for everything under it. */
static void add_log_across(struct text *out)
{
    for (int power = 0; power <= DECADES; power++)
        add_line_across(out, plot_x(1.0 - (double)power / DECADES), decades[power]);
}

static void add_log_up(struct text *out)
{
    for (int power = 0; power <= DECADES; power++)
        add_line_up(out, plot_y((double)power / DECADES), decades[power]);
}

/* In steps: between two thresholds only the stricter one keeps the rate of false alerts. */
static void add_steps(
    struct text *out, const double x[static CURVE_POINTS], const double y[static CURVE_POINTS])
{
    text_add(out, "<polyline fill=\"none\" stroke=\"#0b4f8a\" stroke-width=\"1.8\" points=\"%.1f,%.1f", x[0],
        y[0]);
    for (int i = 1; i < CURVE_POINTS; i++)
        text_add(out, " %.1f,%.1f %.1f,%.1f", x[i - 1], y[i], x[i], y[i]);
    text_add(out, "\"/>\n");
}

void plot_trade_off(struct text *out, const struct trials *trials, double fpir, double fnir)
{
    struct curve_point points[CURVE_POINTS];
    double x[CURVE_POINTS], y[CURVE_POINTS];
    trials_curve(trials, points);
    for (int i = 0; i < CURVE_POINTS; i++) {
        x[i] = plot_x(1.0 - log_share(points[i].fpir));
        y[i] = plot_y(log_share(points[i].fnir));
    }
    plot_begin(out, "False alerts against misses at every threshold; the red point is the chosen one",
        "false alerts a search (FPIR)", "misses (FNIR)");
    add_log_across(out);
    add_log_up(out);
    add_steps(out, x, y);
    text_add(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\" fill=\"#c0392b\"/>\n",
        plot_x(1.0 - log_share(fpir)), plot_y(log_share(fnir)));
    plot_end(out);
}

/* Where the scale of true accepts begins, so that a good curve is not a line along the top. */
static double accepts_floor(const struct curve_point points[static CURVE_POINTS])
{
    static const double floors[] = {0.98, 0.9, 0.5};
    double least = 1.0;
    for (int i = 0; i < CURVE_POINTS; i++)
        if (points[i].fpir >= 1e-3)
            least = 1.0 - points[i].fnir;
    for (size_t i = 0; i < COUNT_OF(floors); i++)
        if (least > floors[i])
            return floors[i];
    return 0.0;
}

void plot_accepts(struct text *out, const struct trials *trials)
{
    struct curve_point points[CURVE_POINTS];
    double x[CURVE_POINTS], y[CURVE_POINTS];
    trials_curve(trials, points);
    double floor = accepts_floor(points);
    for (int i = 0; i < CURVE_POINTS; i++) {
        x[i] = plot_x(1.0 - log_share(points[i].fpir));
        y[i] = plot_y(fmin(points[i].fnir / (1.0 - floor), 1.0));
    }
    plot_begin(out, "True accepts over false accepts at every threshold (ROC)", "false accepts a pair (FAR)",
        "true accepts (TAR)");
    add_log_across(out);
    for (int i = 0; i <= TAR_LINES; i++) {
        char label[16];
        double share = (double)i / TAR_LINES;
        snprintf(label, sizeof label, "%.*f", floor > 0.95 ? 3 : 2, 1.0 - share * (1.0 - floor));
        add_line_up(out, plot_y(share), label);
    }
    add_steps(out, x, y);
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

void plot_scores(struct text *out, const struct trials *trials, double threshold)
{
    double line = plot_x(fmax((threshold + 0.25) / 1.25, 0.0));
    plot_begin(out, "Scores: of others grey, of the same person blue, threshold red", "score",
        "share, each to its own height");
    for (int i = 0; i <= 4; i++)
        text_add(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.2f</text>\n",
            plot_x((i * 0.25 + 0.25) / 1.25), PLOT_HEIGHT - MARGIN + 17, i * 0.25);
    add_bars(out, trials, false, "#7a8590");
    add_bars(out, trials, true, "#1f77c9");
    text_add(out,
        "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#c0392b\" stroke-width=\"1.8\"/>\n", line,
        line, TOP, PLOT_HEIGHT - MARGIN);
    plot_end(out);
}
