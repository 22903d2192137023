// One event stream for all tabs of a browser: the tab that holds the lock reads it and tells the others what it read.
// Read with fetch instead of EventSource, because another tab that takes over has to say where the first one stopped.

export interface News { id: string; event: string; data: Record<string, string> }
type Message = { kind: 'news'; news: News } | { kind: 'state'; lost: boolean; last: string } | { kind: 'ask' } | { kind: 'over' };
export interface Listener { heard: (news: News | null) => void; lost: (is: boolean) => void; over: () => void }

const SILENT_MS = 40000; // the desk says at least every 15 s that it is still there
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 8000;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** "<site>:<epoch>:<seq>": an event is new when it is of another epoch or has a higher number. */
export function isNewer(id: string, last: string): boolean {
    const [, epoch, seq] = id.split(':');
    const [, lastEpoch, lastSeq] = last.split(':');
    return epoch !== lastEpoch || Number(seq) > Number(lastSeq);
}

/** One block of the stream, between two empty lines; null for a heartbeat. The first one names the start and no event. */
export function readBlock(block: string): News | null {
    const fields: Record<string, string> = {};
    for (const line of block.split('\n')) {
        const at = line.indexOf(':');
        if (at > 0) fields[line.slice(0, at)] = line.slice(at + 1).trim();
    }
    if (!fields.id) return null;
    return { id: fields.id, event: fields.event ?? '', data: JSON.parse(fields.data ?? '{}') as Record<string, string> };
}

class Reader {
    private stopped = new AbortController();
    constructor(private last: () => string, private tell: (message: Message) => void) {}

    stop(): void {
        this.stopped.abort();
    }

    /** Reads until the stream ends or falls silent; whether it stood at all. */
    private async readOnce(): Promise<boolean> {
        const cut = new AbortController();
        let watchdog = setTimeout(() => cut.abort(), SILENT_MS);
        let stood = false;
        try {
            const last = this.last();
            const reply = await fetch('/api/v1/events', { signal: AbortSignal.any([cut.signal, this.stopped.signal]),
                headers: { Accept: 'text/event-stream', ...(last ? { 'Last-Event-ID': last } : {}) } });
            if (reply.status === 401 || reply.status === 403) this.tell({ kind: 'over' });
            if (!reply.ok || !reply.body) throw new Error(String(reply.status));
            stood = true;
            this.tell({ kind: 'state', lost: false, last });
            const chunks = reply.body.pipeThrough(new TextDecoderStream()).getReader();
            let text = '';
            for (let got = await chunks.read(); !got.done; got = await chunks.read()) {
                clearTimeout(watchdog);
                watchdog = setTimeout(() => cut.abort(), SILENT_MS);
                text += got.value;
                for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
                    const news = readBlock(text.slice(0, end));
                    text = text.slice(end + 2);
                    if (news) this.tell({ kind: 'news', news });
                }
            }
        } catch {
            // Cut, silent or refused: readAlways tries again.
        } finally {
            clearTimeout(watchdog);
            cut.abort();
        }
        return stood;
    }

    async readAlways(): Promise<void> {
        let wait = FIRST_PAUSE_MS;
        while (!this.stopped.signal.aborted) {
            const stood = await this.readOnce();
            if (this.stopped.signal.aborted) return;
            this.tell({ kind: 'state', lost: true, last: this.last() });
            wait = stood ? FIRST_PAUSE_MS : Math.min(wait * 2, LONGEST_PAUSE_MS);
            await pause(wait);
        }
    }
}

/** Listens until the returned function is called. `heard(null)` says that the stream stands (again): look at everything. */
export function listenToAll(listener: Listener): () => void {
    const channel = new BroadcastChannel('mizan-events');
    const ended = new AbortController();
    let last = '';
    let lost = false;
    const take = (message: Message): void => {
        if (message.kind === 'over') listener.over();
        if (message.kind === 'news' && (!last || isNewer(message.news.id, last))) {
            last = message.news.id;
            if (message.news.event) listener.heard(message.news);
        }
        if (message.kind !== 'state') return;
        lost = message.lost;
        if (!last) last = message.last;
        listener.lost(lost);
        if (!lost) listener.heard(null);
    };
    const tell = (message: Message): void => {
        channel.postMessage(message);
        take(message);
    };
    let reader: Reader | null = null;
    channel.onmessage = ({ data }: MessageEvent<Message>) => {
        if (data.kind === 'ask' && reader) channel.postMessage({ kind: 'state', lost, last } satisfies Message);
        else take(data);
    };
    const lead = async (): Promise<void> => {
        if (ended.signal.aborted) return;
        reader = new Reader(() => last, tell);
        await reader.readAlways();
    };
    channel.postMessage({ kind: 'ask' } satisfies Message);
    // A browser without locks reads a stream in every tab, and each tab takes what it has not heard yet.
    if ('locks' in navigator) navigator.locks.request('mizan-events', { signal: ended.signal }, lead).catch(() => undefined);
    else void lead();
    return () => {
        ended.abort();
        reader?.stop();
        channel.close();
    };
}
