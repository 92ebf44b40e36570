/** Puts a .gz and a .br twin beside every built file that gets smaller by it. */

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const DIST = new URL("../dist", import.meta.url).pathname;
const COMPRESSIBLE = /\.(js|css|svg|json|html)$/;

for (const entry of readdirSync(DIST, { recursive: true })) {
  const path = join(DIST, String(entry));
  // The page itself carries a fresh nonce in every answer.
  if (!COMPRESSIBLE.test(path) || path.endsWith("index.html") || !statSync(path).isFile()) continue;
  const content = readFileSync(path);
  const twins = {
    gz: gzipSync(content, { level: 9 }),
    br: brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }),
  };
  for (const [kind, twin] of Object.entries(twins)) {
    if (twin.length < content.length * 0.9) writeFileSync(`${path}.${kind}`, twin);
  }
}
