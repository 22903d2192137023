import { useEffect, useRef } from 'preact/hooks';

const OFTEN_MS = 30000;

/** Tells where the car is, at most twice a minute, while the crew is signed in and has allowed it; nothing is kept here. */
export function usePosition(tell: (latitude_e7: number, longitude_e7: number) => void): void {
    const told = useRef(0);
    useEffect(() => {
        if (!('geolocation' in navigator)) return undefined;
        const watch = navigator.geolocation.watchPosition(({ coords }) => {
            if (Date.now() - told.current < OFTEN_MS) return;
            told.current = Date.now();
            tell(Math.round(coords.latitude * 1e7), Math.round(coords.longitude * 1e7));
        }, () => undefined, { enableHighAccuracy: true, maximumAge: 10000 });
        return () => navigator.geolocation.clearWatch(watch);
    }, []);
}
