import * as vscode from "vscode";
import { run } from "./run";
import type { Server } from "./server";

/** Lets the user choose a bundle, has `dagfix doctor` judge it and shows the report. */
export async function runDoctor(server: Server, report: vscode.OutputChannel): Promise<void> {
  if (!server.binary) return;
  const chosen = await vscode.window.showOpenDialog({
    title: "Folder of a bundle that 'dagfix doctor' collected",
    openLabel: "Run Doctor",
    canSelectFiles: false,
    canSelectFolders: true,
  });
  const folder = chosen?.[0]?.fsPath;
  if (folder === undefined) return;
  const { stdout, stderr } = await run(server.binary.file, ["doctor", "--bundle", folder]);
  report.replace(`${stdout}${stderr}`);
  report.show();
}
