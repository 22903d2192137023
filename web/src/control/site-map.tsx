import type { Place } from '../../statement.js';
import { useAnswer, useFile } from '../hooks';
import { nameOf } from '../names';
import { NotHeard } from '../parts';
import { currentLanguage, said, t } from '../words';

export interface MapFacts {
    cameras: { camera: string; name: string; latitude_e7: number; longitude_e7: number; state: string }[];
    units: { unit: string; latitude_e7: number; longitude_e7: number; busy: boolean }[];
    places: { type: 'FeatureCollection'; features: { type: 'Feature'; geometry: { type: string; coordinates: unknown }; properties: Record<string, unknown> | null }[] };
    tiles: boolean;
}
interface SiteMapProps { place?: Place | undefined; units?: string[]; chosen?: string; choose?: (unit: string) => void }

/** The same as a list, for those who do not see a map; it says nothing that the map does not. */
function AsList({ facts, units }: { facts: MapFacts; units: string[] }) {
    return (
        <details class="as-list">
            <summary>{t('map_as_list')}</summary>
            <ul>
                {facts.cameras.map((one) => <li key={one.camera}>{t('camera')} <bdi>{one.name}</bdi>: {said(one.state)}</li>)}
                {facts.units.map((one) => <li key={one.unit}>{t('unit')} <bdi>{nameOf(one.unit)}</bdi>: {one.busy ? t('unit_busy') : t('unit_free')}{units.includes(one.unit) ? `, ${t('proposed_unit')}` : ''}</li>)}
                {facts.places.features.filter((one) => one.properties?.name).map((one, i) => <li key={i}>{said(String(one.properties?.kind ?? ''))}: <bdi>{String(one.properties?.name)}</bdi></li>)}
            </ul>
        </details>
    );
}

/** Cameras, units and the site's own places. The map's code is loaded only where a map is shown. */
export function SiteMap({ place, units = [], chosen = '', choose }: SiteMapProps) {
    const heard = useAnswer<MapFacts>('/map');
    const part = useFile(() => import('./leaflet-map'), 'map');
    if (!heard.value || !part.value) return <div class="quiet map waiting"><NotHeard what={t('map')} of={heard.value ? part : heard} /></div>;
    const facts = heard.value;
    const { LeafletMap } = part.value;
    return (
        <div class="map-part">
            <NotHeard what={t('map')} of={heard} />
            <LeafletMap key={currentLanguage()} facts={facts} place={place} units={units} chosen={chosen} choose={choose} />
            <p class="legend">{place && <span><b aria-hidden="true">✕</b> {t('last_seen')}</span>}<span><b aria-hidden="true">◉</b> {t('camera')}</span><span><b aria-hidden="true">01</b> {t('unit')}</span>
                {facts.places.features.some((one) => one.properties?.kind === 'station') && <span><b aria-hidden="true">⌂</b> {t('station')}</span>}</p>
            <AsList facts={facts} units={units} />
        </div>
    );
}
