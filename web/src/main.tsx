import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Desk } from './work';
import { call, type Me } from './desk';
import { SignIn, takeFragment } from './sign-in';
import { currentLanguage, said, setLanguage, t } from './words';
import './page.css';

function Page({ kind }: { kind: string }) {
    const [me, setMe] = useState<Me | null>(null);
    const [language, speak] = useState(currentLanguage());
    const [night, setNight] = useState(localStorage.getItem('mizan-night') === 'yes');
    const [given] = useState(takeFragment);
    useEffect(() => setLanguage(language), [language]);
    useEffect(() => {
        document.documentElement.classList.toggle('night', night);
        localStorage.setItem('mizan-night', night ? 'yes' : 'no');
    }, [night]);
    return (
        <>
            <header>
                <strong class="name"><span lang="ur" dir="rtl">میزان</span> <span lang="en">Mizan</span></strong>
                {kind === 'demo' && <span class="marking">DEMONSTRATION</span>}
                {me && <span class="who">{me.name} · {me.roles.map(said).join(', ')}</span>}
                <span class="tools">
                    <button type="button" aria-pressed={night} onClick={() => setNight(!night)}>{t('night')}</button>
                    <button type="button" lang={language === 'en' ? 'ur' : 'en'} onClick={() => {
                        setLanguage(language === 'en' ? 'ur' : 'en');
                        speak(currentLanguage());
                    }}>{language === 'en' ? 'اردو' : 'English'}</button>
                </span>
            </header>
            <main>
                <h1 class="unseen">Mizan</h1>
                {me ? <Desk me={me} kind={kind} /> : <SignIn given={given} done={setMe} />}
            </main>
        </>
    );
}

const about = await call<{ kind: string }>('GET', '/site').catch(() => ({ kind: 'demo' }));
setLanguage(currentLanguage());
render(<Page kind={about.kind} />, document.getElementById('page') as HTMLElement);
