// A small file that takes a decoder long: a grey progressive JPEG of many pixels, which goes over each of them in every scan and finds nothing.

const segment = (marker, ...bytes) => Buffer.from([0xff, marker, (bytes.length + 2) >> 8, (bytes.length + 2) & 255, ...bytes]);

/** Bits, the first highest; filled up with ones, and a zero after each 0xff. */
function coded(bits) {
    const text = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
    const bytes = [];
    for (let at = 0; at < text.length; at += 8) {
        const byte = parseInt(text.slice(at, at + 8), 2);
        bytes.push(byte);
        if (byte === 0xff) bytes.push(0);
    }
    return Buffer.from(bytes);
}

/** Tables of one code, '0' (a decoder wants a second one to be possible): no difference for DC, for AC an end of up to 2^15 - 1 blocks. */
const dcTable = segment(0xc4, 0x00, 1, ...new Array(15).fill(0), 0x00);
const acTable = segment(0xc4, 0x10, 1, ...new Array(15).fill(0), 0xe0);
const scan = (from, to, high, low, bits) => Buffer.concat([segment(0xda, 1, 1, 0x00, from, to, (high << 4) | low), coded(bits)]);

/** Runs that end so many blocks. */
function ends(blocks) {
    let bits = '';
    for (let left = blocks; left > 0;) {
        const run = Math.min(left, (1 << 15) - 1);
        if (run < 1 << 14) return bits + '0' + '0'.repeat(14); // more than are left: the scan is over with them
        bits += '0' + (run - (1 << 14)).toString(2).padStart(14, '0');
        left -= run;
    }
    return bits;
}

export function slowPicture(side = 6000, scans = 490) {
    const blocks = Math.ceil(side / 8) ** 2;
    const parts = [Buffer.from([0xff, 0xd8]), segment(0xdb, 0, ...new Array(64).fill(1)),
        segment(0xc2, 8, side >> 8, side & 255, side >> 8, side & 255, 1, 1, 0x11, 0), dcTable, acTable, scan(0, 0, 0, 0, '0'.repeat(blocks))];
    const empty = ends(blocks);
    for (let done = 0, low = 13; done < scans; low--)
        for (let at = 1; at < 64 && done < scans; at++, done++) parts.push(scan(at, at, low === 13 ? 0 : low + 1, low, empty));
    return Buffer.concat([...parts, Buffer.from([0xff, 0xd9])]);
}
