/** One run over a file: what is done is written down as it is done, and in a dry run only written down. */
import { Refusal } from '../../../contract/errors';
import type { Actor, ApplianceServices, Visitor } from '../services';
import { fileRefusal, nameOf, type ParsedFile, type Path } from './place';

export type Deed = 'create' | 'change' | 'remove' | 'unchanged';

export interface ApplyItem {
	/** `app:4`, `app:4 client:web`, … */
	object: string;
	deed: Deed;
	/** Which settings change. Names only: values may be secret. */
	fields: string[];
}

export interface Run {
	readonly services: ApplianceServices;
	readonly actor: Actor;
	readonly visitor: Visitor;
	readonly dryRun: boolean;
	readonly lineOf: ParsedFile['lineOf'];
	readonly items: ApplyItem[];
}

/** Something the file names: what it is called, and its place in the file. */
export interface Place {
	object: string;
	path: Path;
}

/** @returns a refusal that names the line and the object; other errors as they are: they are bugs */
export function refusalAt(run: Pick<Run, 'lineOf'>, place: Place, error: unknown): unknown {
	if (!(error instanceof Refusal) || error.code === 'config/invalid') return error;
	const fields = Object.entries(error.fields).map(([name, code]) =>
		code === error.code ? name : `${name}: ${code}`,
	);
	const about = fields.length > 0 ? ` (${fields.join(', ')})` : '';
	return fileRefusal(`line ${run.lineOf(place.path)}: ${nameOf(place.path)}: ${error.code}${about}`, error);
}

export function refuseAt(run: Pick<Run, 'lineOf'>, path: Path, reason: string): never {
	throw fileRefusal(`line ${run.lineOf(path)}: ${nameOf(path)}: ${reason}`);
}

interface Step {
	deed: Deed;
	fields: readonly string[];
	work(): Promise<unknown>;
}

/** Notes the step and, unless it is a dry run, takes it. @throws Refusal config/invalid */
export async function perform(run: Run, place: Place, step: Step): Promise<void> {
	run.items.push({ object: place.object, deed: step.deed, fields: [...step.fields] });
	if (run.dryRun || step.deed === 'unchanged') return;
	try {
		await step.work();
	} catch (error) {
		throw refusalAt(run, place, error);
	}
}

/** `change` where a field differs, else `unchanged`. */
export function changeOrNot(fields: readonly string[]): Deed {
	return fields.length > 0 ? 'change' : 'unchanged';
}

export function isSame(a: unknown, b: unknown): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}

/** A list of the file against the stored one: it grows, or with `prune` becomes what the file says. */
export function mergeList<T>(before: readonly T[], wanted: readonly T[], prune: boolean): T[] {
	return prune ? [...new Set(wanted)] : [...new Set([...before, ...wanted])];
}
