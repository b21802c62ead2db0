/** A WebID's profile: the document behind it, in Turtle, and which issuers may speak for it. */
import { Parser, type Quad } from 'n3';
import { PluginFailure, textOf, type HttpReply, type PluginContext } from '@menshen/plugin-kit';

type Http = PluginContext['http'];

const oidcIssuer = 'http://www.w3.org/ns/solid/terms#oidcIssuer';
const nameTerms = [
	'http://xmlns.com/foaf/0.1/name',
	'http://www.w3.org/2006/vcard/ns#fn',
	'http://schema.org/name',
];
const mostIssuers = 20;

export interface WebidProfile {
	issuers: string[];
	/** What the person calls themselves. */
	name?: string;
}

/**
 * The one way to write an address: people leave `https://` out, and write hosts in capitals.
 * @throws {PluginFailure} `refused` when it is none
 */
export function webAddressOf(typed: string): string {
	const text = typed.trim();
	const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
	const url = text.length <= 2048 && URL.canParse(whole) ? new URL(whole) : undefined;
	if (!url || !['https:', 'http:'].includes(url.protocol) || url.username || url.password)
		throw new PluginFailure('refused', 'what was typed is no address');
	return url.href;
}

const documentOf = (webid: string): string => webid.replace(/#.*$/s, '');

function quadsOf(reply: HttpReply, baseIRI: string): Quad[] {
	try {
		return new Parser({ baseIRI, format: 'text/turtle' }).parse(textOf(reply));
	} catch (cause) {
		throw new PluginFailure('refused', 'the profile is not Turtle', { cause });
	}
}

/** @returns undefined when there is no Turtle document: the address may be a provider's */
export async function findProfile(http: Http, webid: string): Promise<WebidProfile | undefined> {
	const document = documentOf(webid);
	const reply = await http('web', { url: document, headers: { accept: 'text/turtle' }, redirects: 3 });
	const type = reply.headers['content-type'] ?? '';
	if (reply.status !== 200 || !/^text\/turtle\b/i.test(type)) return undefined;
	const about = quadsOf(reply, document).filter(({ subject }) => subject.value === webid);
	const objectsOf = (term: string, kind: 'NamedNode' | 'Literal') =>
		about
			.filter(({ predicate, object }) => predicate.value === term && object.termType === kind)
			.map(({ object }) => object.value);
	const [name] = nameTerms.flatMap((term) => objectsOf(term, 'Literal'));
	return {
		issuers: objectsOf(oidcIssuer, 'NamedNode').slice(0, mostIssuers),
		...(name ? { name } : {}),
	};
}
