import { execFile } from "node:child_process";

export interface Outcome {
  /** Exit code: 0 nothing to do, 1 findings, 2 could not do all of its work; undefined if it did not run. */
  code: number | undefined;
  stdout: string;
  stderr: string;
}

/** Runs dagfix without a shell. It is ended after a minute, so that a hanging disk does not keep the editor waiting. */
export function run(file: string, args: readonly string[], cwd?: string): Promise<Outcome> {
  const options = { cwd, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : undefined;
      resolve({ code, stdout, stderr: code === undefined && error ? `${stderr}${error.message}` : stderr });
    });
  });
}

/** The subcommands that this dagfix has, read from its help. */
export async function subcommands(file: string): Promise<Set<string>> {
  const { stdout } = await run(file, ["--help"]);
  return new Set([...stdout.matchAll(/^(?:Usage:)?\s+dagfix ([a-z]+)\b/gm)].map((match) => match[1]!));
}
