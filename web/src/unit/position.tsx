import { useEffect, useState } from 'preact/hooks';
import { call } from '../desk';
import { named, Objection, t, tell, type Word } from '../words';

const OFTEN_MS = 30000;
const PATIENCE_MS = 20000;
/** Longer than the browser looks for the place: nobody has answered its question. */
const UNANSWERED_MS = 25000;
/** A tunnel is passed sooner. */
const MISSED = 3;

/** GeolocationPositionError's codes. */
const reasons: Record<number, Word> = { 1: 'position_denied', 2: 'position_not_found', 3: 'position_not_found' };

const find = (): Promise<GeolocationCoordinates> => new Promise((done, fail) => {
    if (!('geolocation' in navigator)) throw new Objection('position_denied');
    setTimeout(() => fail(new Objection('position_denied')), UNANSWERED_MS);
    // Asked anew each time: a car that stands still is no news to the browser, and the desk forgets it.
    navigator.geolocation.getCurrentPosition(({ coords }) => done(coords), ({ code }) => fail(new Objection(reasons[code] ?? 'position_not_found')),
        { enableHighAccuracy: true, maximumAge: 10000, timeout: PATIENCE_MS });
});

async function tellPlace(): Promise<void> {
    const { latitude, longitude } = await find();
    await call('PUT', '/position', { latitude_e7: Math.round(latitude * 1e7), longitude_e7: Math.round(longitude * 1e7) });
}

/** Tells twice a minute where the car is, while the crew is signed in and has allowed it; nothing is kept here. Why control does not see it any more, null while it does. */
function usePosition(): unknown {
    const [unseen, setUnseen] = useState<unknown>(null);
    useEffect(() => {
        let missed = MISSED; // it was never told yet
        let asking = false;
        let over = false;
        const attempt = async () => {
            if (asking) return;
            asking = true;
            const problem: unknown = await tellPlace().then(() => null, (reason: unknown) => reason);
            asking = false;
            missed = problem === null ? 0 : missed + 1;
            if (!over) setUnseen(missed < MISSED ? null : problem);
        };
        void attempt();
        const timer = setInterval(() => void attempt(), OFTEN_MS);
        return () => {
            over = true;
            clearInterval(timer);
        };
    }, []);
    return unseen;
}

/** Where a unit is decides who is sent: a crew that is not seen knows that it is not, and why. */
export function Position() {
    const unseen = usePosition();
    return unseen === null ? null : <p class="notice warn" role="status">⚠ {t('position_unseen', { problem: named(tell(unseen)) })}</p>;
}
