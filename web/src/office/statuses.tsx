import { useState } from 'preact/hooks';
import { shortCode } from '../alerts';
import { act, type Me } from '../desk';
import { nameOf } from '../names';
import { Button, Choice, Field, FileField, Ltr, Section } from '../parts';
import { now } from '../time';
import { t } from '../words';
import { Checks, day_s, secondsOf } from './checks';
import { useRoster } from './roster';

interface Told { refreshed: number; suspended: string[]; elsewhere: { case: string; entry: string }[]; unknown: number }
interface CaseStatus { case: string; status: string }

/** As the statement's form has it (src/sign/types.c). */
const MOST_CASES = 1000;

/** One case a line, its id and `live` or `closed`; what is neither is left for the officer to mend. */
function casesOf(text: string): { cases: CaseStatus[]; wrong: number[] } {
    const lines = text.split('\n').map((line, i) => ({ at: i + 1, words: line.trim().toLowerCase().split(/[\s,;]+/) })).filter(({ words }) => words[0]);
    const good = (words: string[]) => words.length === 2 && /^k-[0-9a-z]{16}$/.test(words[0] ?? '') && ['live', 'closed'].includes(words[1] ?? '');
    return {
        cases: lines.filter(({ words }) => good(words)).map(({ words: [id = '', status = ''] }) => ({ case: id, status })),
        wrong: lines.filter(({ words }) => !good(words)).map(({ at }) => at),
    };
}

/** As a field for a day and a time takes it: this device's own time. */
const timeOf = (ms: number): string => new Date(ms - new Date(ms).getTimezoneOffset() * 60000).toISOString().slice(0, 19);

/** What stands at the station about its own cases: it refreshes or suspends entries, and never adds one. */
export function Statuses({ me }: { me: Me }) {
    const [text, setText] = useState('');
    const [station, setStation] = useState('');
    const [taken, setTaken] = useState('');
    const [told, setTold] = useState<Told | null>(null);
    const { value: roster, problem } = useRoster(me);
    const posts = roster?.officers.find((one) => one.officer === me.officer)?.posts ?? [];
    const stations = (roster?.stations ?? []).map((one) => one.station).filter((one) => posts.includes(one));
    const { cases, wrong } = casesOf(text);
    const taken_at = secondsOf(taken);
    const read = async (file: File) => {
        setText(''); // nobody signs the file of before as taken when this one was
        setText(await file.text());
        setTaken(timeOf(file.lastModified));
    };
    const checks = [
        { holds: cases.length > 0 && cases.length <= MOST_CASES, words: t('status_check_cases', { most: MOST_CASES }) },
        { holds: wrong.length === 0, words: t('status_check_lines', { lines: wrong.slice(0, 10).join(', ') }) },
        { holds: taken_at <= now() && now() - taken_at < day_s, words: t('status_check_taken') },
        { holds: Boolean(station), words: t('status_check_station') },
    ];
    const send = async () => {
        setTold(await act<Told>(me, '/statuses', 'status_feed', { station, taken_at, cases }));
        setText('');
        setTaken('');
    };
    return (
        <Section title={t('tab_statuses')}>
            <p class="quiet">{t('status_help')}</p>
            {problem && <p class="problem" role="alert">{problem}</p>}
            <div class="fields">
                <Choice words={t('station')} options={stations.map((one): [string, string] => [one, nameOf(one)])} value={station} onChange={setStation} none={t('choose')} />
                <FileField words={t('status_file')} accept=".csv,.txt" choose={(file) => file && read(file)} />
                <Field words={t('status_taken')} value={taken} onChange={setTaken} type="datetime-local" help={t('status_taken_help')} />
            </div>
            <label class="field">{t('status_cases')}
                <textarea class="ltr" rows={6} value={text} placeholder="k-0123456789abcdef live" onInput={(event) => setText(event.currentTarget.value)} />
            </label>
            <Checks all={checks} />
            <Button main words={t('status_sign', { count: cases.length })} disabled={checks.some((one) => !one.holds)} work={send} />
            {told && (
                <div role="status">
                    <p class="lead good">✓ {t('status_done', { count: told.refreshed })}</p>
                    {told.suspended.length > 0 && <p class="warn">⚠ {t('status_suspended')} <Ltr>{told.suspended.map(shortCode).join(', ')}</Ltr></p>}
                    {told.elsewhere.length > 0 && <p class="warn">⚠ {t('status_elsewhere')} <Ltr>{told.elsewhere.map((one) => `${one.case} (${shortCode(one.entry)})`).join(', ')}</Ltr></p>}
                    {told.unknown > 0 && <p class="quiet">{t('status_unknown', { count: told.unknown })}</p>}
                </div>
            )}
        </Section>
    );
}
