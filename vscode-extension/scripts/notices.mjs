// Prints the licences of everything that the .vsix contains: the packages in the bundle, told by the bundler's meta file,
// and the libraries in the executable, as Debian words them.
//
//   node notices.mjs META.json
import fs from "node:fs";
import path from "node:path";

const libraries = ["libcli11-dev", "libfmt-dev", "libre2-dev", "libtomlplusplus-dev", "nlohmann-json3-dev", "libstdc++-12-dev", "libc6-dev"];
const sources = ["tree-sitter", "tree-sitter-python"];
const root = path.resolve(import.meta.dirname, "../..");

function licenceOf(folder) {
  const file = fs.readdirSync(folder).find((it) => /^licen[cs]e/i.test(it));
  if (file === undefined) throw new Error(`${folder} has no licence`);
  return fs.readFileSync(path.join(folder, file), "utf8");
}

function print(name, text) {
  console.log(`${"=".repeat(100)}\n${name}\n\n${text.trim()}\n`);
}

const { inputs } = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const folders = new Set(Object.keys(inputs).flatMap((it) => it.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []));
for (const folder of [...folders].sort()) {
  const { name, version } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  print(`${name} ${version}`, licenceOf(folder));
}
for (const name of sources) print(name, licenceOf(path.join(root, "tools/npm/node_modules", name)));
for (const name of libraries) print(name, fs.readFileSync(`/usr/share/doc/${name}/copyright`, "utf8"));
