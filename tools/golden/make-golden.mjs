// node make-golden.mjs ASSETS_DIR: runs the three networks of ASSETS_DIR/pack by ONNX Runtime on fixed inputs and writes
// ASSETS_DIR/golden/NAME.input.f32 and NAME.OUTPUT.f32 (raw little-endian floats, row-major).
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import runtime from 'onnxruntime-node';

const { InferenceSession, Tensor } = runtime;

const networks = [
  { name: 'detect', dims: [1, 3, 240, 320], seed: 1 },
  { name: 'landmarks', dims: [1, 1, 64, 64], seed: 2 },
  { name: 'embed', dims: [1, 3, 112, 112], seed: 3 },
];

// A linear congruential generator smoothed along the rows, so that the input looks more like a picture than like noise.
function fixedInput(size, seed) {
  const input = new Float32Array(size);
  let state = seed >>> 0;
  let last = 0;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    last = last * 0.75 + ((state >>> 8) / 8388608 - 1) * 0.5;
    input[i] = last;
  }
  return input;
}

function bytes(floats) {
  return Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength);
}

async function writeGolden(assets, { name, dims, seed }) {
  const folder = join(assets, 'golden');
  const session = await InferenceSession.create(await readFile(join(assets, 'pack', `${name}.onnx`)), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const input = fixedInput(dims.reduce((product, size) => product * size, 1), seed);
  const outputs = await session.run({ [session.inputNames[0]]: new Tensor('float32', input, dims) });
  await writeFile(join(folder, `${name}.input.f32`), bytes(input));
  for (const [output, tensor] of Object.entries(outputs)) {
    await writeFile(join(folder, `${name}.${output}.f32`), bytes(tensor.data));
    console.log(`${name}.${output}: ${tensor.dims.join('x')}`);
  }
}

const assets = process.argv[2];
if (!assets) {
  console.error('usage: node make-golden.mjs ASSETS_DIR');
  process.exit(64);
}
await mkdir(join(assets, 'golden'), { recursive: true });
for (const network of networks) await writeGolden(assets, network);
