import { Refusal } from '../../contract/errors';

/** What a form post carries, read by type. Nothing is judged here: flows and the contract's schemas do that. */
export class TypedForm {
	readonly #data: FormData;

	constructor(data: FormData) {
		this.#data = data;
	}

	/** @throws Refusal input/invalid (what was sent is no form), input/too-large */
	static async read(request: Request): Promise<TypedForm> {
		try {
			return new TypedForm(await request.formData());
		} catch (cause) {
			// The server in front cuts off what is longer than it reads.
			const tooLarge = (cause as { status?: unknown }).status === 413;
			throw new Refusal(tooLarge ? 'input/too-large' : 'input/invalid', { cause });
		}
	}

	/** Absent and file fields read as ''. */
	text(name: string): string {
		const value = this.#data.get(name);
		return typeof value === 'string' ? value : '';
	}

	/** Only where the form has the field at all. */
	given(name: string): string | undefined {
		return this.#data.has(name) ? this.text(name) : undefined;
	}

	/** A box or switch: browsers leave out those that are off. */
	flag(name: string): boolean {
		return this.#data.has(name);
	}

	/** A repeated field, without its empty lines. */
	list(name: string): string[] {
		return this.#data
			.getAll(name)
			.flatMap((value) => (typeof value === 'string' && value.trim() ? [value.trim()] : []));
	}

	/** NaN where something else than a whole number was typed, so that schemas refuse it; undefined where nothing was. */
	integer(name: string): number | undefined {
		const typed = this.text(name).trim();
		if (!typed) return undefined;
		return /^-?\d{1,15}$/.test(typed) ? Number(typed) : NaN;
	}

	/** What the form's fields showed when they were drawn, as the form brings it back; undefined without it. */
	drawn(): unknown {
		try {
			return JSON.parse(this.text('drawn')) as unknown;
		} catch {
			return undefined;
		}
	}

	async file(name: string): Promise<Buffer | undefined> {
		const value = this.#data.get(name);
		return value instanceof File && value.size > 0 ? Buffer.from(await value.arrayBuffer()) : undefined;
	}
}
