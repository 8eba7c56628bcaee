import * as path from "node:path";

/** What decides which dagfix is run. Nothing in here touches the disk, so that tests can say what exists. */
export interface Places {
  /** The setting dagfix.path; empty if it is not set. */
  configured: string;
  /** Absolute paths of the workspace folders. */
  folders: readonly string[];
  /** The environment variable PATH. */
  searchPath: string;
  home: string;
  extensionFolder: string;
  /** False in restricted mode: then nothing that lies in a workspace folder is run. */
  trusted: boolean;
}

export interface Binary {
  file: string;
  /** In words for the output channel, for example "on PATH". */
  origin: string;
}

const virtualEnvironments = [".venv", "venv", "env"];

function isWithin(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== ".." && !relative.startsWith("../");
}

function isAllowed(file: string, { folders, trusted }: Places): boolean {
  return trusted || !folders.some((folder) => isWithin(file, folder));
}

/** Replaces ~ and ${workspaceFolder}; the result is absolute, or empty if it would depend on the current folder. */
export function expandPath(configured: string, folders: readonly string[], home: string): string {
  const expanded = configured
    .trim()
    .replace(/^~(?=\/|$)/, () => home)
    .replaceAll("${workspaceFolder}", () => folders[0] ?? "");
  if (expanded === "" || path.isAbsolute(expanded)) return expanded;
  return folders[0] === undefined ? "" : path.join(folders[0], expanded);
}

/** The places to look at, first one first. A path that is set is the only one: a typing mistake must not go unseen. */
export function candidates(places: Places): Binary[] {
  const { folders } = places;
  if (places.configured.trim() !== "") {
    const file = expandPath(places.configured, folders, places.home);
    return [{ file, origin: "from the setting dagfix.path" }].filter((it) => it.file !== "" && isAllowed(it.file, places));
  }
  const found: Binary[] = [];
  for (const folder of folders) {
    for (const name of virtualEnvironments) {
      found.push({ file: path.join(folder, name, "bin", "dagfix"), origin: "in the virtual environment of the workspace" });
    }
  }
  for (const folder of places.searchPath.split(path.delimiter)) {
    if (path.isAbsolute(folder)) found.push({ file: path.join(folder, "dagfix"), origin: "on PATH" });
  }
  found.push({ file: path.join(places.extensionFolder, "bin", "dagfix"), origin: "that came with the extension" });
  return found.filter((it) => isAllowed(it.file, places));
}

/**
 * The dagfix to run, or undefined. `probe` gives the real path of an executable, without symbolic links: in restricted mode
 * that must not lie in a workspace folder either.
 */
export function findBinary(places: Places, probe: (file: string) => string | undefined): Binary | undefined {
  return candidates(places).find((binary) => {
    const real = probe(binary.file);
    return real !== undefined && isAllowed(real, places);
  });
}
