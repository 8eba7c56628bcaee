import { randomBytes } from "node:crypto";
import * as path from "node:path";
import * as vscode from "vscode";
import { graphPage, textPage } from "./page";
import { run } from "./run";
import { settingsOf, type Server } from "./server";
import { commandLine } from "./settings";

/** One panel beside the editor: the graph of the DAGs in a file, drawn again when the file is saved. */
export class Graph implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private shown: vscode.Uri | undefined;
  private readonly saved = vscode.workspace.onDidSaveTextDocument(({ uri }) => {
    if (uri.toString() === this.shown?.toString()) void this.draw();
  });

  constructor(private readonly server: Server) {}

  async show(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.languageId !== "python" || document.uri.scheme !== "file") {
      void vscode.window.showInformationMessage("Open a DAG file to see its graph.");
      return;
    }
    this.shown = document.uri;
    this.panel ??= this.createPanel();
    this.panel.title = `Graph of ${path.basename(document.fileName)}`;
    this.panel.reveal(undefined, true);
    await this.draw();
  }

  private createPanel(): vscode.WebviewPanel {
    const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const nothing = { enableScripts: false, localResourceRoots: [] };
    const panel = vscode.window.createWebviewPanel("dagfix.graph", "DAG graph", where, nothing);
    panel.onDidDispose(() => {
      this.panel = undefined;
      this.shown = undefined;
    });
    return panel;
  }

  private async draw(): Promise<void> {
    const { binary } = this.server;
    const { panel, shown } = this;
    if (!panel || !shown || !binary) return;
    const args = ["graph", "--format", "svg", ...commandLine(settingsOf(shown)), shown.fsPath];
    const { code, stdout, stderr } = await run(binary.file, args, path.dirname(shown.fsPath));
    if (this.panel !== panel || this.shown !== shown) return;
    const nonce = randomBytes(16).toString("base64");
    const start = stdout.indexOf("<svg");
    if (start < 0) this.server.output.warn(`dagfix graph ended with ${code}: ${stderr}`);
    const complaint = stderr || "No DAG was found in this file.";
    panel.webview.html = start < 0 ? textPage(complaint, nonce) : graphPage(stdout.slice(start), nonce);
  }

  dispose(): void {
    this.saved.dispose();
    this.panel?.dispose();
  }
}
