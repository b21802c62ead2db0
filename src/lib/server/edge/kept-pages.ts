/**
 * Pages that name nobody, kept as they were drawn: drawing one takes longer than everything it shows. What is
 * shown is its name here, so that any change draws anew. The visit's own id is cut out and each visitor's put in.
 */
import { randomToken } from '../runtime/random';

interface KeptPage {
	readonly headers: readonly (readonly [string, string])[];
	/** The visit's id goes between them. */
	readonly parts: readonly string[];
}

/** A shorter one could stand in a text by chance. */
const shortestId = 16;

export class KeptPages {
	readonly #most: number;
	readonly #pages = new Map<string, KeptPage>();
	/** Stands for the id in names; nobody can have written it. */
	readonly #blank = randomToken(16);

	/** @param most how many; beyond, the one kept longest goes */
	constructor(most: number) {
		this.#most = most;
	}

	/** @param shown all that the page is drawn from @param id of the visit, wherever it stands in it */
	nameOf(shown: unknown, id: string): string | undefined {
		return id.length < shortestId ? undefined : JSON.stringify(shown).replaceAll(id, this.#blank);
	}

	find(name: string, id: string): Response | undefined {
		const page = this.#pages.get(name);
		return page && new Response(page.parts.join(id), { headers: page.headers as [string, string][] });
	}

	/** Keeps what was drawn where it is a page at all. Cookies are the visitor's own. @returns it, still to be read */
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
