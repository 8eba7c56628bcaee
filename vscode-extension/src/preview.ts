import * as path from "node:path";
import * as vscode from "vscode";
import { withEdits } from "./text";

const scheme = "dagfix-migrated";

interface Change {
  document: vscode.TextDocument;
  /** Of the document when the edits were made. */
  version: number;
  edits: vscode.TextEdit[];
}

/**
 * Shows an edit as a diff, and applies it when the user says so. (VS Code's own preview of an edit that asks to be confirmed
 * begins with every line unticked, and lets the lines of one fix be torn apart.)
 */
export class Preview implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private changes: Change[] = [];
  private title = "";
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;

  provideTextDocumentContent(uri: vscode.Uri): string {
    const change = this.changes.find(({ document }) => document.uri.path === uri.path);
    if (!change) return "";
    const { document, edits } = change;
    const offsets = edits.map(({ range, newText }) => {
      return { begin: document.offsetAt(range.start), end: document.offsetAt(range.end), text: newText };
    });
    return withEdits(document.getText(), offsets);
  }

  /** `title`: what the edit does; otherwise it is a migration. */
  async show(edit: vscode.WorkspaceEdit, title?: string): Promise<void> {
    await this.discard();
    const files = edit.entries().filter(([, edits]) => edits.length > 0);
    const documents = await Promise.all(files.map(([uri]) => vscode.workspace.openTextDocument(uri)));
    this.changes = documents.map((document, i) => ({ document, version: document.version, edits: files[i]![1] }));
    const diffs = documents.map(({ uri }): [vscode.Uri, vscode.Uri, vscode.Uri] => [uri, uri, uri.with({ scheme })]);
    for (const [, , migrated] of diffs) this.changed.fire(migrated);
    await vscode.commands.executeCommand("setContext", "dagfix.hasPreview", true);
    const [only] = diffs;
    if (only && diffs.length === 1) {
      // A tab has no room for the warning, which the question has.
      this.title = `dagfix: ${title?.replace(/ \(unsafe: .*\)$/, "") ?? `migrate ${path.basename(only[0].path)}`}`;
      await vscode.commands.executeCommand("vscode.diff", only[1], only[2], this.title);
    } else {
      this.title = `dagfix: ${title ?? "migrate the workspace"}`;
      await vscode.commands.executeCommand("vscode.changes", this.title, diffs);
    }
    const choice = await vscode.window.showInformationMessage(`${title === undefined ? this.title : `dagfix: ${title}`}?`, "Apply", "Discard");
    if (choice === "Apply") await this.apply();
    if (choice === "Discard") await this.discard();
  }

  /** Makes the changes, all or none. */
  async apply(): Promise<void> {
    const { changes } = this;
    if (changes.length === 0) return;
    await this.discard();
    if (changes.some(({ document, version }) => document.version !== version)) {
      void vscode.window.showWarningMessage("A file was edited since the preview. Nothing is changed; migrate again.");
      return;
    }
    const edit = new vscode.WorkspaceEdit();
    for (const { document, edits } of changes) edit.set(document.uri, edits);
    if (!(await vscode.workspace.applyEdit(edit, { isRefactoring: true }))) {
      void vscode.window.showErrorMessage("VS Code refused the changes.");
    }
  }

  async discard(): Promise<void> {
    this.changes = [];
    await vscode.commands.executeCommand("setContext", "dagfix.hasPreview", false);
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    // What a tab with several diffs holds is not told, so it is known by its title; "(3 files)" comes behind that.
    await vscode.window.tabGroups.close(tabs.filter(({ label }) => this.title !== "" && label.startsWith(this.title)));
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
