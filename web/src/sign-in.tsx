import { useEffect, useState } from 'preact/hooks';
import { openKeyFile, unbase64, type KeyFile } from '../statement.js';
import { act, call, type Me } from './desk';
import { Button, Field } from './parts';
import { t } from './words';

interface Session { roles: string[]; office: string }

export interface Given { file: KeyFile; passphrase: string }

/** A key file handed over in the address's fragment, which browsers never send; it is taken out of the address at once.
 *  The demonstration hands over the passphrase too. */
export function takeFragment(): Given | null {
    const fragment = new URLSearchParams(location.hash.slice(1));
    const found = fragment.get('key');
    history.replaceState(null, '', location.pathname);
    if (!found) return null;
    try {
        const file = JSON.parse(new TextDecoder().decode(unbase64(found))) as KeyFile;
        return { file, passphrase: fragment.get('passphrase') ?? '' };
    } catch {
        return null;
    }
}

export async function openSession(about: Omit<Me, 'roles' | 'office'>): Promise<Me> {
    const me: Me = { ...about, roles: [], office: '' };
    const { challenge } = await call<{ challenge: string }>('POST', '/challenges', {});
    const { roles, office } = await act<Session>(me, '/sessions', 'sign_in', { challenge, unit: me.unit });
    return { ...me, roles, office };
}

export function SignIn({ given, done }: { given: Given | null; done: (me: Me) => void }) {
    const [file, setFile] = useState(given?.file ?? null);
    const [passphrase, setPassphrase] = useState(given?.passphrase ?? '');
    const enter = async () => {
        if (!file) throw new Error(t('choose_key_file'));
        const { signing, device } = await openKeyFile(file, passphrase);
        setPassphrase('');
        done(await openSession({ officer: file.officer, name: file.name, site: file.site, unit: file.unit ?? '', root_key: file.root_key, signing, device }));
    };
    useEffect(() => {
        if (given?.passphrase) enter().catch(() => setPassphrase(''));
    }, []);
    return (
        <section class="sign-in">
            <h1>{file ? t('sign_in_as', { name: file.name }) : t('sign_in')}</h1>
            <p class="quiet">{t('key_stays')}</p>
            <form class="column" onSubmit={(event) => event.preventDefault()}>
                {!given && (
                    <label class="field">{t('key_file')}
                        <input type="file" accept=".json" onChange={async (event) => {
                            const chosen = event.currentTarget.files?.[0];
                            setFile(chosen ? (JSON.parse(await chosen.text()) as KeyFile) : null);
                        }} />
                    </label>
                )}
                <Field words={t('passphrase')} type="password" value={passphrase} onChange={setPassphrase} />
                <Button words={t('sign_in')} main type="submit" work={enter} />
            </form>
        </section>
    );
}
