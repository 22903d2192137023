import type { Alert } from './alerts';
import { t } from './words';

/** Whoever is missing is not listed as wanted: the room and the crew are told so before anybody goes. */
export const Missing = ({ alert }: { alert: Alert }) =>
    (alert.missing ? <p class="lead">{t(alert.missing === 'adult' ? 'missing_adult' : 'missing_minor')}</p> : null);
