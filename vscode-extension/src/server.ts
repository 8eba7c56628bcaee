import { accessSync, constants, realpathSync, statSync } from "node:fs";
import * as os from "node:os";
import { setTimeout } from "node:timers/promises";
import * as vscode from "vscode";
import {
  CodeActionRequest,
  CodeActionResolveRequest,
  LanguageClient,
  State,
  type CodeAction,
  type LanguageClientOptions,
  type WorkspaceEdit,
} from "vscode-languageclient/node";
import { findBinary, type Binary } from "./binary";
import { asksFirst, previewed } from "./confirm";
import type { Preview } from "./preview";
import { subcommands } from "./run";
import { readSettings, serverSettings, type Settings } from "./settings";

/** The settings that hold for a file or folder, or for the window. */
export function settingsOf(scope?: vscode.Uri): Settings {
  const section = vscode.workspace.getConfiguration("dagfix", scope);
  return readSettings((key, fallback) => section.get(key, fallback));
}

function probe(file: string): string | undefined {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile() ? realpathSync(file) : undefined;
  } catch {
    return undefined;
  }
}

/** Folders on this machine's disk, under the names that they have and the names that symbolic links lead to. */
function folderPaths(): string[] {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((it) => it.uri.scheme === "file");
  return [...new Set(folders.flatMap(({ uri }) => [uri.fsPath, realPath(uri.fsPath)]))];
}

function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

/**
 * VS Code leaves source actions out of the light bulb's menu; but there people look for "all" when they see one finding. Those that
 * name no finding would come last, behind the comments that ignore it.
 */
function bringIntoLightBulb(action: vscode.Command | vscode.CodeAction, context: vscode.CodeActionContext): void {
  if (!("kind" in action) || action.kind?.value !== "source.fixAll.dagfix") return;
  action.kind = vscode.CodeActionKind.QuickFix;
  action.diagnostics = [...context.diagnostics];
}

/** Finds dagfix, starts `dagfix lsp` and keeps it going. */
export class Server implements vscode.Disposable {
  binary: Binary | undefined;
  client: LanguageClient | undefined;
  private readonly changed = new vscode.EventEmitter<void>();
  /** Fires when the server starts or stops. */
  readonly onDidChange = this.changed.event;
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly extensionFolder: string,
    readonly output: vscode.LogOutputChannel,
    private readonly preview: Preview,
  ) {}

  get isRunning(): boolean {
    return this.client?.state === State.Running;
  }

  /** Stops the server, if there is one, and starts it anew. Calls wait for each other. */
  restart(): Promise<void> {
    this.queue = this.queue.then(async () => {
      await this.stop();
      await this.start();
    }, () => undefined);
    return this.queue;
  }

  private find(configured: string): Binary | undefined {
    return findBinary(
      {
        configured,
        folders: folderPaths(),
        searchPath: process.env.PATH ?? "",
        home: os.homedir(),
        extensionFolder: this.extensionFolder,
        trusted: vscode.workspace.isTrusted,
      },
      probe,
    );
  }

  private async start(): Promise<void> {
    const configured = vscode.workspace.getConfiguration("dagfix").get("path", "");
    this.binary = this.find(configured);
    const can = this.binary ? await subcommands(this.binary.file) : new Set<string>();
    for (const name of ["graph", "doctor"]) {
      await vscode.commands.executeCommand("setContext", `dagfix.can.${name}`, can.has(name));
    }
    if (!this.binary && configured !== "") return this.complain(`The setting dagfix.path names no executable: ${configured}`);
    if (!this.binary) return this.complain("dagfix was not found. Install it on PATH, or set dagfix.path.");
    const { file, origin } = this.binary;
    if (!can.has("lsp")) return this.complain(`This dagfix has no language server: ${file}`);
    this.output.info(`Starting ${file} (${origin})`);
    this.client = new LanguageClient("dagfix", "dagfix", { command: file, args: ["lsp"] }, this.options());
    this.client.onDidChangeState(() => this.changed.fire());
    try {
      await this.client.start();
    } catch (error) {
      this.complain(`dagfix did not start: ${String(error)}`);
    }
  }

  private options(): LanguageClientOptions {
    const opened = new Set<string>();
    return {
      documentSelector: [
        { language: "python", scheme: "file" },
        { language: "python", scheme: "untitled" },
        // Charts and scripts of an extension, as the server tells them by their names.
        { scheme: "file", pattern: "**/*.{yaml,yml,tpl,json,sh,bash,env,js,mjs,cjs,jsx,ts,tsx,vue,dockerfile}" },
        { scheme: "file", pattern: "**/{Dockerfile,Containerfile}*" },
      ],
      outputChannel: this.output,
      initializationOptions: { ...serverSettings(settingsOf()), rulePages: "command:dagfix.showRule?%5B%22{name}%22%5D" },
      // Only for the links to those pages.
      markdown: { isTrusted: { enabledCommands: ["dagfix.showRule"] } },
      middleware: {
        didOpen: async (document, next) => {
          await next(document);
          opened.add(document.uri.toString());
        },
        didClose: async (document, next) => {
          opened.delete(document.uri.toString());
          await next(document);
        },
        // When it starts beside several open files, the client asks about some before it has told the server of them.
        provideDiagnostics: async (document, previousResultId, token, next) => {
          const uri = (document instanceof vscode.Uri ? document : document.uri).toString();
          for (let waits = 0; waits < 40 && !opened.has(uri); ++waits) await setTimeout(25);
          return next(document, previousResultId, token);
        },
        provideCodeActions: async (document, range, context, token, next) => {
          const actions = await next(document, range, context, token);
          for (const action of actions ?? []) {
            if (!context.only) bringIntoLightBulb(action, context);
          }
          return actions;
        },
        sendRequest: async (type, params, token, next) => {
          const result = await next(type, params, token);
          const method = typeof type === "string" ? type : type.method;
          if (method === CodeActionRequest.method && Array.isArray(result)) return result.map(previewed) as typeof result;
          if (method === CodeActionResolveRequest.method && result) return previewed(result as unknown as CodeAction) as unknown as typeof result;
          return result;
        },
        workspace: {
          handleApplyEdit: async (params, next) => {
            if (!asksFirst(params.edit)) return next(params, new vscode.CancellationTokenSource().token);
            void this.previewEdit(params.edit);
            return { applied: false, failureReason: "The user looks at it first." };
          },
          // A client that is asked to send something while it stops starts anew.
          didChangeConfiguration: async (sections, next) => {
            if (this.isRunning) await next(sections);
          },
          configuration: (params) =>
            params.items.map(({ scopeUri }) =>
              serverSettings(settingsOf(scopeUri === undefined ? undefined : vscode.Uri.parse(scopeUri))),
            ),
        },
      },
    };
  }

  /** Shows an edit of the server as a diff; it is made if the user says so. */
  async previewEdit(edit: WorkspaceEdit, title?: string): Promise<void> {
    const converted = await this.client?.protocol2CodeConverter.asWorkspaceEdit(edit);
    if (converted) await this.preview.show(converted, title);
  }

  private async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.changed.fire();
    if (client?.needsStop()) await client.stop().catch((error: unknown) => this.output.warn(String(error)));
    await client?.dispose().catch(() => undefined);
  }

  private complain(problem: string): void {
    this.output.error(problem);
    this.changed.fire();
    const set = "Set dagfix.path";
    const show = "Show Output";
    void vscode.window.showErrorMessage(problem, set, show).then((choice) => {
      if (choice === set) void vscode.commands.executeCommand("workbench.action.openSettings", "dagfix.path");
      if (choice === show) this.output.show();
    });
  }

  dispose(): void {
    void this.stop();
  }
}
