import * as vscode from "vscode";
import type { Answer } from "./ask";

const scheme = "dagfix-page";

/** Shows Markdown that dagfix wrote: pages of rules, plans, reports. */
export class Pages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? "";
  }

  async show(title: string, { markdown, problem }: Answer): Promise<void> {
    if (problem !== "") void vscode.window.showErrorMessage(problem);
    if (markdown === "") return;
    const uri = vscode.Uri.from({ scheme, path: `/${title}` });
    this.texts.set(uri.path, markdown);
    this.changed.fire(uri);
    await vscode.commands.executeCommand("markdown.showPreview", uri);
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
