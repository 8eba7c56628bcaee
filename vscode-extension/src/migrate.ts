import * as vscode from "vscode";
import * as lsp from "vscode-languageclient/node";
import { editOf } from "./confirm";
import type { Pages } from "./pages";
import type { Preview } from "./preview";
import { settingsOf, type Server } from "./server";

/** The edit that makes all fixes of a file; undefined if there are none. */
async function fixAll(client: lsp.LanguageClient, document: vscode.TextDocument): Promise<vscode.WorkspaceEdit | undefined> {
  const kind = settingsOf(document.uri).unsafeFixes ? "source.fixAll.dagfix.unsafe" : "source.fixAll.dagfix";
  const start = { line: 0, character: 0 };
  const actions = await client.sendRequest(lsp.CodeActionRequest.type, {
    textDocument: client.code2ProtocolConverter.asTextDocumentIdentifier(document),
    range: { start, end: start },
    context: { diagnostics: [], only: [kind] },
  });
  const offered = actions?.find((it) => "kind" in it && it.kind === kind);
  if (!offered || !("kind" in offered)) return undefined;
  const action = editOf(offered) ? offered : await client.sendRequest(lsp.CodeActionResolveRequest.type, offered);
  return client.protocol2CodeConverter.asWorkspaceEdit(editOf(action));
}

function sayNothingToDo(): void {
  void vscode.window.showInformationMessage("dagfix finds nothing that it can migrate here.");
}

/** Shows what migrating the file in the active editor changes. */
export async function previewFile(server: Server, preview: Preview): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (!server.client || document?.languageId !== "python") return;
  const edit = await fixAll(server.client, document);
  if (!edit || edit.size === 0) return sayNothingToDo();
  await preview.show(edit);
}

/** The same for the workspace: the server sends an edit of all files that asks to be confirmed, and so comes into the preview. */
export async function previewWorkspace(server: Server): Promise<void> {
  if (!server.client) return;
  const result: { files?: unknown } | null = await server.client.sendRequest(lsp.ExecuteCommandRequest.type, {
    command: "dagfix.migrateWorkspace",
    arguments: [],
  });
  if (Array.isArray(result?.files) && result.files.length === 0) sayNothingToDo();
}

/** Shows what is to be done in the workspace: versions, findings by rule and by file, and who can remedy them. */
export async function showPlan(server: Server, pages: Pages): Promise<void> {
  if (!server.client) return;
  const result: { markdown?: unknown } | null = await server.client.sendRequest(lsp.ExecuteCommandRequest.type, {
    command: "dagfix.showPlan",
    arguments: [],
  });
  if (typeof result?.markdown === "string") await pages.show("Migration plan", { markdown: result.markdown, problem: "" });
}
