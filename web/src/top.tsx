import type { ComponentChildren } from 'preact';
import { signal, type Me } from './desk';
import { useSecond } from './hooks';
import { Ltr } from './parts';
import { clock, now, said, t } from './words';

/** The time as it is said on the radio, and whether the desk still answers. */
function Pulse() {
    useSecond();
    const silent = signal.lost || Date.now() - signal.heardAt > 40000;
    return (
        <span class={silent ? 'pulse lost' : 'pulse'} title={silent ? t('connection_lost') : t('connected')}>
            <span aria-hidden="true">{silent ? '○' : '●'}</span> <Ltr>{clock(now())}</Ltr><span class="unseen">{silent ? t('connection_lost') : t('connected')}</span>
        </span>
    );
}

export function Top({ me, kind, leave, children }: { me: Me | null; kind: string; leave: () => void; children: ComponentChildren }) {
    return (
        <header>
            <span class="name"><img src="/icon.svg" alt="" width="32" height="32" /><span lang="ur" dir="rtl">میزان</span><span lang="en">Mizan</span></span>
            {kind === 'demo' && <span class="marking" lang="en" dir="ltr">DEMONSTRATION</span>}
            {me && <span class="who"><strong>{me.name}</strong><small>{me.roles.map(said).join(' · ')}</small></span>}
            <span class="tools">
                {me && <Pulse />}
                {children}
                {me && <button type="button" class="tool" onClick={leave}>{t('sign_out')}</button>}
            </span>
        </header>
    );
}
