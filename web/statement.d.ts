/* What statement.js gives; the file itself also runs in Node, unbuilt. */
export interface Envelope { key: string; signature: string; statement: string }
export interface SigningKey { privateKey: CryptoKey; public: string }
export interface DeviceKey { privateKey: CryptoKey; public: string }
export interface KeyFile {
    format: string; officer: string; name: string; site: string; roles: string[]; unit?: string; root_key: string; oversight_key?: string;
    public: string; device_public: string; iterations: number; salt: string; nonce: string; sealed: string;
}
export interface RosterOfficer { officer: string; office: string; roles: string[]; posts: string[]; key: string; service_number?: string }
export interface Roster {
    type: string; site: string; by: string; at: number; kind: string; number: number; previous: string; officers: RosterOfficer[];
    units: { unit: string; key: string; name?: string }[]; stations: { station: string; key: string; name?: string }[]; report_keys: string[]; oversight_key: string;
}
export interface Place { name: string; latitude_e7: number; longitude_e7: number }
export interface Case { case: string; kind: string; number: string; section: string; station: string; dated: number; officer: string }
export interface Packet {
    alert: string; unit: string; dies_at: number; place: Place; person: { name: string; description: string }; cases: Case[];
    pictures: { face: string; enrolled: string };
    dispatch: Envelope; reviews: Envelope[]; roster: Envelope; endorsement?: Envelope; marking: string;
}
export class Refusal extends Error { constructor(form: string, ...values: string[]) }
export function hex(bytes: ArrayBuffer | Uint8Array): string;
export function unhex(text: string): Uint8Array<ArrayBuffer>;
export function base64(bytes: ArrayBuffer | Uint8Array): string;
export function unbase64(text: string): Uint8Array<ArrayBuffer>;
export function sha256(bytes: string | Uint8Array | ArrayBuffer): Promise<string>;
export function canonical(value: unknown, lines?: boolean): string;
export function newId(prefix: string): string;
export function newSigningKey(extractable?: boolean): Promise<SigningKey>;
export function newDeviceKey(extractable?: boolean): Promise<DeviceKey>;
export function signStatement(fields: object, key: SigningKey): Promise<Envelope>;
export function readEnvelope<T = Record<string, unknown>>(envelope: Envelope): Promise<T>;
export function sealKeyFile(about: object, signing: SigningKey | null, device: DeviceKey | null, passphrase: string): Promise<KeyFile>;
export function openKeyFile(file: KeyFile, passphrase: string): Promise<{ signing: SigningKey | null; device: DeviceKey | null }>;
export function openSealed(sealed: string | Uint8Array, device: DeviceKey, context: string): Promise<Uint8Array<ArrayBuffer>>;
export function openPacket<T = Packet>(sealed: string | Uint8Array, device: DeviceKey, context: string): Promise<T>;
export interface Pinned { rootKey: string; oversightKey?: string; now: number; leastNumber?: number }
export function checkRoster(envelope: Envelope, endorsement: Envelope | undefined, pinned: Pinned): Promise<Roster>;
export interface Shown { type: string; site: string; about: Record<string, string>; stated: string; role: string; roster: Pick<Roster, 'officers'> }
export function hashOfShown(envelope: Envelope | null | undefined, shown: Shown): Promise<string>;
/* When the packet dies, in seconds, by whether the unit accepted it. */
export interface PacketEnds { accepted: number; unaccepted: number }
/* How the person was seen, as the dispatcher signed it. */
export type Seen = Record<'travel' | 'colour' | 'clothing' | 'pillion' | 'heading', string | boolean>;
export function checkPacket(packet: Packet, expected: Pinned & { alert: string; unit: string; suspended?: string[]; accepted?: boolean }): Promise<{ ends: PacketEnds; seen: Seen }>;
