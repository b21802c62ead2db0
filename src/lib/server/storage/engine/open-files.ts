/**
 * Limits how many database files are open. The one that was opened longest ago and not used since it was
 * last looked at is closed first (the clock algorithm): a statement costs one flag, no list is reordered.
 */
export interface OpenFile {
	/** Set by each statement. */
	used: boolean;
	/** Closes the file when no write is under way; false when it could not be closed. */
	release(): Promise<boolean>;
}

export class OpenFiles {
	readonly #limit: number;
	/** Open files in the order in which they will be checked. */
	readonly #open = new Set<OpenFile>();
	/** Files that are being closed, and still open. */
	readonly #leaving = new Set<OpenFile>();

	constructor(limit: number) {
		this.#limit = limit;
	}

	get size(): number {
		return this.#open.size + this.#leaving.size;
	}

	opened(file: OpenFile): void {
		// The statement that opened the file does not count as use.
		file.used = false;
		this.#leaving.delete(file);
		this.#open.add(file);
		for (let rounds = 2 * this.#open.size; this.#open.size > this.#limit && rounds > 0; rounds--)
			this.#judgeOldest(file);
	}

	closed(file: OpenFile): void {
		this.#open.delete(file);
		this.#leaving.delete(file);
	}

	#judgeOldest(newest: OpenFile): void {
		const [oldest] = this.#open;
		if (!oldest) return;
		this.#open.delete(oldest);
		if (oldest.used || oldest === newest) {
			oldest.used = false;
			this.#open.add(oldest);
			return;
		}
		this.#leaving.add(oldest);
		void oldest.release().then((closed) => {
			// The file is being read through a cursor: it stays open, and is checked again later.
			if (!closed && this.#leaving.delete(oldest)) this.#open.add(oldest);
		});
	}
}
