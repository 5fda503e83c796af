// SPDX-License-Identifier: Apache-2.0
//
// Runs a WebAssembly module of the driver: node --no-warnings wasm32.mjs MODULE.wasm

import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";

const wasi = new WASI({ version: "preview1" });
const { instance } = await WebAssembly.instantiate(
  readFileSync(process.argv[2]), wasi.getImportObject());
wasi.start(instance);
