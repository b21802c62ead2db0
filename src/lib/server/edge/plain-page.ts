/** A page for refusals before SvelteKit renders anything: a text, one link, no script. */
import type { Locale } from '../../i18n/locale';
import type { Problem } from './outcome';

const escapes: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');

interface PlainPage {
	status: number;
	problem: Pick<Problem, 'code' | 'message'>;
	locale: Locale;
	/** The link on the page; its address is one of ours. */
	link: { href: string; text: string };
}

/** JSON for clients that did not ask for a page. */
export function refusalResponse(request: Request, page: PlainPage): Response {
	const { status, problem } = page;
	if (!(request.headers.get('accept') ?? '').includes('text/html'))
		return Response.json({ message: problem.message, code: problem.code }, { status });
	const html = `<!doctype html>
<html lang="${page.locale}">
	<head>
		<meta charset="utf-8" />
		<meta name="viewport" content="width=device-width, initial-scale=1" />
		<meta name="robots" content="noindex" />
		<title>${escapeHtml(problem.message)}</title>
		<link rel="icon" href="/favicon.svg" type="image/svg+xml" />
		<link rel="stylesheet" href="/last-resort.css" />
	</head>
	<body>
		<main>
			<img src="/favicon.svg" width="32" height="32" alt="" />
			<h1>${escapeHtml(problem.message)}</h1>
			<p><a href="${escapeHtml(page.link.href)}">${escapeHtml(page.link.text)}</a></p>
		</main>
	</body>
</html>
`;
	return new Response(html, { status, headers: { 'content-type': 'text/html; charset=utf-8' } });
}
