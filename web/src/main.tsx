import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call, endSession, Problem, signal, signOff, unanswered, type Me } from './desk';
import { keepDraftsOf } from './drafts';
import { keepFocus } from './focus';
import { build, useGiven, useSecond } from './hooks';
import { ownKeys } from './keys';
import { MakePass } from './pass';
import { pending } from './pending';
import { Blank, Section } from './parts';
import { shelf } from './shelf';
import { SignIn, takeFragment } from './sign-in';
import { Themes } from './theme';
import { Top } from './top';
import { ahead_s } from './time';
import { currentLanguage, isolated, setLanguage, span, t } from './words';
import { Desk } from './work';
import './page.css';

// Out of the address at once; whether it counts is known when the desk has said what kind of site it is.
const found = takeFragment();
const [kept] = await Promise.all([ownKeys(), shelf.load()]);

type Left = 'session_over' | 'session_taken' | 'sign_out_unheard';

const OFF_S = 30;

/** Whose clock is wrong signs what the desk refuses, and reads out a time that nobody else has. */
function WrongClock() {
    useSecond();
    const ahead = ahead_s();
    const by = isolated(span(Math.abs(ahead)));
    return Math.abs(ahead) < OFF_S ? null : <p class="notice warn wrong-clock" role="status">⚠ {ahead > 0 ? t('clock_fast', { by }) : t('clock_slow', { by })}</p>;
}

function Page() {
    const site = useGiven(() => call<{ kind: string }>('GET', '/site'), 'site');
    const kind = site.value?.kind ?? '';
    const given = kind === 'demo' ? found : null;
    const [me, setMe] = useState<Me | null>(null);
    const [ended, setEnded] = useState<'' | Left>('');
    const [changing, setChanging] = useState(false);
    const [language, speak] = useState(currentLanguage());
    const [, draw] = useState({});
    useEffect(() => void setLanguage(language).then(() => draw({})), [language]);
    // A session may be over in the middle of a stop without a signal: who signs in again finds what was chosen. It goes when its
    // officer signs out, and before another one comes in.
    const leave = (why: '' | Left) => {
        endSession();
        if (why !== 'session_over') {
            void shelf.drop((row) => row.by === me?.officer);
            unanswered.clear();
            keepDraftsOf('');
        }
        setMe(null);
        setChanging(false);
        setEnded(why);
    };
    // From the press on nothing more goes out and nothing stands here any more, however long the desk takes to hear of it.
    const signOut = () => {
        leave('');
        void signOff().catch((problem: unknown) => setEnded(problem instanceof Problem && problem.status === 401 ? '' : 'sign_out_unheard'));
    };
    return (
        <>
            <Top me={me} kind={kind} leave={signOut}>
                {me && <button type="button" class="tool" aria-expanded={changing} onClick={() => setChanging(!changing)}>{t('password')}</button>}
                <Themes />
                <button type="button" class="tool" lang={language === 'en' ? 'ur' : 'en'} onClick={() => {
                    void setLanguage(language === 'en' ? 'ur' : 'en');
                    speak(currentLanguage());
                }}>{language === 'en' ? 'اردو' : 'English'}</button>
            </Top>
            <main>
                <h1 class="unseen">{t('mizan')}</h1>
                <WrongClock />
                {ended && !me && <p class="notice warn" role="alert">⚠ {t(ended)}</p>}
                {!me && pending.all().length > 0 && <p class="notice warn" role="status">⏳ {t('waits_for_officer')}</p>}
                {me && changing && (
                    <Section title={me.hasPass ? t('change_pass') : t('make_pass')}>
                        <MakePass roles={me.roles} has={me.hasPass} done={() => {
                            setMe({ ...me, hasPass: true });
                            setChanging(false);
                        }} />
                    </Section>
                )}
                {!me && !site.value && shelf.all().length > 0 && <p class="silence" role="alert">⚠ {t('call_control')}</p>}
                {!me && site.problem && <p class="notice warn" role="alert">⚠ {site.problem}</p>}
                {!me && !site.value && !site.problem && <Blank words={t('loading')} />}
                {!me && (site.value || site.problem) && <SignIn key={given ? 'given' : 'own'} given={given} kept={given ? null : kept} done={async (one) => {
                    await shelf.drop((row) => row.by !== one.officer);
                    await shelf.load();
                    setEnded('');
                    keepDraftsOf(one.officer);
                    for (const [alert, by] of unanswered) if (by !== one.officer) unanswered.delete(alert);
                    setMe(one);
                }} />}
                {me && <Desk me={me} kind={kind} leave={leave} />}
            </main>
        </>
    );
}

// A page that comes back out of the browser's own memory shows nothing of before.
addEventListener('pageshow', (event) => event.persisted && location.reload());
// What waits and is not kept would be lost with the page; of the rest whoever leaves hears that it has not arrived.
addEventListener('beforeunload', (event) => signal.waiting > 0 && event.preventDefault());
// The shell only: what the desk answers is never kept (public/shell.js).
if ('serviceWorker' in navigator) void navigator.serviceWorker.register(`/shell.js${build}`).catch(() => undefined);
keepFocus();
void setLanguage(currentLanguage());
render(<Page />, document.getElementById('page') as HTMLElement);
