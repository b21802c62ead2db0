import { z } from 'zod';

type Inner<S> = S extends z.ZodDefault<infer I> | z.ZodPrefault<infer I> ? I : S;
type ChangeShape<S extends z.ZodRawShape> = {
	[K in keyof S]: z.ZodOptional<Extract<Inner<S[K]>, z.core.SomeType>>;
};

/**
 * The settings of a schema, each of which may be left out and is then left alone. `.partial()` would not do:
 * a default inside an optional field still fills it in, and a change of one setting would reset the others.
 */
export function changeOf<S extends z.ZodRawShape>(
	schema: z.ZodObject<S>,
): z.ZodObject<ChangeShape<S>, z.core.$strict> {
	const fields = Object.entries(schema.shape).map(([name, field]) => {
		const inner = field instanceof z.ZodDefault || field instanceof z.ZodPrefault ? field.unwrap() : field;
		return [name, z.optional(inner as z.ZodType)] as const;
	});
	return z.strictObject(Object.fromEntries(fields)) as unknown as z.ZodObject<ChangeShape<S>, z.core.$strict>;
}
