import { run } from "./run";

/** What dagfix says: a page, a complaint, or both if it could do a part of its work only. */
export interface Answer {
  markdown: string;
  problem: string;
}

/** Of all exit codes 2 alone says that dagfix could not do its work; the others are verdicts. */
async function ask(file: string, args: readonly string[]): Promise<Answer> {
  const { code, stdout, stderr } = await run(file, args);
  const problem = code !== undefined && code !== 2 ? "" : stderr.trim() || `dagfix ended with ${code}.`;
  return { markdown: stdout, problem };
}

/** The report of `dagfix doctor` on a recorded state of a platform. */
export function judgeBundle(file: string, bundle: string): Promise<Answer> {
  return ask(file, ["doctor", "--bundle", bundle, "--format", "markdown"]);
}

/** The page of a rule: its name, or its code. */
export function rulePage(file: string, rule: string): Promise<Answer> {
  return ask(file, ["rules", rule, "--format", "markdown"]);
}
