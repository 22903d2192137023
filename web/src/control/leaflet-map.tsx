// The map itself, from the site's own facts; it asks nobody else, and without tiles it draws on plain ground.
import L from 'leaflet';
import 'leaflet/dist/leaflet.css';
import { useEffect, useRef } from 'preact/hooks';
import type { Place } from '../../statement.js';
import { shortCode } from '../alerts';
import { nameOf } from '../names';
import { named, said, t } from '../words';
import type { MapFacts } from './site-map';

interface LeafletMapProps { facts: MapFacts; place: Place | undefined; units: string[]; chosen: string; choose: ((unit: string) => void) | undefined }
type Spot = { latitude_e7: number; longitude_e7: number };

const at = (one: Spot): L.LatLngExpression => [one.latitude_e7 / 1e7, one.longitude_e7 / 1e7];

/** A name is text, whatever is in it. */
function asText(words: string): HTMLElement {
    const span = document.createElement('span');
    span.textContent = words;
    return span;
}

function mark(one: Spot, kind: string, letter: string, words: string, press?: () => void): L.Marker {
    const face = asText(letter);
    face.className = 'face-of';
    const marker = L.marker(at(one), { icon: L.divIcon({ className: `mark ${kind}`, html: face, iconSize: [44, 44] }), alt: words, title: words, keyboard: true });
    marker.on('add', () => marker.getElement()?.setAttribute('aria-label', words));
    if (press) marker.on('click', press).on('keypress', (event) => ['Enter', ' '].includes((event as L.LeafletKeyboardEvent).originalEvent.key) && press());
    else marker.bindPopup(asText(words));
    return marker;
}

/** The site's own tiles. Leaflet's own layer empties a tile with a `data:` address, which the page's policy refuses. */
class Tiles extends L.GridLayer {
    override createTile({ x, y, z }: L.Coords, done: L.DoneCallback): HTMLElement {
        const tile = document.createElement('img');
        tile.alt = '';
        tile.onload = () => done(undefined, tile);
        tile.onerror = () => done(new Error('no tile'), tile);
        tile.src = `/api/v1/tiles/${z}-${x}-${y}`;
        return tile;
    }
}

const word = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Zones, streets and stations as the site's file has them; `kind` and `name` of a feature say how it looks. */
function drawPlaces(facts: MapFacts): L.GeoJSON {
    return L.geoJSON(facts.places as Parameters<typeof L.geoJSON>[0], {
        style: (feature) => ({ className: `place ${word(feature?.properties?.kind)}` }),
        pointToLayer: (feature, where) => {
            const name = word(feature.properties?.name);
            return mark({ latitude_e7: where.lat * 1e7, longitude_e7: where.lng * 1e7 }, `point ${word(feature.properties?.kind)}`, '⌂', name ? `${t('station')}: ${named(name)}` : t('station'));
        },
        onEachFeature: (feature, layer) => {
            const name = word(feature.properties?.name);
            // Streets cross where it matters: their names come when they are pointed at, and stand in the list.
            if (name) layer.bindTooltip(asText(name), feature.geometry.type === 'LineString' ? { sticky: true }
                : { permanent: true, pane: 'names', direction: 'bottom', className: `name-of ${word(feature.properties?.kind)}` });
            // A zone's name stands at its upper edge: in the middle are the cameras and the units.
            if (name && layer instanceof L.Polygon) layer.on('add', () => layer.openTooltip([layer.getBounds().getNorth(), layer.getBounds().getCenter().lng]));
        },
    });
}

export function LeafletMap({ facts, place, units, chosen, choose }: LeafletMapProps) {
    const ground = useRef<HTMLDivElement>(null);
    const map = useRef<L.Map | null>(null);
    const marks = useRef(new Map<string, { looks: string; marker: L.Marker }>());
    const latest = useRef(choose);
    latest.current = choose;
    useEffect(() => {
        if (!ground.current) return undefined;
        const moves = !matchMedia('(prefers-reduced-motion: reduce)').matches;
        const made = L.map(ground.current, { zoomControl: false, zoomSnap: 0.25, attributionControl: false, zoomAnimation: moves, fadeAnimation: moves, inertia: moves });
        if (!moves) {
            const pan = made.panBy.bind(made);
            made.panBy = (offset, options) => pan(offset, { ...options, animate: false });
        }
        made.createPane('names').style.zIndex = '450'; // above the ground, below every mark
        L.control.zoom({ zoomInTitle: t('zoom_in'), zoomOutTitle: t('zoom_out') }).addTo(made);
        L.control.scale({ imperial: false }).addTo(made);
        if (facts.tiles) new Tiles({ maxZoom: 18 }).addTo(made);
        const places = drawPlaces(facts).addTo(made);
        // With an alert what matters is around it; without one the whole site is shown.
        const near = facts.units.filter((one) => units.includes(one.unit));
        const bounds = L.latLngBounds((place ? [place, ...near] : [...facts.cameras, ...facts.units]).map(at));
        if (!place && places.getLayers().length && places.getBounds().isValid()) bounds.extend(places.getBounds());
        if (bounds.isValid()) made.fitBounds(bounds, { padding: [48, 48], maxZoom: 16, animate: false });
        else made.setView([24.86, 67.01], 12);
        map.current = made;
        return () => made.remove();
    }, []);
    // A mark that stays keeps its place under the pointer, its words and the keyboard's place.
    useEffect(() => {
        const stay = new Set<string>();
        const show = (id: string, one: Spot, kind: string, letter: string, words: string, press?: () => void): L.Marker | undefined => {
            stay.add(id);
            const before = marks.current.get(id);
            const looks = [kind, letter, words, press ? 'press' : ''].join('\n');
            if (before?.looks === looks) return before.marker.setLatLng(at(one));
            const held = document.activeElement === before?.marker.getElement();
            before?.marker.remove();
            const marker = mark(one, kind, letter, words, press);
            if (map.current) marker.addTo(map.current);
            if (before && held) marker.getElement()?.focus();
            marks.current.set(id, { looks, marker });
            return marker;
        };
        for (const one of facts.cameras) show(one.camera, one, `camera is-${one.state}`, '◉', `${t('camera')} ${named(one.name)}: ${said(one.state)}`);
        for (const one of facts.units) {
            const proposed = units.includes(one.unit);
            const kind = `unit ${one.unit === chosen ? 'chosen' : proposed ? 'proposed' : one.busy ? 'busy' : 'free'}`;
            show(one.unit, one, kind, shortCode(one.unit).slice(-2), `${t('unit')} ${named(nameOf(one.unit))}${one.busy ? `, ${t('unit_busy')}` : ''}`, proposed && choose ? () => latest.current?.(one.unit) : undefined);
        }
        if (place) show('last seen', place, 'last-seen', '✕', `${t('last_seen')}: ${named(place.name)}`)?.setZIndexOffset(1000);
        for (const [id, { marker }] of marks.current) {
            if (stay.has(id)) continue;
            marker.remove();
            marks.current.delete(id);
        }
    }, [facts, place, units.join(), chosen]);
    return <div ref={ground} class="map" role="region" aria-label={t('map')} dir="ltr" />;
}
