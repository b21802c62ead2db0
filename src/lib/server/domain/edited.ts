/**
 * What a person changed in a form. Others may have changed the same thing since the form was drawn, so a change is
 * what differs from the drawing; what differs from today only is theirs.
 */

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The fields that came back otherwise than they were drawn. */
export function editedFields<T extends object>(drawn: T, typed: T): Partial<T> {
	const edited = Object.entries(typed).filter(([name, value]) => !isSame(drawn[name as keyof T], value));
	return Object.fromEntries(edited) as Partial<T>;
}

export interface ListEdit {
	drawn: readonly string[];
	typed: readonly string[];
}

/** Whether anything was added or taken away; order is no change. */
export const isListEdited = ({ drawn, typed }: ListEdit): boolean =>
	drawn.some((each) => !typed.includes(each)) || typed.some((each) => !drawn.includes(each));

/** The list as it is now, less what was taken away and with what was added: what others took away stays away. */
export const editedList = (now: readonly string[], { drawn, typed }: ListEdit): string[] => [
	...now.filter((each) => typed.includes(each) || !drawn.includes(each)),
	...typed.filter((each) => !drawn.includes(each) && !now.includes(each)),
];
