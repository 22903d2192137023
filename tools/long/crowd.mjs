// Whoever connects to a desk and does no good, in a process of its own so that its work is in nobody's times.
//
// Usage: node tools/long/crowd.mjs PORT PLACES        by load.mjs, which is told how it goes and ends it
//
// Takes PLACES connections from 22 addresses of this machine and holds them for as long as the desk lets it; a place that the desk has taken away
// is taken again a second later. A third of them are silent, a third never end their handshake, a third never end their request's head.
import net from 'node:net';
import tls from 'node:tls';

const [port, places] = process.argv.slice(2).map(Number);
const ADDRESSES = 22; // of 64 connections each
const AGAIN_MS = 1000;
const DRIP_MS = 500;
const state = { begun: 0, held: 0, dropped: 0 };

/** A byte now and then, so that nobody can say it sleeps. */
function drip(socket, bytes) {
    let sent = 0;
    const timer = setInterval(() => socket.write(bytes.subarray(sent, ++sent)), DRIP_MS);
    socket.on('close', () => clearInterval(timer));
}

const hello = Buffer.from('16030102000100' + '01fc0303'.padEnd(80, '0'), 'hex');
const halfHead = Buffer.from('Accept: everything that takes long');

const kinds = [
    (place) => net.connect(place),
    (place) => net.connect(place, function begin() {
        drip(this, hello);
    }),
    (place) => tls.connect({ ...place, rejectUnauthorized: false }, function begin() {
        this.write('GET / HTTP/1.1\r\nHost: desk\r\n');
        drip(this, halfHead);
    }),
];

function take(place) {
    const socket = kinds[state.begun++ % kinds.length]({ host: '127.0.0.1', port, localAddress: `127.0.2.${1 + (place % ADDRESSES)}` });
    let isHeld = false;
    socket.on('connect', () => {
        isHeld = true;
        state.held++;
    });
    socket.on('error', () => {});
    socket.resume(); // so that the desk's end is seen
    socket.on('close', () => {
        state.dropped++;
        if (isHeld) state.held--;
        setTimeout(take, AGAIN_MS * (0.5 + Math.random()), place);
    });
}

for (let place = 0; place < places; place++) take(place);
setInterval(() => process.send(state), 100);
process.on('disconnect', () => process.exit(0));
