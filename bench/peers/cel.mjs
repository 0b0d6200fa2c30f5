// The peer of bench/micro/cel_bench.cc: @marcbachmann/cel-js on the same expressions and data, parsed once. Prints a JSON object: name to
// nanoseconds of processor time for one evaluation.
// usage: NPM_FOLDER=folder-of-node_modules node cel.mjs path/to/cel_expressions.h
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROUNDS = 5;
const MILLISECONDS = 200;
const { Environment } = await import(pathToFileURL(join(process.env.NPM_FOLDER, 'node_modules/@marcbachmann/cel-js/lib/index.js')).href);
const header = readFileSync(process.argv[2], 'utf8');
const samples = [...header.matchAll(/^\s+\{CelAnswer::\w+, "(\w+)",\s+"((?:[^"\\]|\\.)*)"\},$/gm)].map(([, name, source]) => [name, JSON.parse(`"${source}"`)]);
const data = JSON.parse(header.match(/R"\(([^]*?)\)"/)[1]);

const environment = new Environment();
for (const name of Object.keys(data)) environment.registerVariable(name, 'map');

function measure(evaluate) {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    let runs = 0;
    const start = process.cpuUsage();
    let took = 0;  // processor time in microseconds: others may share the machine
    while (took < MILLISECONDS * 1000) {
      for (let i = 0; i < 1000; i++) evaluate(data);
      runs += 1000;
      const used = process.cpuUsage(start);
      took = used.user + used.system;
    }
    best = Math.min(best, (took * 1000) / runs);
  }
  return best;
}

const results = {};
for (const [name, source] of samples) results[name] = measure(environment.parse(source));
console.log(JSON.stringify(results));
