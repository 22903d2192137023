import { useEffect, useState } from 'preact/hooks';
import { t, type Word } from './words';

const themes: [string, Word][] = [['dark', 'theme_dark'], ['light', 'theme_light'], ['night', 'theme_night']];

/** Dark for a dim room, light for an office, night for a car in the dark: little light, no blue. */
export function Themes() {
    const [theme, setTheme] = useState(localStorage.getItem('mizan-theme') ?? 'dark');
    useEffect(() => {
        document.documentElement.dataset.theme = theme;
        localStorage.setItem('mizan-theme', theme);
    }, [theme]);
    return (
        <select class="tool" aria-label={t('theme')} value={theme} onChange={(event) => setTheme(event.currentTarget.value)}>
            {themes.map(([code, word]) => <option key={code} value={code}>{t(word)}</option>)}
        </select>
    );
}
