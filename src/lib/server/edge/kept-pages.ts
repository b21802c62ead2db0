/**
 * A cache of rendered pages without personal data, as rendering takes longer than reading what they show. The key
 * is what the page shows, so that any change renders it again. The visit's own id is cut out and each visitor's put
 * in.
 */
import { randomToken } from '../runtime/random';

interface KeptPage {
	readonly headers: readonly (readonly [string, string])[];
	/** The parts between which the visit's id goes. */
	readonly parts: readonly string[];
}

/** A shorter id could be in a text by chance. */
const shortestId = 16;

export class KeptPages {
	readonly #most: number;
	readonly #pages = new Map<string, KeptPage>();
	/** Placeholder for the id in keys; no input can contain it. */
	readonly #blank = randomToken(16);

	/** @param most how many; beyond it, the oldest is dropped */
	constructor(most: number) {
		this.#most = most;
	}

	/** @param shown everything that the page is rendered from @param id of the visit, wherever it is in the page */
	nameOf(shown: unknown, id: string): string | undefined {
		return id.length < shortestId ? undefined : JSON.stringify(shown).replaceAll(id, this.#blank);
	}

	find(name: string, id: string): Response | undefined {
		const page = this.#pages.get(name);
		return page && new Response(page.parts.join(id), { headers: page.headers as [string, string][] });
	}

	/** Stores the answer if it is a page. Its cookies are the visitor's own. @returns it, still to be read */
	async keep(name: string, id: string, drawn: Response): Promise<Response> {
		if (drawn.status !== 200) return drawn;
		const html = await drawn.text();
		const headers = [...drawn.headers].filter(([header]) => header !== 'set-cookie' && header !== 'etag');
		this.#pages.set(name, { headers, parts: html.split(id) });
		const [oldest] = this.#pages.keys();
		if (this.#pages.size > this.#most && oldest !== undefined) this.#pages.delete(oldest);
		return new Response(html, { status: drawn.status, headers: drawn.headers });
	}
}
