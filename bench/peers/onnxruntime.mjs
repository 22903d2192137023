// node onnxruntime.mjs FILE.onnx CHANNELS HEIGHT WIDTH: ONNX Runtime on one thread, speaking as mizan-lab bench --serve does.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(import.meta.url);
const runtime = require('onnxruntime-node');

const [file, ...sizes] = process.argv.slice(2);
if (sizes.length !== 3) {
  console.error('node onnxruntime.mjs FILE.onnx CHANNELS HEIGHT WIDTH');
  process.exit(64);
}
const dims = [1, ...sizes.map(Number)];
const session = await runtime.InferenceSession.create(file, {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
});
const input = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => Math.random() * 2 - 1);
const feeds = { [session.inputNames[0]]: new runtime.Tensor('float32', input, dims) };
await session.run(feeds);
const { version } = require('onnxruntime-node/package.json');
console.log(`ready\nONNX Runtime ${version}\n.`);

for await (const line of createInterface({ input: process.stdin })) {
  const times = [];
  for (let left = Number(line); left > 0; left--) {
    const start = process.hrtime.bigint();
    const before = process.cpuUsage();
    await session.run(feeds);
    const { user, system } = process.cpuUsage(before);
    times.push(`${(process.hrtime.bigint() - start) / 1000n}:${user + system}`);
  }
  console.log(times.join(' '));
}
