// Reads what hdr_export prints with hdr-histogram-js and wants the same counts and percentiles.
// Usage: node decode.js HDR_EXPORT
'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const hdr = require('hdr-histogram-js');

// Where the layout ends: above it, only Spate's exact maximum knows more.
const LAYOUT_HIGHEST = 2 ** 42 - 1;
const COUNT_BITS = 64;
const USE_WEB_ASSEMBLY = false;

function check(expected) {
  const histogram = hdr.decodeFromCompressedBase64(expected.text, COUNT_BITS, USE_WEB_ASSEMBLY);
  assert.equal(histogram.totalCount, expected.count, `${expected.name}: count`);
  for (const [percentile, ours] of expected.percentiles) {
    const theirs = Math.min(histogram.getValueAtPercentile(percentile), expected.max);
    assert.equal(theirs, Math.min(ours, LAYOUT_HIGHEST), `${expected.name}: p${percentile}`);
  }
}

const [exporter] = process.argv.slice(2);
const lines = execFileSync(exporter, { encoding: 'utf8' }).trim().split('\n');
const histograms = lines.map((line) => JSON.parse(line));
assert.ok(histograms.length > 10, `only ${histograms.length} histograms were exported`);
histograms.forEach(check);
console.log(`${histograms.length} histograms read alike`);
