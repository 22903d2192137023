import { useState } from 'preact/hooks';
import type { Alert } from '../alerts';
import { call, ring } from '../desk';
import { Button, Field } from '../parts';
import { t } from '../words';
import { SLIP_LENGTH, slipCodeOf } from './slip';

/** Somebody shows the slip of a stop before: its code and the number on the card say whether they were found to be another person. */
export function EarlierSlip({ alert, cnic }: { alert: Alert; cnic: string }) {
    const [code, setCode] = useState('');
    const [answered, setAnswered] = useState({ code: '', cnic: '', answer: '' });
    const answer = answered.code === code && answered.cnic === cnic ? answered.answer : '';
    const ask = async () => {
        const reply = await call<{ answer: string }>('POST', `/alerts/${alert.alert}/earlier_slip`, { slip: code, cnic });
        setAnswered({ code, cnic, answer: reply.answer });
        ring();
    };
    return (
        <>
            {alert.earlier_slip && <p class="lead warn" role="alert">⚠ {t('earlier_slip_ends')}</p>}
            <details>
                <summary>{t('earlier_slip')}</summary>
                <p class="quiet">{t('earlier_slip_help')}</p>
                <Field words={t('earlier_slip_code')} value={code} ltr onChange={(to) => setCode(slipCodeOf(to))} />
                <Button words={t('earlier_slip_ask')} disabled={code.length !== SLIP_LENGTH || cnic.length !== 15} work={ask} />
                <div role="status">{answer === 'unknown' && <p class="lead">{t('earlier_slip_unknown')}</p>}</div>
            </details>
        </>
    );
}
