/**
 * The preview's page and style. The frame shows the app's own sign-in page without its scripts; the theme
 * comes as a constructed stylesheet, which the content security policy allows where it refuses inline styles.
 */
import type { Locale } from '$lib/i18n/locale';
import { m } from '$lib/i18n/paraglide/messages';
import type { ThemeDraft } from './draft';

/** The sign-in page as HTML, without scripts, with addresses that work from anywhere. */
export async function fetchPage(app: number): Promise<string> {
	const address = new URL(`/apps/${app}/sign-in?another=yes`, window.location.href);
	const answer = await window.fetch(address, { headers: { accept: 'text/html' } });
	const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
	for (const node of page.querySelectorAll('script, link[rel=modulepreload], link[href*="/theme.css"]'))
		node.remove();
	for (const name of ['href', 'src'] as const)
		for (const node of page.querySelectorAll(`[${name}]`))
			node.setAttribute(name, new URL(node.getAttribute(name) ?? '', address).href);
	for (const node of page.querySelectorAll('[autofocus]')) node.removeAttribute('autofocus');
	page.body.inert = true;
	return `<!doctype html>${page.documentElement.outerHTML}`;
}

/** @returns undefined while the draft is not a valid theme */
export async function fetchStylesheet(
	app: number,
	draft: ThemeDraft,
	signal: AbortSignal,
): Promise<string | undefined> {
	const answer = await window.fetch(`/admin/apps/${app}/theme/stylesheet`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(draft),
		signal,
	});
	return answer.status === 200 ? answer.text() : undefined;
}

interface Clothes {
	draft: ThemeDraft;
	css: string;
	scheme: 'light' | 'dark';
	name: string;
	locale: Locale;
}

/** Sheets belong to the document they were made in; one is kept per document. */
const sheets = new WeakMap<Document, CSSStyleSheet>();

function sheetOf(page: Document): CSSStyleSheet | undefined {
	const known = sheets.get(page);
	if (known || !page.defaultView) return known;
	const sheet = new page.defaultView.CSSStyleSheet();
	page.adoptedStyleSheets = [sheet];
	sheets.set(page, sheet);
	return sheet;
}

function markOf(page: Document, { draft, name }: Clothes): HTMLElement {
	if (draft.logo) {
		const picture = page.createElement('img');
		picture.src = draft.logo;
		picture.alt = '';
		return picture;
	}
	const letter = page.createElement('span');
	letter.className = 'avatar rounded-control';
	letter.textContent = [...(draft.title || name).trim()][0]?.toUpperCase() ?? '?';
	return letter;
}

function brand(page: Document, clothes: Clothes): void {
	const head = page.querySelector('.page-brand');
	if (!head) return;
	const text = page.createElement('span');
	text.textContent = clothes.draft.title || clothes.name;
	head.replaceChildren(markOf(page, clothes), text);
}

function foot(page: Document, { draft, locale }: Clothes): void {
	const links = page.querySelector('.page-foot');
	for (const node of links?.querySelectorAll('a:not([hreflang])') ?? []) node.remove();
	const wanted = [
		[draft.privacyUrl, m.common_privacy({}, { locale })],
		[draft.termsUrl, m.common_terms({}, { locale })],
	] as const;
	for (const [address, text] of wanted.filter(([given]) => given)) {
		const link = page.createElement('a');
		link.textContent = text;
		link.title = address;
		links?.prepend(link);
	}
}

export function dress(frame: HTMLIFrameElement, clothes: Clothes): void {
	const page = frame.contentDocument;
	if (!page) return;
	page.documentElement.dataset['theme'] = clothes.scheme;
	sheetOf(page)?.replaceSync(clothes.css);
	brand(page, clothes);
	foot(page, clothes);
}
