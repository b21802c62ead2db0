import { Refusal } from '../../contract/errors';

/**
 * The content of a form post, read by type. Nothing is validated here: flows and the contract's schemas do that.
 */
export class TypedForm {
	readonly #data: FormData;

	constructor(data: FormData) {
		this.#data = data;
	}

	/** @throws Refusal input/invalid (the body is not a form), input/too-large */
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

	/** Undefined where the form does not have the field. */
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

	/**
	 * NaN where something else than a whole number was typed, so that schemas refuse it; undefined where nothing was
	 * typed.
	 */
	integer(name: string): number | undefined {
		const typed = this.text(name).trim();
		if (!typed) return undefined;
		return /^-?\d{1,15}$/.test(typed) ? Number(typed) : NaN;
	}

	/** The values that the form's fields showed, as the form sends them back; undefined without them. */
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
