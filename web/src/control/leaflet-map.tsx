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
    if (press) marker.on('click keypress', press);
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
    const layer = useRef<L.LayerGroup | null>(null);
    useEffect(() => {
        if (!ground.current) return undefined;
        const made = L.map(ground.current, { zoomControl: false, zoomSnap: 0.25, attributionControl: false, zoomAnimation: !matchMedia('(prefers-reduced-motion: reduce)').matches });
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
        layer.current = L.layerGroup().addTo(made);
        map.current = made;
        return () => made.remove();
    }, []);
    useEffect(() => {
        layer.current?.clearLayers();
        const add = (marker: L.Marker) => layer.current && marker.addTo(layer.current);
        for (const one of facts.cameras) add(mark(one, `camera is-${one.state}`, '◉', `${t('camera')} ${named(one.name)}: ${said(one.state)}`));
        for (const one of facts.units) {
            const proposed = units.includes(one.unit);
            const kind = `unit ${one.unit === chosen ? 'chosen' : proposed ? 'proposed' : one.busy ? 'busy' : 'free'}`;
            add(mark(one, kind, shortCode(one.unit).slice(-2), `${t('unit')} ${named(nameOf(one.unit))}${one.busy ? `, ${t('unit_busy')}` : ''}`, proposed && choose ? () => choose(one.unit) : undefined));
        }
        if (place) add(mark(place, 'last-seen', '✕', `${t('last_seen')}: ${named(place.name)}`).setZIndexOffset(1000));
    }, [facts, place, units.join(), chosen]);
    return <div ref={ground} class="map" role="region" aria-label={t('map')} dir="ltr" />;
}
