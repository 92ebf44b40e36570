/**
 * Catalogues of the console.
 *
 *   node scripts/catalogues.mjs            add new texts to locales/, take out those no longer used
 *   node scripts/catalogues.mjs --check    fail when a text lacks its translation
 *   node scripts/catalogues.mjs --compile  write src/i18n/messages/<language>.json
 *
 * Texts of src/features/<name>/ are kept in locales/<language>.<name>.po, all others in
 * locales/<language>.po.
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const LANGUAGES = ["pt-BR", "es"];
const SHARED = "";

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return entry.name === "api" || entry.name === "messages" ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

function literal(node) {
  if (!node) return null;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const left = literal(node.left);
    const right = literal(node.right);
    return left === null || right === null ? null : left + right;
  }
  return null;
}

/** Every text of the sources: catalogue → key → { one, other, where }. */
export function extract() {
  const found = new Map();
  const faults = [];
  for (const path of sources(join(ROOT, "src")).sort()) {
    const name = relative(ROOT, path);
    const feature = /^src\/features\/([^/]+)\//.exec(name)?.[1] ?? SHARED;
    const file = ts.createSourceFile(
      path,
      readFileSync(path, "utf8"),
      ts.ScriptTarget.Latest,
      true,
    );
    const visit = (node) => {
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
        const call = node.expression.text;
        if (["t", "tx", "mark", "tn"].includes(call) && node.arguments.length) {
          const one = literal(node.arguments[0]);
          const other = call === "tn" ? literal(node.arguments[1]) : null;
          const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
          if (one === null || (call === "tn" && other === null)) {
            if (!name.startsWith("src/i18n/")) {
              faults.push(
                `${name}:${line}: ${call}() takes a literal; td() takes what is computed`,
              );
            }
          } else {
            const texts = found.get(feature) ?? new Map();
            const kept = texts.get(one) ?? { one, other: null, where: name };
            texts.set(one, { ...kept, other: other ?? kept.other });
            found.set(feature, texts);
          }
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  const shared = found.get(SHARED) ?? new Map();
  for (const [feature, texts] of found) {
    if (feature === SHARED) continue;
    for (const key of [...texts.keys()]) if (shared.has(key)) texts.delete(key);
  }
  return { found, faults };
}

const quote = (text) => JSON.stringify(text);

/** Read a .po file: key → [msgstr] or [one, other]. */
export function readPo(path) {
  const entries = new Map();
  let text;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return entries;
  }
  let id = "";
  let plural = null;
  let strings = [];
  let into = null;
  const done = () => {
    if (id) entries.set(id, { other: plural, strings });
    id = "";
    plural = null;
    strings = [];
  };
  for (const line of text.split("\n")) {
    const match = /^(msgid_plural|msgid|msgstr(?:\[(\d)\])?)?\s*(".*")$/.exec(line.trim());
    if (!match) continue;
    const value = JSON.parse(match[3]);
    if (match[1] === "msgid") {
      done();
      id = value;
      into = (more) => {
        id += more;
      };
    } else if (match[1] === "msgid_plural") {
      plural = value;
      into = (more) => {
        plural += more;
      };
    } else if (match[1]) {
      const at = Number(match[2] ?? 0);
      strings[at] = value;
      into = (more) => {
        strings[at] += more;
      };
    } else {
      into?.(value);
    }
  }
  done();
  return entries;
}

function writePo(path, language, texts, known) {
  const out = [
    'msgid ""',
    'msgstr ""',
    `"Language: ${language}\\n"`,
    '"Content-Type: text/plain; charset=UTF-8\\n"',
    `"Plural-Forms: nplurals=2; plural=(n ${language === "pt-BR" ? "> 1" : "!= 1"});\\n"`,
    "",
  ];
  for (const { one, other, where } of [...texts.values()].sort((a, b) =>
    a.one < b.one ? -1 : 1,
  )) {
    const strings = known.get(one)?.strings ?? [];
    out.push(`#: ${where}`, `msgid ${quote(one)}`);
    if (other === null) out.push(`msgstr ${quote(strings[0] ?? "")}`);
    else {
      out.push(`msgid_plural ${quote(other)}`);
      out.push(`msgstr[0] ${quote(strings[0] ?? "")}`, `msgstr[1] ${quote(strings[1] ?? "")}`);
    }
    out.push("");
  }
  writeFileSync(path, out.join("\n"));
}

function poFile(language, feature) {
  return join(ROOT, "locales", feature ? `${language}.${feature}.po` : `${language}.po`);
}

/** Every fault of the catalogues in words; nothing when they are whole. */
export function check() {
  const { found, faults } = extract();
  const shared = found.get(SHARED) ?? new Map();
  for (const language of LANGUAGES) {
    for (const [feature, texts] of found) {
      const known = readPo(poFile(language, feature));
      const file = relative(ROOT, poFile(language, feature));
      for (const { one, other } of texts.values()) {
        const strings = known.get(one)?.strings ?? [];
        const wanted = other === null ? 1 : 2;
        for (let i = 0; i < wanted; i++) {
          if (!strings[i]) faults.push(`${file}: not translated: ${quote(one)}`);
          else if (gaps(strings[i]) !== gaps(i ? other : one)) {
            faults.push(`${file}: the gaps differ: ${quote(one)} → ${quote(strings[i])}`);
          }
        }
      }
      for (const key of known.keys()) {
        // A text that became a shared one meanwhile is there twice until the next update.
        if (!texts.has(key) && !shared.has(key))
          faults.push(`${file}: no longer used: ${quote(key)}`);
      }
    }
  }
  return faults;
}

function gaps(text) {
  return [...new Set(text.match(/\{\w+\}/g) ?? [])]
    .filter((g) => g !== "{n}")
    .sort()
    .join();
}

function update() {
  const { found, faults } = extract();
  mkdirSync(join(ROOT, "locales"), { recursive: true });
  for (const language of LANGUAGES) {
    // A text that moved from one feature to another keeps its translation.
    const everything = new Map();
    for (const name of readdirSync(join(ROOT, "locales"))) {
      if (!name.startsWith(`${language}.`)) continue;
      for (const [key, entry] of readPo(join(ROOT, "locales", name))) {
        if (entry.strings.some(Boolean)) everything.set(key, entry);
      }
      const feature = name.slice(language.length + 1).replace(/\.?po$/, "");
      if (!found.get(feature)?.size) rmSync(join(ROOT, "locales", name));
    }
    for (const [feature, texts] of found) {
      if (!texts.size) continue;
      const own = readPo(poFile(language, feature));
      writePo(poFile(language, feature), language, texts, new Map([...everything, ...own]));
    }
  }
  return faults;
}

function compile() {
  mkdirSync(join(ROOT, "src/i18n/messages"), { recursive: true });
  for (const language of LANGUAGES) {
    const whole = {};
    for (const name of readdirSync(join(ROOT, "locales")).sort()) {
      if (!name.startsWith(`${language}.`)) continue;
      for (const [key, { other, strings }] of readPo(join(ROOT, "locales", name))) {
        whole[key] ??= other === null ? (strings[0] ?? "") : strings;
      }
    }
    writeFileSync(join(ROOT, `src/i18n/messages/${language}.json`), JSON.stringify(whole));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const work = { "--check": check, "--compile": compile }[process.argv[2]] ?? update;
  const faults = work() ?? [];
  for (const fault of faults) console.error(fault);
  if (faults.length) process.exit(1);
}
