/** A whole document around one page, rendered on the server: no client code but the page script. */
import { render } from 'svelte/server';
import stylesheet from './engine.css?url';
import EnginePage from './EnginePage.svelte';
import type { PageContent } from './page-content';

export function renderPage(content: PageContent, mode: 'system' | 'light' | 'dark' = 'system'): string {
	const { head, body } = render(EnginePage, { props: content });
	const theme = mode === 'system' ? '' : ` data-theme="${mode}"`;
	return `<!doctype html>
<html lang="${content.locale}"${theme}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${stylesheet}">
${head}
</head>
<body><div class="contents">${body}</div></body>
</html>`;
}
