// node bench/run.mjs [--rounds N] [--core N] [--own] [STAGE...]: times stages with mizan-lab bench and, unless --own is given,
// the programs of bench/peers on the same core in turns, a few runs each a turn, so that whatever else the machine
// does falls on all of them. Prints Markdown: machine, commit, and the least, median and largest wall and processor time of
// each.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const build = process.env.MIZAN_BUILD ?? join(root, 'build');
const pack = join(process.env.MIZAN_ASSETS ?? join(build, 'assets'), 'pack');
const made = join(build, 'bench', 'peers');

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '20' },
    core: { type: 'string', default: '0' },
    own: { type: 'boolean', default: false },
  },
});

const net = (file, channels, height, width, outputs = []) => ({ file, channels, height, width, outputs });
const stages = {
  embed: net('embed', 3, 112, 112),
  landmarks: net('landmarks', 1, 64, 64),
  'detect-320x240': net('detect', 3, 240, 320, ['scores', '462']),
  'detect-640x480': net('detect', 3, 480, 640, ['scores', '462']),
  'search-6000': { templates: 6000 },
  'search-100000': { templates: 100000 },
  letterbox: {},
  align: {},
};

function compile(name, libraries, flags = []) {
  const target = join(made, name);
  mkdirSync(made, { recursive: true });
  const source = join(here, 'peers', `${name}.cpp`);
  if (!existsSync(target) || statSync(target).mtimeMs < statSync(source).mtimeMs)
    execFileSync('c++', ['-O2', '-o', target, source, ...flags, ...libraries], { stdio: 'inherit' });
  return target;
}

function fairCopy(name, { file, height, width, outputs }) {
  const copy = join(made, `${name}.onnx`);
  mkdirSync(made, { recursive: true });
  execFileSync(join(build, 'bench', 'bench_cut_model'), [join(pack, `${file}.onnx`), copy, height, width, ...outputs].map(String));
  return copy;
}

function contenders(name, stage) {
  const ours = (stage) => ['Mizan', join(build, 'src', 'cli', 'mizan-lab'), ['bench', '--serve', '--stage', stage, '--pack', pack]];
  const own = ours(name);
  if (stage.templates) {
    const all = [own];
    if (!options.own)
      all.push(['FAISS', compile('faiss_flat', ['-lfaiss', '-llapack', '-lblas', '-fopenmp']), [stage.templates]]);
    return all;
  }
  const { channels, height, width, outputs } = stage;
  const all = name === 'embed' ? [['Mizan, 8 bits', ...own.slice(1)], ['Mizan, float', ...ours('embed-float').slice(1)]] : [own];
  if (stage.file && !options.own) {
    const copy = fairCopy(name, stage);
    all.push(['ONNX Runtime', process.execPath, [join(here, 'peers', 'onnxruntime.mjs'), copy, channels, height, width]]);
    all.push(['OpenCV DNN', compile('opencv_net', ['-lopencv_dnn', '-lopencv_core'], ['-I/usr/include/opencv4']),
      [copy, channels, height, width, ...outputs]]);
  }
  return all;
}

// A program that says "ready", a few lines about itself and ".", and then answers a number by that many durations.
async function start([name, program, words]) {
  const child = spawn('taskset', ['-c', options.core, program, ...words.map(String)], {
    env: { ...process.env, OMP_NUM_THREADS: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended: ${program} ${words.join(' ')}`);
    return value;
  };
  const about = [];
  if ((await next()) !== 'ready') throw new Error(`${name} did not get ready`);
  for (let line = await next(); line !== '.'; line = await next()) about.push(line);
  const run = async (count) => {
    child.stdin.write(`${count}\n`);
    const pairs = (await next()).trim().split(' ');
    return pairs.map((pair) => pair.split(':').map((us) => Number(us) / 1000));
  };
  return { name, about, run, times: [], stop: () => child.stdin.end() };
}

function spread(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)].map((ms) => ms.toFixed(2));
}

function kernels(about) {
  const counts = new Map();
  for (const line of about) {
    const kernel = /\b(?:bytes:|tiles:|jit|brgconv|gemm|ref)\S*|kernel \S+/.exec(line)?.[0];
    if (kernel) counts.set(kernel, (counts.get(kernel) ?? 0) + 1);
  }
  return [...counts].map(([kernel, count]) => (count > 1 ? `${kernel} × ${count}` : kernel)).join(', ');
}

async function compare(name) {
  const running = [];
  for (const contender of contenders(name, stages[name])) running.push(await start(contender));
  for (let round = 0; round < Number(options.rounds); round++)
    for (const one of running) {
      // The first run of a turn finds the caches as the one before left them, and is not counted.
      const times = await one.run(4);
      one.times.push(...times.slice(1));
    }
  for (const one of running) {
    const said = one.name.startsWith('Mizan') ? kernels(one.about) : one.about.join(' ');
    const columns = [...spread(one.times.map(([wall]) => wall)), ...spread(one.times.map(([, used]) => used))];
    console.log(`| ${name} | ${one.name} | ${columns.join(' | ')} | ${said} |`);
    one.stop();
  }
  sayRatios(name, running);
}

// By the least processor time and by the median: how many times as long the others took as each of ours.
function sayRatios(name, running) {
  const used = (one) => spread(one.times.map(([, ms]) => ms)).map(Number);
  for (const own of running.filter((one) => one.name.startsWith('Mizan')))
    for (const other of running.filter((one) => !one.name.startsWith('Mizan'))) {
      const [least, median] = used(other).map((ms, i) => (ms / used(own)[i]).toFixed(2));
      ratios.push(`| ${name} | ${own.name} | ${other.name} | ${least} × | ${median} × |`);
    }
}

function machine() {
  const model = /model name\s*: (.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))[1];
  const flags = /flags\s*: (.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))[1].split(' ');
  const wide = ['avx2', 'avx512f', 'avx512_vnni', 'avx_vnni', 'amx_int8'].filter((flag) => flags.includes(flag));
  const load = readFileSync('/proc/loadavg', 'utf8').split(' ')[0];
  return `${model} (${wide.join(', ')}), load ${load} at the start`;
}

const commit = execFileSync('git', ['-C', root, 'describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
const wanted = positionals.length ? positionals : Object.keys(stages);
for (const name of wanted)
  if (!stages[name]) {
    console.error(`no such stage: ${name}; there are ${Object.keys(stages).join(', ')}`);
    process.exit(64);
  }
console.log(`Machine: ${machine()}. Commit ${commit}. Core ${options.core}, ${options.rounds} rounds of 3 runs in turns.\n`);
console.log('| stage | by | wall ms: least | median | largest | processor ms: least | median | largest | kernels |');
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
const ratios = [];
for (const name of wanted) await compare(name);
if (ratios.length)
  console.log(['\n| stage | by | is faster than | by least processor time | by median |', '| --- | --- | --- | --- | --- |', ...ratios].join('\n'));
