// build.mjs BINARY OUT [VERSION]: the package with the binary for this platform, and the one that finds it, as npm packs them.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [binary, out, given] = process.argv.slice(2);
if (!binary || !out) throw new Error("usage: build.mjs BINARY OUT [VERSION]");
const version = given ?? execFileSync(resolve(binary), ["--version"], { encoding: "utf8" }).trim().split(" ").pop();
const main = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const platform = `${main.name}-${process.platform}-${process.arch}`;
const file = process.platform === "win32" ? "gatekeeper.exe" : "gatekeeper";

function pack(name, manifest, fill) {
  const place = join(resolve(out), name);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(join(place, "bin"), { recursive: true });
  writeFileSync(join(place, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  fill(place);
  for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) copyFileSync(join(here, "../..", licence), join(place, licence));
  execFileSync("npm", ["pack", "--silent", "--pack-destination", resolve(out)], { cwd: place, stdio: ["ignore", "ignore", "inherit"] });
}

pack(
  platform,
  { name: platform, version, description: `${main.description} The binary for ${process.platform} on ${process.arch}.`, license: main.license, os: [process.platform], cpu: [process.arch] },
  (place) => {
    copyFileSync(binary, join(place, "bin", file));
    chmodSync(join(place, "bin", file), 0o755);
  },
);
pack(main.name, { ...main, version, optionalDependencies: { [platform]: version } }, (place) => {
  cpSync(join(here, "bin"), join(place, "bin"), { recursive: true });
  copyFileSync(join(here, "README.md"), join(place, "README.md"));
});
