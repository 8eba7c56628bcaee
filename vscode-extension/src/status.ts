import * as vscode from "vscode";
import type { Server } from "./server";

function countFindings(uri?: vscode.Uri): number {
  const lists = uri ? [vscode.languages.getDiagnostics(uri)] : vscode.languages.getDiagnostics().map(([, list]) => list);
  return lists.flat().filter((it) => it.source === "dagfix").length;
}

/** The entry in the status bar: how many findings, or that there is no server. */
export function createStatus(server: Server): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("dagfix.status", vscode.StatusBarAlignment.Left);
  item.name = "dagfix";
  const update = () => {
    if (!server.isRunning) {
      item.text = "$(circle-slash) dagfix";
      item.tooltip = "dagfix is not running: show its output";
      item.command = "dagfix.showOutput";
    } else {
      const all = countFindings();
      const shown = vscode.window.activeTextEditor?.document.uri;
      // The right side of a preview has no findings of its own.
      const isFile = shown?.scheme === "file" || shown?.scheme === "untitled";
      const here = isFile ? `${countFindings(shown)} / ` : undefined;
      item.text = all === 0 ? "$(check) dagfix" : `$(wrench) dagfix ${here ?? ""}${all}`;
      item.tooltip = `dagfix: findings ${here === undefined ? "" : "in this file / "}in all files that were checked`;
      item.command = "workbench.actions.view.problems";
    }
    item.show();
    void vscode.commands.executeCommand("setContext", "dagfix.running", server.isRunning);
  };
  update();
  return vscode.Disposable.from(
    item,
    server.onDidChange(update),
    vscode.languages.onDidChangeDiagnostics(update),
    vscode.window.onDidChangeActiveTextEditor(update),
  );
}
