// What proves the person, beside the key: a password and a one-time code. Shown once a shift, made once.
import { generate } from 'lean-qr/nano';
import { useState } from 'preact/hooks';
import { call } from './desk';
import { Button, Field, Ltr } from './parts';
import { Objection, t, tell, western } from './words';

export interface Session { roles: string[]; office: string; needs: 'nothing' | 'pass' | 'enrolment' | 'reset' }

const CODE_DIGITS = 6;
const isCrewOnly = (roles: string[]): boolean => roles.length === 1 && roles[0] === 'crew';

/** Keys for gloves and a moving car; what is typed is told by its count only. */
function Keypad({ words, value, onChange, enough, work }: { words: string; value: string; onChange: (to: string) => void; enough: number; work: () => unknown }) {
    return (
        <div class="column" role="group" aria-label={words}>
            <p class="lead">{words}</p>
            <p class="typed" role="status"><span aria-hidden="true">{'●'.repeat(value.length) || '–'}</span><span class="unseen">{t('digits_typed', { count: value.length })}</span></p>
            <div class="keypad" dir="ltr">
                {['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((digit) => <button type="button" key={digit} onClick={() => onChange(value + digit)}>{digit}</button>)}
                <button type="button" aria-label={t('delete_digit')} onClick={() => onChange(value.slice(0, -1))}>⌫</button>
                <button type="button" onClick={() => onChange(`${value}0`)}>0</button>
                <span />
            </div>
            <Button main words={t('next')} disabled={value.length < enough} work={work} />
        </div>
    );
}

/** A crew: first the digits, then the code, one after the other and nothing else on the screen. */
function ShowInGloves({ show, letters }: { show: (password: string, code: string) => Promise<void>; letters: () => void }) {
    const [pin, setPin] = useState('');
    const [code, setCode] = useState('');
    const [first, setFirst] = useState(true);
    const again = (reason: unknown) => {
        setPin('');
        setCode('');
        setFirst(true);
        throw reason;
    };
    return (
        <div class="column">
            {first ? <Keypad key="pin" words={t('your_digits')} value={pin} onChange={setPin} enough={8} work={() => setFirst(false)} />
                : <Keypad key="code" words={t('code')} value={code} onChange={(to) => setCode(to.slice(0, CODE_DIGITS))} enough={CODE_DIGITS} work={() => show(pin, code).catch(again)} />}
            <button type="button" class="plain" onClick={letters}>{t('with_letters')}</button>
        </div>
    );
}

function CodeField({ value, onChange }: { value: string; onChange: (to: string) => void }) {
    return <Field words={t('code')} value={value} onChange={(to) => onChange(western(to).replace(/\D/g, '').slice(0, CODE_DIGITS))} inputMode="numeric" ltr autocomplete="one-time-code" help={t('code_help')} />;
}

/** The second half of signing in. */
export function ShowPass({ roles, done }: { roles: string[]; done: (session: Session) => unknown }) {
    const [password, setPassword] = useState('');
    const [code, setCode] = useState('');
    const [problem, setProblem] = useState('');
    const [letters, setLetters] = useState(!isCrewOnly(roles));
    const show = async (given: string, number: string) => {
        setProblem('');
        setPassword('');
        setCode('');
        await done(await call<Session>('POST', '/sessions/current/proof', { password: given, code: number }));
    };
    const shown = (given: string, number: string) => show(given, number).catch((reason: Error) => {
        setProblem(tell(reason));
        throw reason;
    });
    return (
        <>
            {!letters && problem && <p class="problem" role="alert">{problem}</p>}
            {!letters && <ShowInGloves show={shown} letters={() => setLetters(true)} />}
            {letters && (
                <form class="column" onSubmit={(event) => event.preventDefault()}>
                    <Field words={t('password')} type="password" value={password} onChange={setPassword} autocomplete="current-password" />
                    <CodeField value={code} onChange={setCode} />
                    <Button main type="submit" words={t('sign_in')} disabled={!password || code.length < CODE_DIGITS} work={() => show(password, code)} />
                </form>
            )}
        </>
    );
}

/** Drawn here, so that the secret goes nowhere. */
function Qr({ text }: { text: string }) {
    const code = generate(text);
    const dark: string[] = [];
    for (let y = 0; y < code.size; y++)
        for (let x = 0; x < code.size; x++) if (code.get(x, y)) dark.push(`M${x} ${y}h1v1h-1z`);
    return <svg class="qr" role="img" aria-label={t('qr')} viewBox={`-4 -4 ${code.size + 8} ${code.size + 8}`} shape-rendering="crispEdges"><path d={dark.join('')} /></svg>;
}

interface Secret { secret: string; uri: string }

function Confirm({ made, done }: { made: Secret; done: (session: Session) => unknown }) {
    const [code, setCode] = useState('');
    return (
        <form class="column" onSubmit={(event) => event.preventDefault()}>
            <p>{t('scan_this')}</p>
            <Qr text={made.uri} />
            <p class="quiet">{t('or_type')} <Ltr><code class="secret">{(made.secret.match(/.{4}/g) ?? []).join(' ')}</code></Ltr></p>
            <p class="warn">⚠ {t('shown_once')}</p>
            <CodeField value={code} onChange={setCode} />
            <Button main type="submit" words={t('confirm_code')} disabled={code.length < CODE_DIGITS}
                work={async () => done(await call<Session>('POST', '/passes/confirmation', { code }))} />
        </form>
    );
}

/** The first pass, or with `has` another in its place. */
export function MakePass({ roles, has, done }: { roles: string[]; has: boolean; done: (session: Session) => unknown }) {
    const [old, setOld] = useState('');
    const [code, setCode] = useState('');
    const [password, setPassword] = useState('');
    const [again, setAgain] = useState('');
    const [made, setMade] = useState<Secret | null>(null);
    const make = async () => {
        if (password !== again) throw new Objection('not_the_same');
        const secret = await call<Secret>('POST', '/passes', { password: old, code, new_password: password, new_codes: true });
        setPassword('');
        setAgain('');
        setOld('');
        setMade(secret);
    };
    if (made) return <Confirm made={made} done={done} />;
    return (
        <form class="column" onSubmit={(event) => event.preventDefault()}>
            <p class="quiet">{isCrewOnly(roles) ? t('make_pass_crew') : t('make_pass_help')}</p>
            {has && <Field words={t('password_now')} type="password" value={old} onChange={setOld} autocomplete="current-password" />}
            {has && <CodeField value={code} onChange={setCode} />}
            <Field words={t('new_password')} type="password" value={password} onChange={setPassword} autocomplete="new-password" inputMode={isCrewOnly(roles) ? 'numeric' : 'text'} />
            <Field words={t('once_more')} type="password" value={again} onChange={setAgain} autocomplete="new-password" inputMode={isCrewOnly(roles) ? 'numeric' : 'text'} />
            <Button main type="submit" words={t('next')} disabled={!password || !again || (has && (!old || code.length < CODE_DIGITS))} work={make} />
        </form>
    );
}
