import { useState } from 'preact/hooks';
import type { Roster } from '../../statement.js';
import { officerCode } from '../alerts';
import { withName } from '../names';
import { Button, Choice, Field, Ltr } from '../parts';
import { t, together } from '../words';

export type Kind = 'unit' | 'station';
export const kinds: readonly Kind[] = ['unit', 'station'];
/** One with a device of its own: what is sealed to it opens with `key`. */
export interface Post { id: string; key: string; name?: string }

/** Where somebody of this role is posted; null of who is posted nowhere. */
export const kindOf = (role: string): Kind | null => (role === 'crew' ? 'unit' : role === 'station' ? 'station' : null);

export const postsOf = (kind: Kind, { units, stations }: Roster): Post[] => (kind === 'unit' ? units.map(({ unit, ...rest }) => ({ id: unit, ...rest }))
    : stations.map(({ station, ...rest }) => ({ id: station, ...rest })));

export const withPosts = (kind: Kind, roster: Roster, posts: Post[]): Roster => (kind === 'unit'
    ? { ...roster, units: posts.map(({ id, ...rest }) => ({ unit: id, ...rest })) } : { ...roster, stations: posts.map(({ id, ...rest }) => ({ station: id, ...rest })) });

export const named = (post: Post, name: string): Post => ({ id: post.id, key: post.key, ...(name.trim() && { name: name.trim() }) });
/** As the statement's form has it (src/sign/types.c): bytes, and an Urdu letter has two. */
export const isName = (name: string): boolean => new TextEncoder().encode(name.trim()).length <= 64;

interface PostsProps { roster: Roster; change: (to: Roster) => Promise<void> }

function Line({ kind, post, roster, change }: PostsProps & { kind: Kind; post: Post }) {
    const posted = roster.officers.filter((one) => one.posts.includes(post.id));
    const shown = withName(post.id, post.name);
    return (
        <li>
            <div class="row between">
                <span class="line"><strong><Ltr>{shown}</Ltr></strong> <span class="quiet">{t(kind)} · {posted.length > 0
                    ? <>{t('posted')} <Ltr>{together(posted.map((one) => officerCode(one.officer, one.service_number)))}</Ltr></> : t('posted_nobody')}</span></span>
                {posted.length === 0 && <Button words={t('take_out')} of={shown}
                    work={() => change(withPosts(kind, roster, postsOf(kind, roster).filter((one) => one.id !== post.id)))} />}
            </div>
        </li>
    );
}

function Rename({ roster, change }: PostsProps) {
    const [id, setId] = useState('');
    const [name, setName] = useState('');
    const all = kinds.flatMap((kind) => postsOf(kind, roster).map((post) => ({ kind, post })));
    const found = all.find(({ post }) => post.id === id);
    return (
        <details>
            <summary>{t('post_rename')}</summary>
            <div class="row">
                <Choice words={t('unit_or_station')} options={all.map(({ kind, post }): [string, string] => [post.id, `${t(kind)} ${withName(post.id, post.name)}`])} value={id} none={t('choose')}
                    onChange={(to) => {
                        setId(to);
                        setName(all.find(({ post }) => post.id === to)?.post.name ?? '');
                    }} />
                <Field words={t('post_name')} value={name} onChange={setName} help={t('post_name_help')} />
                <Button words={t('post_rename')} disabled={!found || !isName(name)} work={() => found &&
                    change(withPosts(found.kind, roster, postsOf(found.kind, roster).map((one) => (one.id === id ? named(one, name) : one))))} />
            </div>
        </details>
    );
}

/** The units and stations of the roster, or of its draft: what they are called, who is posted there, and out with what is left empty. */
export function Posts({ roster, change }: PostsProps) {
    return (
        <>
            <h3>{t('units_and_stations')}</h3>
            <p class="quiet">{t('posts_help')}</p>
            <ul class="list">{kinds.flatMap((kind) => postsOf(kind, roster).map((post) => <Line key={post.id} kind={kind} post={post} roster={roster} change={change} />))}</ul>
            <Rename roster={roster} change={change} />
        </>
    );
}
