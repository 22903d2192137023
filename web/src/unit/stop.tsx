import { useEffect, useState } from 'preact/hooks';
import { base64, type Packet } from '../../statement.js';
import { harms, means, outcomes, type Alert } from '../alerts';
import { act, call, type Me } from '../desk';
import { useSecond } from '../hooks';
import { Button, Choice, Field, Ltr } from '../parts';
import { span, t } from '../words';
import { Slip } from './slip';

export interface StopNotes { alert: string; code: string; text: string; startedAt: number; cnic: string; outcome: string; harm: string; means: string }
const STOP_LIMIT_MS = 10 * 60 * 1000;
const place = 'mizan-stop';

/** Typed work outlives a reload and goes with the outcome; afterwards the device is empty. */
export const notes = {
    read(alert: string): StopNotes | null {
        const kept = JSON.parse(sessionStorage.getItem(place) ?? 'null') as StopNotes | null;
        return kept?.alert === alert ? kept : null;
    },
    write: (kept: StopNotes): void => sessionStorage.setItem(place, JSON.stringify(kept)),
    erase: (): void => sessionStorage.removeItem(place),
};

/** Digits of three scripts to the form that is printed on the card. */
export function cnicOf(typed: string): string {
    const digits = [...typed].map((one) => {
        const found = '۰۱۲۳۴۵۶۷۸۹'.indexOf(one) >= 0 ? '۰۱۲۳۴۵۶۷۸۹'.indexOf(one) : '٠١٢٣٤٥٦٧٨٩'.indexOf(one);
        return found >= 0 ? String(found) : one;
    }).filter((one) => /\d/.test(one)).join('').slice(0, 13);
    return [digits.slice(0, 5), digits.slice(5, 12), digits.slice(12)].filter(Boolean).join('-');
}

function Timer({ startedAt }: { startedAt: number }) {
    const left = startedAt + STOP_LIMIT_MS - useSecond();
    return (
        <p class={left < 60000 ? 'timer warn' : 'timer'} role="timer">
            {left > 0 ? t('stop_left') : `⚠ ${t('stop_over')}`} <Ltr>{span(Math.floor(left / 1000))}</Ltr>
        </p>
    );
}

export function StopForm({ me, alert, packet }: { me: Me; alert: Alert; packet: Packet | null }) {
    const [kept, setKept] = useState<StopNotes>(() => notes.read(alert.alert) ?? { alert: alert.alert, code: '', text: '', startedAt: Date.now(),
        cnic: '', outcome: 'wrong_person', harm: 'none', means: 'none' });
    const [sample, setSample] = useState('');
    const [answer, setAnswer] = useState('');
    useEffect(() => notes.write(kept), [kept]);
    const change = (some: Partial<StopNotes>) => setKept((before) => ({ ...before, ...some }));
    const caseId = packet?.cases[0]?.case ?? '';
    const verify = async () => {
        const reply = await call<{ answer: string }>('POST', `/alerts/${alert.alert}/verification`,
            { cnic: kept.cnic, sample: base64(new TextEncoder().encode(sample)) });
        setAnswer(t('register_answers', { answer: reply.answer }));
    };
    const askStatus = async () => setAnswer(t('case_is', { answer: (await call<{ answer: string }>('POST', `/alerts/${alert.alert}/case_status`, { case: caseId })).answer }));
    const record = async () => {
        await act(me, `/alerts/${alert.alert}/outcome`, 'outcome', { alert: alert.alert, outcome: kept.outcome, harm: kept.harm, means: kept.means, case: caseId, slip: kept.code });
        notes.erase();
    };
    return (
        <div class="stop">
            <Timer startedAt={kept.startedAt} />
            <Slip me={me} code={kept.code} text={kept.text} />
            <h3>{t('step_identity')}</h3>
            <Field words={t('card_number')} value={kept.cnic} ltr inputMode="numeric" placeholder="42101-0000000-1" onChange={(to) => change({ cnic: cnicOf(to) })} />
            <Field words={t('sample')} value={sample} ltr onChange={setSample} />
            <div class="row">
                <Button words={t('verify_card')} disabled={kept.cnic.length !== 15} work={verify} />
                <Button words={t('ask_status')} disabled={!caseId} work={askStatus} />
            </div>
            <p class="lead" role="status">{answer}</p>
            <h3>{t('step_outcome')}</h3>
            <Choice words={t('outcome')} options={outcomes} value={kept.outcome} onChange={(outcome) => change({ outcome })} />
            <Choice words={t('harm')} options={harms} value={kept.harm} onChange={(harm) => change({ harm })} />
            <Choice words={t('identity_by')} options={means} value={kept.means} onChange={(to) => change({ means: to })} />
            <Button words={t('record_outcome')} main disabled={!kept.code} work={record} />
        </div>
    );
}
