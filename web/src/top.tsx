import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { officerCode } from './alerts';
import { Halt, mayHalt } from './control/halt';
import { signal, silent_ms, type Me } from './desk';
import { useSecond } from './hooks';
import { Ltr, Question } from './parts';
import { pending } from './pending';
import { deskNow } from './time';
import { clock, said, t } from './words';

/** The time as it is said on the radio, and whether the desk still answers. */
function Pulse() {
    useSecond();
    const silent = signal.lost || silent_ms() > 40000;
    return (
        <span class={silent ? 'pulse lost' : 'pulse'} title={silent ? t('connection_lost') : t('connected')}>
            <span aria-hidden="true">{silent ? '○' : '●'}</span> <Ltr>{clock(deskNow())}</Ltr><span class="unseen">{silent ? t('connection_lost') : t('connected')}</span>
        </span>
    );
}

/** What sticks under the head begins where the head ends, which is another place on another screen. */
function useHeight() {
    const head = useRef<HTMLElement>(null);
    useEffect(() => {
        if (!head.current) return undefined;
        const { current } = head;
        const watch = new ResizeObserver(() => document.documentElement.style.setProperty('--head',
            getComputedStyle(current).position === 'sticky' ? `${current.offsetHeight}px` : '0px'));
        watch.observe(current);
        return () => watch.disconnect();
    }, []);
    return head;
}

/** Erases what a crew signed and the desk has not heard of: that is said first. */
function SignOut({ leave }: { leave: () => void }) {
    const [asks, ask] = useState(false);
    return (
        <>
            <button type="button" class="tool" onClick={() => (pending.all().length > 0 ? ask(true) : leave())}>{t('sign_out')}</button>
            {asks && <Question name={t('sign_out')} heading={t('sign_out')} words={t('sign_out')} work={leave} over={() => ask(false)}><p>{t('sign_out_means')}</p></Question>}
        </>
    );
}

/** On a phone what is rarely needed is behind one key; the clock, the connection and halt never are. */
export function Top({ me, kind, leave, children }: { me: Me | null; kind: string; leave: () => void; children: ComponentChildren }) {
    const head = useHeight();
    const [open, setOpen] = useState(false);
    const halts = me && mayHalt(me);
    return (
        <header ref={head} class={`${me ? 'signed-in' : ''} ${halts ? 'stays' : ''}`}>
            <span class="name"><img src="/icon.svg" alt="" width="32" height="32" /><span lang="ur" dir="rtl">میزان</span><span lang="en">Mizan</span></span>
            {kind === 'demo' && <span class="marking" lang="en" dir="ltr">DEMONSTRATION</span>}
            {me && <span class="who"><strong><bdi>{me.name}</bdi></strong><small>{me.roles.map(said).join(' · ')} · <Ltr>{officerCode(me.officer, me.serviceNumbers[me.officer])}</Ltr></small></span>}
            <span class="tools">
                {me && <Pulse />}
                {halts && <Halt me={me} />}
                {me && <button type="button" class="tool menu" aria-expanded={open} aria-label={t('menu')} onClick={() => setOpen(!open)}>☰</button>}
                <span class={open ? 'settings open' : 'settings'}>
                    {children}
                    {me && <SignOut leave={leave} />}
                </span>
            </span>
        </header>
    );
}
