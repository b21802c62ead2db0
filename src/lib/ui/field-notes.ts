/** The texts under a field and how the field refers to them: the same for every kind of field. */

/** One text, or a list of which the first is shown. */
export type FieldError = string | readonly string[] | undefined;

export function firstError(error: FieldError): string | undefined {
	return typeof error === 'string' ? error || undefined : error?.[0];
}

/** The value of `aria-describedby` for the field `id`; undefined when there is nothing to point at. */
export function describedBy(
	id: string,
	notes: { hint?: string | undefined; error?: FieldError },
): string | undefined {
	const ids = [notes.hint && `${id}-hint`, firstError(notes.error) && `${id}-error`].filter(Boolean);
	return ids.length > 0 ? ids.join(' ') : undefined;
}
