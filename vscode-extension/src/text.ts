export interface TextChange {
  /** Offsets into the text, `end` is behind the last character. */
  begin: number;
  end: number;
  text: string;
}

/** The text after changes that do not overlap; two insertions at one place stay in their order. */
export function withEdits(text: string, changes: readonly TextChange[]): string {
  let result = "";
  let done = 0;
  for (const change of [...changes].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    result += text.slice(done, change.begin) + change.text;
    done = change.end;
  }
  return result + text.slice(done);
}
