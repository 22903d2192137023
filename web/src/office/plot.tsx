import { useEffect, useRef, useState } from 'preact/hooks';
import 'uplot/dist/uPlot.min.css';

const LABEL_PX = 110;

export interface Bars { labels: string[]; series: { words: string; values: number[] }[] }

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Bars with their numbers; the same numbers stand in a table beside it, for those who cannot see a plot. */
export function Plot({ words, bars }: { words: string; bars: Bars }) {
    const place = useRef<HTMLDivElement>(null);
    const [theme, setTheme] = useState(document.documentElement.dataset.theme);
    const [width, setWidth] = useState(0);
    const key = `${theme ?? ''} ${width} ${JSON.stringify(bars)}`;
    useEffect(() => {
        const watch = new MutationObserver(() => setTheme(document.documentElement.dataset.theme));
        watch.observe(document.documentElement, { attributeFilter: ['data-theme'] });
        const room = new ResizeObserver(() => setWidth(Math.floor(place.current?.clientWidth ?? 0)));
        if (place.current) room.observe(place.current);
        return () => {
            watch.disconnect();
            room.disconnect();
        };
    }, []);
    useEffect(() => {
        let drawn: { destroy: () => void } | null = null;
        let gone = false;
        void import('uplot').then(({ default: uPlot }) => {
            if (gone || !place.current || width === 0) return;
            const strokes = [colour('--act'), colour('--warn'), colour('--danger')];
            const font = `14px ${getComputedStyle(document.documentElement).fontFamily}`;
            const axis = { stroke: colour('--quiet'), font, grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
            // Where the names do not fit side by side they lean.
            const leans = width / bars.labels.length < LABEL_PX;
            const paths = uPlot.paths.bars?.({ size: [0.6, 60], align: 0 });
            drawn = new uPlot({
                width, height: leans ? 260 : 220, cursor: { show: false }, legend: { show: false },
                scales: { x: { time: false, range: [-0.7, bars.labels.length - 0.3] }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.15)] } },
                axes: [{ ...axis, grid: { show: false }, splits: bars.labels.map((_, i) => i), values: () => bars.labels, ...(leans ? { rotate: -40, size: 90 } : {}) },
                    { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] }],
                series: [{}, ...bars.series.map((one, i) => ({ label: one.words, stroke: strokes[i] ?? '', fill: strokes[i] ?? '', width: 0,
                    ...(paths ? { paths } : {}), points: { show: false } }))],
            }, [bars.labels.map((_, i) => i), ...bars.series.map((one) => one.values)] as [number[], ...number[][]], place.current);
        });
        return () => {
            gone = true;
            drawn?.destroy();
        };
    }, [key]);
    return <figure class="plot"><div ref={place} role="img" aria-label={words} dir="ltr" /><figcaption>{words}</figcaption></figure>;
}
