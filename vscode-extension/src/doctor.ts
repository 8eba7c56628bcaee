import * as path from "node:path";
import * as vscode from "vscode";
import { judgeBundle } from "./ask";
import type { Pages } from "./pages";
import type { Server } from "./server";

/** Lets the user choose a bundle, has `dagfix doctor` judge it and shows the report. */
export async function runDoctor(server: Server, pages: Pages): Promise<void> {
  if (!server.binary) return;
  const chosen = await vscode.window.showOpenDialog({
    title: "Folder of a bundle that 'dagfix doctor' collected",
    openLabel: "Run Doctor",
    canSelectFiles: false,
    canSelectFolders: true,
  });
  const bundle = chosen?.[0]?.fsPath;
  if (bundle === undefined) return;
  await pages.show(`Doctor on ${path.basename(bundle)}`, await judgeBundle(server.binary.file, bundle));
}
