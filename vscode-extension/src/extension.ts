import * as vscode from "vscode";
import type { WorkspaceEdit } from "vscode-languageclient/node";
import { rulePage } from "./ask";
import { runDoctor } from "./doctor";
import { Graph } from "./graph";
import { previewFile, previewWorkspace, showPlan } from "./migrate";
import { Pages } from "./pages";
import { Preview } from "./preview";
import { Server } from "./server";
import { createStatus } from "./status";

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("dagfix", { log: true });
  const pages = new Pages();
  const preview = new Preview();
  const server = new Server(context.extensionPath, output, preview);
  const graph = new Graph(server);
  let timer: NodeJS.Timeout | undefined;
  const commands: Record<string, (...args: unknown[]) => unknown> = {
    previewFile: () => previewFile(server, preview),
    previewWorkspace: () => previewWorkspace(server),
    plan: () => showPlan(server, pages),
    applyPreview: () => preview.apply(),
    discardPreview: () => preview.discard(),
    showGraph: () => graph.show(),
    previewEdit: (edit, title) => server.previewEdit(edit as WorkspaceEdit, String(title)),
    runDoctor: () => runDoctor(server, pages),
    showRule: async (name) => {
      if (server.binary && typeof name === "string") await pages.show(name, await rulePage(server.binary.file, name));
    },
    restartServer: () => server.restart(),
    showOutput: () => output.show(),
  };
  for (const [name, action] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(`dagfix.${name}`, action));
  }
  context.subscriptions.push(
    output,
    pages,
    preview,
    server,
    graph,
    createStatus(server),
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.restart()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (!change.affectsConfiguration("dagfix.path")) return;
      clearTimeout(timer);
      timer = setTimeout(() => void server.restart(), 300);
    }),
  );
  await server.restart();
}
