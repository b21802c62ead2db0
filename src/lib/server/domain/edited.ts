/**
 * What a person changed in a form. Others may have changed the same object since the form was shown, so a change is
 * what differs from the values shown; what differs only from the present values is theirs.
 */
import { Refusal } from '../../contract/errors';

/** The values that a form showed, as it sent them back; they are only compared. @throws Refusal input/outdated */
export function shownIn(drawn: unknown): Record<string, unknown> {
	if (typeof drawn !== 'object' || drawn === null) throw new Refusal('input/outdated');
	return drawn as Record<string, unknown>;
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The fields that differ from the values shown. */
export function editedFields<T extends object>(drawn: T, typed: T): Partial<T> {
	const edited = Object.entries(typed).filter(([name, value]) => !isSame(drawn[name as keyof T], value));
	return Object.fromEntries(edited) as Partial<T>;
}

export interface ListEdit {
	drawn: readonly string[];
	typed: readonly string[];
}

/** Whether anything was added or taken away; order does not count. */
export const isListEdited = ({ drawn, typed }: ListEdit): boolean =>
	drawn.some((each) => !typed.includes(each)) || typed.some((each) => !drawn.includes(each));

/** The list as it is now, less what was taken away and with what was added: what others removed stays removed. */
export const editedList = (now: readonly string[], { drawn, typed }: ListEdit): string[] => [
	...now.filter((each) => typed.includes(each) || !drawn.includes(each)),
	...typed.filter((each) => !drawn.includes(each) && !now.includes(each)),
];
