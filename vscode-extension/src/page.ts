// The colours of the theme for the classes of the picture: plain, rewritten ("new"), left to a person ("you").
const style = `
body { padding: 0; color: var(--vscode-editor-foreground); background: var(--vscode-editor-background); }
pre { padding: 1em; white-space: pre-wrap; }
label { display: flex; align-items: center; position: sticky; left: 0; padding: 1em 0 0 1.5em; }
svg { display: block; height: auto; }
body:has(#fit:checked) svg { width: 100%; }
svg .bg { fill: none; }
svg text { fill: var(--vscode-editor-foreground); }
svg .sub, svg .op { fill: var(--vscode-descriptionForeground); }
svg .op.new { fill: var(--vscode-charts-blue); }
svg .op.you { fill: var(--vscode-charts-orange); }
svg .box, svg .box.new, svg .box.you { fill: var(--vscode-editorWidget-background); stroke: var(--vscode-descriptionForeground); }
svg .box.new { stroke: var(--vscode-charts-blue); }
svg .box.you { stroke: var(--vscode-charts-orange); }
svg .bar { fill: var(--vscode-charts-orange); }
svg .edge, svg .group { stroke: var(--vscode-descriptionForeground); }
svg .tip { fill: var(--vscode-descriptionForeground); }
`;

function page(body: string, nonce: string): string {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>DAG graph</title>
</head>
<body>${body}<style nonce="${nonce}">${style}</style></body>
</html>`;
}

/**
 * The page that shows a picture. Names of tasks come from files that nobody has vouched for: no script runs, nothing is loaded, and
 * of style sheets only ours and the picture's own count.
 */
export function graphPage(svg: string, nonce: string): string {
  const choice = '<label><input type="checkbox" id="fit">Fit the width</label>';
  // As wide as the panel, but not so small that nobody can read it.
  const width = Number(/^<svg[^>]* width="(\d+)"/.exec(svg)?.[1] ?? 0);
  const size = `svg { width: max(${Math.round(0.75 * width)}px, min(100%, ${width}px)); }`;
  const picture = svg.replace("<style>", () => `<style nonce="${nonce}">`);
  return page(`<style nonce="${nonce}">${size}</style>${choice}${picture}`, nonce);
}

/** The page that says something instead. */
export function textPage(text: string, nonce: string): string {
  return page(`<pre>${text.replace(/[&<>"]/g, (it) => `&#${it.charCodeAt(0)};`)}</pre>`, nonce);
}
