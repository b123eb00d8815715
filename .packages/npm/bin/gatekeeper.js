#!/usr/bin/env node
// Starts the binary of the package for this platform. Whatever keeps it from running is no pass: exit code 4, as for a fault of gatekeeper's own.
"use strict";

const { spawnSync } = require("node:child_process");

const name = `gatekeeper-verdict-${process.platform}-${process.arch}`;
const file = process.platform === "win32" ? "gatekeeper.exe" : "gatekeeper";

function fail(phrase) {
  console.error(`error: ${phrase}`);
  process.exit(4);
}

let binary;
try {
  binary = require.resolve(`${name}/bin/${file}`);
} catch {
  fail(`the package ${name} is not installed; it is an optional dependency, which --omit=optional leaves out, and there may be none for this platform`);
}
const ended = spawnSync(binary, process.argv.slice(2), { stdio: "inherit" });
if (ended.error) fail(`${binary} cannot be started: ${ended.error.message}`);
if (ended.signal) fail(`gatekeeper was ended by ${ended.signal}`);
process.exit(ended.status === null ? 4 : ended.status);
