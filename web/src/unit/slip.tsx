import { useEffect, useState } from 'preact/hooks';
import type { Me } from '../desk';
import { nameOf } from '../names';
import { Button, Ltr } from '../parts';
import { isolated, type Language, t, tIn, western } from '../words';

export const SLIP_LENGTH = 8;
/** A slip's code as the desk drew it: letters that stand for digits are digits. */
export const slipCodeOf = (typed: string): string =>
    western(typed).toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1').replace(/[^0-9A-Z]/g, '').slice(0, SLIP_LENGTH);

/** Voices of this device only: others would send the words somewhere. */
function useVoices(): SpeechSynthesisVoice[] {
    const [voices, setVoices] = useState<SpeechSynthesisVoice[]>([]);
    useEffect(() => {
        if (!('speechSynthesis' in window)) return undefined;
        const look = () => setVoices(speechSynthesis.getVoices().filter((one) => one.localService));
        look();
        speechSynthesis.addEventListener('voiceschanged', look);
        return () => {
            speechSynthesis.removeEventListener('voiceschanged', look);
            speechSynthesis.cancel();
        };
    }, []);
    return voices;
}

const sentences = (of: Language, facts: { unit: string; site: string }): string[] =>
    [tIn(of, 'slip_reason'), tIn(of, 'slip_leave'), tIn(of, 'slip_crew', facts), tIn(of, 'slip_complain')];

function speak(voices: SpeechSynthesisVoice[], of: Language, words: string[]): void {
    const voice = voices.find((one) => one.lang.toLowerCase().startsWith(of));
    if (!voice) return;
    const saying = new SpeechSynthesisUtterance(words.join(' '));
    saying.voice = voice;
    saying.lang = voice.lang;
    speechSynthesis.cancel();
    speechSynthesis.speak(saying);
}

/** What the person gets in any case, to print, to read out or to have spoken; in both languages, whatever the page speaks. */
export function Slip({ me, code, text }: { me: Me; code: string; text: string }) {
    const [large, setLarge] = useState(false);
    const voices = useVoices();
    const checkpoint = /checkpoint: (\d+)/.exec(text)?.[1] ?? '';
    const facts = { unit: nameOf(me.unit), site: me.site };
    const shown = { unit: isolated(facts.unit), site: isolated(facts.site) };
    const languages: Language[] = ['ur', 'en'];
    return (
        <>
            <h3>{t('step_slip')}</h3>
            <article class={large ? 'slip large' : 'slip'}>
                {text.startsWith('DEMONSTRATION') && <p class="marking" lang="en" dir="ltr">DEMONSTRATION – NOT A WANTED PERSON</p>}
                {languages.map((one) => (
                    <div key={one} lang={one} dir={one === 'ur' ? 'rtl' : 'ltr'}>
                        {sentences(one, shown).map((sentence, i) => <p key={sentence}>{i === 1 ? <strong>{sentence}</strong> : sentence}</p>)}
                    </div>
                ))}
                <p class="code"><Ltr>{code}</Ltr></p>
                <p class="quiet"><Ltr>log {checkpoint}</Ltr></p>
            </article>
            <div class="row">
                <Button words={large ? t('slip_small') : t('slip_read_out')} work={() => setLarge(!large)} />
                <Button words={t('slip_print')} work={() => window.print()} />
                {languages.filter((one) => voices.some((voice) => voice.lang.toLowerCase().startsWith(one))).map((one) => (
                    <Button key={one} words={one === 'ur' ? t('slip_speak_urdu') : t('slip_speak_english')} work={() => speak(voices, one, [...sentences(one, facts), [...code].join(' ')])} />
                ))}
            </div>
        </>
    );
}
