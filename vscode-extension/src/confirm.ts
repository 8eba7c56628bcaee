import type * as lsp from "vscode-languageclient/node";

/** The command that shows an edit as a diff before it is made. */
export const previewCommand = "dagfix.previewEdit";

/** Whether a person has to agree to an edit first. */
export function asksFirst(edit: lsp.WorkspaceEdit | undefined): boolean {
  return Object.values(edit?.changeAnnotations ?? {}).some((it) => it.needsConfirmation);
}

/**
 * An action whose edit asks to be confirmed shows it as a diff instead: VS Code's own preview begins with every line unticked,
 * so that "Apply" there does nothing.
 */
export function previewed(action: lsp.CodeAction): lsp.CodeAction {
  const { edit, ...rest } = action;
  if (!edit || !asksFirst(edit)) return action;
  return { ...rest, command: { title: action.title, command: previewCommand, arguments: [edit, action.title] } };
}

/** The edit of an action, also if it would be previewed. */
export function editOf(action: lsp.CodeAction): lsp.WorkspaceEdit | undefined {
  const isPreviewed = action.command?.command === previewCommand;
  return action.edit ?? (isPreviewed ? (action.command?.arguments?.[0] as lsp.WorkspaceEdit) : undefined);
}
