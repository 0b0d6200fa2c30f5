// Prints the cases of CEL's conformance suite as JSON lines. NPM_FOLDER is the folder whose node_modules holds @bufbuild/cel-spec.
'use strict';
const { createRequire } = require('node:module');
const load = createRequire(process.env.NPM_FOLDER + '/');
const { tests } = load('@bufbuild/cel-spec/testdata/conformance.js');

for (const file of tests.suites) {
  for (const section of file.suites ?? []) {
    for (const test of section.tests) process.stdout.write(JSON.stringify({ file: file.name, section: section.name, ...test.original }) + '\n');
  }
}
