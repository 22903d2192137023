import { useRef, useState } from 'preact/hooks';
import { sha256, type Case } from '../../statement.js';
import { shortCode } from '../alerts';
import { Problem, signAs, upload, type Me } from '../desk';
import { useLatest } from '../hooks';
import { Button, FileField, Ltr, Section } from '../parts';
import { rowsOf } from './stated';
import { cureOf, date, day, holdsCure, isolated, Objection, said, t, tell, tellWithCure, type Said, type Word } from '../words';
import type { Person, Photo as Enrolled } from './entries';

type PhotoOf = Enrolled & { file_hash: string };

interface Proposal { entry: string; ground: string; person: Person; cases: Case[]; photos: PhotoOf[]; expires_at: number }
interface Line { line: number; proposal?: Proposal; entry?: string; state?: string; code?: string; reason?: string; says?: Said[] }
interface Report { lines: Line[]; good: number; refused: number }
interface Photo { file: string; photo: string; file_hash: string; problem: unknown }

/** The desk takes this many signed lines at once (IMPORT_SIGNED_LINES). */
const LINES_AT_ONCE = 200;

const readPhoto = async (file: File): Promise<Photo> => {
    const one = { file: file.name, photo: '', file_hash: await sha256(await file.arrayBuffer()), problem: null };
    return upload<{ photo: string }>('/photos', file).then(({ photo }) => ({ ...one, photo }), (problem: unknown) => ({ ...one, problem }));
};

function gateOf(problem: unknown): string {
    const verdict = problem instanceof Problem ? problem.says?.[0]?.values[0] ?? '' : '';
    return cureOf(verdict) ? `${said(verdict)}. ${cureOf(verdict)}` : tellWithCure(problem);
}

/** In the table a picture may stand by its file's name; the desk knows it by its hash. */
const withHashes = (table: string, photos: Photo[]): string => photos.filter((one) => one.photo)
    .reduce((text, one) => text.replaceAll(new RegExp(`(^|,)"?${one.file.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}"?(?=,|\r?$)`, 'gm'), `$1${one.photo}`), table);

function Refused({ one }: { one: Line }) {
    return <>{tell({ says: one.says, message: one.reason })}. {!holdsCure(one.says) && t(`line_cure_${one.code}` as Word)}</>;
}

/** The fields of a proposal and no other that the desk's answer holds: these are read, and these are signed. */
const fieldsOf = ({ entry, ground, person, cases, photos, expires_at }: Proposal) => ({ entry, ground, person, cases, photos, expires_at });

/** All that is signed; who and for what at a glance. */
function Proposed({ one, me }: { one: Proposal; me: Me }) {
    return (
        <>
            <span>✓ <strong><bdi>{one.person.name}</bdi></strong> · <bdi>{one.person.father}</bdi> · <Ltr>{one.person.cnic}</Ltr> · {said(one.ground)}
                {one.cases.map((each) => <> · {said(each.kind)} <Ltr>{each.number} · {each.section} · {date(each.dated)}</Ltr></>)}
                {' '}· {t('expires')} <Ltr>{day(one.expires_at)}</Ltr></span>
            <details>
                <summary>{t('import_all_fields')}</summary>
                <dl>{rowsOf({ ...fieldsOf(one) }, me.serviceNumbers).map(({ path, name, text }) => [<dt key={path}>{name}</dt>, <dd><bdi>{text}</bdi></dd>])}</dl>
            </details>
        </>
    );
}

function Lines({ report, me }: { report: Report; me: Me }) {
    return (
        <div class="wide" tabIndex={0} role="region" aria-label={t('import_lines')}>
            <table>
                <thead><tr><th scope="col">{t('import_line')}</th><th scope="col">{t('import_result')}</th></tr></thead>
                <tbody>{report.lines.map((one) => (
                    <tr key={one.line}>
                        <td><Ltr>{one.line}</Ltr></td>
                        <td>{one.code ? <span class="problem">✗ <Refused one={one} /></span>
                            : one.state ? <span class="good">✓ {said(one.state)} <Ltr>{shortCode(one.entry ?? '')}</Ltr></span>
                                : one.proposal && <Proposed one={one.proposal} me={me} />}</td>
                    </tr>
                ))}</tbody>
            </table>
        </div>
    );
}

/** The files of the pictures first: a table names them. */
function Photos({ photos, set, begin }: { photos: Photo[]; set: (change: (before: Photo[]) => Photo[]) => void; begin: () => void }) {
    const [waiting, setWaiting] = useState(0);
    const meant = useRef(new Map<string, File>());
    /** Of one name the last file is meant, whichever of them is judged last; the one before counts no more from here on. */
    const bring = async (files: File[]) => {
        begin();
        setWaiting((before) => before + 1);
        for (const file of files) meant.current.set(file.name, file);
        set((before) => before.filter((one) => !files.some(({ name }) => name === one.file)));
        for (const file of files) {
            const one = await readPhoto(file);
            if (meant.current.get(file.name) === file) set((before) => [...before, one]);
        }
        setWaiting((before) => before - 1);
    };
    return (
        <>
            <FileField words={t('import_photos')} accept="image/jpeg" chooseAll={bring} />
            <div role="status"><ul class="list">{photos.map((one) => (
                <li key={one.file} class={one.photo ? 'good' : 'problem'}><span>{one.photo ? '✓' : '✗'} <Ltr>{one.file}</Ltr> {one.photo ? '' : gateOf(one.problem)}</span></li>
            ))}</ul></div>
            {waiting > 0 && <p class="quiet" role="status">⏳ {t('photo_judged')}</p>}
        </>
    );
}

async function sendSigned(lines: string[]): Promise<Report> {
    const all: Report = { lines: [], good: 0, refused: 0 };
    for (let at = 0; at < lines.length; at += LINES_AT_ONCE) {
        const part = await upload<Report>('/imports/proposals', lines.slice(at, at + LINES_AT_ONCE).join('\n') + '\n', 'application/jsonl');
        all.lines.push(...part.lines.map((one) => ({ ...one, line: one.line + at })));
        all.good += part.good;
        all.refused += part.refused;
    }
    return all;
}

/** Of pictures that were brought on this page, by their own files' hashes: the desk puts no other one in their place. */
async function signAll(me: Me, proposals: Proposal[], brought: Photo[]): Promise<string[]> {
    for (const { person, photos } of proposals)
        for (const one of photos)
            if (!brought.some((each) => each.photo === one.photo && each.file_hash === one.file_hash)) throw new Objection('import_photo_first', { name: isolated(person.name) });
    return Promise.all(proposals.map(async (one) => JSON.stringify(await signAs(me, 'entry_proposal', fieldsOf(one)))));
}

/** What a file proposes is proposed and nothing more: checked line by line, signed here, approved one by one by another officer. */
export function Imports({ me }: { me: Me }) {
    const [photos, setPhotos] = useState<Photo[]>([]);
    const [checked, setChecked] = useState<Report | null>(null);
    const [sent, setSent] = useState<Report | null>(null);
    const well = (checked?.lines ?? []).map((one) => one.proposal).filter((one): one is Proposal => Boolean(one));
    const latest = useLatest();
    /** What was read with other pictures, or from another file, is not signed any more. */
    const begin = () => {
        setChecked(null);
        setSent(null);
        return latest();
    };
    const readTable = async (file: File | undefined) => {
        const isLatest = begin();
        if (!file) return;
        const report = await upload<Report>('/imports/csv', withHashes(await file.text(), photos), 'text/csv');
        if (isLatest()) setChecked(report);
    };
    const bringSigned = async (file: File | undefined) => {
        begin();
        if (file) setSent(await sendSigned((await file.text()).split('\n').filter((line) => line.trim())));
    };
    return (
        <Section title={t('tab_imports')}>
            <p class="quiet">{t('import_help')}</p>
            <h3>{t('import_step_photos')}</h3>
            <Photos photos={photos} set={setPhotos} begin={begin} />
            <h3>{t('import_step_table')}</h3>
            <p class="quiet">{t('import_columns')} <a href="/docs/import" target="_blank" rel="noreferrer">{t('import_columns_link')}</a></p>
            <FileField words={t('import_table')} accept=".csv,text/csv" choose={readTable} />
            {checked && <p class="lead" role="status">{t('import_checked', { good: checked.good, refused: checked.refused })}</p>}
            {checked && !sent && <Lines report={checked} me={me} />}
            {well.length > 0 && !sent && <Button main words={t('import_sign', { count: well.length })} work={async () => setSent(await sendSigned(await signAll(me, well, photos)))} />}
            {sent && <p class="lead good" role="status">{t('import_sent', { good: sent.good, refused: sent.refused })} {t('proposed_then')}</p>}
            {sent && <Lines report={sent} me={me} />}
            <details>
                <summary>{t('import_signed')}</summary>
                <p class="quiet">{t('import_signed_help')}</p>
                <FileField words={t('import_signed_file')} accept=".json,.jsonl" choose={bringSigned} />
            </details>
        </Section>
    );
}
