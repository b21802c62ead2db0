/** What a person does at an emulated vendor, without a browser. */
import type { Plugin, PluginContext, RedirectStart } from '../../src/lib/plugin-kit';

const unescaped = (text: string): string =>
	text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));

/** @returns the address that a link of the page leads to */
export async function linkAt(page: string, text: string): Promise<URL> {
	const response = await fetch(page);
	const html = await response.text();
	const links = [...html.matchAll(/<a href="([^"]*)">([^<]*)<\/a>/g)];
	const found = links.find(([, , words]) => words === text);
	if (!found) throw new Error(`HTTP ${response.status} without a link "${text}": ${html.slice(0, 400)}`);
	return new URL(unescaped(found[1] ?? ''), page);
}

/** The values of the form that a page posts, and where to. */
export async function formAt(page: URL): Promise<{ action: string; values: Record<string, string> }> {
	const html = await (await fetch(page)).text();
	const action = unescaped(/<form[^>]* action="([^"]*)"/.exec(html)?.[1] ?? '');
	const inputs = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
	return {
		action,
		values: Object.fromEntries(inputs.map(([, name = '', value = '']) => [name, unescaped(value)])),
	};
}

/** Presses "Approve as <name>", or "Cancel". @returns what comes back to the redirect URI */
export async function answerAt(
	page: string,
	answer: 'Mei' | 'Li' | 'Cancel',
): Promise<Record<string, string>> {
	const link = await linkAt(page, answer === 'Cancel' ? answer : `Approve as ${answer}`);
	return Object.fromEntries(link.searchParams);
}

/** Goes where the plugin sends a browser, and follows a link of that page. @returns what comes back to the redirect URI */
export async function choose(
	plugin: Pick<Plugin, 'redirect'>,
	start: RedirectStart,
	{ link, context }: { link: string; context: PluginContext },
): Promise<Record<string, string>> {
	const departure = await plugin.redirect?.begin(start, context);
	const back = await linkAt(departure?.url ?? '', link);
	const wanted = new URL(start.redirectUri);
	if (back.origin !== wanted.origin || back.pathname !== wanted.pathname)
		throw new Error(`"${link}" leads to ${back.href}`);
	return Object.fromEntries(back.searchParams);
}
