/** A place in the file, and the sentence that reports an error there. */
import { Refusal } from '../../../contract/errors';
import type { ApplyFile } from './schema';

export type Path = readonly PropertyKey[];

export interface ParsedFile {
	readonly file: ApplyFile;
	/** Counted from 1; the nearest enclosing line where the path itself is not in the file. */
	lineOf(path: Path): number;
}

/** One sentence for the operator; never a value of the file, which may be secret. */
export function fileRefusal(reason: string, cause?: unknown): Refusal {
	return new Refusal('config/invalid', { params: { reason }, cause });
}

/** `apps[0].clients[1].name` */
export function nameOf(path: Path): string {
	return path
		.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
		.join('')
		.replace(/^\./, '');
}
