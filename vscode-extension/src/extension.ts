import * as vscode from "vscode";
import { runDoctor } from "./doctor";
import { Graph } from "./graph";
import { previewFile, previewWorkspace } from "./migrate";
import { Preview } from "./preview";
import { Server } from "./server";
import { createStatus } from "./status";

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("dagfix", { log: true });
  const report = vscode.window.createOutputChannel("dagfix doctor");
  const preview = new Preview();
  const server = new Server(context.extensionPath, output, preview);
  const graph = new Graph(server);
  let timer: NodeJS.Timeout | undefined;
  const commands: Record<string, () => unknown> = {
    previewFile: () => previewFile(server, preview),
    previewWorkspace: () => previewWorkspace(server),
    applyPreview: () => preview.apply(),
    discardPreview: () => preview.discard(),
    showGraph: () => graph.show(),
    runDoctor: () => runDoctor(server, report),
    restartServer: () => server.restart(),
    showOutput: () => output.show(),
  };
  for (const [name, action] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(`dagfix.${name}`, action));
  }
  context.subscriptions.push(
    output,
    report,
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
