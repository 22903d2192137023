import { useState } from 'preact/hooks';
import { shortCode } from '../alerts';
import type { Me } from '../desk';
import { Button, Ltr } from '../parts';
import { t, tIn, type Language } from '../words';

/** What the person gets in any case, to print or to read out; in both languages, whatever the page speaks. */
export function Slip({ me, code, text }: { me: Me; code: string; text: string }) {
    const [large, setLarge] = useState(false);
    if (!code) return <p class="warn" role="alert">⚠ {t('slip_missing')}</p>;
    const checkpoint = /checkpoint: (\d+)/.exec(text)?.[1] ?? '';
    const facts = { unit: shortCode(me.unit), site: me.site };
    return (
        <>
            <h3>{t('step_slip')}</h3>
            <article class={large ? 'slip large' : 'slip'}>
                {text.startsWith('DEMONSTRATION') && <p class="marking">DEMONSTRATION – NOT A WANTED PERSON</p>}
                {(['ur', 'en'] as Language[]).map((one) => (
                    <div key={one} lang={one} dir={one === 'ur' ? 'rtl' : 'ltr'}>
                        <p>{tIn(one, 'slip_reason')}</p>
                        <p><strong>{tIn(one, 'slip_leave')}</strong></p>
                        <p>{tIn(one, 'slip_crew', facts)}</p>
                        <p>{tIn(one, 'slip_complain')}</p>
                    </div>
                ))}
                <p class="code"><Ltr>{code}</Ltr></p>
                <p class="quiet"><Ltr>log {checkpoint}</Ltr></p>
            </article>
            <div class="row">
                <Button words={large ? t('slip_small') : t('slip_read_out')} work={() => setLarge(!large)} />
                <Button words={t('slip_print')} work={() => window.print()} />
            </div>
        </>
    );
}
