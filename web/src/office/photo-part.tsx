import { useEffect, useState } from 'preact/hooks';
import { sha256 } from '../../statement.js';
import { Problem, upload } from '../desk';
import { useLatest } from '../hooks';
import { FileField } from '../parts';
import { cureOf, said, t, tellWithCure } from '../words';

export interface Photo { photo: string; file_hash: string; verdict: string; advice: string; eye_distance_px: number; file: File }

const judge = async (file: File): Promise<Photo> => {
    // The file's own hash, made here: this device signs it, not the desk's word.
    const file_hash = await sha256(await file.arrayBuffer());
    return { ...(await upload<Photo>('/photos', file)), file_hash, file };
};

/** The gate's verdict in the officer's language, with what to do about it. */
export function PhotoPart({ words, photo, setPhoto }: { words: string; photo: Photo | null; setPhoto: (to: Photo | null) => void }) {
    const [problem, setProblem] = useState<unknown>(null);
    const [chosen, setChosen] = useState(photo?.file);
    const [shown, setShown] = useState('');
    const [busy, setBusy] = useState(false);
    const latest = useLatest();
    useEffect(() => {
        const url = chosen ? URL.createObjectURL(chosen) : '';
        setShown(url);
        return () => URL.revokeObjectURL(url);
    }, [chosen]);
    const choose = async (file: File | undefined) => {
        const isLatest = latest();
        setPhoto(null);
        setProblem(null);
        setBusy(Boolean(file));
        setChosen(file);
        if (!file) return;
        const [judged, reason] = await judge(file).then((one) => [one, null] as const, (why: unknown) => [null, why] as const);
        // The picture that stands here is another one by now.
        if (!isLatest()) return;
        setPhoto(judged);
        setProblem(reason);
        setBusy(false);
    };
    const refusal = problem instanceof Problem ? problem.says?.[0]?.values[0] ?? '' : '';
    return (
        <div class="photo-part">
            {shown && <img class="face" src={shown} alt={words} />}
            <div class="column">
                <FileField words={words} accept="image/jpeg" choose={choose} before={photo?.file.name} />
                <p role="status" class={problem ? 'problem' : photo ? 'good' : 'quiet'}>
                    {busy ? `⏳ ${t('photo_judged')}` : problem ? (cureOf(refusal) ? `✗ ${said(refusal)}. ${cureOf(refusal)}` : tellWithCure(problem))
                        : photo ? `✓ ${said(photo.verdict)}. ${t('eye_distance', { px: photo.eye_distance_px })}` : t('photo_gate')}
                </p>
            </div>
        </div>
    );
}
