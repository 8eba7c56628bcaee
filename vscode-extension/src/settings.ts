/** The settings as VS Code holds them under "dagfix". */
export interface Settings {
  from: string;
  to: string;
  select: readonly string[];
  ignore: readonly string[];
  unsafeFixes: boolean;
}

type Reader = <T>(key: string, fallback: T) => T;

/** Reads the settings; what a hand-written settings.json has in a wrong type counts as not set. */
export function readSettings(get: Reader): Settings {
  const text = (key: string) => {
    const value: unknown = get<unknown>(key, "");
    return typeof value === "string" ? value.trim() : "";
  };
  const list = (key: string) => {
    const value: unknown = get<unknown>(key, []);
    return Array.isArray(value) ? value.filter((it): it is string => typeof it === "string" && it.trim() !== "") : [];
  };
  return {
    from: text("from"),
    to: text("to"),
    select: list("select"),
    ignore: list("ignore"),
    unsafeFixes: get<unknown>("unsafeFixes", false) === true,
  };
}

/** What is set, for the server: a key that is left out leaves the word to dagfix.toml. */
export function serverSettings(settings: Settings): Record<string, unknown> {
  const set: Record<string, unknown> = {};
  if (settings.from !== "") set.from = settings.from;
  if (settings.to !== "") set.to = settings.to;
  if (settings.select.length > 0) set.select = settings.select;
  if (settings.ignore.length > 0) set.ignore = settings.ignore;
  if (settings.unsafeFixes) set.unsafeFixes = true;
  return set;
}

/** The same for the command line. */
export function commandLine(settings: Settings): string[] {
  const set: string[] = [];
  if (settings.from !== "") set.push("--from", settings.from);
  if (settings.to !== "") set.push("--to", settings.to);
  if (settings.select.length > 0) set.push("--select", settings.select.join(","));
  if (settings.ignore.length > 0) set.push("--ignore", settings.ignore.join(","));
  if (settings.unsafeFixes) set.push("--unsafe-fixes");
  return set;
}
